//! The verifier refuses what is broken, and names it.

#![allow(clippy::std_instead_of_alloc, reason = "a test program")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use lash::verify::{Fault, verify, verify_paths};
use lash::{DestinationIndex, Graph, LaneLimit, Routing, SwitchIndex, SwitchPort, lash, min_hop};
use quickcheck::{TestResult, quickcheck};

use support::{Plan, destination, grid, switch, verified};

/// The tables with one entry changed.
fn with(
    graph: &Graph,
    routing: &Routing,
    changed: (SwitchIndex, DestinationIndex, Option<u8>),
) -> Result<(), Fault> {
    let port =
        |from, to| if (from, to) == (changed.0, changed.1) { changed.2 } else { routing.port(from, to) };
    verify(graph, port, |from, to| routing.lane(from, to)).map(drop)
}

#[test]
fn a_missing_entry_is_named() {
    let graph = grid(3, 3, false).graph();
    let routing = lash(&graph, LaneLimit::ALL).unwrap();
    let expected = Fault::Missing { switch: switch(2), destination: destination(7) };
    assert_eq!(with(&graph, &routing, (switch(2), destination(7), None)), Err(expected));
}

#[test]
fn a_port_that_leads_nowhere_or_to_another_end_port_is_named() {
    let graph = grid(3, 3, false).graph();
    let routing = lash(&graph, LaneLimit::ALL).unwrap();
    // Switch 0 has links at ports 1 and 2 and an end port at 3; destination 0 is the switch, 1 the end port.
    for (to, port) in [(5, 0), (5, 3), (5, 9), (5, 255), (0, 3), (0, 1), (1, 0), (1, 2)] {
        let fault = Fault::WrongPort { switch: switch(0), destination: destination(to), port };
        assert_eq!(with(&graph, &routing, (switch(0), destination(to), Some(port))), Err(fault));
    }
}

#[test]
fn a_port_to_what_cannot_be_reached_is_named() {
    let graph = Plan::new(3, vec![(0, 1)]).graph();
    let routing = min_hop(&graph).unwrap();
    assert_eq!(routing.port(switch(0), destination(4)), None);
    let fault = Fault::WrongPort { switch: switch(0), destination: destination(4), port: 1 };
    assert_eq!(with(&graph, &routing, (switch(0), destination(4), Some(1))), Err(fault));
}

#[test]
fn a_loop_is_named_once_round() {
    let graph = grid(4, 1, false).graph();
    let routing = min_hop(&graph).unwrap();
    // Towards the end port at switch 3, switch 2 sends back to switch 1.
    let changed = (switch(2), destination(7), Some(1));
    let channels = [(1, 2), (2, 1)].map(|(number, port)| SwitchPort { switch: switch(number), port });
    let fault = with(&graph, &routing, changed).unwrap_err();
    assert_eq!(fault, Fault::Loop { destination: destination(7), channels: channels.into() });
    let text = "packets to destination 7 go round a loop: switch 1 port 2, switch 2 port 1";
    assert_eq!(fault.to_string(), text);
}

#[test]
fn a_lane_that_there_is_not_is_named() {
    let graph = grid(2, 1, false).graph();
    let routing = min_hop(&graph).unwrap();
    let lane = |from: SwitchIndex, _| if from == switch(1) { 16 } else { 15 };
    let fault = verify(&graph, |from, to| routing.port(from, to), lane).unwrap_err();
    assert_eq!(fault, Fault::NoSuchLane { from: switch(1), to: switch(0), lane: 16 });
}

#[test]
fn shortest_paths_of_a_torus_on_one_lane_can_deadlock() {
    let graph = grid(5, 5, true).graph();
    let routing = min_hop(&graph).unwrap();
    let fault = verified(&graph, &routing).unwrap_err();
    let Fault::Deadlock { lane: 0, channels } = fault else { panic!("{fault}") };
    for (place, channel) in channels.iter().enumerate() {
        let next = channels[(place + 1) % channels.len()];
        assert_eq!(graph.peer(*channel).unwrap().switch, next.switch, "a cycle: {channels:?}");
    }
    assert!(verify_paths(&graph, |from, to| routing.port(from, to)).is_ok());
}

#[test]
fn only_switches_with_destinations_are_sources() {
    // Every path round the ring, clockwise; only one switch has an end port.
    let mut builder = Graph::builder();
    let switches: Vec<_> = (0..4).map(|_| builder.add_switch(3).unwrap()).collect();
    for place in 0..4 {
        builder.link((switches[place], 1), (switches[(place + 1) % 4], 2)).unwrap();
    }
    builder.attach(switches[0], 3).unwrap();
    let graph = builder.build();
    let clockwise = |from: SwitchIndex, _| Some(if from.get() == 0 { 3 } else { 1 });
    let verified = verify(&graph, clockwise, |_, _| 0).unwrap();
    assert_eq!((verified.paths, verified.hops, verified.dependencies), (1, 0, 0));
}

quickcheck! {
    /// Whatever entry is changed to whatever port: refused, or a valid path all the same.
    fn a_changed_entry_is_found_or_harmless(plan: Plan, at: usize, to: usize, port: u8) -> TestResult {
        let graph = plan.graph();
        let routing = min_hop(&graph).unwrap();
        let (at, to) = (switch(at % plan.switches), destination(to % graph.destinations().len()));
        if routing.port(at, to) == Some(port) {
            return TestResult::discard();
        }
        let entry = |from, end| if (from, end) == (at, to) { Some(port) } else { routing.port(from, end) };
        let end = graph.destination(to).unwrap();
        // Walk from there: it arrives, or it does not.
        let mut here = at;
        let mut left = plan.switches;
        while here != end.switch && left > 0 {
            let Some(next) = entry(here, to).and_then(|port| graph.peer(SwitchPort { switch: here, port })) else { break };
            here = next.switch;
            left -= 1;
        }
        let arrives = here == end.switch && entry(here, to) == Some(end.port);
        TestResult::from_bool(verify_paths(&graph, entry).is_ok() == arrives)
    }

    /// All on one lane: refused when the routing has two, else not. (Of parallel links the router makes one channel, and
    /// may need a lane more for that.)
    fn one_lane_is_refused_where_two_are_needed(plan: Plan) -> bool {
        let links = plan.links.iter().map(|&(one, other)| (one.min(other), one.max(other)));
        let links: std::collections::BTreeSet<_> = links.collect();
        let plan = Plan { links: links.into_iter().collect(), ..plan };
        let graph = plan.graph();
        let routing = lash(&graph, LaneLimit::ALL).unwrap();
        let one = verify(&graph, |from, to| routing.port(from, to), |_, _| 0);
        match one {
            Ok(_) => routing.lanes() == 1,
            Err(Fault::Deadlock { .. }) => routing.lanes() > 1,
            Err(_) => false,
        }
    }
}
