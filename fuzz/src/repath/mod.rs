//! A manager and its hosts: signalling of path record changes from end to end.

mod host;
mod manager;
mod mutant;
pub mod rule;
mod setting;
mod world;

pub use mutant::Mutant;
pub use setting::{Disturbances, Setting};
pub use world::{RepathWorld, Step};

/// A subnet of two hosts and one silent port, where everything goes wrong that can.
pub const STORM: Setting =
    Setting { hosts: 2, silent_ports: 1, levels: 4, verifies: true, mutant: Mutant::None };

/// Steps through a storm: each byte chooses what happens next.
pub fn repath_world(data: &[u8]) {
    let world = RepathWorld::new(STORM, Disturbances::UNLIMITED);
    if let Err(counterexample) = sim::walk_bytes(world, data) {
        panic!("{counterexample}");
    }
}
