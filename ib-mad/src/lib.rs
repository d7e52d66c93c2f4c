#![doc = include_str!("../README.md")]
//!
//! # Running a machine
//!
//! A state machine (here [`sa::SaClient`]; machines of other crates have the same shape) is told what happened and
//! what time it is, and asked what to do. `now` is the time since a moment of the program's choice, the same in every
//! call; a `now` that goes back counts as no time passed.
//!
//! ```text
//!            ┌──────────── wait for a datagram, or until poll_timeout() ◀───────────┐
//!            ▼                                                                      │
//!   handle_datagram(now, from, bytes)                                               │
//!            │ Answered, Busy, Ignored: done with it; Records: read them now        │
//!            │ NotMine: offer it to the next machine on the port                    │
//!            ▼                                                                      │
//!   while poll_transmit(now, &mut buffer) is Some: send the buffer                  │
//!   while poll_event(now) is Some: act on it                                        │
//!            └──────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! After every change drain in this order, each until it returns `None`: first transmissions, then events. A machine
//! that shares a port with another needs a range of transaction ids of its own: start them far apart.
//!
//! A request has these states ([`request::RequestTable`] has the whole picture):
//!
//! ```text
//!   queued ──▶ sent ──▶ answered
//!              │ ▲ ├──▶ no answer, after all retries
//!              ▼ │ └──▶ busy, after all busy retries
//!          backing off
//! ```
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod dump;
mod error;
pub mod node;
pub mod request;
pub mod rmpp;
pub mod sa;
mod transmit;
mod types;
pub mod wire;

pub use error::{BufferTooSmall, DataTooLong, DecodeError};
pub use transmit::Transmit;
pub use types::{
    CommunicationId, Eecn, Gid, Guid, Lid, MKey, Mtu, PKey, PacketLifetime, Psn, QKey, Qpn, Rate, Selector,
    ServiceKey, ServiceLevel, SmKey, TimeoutValue, TransactionId, VirtualLane,
};
