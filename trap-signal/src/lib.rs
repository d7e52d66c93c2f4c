#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod host;
mod listener;
pub mod manager;
mod method;
mod repeats;
mod subscription;
pub mod watch;

pub use listener::{EventListener, ListenerConfig, ListenerEvent, LocalPort, Report};
pub use method::{Audience, SignallingMethod, UnknownMethod};
pub use subscription::{Action, Input, Phase};
