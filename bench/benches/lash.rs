//! LASH alone: this workspace's against that of OpenSM on ibsim, of the same topology, for the first routing and after a link was
//! cut.
//!
//! OpenSM's time is that between two lines of its log: when it has begun, and when its lanes are balanced. Its forwarding
//! tables come after that and do not count; ours are done.

use core::cell::RefCell;
use core::time::Duration;
use std::fs;

use fabric_ha_bench::{interleave, time};
use lash::{Graph, LaneLimit, Routing, SwitchPort, lash, lash_again};
use peers::{Ibsim, OpenSm, PeerError, RoutedGraph, RunDir};
use topology::{Form, Topology};

const ROUNDS: usize = 5;
const FORMS: [&str; 4] = ["ring:6", "torus:6x6:hosts=4", "torus:8x8:hosts=8", "torus:15x15:hosts=4"];

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    println!("LASH alone, {ROUNDS} rounds in turn");
    for form in FORMS {
        let topology = form.parse::<Form>().expect("a form").generate().expect("a topology");
        compare(form, &topology, &|| runtime.block_on(opensm(&topology)).expect("OpenSM on ibsim"));
    }
}

fn compare(form: &str, topology: &Topology, opensm: &dyn Fn() -> Theirs) {
    let graph = RoutedGraph::new(topology).expect("it fits").graph;
    let cut = cut(topology).0;
    let after = without(&graph, cut);
    let before = lash(&graph, LaneLimit::ALL).expect("it can be routed");
    let theirs = RefCell::new(Theirs::default());
    let mut ours = || time(|| lash(&graph, LaneLimit::ALL));
    let mut first = || {
        theirs.replace(opensm());
        theirs.borrow().first
    };
    let mut ours_again = || time(|| lash_again(&after, &before, LaneLimit::ALL));
    let mut second = || theirs.borrow().again;
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

/// The end of the link that is cut, and the name of its node.
fn cut(topology: &Topology) -> (SwitchPort, &str) {
    let link = topology.switch_links().next().expect("a link between switches");
    let number = topology.switches().position(|node| node == link.a.node).expect("a switch");
    let switch = lash::SwitchIndex::new(number).expect("it fits");
    (SwitchPort { switch, port: link.a.port }, topology[link.a.node].name())
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

/// What OpenSM needed.
#[derive(Default)]
struct Theirs {
    first: Duration,
    again: Duration,
    lanes: String,
}

async fn opensm(topology: &Topology) -> Result<Theirs, PeerError> {
    let dir = RunDir::new()?;
    let mut ibsim = Ibsim::start(&topology.to_string(), &dir).await?;
    let host = topology.hosts().next().map(|host| topology[host].name()).unwrap_or_default();
    let mut opensm = OpenSm::start(&ibsim, host, "lash", &dir)?;
    opensm.wait_until_settled(1).await?;
    let path = dir.file("osm.log");
    let log = || fs::read_to_string(&path).map_err(|source| PeerError::File { path: path.clone(), source });
    let runs = runs(&log()?);
    let (end, node) = cut(topology);
    let sweeps = opensm.subnet_ups();
    ibsim.unlink(node, end.port).await?;
    opensm.wait_until_settled(sweeps + 1).await?;
    let (first, lanes) = runs.first().cloned().expect("it has routed");
    let all = self::runs(&log()?);
    let (again, _) = all.get(runs.len()).cloned().expect("it has routed again");
    Ok(Theirs { first, again, lanes })
}

/// How long each run of its LASH took, and the lanes that it says it needs.
fn runs(log: &str) -> Vec<(Duration, String)> {
    let mut runs: Vec<(Duration, Duration, String)> = Vec::new();
    for line in log.lines() {
        if line.contains("discover_network_properties: min operational vl") {
            let start = time_of(line);
            runs.push((start, start, "more".into()));
        } else if let Some(run) = runs.last_mut() {
            if line.contains("lash_core: ") {
                run.1 = time_of(line);
            }
            if let Some((_, needed)) = line.split_once("Lanes needed: ") {
                run.2 = needed.split(',').next().unwrap_or_default().into();
            }
        }
    }
    runs.into_iter().map(|(start, end, lanes)| (end.saturating_sub(start), lanes)).collect()
}

/// The time of day: `Nov 21 13:18:28 258158 [408E66C0] …`, the last number in microseconds.
fn time_of(line: &str) -> Duration {
    let mut words = line.split_whitespace().skip(2);
    let clock = words.next().unwrap_or_default().split(':').filter_map(|part| part.parse::<u64>().ok());
    let seconds = clock.fold(0, |sum, part| sum * 60 + part);
    let micros = words.next().and_then(|micros| micros.parse().ok()).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_micros(micros)
}
