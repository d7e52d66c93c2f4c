//! The responder is told that a path is down before its barrier has failed.

use alloc::vec;

use super::*;

const OPERATION: Duration = Duration::from_millis(100);
const AHEAD: Duration = Duration::from_millis(25);
/// When it is told, and when the barrier fails.
const TOLD: Duration = Duration::from_millis((1 << 40) * 1000 + 75);
const FAILED: Duration = Duration::from_millis((1 << 40) * 1000 + 100);

fn ahead(paths: PathSet) -> Ends {
    let config = RequesterPathsConfig::new(paths);
    assert_eq!((config.operation_timeout, config.tell_ahead), (OPERATION, AHEAD));
    ends_with(config)
}

/// B is broken, and its barrier has little time left.
fn doubted(is_mute: bool) -> Ends {
    let mut ends = ahead([A, B].into_iter().collect());
    (ends.cut, ends.is_mute) = (PathSet::only(B), is_mute);
    ends.time_out(B);
    assert!(ends.told.is_empty() && ends.requester.state(B) == PathState::Questioned);
    ends.wait();
    assert_eq!(ends.now, TOLD);
    assert!(ends.events().is_empty() && ends.requester.usable() == PathSet::only(A));
    ends
}

#[test]
fn the_acknowledgement_is_there_when_the_barrier_fails() {
    let mut ends = doubted(false);
    let down = Supervisory { kind: SupervisoryKind::PathDown, path: B, number: 1 };
    assert_eq!(ends.told, [(A, down)]);
    assert_eq!(ends.requester.state(B), PathState::Suspended);
    assert!(!ends.accepts(B), "it was obeyed");
    ends.wait();
    assert_eq!(ends.now, FAILED, "the barrier had all of its time");
    assert_eq!((ends.events(), ends.requester.state(B)), (vec![PathEvent::Down(B)], PathState::Bad));
    assert_eq!(ends.told.len(), 1);
    ends.cut = PathSet::EMPTY;
    ends.wait_for(B, PathState::Good);
    assert_eq!(ends.events(), [PathEvent::Up(B)]);
    assert!(ends.accepts(B));
}

#[test]
fn an_acknowledgement_that_comes_later_is_waited_for() {
    let mut ends = doubted(true);
    assert_eq!(ends.requester.state(B), PathState::Doubted);
    ends.wait();
    assert_eq!(ends.now, FAILED);
    assert_eq!(
        (ends.events(), ends.requester.state(B)),
        (vec![PathEvent::Failed(B)], PathState::TellingDown)
    );
    assert_eq!(ends.told.len(), 1, "it is on its way already");
    let acknowledge = Supervisory { kind: SupervisoryKind::PathDownAcknowledge, path: B, number: 1 };
    assert!(ends.requester.handle_supervisory(ends.now, &acknowledge));
    ends.run();
    assert_eq!((ends.events(), ends.requester.state(B)), (vec![PathEvent::Down(B)], PathState::Bad));
}

/// The answer comes with little time left: the path is good again, as soon as the responder has been told so.
#[test]
fn a_barrier_that_passes_in_the_end_takes_it_back() {
    for is_mute in [false, true] {
        let mut ends = ahead([A, B].into_iter().collect());
        ends.is_mute = is_mute;
        ends.requester.handle_request_timeout(START, B, START);
        let (write, _) = ends.requester.poll_op(START).expect("a write");
        ends.wait();
        let (read, op) = {
            assert!(ends.requester.handle_completion(ends.now, write, Ok(Completion::Written)));
            ends.requester.poll_op(ends.now).expect("a read")
        };
        assert!(matches!(op, Op::Read { path: B, .. }));
        let number = Completion::Read(crate::BarrierNumber(1 << 32 | 1));
        let expected = if is_mute { PathState::Doubted } else { PathState::Suspended };
        assert_eq!(ends.requester.state(B), expected);
        assert!(ends.requester.handle_completion(ends.now, read, Ok(number)));
        assert_eq!(ends.requester.state(B), PathState::TellingUp);
        let late = Supervisory { kind: SupervisoryKind::PathDownAcknowledge, path: B, number: 1 };
        assert!(!ends.requester.handle_supervisory(ends.now, &late), "of the message before");
        ends.is_mute = false;
        ends.run();
        assert_eq!((ends.events(), ends.requester.state(B)), (vec![PathEvent::Up(B)], PathState::Good));
        let kinds: Vec<_> = ends.told.iter().map(|(_, message)| (message.kind, message.number)).collect();
        assert_eq!(kinds, [(SupervisoryKind::PathDown, 1), (SupervisoryKind::PathUp, 2)]);
        assert!(ends.accepts(B) && ends.requester.poll_timeout().is_none());
    }
}

/// An operation that is answered gives the next one its own time.
#[test]
fn it_is_the_operation_under_way_that_counts() {
    let mut ends = ahead([A, B].into_iter().collect());
    ends.requester.handle_request_timeout(START, B, START);
    let (write, _) = ends.requester.poll_op(START).expect("a write");
    assert_eq!(ends.requester.poll_timeout(), Some(TOLD));
    ends.now = START + Duration::from_millis(50);
    assert!(ends.requester.handle_completion(ends.now, write, Ok(Completion::Written)));
    ends.requester.poll_op(ends.now).expect("a read");
    assert_eq!(ends.requester.poll_timeout(), Some(ends.now + OPERATION - AHEAD));
    ends.now = TOLD;
    ends.requester.handle_timeout(ends.now);
    assert_eq!(ends.requester.state(B), PathState::Questioned);
}

#[test]
fn with_nobody_to_tell_the_barrier_is_waited_for() {
    let mut ends = ahead([A, B].into_iter().collect());
    ends.cut = PathSet::ALL;
    ends.time_out(A);
    ends.time_out(B);
    ends.wait();
    assert_eq!((ends.now, ends.told.len()), (FAILED, 0));
    assert_eq!(ends.events(), [PathEvent::Failed(A), PathEvent::Failed(B)]);
}

/// The other path passes its barrier while little time is left: that is soon enough to tell.
#[test]
fn it_is_told_as_soon_as_somebody_can_be() {
    let mut ends = ahead([A, B].into_iter().collect());
    ends.requester.handle_request_timeout(START, A, START);
    let (write, _) = ends.requester.poll_op(START).expect("a write");
    ends.now = START + Duration::from_millis(50);
    assert!(ends.requester.handle_completion(ends.now, write, Ok(Completion::Written)));
    let (read, _) = ends.requester.poll_op(ends.now).expect("a read");
    ends.requester.handle_request_timeout(ends.now, B, START + Duration::from_millis(20));
    ends.cut = PathSet::only(B);
    ends.run();
    let fails_at = ends.now + OPERATION;
    ends.now = fails_at - Duration::from_millis(20);
    ends.requester.handle_timeout(ends.now);
    ends.run();
    assert_eq!(
        (ends.requester.state(B), ends.told.len()),
        (PathState::Questioned, 0),
        "there is nobody to tell"
    );
    let number = Completion::Read(crate::BarrierNumber(1 << 32 | 1));
    assert!(ends.requester.handle_completion(ends.now, read, Ok(number)));
    ends.run();
    assert_eq!((ends.requester.state(A), ends.requester.state(B)), (PathState::Good, PathState::Suspended));
    ends.wait_for(B, PathState::Bad);
    assert_eq!(ends.now, fails_at);
}

#[test]
fn without_it_the_barrier_fails_first_and_of_too_much_half_the_time_is_taken() {
    for (tell_ahead, told) in [(Duration::ZERO, FAILED), (Duration::MAX, START + OPERATION / 2)] {
        let config =
            RequesterPathsConfig { tell_ahead, ..RequesterPathsConfig::new([A, B].into_iter().collect()) };
        let mut ends = ends_with(config);
        ends.cut = PathSet::only(B);
        ends.time_out(B);
        while ends.told.is_empty() {
            ends.wait();
        }
        assert_eq!(ends.now, told);
        ends.wait_for(B, PathState::Bad);
        assert_eq!((ends.now, ends.events()), (FAILED, vec![PathEvent::Down(B)]));
    }
}

/// Nobody acknowledges it: the paths that it went over are questioned, and it is told again when one of them works.
#[test]
fn an_unanswered_one_questions_the_paths_it_went_over() {
    let paths = [A, B].into_iter().collect();
    let tell_timeout = Duration::from_millis(5);
    let mut ends = ends_with(RequesterPathsConfig { tell_timeout, ..RequesterPathsConfig::new(paths) });
    (ends.cut, ends.is_mute) = (PathSet::only(B), true);
    ends.time_out(B);
    ends.wait_for(B, PathState::Doubted);
    while ends.told.len() < 3 {
        ends.wait();
    }
    ends.is_mute = false;
    ends.wait();
    assert_eq!(ends.now, TOLD + tell_timeout * 3);
    assert_eq!(ends.events(), [PathEvent::Passed(A)], "it was questioned");
    assert_eq!((ends.requester.state(B), ends.told.len()), (PathState::Suspended, 4));
    assert!(ends.told.iter().all(|(via, message)| *via == A && message.number == 1));
}

/// Once it is acknowledged it is not told again, and nobody waits for a further acknowledgement.
#[test]
fn an_acknowledged_one_is_not_repeated() {
    let (tell_timeout, tell_attempts) = (Duration::from_millis(5), 1);
    let config = RequesterPathsConfig::new([A, B].into_iter().collect());
    let mut ends = ends_with(RequesterPathsConfig { tell_timeout, tell_attempts, ..config });
    ends.cut = PathSet::only(B);
    ends.time_out(B);
    ends.wait_for(B, PathState::Suspended);
    ends.wait();
    assert_eq!((ends.now, ends.told.len()), (FAILED, 1));
    assert_eq!(ends.events(), [PathEvent::Down(B)], "no other path was questioned");
}
