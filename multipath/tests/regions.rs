//! Which interface may do what to which addresses.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use multipath::wire::Refusal;
use multipath::{BrokenReason, Descriptor, Region, RequesterEvent, ViConfig};
use support::Pair;
use support::packets::completed;

const WRITER: u16 = 1;
const READER: u16 = 2;

/// One interface may write 100 bytes from 50 on, another may read them; nothing else is open.
fn pair() -> Pair {
    let mut pair = Pair::new(1, ViConfig::new(WRITER));
    pair.requester.open(pair.now, ViConfig::new(READER)).unwrap();
    pair.settle();
    pair.events.clear();
    for (vi, is_writable) in [(WRITER, true), (READER, false)] {
        let region = Region { start: 50, length: 100, is_writable, is_readable: !is_writable };
        pair.responder.open_region(vi, region).unwrap();
    }
    pair
}

#[track_caller]
fn check(mut pair: Pair, vi: u16, descriptor: Descriptor, is_permitted: bool) {
    let before = pair.memory.bytes.clone();
    pair.requester.post(pair.now, vi, descriptor).unwrap();
    pair.settle();
    if is_permitted {
        assert_eq!(completed(&pair), 1);
    } else {
        let reason = BrokenReason::Refused(Refusal::Access);
        assert_eq!(pair.events, [RequesterEvent::Broken { vi, reason }]);
        assert!(pair.memory.bytes == before && pair.read.is_empty());
    }
}

fn write(address: u64, length: usize) -> Descriptor {
    Descriptor::write(address, vec![7; length])
}

#[test]
fn an_interface_does_what_its_region_permits() {
    check(pair(), WRITER, write(50, 100), true);
    check(pair(), WRITER, Descriptor::read(50, 100), false);
    check(pair(), READER, Descriptor::read(50, 100), true);
    check(pair(), READER, write(50, 100), false);
    // A message goes where the receiver wants it.
    check(pair(), READER, Descriptor::send(vec![7; 10]), true);
}

#[test]
fn a_region_has_two_ends() {
    for (address, length, is_permitted) in
        [(49, 1, false), (49, 2, false), (50, 1, true), (149, 1, true), (149, 2, false), (150, 1, false)]
    {
        check(pair(), WRITER, write(address, length), is_permitted);
        check(pair(), READER, Descriptor::read(address, length as u32), is_permitted);
    }
}

#[test]
fn what_is_closed_is_closed_to_one_interface() {
    let closed = || {
        let mut pair = pair();
        pair.responder.close_regions(WRITER);
        pair
    };
    check(closed(), WRITER, write(50, 100), false);
    check(closed(), READER, Descriptor::read(50, 100), true);
}
