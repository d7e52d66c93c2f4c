//! Two ends of a segmented transfer, and a receiver that is told anything.

mod message;
mod mutant;
mod node;
mod receiver;
pub mod rule;
mod world;

pub use mutant::Mutant;
pub use receiver::rmpp_receiver;
pub use world::{Corruption, Direction, Disturbances, RmppWorld, STORM, Setting, Step};
