//! Copies of packets that come when their number is in use again: with two bits, after four packets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use multipath::wire::{Packet, Refusal};
use multipath::{Descriptor, Discard, Path, PathState, Region, ResponderHandled, ViConfig};
use support::Pair;
use support::packets::VI;

const OTHER_VI: u16 = 2;
const BYTE: Region = Region { start: 0, length: 1, is_writable: true, is_readable: false };

/// A second virtual interface, to question a path without the first.
fn pair(paths: usize, sequence_bits: u8) -> Pair {
    let vi = ViConfig { sequence_bits, window: 1 << (sequence_bits - 1), ..ViConfig::new(VI) };
    let mut pair = Pair::new(paths, vi.with_payload(1));
    pair.requester.open(pair.now, ViConfig::new(OTHER_VI)).unwrap();
    pair.settle();
    pair.events.clear();
    pair
}

fn post(pair: &mut Pair, message: &[u8]) {
    pair.requester.post(pair.now, VI, Descriptor::send(message.to_vec())).unwrap();
    pair.pump();
}

/// On path 0 the packet at this place overtakes those before it.
fn overtake(pair: &mut Pair, place: usize) -> Option<ResponderHandled> {
    let packet = pair.there[0].packets.remove(place).unwrap();
    pair.there[0].packets.push_front(packet);
    pair.deliver_there(0)
}

/// The second packet overtakes the first, is refused, and all are sent again.
fn go_back(pair: &mut Pair) {
    assert_eq!(overtake(pair, 1), Some(ResponderHandled::Refused(Refusal::Sequence)));
    pair.deliver_back(0).unwrap();
}

/// The first copy of the first packet comes late, and its answer is lost: that of the next packet will speak for it.
fn cover_the_first(pair: &mut Pair) {
    go_back(pair);
    assert_eq!(pair.deliver_there(0), Some(ResponderHandled::Done));
    pair.back[0].packets.clear();
}

/// Hold this packet back until the first four bytes of the message have come, so that its number is that of the fifth. It is told apart.
fn hold_back(pair: &mut Pair, place: usize) {
    let late = pair.there[0].packets.remove(place).unwrap();
    while pair.memory.coming_in.len() < 4 {
        assert!(pair.deliver_there(0).is_some() | pair.deliver_back(0).is_some());
    }
    pair.there[0].packets.push_front(late);
    assert_eq!(pair.deliver_there(0), Some(ResponderHandled::Discarded(Discard::OldIncarnation)));
    pair.settle();
    assert_eq!(pair.memory.messages, [b"abcdEFGH"]);
}

#[test]
fn the_first_copy_of_what_was_refused_is_not_taken_for_a_later_packet() {
    let mut pair = pair(1, 2);
    post(&mut pair, b"abcdEFGH");
    go_back(&mut pair);
    hold_back(&mut pair, 0);
}

#[test]
fn the_second_copy_of_what_was_covered_is_not_taken_for_a_later_packet() {
    let mut pair = pair(1, 2);
    post(&mut pair, b"abcdEFGH");
    cover_the_first(&mut pair);
    hold_back(&mut pair, 0);
}

/// A message of two packets is complete, and a copy of its first is still on path 0: it is returned.
fn leave_a_copy(pair: &mut Pair) -> Vec<u8> {
    post(pair, b"ab");
    cover_the_first(pair);
    let copy = pair.there[0].packets.pop_front().unwrap();
    pair.settle();
    assert_eq!(pair.memory.messages, [b"ab"]);
    copy
}

/// Path 0 is questioned by a packet of the other interface, and its barrier does not come back.
fn question(pair: &mut Pair) {
    pair.cut(0, true);
    pair.requester.post(pair.now, OTHER_VI, Descriptor::send(b"other".to_vec())).unwrap();
    pair.pump();
    pair.pass_deadline();
    assert_eq!(pair.requester.path_state(Path::ALL[0]), PathState::Questioned);
}

/// Packets of the first interface on path 1.
fn on_the_other_path(pair: &Pair) -> usize {
    let headers = pair.there[1].packets.iter().map(|bytes| Packet::parse(bytes).unwrap().header);
    headers.filter(|header| header.vi == VI).count()
}

/// An unordered write of one packet, which takes the next path in turn.
fn write_on_the_other_path(pair: &mut Pair) {
    pair.requester.post(pair.now, VI, Descriptor::write(0, vec![9]).unordered()).unwrap();
    pair.pump();
    assert_eq!(on_the_other_path(pair), 1);
    pair.settle();
    assert_eq!(pair.memory.bytes[0], 9);
}

/// The next message takes path 1 when the responder accepts nothing from path 0 any more, not before.
fn waits_for_the_copy(mut pair: Pair, copy: Vec<u8>) {
    question(&mut pair);
    post(&mut pair, b"cdEF");
    while pair.requester.path_state(Path::ALL[0]) != PathState::Bad {
        assert_eq!(on_the_other_path(&pair), 0);
        if pair.deliver_there(1).is_none() && pair.deliver_back(1).is_none() {
            pair.pass_deadline();
        }
    }
    assert!(on_the_other_path(&pair) > 0);
    pair.cut(0, false);
    pair.there[0].packets.push_back(copy);
    assert_eq!(pair.deliver_there(0), Some(ResponderHandled::Discarded(Discard::PathNotAccepted)));
    pair.settle();
    assert!(pair.memory.messages.contains(&b"cdEF".to_vec()));
}

#[test]
fn no_other_path_is_taken_while_a_copy_may_come_on_the_one_before() {
    let mut pair = pair(2, 2);
    let copy = leave_a_copy(&mut pair);
    waits_for_the_copy(pair, copy);
}

/// What was launched before the copy was covered has the copy's incarnation, and drives nothing out.
#[test]
fn an_acknowledgement_of_what_was_sent_with_the_copy_does_not_drive_it_out() {
    let mut pair = pair(2, 3);
    post(&mut pair, b"abc");
    go_back(&mut pair);
    assert_eq!(pair.deliver_there(0), Some(ResponderHandled::Done));
    assert_eq!(pair.deliver_there(0), Some(ResponderHandled::Refused(Refusal::Sequence)));
    pair.back[0].packets.clear();
    let copy = pair.there[0].packets.pop_front().unwrap();
    pair.settle();
    assert_eq!(pair.memory.messages, [b"abc"]);
    waits_for_the_copy(pair, copy);
}

/// An unordered packet went on another path: that it was acknowledged says nothing of the copy.
#[test]
fn an_acknowledgement_on_another_path_does_not_drive_a_copy_out() {
    let mut pair = pair(2, 2);
    pair.responder.open_region(VI, BYTE).unwrap();
    let copy = leave_a_copy(&mut pair);
    write_on_the_other_path(&mut pair);
    waits_for_the_copy(pair, copy);
}

/// What was launched after the copy was covered, and has arrived, has driven it out.
#[test]
fn a_copy_that_was_driven_out_is_not_waited_for() {
    let mut pair = pair(2, 2);
    let copy = leave_a_copy(&mut pair);
    post(&mut pair, b"c");
    pair.settle();
    question(&mut pair);
    post(&mut pair, b"dE");
    assert_eq!(on_the_other_path(&pair), 2);
    pair.cut(0, false);
    pair.there[0].packets.push_back(copy);
    assert_eq!(pair.deliver_there(0), Some(ResponderHandled::Discarded(Discard::OldIncarnation)));
    pair.settle();
    assert!(pair.memory.messages.contains(&b"dE".to_vec()));
}

/// Nor does it make ordered packets follow it: on path 0 they drive the copy out.
#[test]
fn an_unordered_packet_does_not_move_the_ordered_ones() {
    let mut pair = pair(2, 2);
    pair.responder.open_region(VI, BYTE).unwrap();
    let copy = leave_a_copy(&mut pair);
    write_on_the_other_path(&mut pair);
    post(&mut pair, b"cd");
    assert_eq!(on_the_other_path(&pair), 0);
    pair.settle();
    pair.there[0].packets.push_back(copy);
    assert_eq!(pair.deliver_there(0), Some(ResponderHandled::Discarded(Discard::OldIncarnation)));
    assert_eq!(pair.memory.messages, [b"ab", b"cd"]);
}
