//! The story of US 2013/0124910 A1 on links with credits: a mesh of 3 × 2 switches, whose routing needs one lane, loses its
//! middle link. What is left is a ring that needs two. Hosts that stay on the lane that they had deadlock; hosts that
//! learned their new one do not.

#![allow(clippy::std_instead_of_alloc, reason = "tests run where there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;
use std::collections::BTreeMap;

use fabric::{Packet, Settings};
use ib_mad::{Lid, ServiceLevel};
use lash::{Graph, LaneLimit, Routing, SwitchIndex, lash, lash_again};
use topology::{End, NodeIndex, NodeKind, Topology};

use support::{Lab, QUEUE_PAIR, datagram, qpn};

const SWITCHES: usize = 6;
/// The places of the switches in the order of the ring that is left.
const RING: [usize; SWITCHES] = [0, 1, 2, 5, 4, 3];
/// Packets that each host sends.
const EACH: usize = 60;
const SENT: u64 = (SWITCHES * EACH) as u64;

/// What the switches' routing is made from: switches and hosts in the order of the topology, without the link at `cut`.
fn graph(topology: &Topology, cut: Option<End>) -> Graph {
    let mut builder = Graph::builder();
    let switches: BTreeMap<NodeIndex, SwitchIndex> =
        topology.switches().map(|node| (node, builder.add_switch(topology[node].ports()).unwrap())).collect();
    for link in topology.switch_links().filter(|link| cut.is_none_or(|cut| link.a != cut && link.b != cut)) {
        builder.link((switches[&link.a.node], link.a.port), (switches[&link.b.node], link.b.port)).unwrap();
    }
    // Destinations: the switches first, as they are in the topology, then the hosts.
    for switch in switches.values() {
        builder.attach(*switch, 0).unwrap();
    }
    for host in topology.hosts() {
        let end = topology.switch_of(host).unwrap();
        builder.attach(switches[&end.node], end.port).unwrap();
    }
    builder.build()
}

/// The place of a node among those of its kind.
fn place(topology: &Topology, node: NodeIndex) -> usize {
    let kind = topology[node].kind();
    topology.nodes().filter(|(_, other)| other.kind() == kind).position(|(index, _)| index == node).unwrap()
}

/// The port by which a switch sends to a node.
fn output(topology: &Topology, routing: &Routing, switch: NodeIndex, to: NodeIndex) -> Option<u8> {
    let hosts_from = if topology[to].kind() == NodeKind::Switch { 0 } else { SWITCHES };
    let destination = lash::DestinationIndex::new(hosts_from + place(topology, to)).unwrap();
    routing.port(SwitchIndex::new(place(topology, switch)).unwrap(), destination)
}

/// Every host sends to the one two switches further round the ring, in the lane that `lane` says; return how many packets
/// arrive.
fn load(lab: &mut Lab, lane: impl Fn(usize, usize) -> u8) -> u64 {
    let before = lab.fabric.delivered();
    let hosts: Vec<_> = (1..=SWITCHES).map(|number| lab.host(&format!("H{number}"))).collect();
    for _ in 0..EACH {
        for position in 0..SWITCHES {
            let (from, to) = (RING[position], RING[(position + 2) % SWITCHES]);
            let service_level = ServiceLevel::new(lane(from, to)).unwrap();
            let packet = Packet { service_level, ..datagram(lab.lid(hosts[to])) };
            lab.fabric.send(lab.now, hosts[from], &packet);
        }
    }
    lab.pass(Duration::from_secs(1));
    lab.fabric.delivered() - before
}

#[test]
fn the_ring_deadlocks_on_the_lane_of_before_and_not_on_the_lanes_of_now() {
    let settings = Settings { credits: Some(1), ..Settings::DEFAULT };
    let mut lab = Lab::new(topology::mesh(3, 2, 1).unwrap(), settings);
    let topology = lab.topology.clone();
    let lids: BTreeMap<NodeIndex, Lid> =
        topology.nodes().zip(1..).map(|((index, _), lid)| (index, Lid(lid))).collect();
    let before = lash(&graph(&topology, None), LaneLimit::ALL).unwrap();
    assert_eq!(before.lanes(), 1);
    lab.bring_up_with(&lids, &|switch, to| output(&topology, &before, switch, to));
    for number in 1..=SWITCHES {
        lab.fabric.open(lab.host(&format!("H{number}")), qpn(7), QUEUE_PAIR).unwrap();
    }
    assert_eq!(load(&mut lab, |_, _| 0), SENT);
    assert_eq!(lab.fabric.deadlock(), None);

    // The middle link, from S2 south to S5, fails; the manager writes the tables of the ring.
    let cut = topology.links_between(lab.node("S2"), lab.node("S5")).next().unwrap().a;
    lab.fabric.cut(lab.now, cut).unwrap();
    let after = lash_again(&graph(&topology, Some(cut)), &before, LaneLimit::ALL).unwrap();
    assert_eq!(after.lanes(), 2);
    let paths = lab.paths();
    for switch in topology.switches() {
        let port =
            |to: &NodeIndex| if *to == switch { Some(0) } else { output(&topology, &after, switch, *to) };
        lab.write_switch(&paths[&switch], &lids, &port);
    }
    // The traps of both switches come through by now.
    lab.pass(Duration::from_secs(2));
    assert!(!lab.repress_all().is_empty());

    let mut stale = lab.clone();
    let arrived = load(&mut stale, |_, _| 0);
    assert!(arrived < SENT, "{arrived}");
    let circle = stale.fabric.deadlock().unwrap();
    assert_eq!(circle.len(), SWITCHES, "{circle:?}");
    assert!(circle.iter().all(|channel| channel.lane == 0));

    let switch = |place| SwitchIndex::new(place).unwrap();
    let arrived = load(&mut lab, |from, to| after.lane(switch(from), switch(to)));
    assert_eq!((arrived, lab.fabric.deadlock(), lab.fabric.waiting_for_credits()), (SENT, None, 0));
}
