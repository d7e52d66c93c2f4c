//! How a virtual interface is opened: on every path, again and again, and as the responder that was there before.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use core::time::Duration;

use multipath::wire::{Control, Packet};
use multipath::{Descriptor, Requester, RequesterConfig, RequesterEvent, ViConfig};
use support::packets::VI;
use support::{EPOCH, Pair, paths};

/// A requester that nobody has answered yet.
fn unanswered(count: usize) -> Pair {
    let mut pair = Pair::new(count, ViConfig::new(VI));
    pair.requester = Requester::new(RequesterConfig::new(paths(count), 8, 1)).unwrap();
    pair.requester.open(pair.now, ViConfig::new(VI)).unwrap();
    pair.pump();
    pair
}

/// Openings on the way, by path; the instances that they name.
fn openings(pair: &Pair) -> (Vec<usize>, Vec<u64>) {
    let lanes = || pair.there.iter().filter(|lane| !lane.packets.is_empty());
    let instance = |bytes: &Vec<u8>| match Control::parse(Packet::parse(bytes).unwrap().payload) {
        Some(Control::Open(open)) => open.instance,
        other => panic!("{other:?}"),
    };
    (
        lanes().map(|lane| lane.packets.len()).collect(),
        lanes().flat_map(|lane| &lane.packets).map(instance).collect(),
    )
}

#[test]
fn it_is_asked_on_every_path_until_one_answers() {
    let mut pair = unanswered(3);
    for _ in 0..4 {
        assert_eq!(openings(&pair), (vec![1; 3], vec![0; 3]));
        pair.there.iter_mut().for_each(|lane| lane.packets.clear());
        let before = pair.now;
        pair.pass_deadline();
        assert_eq!(pair.now - before, Duration::from_millis(50));
    }
    (0..2).for_each(|path| pair.cut(path, true));
    pair.settle();
    assert_eq!(pair.events, [RequesterEvent::Opened { vi: VI }]);
}

/// Each path's answer asks for the instance, and the first has it sent on all of them.
#[test]
fn the_instance_is_confirmed_once_on_every_path() {
    let mut pair = unanswered(4);
    (0..4).for_each(|path| assert!(pair.deliver_there(path).is_some()));
    assert_eq!(openings(&pair), (vec![], vec![]));
    for path in 0..4 {
        pair.deliver_back(path).unwrap();
        assert_eq!(openings(&pair), (vec![1; 4], vec![5; 4]));
    }
    assert_eq!(pair.now, EPOCH);
}

/// A later interface is opened at the responder that the first was opened at, or not at all.
#[test]
fn a_later_opening_names_the_instance_at_once() {
    let mut pair = Pair::new(2, ViConfig::new(VI));
    pair.requester.open(pair.now, ViConfig::new(2)).unwrap();
    pair.pump();
    assert_eq!(openings(&pair), (vec![1; 2], vec![5; 2]));
    pair.settle();
    assert_eq!(pair.events, [RequesterEvent::Opened { vi: 2 }]);
}

/// Nothing is sent on an interface before it is open.
#[test]
fn descriptors_wait_for_the_opening() {
    let mut pair = unanswered(1);
    pair.requester.post(pair.now, VI, Descriptor::send(b"early".to_vec())).unwrap();
    pair.pump();
    assert_eq!(openings(&pair), (vec![1], vec![0]));
    pair.settle();
    assert_eq!(pair.memory.messages, [b"early"]);
}
