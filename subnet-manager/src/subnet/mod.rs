//! What a manager knows of its subnet.
//!
//! A [`Subnet`] is made of plain values: discovery fills one in, and so can a test. Its nodes have a [`NodeIndex`] as long
//! as they are in it; what outlives a sweep goes by GUID.

mod error;
mod node;
mod partitions;
mod path;
mod port;
mod rate;
mod switch;
mod tables;
#[cfg(test)]
mod tables_test;

pub use error::SubnetError;
pub use node::{Node, NodeIndex};
pub use partitions::{Membership, Partition, Partitions};
pub use path::PathProperties;
pub use port::{EndPort, Port};
pub use rate::rate;
pub use switch::{Switch, sl_to_vl};
pub use tables::{KnownManager, Subnet};
