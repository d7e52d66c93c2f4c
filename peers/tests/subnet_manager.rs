//! Our subnet manager is the master of an emulated fabric, and other people's tools find there what it says.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::fs;

use peers::{Process, RunDir};
use support::{Managed, SOON, Signal, View, lid, send_signal, start};

/// The port of each LID that `ibroute` prints: lines such as `0x0003 002 : (Channel Adapter portguid …)`.
fn routes(printed: &str) -> Vec<(u64, u64)> {
    let line = |line: &str| {
        let (lid, rest) = line.strip_prefix("0x")?.split_once(' ')?;
        Some((u64::from_str_radix(lid, 16).ok()?, rest.split_whitespace().next()?.parse().ok()?))
    };
    printed.lines().filter_map(line).collect()
}

async fn tools_agree(managed: &Managed) {
    let view = managed.view();
    let hosts = view.host_lids();
    assert_eq!(managed.diags().host_lids().await.unwrap(), hosts, "ibnetdiscover");
    for switch in view.switches() {
        let lid = lid(switch).to_string();
        let ours: Vec<(u64, u64)> = serde_json::from_value(switch["forwarding"].clone()).unwrap();
        assert_eq!(routes(&managed.ask("ibroute", &[&lid]).await), ours, "ibroute {lid}");
    }
    for (from, from_lid) in &hosts {
        for to in hosts.values().filter(|to| *to != from_lid) {
            let printed = managed.ask("ibtracert", &[&from_lid.to_string(), &to.to_string()]).await;
            let passed = printed.lines().filter(|line| line.contains("-> switch port")).count();
            assert_eq!(passed, view.switches_on_path(from, *to), "{printed}");
            assert!(printed.contains(&format!("lid {to}-{to} ")), "{printed}");
        }
    }
}

#[tokio::test]
async fn tools_find_what_the_manager_says() {
    let managed = Managed::mesh(&[]).await;
    tools_agree(&managed).await;
    let view = managed.view();
    let manager = view.0["manager_lid"].as_u64().unwrap();

    let info = managed.ask("sminfo", &[]).await;
    assert!(info.contains(&format!("sm lid {manager} ")) && info.contains("SMINFO_MASTER"), "{info}");

    let links = managed.ask("iblinkinfo", &["-l"]).await;
    let lines: Vec<&str> = links.lines().filter(|line| line.contains("==>")).collect();
    let up: Vec<_> =
        lines.iter().filter(|line| line.contains("Active/") && line.contains("LinkUp")).collect();
    assert_eq!(up.len(), view.links().len(), "{links}");

    for node in view.nodes() {
        let lid = lid(node).to_string();
        let printed = managed.ask("smpquery", &["portinfo", &lid]).await;
        let field = |name: &str| {
            let line = printed.lines().find(|line| line.starts_with(name)).unwrap();
            line.rsplit('.').next().unwrap().to_owned()
        };
        assert_eq!((field("Lid:"), field("SMLid:")), (lid, manager.to_string()), "{printed}");
    }
}

#[tokio::test]
async fn a_cut_link_is_routed_around_and_hosts_keep_their_lids() {
    let mut managed = Managed::mesh(&[]).await;
    let before = managed.view();
    // The link in the middle: what is left is a ring, which takes another lane.
    let (switch, port) = ("S2", 3);
    managed.ibsim.unlink(switch, port).await.unwrap();
    let changed = managed.manager.event("changed").await;
    assert_eq!(changed["out_of_service"].as_array().unwrap().len(), 0, "{changed}");
    assert!(!changed["changed_paths"].as_array().unwrap().is_empty(), "{changed}");
    let up = managed.manager.event("subnet_up").await;
    assert_eq!(up["lanes"], 2);
    let after = managed.view();
    assert_eq!(after.links().len(), before.links().len() - 2);
    assert_eq!(after.host_lids(), before.host_lids());
    tools_agree(&managed).await;

    managed.ibsim.relink(switch, port).await.unwrap();
    while managed.view().links() != before.links() {
        managed.manager.event("subnet_up").await;
    }
    tools_agree(&managed).await;
}

#[tokio::test]
async fn lids_are_the_same_after_a_restart() {
    let dir = RunDir::new().unwrap();
    let file = dir.file("lids");
    // Nobody would give these by itself.
    let odd = "0x10000f 700\n0x100001 41\n";
    fs::write(&file, odd).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let mut managed = Managed::mesh(&["--lids", &file]).await;
    let before = managed.view().host_lids();
    assert!(before.values().any(|lid| *lid == 700) && before.values().any(|lid| *lid == 41), "{before:?}");
    managed.manager.wait_until_it_handles(Signal::INT).await;
    managed.manager.signal(Signal::INT);
    assert!(managed.manager.stop().await, "Ctrl-C ends it cleanly");

    let mut again = start(&managed.ibsim, "H2", &["--lids", &file], &managed.dir);
    again.event("subnet_up").await;
    assert_eq!(View::read(&managed.dir, "H2").host_lids(), before);
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 1 + 14);
}

/// OpenSM beside our manager, on a host whose GUID is higher: at equal priority it is outranked.
fn opensm_beside(managed: &Managed, priority: &str) -> Process {
    let config = managed.dir.file("opensm.conf");
    fs::write(&config, "sminfo_polling_timeout 300\npolling_retry_number 3\n").unwrap();
    let mut command = managed.ibsim.client("H8", "opensm").unwrap();
    command.arg("-F").arg(config).args(["-R", "lash", "-p", priority, "-d", "2", "-f", "stdout", "-e"]);
    command.env("OSM_TMP_DIR", managed.dir.path()).env("OSM_CACHE_DIR", managed.dir.path());
    Process::start("OpenSM", command, managed.dir.file("osm.log"), None).unwrap()
}

/// Wait until OpenSM's log has a line with this text.
async fn says(opensm: &mut Process, text: &str) {
    opensm.wait_for(text, SOON, |line| line.contains(text).then_some(())).await.unwrap();
}

#[tokio::test]
async fn opensm_stands_by_and_takes_over_when_the_manager_dies() {
    let managed = Managed::mesh(&[]).await;
    let mut opensm = opensm_beside(&managed, "0");
    says(&mut opensm, "Entering STANDBY state").await;
    let info = managed.ask("sminfo", &[]).await;
    assert!(info.contains("SMINFO_MASTER"), "{info}");
    managed.manager.signal(Signal::KILL);
    says(&mut opensm, "Entering MASTER state").await;
    says(&mut opensm, "-> SUBNET UP").await;
}

#[tokio::test]
async fn opensm_of_higher_priority_is_handed_over_to_and_taken_over_from() {
    let mut managed = Managed::mesh(&["--polling-interval", "0.2", "--polling-retries", "2"]).await;
    let before = managed.view().host_lids();
    let mut opensm = opensm_beside(&managed, "14");
    managed.manager.event("handing_over").await;
    assert_eq!(managed.manager.event("state").await["state"], "standby");
    // It brings the subnet up only when it has heard that its trap, which asked for the handover, arrived.
    says(&mut opensm, "Entering MASTER state").await;
    says(&mut opensm, "-> SUBNET UP").await;
    let info = managed.ask("sminfo", &[]).await;
    assert!(info.contains("sm guid 0x10000f") && info.contains("SMINFO_MASTER"), "{info}");

    send_signal(opensm.id(), Signal::KILL);
    while managed.manager.event("state").await["state"] != "master" {}
    managed.manager.event("subnet_up").await;
    assert_eq!(managed.view().host_lids(), before);
    let info = managed.ask("sminfo", &[]).await;
    assert!(info.contains("sm guid 0x10000d") && info.contains("SMINFO_MASTER"), "{info}");
}

#[tokio::test]
async fn of_two_of_ours_one_is_the_master_and_the_other_takes_over() {
    let mut managed = Managed::mesh(&[]).await;
    let polling = ["--polling-interval", "0.2", "--polling-retries", "2"];
    let mut other = start(&managed.ibsim, "H2", &polling, &managed.dir);
    let mut states = Vec::new();
    let state = other.event("state").await;
    assert_eq!(state["state"], "standby", "it came second");
    // By its lower GUID, H2 outranks H7, which hands over when it has seen it.
    managed.manager.event("handing_over").await;
    other.event_after(SOON, "subnet_up", |event| states.push(event["state"].clone())).await;
    assert!(states.contains(&"master".into()), "{states:?}");
    while managed.manager.event("state").await["state"] != "standby" {}

    // The one that stands by now has a polling interval of ten seconds; a third one takes over sooner.
    let mut third = start(&managed.ibsim, "H3", &polling, &managed.dir);
    assert_eq!(third.event("state").await["state"], "standby");
    other.signal(Signal::KILL);
    while third.event("state").await["state"] != "master" {}
    third.event("subnet_up").await;
    assert_eq!(View::read(&managed.dir, "H3").host_lids(), managed.view().host_lids());
}
