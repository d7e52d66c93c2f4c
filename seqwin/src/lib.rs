#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod config;
mod error;
mod packet;
mod requester;
mod responder;
mod ring;
mod sequence;
mod transaction;

#[cfg(test)]
mod requester_test;
#[cfg(test)]
mod responder_test;

pub use config::{Gap, RequesterConfig, ResponderConfig};
pub use error::{ConfigError, LaunchError, UnmatchedReason};
pub use packet::Unacknowledged;
pub use requester::{Matched, Relaunched, Requester};
pub use responder::{Responder, Verdict};
pub use sequence::{Sequence, SequenceBits};
pub use transaction::{Answer, Order, Response, SerialNumber, Stamp, TransactionType};
