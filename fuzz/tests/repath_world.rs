//! The machines of `trap-signal`, end to end: exhaustively in small worlds, by seed in a storm, and each rule left out once.
//!
//! `SEARCH_SCALE=n` takes n times as many walks, and searches larger worlds when n is above 1.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod search;

use bodies::repath::{Disturbances, Mutant, RepathWorld, STORM, Setting, rule};
use sim::{Faults, Violation};

use search::scale;

const CAP: usize = 20_000_000;

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

fn stands(name: &str, setting: Setting, disturbances: Disturbances) {
    search::stands(name, RepathWorld::new(setting, disturbances), CAP);
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
    search::storms("storms", 40 * scale(), 2000, |_| RepathWorld::new(STORM, Disturbances::UNLIMITED));
}

fn exhaustive(mutant: Mutant, setting: Setting, disturbances: Disturbances) -> &'static str {
    let world = |mutant| RepathWorld::new(Setting { mutant, ..setting }, disturbances);
    search::broken_by(mutant, Mutant::None, world, CAP)
}

fn one_host(mutant: Mutant) -> &'static str {
    exhaustive(mutant, ONE_HOST, EVERYTHING)
}

/// The rule that a walk through a storm finds broken.
fn storm(mutant: Mutant) -> &'static str {
    let world = || RepathWorld::new(Setting { mutant, ..STORM }, Disturbances::UNLIMITED);
    search::broken_in_a_storm(mutant, 2000, world)
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
