//! Our routers beside OpenSM's: the same topologies, OpenSM on ibsim, its tables read and judged as ours are.
//!
//! `SEARCH_SCALE=n` compares lanes on 4 × n random topologies; 50 make 200.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::collections::BTreeMap;
use std::{env, fs};

use ib_mad::Lid;
use ib_mad::request::RequestLimits;
use ib_mad::sa::SaRequest;
use ib_mad::wire::{PathRecord, PathRecordQuery};
use lash::verify::{Verified, verify, verify_paths};
use lash::{DestinationIndex, LaneLimit, Routing, SwitchIndex, SwitchPort};
use peers::{Ibsim, OpenSm, OpenSmTables, RoutedGraph, RunDir};
use topology::{Form, Topology};

use support::{Fabric, Sa};

/// Lanes that ibsim's ports have.
const IBSIM_LANES: u8 = 8;

/// A fabric that OpenSM has routed.
struct Routed {
    graph: RoutedGraph,
    tables: OpenSmTables,
    /// What OpenSM's LASH says that it needs; nothing when that was too many, or another engine routed.
    lanes: Option<u8>,
    fabric: Fabric,
}

impl Routed {
    async fn by(engine: &str, topology: &Topology) -> Self {
        let dir = RunDir::new().unwrap();
        let ibsim = Ibsim::start(&topology.to_string(), &dir).await.unwrap();
        let host = topology[topology.hosts().next().unwrap()].name().to_owned();
        let mut opensm = OpenSm::start_with(&ibsim, &host, engine, &OpenSmTables::ARGUMENTS, &dir).unwrap();
        opensm.wait_until_settled(1).await.unwrap();
        let graph = RoutedGraph::new(topology).unwrap();
        let tables = OpenSmTables::read(&dir, &graph).unwrap();
        let log = fs::read_to_string(dir.file("osm.log")).unwrap();
        let needed = log.lines().filter_map(|line| line.split_once("Lanes needed: "));
        let lanes = needed.map(|(_, rest)| rest.split(',').next().unwrap().parse().unwrap()).next_back();
        Self { graph, tables, lanes, fabric: Fabric { opensm, ibsim, dir } }
    }

    fn port(&self, switch: SwitchIndex, destination: DestinationIndex) -> Option<u8> {
        self.tables.port(switch, destination)
    }

    /// Links between switches on the way by OpenSM's tables.
    fn hops(&self, from: SwitchIndex, to: DestinationIndex) -> u8 {
        let end = self.graph.graph.destination(to).unwrap();
        let (mut switch, mut hops) = (from, 0);
        while switch != end.switch {
            let port = self.port(switch, to).unwrap();
            switch = self.graph.graph.peer(SwitchPort { switch, port }).unwrap().switch;
            hops += 1;
        }
        hops
    }

    /// The service level of each pair of switches with hosts, from the path records that a host is given.
    async fn lane_of(&self) -> BTreeMap<(SwitchIndex, SwitchIndex), u8> {
        let mut sa = Sa::new(&self.fabric.ibsim, "H2", RequestLimits::default()).await;
        let end = |destination| self.graph.graph.destination(destination).unwrap();
        let hosts: Vec<_> = self.tables.lids().map(|(lid, to)| (Lid(lid), end(to))).collect();
        let hosts: Vec<_> = hosts.into_iter().filter(|(_, end)| end.port != 0).collect();
        let mut lane_of = BTreeMap::new();
        for &(source, from) in &hosts {
            for &(destination, to) in hosts.iter().filter(|(_, end)| end.switch != from.switch) {
                let query = PathRecordQuery::new().source_lid(source).destination_lid(destination);
                let answer = sa.ask(SaRequest::get(&query.number_of_paths(1))).await.unwrap();
                let record: PathRecord = answer.parse().unwrap();
                lane_of.insert((from.switch, to.switch), record.service_level.get());
            }
        }
        lane_of
    }

    fn verify_ours(&self, routing: &Routing) -> Verified {
        verify(&self.graph.graph, |from, to| routing.port(from, to), |from, to| routing.lane(from, to))
            .unwrap()
    }
}

fn topology(form: &str) -> Topology {
    form.parse::<Form>().unwrap().generate().unwrap()
}

/// Hop counts are OpenSM's for each switch and each destination; both routers' paths arrive.
#[tokio::test]
async fn min_hop_has_the_hop_counts_of_opensm() {
    for form in [
        "mesh:3x2",
        "mesh:3x3x3",
        "ring:6",
        "torus:6x6:hosts=2",
        "tree:3x3",
        "fattree:4x8:up=4",
        "dragonfly:4x2:hosts=2",
        "random:20x4:seed=7",
        "random:40x3:seed=1",
    ] {
        let routed = Routed::by("minhop", &topology(form)).await;
        let graph = &routed.graph.graph;
        let ours = lash::min_hop(graph).unwrap();
        let theirs = verify_paths(graph, |from, to| routed.port(from, to)).unwrap();
        let verified = verify_paths(graph, |from, to| ours.port(from, to)).unwrap();
        assert_eq!((verified.hops, verified.longest), (theirs.hops, theirs.longest), "{form}");
        let lash = lash::lash(graph, LaneLimit::ALL).unwrap();
        for from in graph.switches() {
            for to in (0..graph.destinations().len()).filter_map(DestinationIndex::new) {
                let hops = Some(routed.hops(from, to));
                assert_eq!((ours.hops(from, to), lash.hops(from, to)), (hops, hops), "{form}: {from}, {to}");
            }
        }
    }
}

/// On trees, both routers' up/down needs one lane and has paths of the same length from hosts to hosts.
#[tokio::test]
async fn up_down_of_both_is_free_of_deadlock() {
    for form in ["tree:2x3", "tree:3x3", "fattree:4x8:up=4"] {
        let routed = Routed::by("updn", &topology(form)).await;
        let graph = &routed.graph.graph;
        let ours = lash::up_down(graph, &[]).unwrap();
        assert_eq!(routed.verify_ours(&ours).lanes, 1, "{form}");
        // OpenSM gives top switches no routes to each other: its tables are judged without these.
        let ends = graph.destinations().iter().enumerate().filter(|(_, end)| end.port != 0);
        let ends: Vec<_> =
            ends.filter_map(|(number, &end)| Some((DestinationIndex::new(number)?, end))).collect();
        for &(to, _) in &ends {
            for &(_, source) in &ends {
                assert_eq!(ours.hops(source.switch, to), Some(routed.hops(source.switch, to)), "{form}");
            }
        }
    }
}

/// Never more lanes than OpenSM's LASH.
#[tokio::test]
async fn lash_needs_no_more_lanes_than_opensm() {
    for form in [
        "mesh:3x2",
        "mesh:5x5",
        "ring:5",
        "ring:6",
        "ring:7",
        "ring:8",
        "torus:4x4",
        "torus:5x5",
        "torus:6x6",
        "torus:7x7",
        "torus:8x8",
    ] {
        let routed = Routed::by("lash", &topology(form)).await;
        let ours = lash::lash(&routed.graph.graph, LaneLimit::ALL).unwrap();
        let theirs = routed.lanes.unwrap_or(IBSIM_LANES + 1);
        println!("{form}: {} lanes, OpenSM {theirs}", ours.lanes());
        assert!(ours.lanes() <= theirs, "{form}: {} lanes, OpenSM {theirs}", ours.lanes());
        assert_eq!(routed.verify_ours(&ours).lanes, ours.lanes());
    }
}

/// The verifier passes on OpenSM's LASH: its tables, and the service levels of its path records. With all on one lane it does
/// not, where OpenSM needs two.
#[tokio::test]
async fn lash_of_opensm_passes_the_verifier() {
    for form in ["mesh:3x2", "ring:6", "torus:5x5"] {
        let routed = Routed::by("lash", &topology(form)).await;
        let graph = &routed.graph.graph;
        let lane_of = routed.lane_of().await;
        assert_eq!(lane_of.len(), graph.switch_count() * (graph.switch_count() - 1), "{form}: a host each");
        let verified =
            verify(graph, |from, to| routed.port(from, to), |from, to| lane_of[&(from, to)]).unwrap();
        assert_eq!(Some(verified.lanes), routed.lanes, "{form}");
        let on_one = verify(graph, |from, to| routed.port(from, to), |_, _| 0);
        assert_eq!(on_one.is_err(), verified.lanes > 1, "{form}");
    }
}

/// How many lanes fewer than OpenSM's on random topologies.
#[tokio::test]
async fn lanes_on_random_topologies() {
    let scale: u64 =
        env::var("SEARCH_SCALE").map_or(1, |scale| scale.parse().expect("SEARCH_SCALE is a whole number"));
    let mut fewer = BTreeMap::new();
    let mut refused = 0;
    for seed in 1..=4 * scale {
        // 16 to 40 switches with 3 to 5 links.
        let (switches, degree) = (16 + 2 * (seed % 13), 3 + seed % 3);
        let routed = Routed::by("lash", &topology(&format!("random:{switches}x{degree}:seed={seed}"))).await;
        let ours = lash::lash(&routed.graph.graph, LaneLimit::ALL).unwrap();
        routed.verify_ours(&ours);
        match routed.lanes {
            Some(theirs) => *fewer.entry(i16::from(theirs) - i16::from(ours.lanes())).or_insert(0) += 1,
            None => refused += 1,
        }
    }
    println!("lanes fewer than OpenSM's: topologies {fewer:?}; OpenSM had too few: {refused}");
    assert_eq!(fewer.values().sum::<u64>() + refused, 4 * scale);
    assert!(fewer.keys().all(|&fewer| fewer >= 0), "more lanes than OpenSM: {fewer:?}");
}
