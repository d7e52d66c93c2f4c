//! Instructions of path-record's hot paths, as callgrind counts them: no noise hides a change.
#![allow(missing_docs, unreachable_pub, unused_qualifications, reason = "the macros of gungraun")]

use core::hint::black_box;

use fabric_ha_bench::instructions_only;
use fabric_ha_bench::table::path_records;
use gungraun::prelude::*;
use ib_mad::ServiceLevel;
use path_record::dense::ServiceLevelMatrix;
use path_record::{Difference, PathTable, difference};

const PATHS: usize = 10_000;
const SWITCHES: u16 = 1000;

/// A table, and the same with another service level for one path in `every`.
fn tables(every: usize) -> (PathTable, PathTable) {
    let old: Vec<_> = path_records(PATHS).collect();
    let mut new = old.clone();
    for record in new.iter_mut().step_by(every) {
        record.service_level = other(record.service_level);
    }
    let table = |records| PathTable::from_records(PATHS, 0, records).expect("there is room");
    (table(&old), table(&new))
}

#[library_benchmark]
#[bench::nothing_changed(args = (usize::MAX), setup = tables)]
#[bench::one_percent_changed(args = (100), setup = tables)]
fn ten_thousand_paths((old, new): (PathTable, PathTable)) -> (Difference, PathTable, PathTable) {
    (difference(black_box(&old), black_box(&new)), old, new)
}

/// A matrix, and the same with another level for one pair in `every`.
fn matrices(every: usize) -> (ServiceLevelMatrix, ServiceLevelMatrix) {
    let old = ServiceLevelMatrix::from_fn(SWITCHES, |source, destination| {
        ServiceLevel::new(((source ^ destination) % 8) as u8)
    });
    let mut new = old.clone();
    for pair in (0..old.pairs()).step_by(every) {
        let (source, destination) = (pair / usize::from(SWITCHES), pair % usize::from(SWITCHES));
        let (source, destination) = (source as u16, destination as u16);
        let level = old.get(source, destination).map(other);
        new.set(source, destination, level).expect("both are below the size");
    }
    (old, new)
}

#[library_benchmark]
#[bench::nothing_changed(args = (usize::MAX), setup = matrices)]
#[bench::one_percent_changed(args = (100), setup = matrices)]
fn a_thousand_switches(
    (mut old, new): (ServiceLevelMatrix, ServiceLevelMatrix),
) -> (usize, ServiceLevelMatrix, ServiceLevelMatrix) {
    (black_box(&mut old).update(black_box(&new)).expect("one size"), old, new)
}

fn other(level: ServiceLevel) -> ServiceLevel {
    ServiceLevel::new(level.get() ^ 1).unwrap_or_default()
}

library_benchmark_group!(name = differences, benchmarks = [ten_thousand_paths, a_thousand_switches]);
main!(config = instructions_only(), library_benchmark_groups = differences);
