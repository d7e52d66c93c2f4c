//! What comes out of a client.

use super::{SaAnswer, SaAttribute, SaRequest};
use crate::error::DecodeError;
use crate::request::RequestId;
use crate::rmpp::{Records, RmppFailure};
use crate::types::Lid;
use crate::wire::{AttributeId, ManagementClass, Method, Status};

/// A request has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SaEvent {
    /// What [`SaClient::request`](super::SaClient::request) returned.
    pub id: RequestId,
    /// What was asked.
    pub request: SaRequest,
    /// What came of it.
    pub outcome: Result<SaAnswer, SaFailure>,
}

impl SaEvent {
    /// The answer as the structure that was asked for.
    ///
    /// # Errors
    /// The failure, and those of [`SaAnswer::record`] when another structure, or a table, was asked for.
    pub fn record<A: SaAttribute>(&self) -> Result<A, SaFailure> {
        self.outcome.as_ref().map_err(|failure| *failure)?.record()
    }
}

/// Why a request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SaFailure {
    /// The manager refused, or found nothing (or more than one record).
    #[error("subnet administration answered with status {0}")]
    Status(Status),
    /// Nobody answered.
    #[error("no answer from subnet administration, asked {attempts} times")]
    NoAnswer {
        /// How often the request was sent.
        attempts: u16,
    },
    /// The manager was busy each time.
    #[error("subnet administration was busy, asked {attempts} times")]
    Busy {
        /// How often the request was sent.
        attempts: u16,
    },
    /// The answer cannot be read.
    #[error("the answer of subnet administration cannot be read: {0}")]
    Malformed(DecodeError),
    /// The answer is the first of several segments. All but tables are answered in one datagram.
    #[error("subnet administration answered with a segmented message")]
    Segmented,
    /// The answer to a question for a table does not say where the table ends: its segment has no header of the reliable
    /// multi-packet protocol, or none that is filled in. It is what is left of an answer of several segments where nobody
    /// segments, as on a fabric that ibsim emulates: ask for fewer records.
    #[error("subnet administration's table came without its segments")]
    Unsegmented,
    /// The transfer of the table failed. What was handed on of it may be anything but the whole.
    #[error("the transfer of the table was {0}")]
    Transfer(RmppFailure),
    /// Subnet administration has moved while it sent the table.
    #[error("subnet administration has moved")]
    Moved,
    /// The caller reads a table, whose records were handed on before, as one record.
    #[error("the answer is a table, not a record")]
    IsTable,
    /// The caller reads an answer as something that it is not.
    #[error("the answer is of attribute {got}, not {wanted}")]
    OtherAttribute {
        /// What it is.
        got: AttributeId,
        /// What it was read as.
        wanted: AttributeId,
    },
    /// The manager wants to be asked at another place, which its ClassPortInfo names.
    #[error("subnet administration redirects to another port")]
    Redirected,
}

/// What a received datagram was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "an answer comes whole: nothing is allocated to keep it")]
#[must_use]
pub enum SaHandled<'a> {
    /// An answer in one datagram: the request has ended.
    Answered(SaEvent),
    /// The next records of a table, where they lie. Each is at least as long as one of what was asked for. The table's end is
    /// reported by [`SaClient::poll_event`](super::SaClient::poll_event); before, nobody knows that it is whole.
    Records {
        /// The request.
        id: RequestId,
        /// Its next records; [`Records::typed`] reads them.
        records: Records<'a>,
    },
    /// A segment of a table that brings no records: it was there before, comes too early, ends the transfer, or acknowledges the
    /// [question](super::SaRequest::get_multi).
    Segment {
        /// The request.
        id: RequestId,
    },
    /// As many records as fit a datagram that does not say how many are meant; the last ones may be anything.
    /// The request ends with [`SaFailure::Unsegmented`].
    Unsegmented {
        /// The request.
        id: RequestId,
        /// What can be read as records.
        records: Records<'a>,
    },
    /// The manager is busy. The request will be sent again, or, when that was the last time, be reported by
    /// [`SaClient::poll_event`](super::SaClient::poll_event).
    Busy {
        /// The request.
        id: RequestId,
    },
    /// Nothing that this client waits for; another machine on the same port may. Nothing changed.
    NotMine(NotMineReason),
    /// It speaks of one of this client's requests, or of nothing, and is wrong. Nothing changed; the request still
    /// waits.
    Ignored(IgnoredReason),
}

/// Why a datagram is not for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NotMineReason {
    /// It is of another class than subnet administration.
    #[error("class {0}")]
    Class(ManagementClass),
    /// It is a request, or answers one that no client makes.
    #[error("method {0}")]
    Method(Method),
    /// No request with its transaction id is in flight: a repeated or a late answer, or another machine's.
    #[error("transaction id {0} is not in flight")]
    Transaction(RequestId),
}

/// Why a datagram was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum IgnoredReason {
    /// It is no management datagram.
    #[error("not a management datagram: {0}")]
    Malformed(DecodeError),
    /// It has the transaction id of a request to another node.
    #[error("the request went to LID {asked}, this came from LID {from}")]
    WrongNode {
        /// Who was asked.
        asked: Lid,
        /// Who spoke.
        from: Lid,
    },
    /// It has the transaction id of a request that was not sent yet.
    #[error("it answers a request that was not sent yet")]
    NotSent,
    /// It has the transaction id of a request that is answered with another method.
    #[error("answered with {got} where {expected} answers")]
    WrongMethod {
        /// The method that answers the request.
        expected: Method,
        /// The datagram's.
        got: Method,
    },
    /// It has the transaction id of a request for another attribute.
    #[error("answered with attribute {got}, asked for {expected}")]
    WrongAttribute {
        /// The attribute that was asked for.
        expected: AttributeId,
        /// The datagram's.
        got: AttributeId,
    },
    /// It is a segment of the reliable multi-packet protocol that begins no answer: an acknowledgement, a stop, an abort, or not
    /// the first one.
    #[error("a segment of a transfer that does not exist")]
    NoTransfer,
}
