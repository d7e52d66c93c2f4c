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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PathEntry, PathKey, PathProperties, PathTable, difference};
    use ib_mad::{Guid, ServiceLevel};

    fn port(guid: u64) -> Gid {
        Gid::new(Gid::DEFAULT_PREFIX, Guid(guid))
    }

    fn table(levels: [(u64, u64, u8); 3]) -> PathTable {
        let entries = levels.map(|(source, destination, level)| PathEntry {
            key: PathKey { source: port(source), destination: port(destination), ..PathKey::default() },
            properties: PathProperties {
                service_level: ServiceLevel::new(level).unwrap(),
                ..PathProperties::default()
            },
        });
        PathTable::from_entries(3, entries).unwrap()
    }

    #[test]
    fn each_end_learns_of_its_changes() {
        let difference =
            difference(&table([(1, 2, 0), (1, 3, 0), (2, 1, 0)]), &table([(1, 2, 1), (1, 3, 0), (2, 1, 1)]));
        let sets = ChangeSets::of_both_ends(&difference);
        assert_eq!(sets.hosts().collect::<Vec<_>>(), [port(1), port(2)], "3 keeps its paths");
        for host in [port(1), port(2)] {
            let set = sets.get(host).unwrap();
            assert_eq!((set.count(), set.as_source().count()), (2, 1));
            assert_eq!(set.fields(), ChangedFields::SERVICE_LEVEL);
            assert!(set.changes().iter().all(|change| change.peer() != host));
        }
        assert!(sets.get(port(3)).is_none());
    }

    #[test]
    fn only_senders_are_told_when_asked_so() {
        let difference =
            difference(&table([(1, 2, 0), (1, 3, 0), (2, 3, 0)]), &table([(1, 2, 1), (1, 3, 1), (2, 3, 0)]));
        let sets = ChangeSets::of_sources(&difference);
        let counts: Vec<_> = sets.iter().map(|(host, set)| (host, set.count())).collect();
        assert_eq!(counts, [(port(1), 2)]);
        assert_eq!((sets.len(), sets.is_empty()), (1, false));
    }

    #[test]
    fn no_change_concerns_nobody() {
        let table = table([(1, 2, 0), (1, 3, 0), (2, 1, 0)]);
        assert!(ChangeSets::of_both_ends(&difference(&table, &table)).is_empty());
    }
}
