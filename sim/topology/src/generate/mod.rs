//! Topologies that follow from a few numbers.

mod dragonfly;
mod fat_tree;
mod grid;
mod random;

pub use grid::{mesh, torus};

pub(crate) use dragonfly::dragonfly;
pub(crate) use fat_tree::{FatTree, tree};
pub(crate) use grid::{grid, ring};
pub(crate) use random::random;

use crate::builder::{Builder, nowhere};
use crate::error::{Mistake, TopologyError};
use crate::limits::MAX_NODES;
use crate::topology::NodeIndex;

/// The product, if so many nodes can be.
fn product(numbers: impl IntoIterator<Item = u32>) -> Result<u32, TopologyError> {
    let limit = MAX_NODES as u32;
    let product = numbers.into_iter().try_fold(1_u32, |product, number| product.checked_mul(number));
    product
        .filter(|product| *product <= limit)
        .ok_or_else(|| nowhere(Mistake::TooLarge { what: "nodes", limit: MAX_NODES }))
}

/// Switches of one size, one after another.
fn switches(builder: &mut Builder, count: u32, ports: u32) -> Result<Vec<NodeIndex>, TopologyError> {
    (0..count).map(|_| builder.switch(ports)).collect()
}

/// Hosts of one port each, `count` at every switch, at its ports from `first` up.
fn hosts(builder: &mut Builder, at: &[NodeIndex], first: u32, count: u32) -> Result<(), TopologyError> {
    for &switch in at {
        for host in 0..count {
            let index = builder.host(1)?;
            builder.link((switch, first.saturating_add(host)), (index, 1))?;
        }
    }
    Ok(())
}
