//! The machines of `trap-signal`, end to end: exhaustively in small worlds, by seed in a storm, and each rule left out once.
//!
//! `SEARCH_SCALE=n` takes n times as many walks, and searches larger worlds when n is above 1.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use bodies::repath::{Disturbances, Mutant, RepathWorld, STORM, Setting, rule};
use sim::{ExploreError, Faults, Violation, Witnessed, explore, replay, walk_seeded};

/// One host with one queue pair.
const ONE_HOST: Setting =
    Setting { hosts: 1, silent_ports: 1, levels: 3, verifies: false, mutant: Mutant::None };
/// Two hosts with a queue pair each.
const TWO_HOSTS: Setting = Setting { hosts: 2, silent_ports: 0, ..ONE_HOST };

/// The subnet is routed twice: a host can be about to act on the first time when the second comes.
const ROUTED_TWICE: Disturbances = Disturbances { reroutes: 2, ..Disturbances::NONE };

const LOSS: Faults = Faults { losses: 1, ..Faults::NONE };
const EACH_FAULT: Faults = Faults { losses: 1, duplicates: 1, delays: 1 };

/// One of everything: for mutants, whose counterexamples are found long before all states have been.
const EVERYTHING: Disturbances = Disturbances {
    faults: EACH_FAULT,
    vain_reroutes: 1,
    strangers: 1,
    failed_moves: 1,
    impatience: 1,
    ..ROUTED_TWICE
};

fn scale() -> u64 {
    std::env::var("SEARCH_SCALE").map_or(1, |scale| scale.parse().expect("SEARCH_SCALE is a number"))
}

fn stands(name: &str, setting: Setting, disturbances: Disturbances) {
    let explored = explore(RepathWorld::new(setting, disturbances), 20_000_000).unwrap();
    println!("{name}: {explored:?}");
}

#[test]
fn one_host_on_links_that_lose_repeat_and_delay() {
    stands("links", ONE_HOST, Disturbances { faults: EACH_FAULT, ..ROUTED_TWICE });
}

#[test]
fn one_host_whose_moves_fail_and_whom_strangers_tell_lies() {
    let faults = Faults { losses: 0, ..EACH_FAULT };
    stands(
        "lies",
        ONE_HOST,
        Disturbances { faults, vain_reroutes: 1, strangers: 1, failed_moves: 1, ..ROUTED_TWICE },
    );
}

#[test]
fn one_host_and_an_impatient_manager() {
    stands(
        "impatience",
        ONE_HOST,
        Disturbances { faults: LOSS, failed_moves: 1, impatience: 1, ..ROUTED_TWICE },
    );
}

#[test]
fn one_host_and_a_manager_that_is_busy_or_starts_anew() {
    stands("restart", ONE_HOST, Disturbances { faults: LOSS, busy: 1, restarts: 1, ..ROUTED_TWICE });
}

#[test]
fn two_hosts() {
    stands("two hosts", TWO_HOSTS, ROUTED_TWICE);
    if scale() > 1 {
        stands("two hosts, a loss", TWO_HOSTS, Disturbances { faults: LOSS, ..ROUTED_TWICE });
    }
}

#[test]
fn storms_by_seed() {
    let mut seen = Witnessed::default();
    let (mut longest, mut taken) = (0, 0);
    let (walks, steps) = (40 * scale(), 2000);
    for seed in 0..walks {
        let walk = walk_seeded(RepathWorld::new(STORM, Disturbances::UNLIMITED), seed, steps).unwrap();
        seen.merge(walk.witnessed);
        longest = longest.max(walk.longest_drain);
        taken += walk.steps;
    }
    assert!(seen.missing::<RepathWorld>().is_empty(), "{:?}", seen.missing::<RepathWorld>());
    println!("storms: {taken} steps in {walks} walks, longest drain {longest} steps");
}

/// The rule that the exhaustive search finds broken without the part that `mutant` leaves out. With that part, the
/// same steps break nothing.
fn exhaustive(mutant: Mutant, setting: Setting, disturbances: Disturbances) -> &'static str {
    let world = |mutant| RepathWorld::new(Setting { mutant, ..setting }, disturbances);
    match explore(world(mutant), 20_000_000) {
        Err(ExploreError::Broken(counterexample)) => {
            println!("{mutant:?}: {counterexample}");
            replay(world(Mutant::None), &counterexample.steps).unwrap();
            counterexample.violation.rule
        }
        other => panic!("{mutant:?} was not noticed: {other:?}"),
    }
}

fn one_host(mutant: Mutant) -> &'static str {
    exhaustive(mutant, ONE_HOST, EVERYTHING)
}

/// The rule that a walk through a storm finds broken.
fn storm(mutant: Mutant) -> &'static str {
    let walk = |seed| {
        let world = RepathWorld::new(Setting { mutant, ..STORM }, Disturbances::UNLIMITED);
        walk_seeded(world, seed, 2000).err()
    };
    let counterexample = (0..200).find_map(walk).unwrap_or_else(|| panic!("{mutant:?} was not noticed"));
    println!("{mutant:?}: {counterexample}");
    counterexample.violation.rule
}

#[test]
fn a_host_that_believes_strangers_is_noticed() {
    assert_eq!(one_host(Mutant::BelievesStrangers), rule::STRANGERS_ARE_IGNORED);
    assert_eq!(storm(Mutant::BelievesStrangers), rule::STRANGERS_ARE_IGNORED);
}

#[test]
fn a_host_that_asks_nothing_after_a_report_is_noticed() {
    assert_eq!(one_host(Mutant::SkipsQuery), rule::UP_TO_DATE);
}

#[test]
fn a_host_that_takes_an_earlier_answer_for_the_newest_is_noticed() {
    assert_eq!(one_host(Mutant::OneQueryIsEnough), Violation::DOES_NOT_DRAIN);
}

#[test]
fn a_host_that_takes_a_repetition_for_news_is_noticed() {
    assert_eq!(one_host(Mutant::ForgetsReports), rule::REPETITIONS_ASK_NOTHING);
}

#[test]
fn a_host_that_does_not_answer_is_noticed() {
    assert_eq!(one_host(Mutant::NeverAnswers), rule::REPORTS_ARE_ANSWERED);
}

#[test]
fn a_host_that_takes_a_failed_move_for_a_done_one_is_noticed() {
    assert_eq!(one_host(Mutant::TakesFailureForSuccess), rule::AGENT_KNOWS_ADAPTER);
}

#[test]
fn a_manager_that_does_not_repeat_is_noticed() {
    assert_eq!(one_host(Mutant::ReportsOnce), Violation::DOES_NOT_DRAIN);
}

#[test]
fn a_manager_that_signals_before_it_has_rerouted_is_noticed() {
    assert_eq!(one_host(Mutant::SignalsTooEarly), Violation::DOES_NOT_DRAIN);
}

#[test]
fn a_manager_that_signals_everybody_is_noticed() {
    assert_eq!(one_host(Mutant::SignalsEverybody), rule::HYBRID_SIGNALS_THE_CHANGED);
}

/// All transmissions of a Report are lost.
#[test]
fn a_manager_that_keeps_silent_subscribers_is_noticed() {
    let disturbances =
        Disturbances { faults: Faults { losses: 4, ..LOSS }, reroutes: 1, ..Disturbances::NONE };
    let setting = Setting { verifies: true, ..ONE_HOST };
    let rule = exhaustive(Mutant::KeepsSilentSubscribers, setting, disturbances);
    assert_eq!(rule, Violation::DOES_NOT_DRAIN);
}

#[test]
fn a_host_that_never_verifies_is_noticed() {
    let disturbances = Disturbances { silent_restarts: 1, ..Disturbances::NONE };
    let setting = Setting { verifies: true, ..ONE_HOST };
    let rule = exhaustive(Mutant::NeverVerifies, setting, disturbances);
    assert_eq!(rule, Violation::DOES_NOT_DRAIN);
    assert_eq!(storm(Mutant::NeverVerifies), Violation::DOES_NOT_DRAIN);
}
