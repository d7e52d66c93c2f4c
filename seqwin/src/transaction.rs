use core::fmt;

use crate::Sequence;

/// Transaction serial number: every transmission has its own, also when a packet is sent again.
///
/// It tells apart the responses to unordered packets, which share a sequence number, and the response to an earlier
/// transmission of a packet from that to the latest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNumber(pub u32);

impl SerialNumber {
    /// The number of the next transmission; behind the largest comes 0.
    #[inline]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a packet asks for (send, write, read …). Its values are the packet format's; here they are only compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionType(pub u8);

/// Whether a packet takes a place in the sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Order {
    /// It has a sequence number of its own, and is processed in its turn, once.
    Ordered,
    /// It carries the number of the ordered packet that comes next. Others of the same number may overtake it, on
    /// other paths too; its duplicates are processed again, so that only an idempotent operation may be unordered.
    Unordered,
}

/// What a packet carries so that its response can be told from all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// Its place in the sequence.
    pub sequence: Sequence,
    /// Which transmission it is.
    pub serial: SerialNumber,
}

/// What a responder said to a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// ACK: it has the packet.
    Acknowledged,
    /// NACK: it lacks a packet that was sent before this one.
    OutOfSequence,
}

/// The part of a response packet by which it is matched: a copy of what its request carried, and the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Response {
    /// Source of the request.
    pub source: u32,
    /// VI number of the request.
    pub vi: u32,
    /// Sequence number of the request.
    pub sequence: Sequence,
    /// Transaction type of the request.
    pub kind: TransactionType,
    /// Transaction serial number of the request.
    pub serial: SerialNumber,
    /// What the responder said.
    pub answer: Answer,
}
