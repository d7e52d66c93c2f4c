#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod administration;
mod change;
mod configure;
mod discovery;
mod event;
mod manager;
mod received;
mod settings;
mod smp;
mod standing;
pub mod subnet;

pub use change::{MulticastChange, PathChanges, SubnetChange};
pub use event::{Event, Fault, PortName, SweepReason, SweepSummary};
pub use manager::{Counters, Manager};
pub use received::Received;
pub use settings::{RoutingEngine, Settings};
pub use smp::QueueLimits;
pub use standing::{ManagerState, Rank};
