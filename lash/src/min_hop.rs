//! Shortest paths, spread over all that there are.

use crate::channels::Channels;
use crate::distances::Distances;
use crate::spread::{Ways, spread};
use crate::{Graph, Routing, RoutingError};

/// Shortest paths from every switch to every destination, on one lane. Where several ports lead on a shortest path,
/// destinations are spread over them, parallel links included.
///
/// It is for topologies in which shortest paths cannot deadlock, such as trees; [`verify`](crate::verify::verify) tells.
/// Destinations that cannot be reached have no port. The time grows as switches times links.
///
/// # Errors
/// When two switches are more than 254 hops apart.
pub fn min_hop(graph: &Graph) -> Result<Routing, RoutingError> {
    let channels = Channels::new(graph);
    let ways = Shortest { distances: Distances::new(&channels)?, destination: 0 };
    spread(graph, &channels, ways)
}

struct Shortest {
    distances: Distances,
    destination: usize,
}

impl Ways for Shortest {
    fn turn_to(&mut self, destination: usize) -> Result<(), RoutingError> {
        self.destination = destination;
        Ok(())
    }

    fn hops(&self) -> &[u8] {
        self.distances.to(self.destination)
    }

    fn leads(&self, switch: usize, neighbour: usize) -> bool {
        self.hops()[neighbour] < self.hops()[switch]
    }
}
