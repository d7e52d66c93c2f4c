//! Packets and peers that are not as they should be: counted, bounded, reported.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use core::time::Duration;

use barrier::{Supervisory, SupervisoryKind};
use multipath::wire::{
    AdaptiveControl, Control, Format, Header, MAX_JUMBO_PAYLOAD, OpenRefusal, OpenVi, Opened, Operation,
    OperationFlags, Packet, Refusal, Transaction,
};
use multipath::{
    BrokenReason, Descriptor, Discard, EndReason, OpenError, Path, PathEnds, PathState, Paths, PortId,
    PostError, Region, RegionError, Requester, RequesterConfig, RequesterEvent, RequesterHandled, Responder,
    ResponderConfig, ResponderHandled, ViConfig,
};
use quickcheck::quickcheck;
use support::{EPOCH, Pair, Recorder, paths};

const VI: u16 = 1;

/// A request that waits on path 0, changed, with a right checksum.
fn altered(pair: &Pair, change: impl FnOnce(&mut Header)) -> Vec<u8> {
    let packet = Packet::parse(&pair.there[0].packets[0]).unwrap();
    let mut header = packet.header;
    change(&mut header);
    let mut out = vec![0; header.packet_length()];
    header
        .emit(packet.address, packet.immediate, &mut out, |place| {
            let length = place.len().min(packet.payload.len());
            place[..length].copy_from_slice(&packet.payload[..length]);
        })
        .unwrap();
    out
}

fn sending(count: usize) -> Pair {
    let mut pair = Pair::new(count, ViConfig::new(VI));
    pair.requester.post(pair.now, VI, Descriptor::send(vec![7; 2000])).unwrap();
    pair.pump();
    pair
}

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

/// A supervisory packet as it would have to be, but for what `change` does to it.
fn supervisory(
    pair: &Pair,
    from_requester: bool,
    control: Control,
    change: impl FnOnce(&mut Header),
) -> Vec<u8> {
    let request = Packet::parse(&pair.there[0].packets[0]).unwrap().header;
    let length = u16::try_from(control.length()).unwrap();
    let mut header =
        if from_requester { request } else { request.response(Transaction::Acknowledge, length) };
    (header.vi, header.operation, header.length) = (0, Operation::Send, length);
    change(&mut header);
    let mut out = vec![0; header.packet_length()];
    header.emit(None, None, &mut out, |place| control.emit(place)).unwrap();
    out
}

fn about(kind: SupervisoryKind) -> Control {
    Control::Path(Supervisory { kind, path: Path::ALL[0], number: 1000 })
}

#[test]
fn a_stranger_cannot_speak_about_paths() {
    let open = OpenVi { vi: 2, sequence_bits: 8, window: 1, first_sequence: 0, max_payload: 1, instance: 5 };
    let down = about(SupervisoryKind::PathDown);
    for (control, session) in [(down, 7), (Control::Open(open), 7), (Control::Open(open), 8)] {
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

fn completed(pair: &Pair) -> usize {
    pair.events.iter().filter(|event| matches!(event, RequesterEvent::Completed { .. })).count()
}

/// The answer to the request that waits on path 0, changed. It stays on the way as it was, too.
fn altered_answer(pair: &mut Pair, change: impl FnOnce(&mut Header)) -> Vec<u8> {
    pair.deliver_there(0);
    let packet = Packet::parse(&pair.back[0].packets[0]).unwrap();
    let mut header = packet.header;
    change(&mut header);
    let mut bytes = vec![0; header.packet_length()];
    let copy = |place: &mut [u8]| {
        let length = place.len().min(packet.payload.len());
        place[..length].copy_from_slice(&packet.payload[..length]);
    };
    header.emit(None, None, &mut bytes, copy).unwrap();
    bytes
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
fn a_path_is_the_same_from_both_ends() {
    let ends = PathEnds { local: PortId::new(1), remote: PortId::new(2), fabric: true };
    assert_eq!(ends.reversed(), PathEnds { local: PortId::new(2), remote: PortId::new(1), fabric: true });
    let four = Paths::between([1, 2].map(PortId::new), [11, 12].map(PortId::new));
    let of = |path| four.ends(path).map(|ends| (ends.local.get(), ends.remote.get()));
    assert_eq!(Path::ALL.map(of), [(1, 11), (1, 12), (2, 11), (2, 12)].map(Some));
    assert_eq!(four.reversed().reversed(), four);
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

#[test]
fn more_requests_than_responses_fit_are_dropped_and_come_again() {
    let config = ResponderConfig { response_queue: 2, ..ResponderConfig::new(paths(1).reversed(), 5) };
    let mut pair = Pair::new(1, ViConfig::new(VI));
    pair.responder = Responder::new(config);
    let mut requester = Requester::new(RequesterConfig::new(paths(1), 8, 1)).unwrap();
    requester.open(pair.now, ViConfig::new(VI)).unwrap();
    pair.requester = requester;
    pair.settle();
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
fn settings_that_cannot_be_are_refused_by_name() {
    let mut requester = Requester::new(RequesterConfig::new(paths(1), 1, 1)).unwrap();
    requester.open(EPOCH, ViConfig::new(1)).unwrap();
    assert_eq!(requester.open(EPOCH, ViConfig::new(1)), Err(OpenError::Taken { vi: 1 }));
    assert_eq!(requester.open(EPOCH, ViConfig::new(0)), Err(OpenError::Taken { vi: 0 }));
    assert_eq!(
        requester.open(EPOCH, ViConfig { max_payload: 0, ..ViConfig::new(2) }),
        Err(OpenError::NoPayload)
    );
    let wide = ViConfig { window: 129, ..ViConfig::new(2) };
    let error = requester.open(EPOCH, wide).unwrap_err().to_string();
    assert_eq!(error, "window of 129 packets: give 1 to 128, half of all sequence numbers");
    let no_path = Requester::new(RequesterConfig::new(paths(0), 1, 1));
    assert!(no_path.is_err());
    let post = |requester: &mut Requester, descriptor| requester.post(EPOCH, 1, descriptor).unwrap_err();
    assert_eq!(post(&mut requester, Descriptor::send(vec![]).unordered()), PostError::UnorderedSend);
    assert_eq!(post(&mut requester, Descriptor::read(0, 1).with_immediate(1)), PostError::ImmediateRead);
    let beyond = Descriptor::read(u64::MAX, 2);
    assert_eq!(post(&mut requester, beyond), PostError::Address { address: u64::MAX, length: 2 });
    for _ in 0..64 {
        requester.post(EPOCH, 1, Descriptor::send(vec![1])).unwrap();
    }
    assert_eq!(post(&mut requester, Descriptor::send(vec![1])), PostError::Full { vi: 1, limit: 64 });
    let mut responder = Responder::new(ResponderConfig::new(paths(1), 5));
    let region = Region { start: 2, length: u64::MAX, is_writable: true, is_readable: true };
    assert_eq!(responder.open_region(1, region), Err(RegionError::Range { start: 2, length: u64::MAX }));
}

/// An interface that the responder cannot have is reported, not tried for ever.
#[test]
fn an_interface_that_the_other_end_cannot_have_is_broken() {
    let mut pair = Pair::new(1, ViConfig::new(VI));
    let config = ResponderConfig { max_payload: 512, ..ResponderConfig::new(paths(1).reversed(), 5) };
    pair.responder = Responder::new(config);
    pair.requester.open(pair.now, ViConfig::new(2).with_payload(9000)).unwrap();
    pair.settle();
    let [RequesterEvent::Broken { vi: 2, reason }] = pair.events[..] else { panic!("{:?}", pair.events) };
    assert!(reason.to_string().contains("cannot have such"), "{reason}");
}

#[test]
fn a_restarted_responder_ends_the_session() {
    let mut pair = sending(1);
    pair.responder = Responder::new(ResponderConfig::new(paths(1).reversed(), 5));
    pair.settle();
    assert_eq!(pair.events, [RequesterEvent::Ended(EndReason::PeerRestarted)]);
    assert_eq!(pair.requester.poll_timeout(), None);
    // Nothing counts any more.
    let late = altered_answer(&mut sending(1), |_| {});
    let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], &late);
    assert_eq!(handled, RequesterHandled::Discarded(Discard::OtherSession));
    let error = pair.requester.post(pair.now, VI, Descriptor::send(vec![1])).unwrap_err();
    assert_eq!(error, PostError::Ended);
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

/// What a responder answers to somebody who asks it to open interfaces that cannot be.
#[test]
fn interfaces_that_cannot_be_are_refused_by_name() {
    let open = OpenVi { vi: 2, sequence_bits: 8, window: 1, first_sequence: 0, max_payload: 1, instance: 5 };
    let mut pair = sending(1);
    let mut ask = |open: OpenVi| {
        let bytes = supervisory(&pair, true, Control::Open(open), |_| {});
        let handled = pair.responder.handle_datagram(Path::ALL[0], &bytes, &mut pair.memory);
        assert_eq!(handled, ResponderHandled::Supervised);
        let mut buffer = [0; 1000];
        let transmit = pair.responder.poll_transmit(&pair.memory, &mut buffer).unwrap().unwrap();
        let payload = Packet::parse(transmit.packets(&buffer).next().unwrap()).unwrap().payload.to_vec();
        let Some(Control::Opened(opened)) = Control::parse(&payload) else { panic!("{payload:?}") };
        assert_eq!((opened.vi, opened.instance), (open.vi, 5));
        opened.refusal
    };
    for unsuitable in [
        OpenVi { vi: 0, ..open },
        OpenVi { max_payload: 0, ..open },
        OpenVi { max_payload: MAX_JUMBO_PAYLOAD + 1, ..open },
        OpenVi { sequence_bits: 1, ..open },
        OpenVi { sequence_bits: 33, ..open },
        OpenVi { window: 0, ..open },
        OpenVi { window: 129, ..open },
    ] {
        assert_eq!(ask(unsuitable), Some(OpenRefusal::Unsuitable), "{unsuitable:?}");
    }
    assert_eq!(ask(OpenVi { instance: 4, ..open }), Some(OpenRefusal::Unconfirmed));
    // With VI 1 they are as many as there can be.
    for vi in 2..=16 {
        assert_eq!(ask(OpenVi { vi, ..open }), None);
        assert_eq!(ask(OpenVi { vi, ..open }), None);
        assert_eq!(ask(OpenVi { vi, window: 2, ..open }), Some(OpenRefusal::Different));
    }
    assert_eq!(ask(OpenVi { vi: 17, ..open }), Some(OpenRefusal::Full));
    for vi in 2..=16 {
        pair.requester.open(pair.now, ViConfig::new(vi)).unwrap();
    }
    let error = pair.requester.open(pair.now, ViConfig::new(17)).unwrap_err();
    assert_eq!(error, OpenError::Full { limit: 16 });
}

/// The number that is read back is that of the latest barrier, also when the write of an earlier one comes after it.
#[test]
fn a_late_write_of_a_barrier_changes_nothing() {
    let mut pair = sending(2);
    pair.there[0].packets.clear();
    let deadline = |pair: &mut Pair| {
        pair.now = pair.now.max(pair.requester.poll_timeout().unwrap());
        pair.requester.handle_timeout(pair.now);
        pair.pump();
    };
    deadline(&mut pair);
    let late = pair.there[0].packets.pop_front().unwrap();
    // The first barrier fails, a later one takes its time.
    while pair.there[0].packets.is_empty() {
        deadline(&mut pair);
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

/// Supervisory packets that make no sense are refused, and do nothing.
#[test]
fn supervisory_noise_is_refused() {
    let mut pair = sending(1);
    for length in [0, 3, 16, 17] {
        let bytes = altered(&pair, |header| {
            header.vi = 0;
            header.length = length;
        });
        let handled = pair.responder.handle_datagram(Path::ALL[0], &bytes, &mut pair.memory);
        assert_eq!(handled, ResponderHandled::Supervised);
    }
    pair.settle();
    assert_eq!(pair.memory.messages, [vec![7; 2000]]);
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
