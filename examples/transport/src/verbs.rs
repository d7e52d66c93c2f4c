//! Queue pairs of an RDMA device: InfiniBand, RoCE, or RoCE in software.
//!
//! ```no_run
//! use core::time::Duration;
//! use ib_mad::Psn;
//! use transport::verbs::{
//!     Access, Capacity, ConnectionConfig, Exchange, Port, QueuePair, QueuePairType, WorkId,
//! };
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let limit = Duration::from_secs(10);
//! let port = Port::open(&"verbs:rxe0".parse()?)?;
//! let memory = port.register(4096, Access::REMOTE)?;
//! let completions = port.completion_queue(64)?;
//! let capacity = Capacity { send: 32, receive: 16 };
//! let queue_pair = QueuePair::new(&completions, QueuePairType::ReliableConnection, capacity)?;
//!
//! // The peer does the same, with a listener.
//! let config = ConnectionConfig::default();
//! queue_pair.initialize(config.access)?;
//! let mut exchange = Exchange::connect("10.77.0.2:7000".parse()?, limit)?;
//! let own = queue_pair.introduction(Psn::default()).with_regions([memory.remote()]);
//! let peer = exchange.introduce(&own)?;
//! queue_pair.connect(&own, &peer, port.route_to(peer.gid, peer.lid), &config)?;
//! exchange.settle()?;
//!
//! memory.write(0, b"hello")?;
//! queue_pair.write(WorkId(1), memory.part(0..5)?, peer.regions[0].at(0, 5)?)?;
//! completions.next(limit)?.done()?;
//! # Ok(())
//! # }
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`Port`] | a port of a device, with one of its GIDs; [`devices`] lists devices |
//! | [`MemoryRegion`] | memory that adapters and peers read and write; copied in and out, never borrowed |
//! | [`QueuePair`] | work: write, read, send, receive; datagrams and multicast groups; changes of its attributes |
//! | [`CompletionQueue`] | what became of the work |
//! | [`Exchange`], [`Introduction`] | what two ends tell each other over TCP to connect |
//! | [`QueuePair::drain_to`], [`QueuePair::reset_to`], [`QueuePair::migrate_to`] | moving a connected queue pair to another [`Route`] |
//!
//! The library libibverbs is loaded when it is first used: to build this takes neither its headers nor the library itself.
//! Whatever is made from something holds it, so that everything is freed in the order that the library wants. All
//! calls may be made from any thread; those that wait have a limit.

mod completion;
mod completion_queue;
mod connection;
mod device;
mod error;
mod events;
mod exchange;
#[cfg(test)]
mod exchange_test;
mod in_flight;
mod memory;
mod modification;
mod multicast;
mod name;
mod queue_pair;
mod reconfigure;
mod route;
mod system;

pub use completion::{Completion, WorkId, WorkKind, WorkStatus};
pub use completion_queue::CompletionQueue;
pub use connection::ConnectionConfig;
pub use device::{Port, devices};
pub use error::VerbsError;
pub use events::Event;
pub use exchange::{Exchange, Introduction};
pub use memory::{LocalPart, MemoryRegion, RemoteKey, RemotePlace, RemoteRegion};
pub use modification::{Access, Alternate, AttributeMask, Attributes, MigrationState, Modification, State};
pub use multicast::{MULTICAST_QUEUE_PAIR, every_member, group_of};
pub use name::{GidChoice, VerbsName, VerbsNameError, gid_of};
pub use queue_pair::{AddressHandle, Capacity, QueuePair, QueuePairType, ROUTE_LENGTH};
pub use reconfigure::{Lost, Strategy};
pub use route::{Route, udp_source_port};
