//! How long a failover takes, in virtual time: from the moment at which a path is cut to the first byte that is delivered on
//! another one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use alloc::collections::BTreeMap;
use core::time::Duration;

use multipath::{Descriptor, RequesterConfig, RequesterEvent, ViConfig};
use support::{Pair, paths};

const VI: u16 = 1;
/// How long a packet is on its way.
const LATENCY: Duration = Duration::from_micros(250);
const ROUND_TRIP: Duration = Duration::from_micros(500);

/// How often the caller has a message to send.
const INTERVAL: Duration = Duration::from_micros(20);

/// A packet on its way: to the responder or back, and the path.
type Flying = (bool, usize, Vec<u8>);

/// Two ends whose packets take time.
struct World {
    pair: Pair,
    flying: BTreeMap<(Duration, u64), Flying>,
    count: u64,
    /// When the next message is to be sent.
    post: Duration,
    /// Whether each message waits for the one before.
    one_at_a_time: bool,
    /// How late the caller is woken at a deadline.
    lateness: Duration,
    posted: usize,
    completed: usize,
}

impl World {
    fn new(caller: Caller) -> Self {
        let Caller { one_at_a_time, lateness, tell_ahead } = caller;
        let pair = Pair::of(support::EPOCH, RequesterConfig { tell_ahead, ..config() }, ViConfig::new(VI));
        let post = pair.now;
        let flying = BTreeMap::new();
        Self { pair, flying, count: 0, post, one_at_a_time, lateness, posted: 0, completed: 0 }
    }

    fn delivered(&self) -> usize {
        self.pair.memory.messages.len()
    }

    /// Whether there is a message to send.
    fn has_more(&self) -> bool {
        self.pair.requester.room(VI) > 0 && !(self.one_at_a_time && self.completed < self.posted)
    }

    /// Put on the way what there is to send.
    fn send(&mut self) {
        if self.post <= self.pair.now {
            self.post = self.pair.now + INTERVAL;
            if self.has_more() {
                let message = Descriptor::send(self.posted.to_be_bytes().to_vec());
                self.pair.requester.post(self.pair.now, VI, message).unwrap();
                self.posted += 1;
            }
        }
        self.pair.pump();
        let is_completed = |event: &RequesterEvent| matches!(event, RequesterEvent::Completed { .. });
        self.completed += self.pair.events.drain(..).filter(is_completed).count();
        let arrival = self.pair.now + LATENCY;
        for (to_responder, lanes) in [(true, &mut self.pair.there), (false, &mut self.pair.back)] {
            for (path, lane) in lanes.iter_mut().enumerate() {
                for packet in lane.packets.drain(..) {
                    self.flying.insert((arrival, self.count), (to_responder, path, packet));
                    self.count += 1;
                }
            }
        }
    }

    /// Let the next thing happen, if it does so until `end`; tells whether it did.
    fn step(&mut self, end: Duration) -> bool {
        let arrival = self.flying.keys().next().map(|(time, _)| *time);
        let timeout = self.pair.requester.poll_timeout().map(|due| due + self.lateness);
        let next = arrival.into_iter().chain(timeout).chain([self.post]).min().unwrap();
        if next > end {
            self.pair.now = end;
            return false;
        }
        self.pair.now = self.pair.now.max(next);
        if arrival == Some(next) {
            let (_, (to_responder, path, packet)) = self.flying.pop_first().unwrap();
            let lanes = if to_responder { &mut self.pair.there } else { &mut self.pair.back };
            if !lanes[path].is_cut {
                lanes[path].packets.push_back(packet);
                if to_responder {
                    self.pair.deliver_there(path).unwrap();
                } else {
                    self.pair.deliver_back(path).unwrap();
                }
            }
        } else if timeout == Some(next) {
            self.pair.requester.handle_timeout(self.pair.now);
        }
        self.send();
        true
    }

    /// Cut the path that is in use at `time`, and find out when the next message is delivered.
    fn silence_after(mut self, time: Duration) -> Duration {
        while self.step(time) {}
        assert!(self.delivered() > 2, "nothing came over the first path");
        let cut = self.pair.now;
        self.pair.cut(0, true);
        let before = self.delivered();
        while self.delivered() == before {
            assert!(self.step(cut + Duration::from_secs(60)), "nothing comes any more");
        }
        self.pair.now - cut
    }
}

fn config() -> RequesterConfig {
    RequesterConfig::new(paths(2), 7, 1)
}

/// Who uses the requester, and how.
#[derive(Clone, Copy)]
struct Caller {
    /// Each message waits for the one before.
    one_at_a_time: bool,
    /// How late the caller is woken at a deadline.
    lateness: Duration,
    /// How long before a barrier fails the responder is told.
    tell_ahead: Duration,
}

impl Caller {
    /// Many messages, on time, with the settings as they are.
    fn usual() -> Self {
        Self { one_at_a_time: false, lateness: Duration::ZERO, tell_ahead: config().tell_ahead }
    }
}

/// The longest silence, wherever between two messages the cut comes.
fn longest(caller: Caller) -> Duration {
    let start = World::new(caller).pair.now + Duration::from_millis(10);
    let cuts = (0..60).map(|step| start + Duration::from_micros(11) * step);
    cuts.map(|cut| World::new(caller).silence_after(cut)).max().unwrap()
}

/// A time-out, an attempt of a barrier, and a round trip of the message that the path is down.
fn bound() -> Duration {
    config().request_timeout + config().operation_timeout + ROUND_TRIP
}

/// Between `bound` and a round trip less.
fn is_just_within(time: Duration, bound: Duration) {
    assert!(time <= bound, "{time:?} is more than {bound:?}");
    assert!(time > bound - ROUND_TRIP, "{time:?} is far less than {bound:?}: was the path not in use?");
}

/// While messages follow each other, some were on their way already when the path was cut.
#[test]
fn another_path_is_used_after_a_time_out_a_barrier_and_a_supervisory_round_trip() {
    is_just_within(longest(Caller { tell_ahead: Duration::ZERO, ..Caller::usual() }), bound());
    // Told ahead, the acknowledgement is there when the barrier fails: the round trip takes no time of its own.
    is_just_within(longest(Caller::usual()), bound() - ROUND_TRIP);
}

/// What was lost may have been the last acknowledgement, which is asked for again before the next message.
#[test]
fn messages_one_at_a_time_take_a_round_trip_more() {
    let one_at_a_time = Caller { one_at_a_time: true, ..Caller::usual() };
    let bounds = [(Duration::ZERO, bound() + ROUND_TRIP), (config().tell_ahead, bound())];
    for (tell_ahead, bound) in bounds {
        is_just_within(longest(Caller { tell_ahead, ..one_at_a_time }), bound + INTERVAL);
    }
}

/// Two waits, each of which ends late: the second makes up for the first.
#[test]
fn a_caller_who_is_woken_late_is_so_once() {
    let lateness = Duration::from_millis(5);
    is_just_within(longest(Caller { lateness, ..Caller::usual() }), bound() - ROUND_TRIP + lateness);
}
