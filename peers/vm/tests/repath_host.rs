//! The program `repath-host` on real queue pairs, with traffic on them: a fabric that `fabric` simulates and `subnet-manager` manages, on
//! which links are cut, says what path records there are; the packets are those of the two soft-RoCE ports, and are
//! counted on the cable.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod verbs_support;

use machine::{End, Machine, Program, run, wait_until_it_listens};
use serde_json::Value;

use verbs_support::{Lanes, PathFault};

/// Path of the fabric's socket.
const SOCKET: (&str, &str) = ("FABRIC_SIM", "/tmp/fabric.sock");

/// Five switches in a ring, with a host each. Routed on two lanes, H5 reaches H1 on service level 1 and H2 on 0. When the link between S1 and S2
/// is cut, one lane is enough, and both are on 0; when it is back, H2 is on 1.
struct Fabric {
    // In this order: the manager goes before its fabric.
    manager: Program,
    fabric: Program,
}

const LINK: &str = "\"S1\"[1]";

impl Fabric {
    fn start() -> Self {
        let arguments = ["--json", "--name", SOCKET.1, "--topology", "ring:5"];
        let fabric = Program::start("fabric", &arguments, &[]);
        fabric.event_named("ready");
        let arguments = ["--json", "--routing", "lash", "--port", "sim:H3"];
        let manager = Program::start("subnet-manager", &arguments, &[SOCKET]);
        manager.event_named("subnet_up");
        Self { manager, fabric }
    }

    /// Cut the link, and wait until the subnet is routed without it.
    fn cut(&mut self) {
        self.change("Unlink");
    }

    /// The same the other way round.
    fn restore(&mut self) {
        self.change("ReLink");
    }

    fn change(&mut self, verb: &str) {
        // Sweeps of before, and those that find nothing new, do not count.
        self.manager.said();
        self.fabric.write(&format!("{verb} {LINK}"));
        self.manager.event(|event| event["event"] == "subnet_up" && event["forwarding_blocks"] != 0);
    }
}

/// `repath-host` on H5, with a queue pair to H1 and one to H2, and on these, which listen.
struct Hosts {
    h5: Program,
    _others: [Program; 2],
}

impl Hosts {
    /// Start all three with these options, and wait until H5's queue pairs are on their records.
    fn start(options: &[&str]) -> Self {
        let others = [("sim:H1", 0, "127.0.0.1:7001"), ("sim:H2", 1, "127.0.0.1:7002")];
        let others = others.map(|(host, path, address)| {
            let on = format!("verbs:rxe1?gid={}", End::One.addresses()[path]);
            let arguments =
                ["--json", "--port", host, "--queue-pair", "H5", "--on", &on, "--listen", address];
            Program::start("repath-host", &arguments, &[SOCKET])
        });
        [7001, 7002].into_iter().for_each(wait_until_it_listens);
        let mut arguments = vec!["--json", "--port", "sim:H5", "--queue-pair", "H1", "--queue-pair", "H2"];
        arguments.extend(["--on", "verbs:rxe0?gid=10.77.0.1", "--traffic"]);
        arguments.extend(["--connect", "127.0.0.1:7001", "--connect", "127.0.0.1:7002"]);
        arguments.extend(options);
        let h5 = Program::start("repath-host", &arguments, &[SOCKET]);
        let ready = h5.event_named("ready");
        let levels = [0, 1].map(|row| ready["queue_pairs"][row]["service_level"].clone());
        assert_eq!(levels, [1, 0], "the ring is routed as this test expects it: {ready}");
        Self { h5, _others: others }
    }

    /// H5's queue pair to a host has moved: from this level to that, how, and how many writes were lost.
    fn moved(&self, peer: &str, levels: [u8; 2]) -> (String, u64) {
        let event = self.h5.event(|event| event["event"] == "reconfigured" && event["destination"] == peer);
        let told = ["old_service_level", "new_service_level"].map(|key| event[key].clone());
        assert_eq!(told, levels, "{event}");
        (event["by"].as_str().unwrap().to_owned(), event["lost"].as_u64().unwrap())
    }

    /// What became of the traffic to H1 and to H2: words written, and lost.
    fn stop(self) -> [(u64, u64); 2] {
        let (status, lines) = self.h5.stop();
        assert!(status.success(), "{lines:#?}");
        let events: Vec<Value> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        ["H1", "H2"].map(|peer| {
            let traffic =
                events.iter().find(|event| event["event"] == "traffic" && event["destination"] == peer);
            let traffic = traffic.unwrap_or_else(|| panic!("{lines:#?}"));
            (traffic["written"].as_u64().unwrap(), traffic["lost"].as_u64().unwrap())
        })
    }
}

#[test]
fn a_queue_pair_is_drained_to_another_level_under_traffic() {
    let machine = Machine::this();
    let (mut fabric, hosts) = (Fabric::start(), Hosts::start(&[]));
    let lanes = Lanes::new(&machine);
    lanes.wait_for_more(1, 100);
    fabric.cut();
    assert_eq!(hosts.moved("H1", [1, 0]), ("drain".into(), 0));
    let before = lanes.packets(1);
    lanes.wait_for_more(0, 100);
    assert_eq!(lanes.packets(1), before, "nothing more goes on the old level");
    // The kernel has the queue pair as one of this process, and ready.
    let pairs = run("rdma", &["resource", "show", "qp", "link", "rxe0/1"]);
    let of_h5: Vec<_> = pairs.lines().filter(|line| line.contains("type RC state RTS")).collect();
    assert_eq!(of_h5.len(), 2, "{pairs}");
    let [(written, lost), _] = hosts.stop();
    assert!(written >= 200 && lost == 0, "{written} {lost}");
}

#[test]
fn a_queue_pair_whose_level_is_dead_is_reset_to_another_and_the_loss_is_told() {
    let machine = Machine::this();
    let (mut fabric, hosts) = (Fabric::start(), Hosts::start(&["--drain", "1", "--retries", "7"]));
    let lanes = Lanes::new(&machine);
    lanes.wait_for_more(1, 100);
    lanes.spoil(1, "loss 100%");
    fabric.cut();
    let (by, lost) = hosts.moved("H1", [1, 0]);
    assert!(by == "reset" && lost > 0, "{by} {lost}");
    lanes.wait_for_more(0, 100);
    let [(_, told), (_, other)] = hosts.stop();
    assert_eq!((told, other), (lost, 0));
}

#[test]
fn a_drain_that_cannot_finish_keeps_no_second_notice_waiting() {
    let machine = Machine::this();
    let (mut fabric, hosts) = (Fabric::start(), Hosts::start(&["--drain", "3000", "--retries", "7"]));
    let dead = PathFault::new(&machine, 0, "loss 100%");
    // The first notice is about the queue pair on the dead path, the second about the other.
    fabric.cut();
    fabric.restore();
    assert_eq!(hosts.moved("H2", [0, 1]), ("drain".into(), 0));
    drop(dead);
    assert_eq!(hosts.moved("H1", [1, 0]), ("drain".into(), 0));
    hosts.h5.event_named("up_to_date");
    let [(_, lost), (_, other)] = hosts.stop();
    assert_eq!((lost, other), (0, 0));
}

#[test]
fn devices_and_peers_that_are_not_there_end_the_program_with_one_line() {
    let machine = Machine::this();
    let refusal = |on: &str, peer: &str| {
        let arguments = ["--port", "sim:H1", "--queue-pair", "H2", "--on", on, "--connect", peer];
        let (status, lines) = Program::start("repath-host", &arguments, &[SOCKET]).ended();
        assert_eq!((status.code(), lines.len()), (Some(1), 1), "{lines:#?}");
        lines[0].clone()
    };
    let nobody = "127.0.0.1:9";
    let said = refusal("verbs:mlx5_0", nobody);
    assert_eq!(said, "repath-host: there is no RDMA device \"mlx5_0\": there is rxe0, rxe1");
    let said = refusal("verbs:rxe0/7", nobody);
    assert_eq!(said, "repath-host: the RDMA device rxe0 has no port 7: it has 1 to 1");
    let said = refusal("verbs:rxe0?gid-index=99", nobody);
    assert!(said.starts_with("repath-host: port rxe0/1 has no GID at index 99: it has fe80::"), "{said}");
    let said = refusal("verbs:rxe0", nobody);
    assert!(said.starts_with("repath-host: 127.0.0.1:9: ") && said.ends_with("and listen there?"), "{said}");
    let down = machine.link_down(End::Zero);
    let said = refusal("verbs:rxe0", nobody);
    assert!(said.starts_with("repath-host: port rxe0/1 is down (physical state 3): check"), "{said}");
    drop(down);
}
