use seqwin::{Answer, Order, Response, SerialNumber, Stamp, TransactionType};

/// Most packets are writes: unordered ones may be, and responses then differ by their numbers only.
pub(super) const WRITE: TransactionType = TransactionType(2);
/// Answered with data.
pub(super) const READ: TransactionType = TransactionType(3);
pub(super) const SOURCE: u32 = 0xA0;
pub(super) const VI: u32 = 5;

/// A request packet on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Request {
    pub(super) stamp: Stamp,
    pub(super) order: Order,
    pub(super) kind: TransactionType,
    /// Its payload: which packet it is, counted without end.
    pub(super) index: u32,
}

impl Request {
    pub(super) fn answered(self, answer: Answer) -> Response {
        let Stamp { sequence, serial } = self.stamp;
        Response { source: SOURCE, vi: VI, sequence, kind: self.kind, serial, answer }
    }
}

/// What a stray response has wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stray {
    /// Another source.
    Source,
    /// Another VI.
    Vi,
    /// A serial number that is not out.
    Serial,
    /// The sequence number behind the right one.
    Sequence,
    /// Another transaction type.
    Kind,
}

impl Stray {
    pub(super) const ALL: [Self; 5] = [Self::Source, Self::Vi, Self::Serial, Self::Sequence, Self::Kind];

    /// The right response to a packet, but for one value.
    pub(super) fn to(self, stamp: Stamp, kind: TransactionType, answer: Answer) -> Response {
        let mut response = Request { stamp, order: Order::Ordered, kind, index: 0 }.answered(answer);
        match self {
            Self::Source => response.source += 1,
            Self::Vi => response.vi += 1,
            Self::Serial => response.serial = SerialNumber(response.serial.0.wrapping_add(1 << 31)),
            Self::Sequence => response.sequence.0 ^= 1,
            // No type that there is.
            Self::Kind => response.kind.0 += 8,
        }
        response
    }
}
