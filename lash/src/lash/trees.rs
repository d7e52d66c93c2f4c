//! Which of the shortest paths are taken: to each destination a tree.

use alloc::vec::Vec;

use crate::channels::Channels;
use crate::distances::Distances;
use crate::hops_order::HopsOrder;
use crate::order::Dependencies;
use crate::routing::NO_CHOICE;

/// To each switch a tree of shortest paths: by destination, then by switch, the place of the channel that is taken
/// among the switch's. Destinations are switches here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trees {
    switches: usize,
    choices: Vec<u16>,
}

impl Trees {
    /// Of the steps that lead nearer to a destination, each switch takes the one with the highest key, the first of several. Switches
    /// choose from the nearest to the farthest. `key` is given the step, and what is behind it: the place of the channel that the next
    /// switch takes, and the key of that step; nothing when the step leads to the destination.
    pub(crate) fn choose<K: Copy + Ord>(
        channels: &Channels,
        distances: &Distances,
        mut key: impl FnMut(Step, Option<(usize, K)>) -> K,
    ) -> Self {
        let switches = channels.switch_count();
        let mut choices = vec![NO_CHOICE; switches * switches];
        let mut keys: Vec<Option<K>> = vec![None; switches];
        let mut order = HopsOrder::default();
        for (destination, row) in choices.chunks_exact_mut(switches.max(1)).enumerate() {
            let hops = distances.to(destination);
            keys[destination] = None;
            for &switch in order.nearest_first(hops) {
                let switch = usize::from(switch);
                let mut best: Option<(K, usize)> = None;
                for (place, channel) in channels.of(switch).enumerate() {
                    let next = channels.head(channel);
                    if hops[next] >= hops[switch] {
                        continue;
                    }
                    let behind = keys[next].map(|key| (usize::from(row[next]), key));
                    let key = key(Step { destination, switch, channel }, behind);
                    if best.is_none_or(|(found, _)| key > found) {
                        best = Some((key, place));
                    }
                }
                if let Some((key, place)) = best {
                    row[switch] = place as u16;
                    keys[switch] = Some(key);
                }
            }
        }
        Self { switches, choices }
    }

    /// The place of the channel that leads from a switch to a destination, among the switch's.
    pub(crate) fn place(&self, switch: usize, destination: usize) -> usize {
        usize::from(self.choices[destination * self.switches + switch])
    }

    /// Add the dependencies of the path from a switch to a destination that it can reach.
    pub(crate) fn dependencies(
        &self,
        all: &Dependencies<'_>,
        source: usize,
        destination: usize,
        found: &mut Vec<u32>,
    ) {
        let channels = all.channels();
        let row = &self.choices[destination * self.switches..][..self.switches];
        let mut switch = source;
        while switch != destination {
            let channel = channels.of(switch).start + usize::from(row[switch]);
            switch = channels.head(channel);
            if switch != destination {
                found.push(all.of(channel, usize::from(row[switch])) as u32);
            }
        }
    }

    pub(crate) fn into_choices(self) -> Vec<u16> {
        self.choices
    }
}

/// A step that could be taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) destination: usize,
    pub(crate) switch: usize,
    pub(crate) channel: usize,
}
