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

fn ends(paths: PathSet) -> Ends {
    ends_with(RequesterPathsConfig::new(paths))
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
fn bad_paths_are_probed_from_time_to_time() {
    let mut ends = ends(PathSet::ALL);
    ends.cut.insert(D);
    ends.time_out(D);
    ends.wait_for(D, PathState::Bad);
    let config = RequesterPathsConfig::new(PathSet::ALL);
    for _ in 0..5 {
        let ended = ends.now;
        ends.wait();
        assert_eq!(ends.now - ended, config.probe_interval);
        ends.wait();
        assert_eq!(ends.now - ended, config.probe_interval + config.operation_timeout);
    }
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

/// The time that a caller who is woken late loses is not lost again to the barrier.
#[test]
fn a_barrier_has_its_time_from_when_the_answer_was_due() {
    let config = RequesterPathsConfig::new(PathSet::ALL);
    let quarter = config.operation_timeout / 4;
    for (late, from) in [(quarter, START), (quarter * 2, START + quarter * 2)] {
        let mut ends = ends_with(config);
        ends.cut.insert(B);
        ends.requester.handle_request_timeout(START + late, B, START);
        ends.now = START + late;
        ends.run();
        assert_eq!(ends.requester.poll_timeout(), Some(from + config.operation_timeout), "late by {late:?}");
    }
}

/// Times, attempts and lanes that are all different: each is where it belongs.
#[test]
fn every_field_of_the_configuration_counts() {
    let milliseconds = Duration::from_millis;
    let config = RequesterPathsConfig {
        lanes: [1, 2, 3, 4],
        operation_timeout: milliseconds(10),
        barrier_timeout: milliseconds(25),
        tell_timeout: milliseconds(7),
        tell_attempts: 2,
        probe_interval: milliseconds(1000),
        ..RequesterPathsConfig::new(PathSet::ALL)
    };
    for (path, lanes) in Path::ALL.into_iter().zip([1, 2, 3, 4]) {
        let mut requester = ends_with(config).requester;
        requester.handle_request_timeout(START, path, START);
        assert_eq!(core::iter::from_fn(|| requester.poll_op(START)).count(), lanes, "{path}");
    }

    // Operations of 9 ms each: the first may take 10 from the start, the second from its own, and both 25 together.
    let mut requester = ends_with(config).requester;
    requester.handle_request_timeout(START, A, START);
    for (began, due) in [(0, 10), (9, 19), (18, 25)] {
        let (id, op) = requester.poll_op(START + milliseconds(began)).expect("a write or a read");
        assert_eq!(requester.poll_timeout(), Some(START + milliseconds(due)));
        let completion = if let Op::Write { .. } = op {
            Completion::Written
        } else {
            Completion::Read(crate::BarrierNumber(0))
        };
        assert!(requester.handle_completion(START + milliseconds(began + 9), id, Ok(completion)));
    }

    let mut ends = ends_with(config);
    ends.cut = PathSet::ALL;
    ends.time_out(A);
    ends.wait_for(A, PathState::TellingDown);
    let began = ends.now;
    ends.wait_for(B, PathState::Questioned);
    assert_eq!(ends.now - began, config.tell_timeout * 2);
    let over: Vec<_> = ends.told.iter().map(|(via, _)| *via).collect();
    assert_eq!(over, [B, C, D], "after two attempts it is told over what is left");
    assert_eq!(ends.requester.state(C), PathState::Questioned, "it carried a message too");
    assert_eq!(ends.requester.state(D), PathState::Good);
}

/// The largest times there are: nothing ever ends by time, and no sum overflows.
#[test]
fn times_without_end_are_never_reached() {
    let config = RequesterPathsConfig {
        operation_timeout: Duration::MAX,
        barrier_timeout: Duration::MAX,
        tell_timeout: Duration::MAX,
        probe_interval: Duration::MAX,
        ..RequesterPathsConfig::new(PathSet::ALL)
    };
    let mut ends = ends_with(config);
    ends.is_mute = true;
    ends.requester.handle_request_timeout(START, B, START);
    let (id, _) = ends.requester.poll_op(START).expect("a write");
    assert!(ends.requester.handle_completion(START, id, Err(OpFailed)));
    ends.run();
    assert_eq!(ends.requester.state(B), PathState::TellingDown);
    assert_eq!(ends.requester.poll_timeout(), Some(Duration::MAX));
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

/// Told once of each path, then one barrier a path and interval, and no message that nothing could carry.
#[test]
fn a_peer_that_never_answers_is_reported_and_probed() {
    let mut ends = ends(PathSet::ALL);
    ends.cut = PathSet::ALL;
    Path::ALL.into_iter().for_each(|path| ends.time_out(path));
    ends.wait();
    assert_eq!(ends.events(), Path::ALL.map(PathEvent::Failed));
    let config = RequesterPathsConfig::new(PathSet::ALL);
    let end = ends.now + (config.probe_interval + config.operation_timeout) * 10;
    while ends.now < end {
        ends.wait();
    }
    assert!(ends.events().is_empty() && ends.told.is_empty());
    assert_eq!(ends.requester.incarnation(D), Incarnation(11), "the first barrier and ten others");
    assert!(ends.requester.usable().is_empty());
}

/// Path up is not acknowledged: the path is not used, the responder is told to refuse it again.
#[test]
fn path_up_that_is_not_acknowledged_is_taken_back() {
    let mut ends = ends([A, B].into_iter().collect());
    ends.cut.insert(B);
    ends.time_out(B);
    ends.wait_for(B, PathState::Bad);
    ends.cut = PathSet::only(A);
    ends.wait_for(B, PathState::TellingUp);
    ends.wait_for(B, PathState::TellingDown);
    assert_eq!(ends.requester.state(A), PathState::Questioned);
    let numbers: Vec<_> = ends.told.iter().map(|(_, message)| message.number).collect();
    assert_eq!(numbers, [1, 2, 2, 2]);
    // The way out: B passes another barrier, while nothing else is good, and carries its own message.
    ends.wait_for(B, PathState::Good);
    let up = Supervisory { kind: SupervisoryKind::PathUp, path: B, number: 4 };
    assert_eq!(ends.told[4..5], [(B, up)]);
    ends.cut = PathSet::EMPTY;
    ends.wait_for(A, PathState::Good);
    assert!(ends.accepts(A) && ends.accepts(B));
}

/// The tells of one path while it goes down, with nobody answering.
fn telling_down() -> (Ends, Supervisory) {
    let mut ends = ends([A, B].into_iter().collect());
    ends.cut = PathSet::ALL;
    ends.time_out(B);
    ends.wait();
    assert_eq!(ends.requester.state(B), PathState::TellingDown);
    ends.events();
    let (via, message) = ends.told[0];
    assert_eq!((via, message.kind, message.number), (A, SupervisoryKind::PathDown, 1));
    (ends, Supervisory { kind: SupervisoryKind::PathDownAcknowledge, ..message })
}

#[test]
fn only_the_acknowledgement_that_is_waited_for_counts() {
    let (mut ends, acknowledge) = telling_down();
    let before = ends.requester.clone();
    for kind in [SupervisoryKind::PathDown, SupervisoryKind::PathUp, SupervisoryKind::PathUpAcknowledge] {
        assert!(!ends.requester.handle_supervisory(ends.now, &Supervisory { kind, ..acknowledge }));
    }
    for number in [0, 2, u32::MAX] {
        assert!(!ends.requester.handle_supervisory(ends.now, &Supervisory { number, ..acknowledge }));
    }
    for path in [A, C] {
        assert!(!ends.requester.handle_supervisory(ends.now, &Supervisory { path, ..acknowledge }));
    }
    assert_eq!(ends.requester, before);
    assert!(ends.requester.handle_supervisory(ends.now, &acknowledge));
    assert_eq!(ends.requester.state(B), PathState::Bad);
    let before = ends.requester.clone();
    assert!(!ends.requester.handle_supervisory(ends.now, &acknowledge), "a repetition");
    assert_eq!(ends.requester, before);
}

#[test]
fn only_the_acknowledgement_of_path_up_brings_the_path_back() {
    let mut ends = ends([A, B].into_iter().collect());
    ends.cut.insert(B);
    ends.time_out(B);
    ends.wait_for(B, PathState::Bad);
    (ends.cut, ends.is_mute) = (PathSet::EMPTY, true);
    ends.wait_for(B, PathState::TellingUp);
    assert_eq!(ends.requester.usable(), PathSet::only(A), "it waits for the acknowledgement");
    let (_, message) = *ends.told.last().expect("path up was sent");
    let acknowledge = Supervisory { kind: SupervisoryKind::PathUpAcknowledge, ..message };
    let before = ends.requester.clone();
    for kind in [SupervisoryKind::PathDown, SupervisoryKind::PathUp, SupervisoryKind::PathDownAcknowledge] {
        assert!(!ends.requester.handle_supervisory(ends.now, &Supervisory { kind, ..acknowledge }));
    }
    for number in [message.number - 1, message.number + 1] {
        assert!(!ends.requester.handle_supervisory(ends.now, &Supervisory { number, ..acknowledge }));
    }
    assert_eq!(ends.requester, before);
    assert!(ends.requester.handle_supervisory(ends.now, &acknowledge));
    assert_eq!(ends.requester.state(B), PathState::Good);
    let before = ends.requester.clone();
    assert!(!ends.requester.handle_supervisory(ends.now, &acknowledge), "a repetition");
    assert_eq!(ends.requester, before);
}

/// Acknowledged at the last attempt: nobody gives up afterwards, and no path is questioned for it.
#[test]
fn an_acknowledged_message_is_not_waited_for() {
    let mut ends = ends([A, B, C].into_iter().collect());
    ends.cut = [B, C].into_iter().collect();
    ends.time_out(B);
    ends.time_out(C);
    ends.wait_for(B, PathState::Bad);
    ends.wait_for(C, PathState::Bad);
    ends.cut.remove(B);
    ends.is_mute = true;
    let attempts = ends.told.len() + usize::from(RequesterPathsConfig::new(PathSet::ALL).tell_attempts);
    while ends.told.len() < attempts {
        ends.wait();
    }
    let (_, message) = *ends.told.last().expect("path up was sent");
    let acknowledge = Supervisory { kind: SupervisoryKind::PathUpAcknowledge, ..message };
    assert!(ends.requester.handle_supervisory(ends.now, &acknowledge));
    ends.run();
    assert_eq!(ends.events().last(), Some(&PathEvent::Up(B)));
    for _ in 0..6 {
        ends.wait();
    }
    assert!(ends.events().is_empty() && ends.told.len() == attempts);
}

/// Path down was never acknowledged, and the path has passed a barrier since: an acknowledgement that comes now says
/// nothing about path up.
#[test]
fn a_late_acknowledgement_of_path_down_does_nothing() {
    let (mut ends, acknowledge) = telling_down();
    (ends.cut, ends.is_mute) = (PathSet::EMPTY, true);
    ends.wait_for(B, PathState::TellingUp);
    let before = ends.requester.clone();
    assert!(!ends.requester.handle_supervisory(ends.now, &acknowledge));
    let disguised = Supervisory { kind: SupervisoryKind::PathUpAcknowledge, ..acknowledge };
    assert!(!ends.requester.handle_supervisory(ends.now, &disguised), "of an older number");
    assert_eq!(ends.requester, before);
}

/// There is no good path over which the responder could have been told: nobody can have acknowledged it.
#[test]
fn an_acknowledgement_of_what_was_never_sent_does_nothing() {
    let (mut ends, acknowledge) = telling_down();
    // Path up of B is lost, over B itself: it is to be taken back, and A is bad too.
    ends.cut = PathSet::only(A);
    ends.is_mute = true;
    ends.wait_for(B, PathState::TellingUp);
    ends.wait_for(B, PathState::TellingDown);
    assert!(ends.requester.usable().is_empty());
    let sent = ends.told.last().expect("path up was sent").1.number;
    let before = ends.requester.clone();
    for number in [sent, sent + 1, sent + 2] {
        assert!(!ends.requester.handle_supervisory(ends.now, &Supervisory { number, ..acknowledge }));
    }
    assert_eq!(ends.requester, before);
}

/// A path that came back before its path down was acknowledged: one event frees what was sent on it.
#[test]
fn a_path_may_come_up_without_having_been_down() {
    let (mut ends, _) = telling_down();
    (ends.cut, ends.is_mute) = (PathSet::EMPTY, true);
    ends.wait_for(B, PathState::TellingUp);
    ends.is_mute = false;
    ends.wait_for(B, PathState::Good);
    let events: Vec<_> = ends.events().into_iter().filter(|event| *event != PathEvent::Passed(A)).collect();
    assert_eq!(events.last(), Some(&PathEvent::Up(B)));
    assert!(!events.contains(&PathEvent::Down(B)) && ends.accepts(B));
}

#[test]
fn only_a_good_path_can_be_questioned() {
    let (mut ends, _) = telling_down();
    for path in [B, C, D] {
        let before = ends.requester.clone();
        ends.requester.handle_request_timeout(ends.now, path, ends.now);
        assert_eq!(ends.requester, before, "{path} does not exist or is not good");
    }
    let bad = PathState::Bad;
    assert_eq!([C, D].map(|path| ends.requester.state(path)), [bad; 2]);
    assert!(!ends.requester.usable().contains(C));
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

/// The same run at another time of day: moved there, a machine is the one that has always been there.
#[test]
fn rebasing_is_having_begun_earlier() {
    let run = |start: Duration, steps: usize| {
        let mut ends = ends(PathSet::ALL);
        ends.now = start;
        ends.cut.insert(B);
        ends.time_out(B);
        for step in 0..steps {
            if step == 6 {
                (ends.cut, ends.is_mute) = (PathSet::EMPTY, true);
            }
            ends.wait();
        }
        ends
    };
    let earlier = Duration::from_secs(7);
    for steps in 0..12 {
        let mut ends = run(START, steps);
        ends.requester.rebase(START - earlier);
        assert_eq!(ends.requester, run(earlier, steps).requester, "after {steps} steps");
    }
}
