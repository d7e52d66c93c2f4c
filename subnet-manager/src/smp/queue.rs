use core::time::Duration;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// How many requests are in flight, and how long they are waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QueueLimits {
    /// Requests in flight in all, 1 to 4096. Default 64: what a management agent in a switch and the receive queue of a
    /// kernel take without losing any.
    pub window: u16,
    /// Requests in flight to one node. Default 8.
    pub per_node: u16,
    /// Time from a transmission to its repetition, or to giving up. Default 200 ms.
    pub timeout: Duration,
    /// Repetitions of a request that nobody answers. Default 3.
    pub retries: u8,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self { window: 64, per_node: 8, timeout: Duration::from_millis(200), retries: 3 }
    }
}

/// A request that nobody answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expired<T> {
    pub(crate) task: T,
    /// How often it was sent.
    pub(crate) attempts: u8,
}

/// Requests of type `T` that wait to be sent, or for their answers.
///
/// ```text
///   push        poll_transmit
///  ─────▶ waiting ───────▶ in flight ──▶ answered (take)
///                            │  ▲  │
///             deadline, and  ▼  │  └──▶ expired: deadline, and no retry left
///             retries left   repeat
/// ```
///
/// Each call takes time that does not depend on how many wait. All deadlines are one time-out away, so that those of the
/// requests in flight are in the order in which they were sent, and no heap is needed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RequestQueue<T> {
    limits: QueueLimits,
    /// Added to each id, so that answers to another run's requests match none.
    first_id: u32,
    slots: Vec<Slot<T>>,
    free: Vec<u16>,
    nodes: Vec<Node<T>>,
    /// Nodes with requests that may be sent.
    ready: VecDeque<u32>,
    repeats: VecDeque<u16>,
    /// Deadlines of those in flight, and of some that are no longer: a slot's serial number tells.
    deadlines: VecDeque<(Duration, u16, u32)>,
    waiting: usize,
    in_flight: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Slot<T> {
    /// Grows with each transmission from this slot.
    serial: u32,
    /// Grows with each request in this slot.
    generation: u32,
    request: Option<Request<T>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Request<T> {
    node: u32,
    task: T,
    attempts: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Node<T> {
    waiting: VecDeque<T>,
    in_flight: u16,
    is_ready: bool,
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), in_flight: 0, is_ready: false }
    }
}

/// Bits of an id that tell the slot.
const SLOT_BITS: u32 = 12;

impl<T: Copy> RequestQueue<T> {
    /// An empty queue. Limits of 0 count as 1, a window above 4096 as 4096.
    pub(crate) fn new(limits: QueueLimits, first_id: u32) -> Self {
        let window = limits.window.clamp(1, 1 << SLOT_BITS);
        let limits = QueueLimits { window, per_node: limits.per_node.max(1), ..limits };
        let slot = || Slot { serial: 0, generation: 0, request: None };
        Self {
            limits,
            first_id,
            slots: (0..window).map(|_| slot()).collect(),
            free: (0..window).rev().collect(),
            nodes: Vec::new(),
            ready: VecDeque::new(),
            repeats: VecDeque::new(),
            deadlines: VecDeque::new(),
            waiting: 0,
            in_flight: 0,
        }
    }

    /// Whether nothing waits and nothing is in flight.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting == 0 && self.in_flight == 0
    }

    /// Requests in flight.
    pub(crate) fn in_flight(&self) -> u16 {
        self.in_flight
    }

    /// Take a request on, of those that `node` is to answer. Nodes are small numbers.
    pub(crate) fn push(&mut self, node: u32, task: T) {
        let place = node as usize;
        if place >= self.nodes.len() {
            self.nodes.resize_with(place + 1, Node::default);
        }
        self.nodes[place].waiting.push_back(task);
        self.waiting += 1;
        self.make_ready(node);
    }

    fn make_ready(&mut self, node: u32) {
        let state = &mut self.nodes[node as usize];
        if !state.is_ready && !state.waiting.is_empty() && state.in_flight < self.limits.per_node {
            state.is_ready = true;
            self.ready.push_back(node);
        }
    }

    /// The next request to send, with its id: one to repeat, or a new one, of each node in turn.
    pub(crate) fn poll_transmit(&mut self, now: Duration) -> Option<(u32, T)> {
        while let Some(place) = self.repeats.pop_front() {
            if self.slots[usize::from(place)].request.is_some() {
                return Some(self.send(now, place));
            }
        }
        let place = *self.free.last()?;
        let node = self.ready.pop_front()?;
        let state = &mut self.nodes[node as usize];
        state.is_ready = false;
        let task = state.waiting.pop_front()?;
        state.in_flight += 1;
        self.waiting -= 1;
        self.in_flight += 1;
        self.free.pop();
        let slot = &mut self.slots[usize::from(place)];
        slot.generation = slot.generation.wrapping_add(1);
        slot.request = Some(Request { node, task, attempts: 0 });
        self.make_ready(node);
        Some(self.send(now, place))
    }

    fn send(&mut self, now: Duration, place: u16) -> (u32, T) {
        let slot = &mut self.slots[usize::from(place)];
        slot.serial = slot.serial.wrapping_add(1);
        self.deadlines.push_back((now.saturating_add(self.limits.timeout), place, slot.serial));
        let id = self.first_id.wrapping_add(slot.generation << SLOT_BITS | u32::from(place));
        // The callers have filled the slot.
        let request = slot.request.as_mut().expect("a slot that is sent from has a request");
        request.attempts = request.attempts.saturating_add(1);
        (id, request.task)
    }

    fn place(&self, id: u32) -> Option<usize> {
        let code = id.wrapping_sub(self.first_id);
        let place = (code & ((1 << SLOT_BITS) - 1)) as usize;
        let slot = self.slots.get(place)?;
        let generation = slot.generation << SLOT_BITS >> SLOT_BITS;
        (slot.request.is_some() && generation == code >> SLOT_BITS).then_some(place)
    }

    /// The request in flight with this id.
    pub(crate) fn matching(&self, id: u32) -> Option<T> {
        self.slots[self.place(id)?].request.as_ref().map(|request| request.task)
    }

    /// The request with this id is answered.
    pub(crate) fn answered(&mut self, id: u32) {
        if let Some(place) = self.place(id) {
            self.end(place);
        }
    }

    fn end(&mut self, place: usize) -> Option<Request<T>> {
        let request = self.slots[place].request.take()?;
        self.free.push(place as u16);
        self.in_flight -= 1;
        if let Some(node) = self.nodes.get_mut(request.node as usize) {
            node.in_flight -= 1;
            self.make_ready(request.node);
        }
        Some(request)
    }

    /// The next request that nobody answered; those that are repeated become due meanwhile. To be called until it gives
    /// nothing, then [`poll_transmit`](Self::poll_transmit).
    pub(crate) fn poll_expired(&mut self, now: Duration) -> Option<Expired<T>> {
        while let Some((deadline, place, serial)) = self.deadlines.front().copied() {
            let is_current = {
                let slot = &self.slots[usize::from(place)];
                slot.serial == serial && slot.request.is_some()
            };
            if is_current && deadline > now {
                return None;
            }
            self.deadlines.pop_front();
            if !is_current {
                continue;
            }
            let attempts = self.slots[usize::from(place)].request.as_ref().map_or(0, |one| one.attempts);
            if attempts > self.limits.retries {
                let request = self.end(usize::from(place))?;
                return Some(Expired { task: request.task, attempts: request.attempts });
            }
            self.repeats.push_back(place);
        }
        None
    }

    /// When to call [`poll_expired`](Self::poll_expired) again.
    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        self.deadlines.front().map(|(deadline, ..)| *deadline)
    }

    /// Forget every request. Their answers match nothing.
    pub(crate) fn clear(&mut self) {
        for place in 0..self.slots.len() {
            if self.slots[place].request.take().is_some() {
                self.free.push(place as u16);
            }
        }
        (self.waiting, self.in_flight) = (0, 0);
        self.nodes.clear();
        self.ready.clear();
        self.repeats.clear();
        self.deadlines.clear();
    }
}
