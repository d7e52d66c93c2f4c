//! `repath-host` beside an OpenSM that goes, and another that comes.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;
use std::collections::BTreeMap;

use ib_mad::request::RequestLimits;
use ib_mad::sa::SaRequest;
use ib_mad::wire::{InformInfoRecord, InformInfoRecordQuery, NodeDescription, NodeRecord, NodeRecordQuery};
use ib_mad::{Gid, Guid};
use peers::{OpenSm, RunDir};
use serde_json::Value;

use support::{Fabric, Program, SOON, Sa, Signal, send_signal};

/// Agents, each with a queue pair to every other one.
const AGENTS: [&str; 4] = ["H1", "H2", "H3", "H4"];
/// The host of the second manager; the first one is on H7.
const SECOND: &str = "H8";
const WATCHER: &str = "H5";
/// Nobody's host, to ask from.
const ASKING: &str = "H6";

/// The service level of each queue pair, by the hosts that it leads from and to.
type Levels = BTreeMap<(String, String), u64>;

/// A `repath-host`, and what it has said of its queue pairs.
struct Agent {
    host: &'static str,
    program: Program,
    levels: Levels,
}

impl Agent {
    async fn start(host: &'static str, fabric: &Fabric) -> Self {
        let peers = AGENTS.iter().filter(|peer| **peer != host);
        let options: Vec<_> = peers.flat_map(|peer| ["--queue-pair", peer]).collect();
        let mut program = Program::start("repath-host", &fabric.url(host), &options, &fabric.dir);
        let ready = program.event("ready").await;
        let mut agent = Self { host, program, levels: Levels::new() };
        ready["queue_pairs"].as_array().unwrap().iter().for_each(|pair| agent.is_on(pair, "service_level"));
        assert_eq!(agent.levels.len(), AGENTS.len() - 1);
        agent
    }

    fn is_on(&mut self, object: &Value, field: &str) {
        let destination = object["destination"].as_str().unwrap();
        self.levels.insert((self.host.into(), destination.into()), object[field].as_u64().unwrap());
    }

    /// Wait for an event; those before it are taken in, as it is.
    async fn event(&mut self, name: &str) {
        let mut events = Vec::new();
        self.program.event_after(SOON, name, |event| events.push(event)).await;
        self.take_in(&events);
    }

    fn take_in(&mut self, events: &[Value]) {
        for event in events.iter().filter(|event| event["event"] == "reconfigured") {
            self.is_on(event, "new_service_level");
        }
    }
}

/// What saquery gives for all queue pairs.
async fn real_levels(fabric: &Fabric) -> Levels {
    let diags = fabric.diags();
    let lids = diags.host_lids().await.unwrap();
    let mut levels = Levels::new();
    for source in AGENTS {
        for destination in AGENTS.into_iter().filter(|other| *other != source) {
            let level = diags.service_level(lids[source], lids[destination]).await.unwrap();
            levels.insert((source.into(), destination.into()), level.into());
        }
    }
    levels
}

fn all_levels(agents: &[Agent]) -> Levels {
    agents.iter().flat_map(|agent| agent.levels.clone()).collect()
}

/// The traps that each host has subscribed to, as the manager says.
async fn subscriptions(fabric: &Fabric) -> BTreeMap<&'static str, u16> {
    let mut sa = Sa::new(&fabric.ibsim, ASKING, RequestLimits::default()).await;
    let mut subscriptions = BTreeMap::new();
    for host in AGENTS {
        let name = NodeRecordQuery::new().node_description(NodeDescription::new(host));
        let node: NodeRecord = sa.ask(SaRequest::get(&name)).await.unwrap().parse().unwrap();
        let gid = Gid::new(sa.port.gid.prefix(), node.node_info.port_guid);
        let of_host = InformInfoRecordQuery::new().subscriber_gid(gid);
        if let Ok(record) = sa.ask(SaRequest::get(&of_host)).await
            && let Ok(record) = record.parse::<InformInfoRecord>()
            && let Some(trap_number) = record.inform_info.trap_number()
        {
            assert_eq!(record.subscriber_gid, gid);
            subscriptions.insert(host, trap_number.0);
        }
    }
    subscriptions
}

#[tokio::test]
async fn a_subscription_is_seen_by_saquery() {
    let fabric = Fabric::mesh().await;
    let dump = fabric.diags().run("saquery", &["IIR"]).await.unwrap();
    assert!(!dump.contains("SubscriberGID"), "{dump}");
    let agent = Agent::start("H1", &fabric).await;
    let dump = fabric.diags().run("saquery", &["IIR"]).await.unwrap();
    let field = |name: &str| dump.lines().filter(|line| line.trim().starts_with(name)).collect::<Vec<_>>();
    let port = support::run(SOON, "saq", &fabric.url(ASKING), &["--json", "node", "--name", "H1"]).await;
    let guid = port.objects()[0]["port_guid"].as_str().unwrap().to_owned();
    let guid = Guid(u64::from_str_radix(guid.trim_start_matches("0x"), 16).unwrap());
    let gid = Gid::new(Gid::DEFAULT_PREFIX, guid).to_string();
    assert_eq!(field("SubscriberGID").len(), 1, "{dump}");
    assert!(field("SubscriberGID")[0].ends_with(&format!(".{gid}")), "{dump}");
    assert!(field("trap_num")[0].ends_with(".69") && field("subscribe")[0].ends_with(".0x1"), "{dump}");
    drop(agent);
}

#[tokio::test]
async fn queue_pairs_follow_the_manager_that_takes_over() {
    let all = BTreeMap::from(AGENTS.map(|host| (host, 69)));
    let mut fabric = Fabric::mesh().await;
    let mut agents = Vec::new();
    for host in AGENTS {
        agents.push(Agent::start(host, &fabric).await);
    }
    let mut watcher = Program::start("repathd", &fabric.url(WATCHER), &["--settle", "0.5"], &fabric.dir);
    watcher.event("quiet").await;
    assert_eq!(all_levels(&agents), real_levels(&fabric).await);
    assert_eq!(subscriptions(&fabric).await, all);

    // Without a word to anyone, and with another that knows nothing of it.
    send_signal(fabric.opensm.id(), Signal::KILL);
    let second_dir = RunDir::new().unwrap();
    fabric.opensm = OpenSm::start(&fabric.ibsim, SECOND, "lash", &second_dir).unwrap();
    fabric.opensm.wait_until_settled(1).await.unwrap();
    for agent in &mut agents {
        agent.event("subscription_lost").await;
        agent.event("subscribed").await;
        agent.event("up_to_date").await;
    }
    watcher.event("subscription_lost").await;
    watcher.event("subscribed").await;
    watcher.event("quiet").await;
    assert_eq!(subscriptions(&fabric).await, all, "the new one has them all");
    let whole = real_levels(&fabric).await;
    assert_eq!(all_levels(&agents), whole);

    fabric.cut("S2", 3).await;
    watcher.event("signalled").await;
    watcher.event("quiet").await;
    for agent in &mut agents {
        agent.event("report").await;
        let events = agent.program.events_until_silent(Duration::from_millis(500)).await;
        agent.take_in(&events);
    }
    let cut = real_levels(&fabric).await;
    assert_ne!(whole, cut, "queue pairs have to move");
    assert_eq!(all_levels(&agents), cut);
    for agent in &mut agents {
        assert!(agent.program.stop().await);
    }
    assert!(watcher.stop().await);
}
