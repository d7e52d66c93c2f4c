//! What the searches through the worlds share: all states, storms by seed, and what is found when a rule is left out.

#![allow(dead_code, reason = "each test program uses a part of it")]

use core::fmt::Debug;

use sim::{ExploreError, Witnessed, World, explore, replay, walk_seeded};

/// How many times as far as usual the caller wants to search: `SEARCH_SCALE`, or 1.
pub(crate) fn scale() -> u64 {
    std::env::var("SEARCH_SCALE").map_or(1, |scale| scale.parse().expect("SEARCH_SCALE is a number"))
}

/// No rule is broken in any state of the world, which has fewer transitions than `cap`.
#[track_caller]
pub(crate) fn stands<W>(name: &str, world: W, cap: usize)
where
    W: World + Send + Sync,
    W::Step: Send + Sync,
{
    let explored = explore(world, cap).unwrap();
    println!("{name}: {explored:?}");
}

/// No rule is broken on `walks` walks, each of `steps` steps from `world(seed)`, on which together everything happens that the
/// world knows of.
#[track_caller]
pub(crate) fn storms<W: World>(name: &str, walks: u64, steps: usize, world: impl Fn(u64) -> W) {
    let mut seen = Witnessed::default();
    let (mut longest, mut taken) = (0, 0);
    for seed in 0..walks {
        let walk = walk_seeded(world(seed), seed, steps).unwrap();
        seen.merge(walk.witnessed);
        longest = longest.max(walk.longest_drain);
        taken += walk.steps;
    }
    assert!(seen.missing::<W>().is_empty(), "{:?}", seen.missing::<W>());
    println!("{name}: {taken} steps in {walks} walks, longest drain {longest} steps");
}

/// The rule that the exhaustive search finds broken without the part that `mutant` leaves out. With that part, as in
/// `world(whole)`, the same steps break nothing.
#[track_caller]
pub(crate) fn broken_by<W, M>(mutant: M, whole: M, world: impl Fn(M) -> W, cap: usize) -> &'static str
where
    W: World + Send + Sync,
    W::Step: Send + Sync,
    M: Copy + Debug,
{
    match explore(world(mutant), cap) {
        Err(ExploreError::Broken(counterexample)) => {
            println!("{mutant:?}: {counterexample}");
            replay(world(whole), &counterexample.steps).unwrap();
            counterexample.violation.rule
        }
        other => panic!("{mutant:?} was not noticed: {other:?}"),
    }
}

/// The rule that one of up to 200 walks from `world` finds broken.
#[track_caller]
pub(crate) fn broken_in_a_storm<W: World>(
    mutant: impl Debug,
    steps: usize,
    world: impl Fn() -> W,
) -> &'static str {
    let counterexample = (0..200).find_map(|seed| walk_seeded(world(), seed, steps).err());
    let counterexample = counterexample.unwrap_or_else(|| panic!("{mutant:?} was not noticed"));
    println!("{mutant:?}: {counterexample}");
    counterexample.violation.rule
}
