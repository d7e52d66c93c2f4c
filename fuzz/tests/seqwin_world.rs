//! Both ends of `seqwin`: exhaustively with numbers of 2 and 3 bits, by seed in a storm, and each rule left out once.
//!
//! `SEARCH_SCALE=n` takes n times as many walks, and searches larger worlds when n is above 1.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod search;

use bodies::seqwin::{Disturbances, Mutant, SeqwinWorld, Setting, rule, storm};
use sim::Violation;

use search::scale;

const CAP: usize = 8_000_000;

/// Six packets, so that numbers wrap; two in the middle are unordered.
const TWO_BITS: Setting = Setting {
    bits: 2,
    window: 2,
    packets: 6,
    unordered: 0b00_1100,
    reads: 0,
    selective: false,
    cumulative: false,
    silent: false,
    lane: 3,
    mutant: Mutant::None,
};

/// Whatever is lost, and whenever a deadline passes.
const ANYTHING: Disturbances = Disturbances { losses: u32::MAX, impatience: u32::MAX, ..Disturbances::NONE };

fn stands(name: &str, setting: Setting, left: Disturbances) {
    search::stands(name, SeqwinWorld::new(setting, left), CAP);
}

/// The largest window, of four; numbers wrap.
const THREE_BITS: Setting = Setting { bits: 3, window: 4, packets: 9, unordered: 0, lane: 8, ..TWO_BITS };

const ONE_EACH: Disturbances = Disturbances { losses: 1, impatience: 1, ..Disturbances::NONE };

#[test]
fn two_bits_with_losses_and_time_outs_without_end() {
    for selective in [false, true] {
        for silent in [false, true] {
            stands("2 bits, window 2", Setting { selective, silent, ..TWO_BITS }, ANYTHING);
        }
    }
    stands("2 bits, a stray", TWO_BITS, Disturbances { strays: 1, ..ONE_EACH });
}

/// A window smaller than half of all numbers: none is outside.
#[test]
fn three_bits_with_losses_and_time_outs_without_end() {
    for selective in [false, true] {
        stands("3 bits, window 2", Setting { window: 2, lane: 3, selective, ..THREE_BITS }, ANYTHING);
    }
    stands("3 bits, window 3", Setting { window: 3, lane: 2, ..THREE_BITS }, ANYTHING);
    if scale() > 1 {
        stands("3 bits, window 4", Setting { lane: 2, ..THREE_BITS }, ANYTHING);
    }
}

#[test]
fn three_bits_and_the_largest_window() {
    for (selective, unordered) in [(false, 0), (true, 0), (false, 0b1_1000), (true, 0b1_1000)] {
        let setting = Setting { selective, unordered, ..THREE_BITS };
        stands("3 bits, window 4", setting, ONE_EACH);
        if scale() > 1 {
            stands("3 bits, window 4", setting, Disturbances { losses: 2, ..ONE_EACH });
        }
    }
}

/// Acknowledgements that speak for the writes before theirs, with reads in between.
#[test]
fn acknowledgements_for_all_before_with_losses_and_time_outs_without_end() {
    for silent in [false, true] {
        let setting = Setting { cumulative: true, reads: 0b01_0001, silent, ..TWO_BITS };
        stands("2 bits, window 2, for all before", setting, ANYTHING);
    }
    let setting = Setting { cumulative: true, reads: 0b0_0100_0010, ..THREE_BITS };
    stands("3 bits, window 3, for all before", Setting { window: 3, lane: 2, ..setting }, ANYTHING);
    for unordered in [0, 0b1_1000] {
        stands("3 bits, window 4, for all before", Setting { unordered, ..setting }, ONE_EACH);
    }
}

#[test]
fn storms_by_seed() {
    let world = |seed| SeqwinWorld::new(storm(seed as u32), Disturbances::UNLIMITED);
    search::storms("storms", 1000 * scale(), 1000, world);
}

fn broken_by(mutant: Mutant, setting: Setting) -> &'static str {
    let world = |mutant| SeqwinWorld::new(Setting { mutant, ..setting }, ANYTHING);
    search::broken_by(mutant, Mutant::None, world, CAP)
}

/// With 2 bits the packet behind a gap has the number of one that the responder has had: it is acknowledged, and lost. Sooner
/// found with 3 bits: a packet that is sent again has the number of one ahead of its turn, and is refused for ever.
#[test]
fn a_window_of_more_than_half_of_the_numbers_is_noticed() {
    assert_eq!(broken_by(Mutant::WindowTooLarge, TWO_BITS), rule::DONE_IS_PROCESSED);
    assert_eq!(broken_by(Mutant::WindowTooLarge, THREE_BITS), Violation::DOES_NOT_DRAIN);
}

/// Of two unordered packets the first is lost, and the response to the second passes for its own.
#[test]
fn a_requester_that_ignores_serial_numbers_is_noticed() {
    assert_eq!(broken_by(Mutant::IgnoresSerial, TWO_BITS), rule::DONE_IS_PROCESSED);
}

#[test]
fn a_responder_that_counts_on_after_unordered_packets_is_noticed() {
    assert_eq!(broken_by(Mutant::AdvancesOnUnordered, TWO_BITS), rule::DONE_IS_PROCESSED);
}

#[test]
fn a_requester_that_does_not_go_back_is_noticed() {
    assert_eq!(broken_by(Mutant::SkipsBack, TWO_BITS), rule::DONE_IS_PROCESSED);
}

#[test]
fn a_responder_that_says_nothing_to_duplicates_is_noticed() {
    assert_eq!(broken_by(Mutant::SilentOnDuplicates, TWO_BITS), Violation::DOES_NOT_DRAIN);
}

/// The answer to a read is lost, and what follows is acknowledged.
#[test]
fn an_acknowledgement_that_speaks_for_reads_is_noticed() {
    let setting = Setting { cumulative: true, reads: 0b1, ..TWO_BITS };
    assert_eq!(broken_by(Mutant::CoversReads, setting), rule::DATA);
}

/// The first packet is lost, and the second kept and acknowledged.
#[test]
fn an_acknowledgement_of_a_selective_responder_that_speaks_for_all_before_is_noticed() {
    let setting = Setting { cumulative: true, selective: true, ..TWO_BITS };
    assert_eq!(broken_by(Mutant::CoversWhatIsMissing, setting), rule::DONE_IS_PROCESSED);
}
