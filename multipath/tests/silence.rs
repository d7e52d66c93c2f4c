//! What counts as silence, and when a requester gives up because of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use core::time::Duration;

use multipath::{
    Descriptor, EndReason, Path, Requester, RequesterConfig, RequesterEvent, RequesterHandled, ViConfig,
};
use support::packets::{VI, completed};
use support::{EPOCH, Pair, paths};

const SECOND: Duration = Duration::from_secs(1);
/// Requests have time, so that no barrier breaks the silence.
const PATIENCE: Duration = Duration::from_secs(3600);

fn patient() -> Pair {
    let config = RequesterConfig { request_timeout: PATIENCE, ..RequesterConfig::new(paths(1), 7, 1) };
    Pair::of(EPOCH, config, ViConfig::new(VI))
}

fn post(pair: &mut Pair) {
    pair.requester.post(pair.now, VI, Descriptor::send(vec![7; 10])).unwrap();
    pair.pump();
}

/// Seconds since the beginning at which the session is given up, if nothing more comes.
fn given_up_after(pair: &mut Pair) -> u64 {
    while pair.events.last() != Some(&RequesterEvent::Ended(EndReason::NoAnswer)) {
        let due = pair.requester.poll_timeout().unwrap();
        assert!(due > pair.now, "woken for nothing");
        pair.pass_deadline();
    }
    (pair.now - EPOCH).as_secs()
}

#[test]
fn who_has_nothing_to_wait_for_is_not_woken() {
    let pair = patient();
    assert!(pair.requester.is_idle());
    assert_eq!(pair.requester.poll_timeout(), None);
}

#[test]
fn an_answer_breaks_the_silence() {
    let mut pair = patient();
    (0..2).for_each(|_| post(&mut pair));
    pair.now += 20 * SECOND;
    pair.deliver_there(0).unwrap();
    pair.deliver_back(0).unwrap();
    assert_eq!(given_up_after(&mut pair), 50);
}

#[test]
fn neither_noise_nor_more_work_breaks_it() {
    let mut pair = patient();
    post(&mut pair);
    pair.there[0].packets.clear();
    pair.now += 20 * SECOND;
    let handled = pair.requester.handle_datagram(pair.now, Path::ALL[0], b"no packet");
    assert!(matches!(handled, RequesterHandled::Discarded(_)));
    post(&mut pair);
    assert_eq!(given_up_after(&mut pair), 30);
}

/// A time that goes back counts as no time passed.
#[test]
fn a_clock_that_goes_back_does_not_lengthen_it() {
    let mut pair = patient();
    (0..2).for_each(|_| post(&mut pair));
    pair.now -= 20 * SECOND;
    pair.deliver_there(0).unwrap();
    pair.deliver_back(0).unwrap();
    assert_eq!(given_up_after(&mut pair), 30);
}

/// While barriers come back the other end is there, though every request is lost.
#[test]
fn the_answers_to_barriers_break_it() {
    let mut pair = Pair::new(1, ViConfig::new(VI));
    post(&mut pair);
    while pair.now < EPOCH + 100 * SECOND {
        pair.there[0].packets.clear();
        // The time of the request is over; write and read of the barrier.
        pair.pass_deadline();
        for _ in 0..2 {
            pair.deliver_there(0).unwrap();
            pair.deliver_back(0).unwrap();
        }
        assert_eq!(pair.events.pop(), Some(RequesterEvent::PathRestored(Path::ALL[0])));
    }
    pair.settle();
    assert_eq!(completed(&pair), 1);
}

/// An opening that nobody answers is repeated, and then given up.
#[test]
fn an_opening_is_work_too() {
    let mut pair = patient();
    let config = RequesterConfig { operation_timeout: SECOND, ..RequesterConfig::new(paths(1), 8, 1) };
    pair.requester = Requester::new(config).unwrap();
    pair.cut(0, true);
    pair.requester.open(pair.now, ViConfig::new(VI)).unwrap();
    assert!(!pair.requester.is_idle());
    pair.pump();
    assert_eq!(pair.requester.poll_timeout(), Some(EPOCH + SECOND));
    assert_eq!(given_up_after(&mut pair), 30);
    assert!(pair.requester.is_idle());
}
