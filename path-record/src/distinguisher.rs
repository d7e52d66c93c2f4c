//! The keeper of the old table.

use crate::{Difference, PathTable, difference};

/// What a new table brought.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Update {
    /// There was nothing to compare with: the subnet had never been routed. Nobody is to be signalled.
    Seeded,
    /// The table was compared with the one before. Hosts are to be signalled if paths changed.
    Compared(Difference),
}

impl Update {
    /// The difference from the table before, if there was one.
    pub fn difference(&self) -> Option<&Difference> {
        match self {
            Self::Seeded => None,
            Self::Compared(difference) => Some(difference),
        }
    }
}

/// The path record distinguisher (US 2013/0124910 A1, paragraph 35): keeps the table of the last routing and tells in what the next one differs.
///
/// The first table that has paths only takes its place: when a subnet is routed for the first time, no host has a
/// queue pair that could need another path. An empty table before that is no routing, and changes nothing. An empty
/// table later is one in which every path has vanished.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PathRecordDistinguisher {
    last: Option<PathTable>,
}

impl PathRecordDistinguisher {
    /// For a subnet that has never been routed.
    pub const fn new() -> Self {
        Self { last: None }
    }

    /// The table of the last routing.
    pub fn table(&self) -> Option<&PathTable> {
        self.last.as_ref()
    }

    /// Whether there has been a routed table yet.
    pub fn has_been_routed(&self) -> bool {
        self.last.is_some()
    }

    /// Take the next table for the last one, and tell in what it differs from the one before.
    pub fn update(&mut self, next: PathTable) -> Update {
        let Some(last) = &mut self.last else {
            if !next.is_empty() {
                self.last = Some(next);
            }
            return Update::Seeded;
        };
        let difference = difference(last, &next);
        *last = next;
        Update::Compared(difference)
    }
}
