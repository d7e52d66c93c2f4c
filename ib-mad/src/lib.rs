//! InfiniBand management datagrams.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod error;
pub mod request;
pub mod sa;
mod transmit;
mod types;
pub mod wire;

pub use error::{BufferTooSmall, DecodeError};
pub use transmit::Transmit;
pub use types::{
    Gid, Guid, Lid, MKey, Mtu, PKey, PacketLifetime, QKey, Qpn, Rate, Selector, ServiceLevel, SmKey,
    TransactionId,
};
