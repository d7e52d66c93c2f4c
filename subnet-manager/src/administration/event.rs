use ib_mad::wire::{AttributeId, Method, Status};
use ib_mad::{DecodeError, Lid};
use trap_signal::manager::{ForwardError, SignallerEvent};

use crate::MulticastChange;

/// What an [`Administration`](super::Administration) has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdministrationEvent {
    /// A group's tree is to be built anew.
    Multicast(MulticastChange),
    /// A subscription began, ended or was refused, or a Report had its answer or went without.
    Signaller(SignallerEvent),
    /// A request was refused; its requester was told.
    Refused {
        /// Who asked.
        from: Lid,
        /// How.
        method: Method,
        /// For what.
        attribute: AttributeId,
        /// What it was told.
        status: Status,
    },
    /// A datagram was dropped without an answer.
    Dropped {
        /// Who sent it.
        from: Lid,
        /// Why.
        reason: DropReason,
    },
    /// An event could not be reported.
    Unreported(ForwardError),
}

/// Why a datagram gets no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DropReason {
    /// No port of the subnet has the LID that it comes from.
    #[error("no port of the subnet has this LID")]
    UnknownPort,
    /// It presents a key that is not the manager's.
    #[error("it presents a wrong SM_Key")]
    WrongKey,
    /// It cannot be read.
    #[error("{0}")]
    Malformed(DecodeError),
    /// It is an answer to nothing that was asked.
    #[error("it answers nothing that was asked")]
    Unexpected,
}

/// Why a trap was not reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrapError {
    /// Only administration itself tells of ports, groups and paths: somebody made this up.
    #[error("traps 64 to 69 are the administration's own: a node has sent one")]
    Forged,
    /// No port of the subnet has the LID that it comes from.
    #[error("no port of the subnet has the LID {0}")]
    UnknownPort(Lid),
    /// Too many Reports wait.
    #[error(transparent)]
    Full(#[from] ForwardError),
}
