mod acknowledgements;
mod ahead;
mod times;

use alloc::vec::Vec;
use core::time::Duration;

use crate::{
    BarrierLocations, Completion, ConfigError, Counted, Incarnation, Op, OpFailed, OpId, Path, PathEvent,
    PathSet, PathState, RequesterPaths, RequesterPathsConfig, ResponderPaths, Supervisory, SupervisoryKind,
};

const START: Duration = Duration::from_secs(1 << 40);
const VI: u32 = 1;
const A: Path = Path::ALL[0];
const B: Path = Path::ALL[1];
const C: Path = Path::ALL[2];
const D: Path = Path::ALL[3];

/// Two ends, and paths that carry everything at once or nothing.
struct Ends {
    requester: RequesterPaths<Counted>,
    responder: ResponderPaths<1>,
    locations: BarrierLocations,
    now: Duration,
    /// Paths that lose everything.
    cut: PathSet,
    /// Whether the responder's acknowledgements are lost.
    is_mute: bool,
    told: Vec<(Path, Supervisory)>,
    events: Vec<PathEvent>,
}

/// Settings with which nothing is told before a barrier has failed.
fn config(paths: PathSet) -> RequesterPathsConfig {
    RequesterPathsConfig { tell_ahead: Duration::ZERO, ..RequesterPathsConfig::new(paths) }
}

fn ends(paths: PathSet) -> Ends {
    ends_with(config(paths))
}

fn ends_with(config: RequesterPathsConfig) -> Ends {
    let mut responder = ResponderPaths::new(0, config.paths);
    responder.open(VI).expect("there is room");
    Ends {
        requester: RequesterPaths::new(config, Counted::new(1)).expect("it can work"),
        responder,
        locations: BarrierLocations::new(),
        now: START,
        cut: PathSet::EMPTY,
        is_mute: false,
        told: Vec::new(),
        events: Vec::new(),
    }
}

impl Ends {
    /// Carry out what is to be done.
    fn run(&mut self) {
        while let Some((id, op)) = self.requester.poll_op(self.now) {
            match op {
                Op::Write { path, lane, number, incarnation } if !self.cut.contains(path) => {
                    assert!(self.responder.handle_barrier_write(path, incarnation));
                    self.locations.write(path, lane, number);
                    assert!(self.requester.handle_completion(self.now, id, Ok(Completion::Written)));
                }
                Op::Read { path, lane, .. } if !self.cut.contains(path) => {
                    let number = self.locations.read(path, lane);
                    assert!(self.requester.handle_completion(self.now, id, Ok(Completion::Read(number))));
                }
                Op::Tell { via, message } => {
                    self.told.push((via, message));
                    let is_carried = !self.cut.contains(via);
                    let answer = is_carried.then(|| self.responder.handle_supervisory(&message)).flatten();
                    if let Some(answer) = answer.filter(|_| !self.is_mute) {
                        self.requester.handle_supervisory(self.now, &answer);
                    }
                }
                Op::Write { .. } | Op::Read { .. } => {}
            }
        }
        self.events.extend(core::iter::from_fn(|| self.requester.poll_event(self.now)));
    }

    fn time_out(&mut self, path: Path) {
        self.requester.handle_request_timeout(self.now, path, self.now);
        self.run();
    }

    /// Let time pass until the next deadline.
    fn wait(&mut self) {
        self.now = self.requester.poll_timeout().expect("something is waited for").max(self.now);
        self.requester.handle_timeout(self.now);
        self.run();
    }

    fn wait_for(&mut self, path: Path, state: PathState) {
        let mut waits = 0;
        while self.requester.state(path) != state {
            self.wait();
            waits += 1;
            assert!(waits < 50, "{path} is {:?}", self.requester.state(path));
        }
    }

    fn accepts(&self, path: Path) -> bool {
        self.responder.clone().accepts(VI, path, self.requester.incarnation(path)).is_ok()
    }

    fn events(&mut self) -> Vec<PathEvent> {
        core::mem::take(&mut self.events)
    }
}

#[test]
fn a_short_disturbance_passes_the_barrier() {
    let mut ends = ends(PathSet::ALL);
    ends.time_out(B);
    assert_eq!(ends.events(), [PathEvent::Passed(B)]);
    assert_eq!(ends.requester.usable(), PathSet::ALL);
    assert_eq!(ends.requester.incarnation(B), Incarnation(1));
    assert!(ends.accepts(B) && ends.told.is_empty() && ends.requester.poll_timeout().is_none());
}

#[test]
fn a_broken_path_goes_down_and_comes_up() {
    let mut ends = ends(PathSet::ALL);
    ends.cut.insert(B);
    ends.time_out(B);
    assert_eq!(ends.requester.state(B), PathState::Questioned);
    assert!(!ends.requester.usable().contains(B) && ends.accepts(B));
    ends.wait();
    assert_eq!(ends.now, START + Duration::from_millis(100), "one write was too slow");
    assert_eq!(ends.events(), [PathEvent::Down(B)], "its failure is said by that too");
    assert_eq!(ends.requester.state(B), PathState::Bad);
    let down = Supervisory { kind: SupervisoryKind::PathDown, path: B, number: 1 };
    assert_eq!(ends.told, [(A, down)]);
    assert!(!ends.accepts(B));

    for _ in 0..10 {
        ends.wait();
        assert_eq!(ends.requester.state(B), PathState::Bad);
    }
    ends.cut = PathSet::EMPTY;
    ends.wait_for(B, PathState::Good);
    assert_eq!(ends.events(), [PathEvent::Up(B)]);
    let up = Supervisory { kind: SupervisoryKind::PathUp, path: B, number: 2 };
    assert_eq!(ends.told[1..], [(A, up)]);
    assert!(ends.accepts(B) && ends.requester.poll_timeout().is_none());
}

#[test]
fn the_last_path_has_nobody_to_tell() {
    let mut ends = ends(PathSet::only(C));
    ends.cut.insert(C);
    ends.time_out(C);
    ends.wait();
    assert_eq!(ends.requester.state(C), PathState::Failed);
    assert_eq!(ends.events(), [PathEvent::Failed(C)]);
    assert!(ends.told.is_empty());
    ends.cut.remove(C);
    ends.wait_for(C, PathState::Good);
    assert_eq!(ends.events(), [PathEvent::Passed(C)]);
    assert!(ends.told.is_empty() && ends.accepts(C), "the responder never knew");
}

/// Both paths broken, and the requester takes one for good: unanswered messages question that one too.
#[test]
fn a_good_path_that_carries_no_message_is_questioned() {
    let mut ends = ends([A, B].into_iter().collect());
    ends.cut = PathSet::ALL;
    ends.time_out(A);
    ends.wait();
    assert_eq!(ends.requester.state(A), PathState::TellingDown);
    ends.wait_for(B, PathState::Questioned);
    assert_eq!(ends.told.len(), 3, "after as many attempts as the configuration says");
    ends.wait_for(B, PathState::Failed);

    // The path of which the responder may have been told comes back first: it carries its own message.
    ends.cut.remove(A);
    ends.wait_for(A, PathState::Good);
    let up = Supervisory { kind: SupervisoryKind::PathUp, path: A, number: 2 };
    assert_eq!(ends.told[3..4], [(A, up)]);
    assert_eq!(ends.requester.state(B), PathState::Bad, "of the other one the responder was told at once");
    ends.cut.remove(B);
    ends.wait_for(B, PathState::Good);
    assert!(ends.accepts(A) && ends.accepts(B));
}

#[test]
fn messages_take_turns_over_the_good_paths() {
    let mut ends = ends(PathSet::ALL);
    ends.cut = PathSet::ALL;
    ends.time_out(C);
    ends.wait();
    for _ in 0..2 {
        ends.wait();
    }
    let over: Vec<_> = ends.told.iter().map(|(via, _)| *via).collect();
    assert_eq!(over, [A, B, D]);
}

#[test]
fn a_completion_of_another_attempt_changes_nothing() {
    let mut ends = ends(PathSet::ALL);
    ends.requester.handle_request_timeout(ends.now, A, ends.now);
    let (id, op) = ends.requester.poll_op(ends.now).expect("a write");
    assert!(matches!(op, Op::Write { path: A, .. }));
    let before = ends.requester.clone();
    let others = [OpId::tell(A, 1), OpId::barrier(A, crate::Lane::ALL[0], 2)];
    for other in others {
        for result in [Ok(Completion::Written), Err(OpFailed)] {
            assert!(!ends.requester.handle_completion(ends.now, other, result));
            assert_eq!(ends.requester, before);
        }
    }
    assert!(ends.requester.handle_completion(ends.now, id, Err(OpFailed)));
    assert_eq!(ends.requester.state(A), PathState::TellingDown);
}

#[test]
fn incarnations_grow_with_and_without_a_barrier() {
    let mut ends = ends(PathSet::ALL);
    // As after a NACK: packets are sent again on a path that stays good, and nothing is asked of the caller.
    assert_eq!(ends.requester.next_incarnation(A), Incarnation(1));
    assert_eq!(ends.requester.usable(), PathSet::ALL);
    assert!(ends.requester.poll_op(START).is_none() && ends.requester.poll_event(START).is_none());
    assert_eq!(ends.requester.incarnation(A), Incarnation(1));
    assert_eq!(ends.requester.incarnation(B), Incarnation(0));
    ends.time_out(A);
    assert_eq!(ends.requester.incarnation(A), Incarnation(2));
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    let config = RequesterPathsConfig::new(PathSet::EMPTY);
    assert_eq!(RequesterPaths::new(config, Counted::new(1)).err(), Some(ConfigError::NoPath));
}
