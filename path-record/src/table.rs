//! A table of path records, sorted by key.

use alloc::vec::Vec;

use ib_mad::Gid;
use ib_mad::wire::PathRecord;

use crate::{PathKey, PathProperties, TableFull};

/// One path of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathEntry {
    /// Which path.
    pub key: PathKey,
    /// What it is like.
    pub properties: PathProperties,
}

impl PathEntry {
    /// What a record says; see [`PathKey::of`] for the two LID mask control values.
    pub fn of(record: &PathRecord, source_lmc: u8, destination_lmc: u8) -> Self {
        Self { key: PathKey::of(record, source_lmc, destination_lmc), properties: PathProperties::of(record) }
    }

    /// The record that says this.
    pub fn to_record(&self) -> PathRecord {
        self.properties.to_record(&self.key)
    }
}

/// Path records of a subnet at one time, each path once, in the order of their keys and without gaps in memory.
///
/// The owner says how many paths a table may hold: a subnet that announces more than expected costs an error, not the
/// memory of the machine. A path takes 72 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathTable {
    entries: Vec<PathEntry>,
    limit: usize,
}

impl PathTable {
    /// An empty table of at most `limit` paths. No memory is taken before there are paths.
    pub const fn new(limit: usize) -> Self {
        Self { entries: Vec::new(), limit }
    }

    /// The table of `entries`, in any order; of two entries with the same key the later one counts.
    ///
    /// Takes O(n log n) time. While it works, it holds at most twice `limit` entries, however many repetitions come.
    ///
    /// # Errors
    /// [`TableFull`] when there are more than `limit` different keys.
    pub fn from_entries(
        limit: usize,
        entries: impl IntoIterator<Item = PathEntry>,
    ) -> Result<Self, TableFull> {
        let mut table = Self::new(limit);
        for entry in entries {
            if table.entries.len() >= limit.saturating_mul(2) {
                table.settle()?;
            }
            table.entries.push(entry);
        }
        table.settle()?;
        Ok(table)
    }

    /// The table of `records` on a subnet where every port has the LID mask control `lmc`, as subnet managers set it.
    ///
    /// # Errors
    /// [`TableFull`] when there are more than `limit` different paths.
    pub fn from_records<'a>(
        limit: usize,
        lmc: u8,
        records: impl IntoIterator<Item = &'a PathRecord>,
    ) -> Result<Self, TableFull> {
        Self::from_entries(limit, records.into_iter().map(|record| PathEntry::of(record, lmc, lmc)))
    }

    /// Sort, keep the last entry of each key, and check the limit.
    fn settle(&mut self) -> Result<(), TableFull> {
        // Stable, so that of equal keys the later entry stays the later one.
        self.entries.sort_by_key(|entry| entry.key);
        self.entries.dedup_by(|later, kept| {
            let same = later.key == kept.key;
            if same {
                kept.properties = later.properties;
            }
            same
        });
        if self.entries.len() > self.limit { Err(TableFull { limit: self.limit }) } else { Ok(()) }
    }

    /// Put a path in and return what it was like before, if it was there.
    ///
    /// A path whose key comes after all others costs constant time, any other moves those behind it: build a large
    /// table with [`from_entries`](Self::from_entries).
    ///
    /// # Errors
    /// [`TableFull`] when the path is new and there is no room; the table is then as it was.
    pub fn insert(
        &mut self,
        key: PathKey,
        properties: PathProperties,
    ) -> Result<Option<PathProperties>, TableFull> {
        let position = match self.entries.last() {
            Some(last) if last.key < key => Err(self.entries.len()),
            _ => self.position(&key),
        };
        match position {
            Ok(position) => {
                let place = &mut self.entries[position].properties;
                Ok(Some(core::mem::replace(place, properties)))
            }
            Err(_) if self.entries.len() >= self.limit => Err(TableFull { limit: self.limit }),
            Err(position) => {
                self.entries.insert(position, PathEntry { key, properties });
                Ok(None)
            }
        }
    }

    /// Take a path out and return what it was like. Moves those behind it.
    pub fn remove(&mut self, key: &PathKey) -> Option<PathProperties> {
        self.position(key).ok().map(|position| self.entries.remove(position).properties)
    }

    /// What a path is like.
    pub fn get(&self, key: &PathKey) -> Option<&PathProperties> {
        self.position(key).ok().map(|position| &self.entries[position].properties)
    }

    /// Number of paths.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no path: the subnet has not been routed yet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Number of paths that the table may hold.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// All paths, in the order of their keys.
    pub fn entries(&self) -> &[PathEntry] {
        &self.entries
    }

    /// All paths, in the order of their keys.
    pub fn iter(&self) -> core::slice::Iter<'_, PathEntry> {
        self.entries.iter()
    }

    /// The paths that start at a port, in the order of their keys.
    pub fn paths_from(&self, source: Gid) -> &[PathEntry] {
        self.range(|key| key.source.cmp(&source))
    }

    /// The paths from one port to another, in the order of their keys.
    pub fn paths_between(&self, source: Gid, destination: Gid) -> &[PathEntry] {
        self.range(|key| (key.source, key.destination).cmp(&(source, destination)))
    }

    /// The entries that `order` calls equal; it must go with the order of the keys.
    fn range(&self, order: impl Fn(&PathKey) -> core::cmp::Ordering) -> &[PathEntry] {
        let start = self.entries.partition_point(|entry| order(&entry.key).is_lt());
        let length = self.entries[start..].partition_point(|entry| order(&entry.key).is_eq());
        &self.entries[start..start + length]
    }

    fn position(&self, key: &PathKey) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.key.cmp(key))
    }
}

impl<'a> IntoIterator for &'a PathTable {
    type Item = &'a PathEntry;
    type IntoIter = core::slice::Iter<'a, PathEntry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::{Guid, Lid};

    fn key(source: u64, destination: u64) -> PathKey {
        let port = |guid| Gid::new(Gid::DEFAULT_PREFIX, Guid(guid));
        PathKey { source: port(source), destination: port(destination), ..PathKey::default() }
    }

    fn to_lid(lid: u16) -> PathProperties {
        PathProperties { destination_lid: Lid(lid), ..PathProperties::default() }
    }

    #[test]
    fn a_path_takes_72_bytes() {
        assert_eq!(size_of::<PathEntry>(), 72);
    }

    #[test]
    fn the_later_of_two_entries_counts() {
        let entries = [(1, 5), (2, 6), (1, 7)]
            .map(|(source, lid)| PathEntry { key: key(source, 9), properties: to_lid(lid) });
        let table = PathTable::from_entries(2, entries).unwrap();
        assert_eq!(table.get(&key(1, 9)), Some(&to_lid(7)));
        assert_eq!(table.len(), 2);
    }

    #[test]
    fn repetitions_take_no_room() {
        let entries = (0..1000).map(|n| PathEntry { key: key(n % 3, 9), properties: to_lid(1) });
        let table = PathTable::from_entries(3, entries).unwrap();
        assert_eq!(table.len(), 3);
        assert!(table.entries.capacity() <= 8, "nothing is kept of the repetitions");
    }

    #[test]
    fn one_too_many_is_refused() {
        let entries = (0..4).map(|n| PathEntry { key: key(n, 9), properties: to_lid(1) });
        assert_eq!(PathTable::from_entries(3, entries), Err(TableFull { limit: 3 }));
        let mut table = PathTable::new(1);
        assert_eq!(table.insert(key(1, 2), to_lid(1)), Ok(None));
        assert_eq!(table.insert(key(1, 3), to_lid(1)), Err(TableFull { limit: 1 }));
        assert_eq!(table.insert(key(1, 2), to_lid(2)), Ok(Some(to_lid(1))), "a path that is there has room");
        assert_eq!(PathTable::new(0).insert(key(1, 2), to_lid(1)), Err(TableFull { limit: 0 }));
    }

    #[test]
    fn an_endless_stream_of_paths_ends_with_the_error() {
        let entries = (0..).map(|n| PathEntry { key: key(n, 9), properties: to_lid(1) });
        assert_eq!(PathTable::from_entries(3, entries), Err(TableFull { limit: 3 }));
    }

    #[test]
    fn records_of_a_subnet_with_several_lids_a_port_are_several_paths() {
        let record = |lid| PathRecord {
            source_gid: key(1, 2).source,
            destination_gid: key(1, 2).destination,
            source_lid: Lid(4),
            destination_lid: Lid(lid),
            ..PathRecord::default()
        };
        let records = [record(8), record(9), record(10), record(11)];
        assert_eq!(PathTable::from_records(10, 2, &records).map(|table| table.len()), Ok(4));
        assert_eq!(PathTable::from_records(10, 0, &records).map(|table| table.len()), Ok(1));
    }
}
