//! The packet: how it lies in a datagram, and what makes one valid.
//!
//! ```text
//!   0  destination port 20 │ adaptive control 3 │ fabric 1      12  length 16 │ VI number 16
//!   3  transaction: kind 4 │ reason 4                           16  VI sequence number 32
//!   4  source port 20 │ format 4                                20  path incarnation 32
//!   7  operation 4 │ ordered │ immediate │ first │ last         24  session 64
//!   8  transaction serial number 32                             32  address 64, in RDMA requests
//!      then immediate data 32 where there is any, the payload, and a CRC-32 over all before it
//! ```
//!
//! All numbers are in network order. The fields are those of a ServerNet II packet; their places, and the widths that
//! its description leaves open, are this crate's, as are the session and the path incarnation.
//!
//! Nothing here panics, whatever the bytes.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]
#![cfg_attr(test, allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions))]

mod control;
mod header;
mod operation;
mod packet;
mod port_id;
mod transaction;

pub use control::{Control, OpenRefusal, OpenVi, Opened};
pub use header::{HEADER_LENGTH, Header, HeaderView};
pub use operation::{Format, Operation, OperationFlags};
pub use packet::{BufferTooSmall, DecodeError, MAX_JUMBO_PAYLOAD, MAX_OVERHEAD, MAX_PAYLOAD, Packet};
pub use port_id::{AdaptiveControl, PortId};
pub use transaction::{Refusal, Transaction};
