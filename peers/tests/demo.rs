//! The demo as a user runs it, and what its capture alone tells. The programs must be built beforehand, as `./test` does:
//! `cargo build --workspace --bins`.

#![allow(clippy::std_instead_of_alloc, clippy::unwrap_used, reason = "a test, under an operating system")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs, str};

use peers::{Capture, Process, RunDir};
use serde_json::Value;
use support::report_capture;

/// The demo's program, in the folder above the one that cargo puts tests into.
fn demo() -> PathBuf {
    let test = env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join("fabric-ha-demo");
    assert!(path.is_file(), "build it first: cargo build --workspace --bins");
    path
}

fn run(arguments: &[&str]) -> Output {
    Command::new(demo()).args(arguments).output().unwrap()
}

/// A packet of the capture, by the fields that [`FIELDS`] names.
struct Packet {
    from: String,
    to: String,
    method: String,
    attribute: String,
    trap: String,
    path: (String, String),
    service_level: String,
}

const FIELDS: [&str; 8] = [
    "infiniband.lrh.slid",
    "infiniband.lrh.dlid",
    "infiniband.mad.method",
    "infiniband.mad.attributeid",
    "infiniband.notice.trapnumberdeviceid",
    "infiniband.pathrecord.slid",
    "infiniband.pathrecord.dlid",
    "infiniband.pathrecord.sl",
];

async fn packets(capture: &Capture) -> Vec<Packet> {
    let rows = capture.fields("infiniband", &FIELDS).await.unwrap();
    let packet = |row: Vec<String>| {
        let [from, to, method, attribute, trap, source, destination, service_level] = row.try_into().unwrap();
        Packet { from, to, method, attribute, trap, path: (source, destination), service_level }
    };
    rows.into_iter().map(packet).collect()
}

/// Hosts that got a new service level for a path of theirs, with whether a RePath and then their own query came before.
fn hosts_with_new_paths(packets: &[Packet]) -> BTreeMap<&str, bool> {
    const REPATH: &str = "0x0045";
    let mut known: BTreeMap<(&str, &(String, String)), &str> = BTreeMap::new();
    let mut reported: BTreeMap<&str, bool> = BTreeMap::new();
    let mut changed = BTreeMap::new();
    for packet in packets {
        match (packet.method.as_str(), packet.attribute.as_str()) {
            ("0x06", "0x0002") if packet.trap == REPATH => {
                reported.insert(&packet.to, false);
            }
            ("0x01", "0x0035") => {
                reported.entry(&packet.from).and_modify(|asked| *asked = true);
            }
            ("0x81", "0x0035") => {
                let level = packet.service_level.as_str();
                let old = known.insert((&packet.to, &packet.path), level);
                if old.is_some_and(|old| old != level) {
                    let in_order = reported.get(packet.to.as_str()) == Some(&true);
                    changed.entry(packet.to.as_str()).and_modify(|all| *all &= in_order).or_insert(in_order);
                }
            }
            _ => {}
        }
    }
    changed
}

async fn every_host_moves(arguments: &[&str], judge: &str) {
    let dir = RunDir::new().unwrap();
    let file = dir.file("all.pcap");
    let output = run(&[&["--json", "--pcap", file.to_str().unwrap()], arguments].concat());
    let (text, log) = (str::from_utf8(&output.stdout).unwrap(), str::from_utf8(&output.stderr).unwrap());
    assert!(output.status.success(), "{log}");
    let scene: Value = serde_json::from_str(text).unwrap();
    assert_eq!((&scene["scene"], &scene["ok"]), (&"repath".into(), &true.into()), "{text}");
    assert_eq!(scene["judge"], judge);
    let [middle, .., outer] = scene["runs"].as_array().unwrap().as_slice() else { panic!("{text}") };
    assert!(middle["queue_pairs_reconfigured"].as_u64() > Some(0), "{text}");
    assert_eq!(outer["queue_pairs_reconfigured"], 0, "{text}");

    let capture = Capture::new(file);
    assert_eq!(capture.malformed().await.unwrap(), 0);
    let report = capture.text("infiniband.notice.trapnumberdeviceid == 69").await.unwrap();
    assert!(report.contains("have been recomputed"), "tshark does not name RePath");

    report_capture("the demo", &capture).await;

    let packets = packets(&capture).await;
    // The watcher reads every host's paths, before it signals.
    let watcher = packets.iter().find(|packet| packet.method == "0x05").map(|packet| packet.from.as_str());
    let mut hosts = hosts_with_new_paths(&packets);
    hosts.remove(watcher.expect("a SubnTrap(Notice) of repathd"));
    assert!(hosts.len() >= 2, "{hosts:?}");
    assert!(hosts.values().all(|in_order| *in_order), "{hosts:?}");
}

#[tokio::test]
async fn every_host_moves_after_a_report_and_its_own_query() {
    every_host_moves(&[], "saq").await;
}

#[tokio::test]
async fn every_host_moves_beside_opensm() {
    every_host_moves(&["--opensm"], "saquery").await;
}

#[test]
fn a_path_dies_and_returns_under_a_stream_that_arrives() {
    let output = run(&["--json", "--scene", "multipath"]);
    let (text, log) = (str::from_utf8(&output.stdout).unwrap(), str::from_utf8(&output.stderr).unwrap());
    assert!(output.status.success(), "{log}");
    let scene: Value = serde_json::from_str(text.lines().last().expect(log)).unwrap();
    assert_eq!((&scene["scene"], &scene["ok"]), (&"multipath".into(), &true.into()), "{text}");
    assert_eq!(scene["hash_written"], scene["hash_arrived"]);
    assert_eq!(scene["hash_arrived"].as_str().map(str::len), Some(64));
    // Path 1 goes through what a path that is cut goes through, and comes back.
    let changes = scene["changes"].as_array().unwrap().iter();
    let of_first =
        changes.filter(|change| change["path"] == 1).map(|change| change["change"].as_str().unwrap());
    let mut wanted = ["questioned", "down", "up"].into_iter().peekable();
    of_first.for_each(|change| {
        wanted.next_if_eq(&change);
    });
    assert_eq!(wanted.next(), None, "{text}");
    for end in ["sender", "receiver"] {
        let paths = scene[end].as_array().unwrap();
        let all_are_used = |field: &str| paths.iter().all(|path| path[field].as_u64() > Some(0));
        assert!(
            paths.len() == 4 && all_are_used("sent_packets") && all_are_used("received_packets"),
            "{text}"
        );
    }
    assert!(scene["bytes"].as_u64() >= Some(32 << 20), "{text}");
    // The table for people tells the same.
    let output = run(&["--scene", "multipath"]);
    let text = str::from_utf8(&output.stdout).unwrap();
    assert!(output.status.success() && text.contains("arrived with the same hash: BLAKE3"), "{text}");
}

#[test]
fn a_torus_is_brought_up_and_routed_around_a_cut_link() {
    let output = run(&["--json", "--scene", "subnet", "--topology", "torus:4x4:hosts=2"]);
    let (text, log) = (str::from_utf8(&output.stdout).unwrap(), str::from_utf8(&output.stderr).unwrap());
    assert!(output.status.success(), "{log}");
    let scene: Value = serde_json::from_str(text).unwrap();
    assert_eq!((&scene["scene"], &scene["ok"]), (&"subnet".into(), &true.into()), "{text}");
    let routed = scene["routed"].as_array().unwrap();
    assert_eq!(routed.len(), 3, "{text}");
    for after in routed {
        assert_eq!((&after["summary"]["nodes"], &after["paths_between_hosts"]), (&48.into(), &992.into()));
        assert!(after["summary"]["forwarding_blocks"].as_u64() > Some(0), "{text}");
    }
    // Without the link between them, two switches and their hosts have nothing in common.
    let output = run(&["--scene", "subnet", "--topology", "ring:2:hosts=1"]);
    assert!(!output.status.success());
    let log = str::from_utf8(&output.stderr).unwrap();
    assert!(log.contains("after the cut: 0 of 2 pairs of hosts have a path"), "{log}");
}

#[test]
fn lost_reports_fail_the_scene_and_name_the_queue_pairs() {
    for (arguments, judgement) in [(&[][..], " has 0, saq says "), (&["--opensm"], " has 0, saquery says ")] {
        let output = run(&[&["--drop", "reports"], arguments].concat());
        let log = str::from_utf8(&output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{log}");
        let complaint = log.lines().find(|line| line.contains("keep old service levels")).expect(log);
        assert!(complaint.contains(judgement), "{complaint}");
    }
}

#[test]
fn a_wrong_topology_is_refused_in_one_line() {
    let dir = RunDir::new().unwrap();
    let file = dir.file("dangling.topo");
    fs::write(&file, peers::MESH_3X2.replacen("[5] \"H2\"[1]", "[5] \"H9\"[1]", 1)).unwrap();
    let output = run(&["--topology", file.to_str().unwrap()]);
    let log = str::from_utf8(&output.stderr).unwrap();
    assert_eq!((output.status.code(), log.lines().count()), (Some(1), 1), "{log}");
    assert!(log.contains("dangling.topo: line ") && log.contains("\"H9\", which has no record"), "{log}");
    let output = run(&["--topology", "torus:4x"]);
    let log = str::from_utf8(&output.stderr).unwrap();
    assert_eq!((output.status.code(), log.lines().count()), (Some(1), 1), "{log}");
    assert!(log.contains("torus:4x, character 8: expected an x and a number"), "{log}");
    let output = run(&["--cut", "S1-S5"]);
    assert!(str::from_utf8(&output.stderr).unwrap().contains("no link S1-S5"));
}

#[tokio::test]
async fn what_was_started_ends_with_the_demo() {
    let dir = RunDir::new().unwrap();
    let command = tokio::process::Command::new(demo());
    let mut demo = Process::start("demo", command, dir.file("demo.log"), None).unwrap();
    let within = core::time::Duration::from_secs(60);
    demo.wait_for("cut", within, |line| line.ends_with("is cut").then_some(())).await.unwrap();
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", demo.id())).unwrap();
    let children: Vec<&str> = children.split_whitespace().collect();
    // The fabric, its manager, repathd, six agents.
    assert!(children.len() >= 9, "{children:?}");
    let status = demo.stop(within, drop).await.unwrap();
    assert_eq!(status.code(), Some(130));
    for child in children {
        let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
    }
}
