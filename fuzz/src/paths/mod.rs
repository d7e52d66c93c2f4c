//! The two tables of path states, barriers and supervisory messages, on lanes that lose and delay.

mod body;
mod message;
mod mutant;
mod numbers;
pub mod rule;
mod setting;
mod world;

pub use body::barrier;
pub use mutant::Mutant;
pub use setting::{Disturbances, STORM, Setting};
pub use world::{Direction, PathsWorld, Place, Step};
