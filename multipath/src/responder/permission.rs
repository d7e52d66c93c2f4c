//! On which paths virtual interfaces may be opened.

use alloc::vec::Vec;

use barrier::PathSet;

use super::SUPERVISORY_VI;

/// Virtual interfaces whose paths can be limited at once.
const MAX_LIMITED: usize = 256;

/// Why the paths of a virtual interface were not limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PermitError {
    /// There is no path in the set.
    #[error("virtual interface {vi} would have no path: permit at least one")]
    NoPath {
        /// Number of the VI.
        vi: u16,
    },
    /// The supervisory virtual interface probes and mends every path.
    #[error("virtual interface 0 is the supervisory one, which every path takes: name another")]
    Supervisory,
    /// There is no room for another.
    #[error(
        "the paths of {limit} virtual interfaces are limited, no more can be: permit some of them all paths"
    )]
    Full {
        /// How many there can be.
        limit: usize,
    },
}

/// The virtual interfaces that may not be opened on every path, each once, with those on which it may.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct PermittedPaths(Vec<(u16, PathSet)>);

impl PermittedPaths {
    /// No limit.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Let `vi` be opened on these paths only.
    pub(crate) fn permit(&mut self, vi: u16, paths: PathSet) -> Result<(), PermitError> {
        if vi == SUPERVISORY_VI {
            return Err(PermitError::Supervisory);
        }
        if paths.is_empty() {
            return Err(PermitError::NoPath { vi });
        }
        let place = self.0.iter().position(|(limited, _)| *limited == vi);
        match place {
            Some(place) if paths == PathSet::ALL => drop(self.0.swap_remove(place)),
            Some(place) => self.0[place].1 = paths,
            None if paths == PathSet::ALL => {}
            None if self.0.len() >= MAX_LIMITED => return Err(PermitError::Full { limit: MAX_LIMITED }),
            None => self.0.push((vi, paths)),
        }
        Ok(())
    }

    /// The paths on which `vi` may be opened.
    pub(super) fn of(&self, vi: u16) -> PathSet {
        let limited = self.0.iter().find(|(limited, _)| *limited == vi);
        limited.map_or(PathSet::ALL, |(_, paths)| *paths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: PathSet = PathSet::from_bits(0b0101);
    const OTHERS: PathSet = PathSet::from_bits(0b0110);

    #[test]
    fn the_last_word_counts() {
        let mut permitted = PermittedPaths::new();
        assert_eq!(permitted.of(1), PathSet::ALL);
        permitted.permit(1, SOME).unwrap();
        permitted.permit(2, SOME).unwrap();
        permitted.permit(1, OTHERS).unwrap();
        assert_eq!([1, 2, 3].map(|vi| permitted.of(vi)), [OTHERS, SOME, PathSet::ALL]);
        permitted.permit(1, PathSet::ALL).unwrap();
        assert_eq!([1, 2].map(|vi| permitted.of(vi)), [PathSet::ALL, SOME]);
    }

    #[test]
    fn there_is_a_most() {
        let mut permitted = PermittedPaths::new();
        let most = u16::try_from(MAX_LIMITED).unwrap();
        for vi in 1..=most {
            permitted.permit(vi, SOME).unwrap();
        }
        let full = Err(PermitError::Full { limit: MAX_LIMITED });
        assert_eq!(permitted.permit(most + 1, SOME), full);
        // One that is limited already, or not at all, takes no more room.
        permitted.permit(most, OTHERS).unwrap();
        permitted.permit(most + 1, PathSet::ALL).unwrap();
        permitted.permit(1, PathSet::ALL).unwrap();
        permitted.permit(most + 1, SOME).unwrap();
        assert_eq!(permitted.permit(1, SOME), full);
    }

    #[test]
    fn what_makes_no_sense_is_said_and_changes_nothing() {
        let mut permitted = PermittedPaths::new();
        assert_eq!(permitted.permit(1, PathSet::EMPTY), Err(PermitError::NoPath { vi: 1 }));
        assert_eq!(permitted.permit(SUPERVISORY_VI, SOME), Err(PermitError::Supervisory));
        assert_eq!(permitted, PermittedPaths::new());
    }
}
