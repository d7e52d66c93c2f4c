//! LASH alone: this workspace's against that of OpenSM on ibsim, of the same topology, for the first routing and after a link was
//! cut.
//!
//! OpenSM's time is that between two lines of its log: when it has begun, and when its lanes are balanced. Its forwarding
//! tables come after that and do not count; ours are done.

use core::cell::RefCell;

use fabric_ha_bench::on_ibsim::{OpenSmTimes, opensm};
use fabric_ha_bench::subnets::{FORMS, link_to_cut, topology};
use fabric_ha_bench::{interleave, time};
use lash::{Graph, LaneLimit, Routing, SwitchPort, lash, lash_again};
use peers::RoutedGraph;
use topology::Topology;

const ROUNDS: usize = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    println!("LASH alone, {ROUNDS} rounds in turn");
    for form in FORMS {
        let topology = topology(form);
        compare(form, &topology, &|| runtime.block_on(opensm(&topology)).expect("OpenSM on ibsim"));
    }
}

fn compare(form: &str, topology: &Topology, opensm: &dyn Fn() -> OpenSmTimes) {
    let graph = RoutedGraph::new(topology).expect("it fits").graph;
    let cut = cut(topology);
    let after = without(&graph, cut);
    let before = lash(&graph, LaneLimit::ALL).expect("it can be routed");
    let theirs = RefCell::new(OpenSmTimes::default());
    let mut ours = || time(|| lash(&graph, LaneLimit::ALL));
    let mut first = || {
        theirs.replace(opensm());
        theirs.borrow().lash.up
    };
    let mut ours_again = || time(|| lash_again(&after, &before, LaneLimit::ALL));
    let mut second = || theirs.borrow().lash.reroute;
    let rounds = interleave(
        ROUNDS,
        &mut [
            ("lash", &mut ours),
            ("OpenSM", &mut first),
            ("lash_again, after a cut", &mut ours_again),
            ("OpenSM, after a cut", &mut second),
        ],
    );
    let again = lash_again(&after, &before, LaneLimit::ALL).expect("it can be routed");
    let anew = lash(&after, LaneLimit::ALL).expect("it can be routed");
    println!("{form}: {} switches", graph.switch_count());
    rounds.print("ms", |seconds| seconds * 1e3);
    println!("  times faster                       {} (target: 10)", rounds.times_faster(0, 1));
    println!("  times faster, after a cut          {}", rounds.times_faster(2, 3));
    println!(
        "  lanes: {}, OpenSM {}; after the cut {}",
        before.lanes(),
        theirs.borrow().lanes,
        again.lanes()
    );
    for (name, routing) in [("lash_again", &again), ("lash anew", &anew)] {
        let (pairs, entries) = changes(&graph, &before, routing);
        println!("  {name} after the cut changes {pairs} pairs' lanes and {entries} forwarding entries");
    }
}

/// The end of the link that is cut.
fn cut(topology: &Topology) -> SwitchPort {
    let end = link_to_cut(topology);
    let number = topology.switches().position(|node| node == end.node).expect("a switch");
    SwitchPort { switch: lash::SwitchIndex::new(number).expect("it fits"), port: end.port }
}

fn without(graph: &Graph, cut: SwitchPort) -> Graph {
    let mut builder = Graph::builder();
    for switch in graph.switches() {
        builder.add_switch(graph.port_count(switch)).expect("it fitted before");
    }
    for switch in graph.switches() {
        for &(port, peer) in graph.links(switch) {
            let end = SwitchPort { switch, port };
            if end < peer && end != cut && peer != cut {
                builder.link((switch, port), (peer.switch, peer.port)).expect("it fitted before");
            }
        }
    }
    for end in graph.destinations() {
        builder.attach(end.switch, end.port).expect("it fitted before");
    }
    builder.build()
}

/// How many pairs of switches have another lane, and how many forwarding entries another port.
fn changes(graph: &Graph, before: &Routing, after: &Routing) -> (usize, usize) {
    let pairs = graph.switches().flat_map(|one| graph.switches().map(move |other| (one, other)));
    let pairs = pairs.filter(|&(one, other)| before.lane(one, other) != after.lane(one, other)).count();
    let rows = graph.switches().flat_map(|switch| before.ports(switch).zip(after.ports(switch)));
    (pairs, rows.filter(|(before, after)| before != after).count())
}
