//! What became of work.

use core::fmt;

use ib_mad::Qpn;

use super::VerbsError;

/// The caller's name for one piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkId(pub u64);

/// What kind of work it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WorkKind {
    /// A write to the peer's memory.
    Write,
    /// A read of the peer's memory.
    Read,
    /// A message to the peer's next receive.
    Send,
    /// A message from the peer.
    Receive,
}

impl fmt::Display for WorkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Write => "write",
            Self::Read => "read",
            Self::Send => "send",
            Self::Receive => "receive",
        })
    }
}

/// How work ended (volume 1, section 11.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WorkStatus {
    /// Done.
    Success,
    /// A message is longer than the memory for it.
    LocalLength,
    /// The own queue pair does not do such work.
    LocalOperation,
    /// A local key or its region does not fit.
    LocalProtection,
    /// The queue pair failed before, or was taken down: the work was not done, or nobody knows.
    Flushed,
    /// The peer takes no such request.
    RemoteInvalidRequest,
    /// The peer's memory does not allow it.
    RemoteAccess,
    /// The peer failed.
    RemoteOperation,
    /// The peer acknowledged nothing.
    RetriesExceeded,
    /// The peer never had a receive.
    ReceiverNotReady,
    /// Another, with libibverbs' number.
    Other(u32),
}

impl WorkStatus {
    pub(super) const fn from_code(code: u32) -> Self {
        match code {
            0 => Self::Success,
            1 => Self::LocalLength,
            2 => Self::LocalOperation,
            4 => Self::LocalProtection,
            5 => Self::Flushed,
            9 => Self::RemoteInvalidRequest,
            10 => Self::RemoteAccess,
            11 => Self::RemoteOperation,
            12 => Self::RetriesExceeded,
            13 => Self::ReceiverNotReady,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for WorkStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Success => "done",
            Self::LocalLength => "the message is longer than the memory posted for it: post more",
            Self::LocalOperation => "this queue pair does not do such work: look at its type and its limits",
            Self::LocalProtection => "the local memory is not registered for this: register it again",
            Self::Flushed => "the queue pair failed or was taken down before: connect it again",
            Self::RemoteInvalidRequest => {
                "the peer takes no such request: look at its access flags and limits"
            }
            Self::RemoteAccess => {
                "the peer's memory does not allow it: its key is not valid any more, or is for other bytes, or does not \
                 permit this; ask the peer for its keys again"
            }
            Self::RemoteOperation => "the peer could not do it: look at its errors",
            Self::RetriesExceeded => {
                "the peer acknowledged nothing: the path is broken, or the peer is gone; try another path, or connect \
                 again"
            }
            Self::ReceiverNotReady => "the peer never had a receive posted: let it post more of them",
            Self::Other(code) => return write!(f, "status {code} of libibverbs: see ibv_poll_cq(3)"),
        })
    }
}

/// One piece of work that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The work.
    pub id: WorkId,
    /// What kind it was.
    pub kind: WorkKind,
    /// The own queue pair that did it.
    pub queue_pair: Qpn,
    /// How it ended. Unless it was done, nothing below means anything.
    pub status: WorkStatus,
    /// Of a receive or a read, the bytes that came; of a datagram with the 40 of its route.
    pub length: u32,
    /// Of a datagram, the sender's queue pair.
    pub source: Option<Qpn>,
    /// Whether the first 40 bytes of a datagram are its global route.
    pub has_route: bool,
}

impl Completion {
    /// The completion, if the work was done.
    ///
    /// # Errors
    /// [`VerbsError::Work`] with how it ended.
    pub fn done(self) -> Result<Self, VerbsError> {
        match self.status {
            WorkStatus::Success => Ok(self),
            status => {
                Err(VerbsError::Work { queue_pair: self.queue_pair, kind: self.kind, id: self.id, status })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdma_mummy_sys::ibv_wc_status as code;

    #[test]
    fn statuses_have_the_librarys_numbers() {
        for (code, status) in [
            (code::IBV_WC_SUCCESS, WorkStatus::Success),
            (code::IBV_WC_LOC_LEN_ERR, WorkStatus::LocalLength),
            (code::IBV_WC_LOC_QP_OP_ERR, WorkStatus::LocalOperation),
            (code::IBV_WC_LOC_PROT_ERR, WorkStatus::LocalProtection),
            (code::IBV_WC_WR_FLUSH_ERR, WorkStatus::Flushed),
            (code::IBV_WC_REM_INV_REQ_ERR, WorkStatus::RemoteInvalidRequest),
            (code::IBV_WC_REM_ACCESS_ERR, WorkStatus::RemoteAccess),
            (code::IBV_WC_REM_OP_ERR, WorkStatus::RemoteOperation),
            (code::IBV_WC_RETRY_EXC_ERR, WorkStatus::RetriesExceeded),
            (code::IBV_WC_RNR_RETRY_EXC_ERR, WorkStatus::ReceiverNotReady),
            (code::IBV_WC_GENERAL_ERR, WorkStatus::Other(21)),
        ] {
            assert_eq!(WorkStatus::from_code(code), status);
        }
    }
}
