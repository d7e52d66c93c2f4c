//! What comes out of a requester.

use barrier::Path;

use crate::DescriptorId;
use crate::discard::Discard;
use crate::wire::{OpenRefusal, Refusal};

/// Something happened that the program may want to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequesterEvent {
    /// A virtual interface is open at the responder.
    Opened {
        /// Its number.
        vi: u16,
    },
    /// Every packet of the descriptor is acknowledged.
    Completed {
        /// Number of the VI.
        vi: u16,
        /// The descriptor.
        descriptor: DescriptorId,
    },
    /// A virtual interface has failed. Its descriptors that were not completed are not done, or not known to be.
    Broken {
        /// Its number.
        vi: u16,
        /// Why.
        reason: BrokenReason,
    },
    /// A request on the path had no answer in time: a barrier is under way, and nothing is sent there.
    PathQuestioned(Path),
    /// The barrier came back: the failure was transient. What was outstanding on the path is sent again.
    PathRestored(Path),
    /// The barrier did not come back, and the responder has not acknowledged yet that it accepts nothing from the path any more.
    PathFailed(Path),
    /// The barrier did not come back, and the responder accepts nothing from the path any more: what was outstanding goes over
    /// others. Mostly there was no [`PathFailed`](Self::PathFailed) before it, since the responder is told
    /// [ahead](crate::RequesterConfig::tell_ahead).
    PathDown(Path),
    /// The responder accepts the path again, and it is used.
    PathUp(Path),
    /// The session has ended. Nothing that was outstanding is known to be done.
    Ended(EndReason),
}

/// Why a virtual interface has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum BrokenReason {
    /// The responder did not open it.
    #[error("{0}")]
    NotOpened(OpenRefusal),
    /// The responder refused a packet.
    #[error("{0}")]
    Refused(Refusal),
    /// None of [its paths](crate::ViConfig::paths) was good for as long as it may wait, while others were.
    #[error(
        "none of the paths that the virtual interface may use works, others do: mend one, or let it use more"
    )]
    NoPath,
}

/// Why a session has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum EndReason {
    /// The responder does not know the session: it was restarted, or serves a later session.
    #[error("the other end was restarted and has lost the session: begin another")]
    PeerRestarted,
    /// Nothing came back on any path for as long as the session may wait.
    #[error("nothing came back on any path: is the other end running, and are the addresses right?")]
    NoAnswer,
}

/// What a received packet was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequesterHandled<'a> {
    /// An acknowledgement.
    Acknowledged,
    /// Data that a descriptor reads. They can come more than once, with the same contents unless the memory changed.
    Read(ReadData<'a>),
    /// A packet was refused since an earlier one is missing: what is outstanding is sent again.
    Refused,
    /// Part of the talk about paths and virtual interfaces.
    Supervisory,
    /// A packet that was dropped.
    Discarded(Discard),
}

/// Part of what a descriptor reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReadData<'a> {
    /// Number of the VI.
    pub vi: u16,
    /// The descriptor.
    pub descriptor: DescriptorId,
    /// Bytes from the start of the range that it reads.
    pub offset: u64,
    /// The bytes.
    pub data: &'a [u8],
}
