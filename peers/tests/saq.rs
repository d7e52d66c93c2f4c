//! `saq` on a fabric that OpenSM manages: what infiniband-diags reads, and a line that says so when there is nothing to read.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;
use std::collections::BTreeMap;

use peers::{Ibsim, MESH_3X2, RunDir};
use serde_json::json;

use support::dump;
use support::{Fabric, Program, SOON, Signal, command, halt, run, run_command, send_signal, url};
use tokio::process::Command;

/// How long a question may take that is answered at once.
const AT_ONCE: Duration = Duration::from_secs(3);

/// Decimal, or hexadecimal after `0x`.
fn number(text: &str) -> u64 {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).unwrap(),
        None => text.parse().unwrap(),
    }
}

/// What saq says of every path, each of which saquery confirms; the service levels.
async fn confirmed_levels(fabric: &Fabric) -> Vec<u64> {
    let paths = run(AT_ONCE, "saq", &fabric.url("H1"), &["--json", "paths", "--hosts"]).await.objects();
    let lids = fabric.diags().host_lids().await.unwrap();
    let mut pairs: Vec<_> = paths.iter().map(|path| (&path["slid"], &path["dlid"])).collect();
    pairs.sort_by_key(|(source, destination)| (source.as_u64(), destination.as_u64()));
    pairs.dedup();
    assert_eq!((lids.len(), pairs.len(), paths.len()), (8, 56, 56));
    let mut levels = Vec::new();
    for path in &paths {
        let lid = |field: &str| u16::try_from(path[field].as_u64().unwrap()).unwrap();
        let (source, destination) = (lid("slid"), lid("dlid"));
        let read = fabric.diags().path_record(source, destination).await.unwrap();
        assert_eq!(path["sl"], read["sl"]);
        levels.push(number(&read["sl"]));
    }
    levels
}

#[tokio::test]
async fn every_path_is_the_one_that_saquery_reads_before_and_after_a_cut() {
    let mut fabric = Fabric::mesh().await;
    let whole = confirmed_levels(&fabric).await;
    fabric.cut("S2", 3).await;
    let cut = confirmed_levels(&fabric).await;
    assert_ne!(whole, cut, "the middle link decides on service levels");
}

/// The fields of a dump such as `node_guid...............0x10`, or `Lid:.............3`.
fn dumped(text: &str) -> BTreeMap<&str, &str> {
    text.lines()
        .filter_map(|line| line.trim().split_once(".."))
        .map(|(name, value)| (name.trim_end_matches(':'), value.trim_start_matches('.')))
        .collect()
}

#[tokio::test]
async fn the_own_port_is_the_one_that_smpquery_reads() {
    let fabric = Fabric::mesh().await;
    let port = run(AT_ONCE, "saq", &fabric.url("H2"), &["--json", "port"]).await.objects().remove(0);
    let lid = port["lid"].to_string();
    let dump = fabric.diags().run("smpquery", &["portinfo", &lid]).await.unwrap();
    let dump = dumped(&dump);
    let nodes = fabric.diags().run("smpquery", &["nodeinfo", &lid]).await.unwrap();
    for (ours, theirs) in [
        ("lid", "Lid"),
        ("lmc", "LMC"),
        ("port", "LocalPort"),
        ("sm_lid", "SMLid"),
        ("sm_service_level", "SMSL"),
        ("capability_mask", "CapMask"),
    ] {
        assert_eq!(port[ours].as_u64(), Some(number(dump[theirs])), "{theirs}");
    }
    assert_eq!(port["state"], dump["LinkState"].to_lowercase());
    assert_eq!(port["port_guid"], dumped(&nodes)["PortGuid"]);
}

#[tokio::test]
async fn paths_asked_for_together_are_those_that_saquery_reads_one_by_one() {
    let fabric = Fabric::mesh().await;
    let ask = async |arguments: &[&str]| run(AT_ONCE, "saq", &fabric.url("H1"), arguments).await;
    let together = ["multipaths", "--from", "H1", "--to", "H2", "--to", "H8", "--json"];
    let paths = ask(&together).await.objects();
    assert_eq!(paths.len(), 2);
    for path in dump::ours(&paths) {
        let pair = format!("{}:{}", path["slid"], path["dlid"]);
        let read = fabric.diags().run("saquery", &["-p", "--src-to-dst", &pair]).await.unwrap();
        assert_eq!(dump::records(&read), [path]);
    }
    let one = ask(&[&together[..], &["--count", "1"]].concat()).await.objects();
    assert_eq!(one, paths[..1]);
    // Four records are more than a datagram of ibsim holds.
    let four = ask(&[&together[..], &["--from", "H3"]].concat()).await;
    assert!(four.failure().contains("nobody here segments: ask for fewer"), "{four:?}");
}

#[tokio::test]
async fn who_does_not_exist_is_named() {
    let fabric = Fabric::mesh().await;
    for (arguments, named) in [
        (&["node", "--lid", "999"][..], "node at LID 999"),
        (&["node", "--name", "H99"], "node \"H99\""),
        (&["node", "--guid", "0x77"], "node with GUID 0x0000000000000077"),
        (&["path", "--to", "H99"], "node \"H99\""),
        (&["path", "--to", "999"], "path from LID 3 to LID 999"),
        (&["path", "--from", "H2", "--to", "fe80::77"], "path from node \"H2\" to GID fe80::77"),
    ] {
        let said = run(AT_ONCE, "saq", &fabric.url("H1"), arguments).await;
        let line = said.failure();
        assert!(line.starts_with(&format!("saq: {named}: ")), "{line}");
        assert!(line.contains("`saq nodes` lists what there is"), "{line}");
    }
}

#[tokio::test]
async fn what_contradicts_itself_is_refused_with_what_to_leave_out() {
    let dir = RunDir::new().unwrap();
    let ibsim = Ibsim::start(MESH_3X2, &dir).await.unwrap();
    for (arguments, fix) in [
        (&["paths", "--hosts", "--from", "1"][..], "leave it out, or --from and --to"),
        (&["paths", "--hosts", "--to", "H2"], "leave it out, or --from and --to"),
        (&["--json", "--csv", "nodes"], "leave all out but one"),
    ] {
        let said = run(AT_ONCE, "saq", &url(&ibsim, "H1"), arguments).await;
        let line = said.failure();
        assert!(line.starts_with("saq: ") && line.contains(fix), "{line}");
    }
}

#[tokio::test]
async fn records_are_counted_in_a_terminal_unless_they_are_printed_there() {
    let fabric = Fabric::mesh().await;
    let file = fabric.dir.path().join("records");
    let saq = command("saq").as_std().get_program().to_str().unwrap().to_owned();
    let saq = format!("{saq} --port {} nodes", fabric.url("H1"));
    let in_terminal = async |line: &str| {
        let mut script = Command::new("script");
        // As wide as bars want it.
        script.args(["-qec", &format!("stty cols 120; {line}"), "/dev/null"]);
        let said = run_command(SOON, script).await;
        assert!(said.success, "{said:?}");
        said.output
    };
    // A table of one segment, and one that is gathered from parts.
    for table in ["1", ""] {
        let seen = in_terminal(&format!("{saq} {table} > {}", file.display())).await;
        assert!(seen.contains("1 NodeRecord"), "{seen:?}");
        assert!(std::fs::read_to_string(&file).unwrap().starts_with("NodeRecord\n"));
    }
    let seen = in_terminal(&format!("{saq} 1")).await;
    assert!(seen.starts_with("NodeRecord\r\n") && !seen.contains("1 NodeRecord"), "{seen:?}");
}

#[tokio::test]
async fn a_fabric_without_a_subnet_manager() {
    let dir = RunDir::new().unwrap();
    let ibsim = Ibsim::start(MESH_3X2, &dir).await.unwrap();
    for arguments in [&["paths"][..], &["nodes"], &["watch"], &["node", "--lid", "1"], &["path", "--to", "1"]]
    {
        let said = run(AT_ONCE, "saq", &url(&ibsim, "H1"), arguments).await;
        let line = said.failure();
        assert!(line.starts_with("saq: no subnet manager has configured this port: start one"), "{line}");
    }
    let port = run(AT_ONCE, "saq", &url(&ibsim, "H1"), &["--json", "port"]).await.objects().remove(0);
    assert_eq!((&port["lid"], &port["sm_lid"]), (&json!(0), &json!(0)));
    // The others wait for one, and can be told not to.
    for (program, arguments) in [("repathd", &[][..]), ("repath-host", &["--queue-pair", "H2"])] {
        let mut waiting = Program::start(program, &url(&ibsim, "H1"), arguments, &dir);
        waiting.wait_until_it_handles(Signal::INT).await;
        waiting.signal(Signal::INT);
        assert_eq!(waiting.last_line(AT_ONCE).await, "");
        assert!(waiting.stop().await);
    }
}

#[tokio::test]
async fn a_subnet_manager_that_does_not_answer() {
    let fabric = Fabric::mesh().await;
    halt(fabric.opensm.id()).await;
    // Four times a second.
    let said = run(Duration::from_secs(8), "saq", &fabric.url("H1"), &["path", "--to", "1"]).await;
    let mut asking = Program::start("saq", &fabric.url("H2"), &["nodes"], &fabric.dir);
    asking.wait_until_it_handles(Signal::INT).await;
    asking.signal(Signal::INT);
    let last = asking.last_line(AT_ONCE).await;
    send_signal(fabric.opensm.id(), Signal::CONT);
    let line = said.failure();
    assert!(line.contains("no answer from subnet administration, asked 4 times"), "{line}");
    assert!(line.ends_with("is the subnet manager still running?"), "{line}");
    assert_eq!(last, "saq: interrupted");
    assert!(!asking.stop().await, "it has not done its job");
}

#[tokio::test]
async fn traps_are_printed_until_it_is_interrupted() {
    let mut fabric = Fabric::mesh().await;
    let mut watching = Program::start("saq", &fabric.url("H1"), &["watch"], &fabric.dir);
    watching.event("subscribed").await;
    fabric.ibsim.unlink("S2", 3).await.unwrap();
    let trap = watching.event_after(SOON, "trap", drop).await;
    assert_eq!(trap["trap"], 128);
    let lids = fabric.diags().run("saquery", &["NR", &trap["issuer_lid"].to_string()]).await.unwrap();
    assert!(["S2", "S5"].contains(&dumped(&lids)["NodeDescription"]), "{lids}");
    watching.signal(Signal::INT);
    watching.last_line(AT_ONCE).await;
    assert!(watching.stop().await, "this is how it is meant to end");
}
