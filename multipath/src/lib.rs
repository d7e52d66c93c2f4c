#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod config;
mod descriptor;
mod discard;
mod listener;
mod memory;
mod requester;
mod responder;
mod transmit;
pub mod wire;

pub use barrier::{ConfigError, Path, PathSet, PathState};
pub use config::{NextDescriptor, Ordering, PathEnds, Paths, RequesterConfig, ResponderConfig, ViConfig};
pub use descriptor::{Descriptor, DescriptorId, PostError, Transfer};
pub use discard::{Discard, Discards};
pub use listener::{Listener, ListenerHandled};
pub use memory::{Memory, Received, Region};
pub use requester::{
    BrokenReason, EndReason, MAX_WINDOW, OpenError, ReadData, Requester, RequesterEvent, RequesterHandled,
};
pub use responder::{MAX_VIS, PermitError, RegionError, Responder, ResponderHandled};
pub use seqwin::Order;
pub use transmit::Transmit;
pub use wire::PortId;
