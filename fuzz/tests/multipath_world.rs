//! A requester and a responder over paths that fail: exhaustively, by seed in a storm, and each rule left out once.
//!
//! `SEARCH_SCALE=n` takes n times as many walks, and searches with more at once when n is above 1.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod search;

use bodies::multipath::{Disturbances, MultipathWorld, Mutant, Setting, Traffic, rule};
use sim::Faults;

use search::scale;

const CAP: usize = 8_000_000;

const MESSAGE: Setting = Setting {
    traffic: Traffic::Message,
    packets: 6,
    sequence_bits: 3,
    window: 2,
    paths: 2,
    mutant: Mutant::None,
};

fn stands(name: &str, setting: Setting, left: Disturbances) {
    search::stands(&format!("{name}: {setting:?}, {left:?}"), MultipathWorld::new(setting, left), CAP);
}

/// Two paths fail, one returns, and deadlines pass too early.
const FAILURES: Disturbances =
    Disturbances { cuts: 2, returns: 1, impatience: 1, idle: 2, ..Disturbances::NONE };
const LOSS: Faults = Faults { losses: 1, ..Faults::NONE };
const OVERTAKEN: Faults = Faults { delays: 2, ..Faults::NONE };

#[test]
fn a_message_survives_two_failures_and_a_return() {
    stands("two failures", MESSAGE, FAILURES);
}

#[test]
fn a_message_survives_early_deadlines_and_losses() {
    stands("impatience", MESSAGE, Disturbances { cuts: 1, impatience: 3, ..Disturbances::NONE });
    stands("losses", MESSAGE, Disturbances { faults: LOSS, cuts: 1, impatience: 1, ..Disturbances::NONE });
}

#[test]
fn a_message_survives_packets_that_overtake_each_other() {
    stands(
        "overtaken",
        MESSAGE,
        Disturbances { faults: OVERTAKEN, cuts: 1, impatience: 1, ..Disturbances::NONE },
    );
}

/// So few sequence numbers that each comes again.
#[test]
fn a_message_survives_numbers_that_come_again() {
    stands("two bits", TWO_BITS, Disturbances { impatience: 0, ..FAILURES });
    stands(
        "two bits, overtaken",
        TWO_BITS,
        Disturbances { faults: OVERTAKEN, impatience: 2, ..Disturbances::NONE },
    );
}

#[test]
fn one_packet_at_a_time_survives_over_any_path() {
    let setting = Setting { traffic: Traffic::OneOutstanding, ..TWO_BITS };
    stands("one outstanding", setting, Disturbances { impatience: 0, ..FAILURES });
}

#[test]
fn writes_over_all_paths_survive_failures() {
    let setting = Setting { traffic: Traffic::Writes, ..MESSAGE };
    stands("writes", setting, Disturbances { impatience: 0, ..FAILURES });
    stands(
        "writes, losses",
        setting,
        Disturbances { faults: LOSS, cuts: 1, impatience: 1, ..Disturbances::NONE },
    );
}

/// What an answer has overtaken is sent again before its deadline, and may still be on the way.
#[test]
fn writes_survive_packets_that_overtake_each_other() {
    let setting = Setting { traffic: Traffic::Writes, ..MESSAGE };
    stands(
        "writes, overtaken",
        setting,
        Disturbances { faults: OVERTAKEN, cuts: 1, impatience: 1, ..Disturbances::NONE },
    );
    let faults = Faults { losses: 1, ..OVERTAKEN };
    stands(
        "writes, lost and overtaken",
        setting,
        Disturbances { faults, cuts: 1, impatience: 1, ..Disturbances::NONE },
    );
}

#[test]
fn more_at_once() {
    if scale() == 1 {
        return;
    }
    let left = Disturbances { faults: LOSS, impatience: 0, idle: 1, ..FAILURES };
    for traffic in [Traffic::Message, Traffic::OneOutstanding, Traffic::Writes] {
        stands("more", Setting { traffic, window: 3, ..MESSAGE }, left);
    }
}

#[test]
fn storms_by_seed() {
    search::storms("storms", 10_000 * scale(), 300, |seed| {
        let traffic = [Traffic::Message, Traffic::OneOutstanding, Traffic::Writes][seed as usize % 3];
        let setting = Setting {
            traffic,
            packets: 6 + seed as u8 % 5 * 6,
            sequence_bits: 2 + seed as u8 / 3 % 2,
            paths: 2 + seed as usize / 5 % 3,
            ..MESSAGE
        };
        MultipathWorld::new(setting, Disturbances::UNLIMITED)
    });
}

fn broken_by(mutant: Mutant, setting: Setting, left: Disturbances) -> &'static str {
    let world = |mutant| MultipathWorld::new(Setting { mutant, ..setting }, left);
    search::broken_by(mutant, Mutant::None, world, CAP)
}

const TWO_BITS: Setting = Setting { sequence_bits: 2, ..MESSAGE };

#[test]
fn a_requester_that_skips_barriers_is_noticed() {
    let left = Disturbances { cuts: 1, returns: 1, impatience: 2, ..Disturbances::NONE };
    assert_eq!(broken_by(Mutant::NoBarrier, TWO_BITS, left), rule::FLUSHED);
}

#[test]
fn a_requester_that_does_not_wait_for_the_acknowledgement_of_path_down_is_noticed() {
    let left = Disturbances { faults: LOSS, cuts: 1, returns: 1, impatience: 1, ..Disturbances::NONE };
    assert_eq!(broken_by(Mutant::NoPathDownAcknowledgement, TWO_BITS, left), rule::EXACTLY_ONCE);
}

#[test]
fn a_responder_that_accepts_every_path_is_noticed() {
    let left = Disturbances { cuts: 1, returns: 1, ..Disturbances::NONE };
    assert_eq!(broken_by(Mutant::AcceptsEveryPath, TWO_BITS, left), rule::EXACTLY_ONCE);
}

#[test]
fn packets_without_incarnation_on_a_path_that_reorders_are_noticed() {
    let left = Disturbances { faults: OVERTAKEN, impatience: 1, ..Disturbances::NONE };
    let setting = Setting { paths: 1, ..TWO_BITS };
    assert_eq!(broken_by(Mutant::NoIncarnation, setting, left), rule::FLUSHED);
}

/// A write that was sent again since another overtook it comes after the next one.
#[test]
fn writes_without_incarnation_on_a_path_that_reorders_are_noticed() {
    let left = Disturbances { faults: OVERTAKEN, ..Disturbances::NONE };
    let setting = Setting { traffic: Traffic::Writes, paths: 1, ..MESSAGE };
    assert_eq!(broken_by(Mutant::NoIncarnation, setting, left), rule::NO_STALE_WRITE);
}
