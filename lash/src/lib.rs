#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

#[macro_use]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod channels;
mod distances;
mod error;
mod graph;
mod hops_order;
mod lash;
mod min_hop;
mod order;
mod roots;
mod routing;
mod spread;
mod up_down;
pub mod verify;

pub use error::{GraphError, RoutingError};
pub use graph::{
    DestinationIndex, Graph, GraphBuilder, MAX_DESTINATIONS, MAX_SWITCHES, SwitchIndex, SwitchPort,
};
pub use lash::{LaneLimit, lash, lash_again};
pub use min_hop::min_hop;
pub use routing::Routing;
pub use up_down::up_down;
