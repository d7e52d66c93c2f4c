//! Which host needs to know of which changes.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use ib_mad::Gid;

use crate::{ChangedFields, Difference, PathChange};

/// At which end of a path a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathEnd {
    /// It sends on the path: its queue pairs hold the path's properties.
    Source,
    /// It receives from the path. A reversible path, or one whose LID changed, may concern it.
    Destination,
}

/// A change, as one host sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HostChange<'a> {
    /// At which end of the path the host is.
    pub end: PathEnd,
    /// What happened to the path.
    pub change: &'a PathChange,
}

impl HostChange<'_> {
    /// The host at the other end.
    pub fn peer(&self) -> Gid {
        match self.end {
            PathEnd::Source => self.change.key.destination,
            PathEnd::Destination => self.change.key.source,
        }
    }
}

/// The changes that concern one host, in the order of the difference; never empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChangeSet<'a> {
    changes: Vec<HostChange<'a>>,
}

impl<'a> ChangeSet<'a> {
    /// The changes.
    pub fn changes(&self) -> &[HostChange<'a>] {
        &self.changes
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.changes.len()
    }

    /// The changes of paths that the host sends on.
    pub fn as_source(&self) -> impl Iterator<Item = &'a PathChange> {
        self.changes.iter().filter(|change| change.end == PathEnd::Source).map(|change| change.change)
    }

    /// Every property that changed on some path of the host.
    pub fn fields(&self) -> ChangedFields {
        self.changes.iter().fold(ChangedFields::NONE, |fields, change| fields | change.change.fields())
    }
}

/// The change set of each host that a difference concerns, in the order of the hosts' GIDs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChangeSets<'a> {
    hosts: BTreeMap<Gid, ChangeSet<'a>>,
}

impl<'a> ChangeSets<'a> {
    /// A change concerns the hosts at both ends of its path.
    pub fn of_both_ends(difference: &'a Difference) -> Self {
        let mut sets = Self::default();
        for change in difference.changes() {
            sets.add(change.key.source, PathEnd::Source, change);
            sets.add(change.key.destination, PathEnd::Destination, change);
        }
        sets
    }

    /// A change concerns the host that sends on its path, and no other.
    pub fn of_sources(difference: &'a Difference) -> Self {
        let mut sets = Self::default();
        for change in difference.changes() {
            sets.add(change.key.source, PathEnd::Source, change);
        }
        sets
    }

    fn add(&mut self, host: Gid, end: PathEnd, change: &'a PathChange) {
        self.hosts.entry(host).or_default().changes.push(HostChange { end, change });
    }

    /// The changes that concern a host; `None` when there is none.
    pub fn get(&self, host: Gid) -> Option<&ChangeSet<'a>> {
        self.hosts.get(&host)
    }

    /// Every host that is concerned, with its changes, in the order of the hosts' GIDs.
    pub fn iter(&self) -> impl Iterator<Item = (Gid, &ChangeSet<'a>)> {
        self.hosts.iter().map(|(host, set)| (*host, set))
    }

    /// Every host that is concerned, in the order of the GIDs.
    pub fn hosts(&self) -> impl Iterator<Item = Gid> {
        self.hosts.keys().copied()
    }

    /// Number of hosts that are concerned.
    pub fn len(&self) -> usize {
        self.hosts.len()
    }

    /// Whether no host is concerned.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }
}
