//! The search for paths that need few lanes.

use alloc::vec::Vec;

use super::packing::Packing;
use super::trees::{Step, Trees};
use super::{LaneLimit, Problem};
use crate::distances::UNREACHABLE;

/// Paths are chosen anew this often at most.
const ROUNDS: usize = 8;
/// And this often after the last time that it spared a lane.
const PATIENCE: usize = 3;
/// And not when so many channels were looked at, which takes a second or so: then time counts more than a lane to spare.
const EFFORT: u64 = 20_000_000;

/// Paths and the lanes that they fit.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) trees: Trees,
    /// Of each dependency, the lanes that have it, a bit each.
    pub(super) masks: Vec<u32>,
    /// How many lanes; nothing when there were too many to count.
    pub(super) lanes: Option<usize>,
    /// Channels that were looked at to find out.
    effort: u64,
}

impl Found {
    /// Whether it needs fewer lanes than the other.
    pub(super) fn is_better_than(&self, other: &Self) -> bool {
        self.lanes.unwrap_or(usize::MAX) < other.lanes.unwrap_or(usize::MAX)
    }
}

impl Problem<'_> {
    /// The best of several attempts; attempts beyond what is worth it only while it does not keep to the limit.
    pub(super) fn search(&self, limit: LaneLimit) -> Found {
        let channels = self.dependencies.channels();
        // The first channel that leads nearer: on grids this is one direction after the other.
        let first = Trees::choose(channels, self.distances, |_, _| ());
        let mut pairs = self.pairs();
        let mut last = self.pack(first, &pairs);
        let mut best = last.clone();
        let mut spared = 0;
        let mut effort = last.effort;
        for round in 1..=ROUNDS {
            let is_done = best.lanes == Some(1) || round > spared + PATIENCE;
            let keeps = best.lanes.is_some_and(|lanes| lanes <= usize::from(limit.get()));
            if is_done || effort > EFFORT && keeps {
                break;
            }
            if round == 1 {
                pairs.sort_by_key(|&[one, other]| self.distances.to(one)[other]);
            }
            last = self.pack(self.fit(&last.masks), &pairs);
            effort += last.effort;
            if last.is_better_than(&best) {
                best = last.clone();
                spared = round;
            }
        }
        best
    }

    /// All pairs of two switches with destinations that can reach each other, and of which one has end ports.
    pub(super) fn pairs(&self) -> Vec<[usize; 2]> {
        let has_ends = &self.has_end_ports;
        let ends = || (0..has_ends.len()).filter(|&switch| self.has_destinations[switch]);
        let pairs =
            ends().flat_map(|one| ends().filter(move |&other| one < other).map(move |other| [one, other]));
        let pairs = pairs.filter(|&[one, other]| has_ends[one] || has_ends[other]);
        pairs.filter(|&[one, other]| self.distances.to(one)[other] != UNREACHABLE).collect()
    }

    /// Pack pairs into lanes in their order.
    fn pack(&self, trees: Trees, pairs: &[[usize; 2]]) -> Found {
        let mut packing = Packing::new(self.dependencies, 0);
        for &pair in pairs {
            packing.place(&trees, pair, None);
        }
        self.found(trees, packing)
    }

    pub(super) fn found(&self, trees: Trees, packing: Packing<'_>) -> Found {
        Found { trees, masks: packing.masks(), lanes: packing.lanes(), effort: packing.effort() }
    }

    /// Paths that fit lanes as they are: best the first lane, else the second, and so on.
    fn fit(&self, masks: &[u32]) -> Trees {
        Trees::choose(self.dependencies.channels(), self.distances, |Step { channel, .. }, behind| {
            match behind {
                None => u32::MAX,
                // The bit of the first lane counts most.
                Some((place, fitting)) => {
                    fitting & masks[self.dependencies.of(channel, place)].reverse_bits()
                }
            }
        })
    }
}
