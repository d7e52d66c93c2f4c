//! LASH: shortest paths, and lanes that have no cycle.

mod again;
mod lanes;
mod packing;
mod search;
mod trees;

use alloc::vec::Vec;

pub use again::lash_again;
pub use lanes::LaneLimit;

use crate::channels::Channels;
use crate::distances::Distances;
use crate::order::Dependencies;
use crate::routing::PortSets;
use crate::{Graph, Routing, RoutingError};
use lanes::Assignment;
use search::Found;

/// Shortest paths from every switch to every destination, and for each pair of switches a lane, so that no lane has a cycle of
/// channels that wait for each other: T. Skeie, O. Lysne and I. Theiss, "Layered shortest path (LASH) routing in
/// irregular system area networks", 2002.
///
/// Any topology can be routed so, with lanes enough. The result is the same for the same graph. Which of several
/// shortest paths is taken is found by search: lanes are packed, paths are chosen anew so that more of them fit the
/// lanes as packed, and the attempt with the fewest lanes counts. Both directions between two switches have one lane. Where a
/// pair fits several, it gets the one with the fewest pairs.
///
/// Destinations that cannot be reached have no port. Between two switches without end ports nothing but subnet management goes, which
/// has a lane of its own: such pairs need no lane, and say lane 0.
///
/// # Errors
/// When more lanes are needed than `limit` allows, or two switches are more than 254 hops apart.
pub fn lash(graph: &Graph, limit: LaneLimit) -> Result<Routing, RoutingError> {
    let channels = Channels::new(graph);
    let distances = Distances::new(&channels)?;
    let dependencies = Dependencies::new(&channels);
    let problem = Problem::new(graph, &distances, &dependencies);
    let found = problem.search(limit);
    problem.routing(found, limit, |_, _| None)
}

/// What is routed.
struct Problem<'p> {
    graph: &'p Graph,
    distances: &'p Distances,
    dependencies: &'p Dependencies<'p>,
    has_destinations: Vec<bool>,
    has_end_ports: Vec<bool>,
}

impl<'p> Problem<'p> {
    fn new(graph: &'p Graph, distances: &'p Distances, dependencies: &'p Dependencies<'p>) -> Self {
        let (has_destinations, has_end_ports) = (graph.have_destinations(), graph.have_end_ports());
        Self { graph, distances, dependencies, has_destinations, has_end_ports }
    }

    /// The routing, with lanes as `preferred` for two switches where they fit.
    fn routing(
        &self,
        found: Found,
        limit: LaneLimit,
        preferred: impl Fn(usize, usize) -> Option<u8>,
    ) -> Result<Routing, RoutingError> {
        let too_few = RoutingError::TooFewLanes { limit: limit.get() };
        let lanes = found.lanes.filter(|&lanes| lanes <= usize::from(limit.get())).ok_or(too_few)?;
        let assignment = Assignment::new(self, &found, lanes, preferred);
        let sets = PortSets::of_channels(self.dependencies.channels());
        let routing =
            Routing::new(self.graph, found.trees.into_choices(), self.distances.clone().into_hops(), sets);
        Ok(Routing { lane_of: assignment.lane_of, lanes: lanes as u8, ..routing })
    }
}
