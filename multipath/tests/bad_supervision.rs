//! Supervisory packets that nobody waits for, that make no sense, or that come from a stranger.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use barrier::SupervisoryKind;
use multipath::wire::{
    AdaptiveControl, Control, Header, OpenRefusal, OpenVi, Opened, Operation, Packet, Refusal, Transaction,
};
use multipath::{Discard, Path, PathState, PortId, RequesterEvent, RequesterHandled, ResponderHandled};
use support::packets::{OPEN, VI, about, altered, altered_answer, completed, sending, supervisory};

#[test]
fn a_stranger_cannot_speak_about_paths() {
    let down = about(SupervisoryKind::PathDown);
    for (control, session) in [(down, 7), (Control::Open(OPEN), 7), (Control::Open(OPEN), 8)] {
        for is_stranger in [true, false] {
            let mut pair = sending(2);
            let bytes = supervisory(&pair, true, control, |header| {
                header.session = session;
                if is_stranger {
                    header.source = PortId::new(99);
                }
            });
            let handled = pair.responder.handle_datagram(Path::ALL[0], &bytes, &mut pair.memory);
            assert_eq!(handled == ResponderHandled::Discarded(Discard::Stranger), is_stranger, "{control:?}");
            assert_eq!(pair.discarded(Discard::Stranger), u64::from(is_stranger));
            if is_stranger {
                pair.settle();
                assert_eq!((pair.memory.messages.len(), pair.responder.sessions()), (1, 1));
            }
        }
    }
    // Nor to the requester, whose path is down until an answer of the responder's says otherwise.
    let mut pair = sending(2);
    let refusal = Some(OpenRefusal::Unconfirmed);
    for control in [
        about(SupervisoryKind::PathUpAcknowledge),
        Control::Opened(Opened { vi: VI, refusal, instance: 9 }),
        Control::Opened(Opened { vi: 9, refusal: None, instance: 5 }),
    ] {
        let bytes = supervisory(&pair, false, control, |header| header.source = PortId::new(99));
        let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], &bytes);
        assert_eq!(handled, RequesterHandled::Discarded(Discard::Stranger));
    }
    // An answer about an interface that nobody asked for.
    let bytes =
        supervisory(&pair, false, Control::Opened(Opened { vi: 9, refusal: None, instance: 5 }), |_| {});
    let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], &bytes);
    assert_eq!(handled, RequesterHandled::Discarded(Discard::Unmatched));
    pair.settle();
    assert_eq!(completed(&pair), 1);
}

/// A late refusal, which answers nothing that is waited for, ends no session.
#[test]
fn a_stray_refusal_does_not_end_the_session() {
    let mut pair = sending(1);
    let control = about(SupervisoryKind::PathUpAcknowledge);
    let bytes = supervisory(&pair, false, control, |header| {
        header.transaction = Transaction::Refuse(Refusal::UnknownSession);
        header.serial = 999;
    });
    let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], &bytes);
    assert_eq!(handled, RequesterHandled::Discarded(Discard::Unmatched));
    pair.settle();
    assert_eq!(completed(&pair), 1);
}

/// The refusal of a session, as the answer to this request.
fn unknown_session(request: &[u8]) -> Vec<u8> {
    let refusal = Transaction::Refuse(Refusal::UnknownSession);
    let header = Packet::parse(request).unwrap().header.response(refusal, 0);
    let mut bytes = vec![0; header.packet_length()];
    header.emit(None, None, &mut bytes, |_| {}).unwrap();
    bytes
}

/// Nor does one to what was answered already: a barrier's operation, and a message about a path.
#[test]
fn a_refusal_of_what_was_answered_does_not_end_the_session() {
    let mut pair = sending(2);
    pair.there[0].packets.clear();
    pair.pass_deadline();
    let write = pair.there[0].packets[0].clone();
    pair.deliver_there(0).unwrap();
    pair.deliver_back(0).unwrap();
    // The read is lost, and the responder told that the path is down.
    pair.cut(0, true);
    pair.pass_deadline();
    let message = pair.there[1].packets[0].clone();
    pair.settle();
    assert_eq!(pair.requester.path_state(Path::ALL[0]), PathState::Suspended);
    for (path, request) in [(0, write), (1, message)] {
        let refusal = unknown_session(&request);
        let handled = pair.requester.handle_datagram(pair.now, Path::ALL[path], &refusal);
        assert_eq!(handled, RequesterHandled::Discarded(Discard::Unmatched));
    }
    pair.wait();
    assert_eq!(completed(&pair), 1);
}

/// Only a send speaks about paths, and only to a responder are interfaces opened.
#[test]
fn answers_that_a_responder_does_not_give_are_dropped() {
    let open = OpenVi { vi: VI, ..OPEN };
    let mut pair = sending(1);
    type Change = fn(&mut Header);
    let answers: [(Control, Change, Discard); 2] = [
        (
            about(SupervisoryKind::PathUpAcknowledge),
            |header| header.operation = Operation::Read,
            Discard::Unmatched,
        ),
        (Control::Open(open), |_| {}, Discard::WrongDirection),
    ];
    for (control, change, reason) in answers {
        let bytes = supervisory(&pair, false, control, change);
        let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], &bytes);
        assert_eq!(handled, RequesterHandled::Discarded(reason));
    }
    pair.settle();
    assert_eq!(completed(&pair), 1);
}

/// A barrier is through when the responder has answered both of its operations, and not by anything else.
#[test]
fn other_answers_do_not_complete_a_barrier() {
    let mut pair = sending(2);
    pair.there[0].packets.clear();
    pair.now = pair.requester.poll_timeout().unwrap();
    pair.requester.handle_timeout(pair.now);
    pair.pump();
    type Change = fn(&mut Header);
    let changes: [Change; 4] = [
        |header| header.serial = header.serial.wrapping_add(1),
        |header| header.adaptive_control = AdaptiveControl::Lane1,
        |header| header.adaptive_control = AdaptiveControl::Adaptive,
        |header| header.operation = Operation::Read,
    ];
    let write = pair.there[0].packets[0].clone();
    for change in changes {
        pair.there[0].packets.clear();
        pair.there[0].packets.push_back(write.clone());
        let bytes = altered_answer(&mut pair, change);
        pair.back[0].packets.clear();
        let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], &bytes);
        assert_eq!(handled, RequesterHandled::Discarded(Discard::Unmatched));
        pair.pump();
        assert!(pair.there[0].packets.is_empty());
    }
    // One that the responder refuses has failed.
    pair.there[0].packets.push_back(write);
    let refused = Transaction::Refuse(Refusal::Supervisory);
    let bytes = altered_answer(&mut pair, |header| header.transaction = refused);
    pair.back[0].packets.clear();
    let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], &bytes);
    assert_eq!(handled, RequesterHandled::Supervisory);
    pair.settle();
    assert_eq!(
        pair.events[..2],
        [RequesterEvent::PathQuestioned(Path::ALL[0]), RequesterEvent::PathFailed(Path::ALL[0]),]
    );
}

/// The number that is read back is that of the latest barrier, also when the write of an earlier one comes after it.
#[test]
fn a_late_write_of_a_barrier_changes_nothing() {
    let mut pair = sending(2);
    pair.there[0].packets.clear();
    pair.pass_deadline();
    let late = pair.there[0].packets.pop_front().unwrap();
    // The first barrier fails, a later one takes its time.
    while pair.there[0].packets.is_empty() {
        pair.pass_deadline();
        while pair.deliver_there(1).is_some() || pair.deliver_back(1).is_some() {}
    }
    assert_eq!(pair.requester.path_state(Path::ALL[0]), PathState::Bad);
    pair.deliver_there(0);
    pair.there[0].packets.push_back(late);
    pair.deliver_there(0);
    // The answer to the later one's write lets it read.
    pair.deliver_back(0);
    let reads = pair.there[0].packets.iter().map(|bytes| Packet::parse(bytes).unwrap().header.operation);
    assert_eq!(reads.collect::<Vec<_>>(), [Operation::Read]);
    pair.deliver_there(0);
    while pair.deliver_back(0).is_some() {}
    assert_eq!(pair.requester.path_state(Path::ALL[0]), PathState::TellingUp);
}

/// The answer to an operation of an earlier barrier is none to the same operation of a later one.
#[test]
fn a_late_answer_to_a_barrier_changes_nothing() {
    let mut pair = sending(2);
    pair.there[0].packets.clear();
    pair.pass_deadline();
    pair.deliver_there(0).unwrap();
    let late = pair.back[0].packets.pop_front().unwrap();
    while pair.there[0].packets.is_empty() {
        pair.pass_deadline();
        while pair.deliver_there(1).is_some() || pair.deliver_back(1).is_some() {}
    }
    let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], &late);
    assert_eq!(handled, RequesterHandled::Discarded(Discard::Unmatched));
    pair.there[0].packets.clear();
    pair.pump();
    assert!(pair.there[0].packets.is_empty(), "nothing is read before it was written");
}

/// Supervisory packets that make no sense are refused, and do nothing.
#[test]
fn supervisory_noise_is_refused() {
    for (operation, lengths) in [
        (Operation::Send, [0, 3, 16, 17]),
        (Operation::Write, [0, 7, 9, 16]),
        (Operation::Read, [0, 7, 9, 16]),
    ] {
        for length in lengths {
            let mut pair = sending(1);
            let bytes = altered(&pair, |header| {
                (header.vi, header.operation, header.length) = (0, operation, length);
            });
            let handled = pair.responder.handle_datagram(Path::ALL[0], &bytes, &mut pair.memory);
            assert_eq!(handled, ResponderHandled::Supervised);
            pair.pump();
            let answer = Packet::parse(&pair.back[0].packets[0]).unwrap().header.transaction;
            assert_eq!(answer, Transaction::Refuse(Refusal::Supervisory), "{operation:?} of {length}");
            pair.settle();
            assert_eq!(pair.memory.messages, [vec![7; 2000]]);
        }
    }
}
