//! The watcher of `trap-signal` beside a manager: exhaustively, by seed in a storm, and each rule left out once.
//!
//! `SEARCH_SCALE=n` takes n times as many walks.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod search;

use bodies::watch::{Disturbances, Mutant, STORM, Setting, Step, WatchWorld, rule};
use sim::{Faults, LinkStep, Violation, World, drain};

use search::scale;

const CAP: usize = 20_000_000;

const QUIET: Setting = Setting { looks_when_quiet: false, mutant: Mutant::None };
const LOSS: Faults = Faults { losses: 1, ..Faults::NONE };
const REROUTED: Disturbances = Disturbances { reroutes: 1, vain_reroutes: 1, ..Disturbances::NONE };

fn stands(name: &str, disturbances: Disturbances) {
    search::stands(name, WatchWorld::new(QUIET, disturbances), CAP);
}

#[test]
fn a_link_that_loses() {
    stands("watcher, loss", Disturbances { faults: LOSS, ..REROUTED });
}

#[test]
fn storms_by_seed() {
    let world = |_| WatchWorld::new(STORM, Disturbances::UNLIMITED);
    search::storms("watcher, storms", 40 * scale(), 2000, world);
}

/// Every transmission of a trap is lost: the next pass signals again, though it finds no difference any more.
#[test]
fn a_signal_that_nobody_confirmed_is_repeated() {
    let mut world = WatchWorld::new(STORM, Disturbances::UNLIMITED);
    let mut possible = Vec::new();
    let mut calm = |world: &mut WatchWorld| {
        possible.clear();
        world.steps(&mut possible);
        let step = possible.iter().find(|step| !WatchWorld::is_fault(step)).unwrap().clone();
        world.step(&step);
    };
    while !world.is_at_goal() {
        calm(&mut world);
    }
    world.step(&Step::Reroute);
    while world.signals() == 0 {
        calm(&mut world);
    }
    for _ in 0..6 {
        world.step(&Step::Up(LinkStep::Lose));
        world.step(&Step::Wait);
    }
    assert_eq!(world.signals(), 0);
    drain(world).unwrap();
}

fn exhaustive(setting: Setting, disturbances: Disturbances) -> &'static str {
    let world = |mutant| WatchWorld::new(Setting { mutant, ..setting }, disturbances);
    search::broken_by(setting.mutant, Mutant::None, world, CAP)
}

#[test]
fn a_watcher_that_does_not_look_again_is_noticed() {
    let rule = exhaustive(Setting { mutant: Mutant::LooksOnce, ..QUIET }, REROUTED);
    assert_eq!(rule, Violation::DOES_NOT_DRAIN);
}

#[test]
fn a_watcher_that_signals_everything_is_noticed() {
    let rule = exhaustive(Setting { mutant: Mutant::SignalsEverything, ..QUIET }, REROUTED);
    assert_eq!(rule, rule::CHANGES_ARE_SIGNALLED);
}

#[test]
fn a_watcher_that_sends_its_trap_once_is_noticed() {
    let disturbances = Disturbances { faults: LOSS, ..REROUTED };
    let rule = exhaustive(Setting { mutant: Mutant::TrapsOnce, ..QUIET }, disturbances);
    assert_eq!(rule, Violation::DOES_NOT_DRAIN);
}

/// The subnet is routed anew before the watcher has subscribed, or all transmissions of a Report are lost.
#[test]
fn a_watcher_that_trusts_in_reports_is_noticed() {
    let faults = Faults { losses: 4, ..LOSS };
    let setting = Setting { looks_when_quiet: true, mutant: Mutant::TrustsReports };
    let rule = exhaustive(setting, Disturbances { faults, reroutes: 1, ..Disturbances::NONE });
    assert_eq!(rule, Violation::DOES_NOT_DRAIN);
}
