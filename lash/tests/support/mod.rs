//! Graphs for the tests, and what is known of them without this crate's own searches.

#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::VecDeque;

use lash::verify::{Fault, Verified, verify};
use lash::{DestinationIndex, Graph, GraphBuilder, Routing, SwitchIndex};
use quickcheck::{Arbitrary, Gen};

pub(crate) fn switch(number: usize) -> SwitchIndex {
    SwitchIndex::new(number).unwrap()
}

pub(crate) fn destination(number: usize) -> DestinationIndex {
    DestinationIndex::new(number).unwrap()
}

/// Switches, links as pairs of switches, and how many end ports each switch has.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) switches: usize,
    pub(crate) links: Vec<(usize, usize)>,
    pub(crate) ends: Vec<u8>,
}

impl Plan {
    /// One end port at each switch.
    pub(crate) fn new(switches: usize, links: Vec<(usize, usize)>) -> Self {
        Self { switches, links, ends: vec![1; switches] }
    }

    /// Ports are given to links in their order, then to end ports. Every switch is a destination too.
    pub(crate) fn graph(&self) -> Graph {
        let mut builder = Graph::builder();
        let switches: Vec<_> = (0..self.switches).map(|_| builder.add_switch(254).unwrap()).collect();
        let mut used = vec![0; self.switches];
        for &(one, other) in &self.links {
            used[one] += 1;
            used[other] += 1;
            builder.link((switches[one], used[one]), (switches[other], used[other])).unwrap();
        }
        self.attach(&mut builder, &switches, &used);
        builder.build()
    }

    fn attach(&self, builder: &mut GraphBuilder, switches: &[SwitchIndex], used: &[u8]) {
        for (place, &switch) in switches.iter().enumerate() {
            for end in 0..=self.ends[place] {
                builder.attach(switch, if end == 0 { 0 } else { used[place] + end }).unwrap();
            }
        }
    }

    /// Hops between all pairs, breadth first, a source at a time.
    pub(crate) fn hops(&self) -> Vec<Vec<Option<u8>>> {
        let mut neighbours = vec![Vec::new(); self.switches];
        for &(one, other) in &self.links {
            neighbours[one].push(other);
            neighbours[other].push(one);
        }
        let from = |source: usize| {
            let mut hops = vec![None; self.switches];
            hops[source] = Some(0);
            let mut queue = VecDeque::from([source]);
            while let Some(switch) = queue.pop_front() {
                for &next in &neighbours[switch] {
                    if hops[next].is_none() {
                        hops[next] = hops[switch].map(|hops| hops + 1);
                        queue.push_back(next);
                    }
                }
            }
            hops
        };
        (0..self.switches).map(from).collect()
    }
}

/// A grid of columns × rows, row by row; with the links that close each line to a ring, where it has three switches or more.
pub(crate) fn grid(columns: usize, rows: usize, wraps: bool) -> Plan {
    let mut links = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let here = row * columns + column;
            if column + 1 < columns || wraps && columns > 2 {
                links.push((here, row * columns + (column + 1) % columns));
            }
            if row + 1 < rows || wraps && rows > 2 {
                links.push((here, (row + 1) % rows * columns + column));
            }
        }
    }
    Plan::new(columns * rows, links)
}

/// A tree of three levels made of switches of 2k ports: k × k leaves and as many above them, in 2k groups; k × k at the top.
pub(crate) fn fat_tree(k: usize) -> Plan {
    let (groups, top) = (2 * k, 2 * k * 2 * k);
    let mut links = Vec::new();
    for group in 0..groups {
        for middle in 0..k {
            let above = groups * k + group * k + middle;
            links.extend((0..k).map(|leaf| (group * k + leaf, above)));
            links.extend((0..k).map(|place| (above, top + middle * k + place)));
        }
    }
    let switches = top + k * k;
    let ends = (0..switches).map(|switch| if switch < groups * k { k as u8 } else { 0 }).collect();
    Plan { switches, links, ends }
}

/// Anything: parallel links, switches without links, parts without a link between them, switches without end ports.
impl Arbitrary for Plan {
    fn arbitrary(g: &mut Gen) -> Self {
        let switches = 1 + usize::arbitrary(g) % 24;
        let count = usize::arbitrary(g) % (3 * switches);
        let any = |g: &mut Gen| usize::arbitrary(g) % switches;
        let links = (0..count).map(|_| (any(g), any(g))).filter(|(one, other)| one != other).collect();
        let ends = (0..switches).map(|_| u8::arbitrary(g) % 4).collect();
        Self { switches, links, ends }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let plan = self.clone();
        Box::new((0..self.links.len()).map(move |left_out| {
            let mut smaller = plan.clone();
            smaller.links.remove(left_out);
            smaller
        }))
    }
}

pub(crate) fn verified(graph: &Graph, routing: &Routing) -> Result<Verified, Fault> {
    verify(graph, |from, to| routing.port(from, to), |from, to| routing.lane(from, to))
}
