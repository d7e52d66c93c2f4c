//! Path states at both ends: exhaustively over few faults, by seed in a storm, and each rule left out once.
//!
//! `SEARCH_SCALE=n` takes n times as many walks, and searches larger worlds when n is above 1.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod search;

use bodies::paths::{Disturbances, Mutant, PathsWorld, STORM, Setting, rule};
use sim::Faults;

use search::scale;

const CAP: usize = 8_000_000;

/// A lane on each path.
const NARROW: Setting =
    Setting { lanes: [1, 1], judges_late: true, tells_ahead: false, mutant: Mutant::None };
/// The responder is told that a path is down before its barrier has failed.
const AHEAD: Setting = Setting { tells_ahead: true, ..NARROW };
/// Two lanes on the first path.
const WIDE: Setting = Setting { lanes: [2, 1], ..NARROW };
/// What is late may change something, as long as no harm comes of it.
const HARM: Setting = Setting { judges_late: false, ..NARROW };

/// Two time-outs, for a path of which the other cannot tell; a packet, a loss, and a deadline that passes too early.
const FEW: Disturbances =
    Disturbances { faults: Faults { losses: 1, ..Faults::NONE }, time_outs: 2, launches: 1, impatience: 1 };
const LOSSES: Disturbances = Disturbances { faults: Faults { losses: 2, ..Faults::NONE }, ..FEW };
/// Lanes do not keep order.
const DISORDER: Disturbances = Disturbances { faults: Faults { losses: 1, delays: 2, duplicates: 0 }, ..FEW };

/// A path goes down, comes up and goes down again while messages about it are repeated.
const LATE_ACKNOWLEDGEMENTS: Disturbances = Disturbances {
    faults: Faults { losses: 0, delays: 1, duplicates: 0 },
    time_outs: 2,
    launches: 0,
    impatience: 4,
};

fn stands(name: &str, setting: Setting, left: Disturbances) {
    search::stands(name, PathsWorld::new(setting, left), CAP);
}

#[test]
fn paths_of_one_lane() {
    stands("two losses", NARROW, LOSSES);
    stands("impatience", NARROW, Disturbances { impatience: 2, ..FEW });
    if scale() > 1 {
        stands("two packets", NARROW, Disturbances { impatience: 2, launches: 2, ..FEW });
        stands("two packets, two losses", NARROW, Disturbances { launches: 2, ..LOSSES });
        stands("three time-outs", NARROW, Disturbances { time_outs: 3, ..LOSSES });
    }
}

#[test]
fn paths_of_which_the_responder_is_told_ahead() {
    stands("ahead, two losses", AHEAD, LOSSES);
    stands("ahead, impatience", AHEAD, Disturbances { impatience: 2, ..FEW });
    let faults = Faults { losses: 2, delays: 1, duplicates: 0 };
    stands("ahead, disorder", AHEAD, Disturbances { faults, ..DISORDER });
    stands("ahead, two lanes", Setting { tells_ahead: true, ..WIDE }, LOSSES);
    if scale() > 1 {
        stands("ahead, disorder, impatience", AHEAD, Disturbances { impatience: 2, ..DISORDER });
        stands("ahead, two packets, two losses", AHEAD, Disturbances { launches: 2, ..LOSSES });
        stands("ahead, three time-outs", AHEAD, Disturbances { time_outs: 3, ..LOSSES });
    }
}

#[test]
fn a_path_of_two_lanes() {
    stands("two lanes", WIDE, FEW);
    if scale() > 1 {
        stands("two lanes, two packets", WIDE, Disturbances { launches: 2, ..FEW });
        stands("two lanes, two losses", WIDE, LOSSES);
    }
}

#[test]
fn lanes_that_do_not_keep_order() {
    stands("disorder", NARROW, DISORDER);
    if scale() > 1 {
        stands("disorder, two packets", NARROW, Disturbances { launches: 2, ..DISORDER });
        stands("disorder on two lanes", WIDE, DISORDER);
    }
}

/// The patent's own case: where lanes keep order, barriers and path down are enough.
#[test]
fn lanes_that_keep_order_need_no_incarnations() {
    let setting = Setting { mutant: Mutant::IgnoresIncarnations, ..NARROW };
    stands("order without incarnations", setting, LOSSES);
}

#[test]
fn storms_by_seed() {
    search::storms("storms", 500 * scale(), 2000, |seed| {
        let setting = Setting { tells_ahead: seed % 2 == 0, ..STORM };
        PathsWorld::new(setting, Disturbances::UNLIMITED)
    });
}

fn broken_by(mutant: Mutant, setting: Setting, left: Disturbances) -> &'static str {
    search::broken_by(
        mutant,
        Mutant::None,
        |mutant| PathsWorld::new(Setting { mutant, ..setting }, left),
        CAP,
    )
}

#[test]
fn moving_before_path_down_is_acknowledged_is_noticed() {
    assert_eq!(broken_by(Mutant::MovesBeforeDown, NARROW, FEW), rule::REFUSED);
    assert_eq!(broken_by(Mutant::MovesBeforeDown, AHEAD, FEW), rule::REFUSED);
}

#[test]
fn using_a_path_before_path_up_is_acknowledged_is_noticed() {
    assert_eq!(broken_by(Mutant::UsesBeforeUp, NARROW, FEW), rule::ACCEPTED);
    assert_eq!(broken_by(Mutant::UsesBeforeUp, AHEAD, FEW), rule::ACCEPTED);
}

#[test]
fn a_path_up_without_a_barrier_is_noticed() {
    let left = Disturbances { impatience: 2, ..FEW };
    assert_eq!(broken_by(Mutant::NoBarrierBeforeUp, NARROW, left), rule::FLUSHED);
    // Where lanes keep no order, only the acceptance of what is stale counts.
    assert_eq!(
        broken_by(Mutant::NoBarrierBeforeUp, NARROW, Disturbances { impatience: 2, ..DISORDER }),
        rule::STALE
    );
}

#[test]
fn a_barrier_on_one_of_two_lanes_is_noticed() {
    assert_eq!(broken_by(Mutant::OneLaneOnly, WIDE, FEW), rule::FLUSHED);
}

/// It is noticed at once, and it does harm: a late path down disables a path in use.
#[test]
fn obeying_late_messages_is_noticed() {
    let left = Disturbances { impatience: 2, ..FEW };
    assert_eq!(broken_by(Mutant::IgnoresMessageNumbers, NARROW, left), rule::LATE_MESSAGE);
    assert_eq!(broken_by(Mutant::IgnoresMessageNumbers, HARM, left), rule::ACCEPTED);
}

/// An acknowledgement of path up from before comes when path up is told again; one of path down, when the path is still accepted.
#[test]
fn taking_late_acknowledgements_is_noticed() {
    let left = LATE_ACKNOWLEDGEMENTS;
    assert_eq!(broken_by(Mutant::IgnoresAcknowledgedNumbers, NARROW, left), rule::LATE_MESSAGE);
    assert_eq!(broken_by(Mutant::IgnoresAcknowledgedNumbers, HARM, left), rule::REFUSED);
}

/// It is noticed at once. Harm comes of it only where barriers repeat their numbers too: each of the two guards suffices.
#[test]
fn taking_late_completions_is_noticed() {
    let left = Disturbances { impatience: 2, ..FEW };
    assert_eq!(broken_by(Mutant::IgnoresOpIds, NARROW, left), rule::LATE_COMPLETION);
    let left = Disturbances { faults: Faults::NONE, impatience: 4, ..FEW };
    assert_eq!(broken_by(Mutant::IgnoresOpIdsAndRepeatsNumbers, HARM, left), rule::FLUSHED);
    stands("late completions, new numbers", Setting { mutant: Mutant::IgnoresOpIds, ..HARM }, FEW);
}

#[test]
fn accepting_old_incarnations_in_disorder_is_noticed() {
    assert_eq!(broken_by(Mutant::IgnoresIncarnations, NARROW, DISORDER), rule::STALE);
}
