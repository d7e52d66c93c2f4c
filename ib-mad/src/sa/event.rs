//! What comes out of a client.

use super::{SaAnswer, SaRequest};
use crate::error::DecodeError;
use crate::request::RequestId;
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
    /// The answer is the first of several segments. Get and Set are answered in one datagram.
    #[error("subnet administration answered with a segmented message")]
    Segmented,
    /// The manager wants to be asked at another place, which its ClassPortInfo names.
    #[error("subnet administration redirects to another port")]
    Redirected,
}

/// What a received datagram was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub enum SaHandled {
    /// An answer: the request has ended.
    Answered(SaEvent),
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
    /// It is an acknowledgement, a stop or an abort of the reliable multi-packet protocol, which the request does not use.
    #[error("a control segment of a transfer that does not exist")]
    RmppControl,
}
