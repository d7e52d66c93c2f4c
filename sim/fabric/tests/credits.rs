//! Credits: who waits, what that does to a ring on one lane, and what a second lane changes.

#![allow(clippy::std_instead_of_alloc, reason = "tests run where there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;
use std::collections::BTreeMap;

use fabric::{DropReason, Packet, Settings};
use ib_mad::wire::{AttributeId, PortInfo, PortPhysicalState, PortState, SlToVlMapping};
use ib_mad::{Lid, ServiceLevel, VirtualLane};
use topology::NodeIndex;

use support::{Lab, QUEUE_PAIR, datagram, qpn};

/// Switches of the ring.
const RING: usize = 6;

fn settings() -> Settings {
    Settings { credits: Some(2), ..Settings::DEFAULT }
}

/// A ring of six switches with a host each, in which every packet goes east.
fn ring() -> Lab {
    let mut lab = Lab::new(topology::torus(RING as u32, 1, 1).unwrap(), settings());
    let lids: BTreeMap<NodeIndex, Lid> =
        lab.topology.nodes().zip(1..).map(|((index, _), lid)| (index, Lid(lid))).collect();
    let topology = lab.topology.clone();
    let at = move |node: NodeIndex| {
        // S1 and H1 are at place 0, and so on.
        let number: usize = topology[node].name()[1..].parse().unwrap();
        (topology[node].name().starts_with('H'), number - 1)
    };
    lab.bring_up_with(&lids, &move |switch, to| {
        let (is_host, there) = at(to);
        let (_, here) = at(switch);
        // East is port 1, the host port 5.
        if here == there && is_host { Some(5) } else { Some(1) }
    });
    for place in 1..=RING {
        lab.fabric.open(lab.host(&format!("H{place}")), qpn(7), QUEUE_PAIR).unwrap();
    }
    lab
}

/// Every host sends `each` packets half way round, at service level `level(from)`; return how many arrive.
fn load(lab: &mut Lab, each: usize, level: impl Fn(usize) -> u8) -> u64 {
    let before = lab.fabric.delivered();
    for _ in 0..each {
        for place in 0..RING {
            let from = lab.host(&format!("H{}", place + 1));
            let to = lab.lid(lab.host(&format!("H{}", (place + RING / 2) % RING + 1)));
            let service_level = ServiceLevel::new(level(place)).unwrap();
            lab.fabric.send(lab.now, from, &Packet { service_level, ..datagram(to) });
        }
    }
    lab.pass(Duration::from_secs(1));
    lab.fabric.delivered() - before
}

/// Send what crosses from the last switch to the first on lane 1 once it is across.
fn dateline(lab: &mut Lab) {
    for place in 0..RING {
        let path = vec![1; place + 1];
        for input in [2_u8, 5] {
            let mut lanes = [VirtualLane::default(); 16];
            // Level 1 is of those whose way crosses.
            lanes[1] = VirtualLane::new(1).unwrap();
            let modifier = SlToVlMapping::modifier(input, 1);
            lab.set(&path, AttributeId::SL_TO_VL_MAPPING, modifier, &SlToVlMapping { lanes });
        }
    }
}

#[test]
fn a_ring_on_one_lane_deadlocks() {
    let mut lab = ring();
    let arrived = load(&mut lab, 50, |_| 0);
    assert!(arrived < 300 && lab.fabric.waiting_for_credits() > 0);
    assert!(!lab.fabric.is_moving());
    let circle = lab.fabric.deadlock().unwrap();
    assert_eq!(circle.len(), RING);
    assert!(circle.iter().all(|channel| channel.lane == 0 && channel.input.port == 2));
    // Subnet management has a lane of its own: a manager can still repair it.
    assert!(lab.get(&[1, 1, 1], AttributeId::NODE_INFO, 0).is_some());
}

#[test]
fn the_same_load_on_two_lanes_arrives() {
    let mut lab = ring();
    dateline(&mut lab);
    // Whose way passes from S6 to S1 has a lane of its own.
    let arrived = load(&mut lab, 50, |place| u8::from(place + RING / 2 >= RING));
    assert_eq!((arrived, lab.fabric.waiting_for_credits()), (300, 0));
    assert_eq!(lab.fabric.deadlock(), None);
    assert_eq!(lab.fabric.drops().total(), 0);
}

#[test]
fn a_ring_without_credits_never_waits() {
    let mut lab = Lab::new(topology::torus(RING as u32, 1, 1).unwrap(), Settings::DEFAULT);
    lab.bring_up();
    assert_eq!((lab.fabric.waiting_for_credits(), lab.fabric.deadlock()), (0, None));
}

#[test]
fn head_of_queue_life_ends_a_deadlock_by_dropping() {
    let mut lab = ring();
    for place in 0..RING {
        let path = vec![1; place + 1];
        let info: PortInfo = lab.read(&path, AttributeId::PORT_INFO, 1);
        let info = PortInfo {
            hoq_life: 8,
            port_state: PortState::NO_CHANGE,
            port_physical_state: PortPhysicalState::NO_CHANGE,
            ..info
        };
        lab.set(&path, AttributeId::PORT_INFO, 1, &info);
    }
    let arrived = load(&mut lab, 50, |_| 0);
    let dropped = lab.fabric.drops().count(DropReason::HeadOfQueue);
    assert!(dropped > 0 && arrived > 0);
    assert_eq!(arrived + dropped, 300);
    assert_eq!((lab.fabric.waiting_for_credits(), lab.fabric.deadlock()), (0, None));
}

#[test]
fn what_waits_for_a_link_that_is_cut_is_dropped_and_its_room_is_free() {
    let mut lab = ring();
    load(&mut lab, 50, |_| 0);
    let end = topology::End { node: lab.node("S1"), port: 1 };
    lab.fabric.cut(lab.now, end).unwrap();
    lab.pass(Duration::from_secs(1));
    // The circle is broken: everything moves again, up to the link that is not there.
    assert_eq!((lab.fabric.waiting_for_credits(), lab.fabric.deadlock()), (0, None));
    assert!(lab.fabric.drops().count(DropReason::PortDown) > 0);
}
