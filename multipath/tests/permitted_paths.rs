//! Virtual interfaces that may use some of the session's paths only.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use core::time::Duration;

use multipath::wire::{Control, Header, OpenRefusal, OpenVi, Packet, Transaction};
use multipath::{
    BrokenReason, Descriptor, Discard, EndReason, OpenError, Ordering, Path, PathSet, PathState, PostError,
    Region, RequesterConfig, RequesterEvent, RequesterHandled, ResponderHandled, ViConfig,
};
use quickcheck::QuickCheck;
use support::packets::{OPEN, supervisory};
use support::{Pair, paths};

/// What the two interfaces of most tests do. The one sends messages or writes, the other writes to other addresses.
#[derive(Clone, Copy, Debug)]
enum Work {
    Message(Ordering),
    OrderedWrite,
    UnorderedWrite,
}

const WORKS: [Work; 4] = [
    Work::Message(Ordering::OnePath),
    Work::Message(Ordering::OneOutstanding),
    Work::OrderedWrite,
    Work::UnorderedWrite,
];

/// One that is limited, and another.
const ONE: u16 = 1;
const OTHER: u16 = 2;
/// Where each of them writes.
const HALF: usize = 1 << 15;

const fn set(bits: u8) -> PathSet {
    PathSet::from_bits(bits)
}

fn config(vi: u16, work: Work, paths: PathSet) -> ViConfig {
    let ordering = match work {
        Work::Message(ordering) => ordering,
        Work::OrderedWrite | Work::UnorderedWrite => Ordering::OnePath,
    };
    ViConfig { paths, ordering, window: 8, ..ViConfig::new(vi) }
}

fn data(vi: u16, length: usize) -> Vec<u8> {
    (0..length).map(|place| (place * 7 + place / 251 + usize::from(vi)) as u8).collect()
}

fn descriptor(vi: u16, work: Work, length: usize) -> Descriptor {
    let address = (usize::from(vi - ONE) * HALF) as u64;
    match work {
        Work::Message(_) => Descriptor::send(data(vi, length)),
        Work::OrderedWrite => Descriptor::write(address, data(vi, length)),
        Work::UnorderedWrite => Descriptor::write(address, data(vi, length)).unordered(),
    }
}

/// Two interfaces over so many paths, and what may go where.
struct Limited {
    pair: Pair,
    permitted: [PathSet; 2],
    /// On which paths packets of each were seen.
    seen: [PathSet; 2],
    /// Deadlines that passed since time last went on.
    at_once: u32,
}

impl Limited {
    fn new(count: usize, works: [Work; 2], permitted: [PathSet; 2]) -> Self {
        let mut pair = Pair::new(count, config(ONE, works[0], permitted[0]));
        pair.requester.open(pair.now, config(OTHER, works[1], permitted[1])).unwrap();
        pair.settle();
        assert_eq!(core::mem::take(&mut pair.events), [RequesterEvent::Opened { vi: OTHER }]);
        for vi in [ONE, OTHER] {
            let start = u64::from(vi - ONE) * HALF as u64;
            let region = Region { start, length: HALF as u64, is_writable: true, is_readable: true };
            pair.responder.open_region(vi, region).unwrap();
        }
        Self { pair, permitted, seen: [PathSet::EMPTY; 2], at_once: 0 }
    }

    /// Look at what is on the way.
    fn look(&mut self) {
        for (lanes, path) in
            [&self.pair.there, &self.pair.back].into_iter().flat_map(|lanes| lanes.iter().zip(Path::ALL))
        {
            for bytes in &lanes.packets {
                let vi = Packet::parse(bytes).unwrap().header.vi;
                if let Some(place) = usize::from(vi).checked_sub(1) {
                    assert!(self.permitted[place].contains(path), "a packet of {vi} on {path}");
                    self.seen[place].insert(path);
                }
            }
        }
    }

    /// Deliver until nothing is on the way.
    fn settle(&mut self) {
        self.pair.pump();
        self.look();
        while (0..4)
            .any(|path| self.pair.deliver_there(path).is_some() || self.pair.deliver_back(path).is_some())
        {
            self.look();
        }
    }

    /// Let the next deadline pass. Several can pass at one time, but time goes on.
    fn wait(&mut self) {
        let before = self.pair.now;
        let next = self.pair.requester.poll_timeout();
        self.pair.now =
            before.max(next.unwrap_or_else(|| panic!("it waits for nothing: {:?}", self.pair.events)));
        self.pair.requester.handle_timeout(self.pair.now);
        self.settle();
        self.at_once = if self.pair.now > before { 0 } else { self.at_once + 1 };
        assert!(self.at_once < 8, "it is asked to come at once, again and again");
    }

    fn wait_for(&mut self, is_so: impl Fn(&Pair) -> bool) {
        for _ in 0..1000 {
            if is_so(&self.pair) {
                return;
            }
            self.wait();
        }
        panic!("it does not come to that");
    }

    fn post(&mut self, vi: u16, work: Work, length: usize) {
        self.pair.requester.post(self.pair.now, vi, descriptor(vi, work, length)).unwrap();
        self.pair.pump();
        self.look();
    }
}

fn completed(pair: &Pair, of: u16) -> usize {
    let is_one = |event: &&RequesterEvent| matches!(event, RequesterEvent::Completed { vi, .. } if *vi == of);
    pair.events.iter().filter(is_one).count()
}

fn is_bad(path: usize) -> impl Fn(&Pair) -> bool {
    move |pair| pair.requester.path_state(Path::ALL[path]) == PathState::Bad
}

/// What `vi` did is there, once.
#[track_caller]
fn arrived(pair: &Pair, vi: u16, work: Work, length: usize) {
    if let Work::Message(_) = work {
        assert_eq!(pair.memory.messages, [data(vi, length)], "{work:?}");
    } else {
        let start = usize::from(vi - ONE) * HALF;
        assert!(pair.memory.bytes[start..start + length] == data(vi, length), "{work:?}");
    }
}

#[test]
fn each_interface_uses_its_own_paths_and_all_it_may() {
    for work in WORKS {
        for (one, other) in [(0b0011, 0b0100), (0b1010, 0b0111), (0b0001, 0b1111)] {
            let mut limited = Limited::new(4, [work, Work::UnorderedWrite], [set(one), set(other)]);
            limited.post(ONE, work, 8000);
            limited.post(OTHER, Work::UnorderedWrite, 8000);
            limited.settle();
            arrived(&limited.pair, ONE, work, 8000);
            arrived(&limited.pair, OTHER, Work::UnorderedWrite, 8000);
            assert_eq!(limited.pair.responder.discards().total(), 0);
            let expected = match work {
                // One path, and the first that it may.
                Work::Message(Ordering::OnePath) | Work::OrderedWrite => set(one & one.wrapping_neg()),
                Work::Message(Ordering::OneOutstanding) | Work::UnorderedWrite => set(one),
            };
            assert_eq!(limited.seen, [expected, set(other)], "{work:?}");
        }
    }
}

/// Each on a path of its own, of which one is cut.
#[test]
fn an_interface_waits_for_its_path_while_another_goes_on() {
    for work in WORKS {
        for is_cut_before in [true, false] {
            let mut limited = Limited::new(2, [work, Work::OrderedWrite], [set(0b01), set(0b10)]);
            limited.post(ONE, work, 6000);
            if !is_cut_before {
                // Some of it arrives, of which the acknowledgements are lost.
                while limited.pair.deliver_there(0).is_some() {}
            }
            limited.pair.cut(0, true);
            limited.wait_for(is_bad(0));
            // It waits for five seconds, in which barriers try the path again, each with its deadline.
            let end = limited.pair.now + Duration::from_secs(5);
            let mut waits = 0;
            while limited.pair.now < end {
                limited.post(OTHER, Work::OrderedWrite, 700);
                limited.settle();
                limited.wait();
                waits += 1;
            }
            assert!(waits < 60, "{waits} times awake");
            assert_eq!((completed(&limited.pair, ONE), completed(&limited.pair, OTHER)), (0, waits));
            assert!(limited.pair.memory.messages.is_empty());
            limited.pair.cut(0, false);
            limited.wait_for(|pair| completed(pair, ONE) == 1);
            arrived(&limited.pair, ONE, work, 6000);
            assert_eq!(limited.seen, [set(0b01), set(0b10)]);
            assert!(limited.pair.requester.is_idle());
        }
    }
}

/// One path less, but not the last: it moves, and stays among its own.
#[test]
fn an_interface_moves_among_its_own_paths() {
    for work in WORKS {
        let mut limited = Limited::new(4, [work, Work::OrderedWrite], [set(0b1010), set(0b0001)]);
        limited.post(ONE, work, 6000);
        limited.pair.deliver_there(1);
        limited.pair.cut(1, true);
        limited.wait_for(|pair| completed(pair, ONE) == 1);
        arrived(&limited.pair, ONE, work, 6000);
        assert_eq!(limited.seen[0], set(0b1010), "{work:?}");
    }
}

#[test]
fn an_interface_that_waits_too_long_is_broken_alone() {
    let patience = RequesterConfig::new(paths(2), 7, 1).give_up_after;
    for is_busy in [true, false] {
        let mut limited = Limited::new(2, [WORKS[0], WORKS[2]], [set(0b01), set(0b10)]);
        limited.pair.cut(0, true);
        limited.post(ONE, WORKS[0], 600);
        limited.wait_for(|pair| pair.requester.path_state(Path::ALL[0]) == PathState::Questioned);
        let begin = limited.pair.now;
        let broken = RequesterEvent::Broken { vi: ONE, reason: BrokenReason::NoPath };
        while !limited.pair.events.contains(&broken) {
            assert!(limited.pair.now < begin + patience);
            if is_busy {
                limited.post(OTHER, WORKS[2], 10);
                limited.settle();
            }
            limited.wait();
        }
        assert_eq!(limited.pair.now, begin + patience);
        let descriptor = Descriptor::send(vec![1]);
        let error = limited.pair.requester.post(limited.pair.now, ONE, descriptor).unwrap_err();
        assert_eq!(error, PostError::Broken { vi: ONE });
        // The session lives, and the path is used again when it returns: for others.
        assert!(limited.pair.requester.is_idle());
        limited.pair.events.clear();
        limited.post(OTHER, WORKS[2], 900);
        limited.settle();
        assert_eq!(completed(&limited.pair, OTHER), 1);
        limited.pair.cut(0, false);
        limited.wait_for(|pair| pair.requester.path_state(Path::ALL[0]) == PathState::Good);
        limited.pair.requester.open(limited.pair.now, config(3, WORKS[0], set(0b01))).unwrap();
        limited.pair.requester.post(limited.pair.now, 3, Descriptor::send(vec![3])).unwrap();
        limited.pair.settle();
        assert_eq!(limited.pair.memory.messages, [[3]]);
    }
}

/// Only work waits, and only from when it was posted.
#[test]
fn patience_begins_with_the_work() {
    let patience = RequesterConfig::new(paths(2), 7, 1).give_up_after;
    let mut limited = Limited::new(2, [WORKS[0], WORKS[2]], [set(0b01), set(0b10)]);
    // A third finds out that the path is cut, without work of the one, and moves.
    limited.pair.requester.open(limited.pair.now, config(3, WORKS[2], PathSet::ALL)).unwrap();
    limited.pair.settle();
    limited.pair.cut(0, true);
    limited.pair.requester.post(limited.pair.now, 3, Descriptor::send(vec![3])).unwrap();
    limited.pair.pump();
    while !is_bad(0)(&limited.pair) {
        limited.pair.wait();
    }
    limited.pair.now += 2 * patience;
    limited.pair.requester.handle_timeout(limited.pair.now);
    limited.pair.events.clear();
    limited.post(ONE, WORKS[0], 600);
    let posted = limited.pair.now;
    while limited.pair.events.is_empty() {
        limited.wait();
    }
    let broken = |vi| [RequesterEvent::Broken { vi, reason: BrokenReason::NoPath }];
    assert_eq!((limited.pair.now, &limited.pair.events[..]), (posted + patience, &broken(ONE)[..]));
    // One that is opened while its path is bad waits as long.
    limited.pair.events.clear();
    limited.pair.requester.open(limited.pair.now, config(4, WORKS[0], set(0b01))).unwrap();
    limited.pair.requester.post(limited.pair.now, 4, Descriptor::send(vec![4])).unwrap();
    let posted = limited.pair.now;
    limited.pair.settle();
    assert_eq!(core::mem::take(&mut limited.pair.events), [RequesterEvent::Opened { vi: 4 }]);
    while limited.pair.events.is_empty() {
        limited.wait();
    }
    assert_eq!((limited.pair.now, &limited.pair.events[..]), (posted + patience, &broken(4)[..]));
}

/// A path that was good for a moment: patience begins anew.
#[test]
fn patience_begins_anew_when_a_path_returns() {
    let patience = RequesterConfig::new(paths(2), 7, 1).give_up_after;
    let mut limited = Limited::new(2, [WORKS[0], WORKS[2]], [set(0b01), set(0b10)]);
    limited.post(ONE, WORKS[0], 600);
    for _ in 0..3 {
        limited.pair.cut(0, true);
        limited.wait_for(is_bad(0));
        let end = limited.pair.now + patience * 3 / 4;
        while limited.pair.now < end {
            limited.wait();
        }
        limited.pair.cut(0, false);
        let is_good = |pair: &Pair| pair.requester.path_state(Path::ALL[0]) == PathState::Good;
        while !is_good(&limited.pair) {
            let is_moving = (0..2).any(|path| {
                limited.pair.deliver_there(path).is_some() || limited.pair.deliver_back(path).is_some()
            });
            if !is_moving {
                limited.pair.now = limited.pair.requester.poll_timeout().unwrap();
                limited.pair.requester.handle_timeout(limited.pair.now);
                limited.pair.pump();
            }
        }
    }
    let is_broken = |event: &RequesterEvent| matches!(event, RequesterEvent::Broken { .. });
    assert!(!limited.pair.events.iter().any(is_broken));
    limited.settle();
    assert_eq!(completed(&limited.pair, ONE), 1);
}

/// Who is woken when both have long passed breaks the interface, not the session: the other path was good.
#[test]
fn a_late_caller_breaks_the_interface_too() {
    let patience = RequesterConfig::new(paths(2), 7, 1).give_up_after;
    let mut limited = Limited::new(2, [WORKS[0], WORKS[2]], [set(0b01), set(0b10)]);
    limited.pair.cut(0, true);
    limited.post(ONE, WORKS[0], 600);
    limited.wait_for(is_bad(0));
    limited.pair.events.clear();
    limited.pair.now += 2 * patience;
    limited.pair.requester.handle_timeout(limited.pair.now);
    limited.settle();
    let broken = RequesterEvent::Broken { vi: ONE, reason: BrokenReason::NoPath };
    assert_eq!(limited.pair.events, [broken]);
    limited.post(OTHER, WORKS[2], 10);
    limited.settle();
    assert_eq!(completed(&limited.pair, OTHER), 1);
}

/// When no path is good at all, it is the session that ends, as for interfaces without a limit.
#[test]
fn when_every_path_is_silent_the_session_ends() {
    let patience = RequesterConfig::new(paths(2), 7, 1).give_up_after;
    let mut limited = Limited::new(2, [WORKS[0], WORKS[2]], [set(0b01), set(0b10)]);
    let begin = limited.pair.now;
    (0..2).for_each(|path| limited.pair.cut(path, true));
    limited.post(ONE, WORKS[0], 600);
    let ended = RequesterEvent::Ended(EndReason::NoAnswer);
    while limited.pair.events.last() != Some(&ended) {
        limited.wait();
    }
    assert_eq!(limited.pair.now, begin + patience);
    let is_broken = |event: &RequesterEvent| matches!(event, RequesterEvent::Broken { .. });
    assert!(!limited.pair.events.iter().any(is_broken));
}

/// A packet as it waits on `from`, but with the ports of another path.
fn moved(bytes: &[u8], to: usize, is_answer: bool) -> Vec<u8> {
    let packet = Packet::parse(bytes).unwrap();
    let ends = paths(2).ends(Path::ALL[to]).unwrap();
    let ends = if is_answer { ends.reversed() } else { ends };
    let header = Header { source: ends.local, destination: ends.remote, ..packet.header };
    let mut out = vec![0; header.packet_length()];
    let copy = |place: &mut [u8]| place.copy_from_slice(packet.payload);
    header.emit(packet.address, packet.immediate, &mut out, copy).unwrap();
    out
}

/// Somebody sends packets of an interface on a path that is not its own: valid, in sequence, and dropped in the second stage.
#[test]
fn a_packet_on_a_path_that_is_not_permitted_is_dropped_and_counted() {
    let read = |_| Descriptor::read(HALF as u64, 600);
    let write = |_| descriptor(OTHER, Work::OrderedWrite, 600);
    let unordered = |_| descriptor(OTHER, Work::UnorderedWrite, 600);
    let closed = |_| Descriptor::write(0, vec![9; 600]);
    let send = |_| Descriptor::send(vec![9; 600]);
    let kinds: [fn(()) -> Descriptor; 5] = [read, write, unordered, closed, send];
    for (kind, expected) in kinds.into_iter().zip(1..) {
        let mut limited = Limited::new(2, [WORKS[0], WORKS[2]], [PathSet::ALL, set(0b10)]);
        limited.pair.requester.post(limited.pair.now, OTHER, kind(())).unwrap();
        limited.pair.pump();
        limited.look();
        let before = limited.pair.responder.clone();
        let memory = limited.pair.memory.bytes.clone();
        for bytes in limited.pair.there[1].packets.clone() {
            let forged = moved(&bytes, 0, false);
            let pair = &mut limited.pair;
            let handled = pair.responder.handle_datagram(Path::ALL[0], &forged, &mut pair.memory);
            assert_eq!(handled, ResponderHandled::Discarded(Discard::PathNotAccepted), "{expected}");
        }
        assert_eq!(limited.pair.discarded(Discard::PathNotAccepted), 2);
        assert_eq!(limited.pair.responder.discards().total(), 2);
        assert!(!limited.pair.responder.has_responses() && limited.pair.memory.coming_in.is_empty());
        assert!(limited.pair.memory.bytes == memory);
        // Nothing but the count has changed; the same packets are taken on the path of the interface.
        assert_eq!(before.discards().total(), 0);
        let first = limited.pair.there[1].packets[0].clone();
        let handled = limited.pair.responder.handle_datagram(Path::ALL[1], &first, &mut limited.pair.memory);
        assert!(!matches!(handled, ResponderHandled::Discarded(_)));
    }
}

/// Nor does the requester take an answer that comes by another path than the interface may use.
#[test]
fn an_answer_on_a_path_that_is_not_permitted_is_dropped_and_counted() {
    let mut limited = Limited::new(2, [WORKS[0], WORKS[2]], [PathSet::ALL, set(0b10)]);
    limited.post(OTHER, WORKS[2], 600);
    while limited.pair.deliver_there(1).is_some() {}
    for bytes in limited.pair.back[1].packets.clone() {
        let forged = moved(&bytes, 0, true);
        assert_eq!(Packet::parse(&forged).unwrap().header.transaction, Transaction::Acknowledge);
        let handled = limited.pair.requester.handle_datagram(limited.pair.now, Path::ALL[0], &forged);
        assert_eq!(handled, RequesterHandled::Discarded(Discard::PathNotAccepted));
    }
    assert_eq!(limited.pair.requester.discards().count(Discard::PathNotAccepted), 2);
    assert!(!limited.pair.requester.is_idle());
    limited.settle();
    assert_eq!(completed(&limited.pair, OTHER), 1);
}

#[test]
fn an_interface_needs_one_of_the_sessions_paths() {
    let mut pair = Pair::new(2, ViConfig::new(ONE));
    for none in [PathSet::EMPTY, set(0b1100)] {
        let error = pair.requester.open(pair.now, config(OTHER, WORKS[0], none)).unwrap_err();
        assert_eq!(error, OpenError::NoPath { vi: OTHER });
        assert!(error.to_string().contains("ViConfig::paths"), "{error}");
    }
    // The number is still free; what the session does not have means nothing, and is not asked for.
    pair.requester.open(pair.now, config(OTHER, WORKS[0], set(0b0110))).unwrap();
    pair.pump();
    let opening = Packet::parse(&pair.there[0].packets[0]).unwrap();
    let Some(Control::Open(opening)) = Control::parse(opening.payload) else { panic!("{opening:?}") };
    assert_eq!(opening.path_set(), Some(set(0b0010)));
    pair.settle();
    assert_eq!(pair.events, [RequesterEvent::Opened { vi: OTHER }]);
}

#[test]
fn a_responder_permits_what_it_was_told() {
    let mut pair = Pair::new(3, ViConfig::new(ONE));
    // What is open stays as it is, also when its opening is repeated.
    let openings = pair.openings.clone();
    for vi in [ONE, OTHER, 3, 4] {
        pair.responder.permit_paths(vi, set(0b0101)).unwrap();
    }
    pair.responder.permit_paths(4, PathSet::ALL).unwrap();
    for (path, opening) in openings {
        let handled = pair.responder.handle_datagram(Path::ALL[path], &opening, &mut pair.memory);
        assert_eq!(handled, ResponderHandled::Supervised);
    }
    pair.settle();
    pair.requester.post(pair.now, ONE, Descriptor::send(vec![1])).unwrap();
    for (vi, paths) in [(OTHER, PathSet::ALL), (3, set(0b0100)), (4, PathSet::ALL), (5, PathSet::ALL)] {
        pair.requester.open(pair.now, config(vi, WORKS[0], paths)).unwrap();
    }
    pair.settle();
    let reason = BrokenReason::NotOpened(OpenRefusal::NotPermitted { paths: set(0b0101) });
    assert!(pair.events.contains(&RequesterEvent::Broken { vi: OTHER, reason }));
    for vi in [3, 4, 5] {
        assert!(pair.events.contains(&RequesterEvent::Opened { vi }), "{vi}");
    }
    assert_eq!((completed(&pair, ONE), pair.events.len()), (1, 5));
    let text = reason.to_string();
    assert!(text.contains("{0-0, 1-0}"), "{text}");
}

/// What a responder with two paths answers to somebody who asks for others.
#[test]
fn openings_for_paths_that_cannot_be_are_refused_by_name() {
    let mut pair = Pair::new(2, ViConfig::new(ONE));
    pair.requester.post(pair.now, ONE, Descriptor::send(vec![7])).unwrap();
    pair.pump();
    let mut ask = |open: OpenVi, permitted: PathSet| {
        pair.responder.permit_paths(open.vi, permitted).unwrap();
        let bytes = supervisory(&pair, true, Control::Open(open), |_| {});
        let handled = pair.responder.handle_datagram(Path::ALL[0], &bytes, &mut pair.memory);
        assert_eq!(handled, ResponderHandled::Supervised);
        let mut buffer = [0; 1000];
        let transmit = pair.responder.poll_transmit(&pair.memory, &mut buffer).unwrap().unwrap();
        let packet = Packet::parse(transmit.packets(&buffer).next().unwrap()).unwrap();
        let Some(Control::Opened(opened)) = Control::parse(packet.payload) else { panic!("{packet:?}") };
        opened.refusal
    };
    // None, those that it does not have, and bits that are no paths.
    for paths in [0, 0b1100, 0b1_0000, 0b1_0001, 0b1000_0011] {
        let refusal = ask(OpenVi { paths, ..OPEN }, PathSet::ALL);
        assert_eq!(refusal, Some(OpenRefusal::Unsuitable), "{paths:#b}");
    }
    let refusal = ask(OpenVi { paths: 0b11, ..OPEN }, set(0b10));
    assert_eq!(refusal, Some(OpenRefusal::NotPermitted { paths: set(0b10) }));
    // A refused one has left nothing behind.
    assert_eq!(ask(OPEN, PathSet::ALL), None);
    assert_eq!(ask(OPEN, PathSet::ALL), None);
    for paths in [0b10, 0b11, 0] {
        assert_eq!(ask(OpenVi { paths, ..OPEN }, PathSet::ALL), Some(OpenRefusal::Different), "{paths:#b}");
    }
}

/// Whatever is lost, and whichever paths fail and return: each keeps to its own, and is done when they work.
#[test]
fn each_keeps_to_its_own_paths_and_is_done_in_the_end() {
    fn property(kinds: (u8, u8), sets: (u8, u8), choices: Vec<(u8, u8)>) -> bool {
        let work = |kind: u8| WORKS[usize::from(kind) % WORKS.len()];
        // Only one of them sends messages.
        let works = [work(kinds.0), WORKS[2 + usize::from(kinds.1) % 2]];
        let permitted = [sets.0, sets.1].map(|bits| set(1 + bits % 15));
        let mut limited = Limited::new(4, works, permitted);
        limited.post(ONE, works[0], 6000);
        limited.post(OTHER, works[1], 6000);
        for (choice, path) in choices {
            let path = usize::from(path) % 4;
            limited.look();
            match choice % 16 {
                0..6 => drop(limited.pair.deliver_there(path)),
                6..12 => drop(limited.pair.deliver_back(path)),
                12 => drop(limited.pair.there[path].packets.pop_front()),
                13 => drop(limited.pair.back[path].packets.pop_front()),
                14 => limited.pair.cut(path, choice & 16 == 0),
                _ => {
                    let next = limited.pair.requester.poll_timeout().unwrap_or(limited.pair.now);
                    limited.pair.now = next.max(limited.pair.now);
                    limited.pair.requester.handle_timeout(limited.pair.now);
                    limited.pair.pump();
                }
            }
        }
        (0..4).for_each(|path| limited.pair.cut(path, false));
        limited.settle();
        limited.wait_for(|pair| pair.requester.is_idle());
        assert_eq!([ONE, OTHER].map(|vi| completed(&limited.pair, vi)), [1, 1]);
        arrived(&limited.pair, ONE, works[0], 6000);
        arrived(&limited.pair, OTHER, works[1], 6000);
        true
    }
    let property = property as fn((u8, u8), (u8, u8), Vec<(u8, u8)>) -> bool;
    QuickCheck::new().tests(1000).quickcheck(property);
}
