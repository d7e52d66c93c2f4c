//! Which pairs of switches share a lane.

use alloc::vec::Vec;

use super::trees::Trees;
use crate::order::{Acyclic, Dependencies};

/// More lanes than this are not told apart: a bit each.
pub(crate) const MOST_LANES: usize = 32;

/// Lanes, each with a set of dependencies without a cycle.
pub(crate) struct Packing<'d> {
    dependencies: &'d Dependencies<'d>,
    lanes: Vec<Acyclic>,
    /// One more than the highest lane that has a pair.
    used: usize,
    /// Pairs for which there was no room in any lane.
    left_out: usize,
    wanted: Vec<u32>,
}

impl<'d> Packing<'d> {
    /// So many lanes, all empty.
    pub(crate) fn new(dependencies: &'d Dependencies<'d>, lanes: usize) -> Self {
        let lanes = vec![Acyclic::new(dependencies); lanes];
        Self { dependencies, lanes, used: 0, left_out: 0, wanted: Vec::new() }
    }

    /// Find room for both directions between two switches: in the lane preferred, else in the first with room, else in a new
    /// one.
    pub(crate) fn place(&mut self, trees: &Trees, [one, other]: [usize; 2], preferred: Option<usize>) {
        self.wanted.clear();
        trees.dependencies(self.dependencies, one, other, &mut self.wanted);
        trees.dependencies(self.dependencies, other, one, &mut self.wanted);
        let first = preferred.filter(|&lane| lane < self.lanes.len());
        for lane in first.into_iter().chain(0..self.lanes.len()) {
            if self.lanes[lane].insert_all(self.dependencies, &self.wanted) {
                self.used = self.used.max(lane + 1);
                return;
            }
        }
        if self.lanes.len() < MOST_LANES {
            let mut lane = Acyclic::new(self.dependencies);
            lane.insert_all(self.dependencies, &self.wanted);
            self.lanes.push(lane);
            self.used = self.lanes.len();
        } else {
            self.left_out += 1;
        }
    }

    /// How many lanes have pairs; nothing when there were not enough.
    pub(crate) fn lanes(&self) -> Option<usize> {
        (self.left_out == 0).then(|| self.used.max(1))
    }

    /// How many channels searches have looked at.
    pub(crate) fn effort(&self) -> u64 {
        self.lanes.iter().map(Acyclic::effort).sum()
    }

    /// Of each dependency, which lanes with pairs have it or have room for it: a bit each, lane 0 the lowest.
    pub(crate) fn masks(&self) -> Vec<u32> {
        let mask = |dependency| {
            let lanes = self.lanes[..self.used].iter().enumerate();
            lanes.fold(0, |mask, (lane, set)| {
                mask | u32::from(set.admits(self.dependencies, dependency)) << lane
            })
        };
        (0..self.dependencies.count()).map(mask).collect()
    }
}
