//! `repathd` on a torus of 8 × 8 switches with a host each. OpenSM reports a cut before it has routed around it, so that
//! what the first readings find is not what it comes to.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use support::{Fabric, Program, SOON, run};

const HOSTS: usize = 64;
const PAIRS: usize = HOSTS * (HOSTS - 1);
/// How long OpenSM, and then `repathd`, may take with the other's load on the machine.
const WITHIN: Duration = Duration::from_secs(60);

/// The service level of each pair of hosts.
type Table = BTreeMap<(String, String), u64>;

/// The service levels as the subnet administration gives them now.
async fn reading(fabric: &Fabric) -> Table {
    let url = fabric.url("H2");
    let names = run(SOON, "saq", &url, &["--json", "nodes"]).await.objects();
    let name =
        |port: &Value| (port["lid"].as_u64().unwrap(), port["NodeDescription"].as_str().unwrap().to_owned());
    let names: BTreeMap<_, _> = names.iter().map(name).collect();
    let paths = run(WITHIN, "saq", &url, &["--json", "paths", "--hosts"]).await.objects();
    let level = |path: &Value| {
        let [source, destination] = ["slid", "dlid"].map(|end| names[&path[end].as_u64().unwrap()].clone());
        ((source, destination), support::level(&path["sl"]))
    };
    paths.iter().map(level).collect()
}

/// What a comparison of `repathd` says has changed.
fn apply(table: &mut Table, compared: &Value) {
    let changes = compared["changes"].as_array().unwrap();
    assert_eq!(Some(changes.len() as u64), compared["changed"].as_u64(), "all are listed");
    for change in changes {
        let [source, destination] = ["source", "destination"].map(|end| change[end].as_str().unwrap());
        let pair = (source.to_owned(), destination.to_owned());
        let before = match change["new_service_level"].as_u64() {
            Some(new) => table.insert(pair, new),
            None => table.remove(&pair),
        };
        assert_eq!(before, change["old_service_level"].as_u64(), "{change}");
    }
}

fn of<'a>(events: &'a [Value], name: &'a str) -> impl Iterator<Item = &'a Value> + 'a {
    events.iter().filter(move |event| event["event"] == name)
}

#[tokio::test]
async fn every_difference_is_found_and_signalled_until_the_last() {
    let torus = topology::torus(8, 8, 1).unwrap();
    let mut fabric = Fabric::start(&torus.for_ibsim().to_string(), "H64").await;
    let limit = PAIRS.to_string();
    let options = ["--settle", "2", "--changes", &limit];
    let mut watcher = Program::start("repathd", &fabric.url("H63"), &options, &fabric.dir);
    let mut seeded = Vec::new();
    watcher.event_after(WITHIN, "quiet", |event| seeded.push(event)).await;
    let records = of(&seeded, "seeded").map(|pass| pass["records"].as_u64()).collect::<Vec<_>>();
    assert_eq!(records, [Some(PAIRS as u64)], "{seeded:?}");
    let queue_pairs: Vec<_> = (2..=62).map(|host| format!("H{host}")).collect();
    let options: Vec<_> = queue_pairs.iter().flat_map(|peer| ["--queue-pair", peer]).collect();
    let mut host = Program::start("repath-host", &fabric.url("H1"), &options, &fabric.dir);
    let ready = host.event("ready").await;
    let mut followed: BTreeMap<String, u64> = BTreeMap::new();
    for pair in ready["queue_pairs"].as_array().unwrap() {
        let level = pair["service_level"].as_u64().unwrap();
        followed.insert(pair["destination"].as_str().unwrap().into(), level);
    }

    let mut table = reading(&fabric).await;
    assert_eq!(table.len(), PAIRS);
    let whole = table.clone();
    let sweeps = fabric.opensm.subnet_ups();
    fabric.ibsim.unlink("S10", 1).await.unwrap();
    let mut events = Vec::new();
    watcher.event_after(WITHIN, "quiet", |event| events.push(event)).await;
    fabric.opensm.wait_until_settled(sweeps + 1).await.unwrap();
    let after = reading(&fabric).await;

    // What repathd holds is what there is.
    let differences: Vec<_> = of(&events, "compared").filter(|pass| pass["changed"] != 0).collect();
    assert!(!differences.is_empty(), "a cut link of a torus changes service levels");
    differences.iter().for_each(|compared| apply(&mut table, compared));
    assert_ne!(whole, after);
    assert_eq!(table, after);

    // Each difference was signalled, by itself or, if the next was found before the manager had taken notice, with that;
    // and each signal came to the host.
    let signals = of(&events, "signalled").count();
    assert!((1..=differences.len()).contains(&signals), "{events:?}");
    let is_difference = |event: &&Value| event["event"] == "compared" && event["changed"] != 0;
    let last = events.iter().rfind(|event| is_difference(event) || event["event"] == "signalled");
    assert_eq!(last.map(|event| &event["event"]), Some(&"signalled".into()), "{events:?}");
    let attempts: u64 = of(&events, "signalled").map(|signal| signal["attempts"].as_u64().unwrap()).sum();
    let heard = host.events_until_silent(Duration::from_secs(1)).await;
    let reports: BTreeSet<_> = of(&heard, "report").map(|report| report["transaction_id"].as_str()).collect();
    assert_eq!(reports.len(), of(&heard, "report").count(), "none counts twice");
    assert!((signals..=usize::try_from(attempts).unwrap()).contains(&reports.len()), "{heard:?}");
    assert!(of(&heard, "report").all(|report| report["trap"] == 69));
    assert_eq!(heard.last().map(|event| &event["event"]), Some(&"up_to_date".into()), "{heard:?}");
    for moved in of(&heard, "reconfigured") {
        let destination = moved["destination"].as_str().unwrap();
        let before = followed.insert(destination.into(), moved["new_service_level"].as_u64().unwrap());
        assert_eq!(before, moved["old_service_level"].as_u64(), "{moved}");
    }
    for (destination, level) in followed {
        assert_eq!(Some(&level), after.get(&("H1".into(), destination.clone())), "H1 to {destination}");
    }
    assert!(watcher.stop().await && host.stop().await);
}
