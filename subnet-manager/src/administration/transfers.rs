//! Tables on their way to those who asked for them, and single answers.

use core::time::Duration;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use ib_mad::rmpp::{RmppPeer, Sender, SenderHandled, SenderLimits};
use ib_mad::wire::{MAD_LENGTH, SA_DATA_LENGTH};
use ib_mad::{Lid, TransactionId, Transmit};

/// What tells one transfer from another: who asked, and how it counts its requests.
type Key = (Lid, u32);

/// What one requester, and all of them, may have waiting. A table of one segment costs what an answer of one datagram costs, and
/// counts as one: many programs ask for small tables and never acknowledge them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) transfers: usize,
    pub(super) transfers_per_port: usize,
    pub(super) bytes: usize,
    pub(super) answers: usize,
    pub(super) answers_per_port: usize,
}

/// A table on its way.
#[derive(Clone, Debug)]
struct Running {
    sender: Sender<Vec<u8>>,
    length: usize,
    /// It has several segments.
    is_long: bool,
    /// When it has to be looked at, if it is not ready.
    deadline: Option<Duration>,
    is_ready: bool,
}

/// All that waits to be sent.
#[derive(Clone, Debug)]
pub(super) struct Transfers {
    bounds: Bounds,
    limits: SenderLimits,
    running: BTreeMap<Key, Running>,
    /// Those of several segments.
    long: usize,
    /// Bytes of all tables that are on their way.
    bytes: usize,
    /// Transfers that may have something to send.
    ready: VecDeque<Key>,
    deadlines: BTreeSet<(Duration, Key)>,
    answers: VecDeque<(Transmit, [u8; MAD_LENGTH])>,
    /// Answers that wait for each port.
    waiting: BTreeMap<Lid, usize>,
}

impl Transfers {
    pub(super) fn new(bounds: Bounds, limits: SenderLimits) -> Self {
        Self {
            bounds,
            limits,
            running: BTreeMap::new(),
            long: 0,
            bytes: 0,
            ready: VecDeque::new(),
            deadlines: BTreeSet::new(),
            answers: VecDeque::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// How many bytes another table may have; `None` when not even a small one may begin.
    pub(super) fn room(&self, to: Lid) -> Option<usize> {
        let of_port = self.running.range((to, 0)..=(to, u32::MAX));
        let (long, short) = of_port.fold((0, 0), |(long, short), (_, running)| match running.is_long {
            true => (long + 1, short),
            false => (long, short + 1),
        });
        let left = self.bounds.bytes.saturating_sub(self.bytes);
        if long < self.bounds.transfers_per_port && self.long < self.bounds.transfers {
            return Some(left);
        }
        let has_place =
            short < self.bounds.answers_per_port && self.running.len() - self.long < self.bounds.answers;
        has_place.then_some(left.min(SA_DATA_LENGTH))
    }

    /// Whether this table is on its way already: its requester has only asked again.
    pub(super) fn is_running(&self, to: Lid, id: TransactionId) -> bool {
        self.running.contains_key(&(to, id.low()))
    }

    /// Send a table; whether it could be taken.
    pub(super) fn start(
        &mut self,
        now: Duration,
        to: RmppPeer,
        id: TransactionId,
        template: &[u8; MAD_LENGTH],
        table: Vec<u8>,
    ) -> bool {
        let length = table.len();
        let is_long = length > SA_DATA_LENGTH;
        let Ok(sender) = Sender::new(now, self.limits, to, template, table) else { return false };
        let key = (to.lid, id.low());
        self.bytes += length;
        self.long += usize::from(is_long);
        self.running.insert(key, Running { sender, length, is_long, deadline: None, is_ready: false });
        self.wake(key);
        true
    }

    /// A transfer may have something to send.
    fn wake(&mut self, key: Key) {
        let Some(running) = self.running.get_mut(&key) else { return };
        if let Some(deadline) = running.deadline.take() {
            self.deadlines.remove(&(deadline, key));
        }
        if !core::mem::replace(&mut running.is_ready, true) {
            self.ready.push_back(key);
        }
    }

    /// Answer in one datagram. One that cannot wait is dropped: its requester asks again.
    pub(super) fn answer(&mut self, to: Transmit, mad: [u8; MAD_LENGTH]) {
        let waiting = self.waiting.entry(to.to).or_default();
        if *waiting >= self.bounds.answers_per_port || self.answers.len() >= self.bounds.answers {
            return;
        }
        *waiting += 1;
        self.answers.push_back((to, mad));
    }

    /// Take a segment that acknowledges, stops or aborts.
    pub(super) fn handle_segment(
        &mut self,
        now: Duration,
        from: Lid,
        id: TransactionId,
        mad: &[u8; MAD_LENGTH],
    ) {
        let key = (from, id.low());
        let Some(running) = self.running.get_mut(&key) else { return };
        match running.sender.handle_segment(now, from, mad) {
            SenderHandled::NotTaken(_) => {}
            SenderHandled::Progress | SenderHandled::Delivered | SenderHandled::Failed(_) => self.wake(key),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Duration) {
        while let Some(&(deadline, key)) = self.deadlines.first().filter(|(deadline, _)| *deadline <= now) {
            self.deadlines.remove(&(deadline, key));
            self.wake(key);
        }
    }

    /// The next datagram. Transfers take turns, a datagram each.
    pub(super) fn poll_transmit(&mut self, now: Duration, out: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        if let Some((to, mad)) = self.answers.pop_front() {
            if let Some(waiting) = self.waiting.get_mut(&to.to) {
                *waiting -= 1;
                if *waiting == 0 {
                    self.waiting.remove(&to.to);
                }
            }
            *out = mad;
            return Some(to);
        }
        while let Some(key) = self.ready.pop_front() {
            let Some(running) = self.running.get_mut(&key) else { continue };
            // A failure has its abort to send, then nothing.
            let _ = running.sender.poll_event(now);
            if let Some(to) = running.sender.poll_transmit(now, out) {
                self.ready.push_back(key);
                return Some(to);
            }
            running.is_ready = false;
            if running.sender.is_sending() {
                let deadline = running.sender.poll_timeout().unwrap_or(now);
                running.deadline = Some(deadline);
                self.deadlines.insert((deadline, key));
            } else if let Some(ended) = self.running.remove(&key) {
                self.bytes = self.bytes.saturating_sub(ended.length);
                self.long -= usize::from(ended.is_long);
            }
        }
        None
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        let at_once = !self.answers.is_empty() || !self.ready.is_empty();
        if at_once { Some(Duration::ZERO) } else { self.deadlines.first().map(|(deadline, _)| *deadline) }
    }

    /// How many tables are on their way.
    pub(super) fn len(&self) -> usize {
        self.running.len()
    }
}
