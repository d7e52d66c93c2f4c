//! Two ends of segmented transfers: exhaustively up to six segments, by seed in a storm, and each rule left out once.
//!
//! `SEARCH_SCALE=n` takes n times as many walks, and searches with more faults at once when n is above 1.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod search;

use bodies::rmpp::{Disturbances, Mutant, RmppWorld, STORM, Setting, rule};
use sim::Faults;

use search::scale;

const CAP: usize = 4_000_000;

/// A message of up to six segments, and no answer.
const ONE_WAY: Setting =
    Setting { segments: 6, answer: 0, window: 2, retries: 3, must_deliver: true, mutant: Mutant::None };

const LOSS: Faults = Faults { losses: 1, ..Faults::NONE };
/// As much as three retries are sure to repair, whatever is hit.
const LOSSES: Faults = Faults { losses: 2, duplicates: 1, delays: 1 };
const EACH_FAULT: Faults = Faults { losses: 1, duplicates: 1, delays: 1 };

fn stands(name: &str, setting: Setting, left: Disturbances) {
    search::stands(name, RmppWorld::new(setting, left), CAP);
}

/// Few faults: every message arrives.
#[test]
fn messages_of_one_to_six_segments_arrive_one_way() {
    for segments in 1..=6 {
        let setting = Setting { segments, ..ONE_WAY };
        stands("one way", setting, Disturbances { faults: LOSSES, ..Disturbances::NONE });
    }
}

#[test]
fn messages_of_one_to_six_segments_are_answered() {
    for segments in 1..=6 {
        let setting = Setting { segments, answer: 7 - segments, ..ONE_WAY };
        stands(
            "both ways",
            setting,
            Disturbances { faults: EACH_FAULT, impatience: 1, ..Disturbances::NONE },
        );
    }
    if scale() > 1 {
        let setting = Setting { segments: 6, answer: 6, ..ONE_WAY };
        stands("six and six", setting, Disturbances { faults: LOSSES, ..Disturbances::NONE });
    }
}

/// A header that cannot be, anywhere: an abort is reported, or the message arrives.
#[test]
fn corrupted_headers_end_in_an_abort_or_do_no_harm() {
    for (segments, answer) in [(1, 0), (2, 0), (3, 0), (6, 0), (1, 6), (6, 1), (3, 3)] {
        let setting = Setting { segments, answer, must_deliver: false, ..ONE_WAY };
        let faults = Faults { duplicates: 1, ..LOSS };
        stands("corruption", setting, Disturbances { faults, corruptions: 1, ..Disturbances::NONE });
    }
}

/// More is lost than retries can repair.
#[test]
fn what_cannot_be_repaired_is_reported() {
    let setting = Setting { segments: 4, answer: 2, retries: 1, must_deliver: false, ..ONE_WAY };
    let faults = Faults { losses: 4, ..Faults::NONE };
    stands("lost", setting, Disturbances { faults, ..Disturbances::NONE });
}

#[test]
fn storms_by_seed() {
    search::storms("storms", 1000 * scale(), 2000, |_| RmppWorld::new(STORM, Disturbances::UNLIMITED));
}

fn broken_by(mutant: Mutant, setting: Setting, left: Disturbances) -> &'static str {
    search::broken_by(mutant, Mutant::None, |mutant| RmppWorld::new(Setting { mutant, ..setting }, left), CAP)
}

/// One of everything.
const EVERYTHING: Disturbances =
    Disturbances { faults: EACH_FAULT, corruptions: 1, impatience: 1, ..Disturbances::NONE };
const MAY_FAIL: Setting = Setting { must_deliver: false, ..ONE_WAY };

#[test]
fn a_sender_that_ignores_the_window_is_noticed() {
    assert_eq!(broken_by(Mutant::IgnoresWindow, MAY_FAIL, EVERYTHING), rule::WINDOW);
}

#[test]
fn a_receiver_that_trusts_last_without_its_length_is_noticed() {
    assert_eq!(broken_by(Mutant::TrustsLast, MAY_FAIL, EVERYTHING), rule::WHOLE);
}

#[test]
fn a_sender_that_takes_an_acknowledgement_of_the_future_is_noticed() {
    assert_eq!(broken_by(Mutant::TakesAckOfTheFuture, MAY_FAIL, EVERYTHING), rule::DELIVERED);
}

#[test]
fn a_receiver_that_forgets_at_once_is_noticed() {
    let left = Disturbances { faults: EACH_FAULT, ..Disturbances::NONE };
    assert_eq!(broken_by(Mutant::ForgetsAtOnce, ONE_WAY, left), rule::REPAIRED);
}

#[test]
fn a_sender_that_never_repeats_is_noticed() {
    let left = Disturbances { faults: LOSS, ..Disturbances::NONE };
    assert_eq!(broken_by(Mutant::NeverRepeats, ONE_WAY, left), rule::REPAIRED);
}
