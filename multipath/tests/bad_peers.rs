//! Peers that were restarted, that began otherwise, or that are silent: detected, bounded, reported.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use core::time::Duration;

use multipath::wire::{Control, OpenRefusal, OpenVi, Packet, Refusal};
use multipath::{
    BrokenReason, Descriptor, Discard, EndReason, Path, PathState, PostError, Requester, RequesterConfig,
    RequesterEvent, RequesterHandled, Responder, ResponderConfig, ResponderHandled, ViConfig,
};
use support::packets::{OPEN, VI, altered_answer, sending, supervisory};
use support::{EPOCH, Pair, paths};

/// Both ends were restarted, and each took up its numbers from elsewhere.
#[test]
fn ends_that_began_with_different_numbers_are_told() {
    let from = |first_sequence| Pair::new(1, ViConfig { window: 8, first_sequence, ..ViConfig::new(VI) });
    let (mut pair, other) = (from(100), from(7));
    pair.responder = other.responder;
    pair.requester.post(pair.now, VI, Descriptor::send(vec![7; 10])).unwrap();
    pair.settle();
    let reason = BrokenReason::Refused(Refusal::OutsideWindow);
    assert_eq!(pair.events, [RequesterEvent::Broken { vi: VI, reason }]);
    assert!(reason.to_string().contains("the ends began with different numbers"), "{reason}");
    assert!(pair.memory.messages.is_empty());
    // One that asks to open with its numbers what is open with others hears it at once.
    let mut pair = from(7);
    pair.requester = Requester::new(RequesterConfig::new(paths(1), 7, 1)).unwrap();
    pair.requester.open(pair.now, ViConfig { window: 8, first_sequence: 100, ..ViConfig::new(VI) }).unwrap();
    pair.settle();
    let reason = BrokenReason::NotOpened(OpenRefusal::Different);
    assert_eq!(pair.events, [RequesterEvent::Broken { vi: VI, reason }]);
}

#[test]
fn a_restarted_responder_ends_the_session() {
    let mut pair = sending(1);
    pair.responder = Responder::new(ResponderConfig::new(paths(1).reversed(), 5));
    pair.settle();
    assert_eq!(pair.events, [RequesterEvent::Ended(EndReason::PeerRestarted)]);
    assert_eq!(pair.requester.poll_timeout(), None);
    // Nothing counts any more: the packets that were out are not waited for.
    pair.now += Duration::from_secs(3600);
    pair.requester.handle_timeout(pair.now);
    assert_eq!(pair.requester.poll_event(), None);
    assert!(pair.requester.is_idle());
    let late = altered_answer(&mut sending(1), |_| {});
    let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], &late);
    assert_eq!(handled, RequesterHandled::Discarded(Discard::OtherSession));
    let error = pair.requester.post(pair.now, VI, Descriptor::send(vec![1])).unwrap_err();
    assert_eq!(error, PostError::Ended);
}

/// What was posted and not sent when the session ended stays where it is.
#[test]
fn a_session_that_has_ended_sends_nothing() {
    let mut pair = sending(1);
    pair.responder = Responder::new(ResponderConfig::new(paths(1).reversed(), 5));
    pair.deliver_there(0).unwrap();
    pair.requester.post(pair.now, VI, Descriptor::send(vec![8; 10])).unwrap();
    let refusal = pair.back[0].packets.pop_front().unwrap();
    let _ = pair.requester.handle_datagram(pair.now, Path::ALL[0], &refusal);
    assert_eq!(pair.requester.poll_event(), Some(RequesterEvent::Ended(EndReason::PeerRestarted)));
    assert_eq!(pair.requester.poll_transmit(pair.now, &mut [0; 1000]), Ok(None));
}

/// What was on the way since before the restart opens nothing: not even the same session, in which numbers would begin anew.
#[test]
fn an_opening_from_before_a_restart_opens_nothing() {
    let mut pair = Pair::new(2, ViConfig { sequence_bits: 2, window: 2, ..ViConfig::new(VI) });
    let openings = pair.openings.clone();
    // As many packets as there are sequence numbers: the next has the first one's.
    pair.requester.post(pair.now, VI, Descriptor::send(vec![7; 4 * 512])).unwrap();
    pair.settle();
    pair.responder = Responder::new(ResponderConfig::new(paths(2).reversed(), 6));
    pair.memory.messages.clear();
    for (path, opening) in openings {
        pair.there[path].packets.push_back(opening);
    }
    pair.settle();
    pair.requester.post(pair.now, VI, Descriptor::send(vec![8; 10])).unwrap();
    pair.settle();
    assert_eq!(pair.memory.messages, Vec::<Vec<u8>>::new());
    assert_eq!(pair.responder.sessions(), 0);
    assert_eq!(pair.events.last(), Some(&RequesterEvent::Ended(EndReason::PeerRestarted)));
}

/// A requester that was restarted opens a later session; what is left of the earlier one does nothing.
#[test]
fn a_restarted_requester_replaces_its_session() {
    let mut pair = sending(1);
    let stale: Vec<_> = pair.there[0].packets.drain(..).collect();
    let mut requester = Requester::new(RequesterConfig::new(paths(1), 8, 1)).unwrap();
    requester.open(pair.now, ViConfig::new(VI)).unwrap();
    pair.requester = requester;
    pair.settle();
    assert_eq!(pair.responder.sessions(), 2);
    for packet in &stale {
        let handled = pair.responder.handle_datagram(Path::ALL[0], packet, &mut pair.memory);
        assert_eq!(handled, ResponderHandled::Discarded(Discard::OtherSession));
    }
    pair.requester.post(pair.now, VI, Descriptor::send(b"new".to_vec())).unwrap();
    pair.settle();
    assert_eq!(pair.memory.messages, [b"new".to_vec()]);
}

/// What opened an earlier session comes late, and opens nothing.
#[test]
fn an_earlier_session_is_not_opened_again() {
    let mut pair = sending(1);
    let opening =
        supervisory(&pair, true, Control::Open(OpenVi { vi: VI, ..OPEN }), |header| header.session = 6);
    let handled = pair.responder.handle_datagram(Path::ALL[0], &opening, &mut pair.memory);
    assert_eq!(handled, ResponderHandled::Discarded(Discard::OtherSession));
    assert_eq!(pair.responder.sessions(), 1);
    pair.settle();
    assert_eq!(pair.memory.messages, [vec![7; 2000]]);
}

/// Answers that wait when another session is opened are for nobody any more.
#[test]
fn a_later_session_does_not_get_the_answers_of_the_earlier() {
    let mut pair = sending(1);
    let request = pair.there[0].packets[0].clone();
    let opening =
        supervisory(&pair, true, Control::Open(OpenVi { vi: VI, ..OPEN }), |header| header.session = 8);
    for (bytes, expected) in [(&request, ResponderHandled::Done), (&opening, ResponderHandled::SessionOpened)]
    {
        assert_eq!(pair.responder.handle_datagram(Path::ALL[0], bytes, &mut pair.memory), expected);
    }
    let mut buffer = [0; 1000];
    let transmit = pair.responder.poll_transmit(&pair.memory, &mut buffer).unwrap().unwrap();
    let packet = Packet::parse(transmit.packets(&buffer).next().unwrap()).unwrap();
    assert_eq!((packet.header.session, packet.header.vi), (8, 0));
    assert!(!pair.responder.has_responses());
}

#[test]
fn a_peer_that_never_answers_is_given_up() {
    let mut pair = sending(4);
    (0..4).for_each(|path| pair.cut(path, true));
    let mut waits = 0;
    while pair.events.last() != Some(&RequesterEvent::Ended(EndReason::NoAnswer)) {
        pair.wait();
        waits += 1;
        assert!(waits < 5000, "{:?}", pair.events.last());
    }
    assert_eq!(pair.now - EPOCH, Duration::from_secs(30));
    assert_ne!(pair.requester.path_state(Path::ALL[0]), PathState::Good);
}

/// Silence counts from when there is something to wait for.
#[test]
fn a_peer_that_was_not_asked_is_not_given_up() {
    let mut pair = Pair::new(1, ViConfig::new(VI));
    pair.now += Duration::from_secs(3600);
    pair.requester.handle_timeout(pair.now);
    assert_eq!(pair.requester.poll_event(), None);
    pair.cut(0, true);
    let begun = pair.now;
    pair.requester.post(pair.now, VI, Descriptor::send(vec![7; 10])).unwrap();
    while pair.events.last() != Some(&RequesterEvent::Ended(EndReason::NoAnswer)) {
        pair.wait();
    }
    assert_eq!(pair.now - begun, Duration::from_secs(30));
}
