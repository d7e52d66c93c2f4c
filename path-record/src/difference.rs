//! The difference of two tables: which paths a rerouting changed.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::{ChangeKind, ChangedFields, PathChange, PathEntry, PathTable};

/// In what a table differs from the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Difference {
    changes: Vec<PathChange>,
    unchanged: usize,
}

impl Difference {
    /// The paths that changed: in the order of source, destination and selector, those that kept their partition first.
    pub fn changes(&self) -> &[PathChange] {
        &self.changes
    }

    /// How many paths changed. Hosts are to be signalled when there are any.
    pub fn count(&self) -> usize {
        self.changes.len()
    }

    /// How many paths were compared: those of either table, each once. Paths from a port to itself do not count.
    pub fn compared(&self) -> usize {
        self.unchanged + self.changes.len()
    }

    /// Whether no path changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The paths that changed, without the rest.
    pub fn into_changes(self) -> Vec<PathChange> {
        self.changes
    }
}

/// Compare two tables: what changed from `old` to `new`.
///
/// One pass over both, in time proportional to their length. A path from a port to itself never counts. When a path
/// vanished and another between the same ports, with the same selector, appeared in another partition, the two are one
/// change of P_Key; several such are paired in the order of their partitions, and what is left over appeared or vanished.
pub fn difference(old: &PathTable, new: &PathTable) -> Difference {
    let mut difference = Difference::default();
    let mut moves = PartitionMoves::default();
    let (mut old, mut new) = (old.entries(), new.entries());
    loop {
        let next = match (old.first(), new.first()) {
            (None, None) => return difference,
            (Some(entry), None) | (None, Some(entry)) => entry,
            (Some(was), Some(is)) if was.key <= is.key => was,
            (Some(_), Some(is)) => is,
        };
        let pair = next.key.pair();
        let is_loopback = next.key.is_loopback();
        let old_group = take_while(&mut old, |entry| entry.key.pair() == pair);
        let new_group = take_while(&mut new, |entry| entry.key.pair() == pair);
        if !is_loopback {
            difference.compare_group(old_group, new_group, &mut moves);
        }
    }
}

/// Paths of one group that are in one table only. Kept from group to group for its memory.
#[derive(Default)]
struct PartitionMoves {
    vanished: Vec<PathEntry>,
    appeared: Vec<PathEntry>,
}

impl Difference {
    /// Compare the paths with one source, destination and selector, which differ in their partition only.
    fn compare_group(&mut self, mut old: &[PathEntry], mut new: &[PathEntry], moves: &mut PartitionMoves) {
        moves.vanished.clear();
        moves.appeared.clear();
        loop {
            match (old, new) {
                ([was, old_rest @ ..], [is, new_rest @ ..]) => match was.key.cmp(&is.key) {
                    Ordering::Less => {
                        moves.vanished.push(*was);
                        old = old_rest;
                    }
                    Ordering::Equal => {
                        self.compare_path(was, is);
                        (old, new) = (old_rest, new_rest);
                    }
                    Ordering::Greater => {
                        moves.appeared.push(*is);
                        new = new_rest;
                    }
                },
                (old_rest, new_rest) => {
                    moves.vanished.extend_from_slice(old_rest);
                    moves.appeared.extend_from_slice(new_rest);
                    break;
                }
            }
        }
        let paired = moves.vanished.len().min(moves.appeared.len());
        for (was, is) in moves.vanished.iter().zip(&moves.appeared) {
            self.compare_path(was, is);
        }
        for was in &moves.vanished[paired..] {
            self.changes.push(PathChange { key: was.key, kind: ChangeKind::Vanished(was.properties) });
        }
        for is in &moves.appeared[paired..] {
            self.changes.push(PathChange { key: is.key, kind: ChangeKind::Appeared(is.properties) });
        }
    }

    fn compare_path(&mut self, was: &PathEntry, is: &PathEntry) {
        let (old, new) = (was.properties, is.properties);
        let mut fields = ChangedFields::between(&old, &new);
        if was.key.partition != is.key.partition {
            fields |= ChangedFields::P_KEY;
        }
        if fields.is_empty() {
            self.unchanged += 1;
        } else {
            self.changes.push(PathChange { key: is.key, kind: ChangeKind::Changed { old, new, fields } });
        }
    }
}

/// Cut off the entries at the front that belong together.
fn take_while<'a>(entries: &mut &'a [PathEntry], belongs: impl Fn(&PathEntry) -> bool) -> &'a [PathEntry] {
    let length = entries.iter().position(|entry| !belongs(entry)).unwrap_or(entries.len());
    let (front, rest) = entries.split_at(length);
    *entries = rest;
    front
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PathKey, PathProperties};
    use ib_mad::{Gid, Guid, PKey, ServiceLevel};

    fn entry(source: u64, destination: u64, p_key: u16, level: u8) -> PathEntry {
        let port = |guid| Gid::new(Gid::DEFAULT_PREFIX, Guid(guid));
        let p_key = PKey(p_key);
        PathEntry {
            key: PathKey {
                source: port(source),
                destination: port(destination),
                partition: p_key.into(),
                ..PathKey::default()
            },
            properties: PathProperties {
                service_level: ServiceLevel::new(level).unwrap(),
                p_key,
                ..PathProperties::default()
            },
        }
    }

    fn compare<const N: usize, const M: usize>(old: [PathEntry; N], new: [PathEntry; M]) -> Difference {
        difference(&PathTable::from_entries(100, old).unwrap(), &PathTable::from_entries(100, new).unwrap())
    }

    fn fields(difference: &Difference) -> Vec<ChangedFields> {
        difference.changes().iter().map(PathChange::fields).collect()
    }

    #[test]
    fn each_path_counts_once() {
        let difference = compare(
            [entry(1, 2, 1, 0), entry(1, 3, 1, 0), entry(2, 1, 1, 0)],
            [entry(1, 2, 1, 0), entry(1, 3, 1, 4), entry(3, 1, 1, 0)],
        );
        assert_eq!((difference.count(), difference.compared()), (3, 4));
        let changes = difference.into_changes();
        assert_eq!(changes[0].fields(), ChangedFields::SERVICE_LEVEL);
        assert_eq!(changes[1].kind, ChangeKind::Vanished(entry(2, 1, 1, 0).properties));
        assert_eq!(changes[2].kind, ChangeKind::Appeared(entry(3, 1, 1, 0).properties));
    }

    #[test]
    fn a_path_from_a_port_to_itself_never_counts() {
        let difference =
            compare([entry(1, 1, 1, 0), entry(2, 2, 1, 0)], [entry(1, 1, 1, 5), entry(3, 3, 1, 0)]);
        assert_eq!((difference.count(), difference.compared()), (0, 0));
    }

    #[test]
    fn another_partition_is_one_change() {
        let difference = compare([entry(1, 2, 0x8001, 0)], [entry(1, 2, 0x8002, 0)]);
        assert_eq!(fields(&difference), [ChangedFields::P_KEY]);
        assert_eq!((difference.count(), difference.compared()), (1, 1));
        let change = difference.changes()[0];
        assert_eq!(change.key, entry(1, 2, 2, 0).key, "it goes by the new partition");
        assert_eq!(change.before().map(|old| old.p_key), Some(PKey(0x8001)));
    }

    #[test]
    fn another_membership_is_a_change_of_p_key() {
        let difference = compare([entry(1, 2, 0x8001, 0)], [entry(1, 2, 0x0001, 0)]);
        assert_eq!(fields(&difference), [ChangedFields::P_KEY]);
    }

    #[test]
    fn partitions_are_paired_in_order_and_the_rest_is_left_over() {
        let difference = compare(
            [entry(1, 2, 1, 0), entry(1, 2, 3, 0), entry(1, 2, 5, 0)],
            [entry(1, 2, 2, 0), entry(1, 2, 3, 0), entry(1, 2, 6, 9), entry(1, 2, 7, 0)],
        );
        let moved: Vec<_> = difference
            .changes()
            .iter()
            .map(|change| (change.before().map(|old| old.p_key.0), change.after().map(|new| new.p_key.0)))
            .collect();
        assert_eq!(moved, [(Some(1), Some(2)), (Some(5), Some(6)), (None, Some(7))]);
        assert_eq!(fields(&difference)[1], ChangedFields::P_KEY | ChangedFields::SERVICE_LEVEL);
        assert_eq!(difference.compared(), 4);
    }

    #[test]
    fn another_pair_of_ports_is_no_move() {
        let difference = compare([entry(1, 2, 1, 0)], [entry(1, 3, 2, 0)]);
        assert_eq!(fields(&difference), [ChangedFields::NONE; 2]);
    }
}
