#![doc = include_str!("../README.md")]
//!
//! # Running a fabric
//!
//! ```text
//!            ┌────────────── wait until next_event(), or until there is something to send ◀──┐
//!            ▼                                                                               │
//!   advance(now), send(now, port, packet), cut(now, ..), ..                                  │
//!            │                                                                               │
//!   while poll_ready() is Some(port):                                                        │
//!       while receive(port) is Some(packet): give it to the program there ───────────────────┘
//! ```
//!
//! `now` is the time since a moment of the caller's choice, the same in every call; a `now` that goes back counts as no
//! time passed. In virtual time the caller makes it what [`Fabric::next_event`] says. Equal calls have equal outcomes:
//! whatever is random follows from [`Settings::seed`].
//!
//! Memory: what the topology needs, the tables that a manager writes, and [`Settings::packet_limit`] packets.

#![forbid(unsafe_code)]
#![allow(clippy::std_instead_of_alloc, reason = "it runs where there is an operating system")]

mod agent;
mod attachment;
mod construct;
mod credits;
mod deliver;
mod directed_route;
mod drops;
mod error;
mod fabric;
mod faults;
mod forward;
mod general;
mod links;
mod node;
mod packet;
mod pool;
mod port;
mod schedule;
mod settings;
mod smp;
mod traps;

pub use attachment::QueuePair;
pub use credits::Channel;
pub use drops::{DropReason, Drops};
pub use error::FabricError;
pub use fabric::{EndPort, Fabric};
pub use faults::LinkFaults;
pub use node::Conduct;
pub use packet::{GlobalRoute, MAX_PAYLOAD, MULTICAST_QPN, Packet, Payload};
pub use settings::Settings;
pub use traps::PortTrouble;
