//! Instructions of the routers, as callgrind counts them: no noise hides a change.
#![allow(missing_docs, unreachable_pub, unused_qualifications, reason = "the macros of gungraun")]

use core::hint::black_box;

use fabric_ha_bench::instructions_only;
use fabric_ha_bench::subnets::topology;
use gungraun::prelude::*;
use lash::{Graph, LaneLimit, Routing, lash, lash_again, up_down};
use peers::RoutedGraph;

fn graph(form: &str) -> Graph {
    RoutedGraph::new(&topology(form)).expect("it fits").graph
}

fn routed(form: &str) -> (Graph, Routing) {
    let graph = graph(form);
    let routing = lash(&graph, LaneLimit::ALL).expect("it can be routed");
    (graph, routing)
}

#[library_benchmark]
#[bench::torus(args = ("torus:15x15:hosts=4"), setup = graph)]
#[bench::irregular(args = ("random:128x8:seed=1"), setup = graph)]
fn first(graph: Graph) -> (Graph, Routing) {
    let routing = lash(black_box(&graph), LaneLimit::ALL).expect("it can be routed");
    (graph, routing)
}

#[library_benchmark]
#[bench::torus(args = ("torus:15x15:hosts=4"), setup = routed)]
fn again((graph, before): (Graph, Routing)) -> (Graph, Routing, Routing) {
    let routing = lash_again(black_box(&graph), &before, LaneLimit::ALL).expect("it can be routed");
    (graph, before, routing)
}

#[library_benchmark]
#[bench::fat_tree(args = ("fattree:18x18x4"), setup = graph)]
fn up_and_down(graph: Graph) -> (Graph, Routing) {
    let routing = up_down(black_box(&graph), &[]).expect("it can be routed");
    (graph, routing)
}

library_benchmark_group!(name = routers, benchmarks = [first, again, up_and_down]);
main!(config = instructions_only(), library_benchmark_groups = routers);
