//! What cannot be built, and what cannot be routed.

use crate::SwitchIndex;

/// A mistake in the description of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// No switch of the graph has this index.
    #[error("the graph has no {switch}: add it first")]
    NoSuchSwitch {
        /// The index.
        switch: SwitchIndex,
    },
    /// The switch does not have this port, or it is port 0, which has no link.
    #[error("{switch} has the ports 1 to {ports}, not {port}")]
    NoSuchPort {
        /// The switch.
        switch: SwitchIndex,
        /// Ports that it has.
        ports: u8,
        /// The port.
        port: u8,
    },
    /// A port would have two links, or a link and an end port.
    #[error("port {port} of {switch} is in use already: a port leads to one other port")]
    PortInUse {
        /// The switch.
        switch: SwitchIndex,
        /// The port.
        port: u8,
    },
    /// A link from a switch to itself: no route would take it.
    #[error("ports {port} and {other} of {switch} are linked with each other: leave this link out")]
    LinkedWithItself {
        /// The switch.
        switch: SwitchIndex,
        /// One of the two ports.
        port: u8,
        /// The other port.
        other: u8,
    },
    /// More switches than tables are made for.
    #[error("the graph has {limit} switches, and can have no more")]
    TooManySwitches {
        /// How many there can be.
        limit: usize,
    },
    /// More destinations than there are unicast LIDs.
    #[error("the graph has {limit} destinations, and can have no more")]
    TooManyDestinations {
        /// How many there can be.
        limit: usize,
    },
}

/// Why there is no routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RoutingError {
    /// Paths are longer than hop counts can tell. No subnet manager could have found such switches: a directed route
    /// has 63 hops at most.
    #[error("{from} is more than {limit} hops from {to}: split the subnet")]
    TooFar {
        /// One end.
        from: SwitchIndex,
        /// The other end.
        to: SwitchIndex,
        /// The longest path that there can be.
        limit: u8,
    },
    /// The paths found need more lanes.
    #[error("the paths need more than {limit} lanes: allow more, or route up/down")]
    TooFewLanes {
        /// Lanes that were allowed.
        limit: u8,
    },
    /// A root is not a switch of the graph.
    #[error("the root {root} is not in the graph")]
    NoSuchRoot {
        /// The index.
        root: SwitchIndex,
    },
    /// There are links from one switch to the other, but no path that goes up first and then down.
    #[error("from the roots given, no path from {from} to {to} goes up and then down: give one, or none")]
    RootsApart {
        /// The source.
        from: SwitchIndex,
        /// The destination's switch.
        to: SwitchIndex,
    },
}
