#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod change;
mod received;
pub mod subnet;

pub use change::{MulticastChange, PathChanges, SubnetChange};
pub use received::Received;
