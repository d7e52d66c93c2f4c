//! Subnet administration: what nodes ask the manager, register with it, and are told by it (IBTA volume 1, chapter 15).
//!
//! An [`Administration`] has no copy of the subnet: each call gets the [`Subnet`](crate::subnet::Subnet) as it is. What it
//! keeps itself are multicast groups, services and subscriptions; [`export`](Administration::export) and
//! [`import`](Administration::import) carry them over a restart or a handover.
//!
//! | request | what happens |
//! |---|---|
//! | Get, GetTable of records | they are read from the subnet, as far as the requester's partitions reach; tables go out in segments |
//! | Set, Delete of MCMemberRecord | a port joins or leaves a group; [`Multicast`](AdministrationEvent::Multicast) says what to program |
//! | Set, Delete of ServiceRecord | a service is registered for its lease, or withdrawn |
//! | Set of InformInfo | a port subscribes, and has Reports of 64 to 69 and of nodes' traps |
//!
//! After each call, call [`poll_transmit`](Administration::poll_transmit) and
//! [`poll_event`](Administration::poll_event) until they return `None`, then wait for a datagram, a change of the subnet, or
//! [`poll_timeout`](Administration::poll_timeout). Whatever a requester does, what it can cost is bounded
//! ([`AdministrationLimits`]).
//!
//! Where the standard leaves a choice, OpenSM's is taken: a wrong SM_Key has no answer; a query for a GID that is no port's is an
//! invalid one, for such a LID it finds nothing; a table without records is no failure.

#[allow(clippy::module_inception, reason = "the machine is what the module is about")]
mod administration;
mod event;
mod filter;
mod layout;
mod multicast;
mod paths;
mod query;
mod reports;
mod services;
mod settings;
mod state;
mod tables;
mod transfers;

#[cfg(test)]
mod administration_test;
#[cfg(test)]
mod query_test;
#[cfg(test)]
mod state_test;
#[cfg(test)]
mod testing;

pub use administration::Administration;
pub use event::{AdministrationEvent, DropReason, TrapError};
pub use multicast::{Group, Membership};
pub use services::Service;
pub use settings::{AdministrationLimits, AdministrationSettings};
pub use state::{AdministrationState, StateError};
