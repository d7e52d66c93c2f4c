//! Captures: written, and read back with what surrounds a datagram on a link.

mod container;
mod erf;
mod error;
mod headers;
mod hex;
mod packet;
mod read;
mod write;

pub use error::{Foreign, HexError, Unread};
pub use packet::{Addresses, CapturedDatagram};
pub use read::{CaptureReader, Entry, Place};
pub use write::{CaptureFile, Captured, PacketAddresses};

/// Ethernet.
const LINK_TYPE_ETHERNET: i32 = 1;
/// Endace's records, of whatever they are.
const LINK_TYPE_ERF: i32 = 197;
/// InfiniBand packets from their local route header on.
const LINK_TYPE_INFINIBAND: i32 = 247;

#[cfg(test)]
mod hex_test;
#[cfg(test)]
mod packet_test;
#[cfg(test)]
mod read_test;
