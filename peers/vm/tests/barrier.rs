//! The barrier over RDMA: its operations are a write and a read of the responder's memory, over two paths of two address pairs.

#![allow(clippy::std_instead_of_alloc, reason = "there is an operating system")]
#![allow(clippy::disallowed_methods, reason = "tests read the clock")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod barrier_ends;
mod verbs_support;

use core::time::Duration;
use std::time::Instant;

use barrier::{Path, PathEvent, PathSet, PathState, RequesterPathsConfig};
use machine::{End, Machine};
use transport::verbs::WorkStatus;

use barrier_ends::{Ends, config};
use verbs_support::{LIMIT, PathFault};

const FIRST: Path = Path::ALL[0];
const SECOND: Path = Path::ALL[1];

fn both() -> PathSet {
    [FIRST, SECOND].into_iter().collect()
}

#[test]
fn a_barrier_passes_on_a_path_that_works() {
    let _machine = Machine::this();
    let mut ends = Ends::new(config());
    for path in [FIRST, SECOND] {
        let before = ends.number(path);
        ends.question(path);
        assert_eq!(ends.requester.usable(), both().intersection(PathSet::only(path_beside(path))));
        assert_eq!(ends.next_event(), PathEvent::Passed(path));
        assert_ne!(ends.number(path), before, "the number lies in the responder's memory");
    }
    assert_eq!(ends.requester.usable(), both());
}

fn path_beside(path: Path) -> Path {
    if path == FIRST { SECOND } else { FIRST }
}

#[test]
fn lost_delayed_and_repeated_packets_only_take_time() {
    let machine = Machine::this();
    for what in ["loss 20%", "delay 20ms 10ms", "duplicate 30%", "delay 5ms reorder 30%"] {
        let mut ends = Ends::new(config());
        let spoiled = machine.netem(End::Zero, what);
        for _ in 0..5 {
            ends.question(FIRST);
            assert_eq!(ends.next_event(), PathEvent::Passed(FIRST), "{what}");
        }
        drop(spoiled);
    }
}

/// Barriers that are given up soon. The responder is told when they have failed.
fn hasty() -> RequesterPathsConfig {
    let operation_timeout = Duration::from_millis(400);
    let barrier_timeout = Duration::from_secs(1);
    RequesterPathsConfig { operation_timeout, barrier_timeout, tell_ahead: Duration::ZERO, ..config() }
}

#[test]
fn a_cut_path_goes_down_at_both_ends_and_comes_back() {
    let machine = Machine::this();
    let mut ends = Ends::new(hasty());
    let cut = PathFault::new(&machine, SECOND.index(), "loss 100%");
    assert_eq!(ends.write(SECOND, 1), WorkStatus::RetriesExceeded);
    ends.question(SECOND);
    assert_eq!(ends.next_event(), PathEvent::Failed(SECOND));
    assert_eq!(ends.next_event(), PathEvent::Down(SECOND));
    assert_eq!((ends.requester.usable(), ends.accepted()), (PathSet::only(FIRST), PathSet::only(FIRST)));
    assert_eq!(ends.requester.state(SECOND), PathState::Bad);
    assert_eq!(ends.write(FIRST, 1), WorkStatus::Success);

    drop(cut);
    assert_eq!(ends.next_event(), PathEvent::Up(SECOND));
    assert_eq!((ends.requester.usable(), ends.accepted()), (both(), both()));
    ends.reconnect(SECOND);
    assert_eq!(ends.write(SECOND, 2), WorkStatus::Success);
    assert_eq!(ends.word(), 2);
}

/// On a computer so slow that the acknowledgement takes longer than is left, the barrier fails before it is there.
fn event_after_failing(ends: &mut Ends) -> PathEvent {
    let event = ends.next_event();
    if event == PathEvent::Failed(SECOND) { ends.next_event() } else { event }
}

#[test]
fn the_responder_is_told_ahead_of_the_end_of_a_barrier() {
    let machine = Machine::this();
    let mut ends = Ends::new(RequesterPathsConfig { tell_ahead: Duration::from_millis(200), ..hasty() });
    let _cut = PathFault::new(&machine, SECOND.index(), "loss 100%");
    ends.question(SECOND);
    assert_eq!(event_after_failing(&mut ends), PathEvent::Down(SECOND));
    assert_eq!((ends.requester.usable(), ends.accepted()), (PathSet::only(FIRST), PathSet::only(FIRST)));
}

#[test]
fn a_link_that_is_down_fails_every_path_and_none_is_told_down() {
    let machine = Machine::this();
    let mut ends = Ends::new(hasty());
    let down = machine.link_down(End::Zero);
    for path in [FIRST, SECOND] {
        ends.question(path);
    }
    let failed: Vec<_> = (0..2).map(|_| ends.next_event()).collect();
    assert!(failed.contains(&PathEvent::Failed(FIRST)) && failed.contains(&PathEvent::Failed(SECOND)));
    assert_eq!(ends.accepted(), both(), "nobody could tell the responder");
    assert!(ends.requester.usable().is_empty());

    drop(down);
    // The first that passes is used again at once; the other may be told down and up over it meanwhile.
    while ends.requester.usable() != both() {
        ends.next_event();
    }
    assert_eq!(ends.accepted(), both());
}

/// What became of a word that is written over the second path and held up there, then written again over the first, where a newer
/// one follows. `None` when this computer was so slow that the first write was not held up long enough to fail.
fn stale_write(machine: &Machine, delay: Duration, with_barrier: bool) -> Option<u64> {
    let timeout = delay / 4;
    let mut ends = Ends::new(RequesterPathsConfig { operation_timeout: timeout, ..config() });
    let held_up = PathFault::new(machine, SECOND.index(), &format!("delay {}ms", delay.as_millis()));
    let begun = Instant::now();
    if ends.write(SECOND, 1) != WorkStatus::RetriesExceeded {
        return None;
    }
    if with_barrier {
        ends.question(SECOND);
        assert_eq!(event_after_failing(&mut ends), PathEvent::Down(SECOND));
    }
    assert_eq!(ends.write(FIRST, 1), WorkStatus::Success);
    assert_eq!(ends.write(FIRST, 2), WorkStatus::Success);
    if begun.elapsed() >= delay && !with_barrier {
        return None;
    }
    assert_eq!(ends.word(), 2);
    if with_barrier {
        // The barrier's first operation went after the stale write, on a path that keeps order: when it has arrived, that has.
        ends.run_until_operation(SECOND);
    } else {
        let begun = Instant::now();
        while ends.word() == 2 && begun.elapsed() < LIMIT {
            std::thread::yield_now();
        }
    }
    drop(held_up);
    Some(ends.word())
}

/// With a delay so long that this computer gets done meanwhile.
fn stale_write_long_enough(machine: &Machine, with_barrier: bool) -> u64 {
    let delays = [2, 4, 8, 16].map(Duration::from_secs);
    delays.into_iter().find_map(|delay| stale_write(machine, delay, with_barrier)).unwrap()
}

#[test]
fn a_stale_write_lands_on_newer_data_without_a_barrier() {
    let machine = Machine::this();
    assert_eq!(stale_write_long_enough(&machine, false), 1, "this is what the barrier is for");
}

#[test]
fn a_stale_write_does_not_land_after_the_barrier() {
    let machine = Machine::this();
    assert_eq!(stale_write_long_enough(&machine, true), 2);
}
