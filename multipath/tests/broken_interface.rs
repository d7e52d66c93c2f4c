//! A virtual interface that has failed is silent. The others go on.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use core::time::Duration;

use multipath::wire::{OpenRefusal, Packet, Refusal};
use multipath::{
    BrokenReason, Descriptor, Discard, Path, PostError, RequesterEvent, RequesterHandled, ResponderHandled,
    ViConfig,
};
use support::Pair;
use support::packets::VI;

const OTHER_VI: u16 = 2;

/// Packets that were sent are dropped, but for their interfaces.
fn sent(pair: &mut Pair) -> Vec<u16> {
    pair.pump();
    let packets = pair.there[0].packets.drain(..);
    packets.map(|bytes| Packet::parse(&bytes).unwrap().header.vi).collect()
}

/// A write to where nothing is open, of which four packets are outstanding, the first refused; the late answer to the second.
fn broken() -> (Pair, Vec<u8>) {
    let mut pair = Pair::new(1, ViConfig { window: 4, ..ViConfig::new(VI) });
    pair.requester.open(pair.now, ViConfig::new(OTHER_VI)).unwrap();
    pair.settle();
    pair.events.clear();
    pair.requester.post(pair.now, VI, Descriptor::write(0, vec![1; 5000])).unwrap();
    pair.pump();
    for _ in 0..2 {
        assert_eq!(pair.deliver_there(0), Some(ResponderHandled::Refused(Refusal::Access)));
    }
    let late = pair.back[0].packets.pop_back().unwrap();
    pair.deliver_back(0).unwrap();
    let reason = BrokenReason::Refused(Refusal::Access);
    assert_eq!(pair.events, [RequesterEvent::Broken { vi: VI, reason }]);
    pair.events.clear();
    assert_eq!(sent(&mut pair), [VI; 2], "what had been sent before");
    (pair, late)
}

#[test]
fn it_waits_for_nothing_and_questions_no_path() {
    let (mut pair, _) = broken();
    assert!(pair.requester.is_idle());
    assert_eq!(pair.requester.poll_timeout(), None);
    pair.now += Duration::from_secs(3600);
    pair.requester.handle_timeout(pair.now);
    assert_eq!(sent(&mut pair), []);
    assert_eq!(pair.events, []);
}

#[test]
fn it_sends_nothing_more() {
    let (mut pair, _) = broken();
    pair.requester.post(pair.now, OTHER_VI, Descriptor::send(vec![2; 2000])).unwrap();
    assert_eq!(sent(&mut pair), [OTHER_VI; 4]);
    // Nor when its path comes back from a barrier.
    pair.pass_deadline();
    pair.settle();
    assert_eq!(pair.memory.messages, [vec![2; 2000]]);
    assert_eq!(pair.requester.repeated(), 4);
    assert!(pair.requester.is_idle());
}

#[test]
fn its_late_answers_are_for_nobody() {
    let (mut pair, late) = broken();
    let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], &late);
    assert_eq!(handled, RequesterHandled::Discarded(Discard::UnknownVi));
    assert_eq!(pair.requester.poll_event(), None);
}

#[test]
fn a_read_of_what_is_not_open_breaks_it_too() {
    for length in [0, 10] {
        let mut pair = Pair::new(1, ViConfig::new(VI));
        pair.requester.post(pair.now, VI, Descriptor::read(0, length)).unwrap();
        pair.settle();
        let reason = BrokenReason::Refused(Refusal::Access);
        assert_eq!(pair.events, [RequesterEvent::Broken { vi: VI, reason }]);
        assert_eq!(pair.read, []);
    }
}

/// Descriptors that were posted in the meantime are not waited for, and no others are taken.
#[test]
fn one_that_was_not_opened_takes_nothing() {
    let mut pair = Pair::new(1, ViConfig::new(VI));
    pair.requester = Pair::new(1, ViConfig::new(OTHER_VI)).requester;
    pair.requester.open(pair.now, ViConfig { window: 2, ..ViConfig::new(VI) }).unwrap();
    pair.requester.post(pair.now, VI, Descriptor::send(vec![1])).unwrap();
    pair.settle();
    let reason = BrokenReason::NotOpened(OpenRefusal::Different);
    assert_eq!(pair.events, [RequesterEvent::Broken { vi: VI, reason }]);
    assert!(pair.requester.is_idle());
    let error = pair.requester.post(pair.now, VI, Descriptor::send(vec![1])).unwrap_err();
    assert_eq!(error, PostError::Broken { vi: VI });
}
