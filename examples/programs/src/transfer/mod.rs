//! A file over several paths: what the two ends say to each other through `multipath`, without IO.
//!
//! ```text
//!   sender                                           receiver
//!     │ ── Send BEGIN (name, size, order) ─────────────▶ │ opens the output
//!     │ ◀─ Read of the status: receive buffer ────────── │
//!     │ ── Sends, or unordered writes at their offsets ▶ │ writes
//!     │ ◀─ Read of the status, once a second ─────────── │
//!     │ ── Send END (length, hash) ────────────────────▶ │ compares
//!     │ ◀─ Read of the status: done, or what is wrong ── │
//! ```
//!
//! BEGIN, END and the status go over virtual interface 1, the file over 2 and, if it is unordered, 3. Immediate data tell
//! the messages apart. The sender chooses how many packets are outstanding by the receiver's buffer, which nothing else
//! would keep from overflowing.
//!
//! A path that answers, but brings nothing of the file for some seconds, is left out as long as there is another; if there is none,
//! the transfer fails. Unless the receiver's status says that its output takes no more: that is waited for.

mod chunk;
mod message;
mod receiver;
mod sender;
mod standstill;

pub use chunk::Chunk;
pub use message::{Failure, HASH_LENGTH, Hash, Offer, State, Status, Summary};
pub use receiver::{FileReceiver, ReceiverAction};
pub use sender::{FileSender, FileSenderConfig, SenderEvent, TransferError};

/// The virtual interface of messages and of the status.
const CONTROL_VI: u16 = 1;
/// The virtual interfaces of the file.
const DATA_VIS: [u16; 2] = [2, 3];
/// Where the receiver's status is.
const STATUS_ADDRESS: u64 = 0;

/// Whether the packet is one of the file: a receiver that cannot write any more passes over those, and still answers others.
pub fn carries_data(packet: &[u8]) -> bool {
    multipath::wire::HeaderView::peek(packet).is_some_and(|header| DATA_VIS.contains(&header.vi()))
}

#[cfg(test)]
mod tests;
