//! Which acknowledgements count, and what is done without them.

use super::*;

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
