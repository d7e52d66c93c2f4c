//! Random regular graphs, by seed.

use sim::Random;

use super::{hosts, product, switches};
use crate::builder::{Builder, nowhere};
use crate::error::{Mistake, TopologyError};
use crate::topology::Topology;

/// How often the links are mixed. Each time, every link is drawn about twice.
const ROUNDS: usize = 8;

/// A connected graph of switches with `degree` links to others each, no two between the same pair, as in a Jellyfish (Singla,
/// Hong, Popa, Godfrey, NSDI 2012). It starts as a ring with chords, and pairs of links swap ends as long as what comes
/// out has no link twice; the last mixture that is connected is taken.
pub(crate) fn random(count: u32, degree: u32, hosts_each: u32, seed: u64) -> Result<Topology, TopologyError> {
    let count = product([count])?;
    let refuse = |fix| nowhere(Mistake::Degree { switches: count, degree, fix });
    if degree >= count.max(1) {
        return Err(refuse("each can have one link to every other one: take a smaller degree"));
    }
    if (u64::from(count) * u64::from(degree)) % 2 == 1 {
        return Err(refuse("a link has two ends: one of the two numbers has to be even"));
    }
    if count > 2 && degree < 2 {
        return Err(refuse("they fall apart: take a degree of 2 or more"));
    }
    let mut builder = Builder::default();
    let nodes = switches(&mut builder, count, degree.saturating_add(hosts_each))?;
    let mut ports = vec![0; nodes.len()];
    for (one, other) in Mixture::new(count, degree).mixed(seed) {
        let end = [one, other].map(|switch| {
            ports[switch as usize] += 1;
            (nodes[switch as usize], ports[switch as usize])
        });
        builder.link(end[0], end[1])?;
    }
    hosts(&mut builder, &nodes, degree + 1, hosts_each)?;
    builder.build()
}

/// A simple graph whose links are mixed.
#[derive(Clone)]
struct Mixture {
    links: Vec<(u32, u32)>,
    neighbours: Vec<Vec<u32>>,
}

impl Mixture {
    /// Each switch is linked with the nearest ones in a ring, and with the opposite one when the degree is odd.
    fn new(count: u32, degree: u32) -> Self {
        let mut mixture = Self { links: Vec::new(), neighbours: vec![Vec::new(); count as usize] };
        for switch in 0..count {
            for distance in 1..=degree / 2 {
                mixture.add(switch, (switch + distance) % count);
            }
            if degree % 2 == 1 && switch < count / 2 {
                mixture.add(switch, switch + count / 2);
            }
        }
        mixture
    }

    fn add(&mut self, one: u32, other: u32) {
        self.links.push((one, other));
        self.neighbours[one as usize].push(other);
        self.neighbours[other as usize].push(one);
    }

    fn mixed(mut self, seed: u64) -> Vec<(u32, u32)> {
        let mut random = Random::new(seed);
        let mut last = self.links.clone();
        for _ in 0..ROUNDS {
            for _ in 0..self.links.len() {
                self.swap(&mut random);
            }
            if self.is_connected() {
                last.clone_from(&self.links);
            }
        }
        last.sort_unstable();
        last
    }

    /// Two links A-B and C-D become A-C and B-D, unless that makes a loop or doubles a link.
    fn swap(&mut self, random: &mut Random) {
        let [first, second] = [0; 2].map(|_| random.below(self.links.len()));
        let ((a, b), (c, d)) = (self.links[first], self.links[second]);
        // Either end may come first.
        let (c, d) = if random.below(2) == 0 { (c, d) } else { (d, c) };
        let linked = |one: u32, other: u32| one == other || self.neighbours[one as usize].contains(&other);
        if first == second || linked(a, c) || linked(b, d) {
            return;
        }
        for (one, from, to) in [(a, b, c), (b, a, d), (c, d, a), (d, c, b)] {
            if let Some(place) = self.neighbours[one as usize].iter_mut().find(|peer| **peer == from) {
                *place = to;
            }
        }
        self.links[first] = (a.min(c), a.max(c));
        self.links[second] = (b.min(d), b.max(d));
    }

    fn is_connected(&self) -> bool {
        let mut seen = vec![false; self.neighbours.len()];
        let mut waiting = Vec::from_iter((!seen.is_empty()).then_some(0_u32));
        let mut found = 0;
        while let Some(switch) = waiting.pop() {
            if !core::mem::replace(&mut seen[switch as usize], true) {
                found += 1;
                waiting.extend(&self.neighbours[switch as usize]);
            }
        }
        found == seen.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_has_its_degree_and_no_link_is_double() {
        for (count, degree) in [(1, 0), (2, 1), (6, 5), (10, 3), (17, 4), (200, 8), (9, 2)] {
            for seed in 0..4 {
                let topology = random(count, degree, 2, seed).unwrap();
                for switch in topology.switches() {
                    let mut peers: Vec<_> = topology.links_of(switch).map(|link| link.b.node).collect();
                    assert_eq!(peers.len(), degree as usize + 2);
                    peers.sort();
                    peers.dedup();
                    assert_eq!(peers.len(), degree as usize + 2);
                }
            }
        }
    }

    #[test]
    fn it_is_connected_and_follows_from_its_seed() {
        let one = random(50, 3, 1, 7).unwrap();
        assert_eq!(random(50, 3, 1, 7).unwrap(), one);
        assert_ne!(random(50, 3, 1, 8).unwrap(), one);
        for seed in 0..20 {
            let mut mixture = Mixture::new(30, 2);
            let links = mixture.clone().mixed(seed);
            mixture.neighbours.iter_mut().for_each(Vec::clear);
            for (one, other) in links {
                mixture.add(one, other);
            }
            assert!(mixture.is_connected());
        }
    }

    #[test]
    fn what_no_graph_has_is_refused_with_the_fix() {
        for (count, degree, part) in
            [(4, 4, "smaller degree"), (5, 3, "has to be even"), (4, 1, "fall apart"), (4, 0, "fall apart")]
        {
            let message = random(count, degree, 1, 0).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
        assert_eq!(random(0, 0, 1, 0).unwrap().nodes().count(), 0);
        assert!(random(60_000, 4, 0, 0).is_err());
    }
}
