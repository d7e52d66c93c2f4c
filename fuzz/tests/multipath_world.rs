//! A requester and a responder over paths that fail: exhaustively, by seed in a storm, and each rule left out once.
//!
//! `SEARCH_SCALE=n` takes n times as many walks, and searches with more at once when n is above 1.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod search;

use bodies::multipath::{Disturbances, MultipathWorld, Mutant, Setting, Traffic, rule, storm};
use multipath::{Path, PathSet};
use sim::Faults;

use search::scale;

const CAP: usize = 30_000_000;

const MESSAGE: Setting = Setting {
    traffic: Traffic::Message,
    packets: 6,
    sequence_bits: 3,
    window: 2,
    paths: 2,
    permitted: PathSet::ALL,
    after_acknowledgement: false,
    silent: false,
    tells_ahead: false,
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
    // With an early deadline there are 25 times as many states.
    let impatience = if scale() > 1 { FAILURES.impatience } else { 0 };
    stands("two failures", MESSAGE, Disturbances { impatience, ..FAILURES });
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

/// While the other path works, which it may not use.
#[test]
fn what_may_use_one_path_waits_for_it() {
    let limited = Setting { permitted: PathSet::only(Path::ALL[0]), ..MESSAGE };
    let left = Disturbances { impatience: 0, ..FAILURES };
    for traffic in [Traffic::Message, Traffic::OneOutstanding, Traffic::Writes] {
        stands("its own path", Setting { traffic, ..limited }, left);
    }
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

/// The responder is told that a path is down before its barrier has failed, and the barrier may pass after that.
const AHEAD: Setting = Setting { tells_ahead: true, ..MESSAGE };

#[test]
fn a_path_of_which_the_responder_is_told_ahead_may_fail_or_not() {
    stands("ahead, two failures", AHEAD, Disturbances { impatience: 0, ..FAILURES });
    stands("ahead, impatience", AHEAD, Disturbances { cuts: 1, impatience: 3, ..Disturbances::NONE });
    let faults = Faults { delays: 1, ..Faults::NONE };
    let left = Disturbances { faults, impatience: 3, ..Disturbances::NONE };
    stands("ahead, two bits, overtaken", TWO_BITS_AHEAD, left);
    for traffic in [Traffic::Message, Traffic::OneOutstanding, Traffic::Writes] {
        let left = Disturbances { cuts: 1, returns: 1, impatience: 2, ..anything(3) };
        stands("ahead, anything", Setting { traffic, silent: true, packets: 4, ..AHEAD }, left);
    }
    if scale() > 1 {
        stands("ahead, two failures and impatience", AHEAD, FAILURES);
        stands("ahead, anything, three deadlines", Setting { silent: true, ..AHEAD }, anything(3));
    }
}

#[test]
fn more_at_once() {
    if scale() == 1 {
        return;
    }
    let returning = Disturbances { impatience: 0, idle: 1, ..FAILURES };
    let losing = Disturbances { faults: LOSS, returns: 0, ..returning };
    for traffic in [Traffic::Message, Traffic::OneOutstanding, Traffic::Writes] {
        for left in [losing, returning] {
            stands("more", Setting { traffic, window: 3, ..MESSAGE }, left);
        }
    }
}

/// Whatever is lost, whenever paths return, and however early deadlines pass, until so many have passed. A responder that
/// refuses what comes too early would make that endless: what it asks for can be lost again and again without a deadline.
const fn anything(deadlines: u32) -> Disturbances {
    Disturbances {
        faults: Faults { losses: u32::MAX, ..Faults::NONE },
        cuts: 2,
        returns: u32::MAX,
        impatience: u32::MAX,
        idle: u32::MAX,
        deadlines,
        ..Disturbances::NONE
    }
}

const SILENT: Setting = Setting { silent: true, ..MESSAGE };

#[test]
fn losses_failures_and_early_deadlines_without_end() {
    let left = Disturbances { lingers: 1, oversleeps: 1, ..anything(2) };
    for traffic in [Traffic::Message, Traffic::OneOutstanding, Traffic::Writes] {
        stands("anything", Setting { traffic, ..SILENT }, left);
    }
    let refusing = Disturbances { faults: LOSS, ..left };
    stands("anything, refused", MESSAGE, refusing);
    if scale() > 1 {
        stands("anything, three deadlines", SILENT, anything(3));
    }
}

/// Messages, reads and unordered writes after each other.
#[test]
fn mixed_descriptors_survive_anything() {
    let mixed = Setting { traffic: Traffic::Mixed, packets: 8, ..SILENT };
    stands("mixed", mixed, anything(2));
    stands("mixed, after acknowledgements", Setting { after_acknowledgement: true, ..mixed }, anything(2));
    let left = Disturbances { faults: OVERTAKEN, cuts: 1, impatience: 1, ..Disturbances::NONE };
    stands("mixed, overtaken", Setting { silent: false, ..mixed }, left);
}

#[test]
fn storms_by_seed() {
    search::storms("storms", 10_000 * scale(), 300, |seed| {
        // Both of it change from each seed to the next.
        let setting = storm((seed * 89) as u8, (seed / 3) as u8);
        MultipathWorld::new(setting, Disturbances::UNLIMITED)
    });
}

fn broken_by(mutant: Mutant, setting: Setting, left: Disturbances) -> &'static str {
    let world = |mutant| MultipathWorld::new(Setting { mutant, ..setting }, left);
    search::broken_by(mutant, Mutant::None, world, CAP)
}

const TWO_BITS: Setting = Setting { sequence_bits: 2, ..MESSAGE };
const TWO_BITS_AHEAD: Setting = Setting { sequence_bits: 2, ..AHEAD };

#[test]
fn a_requester_that_skips_barriers_is_noticed() {
    let left = Disturbances { cuts: 1, returns: 1, impatience: 2, ..Disturbances::NONE };
    assert_eq!(broken_by(Mutant::NoBarrier, TWO_BITS, left), rule::FLUSHED);
    assert_eq!(broken_by(Mutant::NoBarrier, TWO_BITS_AHEAD, left), rule::FLUSHED);
}

#[test]
fn a_requester_that_does_not_wait_for_the_acknowledgement_of_path_down_is_noticed() {
    let left = Disturbances { faults: LOSS, cuts: 1, returns: 1, impatience: 1, ..Disturbances::NONE };
    assert_eq!(broken_by(Mutant::NoPathDownAcknowledgement, TWO_BITS, left), rule::EXACTLY_ONCE);
    assert_eq!(broken_by(Mutant::NoPathDownAcknowledgement, TWO_BITS_AHEAD, left), rule::EXACTLY_ONCE);
}

#[test]
fn a_responder_that_accepts_every_path_is_noticed() {
    let left = Disturbances { cuts: 1, returns: 1, ..Disturbances::NONE };
    assert_eq!(broken_by(Mutant::AcceptsEveryPath, TWO_BITS, left), rule::EXACTLY_ONCE);
    assert_eq!(broken_by(Mutant::AcceptsEveryPath, TWO_BITS_AHEAD, left), rule::EXACTLY_ONCE);
}

#[test]
fn a_requester_that_uses_every_path_is_noticed() {
    for traffic in [Traffic::Message, Traffic::OneOutstanding, Traffic::Writes] {
        let setting = Setting { traffic, permitted: PathSet::only(Path::ALL[1]), ..MESSAGE };
        assert_eq!(broken_by(Mutant::UsesEveryPath, setting, Disturbances::NONE), rule::OWN_PATHS);
    }
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
