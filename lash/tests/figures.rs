//! The example of US 2013/0124910 A1, paragraph 31, step by step: a mesh that becomes a ring.

#![allow(clippy::std_instead_of_alloc, reason = "a test program")]

mod support;

use lash::verify::{Fault, verify};
use lash::{LaneLimit, RoutingError, lash, lash_again};

use support::{Plan, switch, verified};

/// 3 × 2 switches. Without its middle link, that of 1 with 4, it is a ring.
fn mesh(has_middle: bool) -> Plan {
    let links = [(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)];
    Plan::new(6, links.into_iter().filter(|&link| has_middle || link != (1, 4)).collect())
}

#[test]
fn the_mesh_needs_one_lane() {
    let graph = mesh(true).graph();
    let one = LaneLimit::new(1).unwrap();
    let routing = lash(&graph, one).unwrap();
    assert_eq!(routing.lanes(), 1);
    let verified = verified(&graph, &routing).unwrap();
    assert_eq!((verified.lanes, verified.longest), (1, 3));
}

#[test]
fn the_ring_needs_two() {
    let graph = mesh(false).graph();
    let limit = LaneLimit::new(1).unwrap();
    assert_eq!(lash(&graph, limit), Err(RoutingError::TooFewLanes { limit: 1 }));
    let routing = lash(&graph, LaneLimit::new(2).unwrap()).unwrap();
    assert_eq!(routing.lanes(), 2);
    assert_eq!(verified(&graph, &routing).unwrap().longest, 3);
}

/// "All nodes continue to send packets on VL0, and eventually each of them ends up waiting for credits."
#[test]
fn the_ring_on_the_lane_of_the_mesh_waits_in_a_circle() {
    let graph = mesh(false).graph();
    let routing = lash(&graph, LaneLimit::ALL).unwrap();
    let stale = verify(&graph, |from, to| routing.port(from, to), |_, _| 0);
    let Err(Fault::Deadlock { lane: 0, channels }) = stale else { panic!("{stale:?}") };
    assert_eq!(channels.len(), 6);
    for (place, channel) in channels.iter().enumerate() {
        let next = channels[(place + 1) % channels.len()];
        assert_eq!(graph.peer(*channel).unwrap().switch, next.switch);
    }
}

/// What the manager has to tell its hosts: some paths have a new lane, others keep theirs.
#[test]
fn the_fault_moves_some_pairs_to_the_second_lane() {
    let before = lash(&mesh(true).graph(), LaneLimit::ALL).unwrap();
    let graph = mesh(false).graph();
    let after = lash_again(&graph, &before, LaneLimit::ALL).unwrap();
    assert_eq!(verified(&graph, &after).unwrap().lanes, 2);
    let pairs = (0..6).flat_map(|from| (0..6).map(move |to| (switch(from), switch(to))));
    let moved = pairs.filter(|&(from, to)| before.lane(from, to) != after.lane(from, to)).count();
    assert!((1..12).contains(&moved), "{moved} of 30");
}
