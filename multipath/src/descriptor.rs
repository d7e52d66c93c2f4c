//! What a program asks of a virtual interface.

use bytes::Bytes;
use seqwin::Order;

use crate::wire::Operation;

/// A transfer, posted to the work queue of a virtual interface.
///
/// The data are kept until every packet is acknowledged: a packet that was lost is made again from them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Descriptor {
    /// What to do.
    pub transfer: Transfer,
    /// Whether its packets advance the sequence number, on one path; or take every path, in no order.
    ///
    /// A responder cannot see that an unordered packet comes twice, so that only what may be done twice can be
    /// unordered: writes and reads, never sends.
    pub order: Order,
    /// Four bytes for the receiver, in the last packet. Reads carry none.
    pub immediate: Option<u32>,
}

/// Operation of a descriptor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Transfer {
    /// A message; the receiver decides where it goes. It may be empty.
    Send {
        /// The message.
        data: Bytes,
    },
    /// RDMA write: into the responder's memory.
    Write {
        /// Where to.
        address: u64,
        /// What to write.
        data: Bytes,
    },
    /// RDMA read: from the responder's memory.
    Read {
        /// Where from.
        address: u64,
        /// How many bytes.
        length: u32,
    },
}

impl Descriptor {
    /// A message, whose packets go in order on one path.
    pub fn send(data: impl Into<Bytes>) -> Self {
        Self { transfer: Transfer::Send { data: data.into() }, order: Order::Ordered, immediate: None }
    }

    /// A write, whose packets go in order on one path.
    pub fn write(address: u64, data: impl Into<Bytes>) -> Self {
        Self {
            transfer: Transfer::Write { address, data: data.into() },
            order: Order::Ordered,
            immediate: None,
        }
    }

    /// A read, whose packets go in order on one path.
    pub const fn read(address: u64, length: u32) -> Self {
        Self { transfer: Transfer::Read { address, length }, order: Order::Ordered, immediate: None }
    }

    /// The same over all paths at once, in no order.
    #[must_use]
    pub fn unordered(self) -> Self {
        Self { order: Order::Unordered, ..self }
    }

    /// The same with immediate data.
    #[must_use]
    pub fn with_immediate(self, immediate: u32) -> Self {
        Self { immediate: Some(immediate), ..self }
    }

    /// Bytes that it moves.
    pub fn length(&self) -> u64 {
        match &self.transfer {
            // A slice is never longer than u64::MAX.
            Transfer::Send { data } | Transfer::Write { data, .. } => data.len() as u64,
            Transfer::Read { length, .. } => u64::from(*length),
        }
    }

    /// Whether it can be.
    pub(crate) fn check(&self) -> Result<(), PostError> {
        let (is_send, is_read) = match self.transfer {
            Transfer::Send { .. } => (true, false),
            Transfer::Write { .. } => (false, false),
            Transfer::Read { .. } => (false, true),
        };
        if is_send && self.order == Order::Unordered {
            return Err(PostError::UnorderedSend);
        }
        if is_read && self.immediate.is_some() {
            return Err(PostError::ImmediateRead);
        }
        let length = self.length();
        match self.address() {
            // The last address has to exist; the one after it need not.
            Some(address) if length > 0 && address.checked_add(length - 1).is_none() => {
                Err(PostError::Address { address, length })
            }
            _ => Ok(()),
        }
    }

    /// The data that its packets carry from `offset` on, at most as many as fit `out`.
    pub(crate) fn fill(&self, offset: u64, out: &mut [u8]) {
        let (Transfer::Send { data } | Transfer::Write { data, .. }) = &self.transfer else { return };
        let source = usize::try_from(offset).ok().and_then(|offset| data.get(offset..)?.get(..out.len()));
        if let Some(source) = source {
            out.copy_from_slice(source);
        }
    }

    pub(crate) fn address(&self) -> Option<u64> {
        match self.transfer {
            Transfer::Send { .. } => None,
            Transfer::Write { address, .. } | Transfer::Read { address, .. } => Some(address),
        }
    }

    pub(crate) const fn operation(&self) -> Operation {
        match self.transfer {
            Transfer::Send { .. } => Operation::Send,
            Transfer::Write { .. } => Operation::Write,
            Transfer::Read { .. } => Operation::Read,
        }
    }
}

/// Number of a descriptor on its virtual interface, in the order of posting, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DescriptorId(pub u64);

/// Why a descriptor was not posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PostError {
    /// The virtual interface was not opened by this requester.
    #[error("virtual interface {vi} was not opened: call open first")]
    UnknownVi {
        /// Its number.
        vi: u16,
    },
    /// The work queue holds as many descriptors as it may.
    #[error(
        "the work queue of virtual interface {vi} is full: {limit} descriptors; wait for one to complete"
    )]
    Full {
        /// Number of the VI.
        vi: u16,
        /// Descriptors that it may hold.
        limit: usize,
    },
    /// A send that is to be unordered.
    #[error("a send cannot be unordered: a message that comes twice would be taken twice")]
    UnorderedSend,
    /// Immediate data for a read.
    #[error("a read carries no immediate data")]
    ImmediateRead,
    /// The address range does not end within 64 bits.
    #[error("address {address:#x} and {length} bytes go beyond the address space")]
    Address {
        /// First address.
        address: u64,
        /// Bytes.
        length: u64,
    },
    /// The virtual interface has failed.
    #[error("virtual interface {vi} has failed; open another")]
    Broken {
        /// Its number.
        vi: u16,
    },
    /// The session has ended.
    #[error("the session has ended; begin another")]
    Ended,
}
