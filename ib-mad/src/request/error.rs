//! Why a request cannot start, and why a response is not one.

use core::fmt;

use crate::types::Lid;

/// A request that was not taken, handed back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum StartError<T> {
    /// As many requests to this node are in flight as the limits allow: start it when one of them has ended.
    #[error("too many requests to this node are in flight")]
    NodeFull(T),
    /// The table is full: start it when any request has ended.
    #[error("too many requests are in flight")]
    TableFull(T),
}

impl<T> StartError<T> {
    /// The request.
    pub fn into_request(self) -> T {
        match self {
            Self::NodeFull(request) | Self::TableFull(request) => request,
        }
    }
}

// By hand, so that the error is one whatever the request is.
impl<T> fmt::Debug for StartError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NodeFull(_) => "NodeFull(..)",
            Self::TableFull(_) => "TableFull(..)",
        })
    }
}

/// A response that answers no request. It changes nothing: the peer repeated itself, or is not who was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// No request in flight has this id: it was answered, gave up, was cancelled, or never was.
    #[error("no request with this transaction id is in flight")]
    Unknown,
    /// The request went to another node.
    #[error("the request went to LID {asked}, this came from LID {from}")]
    WrongNode {
        /// Who was asked.
        asked: Lid,
        /// Who spoke.
        from: Lid,
    },
    /// The request has not been sent yet, so this cannot answer it.
    #[error("the request has not been sent yet")]
    NotSent,
}
