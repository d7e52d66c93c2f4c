//! What holds of every routing, on graphs of any shape.

#![allow(clippy::std_instead_of_alloc, reason = "a test program")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use lash::verify::verify_paths;
use lash::{LaneLimit, Routing, RoutingError, lash, lash_again, min_hop, up_down};
use quickcheck::{TestResult, quickcheck};

use support::{Plan, destination, fat_tree, grid, switch, verified};

/// Hop counts, and ports where there is a way and only there, as a search from each switch alone says.
fn is_shortest(plan: &Plan, routing: &Routing) -> bool {
    let graph = plan.graph();
    let hops = plan.hops();
    let ends = graph.destinations().iter().enumerate();
    ends.into_iter().all(|(number, end)| {
        (0..plan.switches).all(|from| {
            let expected = hops[from][end.switch.get()];
            let (source, to) = (switch(from), destination(number));
            routing.hops(source, to) == expected && routing.port(source, to).is_some() == expected.is_some()
        })
    })
}

/// How many links the paths have on average must be what the hop counts say: those are minimal.
fn walks_its_hops(plan: &Plan, routing: &Routing) -> bool {
    let graph = plan.graph();
    let verified = verify_paths(&graph, |from, to| routing.port(from, to)).unwrap();
    let pairs = (0..plan.switches).flat_map(|from| (0..graph.destinations().len()).map(move |to| (from, to)));
    let hops = pairs.filter_map(|(from, to)| routing.hops(switch(from), destination(to)));
    verified.hops == hops.map(u64::from).sum::<u64>()
}

/// Routed again after a change: as good as anew, and the same whenever it is asked for.
fn stays_as_good(before: &Plan, after: &Plan) -> bool {
    let previous = lash(&before.graph(), LaneLimit::ALL).unwrap();
    let graph = after.graph();
    let again = lash_again(&graph, &previous, LaneLimit::ALL).unwrap();
    verified(&graph, &again).unwrap();
    let anew = lash(&graph, LaneLimit::ALL).unwrap();
    again.lanes() <= anew.lanes()
        && is_shortest(after, &again)
        && again == lash_again(&graph, &previous, LaneLimit::ALL).unwrap()
}

quickcheck! {
    fn lash_is_shortest_and_free_of_deadlock(plan: Plan) -> bool {
        let routing = lash(&plan.graph(), LaneLimit::ALL).unwrap();
        let verified = verified(&plan.graph(), &routing).unwrap();
        verified.lanes <= routing.lanes() && is_shortest(&plan, &routing) && walks_its_hops(&plan, &routing)
    }

    fn min_hop_is_shortest(plan: Plan) -> bool {
        let routing = min_hop(&plan.graph()).unwrap();
        routing.lanes() == 1 && is_shortest(&plan, &routing) && walks_its_hops(&plan, &routing)
    }

    fn up_down_is_free_of_deadlock_on_one_lane(plan: Plan) -> bool {
        let routing = up_down(&plan.graph(), &[]).unwrap();
        verified(&plan.graph(), &routing).unwrap();
        walks_its_hops(&plan, &routing)
    }

    /// Any roots: free of deadlock, or the pair that has no path is named.
    fn up_down_from_any_roots(plan: Plan, roots: Vec<usize>) -> TestResult {
        let roots: Vec<_> = roots.into_iter().map(|root| switch(root % plan.switches)).collect();
        match up_down(&plan.graph(), &roots) {
            Ok(routing) => {
                let verified = verified(&plan.graph(), &routing).unwrap();
                TestResult::from_bool(verified.lanes == 1 && walks_its_hops(&plan, &routing))
            }
            Err(RoutingError::RootsApart { from, to }) => {
                TestResult::from_bool(roots.len() > 1 && plan.hops()[from.get()][to.get()].is_some())
            }
            Err(_) => TestResult::failed(),
        }
    }

    fn both_directions_have_one_lane(plan: Plan) -> bool {
        let routing = lash(&plan.graph(), LaneLimit::ALL).unwrap();
        let all = || (0..plan.switches).map(switch);
        all().all(|one| all().all(|other| routing.lane(one, other) == routing.lane(other, one)))
    }

    /// A link fails or comes back.
    fn again_is_as_good_as_anew(plan: Plan, change: usize) -> bool {
        let mut changed = plan.clone();
        if !plan.links.is_empty() {
            changed.links.remove(change % plan.links.len());
        }
        stays_as_good(&plan, &changed) && stays_as_good(&changed, &plan)
    }

    /// Whatever the routing was of.
    fn again_after_another_graph(plan: Plan, other: Plan) -> bool {
        let previous = up_down(&other.graph(), &[]).unwrap();
        let graph = plan.graph();
        let again = lash_again(&graph, &previous, LaneLimit::ALL).unwrap();
        verified(&graph, &again).is_ok() && is_shortest(&plan, &again)
    }

    fn nothing_changes_when_nothing_changed(plan: Plan) -> bool {
        let graph = plan.graph();
        let routing = lash(&graph, LaneLimit::ALL).unwrap();
        lash_again(&graph, &routing, LaneLimit::ALL) == Ok(routing)
    }
}

/// Lanes found, so that a change for the worse shows. OpenSM 3.3.23 needs 1, 3, 2, 5, 8 and 4.
#[test]
fn lanes_of_meshes_rings_and_tori() {
    let lanes =
        |columns, rows, wraps| lash(&grid(columns, rows, wraps).graph(), LaneLimit::ALL).unwrap().lanes();
    assert_eq!(lanes(3, 2, false), 1);
    assert_eq!(lanes(6, 1, true), 2);
    assert_eq!(lanes(7, 1, true), 2);
    assert!(lanes(6, 6, true) <= 3);
    assert!(lanes(8, 8, true) <= 4);
    assert!(lanes(15, 15, true) <= 4);
    assert_eq!(lanes(8, 8, false), 1);
}

/// Over the roots, all paths of end ports are as short as they can be.
#[test]
fn a_fat_tree_needs_one_lane() {
    let plan = fat_tree(4);
    let graph = plan.graph();
    let lash = lash(&graph, LaneLimit::new(1).unwrap()).unwrap();
    let [min_hop, up_down] = [min_hop(&graph), up_down(&graph, &[])].map(Result::unwrap);
    let verified = [&lash, &min_hop, &up_down].map(|routing| verified(&graph, routing).unwrap());
    assert!(verified.iter().all(|verified| verified.lanes == 1), "{verified:?}");
    let leaves = 4 * 8;
    for (number, _) in graph.destinations().iter().enumerate() {
        let hops = |routing: &Routing, leaf| routing.hops(switch(leaf), destination(number));
        assert!((0..leaves).all(|leaf| hops(&up_down, leaf) == hops(&min_hop, leaf)));
    }
}

/// Every end port sends to every other: each channel upwards carries the same.
#[test]
fn a_fat_tree_is_loaded_evenly() {
    let k = 4;
    let plan = fat_tree(k);
    let graph = plan.graph();
    for routing in [min_hop(&graph).unwrap(), up_down(&graph, &[]).unwrap()] {
        let leaves = 2 * k * k;
        let mut load = std::collections::BTreeMap::new();
        for from in 0..leaves {
            for (number, end) in graph.destinations().iter().enumerate() {
                let mut at = switch(from);
                while end.port != 0 && at != end.switch {
                    let port = routing.port(at, destination(number)).unwrap();
                    let channel = lash::SwitchPort { switch: at, port };
                    *load.entry(channel).or_insert(0) += 1;
                    at = graph.peer(channel).unwrap().switch;
                }
            }
        }
        // From a leaf a quarter of the ends of 31 others, and from each of 31 leaves to an end; over the top a sixteenth of the
        // ends of 28 leaves for 4 leaves, and from each of 28 leaves to an end.
        let loads: std::collections::BTreeSet<_> = load.values().copied().collect();
        assert_eq!(loads, [28, 31].into());
    }
}

/// Two switches without end ports are each at the top, and no path between end ports of a line turns only once: one root it is.
#[test]
fn where_the_top_level_does_not_reach_all_one_root_does() {
    let plan = Plan { ends: vec![0, 1, 0, 1], ..grid(4, 1, false) };
    let graph = plan.graph();
    assert!(matches!(up_down(&graph, &[switch(0), switch(2)]), Err(RoutingError::RootsApart { .. })));
    verified(&graph, &up_down(&graph, &[]).unwrap()).unwrap();
}

#[test]
fn what_cannot_be_routed_is_named() {
    let line = Plan::new(300, (1..300).map(|switch| (switch - 1, switch)).collect()).graph();
    for routing in [lash(&line, LaneLimit::ALL), min_hop(&line), up_down(&line, &[])] {
        assert!(matches!(routing, Err(RoutingError::TooFar { limit: 254, .. })), "{routing:?}");
    }
    let ring = grid(6, 1, true).graph();
    assert_eq!(up_down(&ring, &[switch(6)]), Err(RoutingError::NoSuchRoot { root: switch(6) }));
    assert_eq!(LaneLimit::new(0), None);
    assert_eq!(LaneLimit::new(16), None);
}

#[test]
fn nothing_is_routed_too() {
    let empty = Plan::new(0, vec![]).graph();
    for routing in [lash(&empty, LaneLimit::ALL), min_hop(&empty), up_down(&empty, &[])] {
        let routing = routing.unwrap();
        assert_eq!((routing.lanes(), routing.port(switch(0), destination(0))), (1, None));
    }
}
