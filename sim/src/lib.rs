#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

extern crate alloc;

mod counterexample;
#[cfg(feature = "explore")]
mod explore;
mod link;
mod random;
mod run;
mod walk;
mod world;

pub use counterexample::{Chooser, Counterexample, replay};
#[cfg(feature = "explore")]
pub use explore::{ExploreError, Explored, explore};
pub use link::{Faults, Link, LinkStep};
pub use random::Random;
pub use run::drain;
pub use walk::{Walk, walk_bytes, walk_seeded};
pub use world::{Violation, Witness, Witnessed, World};
