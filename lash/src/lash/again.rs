//! Routing again after a change.

use alloc::vec::Vec;

use super::packing::Packing;
use super::search::Found;
use super::trees::{Step, Trees};
use super::{LaneLimit, Problem};
use crate::channels::Channels;
use crate::distances::{Distances, UNREACHABLE};
use crate::order::Dependencies;
use crate::routing::NO_CHOICE;
use crate::{Graph, Routing, RoutingError};

/// Route as [`lash`](super::lash()) does, and leave as much as can be of a routing from before: paths that are still there and
/// still shortest, and the lanes of those, so that few forwarding entries and few service levels change.
///
/// A switch's number has to mean the same switch in both graphs: one that is gone stays, without links, and new ones
/// come last. Where it does not, the result is valid all the same, but more changes. It never has more lanes than
/// [`lash`](super::lash()) finds: where keeping would cost a lane, nothing is kept.
///
/// # Errors
/// As of [`lash`](super::lash()).
pub fn lash_again(graph: &Graph, previous: &Routing, limit: LaneLimit) -> Result<Routing, RoutingError> {
    let channels = Channels::new(graph);
    let distances = Distances::new(&channels)?;
    let dependencies = Dependencies::new(&channels);
    let problem = Problem::new(graph, &distances, &dependencies);
    let kept = problem.keep(previous);
    if kept.lanes != Some(1) {
        let anew = problem.search(limit);
        if anew.is_better_than(&kept) {
            return problem.routing(anew, limit, |_, _| None);
        }
    }
    problem.routing(kept, limit, |one, other| previous.known_lane(one, other))
}

impl Problem<'_> {
    /// The paths from before with the lanes from before; others where they fit best.
    fn keep(&self, previous: &Routing) -> Found {
        let channels = self.dependencies.channels();
        let is_kept = |Step { destination, switch, channel }: Step| {
            let port = previous.first_port(switch, destination);
            port.is_some_and(|port| channels.ports(channel).contains(&port))
        };
        // Best is a step from before, and of these one with nothing but such steps behind it.
        let trees = Trees::choose(channels, self.distances, |step, behind| {
            let kept = is_kept(step);
            (kept, kept && behind.is_none_or(|(_, (_, whole))| whole))
        });
        let is_whole = |[one, other]: [usize; 2]| {
            [(one, other), (other, one)].iter().all(|&(source, destination)| {
                let mut switch = source;
                while switch != destination {
                    let channel = channels.of(switch).start + trees.place(switch, destination);
                    if !is_kept(Step { destination, switch, channel }) {
                        return false;
                    }
                    switch = channels.head(channel);
                }
                true
            })
        };
        let (whole, broken): (Vec<_>, Vec<_>) = self.pairs().into_iter().partition(|&pair| is_whole(pair));
        let mut packing = Packing::new(self.dependencies, usize::from(previous.lanes));
        for pair in whole.into_iter().chain(broken) {
            let lane = previous.known_lane(pair[0], pair[1]);
            packing.place(&trees, pair, lane.map(usize::from));
        }
        self.found(trees, packing)
    }
}

impl Routing {
    /// The lane of two switches, if it has such a pair.
    fn known_lane(&self, one: usize, other: usize) -> Option<u8> {
        let pair = other * self.switches + one;
        let is_known = one < self.switches && other < self.switches && self.hops[pair] != UNREACHABLE;
        is_known.then(|| self.lane_of.get(pair).copied().unwrap_or(0))
    }

    /// The lowest port through which a switch sends to any destination at another.
    fn first_port(&self, switch: usize, destination: usize) -> Option<u8> {
        (switch < self.switches && destination < self.switches).then_some(())?;
        let choice = self.choices[destination * self.switches + switch];
        (choice != NO_CHOICE).then(|| self.port_sets.first(switch, choice))
    }
}
