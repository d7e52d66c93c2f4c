use core::time::Duration;

use crate::{Order, Response, Stamp, TransactionType, UnmatchedReason};

/// Where an outstanding packet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    /// Sent, and its deadline runs.
    InFlight,
    /// Acknowledged, but one before it is not.
    Acknowledged,
    /// To be launched again.
    Failed,
}

/// A packet from its launch until it and all before it are acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Packet<T> {
    pub(crate) stamp: Stamp,
    pub(crate) order: Order,
    pub(crate) kind: TransactionType,
    pub(crate) state: State,
    pub(crate) deadline: Duration,
    pub(crate) item: T,
}

impl<T> Packet<T> {
    #[inline]
    pub(crate) fn is_in_flight(&self) -> bool {
        self.state == State::InFlight
    }

    /// Whether a response to its VI is to this transmission of the packet, which has no acknowledgement yet.
    #[inline]
    pub(crate) fn is_answered_by(&self, response: &Response) -> bool {
        (self.stamp.serial == response.serial)
            & (self.stamp.sequence == response.sequence)
            & (self.kind == response.kind)
    }

    /// Whether a response with the packet's serial number is to the packet, or what does not fit.
    pub(crate) fn check(&self, response: &Response) -> Result<(), UnmatchedReason> {
        if self.stamp.sequence != response.sequence {
            return Err(UnmatchedReason::Sequence);
        }
        if self.kind != response.kind {
            return Err(UnmatchedReason::Kind);
        }
        if self.is_acknowledged() {
            return Err(UnmatchedReason::AlreadyAcknowledged);
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn is_acknowledged(&self) -> bool {
        self.state == State::Acknowledged
    }

    #[inline]
    pub(crate) fn is_failed(&self) -> bool {
        self.state == State::Failed
    }
}

/// An outstanding packet that is not acknowledged, as [`Requester::unacknowledged`](crate::Requester::unacknowledged) shows
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Unacknowledged<'a, T> {
    /// What its latest transmission carried.
    pub stamp: Stamp,
    /// Whether it takes a place in the sequence.
    pub order: Order,
    /// What it asks for.
    pub kind: TransactionType,
    /// When its response is due; `None` while it waits to be launched again.
    pub deadline: Option<Duration>,
    /// What the caller launched.
    pub item: &'a T,
}

impl<'a, T> Unacknowledged<'a, T> {
    pub(crate) fn of(packet: &'a Packet<T>) -> Option<Self> {
        let deadline = match packet.state {
            State::Acknowledged => return None,
            State::InFlight => Some(packet.deadline),
            State::Failed => None,
        };
        let Packet { stamp, order, kind, ref item, .. } = *packet;
        Some(Self { stamp, order, kind, deadline, item })
    }
}
