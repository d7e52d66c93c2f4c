//! The difference of two switch × switch tables of service levels, against `memcmp` of the same bytes and against the
//! plain double loop of Algorithm 1.
//!
//! `memcmp` is libc's, which slice equality of bytes calls. It picks the widest vectors of the machine when it starts; the
//! other two are compiled for the target's baseline, with the same options.

use core::hint::black_box;

use fabric_ha_bench::{Numbers, interleave, time};
use ib_mad::ServiceLevel;
use path_record::dense::ServiceLevelMatrix;

const SWITCHES: u16 = 10_000;
const SIDE: usize = SWITCHES as usize;
const ROUNDS: usize = 21;
/// Pairs that a changed matrix has another level in: 1 % of all.
const CHANGED: usize = SIDE * SIDE / 100;

fn main() {
    let (old, changed, differing) = matrices();
    println!("Difference of two tables of {SWITCHES} × {SWITCHES} switches, {ROUNDS} rounds in turn");
    println!("GB/s of one table; the old one has its levels back before each round, outside the time");
    compare("nothing changed", &old, &old.clone(), 0);
    compare("1 % of the pairs changed, scattered", &old, &changed, differing);
}

fn compare(title: &str, old: &ServiceLevelMatrix, new: &ServiceLevelMatrix, expected: usize) {
    let old_bytes = bytes(old);
    let new_bytes = bytes(new);
    let identical = old_bytes.clone();
    let third = old_bytes.clone();
    let mut matrix = old.clone();
    let mut cells = old_bytes.clone();

    let mut ours = || {
        restore(&mut matrix, old);
        let mut changes = 0;
        let taken = time(|| changes = black_box(&mut matrix).update(black_box(new)).expect("one size"));
        assert_eq!(changes, expected);
        taken
    };
    // Of identical tables in both cases: at the first byte that differs, memcmp would stop.
    let mut memcmp = || {
        // The others have just gone through the first of their two tables, and a third: the caches are to be as warm here.
        let mut equal = black_box(&old_bytes[..]) == black_box(&third[..]);
        assert!(equal);
        let taken = time(|| equal = black_box(&old_bytes[..]) == black_box(&identical[..]));
        assert!(equal);
        taken
    };
    let mut double_loop = || {
        algorithm_1(&mut cells, &old_bytes);
        let mut changes = 0;
        let taken = time(|| changes = algorithm_1(black_box(&mut cells), black_box(&new_bytes)));
        assert_eq!(changes, expected);
        assert_eq!(cells, new_bytes);
        taken
    };
    let rounds = interleave(
        ROUNDS,
        &mut [
            ("ServiceLevelMatrix::update", &mut ours),
            ("memcmp of the same bytes", &mut memcmp),
            ("double loop of Algorithm 1", &mut double_loop),
        ],
    );
    println!("{title}: {expected} changes");
    rounds.print("GB/s", |seconds| (SIDE * SIDE) as f64 / 1e9 / seconds);
    let target = if expected == 0 { " (target: 0.8)" } else { "" };
    println!("  share of memcmp's bandwidth        {}{target}", rounds.times_faster(0, 1));
    println!("  times faster than the double loop  {}", rounds.times_faster(0, 2));
}

/// As the algorithm is written: compare each pair, and where it differs trigger (count) and take it over.
#[inline(never)]
fn algorithm_1(old: &mut [u8], new: &[u8]) -> usize {
    let mut changes = 0;
    for (source, (old, new)) in old.chunks_exact_mut(SIDE).zip(new.chunks_exact(SIDE)).enumerate() {
        for destination in 0..SIDE {
            if source != destination && old[destination] != new[destination] {
                changes += 1;
                old[destination] = new[destination];
            }
        }
    }
    changes
}

fn restore(matrix: &mut ServiceLevelMatrix, old: &ServiceLevelMatrix) {
    matrix.update(old).expect("one size");
}

fn bytes(matrix: &ServiceLevelMatrix) -> Vec<u8> {
    matrix.rows().flatten().copied().collect()
}

/// A matrix of random levels, and the same with 1 % of its pairs changed; and how many those are.
fn matrices() -> (ServiceLevelMatrix, ServiceLevelMatrix, usize) {
    let mut numbers = Numbers(7);
    let old = ServiceLevelMatrix::from_fn(SWITCHES, |_, _| level(numbers.below(8)));
    let mut new = old.clone();
    let mut differing = 0;
    while differing < CHANGED {
        let (source, destination) = (index(&mut numbers), index(&mut numbers));
        let is_as_before = new.get(source, destination) == old.get(source, destination);
        if source != destination && is_as_before {
            new.set(source, destination, level(8 + numbers.below(8))).expect("both are below the size");
            differing += 1;
        }
    }
    (old, new, differing)
}

fn level(level: u64) -> Option<ServiceLevel> {
    ServiceLevel::new(level as u8)
}

fn index(numbers: &mut Numbers) -> u16 {
    numbers.below(SWITCHES.into()) as u16
}
