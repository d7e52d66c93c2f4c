//! Paths that go up first and then down.

use alloc::vec::Vec;

use crate::channels::Channels;
use crate::distances::{Distances, LONGEST, UNREACHABLE};
use crate::roots::{Choice, completed, ranks};
use crate::spread::{Ways, spread};
use crate::{Graph, Routing, RoutingError, SwitchIndex};

/// Paths that go up, towards roots, and then down: they cannot deadlock on one lane. Where several ports lead on such a path,
/// destinations are spread over them.
///
/// A switch is above another when it is nearer to a root, or as near and has the lower index. Where a way down leads to
/// a destination it is taken, even if one up and then down would be shorter. Parts of the graph without a root in
/// `roots` get roots of the crate's choice: in a fat tree, whose switches without end ports lie in levels above those that have
/// some, all switches of the top level, if all end ports have paths so; elsewhere one switch in the middle.
///
/// With several roots there may be no such path between two switches without end ports, as from one root to another.
/// Between these any path is taken: nothing but subnet management goes there, which has a lane of its own and waits for no buffer.
///
/// # Errors
/// When a root does not exist, when a switch with end ports has no such path to another switch (which needs several
/// roots), or when a path has more than 254 hops.
pub fn up_down(graph: &Graph, roots: &[SwitchIndex]) -> Result<Routing, RoutingError> {
    if let Some(&root) = roots.iter().find(|root| root.get() >= graph.switch_count()) {
        return Err(RoutingError::NoSuchRoot { root });
    }
    let channels = Channels::new(graph);
    let distances = Distances::new(&channels)?;
    let from_roots = |choice| {
        let roots = completed(graph, &channels, &distances, roots, choice);
        spread(graph, &channels, UpDown::new(graph, &channels, &distances, &ranks(&channels, &roots)))
    };
    // A single root always has paths for all.
    match from_roots(Choice::TopLevel) {
        Err(RoutingError::RootsApart { .. }) => from_roots(Choice::Centre),
        routed => routed,
    }
}

/// The kind of a switch's way to the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    None,
    /// Down.
    Down,
    /// Up, and then perhaps down.
    Up,
    /// Neither.
    Other,
}

struct UpDown<'c> {
    channels: &'c Channels,
    distances: &'c Distances,
    /// All switches, the highest first.
    descending: Vec<u16>,
    /// Of each switch, its place in that order.
    depth: Vec<u16>,
    has_end_ports: Vec<bool>,
    hops: Vec<u8>,
    ways: Vec<Way>,
    /// Of each switch whose way is neither up nor down: the neighbour over which it goes.
    over: Vec<u16>,
    queue: Vec<u16>,
}

impl<'c> UpDown<'c> {
    fn new(graph: &Graph, channels: &'c Channels, distances: &'c Distances, ranks: &[u32]) -> Self {
        let switches = channels.switch_count();
        let mut descending: Vec<u16> = (0..switches).map(|switch| switch as u16).collect();
        descending.sort_by_key(|&switch| ranks[usize::from(switch)]);
        let mut depth = vec![0; switches];
        for (place, &switch) in descending.iter().enumerate() {
            depth[usize::from(switch)] = place as u16;
        }
        Self {
            channels,
            distances,
            descending,
            depth,
            has_end_ports: graph.have_end_ports(),
            hops: vec![UNREACHABLE; switches],
            ways: vec![Way::None; switches],
            over: vec![0; switches],
            queue: Vec::new(),
        }
    }

    fn is_above(&self, one: usize, other: usize) -> bool {
        self.depth[one] < self.depth[other]
    }

    /// The ways down, by breadth first from the destination upwards.
    fn descend(&mut self, destination: usize) {
        self.hops[destination] = 0;
        self.ways[destination] = Way::Down;
        self.queue.clear();
        self.queue.push(destination as u16);
        let mut read = 0;
        while let Some(&switch) = self.queue.get(read) {
            read += 1;
            let switch = usize::from(switch);
            for &higher in self.channels.neighbours(switch) {
                let place = usize::from(higher);
                if self.is_above(place, switch) && self.ways[place] == Way::None {
                    self.ways[place] = Way::Down;
                    self.hops[place] = self.hops[switch].saturating_add(1);
                    self.queue.push(higher);
                }
            }
        }
    }

    /// The ways up of all that have no way down, from the highest downwards.
    fn ascend(&mut self) {
        for place in 0..self.descending.len() {
            let switch = usize::from(self.descending[place]);
            if self.ways[switch] == Way::None {
                let depth = self.depth[switch];
                self.find(switch, Way::Up, |of_neighbour| of_neighbour < depth);
            }
        }
    }

    /// Some way for all that have neither.
    fn reach_the_rest(&mut self, destination: usize) -> Result<(), RoutingError> {
        let is_left = |ways: &[Way], distances: &Distances, switch: usize| {
            ways[switch] == Way::None && distances.to(destination)[switch] != UNREACHABLE
        };
        let mut left: Vec<usize> =
            (0..self.ways.len()).filter(|&switch| is_left(&self.ways, self.distances, switch)).collect();
        let needs_way = |&&switch: &&usize| self.has_end_ports[switch] || self.has_end_ports[destination];
        if let Some(&from) = left.iter().find(needs_way) {
            let [from, to] = [from, destination].map(|switch| SwitchIndex(switch as u16));
            return Err(RoutingError::RootsApart { from, to });
        }
        while !left.is_empty() {
            left.retain(|&switch| {
                self.find(switch, Way::Other, |_| true);
                self.ways[switch] == Way::None
            });
        }
        Ok(())
    }

    /// Give a switch a way over the neighbours that have ways and are at a depth that `counts` allows, if there are any.
    fn find(&mut self, switch: usize, way: Way, counts: impl Fn(u16) -> bool) {
        let neighbours = self.channels.neighbours(switch).iter().map(|&neighbour| usize::from(neighbour));
        let known = neighbours.filter(|&place| self.ways[place] != Way::None && counts(self.depth[place]));
        if let Some(nearest) = known.min_by_key(|&neighbour| self.hops[neighbour]) {
            self.hops[switch] = self.hops[nearest].saturating_add(1);
            self.ways[switch] = way;
            self.over[switch] = nearest as u16;
        }
    }
}

impl Ways for UpDown<'_> {
    fn turn_to(&mut self, destination: usize) -> Result<(), RoutingError> {
        self.hops.fill(UNREACHABLE);
        self.ways.fill(Way::None);
        self.descend(destination);
        self.ascend();
        self.reach_the_rest(destination)?;
        let too_far = |switch: usize| self.ways[switch] != Way::None && self.hops[switch] > LONGEST;
        match (0..self.ways.len()).find(|&switch| too_far(switch)) {
            None => Ok(()),
            Some(from) => {
                let [from, to] = [from, destination].map(|switch| SwitchIndex(switch as u16));
                Err(RoutingError::TooFar { from, to, limit: LONGEST })
            }
        }
    }

    fn hops(&self) -> &[u8] {
        &self.hops
    }

    fn leads(&self, switch: usize, neighbour: usize) -> bool {
        let is_nearer = self.hops[neighbour] < LONGEST && self.hops[neighbour] + 1 == self.hops[switch];
        let is_up = self.is_above(neighbour, switch);
        let way = self.ways[neighbour];
        is_nearer
            && match self.ways[switch] {
                Way::Down => !is_up && way == Way::Down,
                Way::Up => is_up && way != Way::Other,
                Way::Other => usize::from(self.over[switch]) == neighbour,
                Way::None => false,
            }
    }
}
