//! The difference against the plainest way to compute it, over random tables.
#![allow(clippy::unwrap_used, reason = "a test may")]

extern crate alloc;

use alloc::collections::BTreeMap;

use ib_mad::{Gid, Guid, Lid, Mtu, PKey, PacketLifetime, Rate, ServiceLevel};
use path_record::dense::ServiceLevelMatrix;
use path_record::{
    ChangeKind, ChangeSets, ChangedFields, PathChange, PathEnd, PathEntry, PathKey, PathProperties,
    PathRecordDistinguisher, PathSelector, PathTable, Update, difference,
};
use quickcheck::{Arbitrary, Gen, quickcheck};

const LIMIT: usize = 10_000;

/// A path of a subnet so small that two random tables share many keys.
#[derive(Clone, Debug)]
struct Path(PathEntry);

impl Arbitrary for Path {
    fn arbitrary(g: &mut Gen) -> Self {
        let below = |g: &mut Gen, bound: u8| u8::arbitrary(g) % bound;
        let port = |g: &mut Gen| Gid::new(Gid::DEFAULT_PREFIX, Guid(below(g, 3).into()));
        let p_key = PKey(u16::from(below(g, 4)) | u16::from(bool::arbitrary(g)) << 15);
        let selector = match below(g, 4) {
            0 => PathSelector::Service(below(g, 2).into()),
            bits => PathSelector::PathBits { source: bits / 2, destination: 0 },
        };
        let key = PathKey { source: port(g), destination: port(g), selector, partition: p_key.into() };
        let properties = PathProperties {
            source_lid: Lid(below(g, 2).into()),
            destination_lid: Lid(below(g, 2).into()),
            service_level: ServiceLevel::new(below(g, 3)).unwrap(),
            mtu: Mtu(4 + below(g, 2)),
            rate: Rate(2 + below(g, 2)),
            packet_lifetime: PacketLifetime(18 + below(g, 2)),
            p_key,
        };
        Self(PathEntry { key, properties })
    }
}

fn table(paths: &[Path]) -> PathTable {
    PathTable::from_entries(LIMIT, paths.iter().map(|path| path.0)).unwrap()
}

/// The plainest way: for each pair of ports and selector, look for each path in the other table; then pair off the rest.
fn naive(old: &PathTable, new: &PathTable) -> Vec<PathChange> {
    let group = |key: &PathKey| (key.source, key.destination, key.selector);
    let mut groups: Vec<_> = old.iter().chain(new).map(|entry| group(&entry.key)).collect();
    groups.sort();
    groups.dedup();
    let mut changes = Vec::new();
    for current in groups.into_iter().filter(|(source, destination, _)| source != destination) {
        let only_in = |table: &PathTable, other: &PathTable| -> Vec<PathEntry> {
            let own = table.iter().filter(|entry| group(&entry.key) == current);
            own.filter(|entry| other.get(&entry.key).is_none()).copied().collect()
        };
        let (mut vanished, mut appeared) = (only_in(old, new), only_in(new, old));
        for is in new.iter().filter(|entry| group(&entry.key) == current) {
            if let Some(was) = old.get(&is.key).filter(|was| **was != is.properties) {
                changes.push(changed(is.key, *was, is.properties));
            }
        }
        while !vanished.is_empty() && !appeared.is_empty() {
            let (was, is) = (vanished.remove(0), appeared.remove(0));
            changes.push(changed(is.key, was.properties, is.properties));
        }
        let rest = |entry: PathEntry, kind: fn(PathProperties) -> ChangeKind| PathChange {
            key: entry.key,
            kind: kind(entry.properties),
        };
        changes.extend(vanished.into_iter().map(|entry| rest(entry, ChangeKind::Vanished)));
        changes.extend(appeared.into_iter().map(|entry| rest(entry, ChangeKind::Appeared)));
    }
    changes
}

fn changed(key: PathKey, old: PathProperties, new: PathProperties) -> PathChange {
    let mut fields = ChangedFields::NONE;
    for (differs, field) in [
        (old.service_level != new.service_level, ChangedFields::SERVICE_LEVEL),
        (old.mtu != new.mtu, ChangedFields::MTU),
        (old.rate != new.rate, ChangedFields::RATE),
        (old.packet_lifetime != new.packet_lifetime, ChangedFields::PACKET_LIFETIME),
        (old.p_key != new.p_key, ChangedFields::P_KEY),
        (old.source_lid != new.source_lid, ChangedFields::SOURCE_LID),
        (old.destination_lid != new.destination_lid, ChangedFields::DESTINATION_LID),
    ] {
        if differs {
            fields |= field;
        }
    }
    PathChange { key, kind: ChangeKind::Changed { old, new, fields } }
}

quickcheck! {
    fn difference_is_the_naive_one(old: Vec<Path>, new: Vec<Path>) -> bool {
        let (old, new) = (table(&old), table(&new));
        difference(&old, &new).changes() == naive(&old, &new)
    }

    fn a_table_does_not_differ_from_itself(paths: Vec<Path>) -> bool {
        let table = table(&paths);
        let difference = difference(&table, &table);
        let loopbacks = table.iter().filter(|entry| entry.key.is_loopback()).count();
        difference.is_empty() && difference.compared() == table.len() - loopbacks
    }

    fn there_and_back_are_as_many(old: Vec<Path>, new: Vec<Path>) -> bool {
        let (old, new) = (table(&old), table(&new));
        let (there, back) = (difference(&old, &new), difference(&new, &old));
        there.count() == back.count() && there.compared() == back.compared()
    }

    fn applying_the_changes_gives_the_new_table(old: Vec<Path>, new: Vec<Path>) -> bool {
        let (mut old, new) = (table(&old), table(&new));
        let difference = difference(&old, &new);
        for change in difference.changes() {
            if let Some(before) = change.before() {
                let key = PathKey { partition: before.p_key.into(), ..change.key };
                assert_eq!(old.remove(&key), Some(*before));
            }
        }
        for change in difference.changes() {
            if let Some(after) = change.after() {
                assert_eq!(old.insert(change.key, *after), Ok(None));
            }
        }
        let without_loopbacks = |table: &PathTable| -> Vec<PathEntry> {
            table.iter().filter(|entry| !entry.key.is_loopback()).copied().collect()
        };
        without_loopbacks(&old) == without_loopbacks(&new)
    }

    fn every_change_is_in_the_sets_of_its_ends(old: Vec<Path>, new: Vec<Path>) -> bool {
        let difference = difference(&table(&old), &table(&new));
        let both = ChangeSets::of_both_ends(&difference);
        let sources = ChangeSets::of_sources(&difference);
        for change in difference.changes() {
            for (host, end) in [(change.key.source, PathEnd::Source), (change.key.destination, PathEnd::Destination)] {
                let set = both.get(host).unwrap();
                assert!(set.changes().iter().any(|seen| seen.end == end && seen.change == change));
            }
            assert!(sources.get(change.key.source).unwrap().as_source().any(|seen| seen == change));
        }
        let total = |sets: &ChangeSets<'_>| sets.iter().map(|(_, set)| set.count()).sum::<usize>();
        total(&both) == 2 * difference.count() && total(&sources) == difference.count()
    }

    fn a_table_is_a_sorted_map(paths: Vec<Path>, limit: u8) -> bool {
        let limit = usize::from(limit % 16);
        let mut map = BTreeMap::new();
        let mut inserted = PathTable::new(limit);
        for Path(entry) in &paths {
            let fits = inserted.len() < limit || map.contains_key(&entry.key);
            match inserted.insert(entry.key, entry.properties) {
                Ok(before) => assert!(fits && map.insert(entry.key, entry.properties) == before),
                Err(full) => assert!(!fits && full.limit == limit),
            }
            let expected: Vec<_> = map.iter().map(|(key, properties)| (*key, *properties)).collect();
            assert!(inserted.iter().map(|entry| (entry.key, entry.properties)).eq(expected));
        }
        let all: BTreeMap<_, _> = paths.iter().map(|path| (path.0.key, path.0.properties)).collect();
        match PathTable::from_entries(limit, paths.iter().map(|path| path.0)) {
            Ok(table) => table.iter().map(|entry| (entry.key, entry.properties)).eq(all),
            Err(_) => all.len() > limit,
        }
    }

    fn paths_of_a_port_are_those_of_a_scan(paths: Vec<Path>) -> bool {
        let table = table(&paths);
        let ports = (0..4).map(|guid| Gid::new(Gid::DEFAULT_PREFIX, Guid(guid)));
        ports.clone().all(|from| {
            let scan: Vec<PathEntry> = table.iter().filter(|entry| entry.key.source == from).copied().collect();
            table.paths_from(from) == scan
                && ports.clone().all(|to| {
                    table.paths_between(from, to).iter().eq(scan.iter().filter(|entry| entry.key.destination == to))
                })
        })
    }

    fn dense_and_keyed_count_alike(cells: Vec<(u8, u8)>) -> bool {
        let (old, new) = matrices(&cells);
        let keyed = |matrix: &ServiceLevelMatrix| {
            let levels = matrix.rows().enumerate().flat_map(|(source, row)| {
                row.iter().enumerate().map(move |(destination, level)| (source, destination, *level))
            });
            let entries = levels.filter_map(|(source, destination, level)| {
                let port = |index: usize| Gid::new(Gid::DEFAULT_PREFIX, Guid(index as u64));
                let properties = PathProperties { service_level: ServiceLevel::new(level)?, ..PathProperties::default() };
                let key = PathKey { source: port(source), destination: port(destination), ..PathKey::default() };
                Some(PathEntry { key, properties })
            });
            PathTable::from_entries(LIMIT, entries).unwrap()
        };
        let keyed = difference(&keyed(&old), &keyed(&new));
        old.clone().update(&new) == Ok(keyed.count())
    }

    fn dense_is_the_double_loop(cells: Vec<(u8, u8)>) -> bool {
        let (old, new) = matrices(&cells);
        let mut expected_changes = Vec::new();
        let mut expected = old.clone();
        for source in 0..old.switches() {
            for destination in 0..old.switches() {
                let (was, is) = (old.get(source, destination), new.get(source, destination));
                if source != destination && was != is {
                    expected_changes.push((source, destination, was, is));
                    expected.set(source, destination, is).unwrap();
                }
            }
        }
        let (mut counted, mut listed, mut changes) = (old.clone(), old.clone(), Vec::new());
        assert_eq!(counted.update(&new), Ok(expected_changes.len()));
        let count = listed.update_with(&new, |source, destination, was, is| changes.push((source, destination, was, is)));
        count == Ok(expected_changes.len())
            && changes == expected_changes
            && counted == expected
            && listed == expected
            && counted.update(&new) == Ok(0)
    }
}

/// Two matrices of one size, filled from the front with levels (and with 16 for no route), the rest alike.
fn matrices(cells: &[(u8, u8)]) -> (ServiceLevelMatrix, ServiceLevelMatrix) {
    let switches = (0..).find(|side| side * side >= cells.len()).unwrap() as u16;
    let matrix = |pick: fn(&(u8, u8)) -> u8| {
        ServiceLevelMatrix::from_fn(switches, |source, destination| {
            let cell = cells.get(usize::from(source) * usize::from(switches) + usize::from(destination));
            ServiceLevel::new(cell.map_or(0, pick) % 17)
        })
    };
    (matrix(|cell| cell.0), matrix(|cell| if cell.1 % 3 == 0 { cell.1 } else { cell.0 }))
}

/// Larger than a block and a piece of the comparison, with changes at the borders of each.
#[test]
fn dense_counts_across_blocks() {
    for switches in [1, 2, 255, 256, 4095, 4096, 4097] {
        let old = ServiceLevelMatrix::new(switches);
        let mut new = old.clone();
        let level = ServiceLevel::new(3);
        let edges = [0, 1, 254, 255, 256, 510, 4094, 4095, 4096].map(|edge| edge % switches);
        let mut expected: Vec<_> = edges
            .iter()
            .flat_map(|source| edges.iter().map(move |destination| (*source, *destination)))
            .collect();
        expected.sort_unstable();
        expected.dedup();
        for (source, destination) in &expected {
            new.set(*source, *destination, level).unwrap();
        }
        expected.retain(|(source, destination)| source != destination);
        let mut listed = Vec::new();
        let count = old.clone().update_with(&new, |source, destination, was, is| {
            assert_eq!((was, is), (None, level));
            listed.push((source, destination));
        });
        assert_eq!((count, old.clone().update(&new)), (Ok(expected.len()), Ok(expected.len())));
        assert_eq!(listed, expected);
    }
}

/// A whole row in which every place differs: more than a counter of one byte holds.
#[test]
fn dense_counts_when_everything_differs() {
    let old = ServiceLevelMatrix::new(1000);
    let new = ServiceLevelMatrix::from_fn(1000, |_, _| ServiceLevel::new(0));
    assert_eq!(old.clone().update(&new), Ok(1000 * 999));
    assert_eq!(old.pairs(), 1000 * 999);
}

#[test]
fn only_a_routing_ends_the_wait_for_the_first_one() {
    let mut random = Gen::new(8);
    let entry = |random: &mut Gen| Path::arbitrary(random).0;
    let one = PathTable::from_entries(LIMIT, [entry(&mut random)]).unwrap();
    let mut distinguisher = PathRecordDistinguisher::new();
    assert_eq!(distinguisher.update(PathTable::new(LIMIT)), Update::Seeded);
    assert!(!distinguisher.has_been_routed());
    assert_eq!(distinguisher.update(one.clone()), Update::Seeded);
    assert_eq!(distinguisher.table(), Some(&one));
    assert!(matches!(distinguisher.update(one.clone()), Update::Compared(same) if same.is_empty()));
    distinguisher.update(PathTable::new(LIMIT));
    assert_eq!(distinguisher.table().map(PathTable::len), Some(0), "an empty table later is a routing");
}
