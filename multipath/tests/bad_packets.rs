//! Packets that are not as they should be: dropped, counted by reason, or refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use barrier::SupervisoryKind;
use multipath::wire::{Format, Header, Operation, OperationFlags, Packet, Refusal, Transaction};
use multipath::{
    BrokenReason, Descriptor, Discard, Path, PortId, PostError, Region, RequesterEvent, RequesterHandled,
    ResponderConfig, ResponderHandled, ViConfig,
};
use quickcheck::quickcheck;
use support::packets::{VI, about, altered, altered_answer, completed, sending, supervisory};
use support::{Pair, Recorder, paths};

#[track_caller]
fn is_dropped(change: impl FnOnce(&mut Header), reason: Discard) {
    let mut pair = sending(2);
    let bytes = altered(&pair, change);
    let handled = pair.responder.handle_datagram(Path::ALL[0], &bytes, &mut pair.memory);
    assert_eq!(handled, ResponderHandled::Discarded(reason));
    assert_eq!(pair.discarded(reason), 1);
    assert!(!pair.responder.has_responses());
    // The transfer goes on as if nothing had been.
    pair.settle();
    assert_eq!(pair.memory.messages, [vec![7; 2000]]);
}

#[test]
fn packets_that_are_not_valid_are_dropped_by_reason() {
    is_dropped(|header| header.destination = PortId::new(99), Discard::WrongDestination);
    is_dropped(|header| header.source = PortId::new(99), Discard::Stranger);
    is_dropped(|header| header.fabric = true, Discard::WrongFabric);
    is_dropped(|header| header.transaction = Transaction::Acknowledge, Discard::WrongDirection);
    is_dropped(|header| header.session = 6, Discard::OtherSession);
    is_dropped(|header| header.format = Format::Other(9), Discard::Malformed);
}

#[test]
fn a_damaged_packet_is_told_from_one_that_makes_no_sense() {
    let mut pair = sending(1);
    let mut bytes = pair.there[0].packets[0].clone();
    bytes[40] ^= 1;
    for (bytes, reason) in [(&bytes[..], Discard::Checksum), (&bytes[..50], Discard::Malformed)] {
        let handled = pair.responder.handle_datagram(Path::ALL[0], bytes, &mut pair.memory);
        assert_eq!(handled, ResponderHandled::Discarded(reason));
        let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], bytes);
        assert_eq!(handled, RequesterHandled::Discarded(reason));
    }
}

#[test]
fn a_packet_for_an_interface_that_is_not_open_is_refused_and_counted() {
    let mut pair = sending(2);
    let bytes = altered(&pair, |header| header.vi = 9);
    let handled = pair.responder.handle_datagram(Path::ALL[0], &bytes, &mut pair.memory);
    assert_eq!(handled, ResponderHandled::Refused(Refusal::UnknownVi));
    assert_eq!(pair.discarded(Discard::UnknownVi), 1);
    pair.settle();
    assert_eq!(pair.memory.messages, [vec![7; 2000]]);
    assert_eq!(pair.requester.discards().count(Discard::UnknownVi), 1);
}

/// The first stage at the requester: what it drops, and why.
#[test]
fn responses_that_are_not_valid_are_dropped_by_reason() {
    type Change = fn(&mut Header);
    let changes: [(Change, Discard); 6] = [
        (|header| header.destination = PortId::new(99), Discard::WrongDestination),
        (|header| header.source = PortId::new(99), Discard::Stranger),
        (|header| header.fabric = true, Discard::WrongFabric),
        (|header| header.transaction = Transaction::Request, Discard::WrongDirection),
        (|header| header.session = 6, Discard::OtherSession),
        (|header| header.vi = 9, Discard::UnknownVi),
    ];
    for (change, reason) in changes {
        let mut pair = sending(2);
        let bytes = altered_answer(&mut pair, change);
        let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], &bytes);
        assert_eq!(handled, RequesterHandled::Discarded(reason));
        assert_eq!(pair.requester.discards().count(reason), 1);
        pair.settle();
        assert_eq!(completed(&pair), 1);
    }
}

/// An answer to a read with fewer bytes than it asked for does not make it done.
#[test]
fn a_read_is_not_done_without_its_data() {
    let mut pair = Pair::new(1, ViConfig::new(VI));
    let region = Region { start: 0, length: 512, is_writable: false, is_readable: true };
    pair.responder.open_region(VI, region).unwrap();
    pair.requester.post(pair.now, VI, Descriptor::read(0, 100)).unwrap();
    pair.pump();
    pair.deliver_there(0);
    let answer = pair.back[0].packets[0].clone();
    let header = Packet::parse(&answer).unwrap().header;
    for length in [0, 99, 101] {
        let short = Header { length, ..header };
        let mut bytes = vec![0; short.packet_length()];
        short.emit(None, None, &mut bytes, |_| {}).unwrap();
        let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], &bytes);
        assert_eq!(handled, RequesterHandled::Discarded(Discard::Malformed));
    }
    assert!(pair.events.is_empty());
    pair.settle();
    assert_eq!((completed(&pair), &pair.read[..]), (1, &[(0, vec![0; 100])][..]));
}

/// The opening goes on every path, so that there are as many answers: those that come later are no strange packets.
#[test]
fn a_session_that_begins_as_it_should_drops_nothing() {
    let pair = Pair::new(4, ViConfig::new(VI));
    assert_eq!((pair.requester.discards().total(), pair.responder.discards().total()), (0, 0));
}

#[test]
fn a_path_that_is_not_in_use_brings_nothing() {
    let mut pair = sending(2);
    let bytes = pair.there[0].packets[0].clone();
    let handled = pair.responder.handle_datagram(Path::ALL[3], &bytes, &mut pair.memory);
    assert_eq!(handled, ResponderHandled::Discarded(Discard::UnknownPath));
    let handled = pair.responder.handle_datagram(Path::ALL[1], &bytes, &mut pair.memory);
    assert_eq!(handled, ResponderHandled::Discarded(Discard::WrongDestination));
}

#[test]
fn a_packet_longer_than_the_interface_has_is_refused() {
    let mut pair = sending(1);
    let bytes = altered(&pair, |header| {
        header.format = Format::Jumbo;
        header.length = 513;
    });
    let handled = pair.responder.handle_datagram(Path::ALL[0], &bytes, &mut pair.memory);
    assert_eq!(handled, ResponderHandled::Refused(Refusal::Access));
}

#[test]
fn an_unordered_send_is_refused() {
    let mut pair = sending(1);
    let bytes = altered(&pair, |header| header.flags = OperationFlags::FIRST);
    let handled = pair.responder.handle_datagram(Path::ALL[0], &bytes, &mut pair.memory);
    assert_eq!(handled, ResponderHandled::Refused(Refusal::Access));
}

#[test]
fn responses_that_match_nothing_are_counted() {
    let mut pair = sending(1);
    while pair.deliver_there(0).is_some() {}
    let response = pair.back[0].packets[0].clone();
    pair.settle();
    let again = pair.requester.handle_datagram(pair.now, Path::ALL[0], &response);
    assert_eq!(again, RequesterHandled::Discarded(Discard::Unmatched));
    assert_eq!(pair.requester.discards().count(Discard::Unmatched), 1);
}

/// A responder with room for so few responses, and two interfaces.
fn with_room_for(response_queue: usize) -> Pair {
    let config = ResponderConfig { response_queue, ..ResponderConfig::new(paths(1).reversed(), 5) };
    let mut pair = Pair::with_responder(config, ViConfig::new(VI));
    pair.requester.open(pair.now, ViConfig::new(2)).unwrap();
    pair.settle();
    pair
}

/// Acknowledgements that go out once more with that of a path that is down have what room there is; with that of one that is up, none
/// goes out.
#[test]
fn the_answer_to_path_down_brings_no_more_responses_than_fit() {
    for (kind, expected) in [(SupervisoryKind::PathDown, 4), (SupervisoryKind::PathUp, 3)] {
        let mut pair = with_room_for(4);
        for _ in 0..2 {
            pair.settle();
            for vi in [VI, 2] {
                pair.requester.post(pair.now, vi, Descriptor::send(vec![7; 10])).unwrap();
            }
            pair.pump();
        }
        let message = supervisory(&pair, true, about(kind), |_| {});
        let waiting: Vec<_> = pair.there[0].packets.drain(..).chain([message]).collect();
        for bytes in &waiting {
            let handled = pair.responder.handle_datagram(Path::ALL[0], bytes, &mut pair.memory);
            assert!(matches!(handled, ResponderHandled::Done | ResponderHandled::Supervised));
        }
        pair.pump();
        let vis = pair.back[0].packets.iter().map(|bytes| Packet::parse(bytes).unwrap().header.vi);
        let vis: Vec<_> = vis.collect();
        assert_eq!((vis.len(), vis.last()), (expected, Some(&0)), "{vis:?}");
    }
}

#[test]
fn more_requests_than_responses_fit_are_dropped_and_come_again() {
    let mut pair = with_room_for(2);
    pair.requester.post(pair.now, VI, Descriptor::send(vec![7; 4000])).unwrap();
    pair.pump();
    let packets: Vec<_> = pair.there[0].packets.drain(..).collect();
    for packet in &packets {
        let _ = pair.responder.handle_datagram(Path::ALL[0], packet, &mut pair.memory);
    }
    assert_eq!(pair.discarded(Discard::Overrun), 6);
    pair.settle();
    while pair.memory.messages.is_empty() {
        pair.wait();
    }
    assert_eq!(pair.memory.messages, [vec![7; 4000]]);
}

/// What comes late on a path that was given up is dropped, also if its addresses are not open: an answer would break the interface.
#[test]
fn a_late_packet_breaks_nothing() {
    let mut pair = sending(2);
    let late = altered(&pair, |header| header.operation = Operation::Write);
    pair.cut(0, true);
    while pair.memory.messages.is_empty() {
        pair.wait();
    }
    let handled = pair.responder.handle_datagram(Path::ALL[0], &late, &mut pair.memory);
    assert_eq!(handled, ResponderHandled::Discarded(Discard::PathNotAccepted));
    assert!(!pair.responder.has_responses());
}

#[test]
fn addresses_that_are_not_open_break_the_interface() {
    let mut pair = Pair::new(1, ViConfig::new(VI));
    let region = Region { start: 0, length: 100, is_writable: false, is_readable: true };
    pair.responder.open_region(VI, region).unwrap();
    pair.requester.post(pair.now, VI, Descriptor::write(0, vec![1; 10])).unwrap();
    pair.settle();
    let reason = BrokenReason::Refused(Refusal::Access);
    assert_eq!(pair.events, [RequesterEvent::Broken { vi: VI, reason }]);
    let error = pair.requester.post(pair.now, VI, Descriptor::read(0, 1)).unwrap_err();
    assert_eq!(error, PostError::Broken { vi: VI });
    assert_eq!(pair.memory.bytes[..10], [0; 10]);
    assert!(pair.requester.is_idle());
}

quickcheck! {
    /// Any bytes, also such as are nearly right, do nothing but be counted.
    fn noise_changes_nothing(noise: Vec<(u8, u8, u8)>) -> bool {
        let mut pair = sending(2);
        for (place, bits, path) in noise {
            let mut bytes = pair.there[0].packets[0].clone();
            let length = bytes.len();
            bytes[usize::from(place) % length] ^= bits;
            if bits == 0 {
                continue;
            }
            let path = Path::ALL[usize::from(path % 4)];
            let handled = pair.responder.handle_datagram(path, &bytes, &mut Recorder::default());
            if !matches!(handled, ResponderHandled::Discarded(_)) {
                return false;
            }
            if !matches!(pair.requester.handle_datagram(pair.now, path, &bytes), RequesterHandled::Discarded(_)) {
                return false;
            }
        }
        pair.settle();
        pair.memory.messages == [vec![7; 2000]]
    }
}
