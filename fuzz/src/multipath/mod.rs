//! A requester and a responder over paths that lose, delay, reorder, fail and return.

mod forger;
mod input;
mod memory;
mod mutant;
pub mod rule;
mod setting;
mod world;

pub use input::multipath_input;
pub use mutant::Mutant;
pub use setting::{Disturbances, Setting, Traffic, storm};
pub use world::{MultipathWorld, Step, multipath_world};
