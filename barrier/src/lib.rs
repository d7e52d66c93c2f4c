#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod clock;
mod config;
mod error;
mod event;
mod incarnation;
mod lane;
mod location;
mod number;
mod op;
mod path;
mod path_set;
mod prober;
#[cfg(test)]
mod prober_test;
mod requester_paths;
#[cfg(test)]
mod requester_paths_test;
mod responder_paths;
#[cfg(test)]
mod responder_paths_test;
mod serial;
mod state;
mod tell;
mod wire;

pub use config::RequesterPathsConfig;
pub use error::{BufferTooSmall, ConfigError, DecodeError, OpenError, Refused};
pub use event::PathEvent;
pub use incarnation::Incarnation;
pub use lane::Lane;
pub use location::BarrierLocations;
pub use number::{BarrierNumber, Counted, NumberSource, Random};
pub use op::{Completion, Op, OpFailed, OpId};
pub use path::{Path, Port};
pub use path_set::PathSet;
pub use prober::{BarrierOutcome, Handled, Prober};
pub use requester_paths::RequesterPaths;
pub use responder_paths::ResponderPaths;
pub use state::PathState;
pub use wire::{Supervisory, SupervisoryKind, SupervisoryView};
