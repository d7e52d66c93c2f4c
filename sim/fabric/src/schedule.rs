//! What happens next.

use core::cmp::Reverse;
use core::time::Duration;
use std::collections::{BinaryHeap, VecDeque};

use crate::pool::PacketId;
use crate::port::PortId;

/// Nanoseconds since the caller's epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Instant(pub(crate) u64);

impl Instant {
    pub(crate) fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(nanoseconds(time)))
    }
}

impl From<Duration> for Instant {
    fn from(time: Duration) -> Self {
        Self(nanoseconds(time))
    }
}

impl From<Instant> for Duration {
    fn from(instant: Instant) -> Self {
        Self::from_nanos(instant.0)
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Something that happens at a time of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// A packet that was delayed arrives at a port.
    Arrival(PacketId, PortId),
    /// An answer that was delayed leaves an agent.
    Answer(PacketId, PortId),
    /// A trap is sent again: its node and its number there.
    Trap(u32, u32),
    /// The lease of a port's M_Key ends, if it still has this number.
    Lease(PortId, u32),
    /// A link goes down or up, that many times more.
    Flap(PortId, u32),
    /// A packet has waited for credits long enough, if it still has the wait of this number.
    HeadOfQueue(PacketId, u32),
}

/// The next thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A packet arrives at a port.
    Arrival(PacketId, PortId),
    /// An answer leaves the agent behind a port.
    Answer(PacketId, PortId),
    /// Anything else.
    Timer(Timer),
}

/// Events in the order of their time. What takes the same time for every packet is in a queue, which costs nothing to
/// keep in order; the rest is in a heap.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schedule {
    arrivals: VecDeque<(Instant, PacketId, PortId)>,
    answers: VecDeque<(Instant, PacketId, PortId)>,
    timers: BinaryHeap<Reverse<(Instant, u64, Timer)>>,
    /// Timers of one time fire in the order in which they were set.
    set: u64,
}

impl Schedule {
    /// `at` is not before that of the arrival before.
    pub(crate) fn arrival(&mut self, at: Instant, packet: PacketId, port: PortId) {
        self.arrivals.push_back((at, packet, port));
    }

    /// `at` is not before that of the answer before.
    pub(crate) fn answer(&mut self, at: Instant, packet: PacketId, port: PortId) {
        self.answers.push_back((at, packet, port));
    }

    pub(crate) fn timer(&mut self, at: Instant, timer: Timer) {
        self.set += 1;
        self.timers.push(Reverse((at, self.set, timer)));
    }

    fn times(&self) -> [Option<Instant>; 3] {
        [
            self.arrivals.front().map(|first| first.0),
            self.answers.front().map(|first| first.0),
            self.timers.peek().map(|first| first.0.0),
        ]
    }

    /// When the next thing happens.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.times().into_iter().flatten().min()
    }

    /// The next thing, if it happens by `now`.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<(Instant, Event)> {
        let [arrival, answer, timer] = self.times().map(|time| time.map_or(u64::MAX, |time| time.0));
        let first = arrival.min(answer).min(timer);
        if first > now.0 {
            return None;
        }
        if arrival == first
            && let Some((at, packet, port)) = self.arrivals.pop_front()
        {
            return Some((at, Event::Arrival(packet, port)));
        }
        if answer == first
            && let Some((at, packet, port)) = self.answers.pop_front()
        {
            return Some((at, Event::Answer(packet, port)));
        }
        let Reverse((at, _, timer)) = self.timers.pop()?;
        Some((at, Event::Timer(timer)))
    }

    /// Whether packets are on their way.
    pub(crate) fn is_moving(&self) -> bool {
        !self.arrivals.is_empty()
            || !self.answers.is_empty()
            || self.timers.iter().any(|Reverse((_, _, timer))| {
                matches!(timer, Timer::Arrival(..) | Timer::Answer(..) | Timer::HeadOfQueue(..))
            })
    }
}
