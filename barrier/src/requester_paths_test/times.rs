//! When what ends, and what comes again.

use super::*;

/// The time that a caller who is woken late loses is not lost again to the barrier.
#[test]
fn a_barrier_has_its_time_from_when_the_answer_was_due() {
    let config = config(PathSet::ALL);
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
        ..config(PathSet::ALL)
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
        ..config(PathSet::ALL)
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

#[test]
fn bad_paths_are_probed_from_time_to_time() {
    let mut ends = ends(PathSet::ALL);
    ends.cut.insert(D);
    ends.time_out(D);
    ends.wait_for(D, PathState::Bad);
    let config = config(PathSet::ALL);
    for _ in 0..5 {
        let ended = ends.now;
        ends.wait();
        assert_eq!(ends.now - ended, config.probe_interval);
        ends.wait();
        assert_eq!(ends.now - ended, config.probe_interval + config.operation_timeout);
    }
}

/// Told once of each path, then one barrier a path and interval, and no message that nothing could carry.
#[test]
fn a_peer_that_never_answers_is_reported_and_probed() {
    let mut ends = ends(PathSet::ALL);
    ends.cut = PathSet::ALL;
    Path::ALL.into_iter().for_each(|path| ends.time_out(path));
    ends.wait();
    assert_eq!(ends.events(), Path::ALL.map(PathEvent::Failed));
    let config = config(PathSet::ALL);
    let end = ends.now + (config.probe_interval + config.operation_timeout) * 10;
    while ends.now < end {
        ends.wait();
    }
    assert!(ends.events().is_empty() && ends.told.is_empty());
    assert_eq!(ends.requester.incarnation(D), Incarnation(11), "the first barrier and ten others");
    assert!(ends.requester.usable().is_empty());
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
