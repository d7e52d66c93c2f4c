//! Links and nodes that fail, by order and by seed.

#![allow(clippy::std_instead_of_alloc, reason = "tests run where there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;

use fabric::{DropReason, FabricError, LinkFaults, Settings};
use ib_mad::wire::{
    Attribute, AttributeId, Method, NodeDescription, PerformanceMad, PortCounters, PortInfo, PortState,
};
use ib_mad::wire::{MadHeader, ManagementClass, PerformanceMadView};
use ib_mad::{Lid, TransactionId};
use topology::End;

use support::{Lab, QUEUE_PAIR, datagram, qpn};

fn middle(lab: &Lab) -> End {
    End { node: lab.node("S1"), port: 1 }
}

/// Send `count` packets from H1 to H4, one a microsecond, and return the first byte of each that arrived.
fn stream(lab: &mut Lab, count: u8) -> Vec<u8> {
    let host = lab.host("H4");
    lab.fabric.open(host, qpn(7), QUEUE_PAIR).unwrap();
    let to = lab.lid(host);
    for number in 0..count {
        let packet = fabric::Packet { payload: fabric::Payload::Bytes([number].into()), ..datagram(to) };
        lab.fabric.send(lab.now, lab.manager, &packet);
        lab.pass(Duration::from_micros(1));
    }
    lab.pass(Duration::from_millis(5));
    core::iter::from_fn(|| lab.fabric.receive(host)).map(|packet| packet.payload.as_bytes()[0]).collect()
}

#[test]
fn faults_of_a_link_follow_from_the_seed() {
    let faults = LinkFaults {
        lose_per_million: 200_000,
        corrupt_per_million: 100_000,
        delay_per_million: 300_000,
        longest_delay: Duration::from_micros(20),
    };
    let run = |seed| {
        let settings = Settings { seed, ..Settings::DEFAULT };
        let mut lab = Lab::new(topology::mesh(2, 1, 2).unwrap(), settings);
        lab.bring_up();
        lab.fabric.set_faults(middle(&lab), faults).unwrap();
        let arrived = stream(&mut lab, 200);
        let drops = lab.fabric.drops();
        let (lost, corrupted) = (drops.count(DropReason::Lost), drops.count(DropReason::Corrupted));
        assert_eq!(arrived.len() as u64 + lost + corrupted, 200);
        assert!(lost > 10 && corrupted > 5, "{lost} {corrupted}");
        assert!(arrived.windows(2).any(|two| two[0] > two[1]), "some are overtaken");
        arrived
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn what_is_on_a_link_when_it_is_cut_is_lost() {
    let mut lab = Lab::running();
    let host = lab.host("H4");
    lab.fabric.open(host, qpn(7), QUEUE_PAIR).unwrap();
    let to = lab.lid(host);
    lab.fabric.send(lab.now, lab.manager, &datagram(to));
    // One link takes 200 ns: it is between the switches now.
    lab.pass(Duration::from_nanos(300));
    lab.fabric.cut(lab.now, middle(&lab)).unwrap();
    lab.settle();
    assert_eq!(lab.fabric.drops().count(DropReason::LinkCut), 1);
    assert!(lab.fabric.receive(host).is_none());
    lab.fabric.send(lab.now, lab.manager, &datagram(to));
    lab.settle();
    assert_eq!(lab.fabric.drops().count(DropReason::PortDown), 2, "it, and what S2 has to tell");
}

#[test]
fn a_link_that_flaps_ends_as_it_began() {
    let mut lab = Lab::running();
    let end = middle(&lab);
    lab.fabric.flap(lab.now, end, Duration::from_millis(10), 4).unwrap();
    let mut states = Vec::new();
    for _ in 0..5 {
        lab.settle();
        states.push(lab.fabric.port_state(end).unwrap());
        lab.pass(Duration::from_millis(9));
    }
    let (down, up) = (PortState::DOWN, PortState::INITIALIZE);
    assert_eq!(states, [down, up, down, up, up]);
}

#[test]
fn a_node_that_is_switched_off_comes_back_with_nothing() {
    let mut lab = Lab::running();
    let (node, host) = (lab.node("S2"), lab.host("H4"));
    lab.fabric.set_power(lab.now, node, false);
    lab.settle();
    assert_eq!(lab.fabric.port_state(middle(&lab)), Ok(PortState::DOWN));
    assert!(lab.get(&[1, 1], AttributeId::NODE_INFO, 0).is_none());
    lab.fabric.send(lab.now, host, &datagram(Lid(1)));
    assert_eq!(lab.fabric.drops().count(DropReason::PortDown), 2);
    lab.fabric.set_power(lab.now, node, true);
    lab.settle();
    let own: PortInfo = lab.read(&[1, 1], AttributeId::PORT_INFO, 0);
    assert_eq!(own.lid, Lid::UNASSIGNED);
    let port: PortInfo = lab.read(&[1, 1], AttributeId::PORT_INFO, 6);
    assert_eq!(port.port_state, PortState::INITIALIZE);
    let table: ib_mad::wire::LinearForwardingTable =
        lab.read(&[1, 1], AttributeId::LINEAR_FORWARDING_TABLE, 0);
    assert_eq!(table, Default::default());
    lab.fabric.reset(lab.now, lab.node("H4"));
    assert_eq!(lab.lid(host), Lid::UNASSIGNED);
}

#[test]
fn a_port_that_is_armed_becomes_active_with_the_first_packet_from_one_that_is() {
    let mut lab = Lab::running();
    let path = [1, 1, 6];
    let host = lab.host("H4");
    lab.fabric.open(host, qpn(7), QUEUE_PAIR).unwrap();
    let to = lab.lid(host);
    let info: PortInfo = lab.read(&path, AttributeId::PORT_INFO, 0);
    let physical = ib_mad::wire::PortPhysicalState::NO_CHANGE;
    lab.set(
        &path,
        AttributeId::PORT_INFO,
        0,
        &PortInfo { port_state: PortState::DOWN, port_physical_state: physical, ..info },
    );
    lab.repress_all();
    let armed = PortInfo { port_state: PortState::ARMED, port_physical_state: physical, ..info };
    lab.set(&path, AttributeId::PORT_INFO, 0, &armed);
    lab.set(&[1, 1], AttributeId::PORT_INFO, 6, &PortInfo { lid: Lid(0), ..armed });
    lab.fabric.send(lab.now, lab.manager, &datagram(to));
    lab.settle();
    assert_eq!(lab.fabric.drops().count(DropReason::PortNotActive), 1, "nobody is active yet");
    lab.set(&[1, 1], AttributeId::PORT_INFO, 6, &PortInfo { port_state: PortState::ACTIVE, ..armed });
    lab.fabric.send(lab.now, lab.manager, &datagram(to));
    lab.settle();
    assert!(lab.fabric.receive(host).is_some());
    assert_eq!(lab.fabric.port_info(host).port_state, PortState::ACTIVE);
}

#[test]
fn counters_count() {
    let mut lab = Lab::running();
    let switch = lab.lid(lab.fabric.end_port("S2", 0).unwrap());
    let counters = |lab: &mut Lab, port| -> PortCounters {
        let header = MadHeader::request(
            ManagementClass::PERFORMANCE,
            Method::GET,
            AttributeId::PORT_COUNTERS,
            0,
            TransactionId(1),
        );
        let question = PortCounters { port_select: port, ..PortCounters::default() };
        let mad = PerformanceMad { header }.emit(&question).unwrap();
        let answer = lab.exchange(&fabric::Packet::general_services(switch, mad)).unwrap();
        PortCounters::parse(PerformanceMadView::new(&answer).unwrap().data()).unwrap()
    };
    let before = counters(&mut lab, 6);
    assert_eq!(stream(&mut lab, 20).len(), 20);
    let after = counters(&mut lab, 6);
    assert_eq!(after.port_xmit_pkts - before.port_xmit_pkts, 20);
    assert!(after.port_xmit_data - before.port_xmit_data >= 20 * 8);
    let all = counters(&mut lab, 255);
    assert!(all.port_xmit_pkts > after.port_xmit_pkts);
    // What the link corrupts, its receiving end counts.
    let arrival = middle(&lab);
    let corrupt = LinkFaults { corrupt_per_million: 1_000_000, ..LinkFaults::default() };
    lab.fabric.set_faults(arrival, corrupt).unwrap();
    assert_eq!(stream(&mut lab, 5).len(), 0);
    lab.fabric.set_faults(arrival, LinkFaults::default()).unwrap();
    let after = counters(&mut lab, 2);
    assert_eq!((after.symbol_error_counter, after.port_rcv_errors), (5, 5));
}

#[test]
fn mistakes_of_the_caller_are_named() {
    let mut lab = Lab::small();
    let end = End { node: lab.node("S1"), port: 9 };
    assert_eq!(lab.fabric.cut(lab.now, end), Err(FabricError::NoSuchPort { node: 0, port: 9, ports: 6 }));
    let end = End { port: 2, ..end };
    assert_eq!(lab.fabric.cut(lab.now, end), Err(FabricError::NoLink { node: 0, port: 2 }));
    assert_eq!(lab.fabric.end_port("H9", 1), None);
    assert_eq!(lab.fabric.end_port("H1", 2), None);
    for settings in [
        Settings { lane_capability: 6, ..Settings::DEFAULT },
        Settings { credits: Some(0), ..Settings::DEFAULT },
    ] {
        assert!(matches!(fabric::Fabric::new(&lab.topology, settings), Err(FabricError::Setting { .. })));
    }
    let reply = lab.get(&[], AttributeId::NODE_DESCRIPTION, 0).unwrap();
    assert_eq!(NodeDescription::parse(&reply.data).unwrap().text(), "H1");
}
