//! What becomes of packets when the path of some is questioned: of theirs, of those of other interfaces, and of those on other paths.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use core::time::Duration;

use multipath::wire::Packet;
use multipath::{
    Descriptor, Discard, EndReason, Path, PathState, Region, RequesterConfig, RequesterEvent,
    RequesterHandled, Responder, ResponderConfig, ViConfig,
};
use support::packets::{VI, completed, sending};
use support::{EPOCH, Pair, paths};

const OTHER_VI: u16 = 2;
const REGION: Region = Region { start: 0, length: 1 << 16, is_writable: true, is_readable: true };

/// Two paths and two interfaces.
fn pair() -> Pair {
    let mut pair = Pair::new(2, ViConfig::new(VI));
    pair.requester.open(pair.now, ViConfig::new(OTHER_VI)).unwrap();
    pair.settle();
    pair.events.clear();
    for vi in [VI, OTHER_VI] {
        pair.responder.open_region(vi, REGION).unwrap();
    }
    pair
}

fn write_unordered(pair: &mut Pair, vi: u16, packets: usize) {
    let write = Descriptor::write(0, vec![7; packets * 512]).unordered();
    pair.requester.post(pair.now, vi, write).unwrap();
    pair.pump();
}

fn on_the_way(pair: &Pair) -> [usize; 2] {
    [0, 1].map(|path| pair.there[path].packets.len())
}

/// What is on the way on other paths stays on the way.
#[test]
fn only_what_is_on_the_path_has_failed() {
    let mut pair = pair();
    pair.requester.post(pair.now, VI, Descriptor::send(vec![1])).unwrap();
    pair.pump();
    pair.there[0].packets.clear();
    pair.now += Duration::from_millis(10);
    write_unordered(&mut pair, OTHER_VI, 4);
    assert_eq!(on_the_way(&pair), [2, 2]);
    pair.there[0].packets.clear();
    pair.pass_deadline();
    assert_eq!(pair.events, [RequesterEvent::PathQuestioned(Path::ALL[0])]);
    // The write of the barrier, and on the other path nothing more.
    assert_eq!(on_the_way(&pair), [1, 2]);
    pair.settle();
    let repeated = [0, 1].map(|path| pair.requester.repeated_on(Path::ALL[path]));
    assert_eq!((completed(&pair), repeated), (2, [3, 0]));
}

/// The time of the barrier counts from the earliest deadline that was missed, whichever interface missed it.
#[test]
fn the_earliest_deadline_counts() {
    let mut pair = pair();
    for vi in [VI, OTHER_VI] {
        pair.requester.post(pair.now, vi, Descriptor::send(vec![1])).unwrap();
        pair.pump();
        pair.now += Duration::from_millis(8);
    }
    pair.cut(0, true);
    // The deadlines are 50 and 58 ms after the beginning.
    pair.now = EPOCH + Duration::from_millis(60);
    pair.requester.handle_timeout(pair.now);
    pair.pump();
    // The barrier would fail after 100 ms, and the responder is told before.
    let ahead = RequesterConfig::new(paths(2), 7, 1).tell_ahead;
    assert_eq!(pair.requester.poll_timeout(), Some(EPOCH + Duration::from_millis(100) - ahead));
}

/// Write and read of a barrier have each the time of an operation.
#[test]
fn a_barrier_has_the_time_of_all_its_operations() {
    let mut pair = sending(1);
    pair.there[0].packets.clear();
    pair.pass_deadline();
    for _ in 0..2 {
        pair.now += Duration::from_millis(40);
        pair.requester.handle_timeout(pair.now);
        pair.deliver_there(0).unwrap();
        pair.deliver_back(0).unwrap();
    }
    let path = Path::ALL[0];
    assert_eq!(pair.events, [RequesterEvent::PathQuestioned(path), RequesterEvent::PathRestored(path)]);
}

/// The responder refuses the path already when its barrier comes back: until then nothing is sent elsewhere, and then at once, before
/// the path is in use again.
#[test]
fn a_barrier_whose_path_is_told_down_already_is_waited_for() {
    let mut pair = sending(2);
    let stale: Vec<_> = pair.there[0].packets.drain(..).collect();
    pair.pass_deadline();
    let write = pair.there[0].packets.pop_front().unwrap();
    pair.pass_deadline();
    pair.settle();
    assert_eq!(pair.requester.path_state(Path::ALL[0]), PathState::Suspended);
    assert_eq!(pair.events, [RequesterEvent::PathQuestioned(Path::ALL[0])]);
    pair.there[0].packets.extend(stale);
    pair.settle();
    assert_eq!((pair.discarded(Discard::PathNotAccepted), pair.memory.messages.len()), (4, 0));
    pair.there[0].packets.push_back(write);
    pair.settle();
    assert_eq!(pair.events[1], RequesterEvent::PathUp(Path::ALL[0]));
    let repeated = [0, 1].map(|path| pair.requester.repeated_on(Path::ALL[path]));
    assert_eq!((completed(&pair), repeated, pair.memory.messages.len()), (1, [0, 4], 1));
}

/// Who has waited for the barrier gets the first packet before others are written.
#[test]
fn the_first_packet_after_a_barrier_goes_before_the_rest_is_written() {
    let mut pair = Pair::new(1, ViConfig::new(VI));
    for number in 0..40_u8 {
        pair.requester.post(pair.now, VI, Descriptor::send(vec![number; 100])).unwrap();
    }
    pair.pump();
    pair.there[0].packets.clear();
    pair.pass_deadline();
    let mut buffer = vec![0; 1 << 17];
    pair.deliver_there(0).unwrap();
    pair.deliver_back(0).unwrap();
    pair.deliver_there(0).unwrap();
    let answer = pair.back[0].packets.pop_front().unwrap();
    let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], &answer);
    assert_eq!(handled, RequesterHandled::Supervisory);
    let mut batches = || {
        let transmit = pair.requester.poll_transmit(pair.now, &mut buffer).unwrap()?;
        Some(transmit.packets(&buffer).count())
    };
    assert_eq!((batches(), batches(), batches()), (Some(1), Some(39), None));
}

/// Answers that come after their packets were sent on another path say nothing of the order that the path keeps.
#[test]
fn late_answers_are_no_sign_of_disorder() {
    let mut pair = pair();
    write_unordered(&mut pair, VI, 4);
    while pair.deliver_there(1).is_some() {}
    let late: Vec<_> = pair.back[1].packets.drain(..).collect();
    assert_eq!(late.len(), 2);
    pair.cut(1, true);
    while pair.requester.path_state(Path::ALL[1]) != PathState::Bad {
        pair.settle();
        pair.pass_deadline();
    }
    pair.settle();
    assert_eq!(completed(&pair), 1);
    pair.cut(1, false);
    for answer in late {
        let handled = pair.requester.handle_datagram(pair.now, Path::ALL[1], &answer);
        assert!(matches!(handled, RequesterHandled::Discarded(_)));
    }
    while pair.requester.path_state(Path::ALL[1]) != PathState::Good {
        pair.wait();
    }
    // What is lost there is still known to be by an answer to what was sent after it.
    let repeated = pair.requester.repeated_on(Path::ALL[1]);
    write_unordered(&mut pair, VI, 8);
    pair.there[1].packets.remove(1);
    pair.settle();
    assert_eq!((completed(&pair), pair.requester.repeated_on(Path::ALL[1])), (2, repeated + 1));
}

/// The message that a path is down is sent eight times before the path that it goes on is questioned too.
#[test]
fn a_message_is_repeated_before_its_path_is_questioned() {
    let mut pair = sending(2);
    pair.cut(0, true);
    while pair.requester.path_state(Path::ALL[0]) != PathState::TellingDown {
        pair.pass_deadline();
    }
    for _ in 0..8 {
        assert_eq!(pair.requester.path_state(Path::ALL[1]), PathState::Good);
        assert_eq!(on_the_way(&pair), [0, 1]);
        pair.there[1].packets.clear();
        pair.pass_deadline();
    }
    assert_eq!(pair.requester.path_state(Path::ALL[1]), PathState::Questioned);
}

/// Let only this path carry packets, none faster than it must, until it is in this state.
fn bring(pair: &mut Pair, path: usize, state: PathState) {
    while pair.requester.path_state(Path::ALL[path]) != state {
        pair.there[1 - path].packets.clear();
        if pair.there[path].packets.is_empty() {
            pair.pass_deadline();
        } else {
            pair.now += Duration::from_millis(40);
            pair.deliver_there(path).unwrap();
            pair.deliver_back(path).unwrap();
        }
    }
}

/// What was outstanding on a path that went down need not wait until the responder has heard that it is up again: another path takes it
/// as soon as there is one.
#[test]
fn what_was_on_a_path_that_returns_goes_on_another() {
    // The responder is told when the barrier has failed, so that the message can be held back.
    let config = RequesterConfig { tell_ahead: Duration::ZERO, ..RequesterConfig::new(paths(2), 7, 1) };
    let mut pair = Pair::of(EPOCH, config, ViConfig::new(VI));
    pair.requester.post(pair.now, VI, Descriptor::send(vec![7; 2000])).unwrap();
    pair.pump();
    let (first, second) = (Path::ALL[0], Path::ALL[1]);
    pair.there[0].packets.clear();
    pair.cut(0, true);
    pair.pass_deadline();
    pair.pass_deadline();
    assert_eq!(pair.requester.path_state(first), PathState::TellingDown);
    // The other path is questioned before the answer comes on it.
    let told = pair.there[1].packets.pop_front().unwrap();
    while pair.requester.path_state(second) == PathState::Good {
        pair.there[1].packets.clear();
        pair.pass_deadline();
    }
    assert_eq!(pair.requester.path_state(second), PathState::Questioned);
    pair.there[1].packets.clear();
    pair.there[1].packets.push_back(told);
    pair.deliver_there(1).unwrap();
    while pair.deliver_back(1).is_some() {}
    assert_eq!(pair.requester.path_state(first), PathState::Bad);
    // Its barrier passes, but what tells that it is up is lost.
    pair.cut(0, false);
    bring(&mut pair, 0, PathState::TellingUp);
    bring(&mut pair, 1, PathState::Good);
    assert_eq!(pair.requester.path_state(first), PathState::TellingUp);
    let is_data = |bytes: &Vec<u8>| Packet::parse(bytes).unwrap().header.vi == VI;
    assert!(pair.there[1].packets.iter().any(is_data));
    pair.settle();
    assert_eq!(pair.memory.messages, [vec![7; 2000]]);
}

fn restart(pair: &mut Pair) {
    pair.responder = Responder::new(ResponderConfig::new(paths(2).reversed(), 6));
    pair.events.clear();
}

/// A responder that was restarted meanwhile says so to whatever asks it first: a barrier, or a message about a path.
#[test]
fn a_restart_is_known_by_a_barrier_and_by_a_message() {
    for by_message in [false, true] {
        let mut pair = sending(2);
        pair.there[0].packets.clear();
        pair.pass_deadline();
        let path = usize::from(by_message);
        if by_message {
            pair.cut(0, true);
            pair.pass_deadline();
        }
        assert_eq!(pair.there[path].packets.len(), 1);
        restart(&mut pair);
        pair.deliver_there(path).unwrap();
        pair.deliver_back(path).unwrap();
        assert_eq!(pair.events, [RequesterEvent::Ended(EndReason::PeerRestarted)]);
    }
}
