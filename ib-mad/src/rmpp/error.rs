//! Why a transfer failed, and why records cannot be read.

use crate::error::DecodeError;
use crate::wire::RmppStatus;

/// Why a transfer ended before its message was whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RmppFailure {
    /// The peer stopped it (status 1) or aborted it.
    #[error("ended by the peer: {0}")]
    ByPeer(RmppStatus),
    /// This side stopped it (status 1: the message is too long) or aborted it, and tells the peer so. The status names what the peer
    /// did, or which time or count ran out.
    #[error("ended here: {0}")]
    Here(RmppStatus),
    /// The message is no row of records. The peer is told with status "unspecified".
    #[error("ended here: {0}")]
    Records(RecordError),
}

impl RmppFailure {
    /// The status that went over the wire.
    pub const fn status(self) -> RmppStatus {
        match self {
            Self::ByPeer(status) | Self::Here(status) => status,
            Self::Records(_) => RmppStatus::UNSPECIFIED,
        }
    }
}

/// Why a message is no row of records. All lengths are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// There is data, but the attribute offset is zero: nothing says where one record ends.
    #[error("the attribute offset is zero, but records follow")]
    NoOffset,
    /// Records are closer to each other than one is long.
    #[error("records come every {offset} bytes, but one has {needed}")]
    OffsetTooSmall {
        /// Distance from record to record.
        offset: usize,
        /// Length of one.
        needed: usize,
    },
    /// Records are further from each other than the receiver can carry from one segment to the next.
    #[error("records come every {offset} bytes, at most {limit} can be carried")]
    OffsetTooLarge {
        /// Distance from record to record.
        offset: usize,
        /// What can be carried.
        limit: usize,
    },
    /// A segment names another attribute offset than the first one.
    #[error("the attribute offset changed from {first} to {got} bytes")]
    OffsetChanged {
        /// That of the first segment.
        first: usize,
        /// That of this one.
        got: usize,
    },
    /// The message ends inside a record.
    #[error("{left_over} bytes are left after the last whole record")]
    LeftOver {
        /// Bytes of the last record that are there.
        left_over: usize,
    },
}

/// Why nothing was done with a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NotTakenReason {
    /// It is no management datagram.
    #[error("not a management datagram: {0}")]
    Malformed(DecodeError),
    /// It is no segment: it stands alone.
    #[error("it stands alone")]
    NotActive,
    /// It belongs to no transfer that this machine has: another machine may have it.
    #[error("no such transfer")]
    NoTransfer,
    /// An acknowledgement that was overtaken by a newer one, or repeats one.
    #[error("an old acknowledgement")]
    OldAck,
    /// The transfer has ended.
    #[error("the transfer has ended")]
    Ended,
}
