use core::time::Duration;

use super::deadlines::{Deadlines, Queue};
use super::id::IdScheme;
use super::per_node::PerNode;
use super::slots::Slots;
use super::{RequestId, RequestLimits, ResponseError, StartError};
use crate::types::Lid;

/// Up to `N` requests of type `T` that wait for their answers (`N` from 1 to 65534).
///
/// ```text
///   start      poll_transmit
///  ───────▶ Queued ───────▶ Sent ◀─────────────┐ poll_transmit: time-out, retries left
///                          │ │ ▲ └─────────────┘
///                 back_off │ │ │ poll_transmit: delay over
///                          │ │ └────────── BackingOff ◀──┐
///                          ├─│─────────────────────────▶─┘ busy retries left
///                          │ └──▶ poll_expired: time-out, no retries left (NoAnswer)
///                          └──▶ GivenUp ──▶ poll_expired: no busy retries left (Busy)
/// ```
/// `respond` ends a request in every state but `Queued`, `cancel` in every state; `retarget` makes it `Queued` again.
///
/// # Time
/// `now` is the time since a moment of the caller's choice, the same in every call. A `now` before an earlier one
/// counts as that one; a deadline beyond the end of [`Duration`] is never reached.
///
/// # Ids
/// The first request has the id that the table was made with, and the next ones count up from it. An id comes back
/// after `2^32 / N` requests (`N` rounded up to a power of two) have used the same place, and the place that has been free the
/// longest is used next. Machines that share a port should start far apart.
///
/// # Cost
/// Every call but [`retarget`](Self::retarget) takes `O(log N)` steps and moves at most `4 * N` bytes. A table takes
/// about 40 bytes a place beside the request: 0.7 MB for 4096 requests of 128 bytes. That is too much for many stacks, and
/// `Box::new(RequestTable::new(..))` builds on the stack first; [`new`](Self::new) is `const` so that a large
/// table can be a `static`, or a field of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestTable<T, const N: usize> {
    limits: RequestLimits,
    ids: IdScheme<N>,
    /// The latest time seen.
    now: Duration,
    slots: Slots<Entry<T>, N>,
    deadlines: Deadlines<N>,
    per_node: PerNode<N>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Entry<T> {
    to: Lid,
    phase: Phase,
    /// Transmissions to `to`.
    attempts: u16,
    /// Repetitions because nobody answered.
    retries: u8,
    /// Repetitions because the answer was busy.
    busy_retries: u8,
    request: T,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    /// Not sent to its node yet.
    Queued,
    /// Waiting for the answer until the deadline.
    Sent,
    /// Answered with busy; sent again at the deadline.
    BackingOff,
    /// Answered with busy too often; to be reported.
    GivenUp,
}

/// A request to send now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Due<'a, T> {
    /// Its id, to be the lower half of the transaction id.
    pub id: RequestId,
    /// Where to.
    pub to: Lid,
    /// Which transmission to this node it is, from 1.
    pub attempt: u16,
    /// What was given to [`RequestTable::start`].
    pub request: &'a T,
}

/// A request that ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Expired<T> {
    /// Its id, which no longer matches anything.
    pub id: RequestId,
    /// Where it went.
    pub to: Lid,
    /// How often it was sent there.
    pub attempts: u16,
    /// What was given to [`RequestTable::start`].
    pub request: T,
    /// Why it ended.
    pub reason: ExpiryReason,
}

/// Why a request ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExpiryReason {
    /// Nobody answered its last transmission in time.
    NoAnswer,
    /// The node was busy each time.
    Busy,
}

impl<T, const N: usize> RequestTable<T, N> {
    /// An empty table whose first request has the id `first_id`.
    ///
    /// Take another `first_id` after a restart if answers to requests from before may still be on their way.
    pub const fn new(limits: RequestLimits, first_id: u32) -> Self {
        Self {
            limits,
            ids: IdScheme::new(first_id),
            now: Duration::ZERO,
            slots: Slots::new(),
            deadlines: Deadlines::new(),
            per_node: PerNode::new(),
        }
    }

    /// Take a request on; [`poll_transmit`](Self::poll_transmit) then gives it out.
    ///
    /// # Errors
    /// When the table, or the node's share of it, is full; the request comes back in the error.
    pub fn start(&mut self, now: Duration, to: Lid, request: T) -> Result<RequestId, StartError<T>> {
        let now = self.advance(now);
        if self.slots.is_full() {
            return Err(StartError::TableFull(request));
        }
        if self.per_node.in_flight(to) >= self.limits.per_node {
            return Err(StartError::NodeFull(request));
        }
        let entry = Entry { to, phase: Phase::Queued, attempts: 0, retries: 0, busy_retries: 0, request };
        let place = self.slots.insert(entry).map_err(|entry| StartError::TableFull(entry.request))?;
        self.per_node.add(to, 1);
        self.deadlines.schedule(place, Queue::Transmit, now);
        Ok(self.id(place))
    }

    /// The next request to send: a new one, or one to repeat. The one that has been due the longest comes first;
    /// of those due at the same time any may.
    ///
    /// Each call counts as a transmission at `now`. Call it until it returns `None`.
    pub fn poll_transmit(&mut self, now: Duration) -> Option<Due<'_, T>> {
        let now = self.advance(now);
        let place = self.deadlines.first_due(Queue::Transmit, now)?;
        let id = self.id(place);
        let entry = self.slots.get_mut(place)?;
        if entry.phase == Phase::Sent {
            entry.retries += 1;
        }
        entry.phase = Phase::Sent;
        entry.attempts += 1;
        let after_time_out =
            if entry.retries < self.limits.retries { Queue::Transmit } else { Queue::Expire };
        self.deadlines.schedule(place, after_time_out, now.saturating_add(self.limits.timeout));
        Some(Due { id, to: entry.to, attempt: entry.attempts, request: &entry.request })
    }

    /// The request that a response from `from` would answer, which stays in flight.
    ///
    /// # Errors
    /// When there is none, or it went to another node, or nowhere yet.
    pub fn matching(&self, id: RequestId, from: Lid) -> Result<&T, ResponseError> {
        self.find(id, from).map(|(_, entry)| &entry.request)
    }

    /// End the request that a response from `from` answers. An answer that comes after the last time-out, but before
    /// [`poll_expired`](Self::poll_expired) reported it, still counts.
    ///
    /// # Errors
    /// When there is none, or it went to another node, or nowhere yet; nothing changes then.
    pub fn respond(&mut self, id: RequestId, from: Lid) -> Result<T, ResponseError> {
        let (place, _) = self.find(id, from)?;
        self.take(place).map(|entry| entry.request).ok_or(ResponseError::Unknown)
    }

    /// Send a request again later, because its node answered that it is busy. When that was the last time that the
    /// limits allow, [`poll_expired`](Self::poll_expired) reports it. A request that backs off already is left as it is: the answer
    /// is a repeated one.
    ///
    /// # Errors
    /// When there is no such request, or it went to another node, or nowhere yet; nothing changes then.
    pub fn back_off(&mut self, now: Duration, id: RequestId, from: Lid) -> Result<(), ResponseError> {
        let now = self.advance(now);
        let (place, entry) = self.find(id, from)?;
        if entry.phase != Phase::Sent {
            return Ok(());
        }
        let limits = self.limits;
        let Some(entry) = self.slots.get_mut(place) else { return Err(ResponseError::Unknown) };
        if entry.busy_retries == limits.busy_retries {
            entry.phase = Phase::GivenUp;
            self.deadlines.schedule(place, Queue::Expire, now);
        } else {
            entry.phase = Phase::BackingOff;
            entry.busy_retries += 1;
            let delay = limits.back_off_delay(entry.busy_retries);
            self.deadlines.schedule(place, Queue::Transmit, now.saturating_add(delay));
        }
        Ok(())
    }

    /// The next request that ended without an answer. Call it until it returns `None`.
    pub fn poll_expired(&mut self, now: Duration) -> Option<Expired<T>> {
        let now = self.advance(now);
        let place = self.deadlines.first_due(Queue::Expire, now)?;
        let id = self.id(place);
        let Entry { to, phase, attempts, request, .. } = self.take(place)?;
        let reason = match phase {
            Phase::GivenUp => ExpiryReason::Busy,
            Phase::Queued | Phase::Sent | Phase::BackingOff => ExpiryReason::NoAnswer,
        };
        Some(Expired { id, to, attempts, request, reason })
    }

    /// End a request and return it; `None` if it is not in flight. Its answer, should one come, matches nothing.
    pub fn cancel(&mut self, id: RequestId) -> Option<T> {
        let place = self.place(id)?;
        self.take(place).map(|entry| entry.request)
    }

    /// Send every request that is in flight to `old` to `new` instead, afresh: attempts and retries start over, and only an
    /// answer from `new` counts. The ids stay. `new` may thereby have more in flight than the limits allow to start.
    ///
    /// This is the one call that walks the whole table.
    pub fn retarget(&mut self, now: Duration, old: Lid, new: Lid) {
        let now = self.advance(now);
        if self.per_node.in_flight(old) == 0 {
            return;
        }
        self.per_node.retarget(old, new);
        for place in 0..N {
            let Some(entry) = self.slots.get_mut(place).filter(|entry| entry.to == old) else { continue };
            entry.to = new;
            entry.phase = Phase::Queued;
            (entry.attempts, entry.retries, entry.busy_retries) = (0, 0, 0);
            self.deadlines.schedule(place, Queue::Transmit, now);
        }
    }

    /// When to call [`poll_transmit`](Self::poll_transmit) and [`poll_expired`](Self::poll_expired) again, on the clock that `now` is
    /// from; a time in the past means at once. `None` while nothing is in flight.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.deadlines.earliest()
    }

    /// Requests in flight.
    pub const fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether no request is in flight.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Requests in flight to a node.
    pub fn in_flight_to(&self, lid: Lid) -> u16 {
        self.per_node.in_flight(lid)
    }

    /// The limits that the table was made with.
    pub const fn limits(&self) -> &RequestLimits {
        &self.limits
    }

    /// Make every deadline earlier by `epoch`, as if the clock had been set back by as much. States that differ in
    /// nothing but when they were reached become equal, which keeps an exhaustive search finite.
    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.now = self.now.saturating_sub(epoch);
        self.deadlines.rebase(epoch);
    }

    fn advance(&mut self, now: Duration) -> Duration {
        self.now = self.now.max(now);
        self.now
    }

    fn id(&self, place: usize) -> RequestId {
        self.ids.encode(place, self.slots.generation(place))
    }

    fn place(&self, id: RequestId) -> Option<usize> {
        let place = self.ids.place(id);
        (self.slots.get(place).is_some() && self.id(place) == id).then_some(place)
    }

    fn find(&self, id: RequestId, from: Lid) -> Result<(usize, &Entry<T>), ResponseError> {
        let place = self.place(id).ok_or(ResponseError::Unknown)?;
        let entry = self.slots.get(place).ok_or(ResponseError::Unknown)?;
        if entry.to != from {
            return Err(ResponseError::WrongNode { asked: entry.to, from });
        }
        match entry.phase {
            Phase::Queued => Err(ResponseError::NotSent),
            Phase::Sent | Phase::BackingOff | Phase::GivenUp => Ok((place, entry)),
        }
    }

    fn take(&mut self, place: usize) -> Option<Entry<T>> {
        let entry = self.slots.remove(place)?;
        self.deadlines.remove(place);
        self.per_node.remove_one(entry.to);
        Some(entry)
    }
}
