//! The programs on umad devices, which ibsim's preloaded library emulates: they say and do what they do on ibsim's own
//! protocol. What that library does not emulate (registration by the newer request, transaction ids of the kernel's choice,
//! time-outs, long messages) is in no test here.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;
use std::collections::BTreeMap;

use peers::{Diags, Ibsim, MESH_3X2, RunDir};
use serde_json::{Value, json};

use support::{Fabric, Program, Run, SOON, Signal, command, halt, run, run_command, send_signal};

/// How long a question may take that is answered at once.
const AT_ONCE: Duration = Duration::from_secs(3);
const PORT: &str = "umad:ibsim0/1";

/// A program on the emulated port of a host, which gets answers only.
async fn asked(fabric: &Fabric, host: &str, url: &str, arguments: &[&str]) -> Run {
    let mut saq = command("saq");
    fabric.ibsim.run_on(host, saq.args(["--port", url]).args(arguments));
    run_command(AT_ONCE, saq).await
}

/// A program on the emulated port of a host, which gets what is reported from the time on when it has printed `ready`.
async fn receiver(
    fabric: &mut Fabric,
    host: &str,
    name: &str,
    arguments: &[&str],
    ready: &str,
) -> (Program, Value) {
    let mut receiving = command(name);
    fabric.ibsim.run_on(host, receiving.args(["--json", "--port", PORT]).args(arguments));
    let mut program = Program::start_command(&format!("{name}-{host}"), receiving, &fabric.dir);
    let ready = program.event(ready).await;
    // The port says for a moment that it has a manager. OpenSM must not see that.
    halt(fabric.opensm.id()).await;
    fabric.ibsim.give_requests(host, program.id()).await.unwrap();
    send_signal(fabric.opensm.id(), Signal::CONT);
    (program, ready)
}

#[tokio::test]
async fn saq_says_the_same_as_on_the_protocol_of_ibsim() {
    let fabric = Fabric::mesh().await;
    let questions: [&[&str]; 10] = [
        &["port"],
        &["nodes"],
        &["paths", "--hosts"],
        &["node", "--lid", "1"],
        &["node", "--name", "H4"],
        &["node", "--guid", "0x100005"],
        &["path", "--to", "9"],
        &["path", "--from", "H2", "--to", "H4"],
        &["--json", "paths", "--hosts"],
        &["--json", "node", "--lid", "8"],
    ];
    for question in questions {
        let [direct, umad, any] = [
            run(AT_ONCE, "saq", &fabric.url("H1"), question).await,
            asked(&fabric, "H1", PORT, question).await,
            asked(&fabric, "H1", "umad:", question).await,
        ];
        assert!(umad.success && !umad.output.is_empty() && umad.errors.is_empty(), "{question:?}: {umad:?}");
        assert_eq!(umad.output, direct.output, "{question:?}");
        assert_eq!(umad.output, any.output, "{question:?}");
    }
}

#[tokio::test]
async fn paths_over_umad_are_those_that_saquery_reads() {
    let mut fabric = Fabric::mesh().await;
    for is_cut in [false, true] {
        if is_cut {
            fabric.cut("S2", 3).await;
        }
        let paths = asked(&fabric, "H1", PORT, &["--json", "paths", "--hosts"]).await.objects();
        assert_eq!(paths.len(), 56);
        for path in paths.iter().step_by(5) {
            let lid = |field: &str| u16::try_from(path[field].as_u64().unwrap()).unwrap();
            let level = fabric.diags().service_level(lid("slid"), lid("dlid")).await.unwrap();
            assert_eq!(path["sl"], format!("{level:#x}"), "{path}");
        }
    }
}

#[tokio::test]
async fn traps_come_to_a_watcher_while_another_asks_by_the_same_port() {
    let mut fabric = Fabric::mesh().await;
    let (mut watching, _) =
        receiver(&mut fabric, "H1", "saq", &["watch", "--trap", "128"], "subscribed").await;
    fabric.ibsim.unlink("S2", 3).await.unwrap();
    let trap = watching.event_after(SOON, "trap", drop).await;
    assert_eq!(trap["trap"], 128);
    let issuer = trap["issuer_lid"].to_string();
    let node = asked(&fabric, "H1", PORT, &["--json", "node", "--lid", &issuer]).await.objects().remove(0);
    assert!(["S2", "S5"].contains(&node["NodeDescription"].as_str().unwrap()), "{node}");
    watching.signal(Signal::INT);
    assert!(watching.stop().await);
}

/// The service level of each queue pair of a host, by destination.
type Levels = BTreeMap<String, u64>;

async fn real_levels(fabric: &Fabric, host: &str, others: &[&str]) -> Levels {
    let lids = fabric.diags().host_lids().await.unwrap();
    let mut levels = Levels::new();
    for other in others {
        let level = fabric.diags().service_level(lids[host], lids[*other]).await.unwrap();
        levels.insert((*other).into(), level.into());
    }
    levels
}

#[tokio::test]
async fn queue_pairs_move_after_a_cut() {
    const HOSTS: [(&str, [&str; 3]); 2] = [("H1", ["H3", "H5", "H6"]), ("H2", ["H4", "H5", "H6"])];
    let mut fabric = Fabric::mesh().await;
    let mut agents = Vec::new();
    for (host, others) in HOSTS {
        let options: Vec<_> = others.iter().flat_map(|other| ["--queue-pair", other]).collect();
        let (agent, ready) = receiver(&mut fabric, host, "repath-host", &options, "ready").await;
        let pairs = ready["queue_pairs"].as_array().unwrap().iter();
        let levels: Levels = pairs
            .map(|pair| {
                (pair["destination"].as_str().unwrap().into(), pair["service_level"].as_u64().unwrap())
            })
            .collect();
        assert_eq!(levels, real_levels(&fabric, host, &others).await);
        agents.push((agent, levels));
    }
    let (mut watcher, _) = receiver(&mut fabric, "H4", "repathd", &["--settle", "0.5"], "quiet").await;
    fabric.cut("S2", 3).await;
    watcher.event("signalled").await;
    watcher.event("quiet").await;
    let mut moved = 0;
    for ((agent, levels), (host, others)) in agents.iter_mut().zip(HOSTS) {
        agent.event("report").await;
        let events = agent.events_until_silent(Duration::from_millis(500)).await;
        for event in events.iter().filter(|event| event["event"] == "reconfigured") {
            moved += 1;
            let destination = event["destination"].as_str().unwrap().to_owned();
            let before = levels.insert(destination, event["new_service_level"].as_u64().unwrap());
            assert_eq!(before, event["old_service_level"].as_u64(), "{event}");
        }
        assert_eq!(*levels, real_levels(&fabric, host, &others).await, "{host}");
    }
    assert_ne!(moved, 0, "the middle link decides on service levels");
    for (agent, _) in &mut agents {
        assert!(agent.stop().await);
    }
    assert!(watcher.stop().await);
}

#[tokio::test]
async fn the_ports_of_the_machine_are_listed_without_a_port() {
    let fabric = Fabric::mesh().await;
    let list = async |arguments: &[&str]| {
        let mut saq = command("saq");
        fabric.ibsim.run_on("H2", saq.arg("--list-ports").args(arguments));
        run_command(AT_ONCE, saq).await
    };
    let port = asked(&fabric, "H2", PORT, &["--json", "port"]).await.objects().remove(0);
    let mut expected = json!({
        "url": PORT, "device": "ibsim0", "umad": "umad0", "link_layer": "InfiniBand", "physical_state": "LinkUp",
        "rate": "10 Gb/sec (4X)", "node_guid": "0x0000000000100002", "system_image_guid": "0x0000000000100002",
    });
    expected.as_object_mut().unwrap().extend(port.as_object().unwrap().clone());
    assert_eq!(list(&["--json"]).await.objects(), [expected]);
    let text = list(&[]).await.output;
    assert!(text.starts_with("umad:ibsim0/1 (umad0): port 1 (fe80::10:3): active, LID "), "{text}");
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let fabric = Fabric::mesh().await;
    for (url, said) in [
        ("umad:mlx5_0/1", "saq: there is no RDMA device \"mlx5_0\": there is ibsim0"),
        ("umad:ibsim0/2", "saq: the RDMA device ibsim0 has no port 2: it has 1"),
        (
            "umad:?pkey=0x1234",
            "saq: port ibsim0/1 is not in the partition of P_Key 0x1234: have the subnet manager add it",
        ),
    ] {
        assert_eq!(asked(&fabric, "H1", url, &["port"]).await.failure(), said);
    }
    let answered = asked(&fabric, "H1", "umad:ibsim0/1?pkey=0xffff", &["node", "--lid", "1"]).await;
    assert!(answered.success, "{answered:?}");
}

/// Ports of the machine are where managers of real subnets run.
#[tokio::test]
async fn a_subnet_is_managed_from_a_port_of_the_machine() {
    let dir = RunDir::new().unwrap();
    let mut ibsim = Ibsim::start(MESH_3X2, &dir).await.unwrap();
    let mut managing = command("subnet-manager");
    ibsim.run_on("H1", managing.args(["--json", "--port", PORT]));
    let mut manager = Program::start_command("subnet-manager", managing, &dir);
    let up = manager.event("subnet_up").await;
    assert_eq!(up["end_ports"], 14, "{up}");
    let standing = Diags::new(&ibsim, "H2").run("sminfo", &[]).await.unwrap();
    assert!(standing.contains("SMINFO_MASTER"), "{standing}");
    ibsim.unlink("S2", 3).await.unwrap();
    manager.event("trap").await;
    let up = manager.event("subnet_up").await;
    assert_eq!((&up["end_ports"], &up["lanes"]), (&json!(14), &json!(2)), "{up}");
    assert!(manager.stop().await);
}
