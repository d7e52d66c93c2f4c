//! A manager that signals, two hosts' agents, and the real queue pair between them: what `repath-host --on verbs:rxe0` does.

#![allow(clippy::std_instead_of_alloc, reason = "there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "../../../trap-signal/tests/support/mod.rs"]
mod support;
mod verbs_support;

use core::time::Duration;
use std::net::TcpListener;

use ib_mad::Lid;
use ib_mad::wire::PathRecord;
use machine::{End, Machine};
use programs::live::{LiveQueuePair, Moved, Role};
use support::Subnet;
use transport::verbs::{Exchange, Strategy, VerbsError};
use trap_signal::SignallingMethod;
use trap_signal::host::HostEvent;

use verbs_support::{LIMIT, PathFault, patient, port};

const HOSTS: [Lid; 2] = [Lid(11), Lid(12)];

/// A queue pair between the two ports: the connecting end, and the listening one.
fn live() -> [LiveQueuePair; 2] {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::scope(|scope| {
        let connecting = scope.spawn(move || {
            let exchange = Exchange::connect(address, LIMIT).unwrap();
            LiveQueuePair::connect(&port(End::Zero, 0), exchange, Role::Connecting, patient()).unwrap()
        });
        let exchange = Exchange::accept(&listener, LIMIT).unwrap();
        let listening =
            LiveQueuePair::connect(&port(End::One, 0), exchange, Role::Listening, patient()).unwrap();
        [connecting.join().unwrap(), listening]
    })
}

fn traffic_class(live: &LiveQueuePair) -> u8 {
    live.attributes().unwrap().traffic_class
}

#[test]
fn queue_pairs_follow_the_service_levels_that_are_signalled() {
    let _machine = Machine::this();
    let mut live = live();
    let mut subnet = Subnet::new(SignallingMethod::ThreeWayHybrid, &HOSTS);
    subnet.manager.route(&HOSTS, |_, _| 0);
    subnet.run();
    for level in [3, 1, 7] {
        subnet.manager.route(&HOSTS, |source, _| if source == HOSTS[0] { level } else { 7 - level });
        // Work is under way when they move.
        let posted = live[0].write_word().unwrap();
        let mut moves = Vec::new();
        subnet.run_moving(|host, reconfiguration| {
            let end = HOSTS.iter().position(|known| *known == host).unwrap();
            moves.push(live[end].move_to(&reconfiguration.new, LIMIT).unwrap());
            true
        });
        assert_eq!(moves, [Moved { by: Strategy::Drain, lost: 0 }; 2], "after {posted:?}");
        let classes = live.each_ref().map(traffic_class);
        assert_eq!(classes, [level << 5, (7 - level) << 5], "the service level is the class selector");
        for host in &mut subnet.hosts {
            assert_eq!(host.events.pop(), Some(HostEvent::UpToDate { without_path: 0 }));
        }
    }
}

fn record(service_level: u8) -> PathRecord {
    PathRecord { service_level: support::level(service_level), ..PathRecord::default() }
}

#[test]
fn both_ends_are_reset_when_the_path_under_the_work_is_dead() {
    let machine = Machine::this();
    let [mut live, peer] = live();
    let cut = PathFault::new(&machine, 0, "loss 100%");
    for _ in 0..5 {
        live.write_word().unwrap();
    }
    let numbers = (live.number(), peer.number());
    // The reset goes over TCP, and works; what is verified over the path does not, as long as it is dead.
    let error = live.move_to(&record(2), Duration::from_millis(200)).unwrap_err();
    assert!(matches!(error, VerbsError::NoCompletion { .. } | VerbsError::Work { .. }), "{error}");
    assert_eq!(traffic_class(&live), 2 << 5, "it was reset and connected anew");
    drop(cut);
    // Either the verifying write is still repeated, and ends; or it was given up, and both are reset once more.
    let moved = live.move_to(&record(5), LIMIT).unwrap();
    assert!(matches!(moved, Moved { by: Strategy::Drain | Strategy::Reset, .. }), "{moved:?}");
    assert_eq!(traffic_class(&live), 5 << 5);
    assert_eq!((live.number(), peer.number()), numbers, "they are the same queue pairs");
}

#[test]
fn a_peer_that_is_gone_is_named() {
    let _machine = Machine::this();
    let [mut live, peer] = live();
    drop(peer);
    live.write_word().unwrap();
    let error = live.move_to(&record(1), Duration::from_millis(100)).unwrap_err();
    let is_named = matches!(error, VerbsError::PeerGone { .. } | VerbsError::PeerSilent { .. });
    assert!(is_named, "{error}");
}
