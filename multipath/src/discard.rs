//! Packets that are dropped, counted by reason.

use crate::wire::DecodeError;

/// Why a packet was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Discard {
    /// Its fields make no sense, or speak of another length than it has.
    #[error("malformed")]
    Malformed,
    /// Its checksum is wrong.
    #[error("checksum")]
    Checksum,
    /// It is for another port than that of the path it came on.
    #[error("wrong destination")]
    WrongDestination,
    /// It is of another source than the peer's port on that path.
    #[error("stranger")]
    Stranger,
    /// Its fabric bit is not that of the port.
    #[error("wrong fabric")]
    WrongFabric,
    /// It came on a path that is not in use here.
    #[error("unknown path")]
    UnknownPath,
    /// A response where requests are expected, or the other way round.
    #[error("wrong direction")]
    WrongDirection,
    /// It is of a session that ended, or of one that is not open.
    #[error("other session")]
    OtherSession,
    /// It is for a virtual interface that is not open.
    #[error("unknown virtual interface")]
    UnknownVi,
    /// The virtual interface accepts nothing from its path, which is down or not permitted for it.
    #[error("path not accepted")]
    PathNotAccepted,
    /// It was sent before the path's last barrier, or before a retransmission.
    #[error("old incarnation")]
    OldIncarnation,
    /// There was no room for the response.
    #[error("no room for a response")]
    Overrun,
    /// A response that no request waits for.
    #[error("unmatched response")]
    Unmatched,
}

impl Discard {
    /// Every reason.
    pub const ALL: [Self; 13] = [
        Self::Malformed,
        Self::Checksum,
        Self::WrongDestination,
        Self::Stranger,
        Self::WrongFabric,
        Self::UnknownPath,
        Self::WrongDirection,
        Self::OtherSession,
        Self::UnknownVi,
        Self::PathNotAccepted,
        Self::OldIncarnation,
        Self::Overrun,
        Self::Unmatched,
    ];
}

impl From<DecodeError> for Discard {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Checksum { .. } => Self::Checksum,
            _ => Self::Malformed,
        }
    }
}

/// How many packets were dropped, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Discards([u64; Discard::ALL.len()]);

impl Discards {
    /// Nothing was dropped.
    pub(crate) const fn new() -> Self {
        Self([0; Discard::ALL.len()])
    }

    /// Dropped for this reason.
    pub fn count(&self, reason: Discard) -> u64 {
        self.0[reason as usize]
    }

    /// Dropped for any reason.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Reasons for which any was dropped, and how many.
    pub fn iter(&self) -> impl Iterator<Item = (Discard, u64)> + '_ {
        Discard::ALL.into_iter().map(|reason| (reason, self.count(reason))).filter(|(_, count)| *count > 0)
    }

    pub(crate) fn add(&mut self, reason: Discard) {
        let count = &mut self.0[reason as usize];
        *count = count.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_a_place_of_its_own() {
        let mut discards = Discards::default();
        for (place, reason) in Discard::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, place);
            discards.add(reason);
            discards.add(reason);
        }
        assert!(discards.iter().all(|(_, count)| count == 2));
        assert_eq!(discards.total(), 26);
    }
}
