//! Values that travel in management datagrams, each with the range that its field has.
//!
//! Types that a received field may fill with anything (a rate that is newer than this crate, say) keep the raw
//! value, so that it goes out as it came in; what it means is an `Option`.

mod address;
mod connection;
mod key;
mod path;
mod transaction;

pub use address::{Gid, Guid, Lid, Qpn};
pub use connection::{CommunicationId, Eecn, Psn, TimeoutValue};
pub use key::{MKey, PKey, QKey, ServiceKey, SmKey};
pub use path::{Mtu, PacketLifetime, Rate, Selector, ServiceLevel, VirtualLane};
pub use transaction::TransactionId;
