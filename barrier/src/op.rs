use crate::{BarrierNumber, Incarnation, Lane, Path, Supervisory};

/// Names one attempt of one operation: a completion of an earlier attempt is told apart by it, and does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId(u64);

/// Bits of an id below the attempt: two for the lane, two for the path, one for supervisory messages.
const ATTEMPT_SHIFT: u32 = 5;
const TELL: u64 = 1 << 4;

impl OpId {
    /// The `attempt`th operation of a barrier on this path and lane.
    pub(crate) const fn barrier(path: Path, lane: Lane, attempt: u64) -> Self {
        Self(attempt << ATTEMPT_SHIFT | (path.index() as u64) << 2 | lane.index() as u64)
    }

    /// The `attempt`th supervisory message about this path.
    pub(crate) const fn tell(path: Path, attempt: u64) -> Self {
        Self(attempt << ATTEMPT_SHIFT | TELL | (path.index() as u64) << 2)
    }

    pub(crate) const fn path(self) -> Path {
        Path::ALL[(self.0 >> 2 & 3) as usize]
    }

    pub(crate) const fn lane(self) -> Lane {
        Lane::ALL[(self.0 & 3) as usize]
    }
}

/// What the caller is to do, over the supervisory VI, which stays usable on disabled paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Write the number to the agreed location at the responder, over this lane of this path.
    Write {
        /// The path.
        path: Path,
        /// The lane of it.
        lane: Lane,
        /// What to write.
        number: BarrierNumber,
        /// What the write is stamped with: the responder refuses older packets once it sees it.
        incarnation: Incarnation,
    },
    /// Read the agreed location, over the same lane of the same path.
    Read {
        /// The path.
        path: Path,
        /// The lane of it.
        lane: Lane,
        /// What the read is stamped with.
        incarnation: Incarnation,
    },
    /// Send a supervisory message. What completes it is the responder's answer, given to
    /// [`handle_supervisory`](crate::RequesterPaths::handle_supervisory).
    Tell {
        /// The path to send it over. It need not be the one that the message is about.
        via: Path,
        /// The message.
        message: Supervisory,
    },
}

/// How an operation ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Completion {
    /// The peer has acknowledged the write.
    Written,
    /// The read gave this.
    Read(BarrierNumber),
}

/// The transport could not carry out an operation. For a barrier it means the same as a time-out, only earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the transport could not carry out the operation")]
pub struct OpFailed;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn ids_are_distinct_and_name_their_place() {
        let mut seen = BTreeSet::new();
        for path in Path::ALL {
            for attempt in [0, 1, 2, 1 << 40] {
                assert!(seen.insert(OpId::tell(path, attempt)));
                for lane in Lane::ALL {
                    let id = OpId::barrier(path, lane, attempt);
                    assert!(seen.insert(id));
                    assert_eq!((id.path(), id.lane()), (path, lane));
                }
            }
        }
    }
}
