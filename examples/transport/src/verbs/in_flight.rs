//! Work that a queue pair was given and that has not ended: who posts, who waits for the end, and who holds posting back.

use core::sync::atomic::{AtomicU64, Ordering};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::{WorkId, WorkKind};

/// One piece of work in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: WorkId,
    pub(super) kind: WorkKind,
}

/// One of a queue pair's two queues. Work ends in the order in which it was posted.
#[derive(Debug)]
struct Queue {
    entries: VecDeque<Entry>,
    /// Number of the first entry.
    first: u64,
    depth: usize,
}

impl Queue {
    const fn new(first: u64, depth: u32) -> Self {
        Self { entries: VecDeque::new(), first, depth: depth as usize }
    }

    /// The number of the next entry; `None` when there is no room for one.
    fn next(&self) -> Option<u64> {
        (self.entries.len() < self.depth).then(|| self.first + self.entries.len() as u64)
    }

    /// The entry with this number, which has ended.
    fn end(&mut self, number: u64) -> Option<Entry> {
        // One before the first was cleared, or is of an earlier queue pair with the same number.
        let before = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.entries.get(before)?;
        // Of what stood before it the end was not seen: the adapter threw it away.
        self.first = number + 1;
        self.entries.drain(..before);
        self.entries.pop_front()
    }

    fn clear(&mut self) -> Vec<Entry> {
        self.first += self.entries.len() as u64;
        self.entries.drain(..).collect()
    }
}

/// Both queues.
#[derive(Debug)]
pub(super) struct Work {
    send: Queue,
    receive: Queue,
    /// Whether posting to the send queue waits.
    is_held: bool,
}

impl Work {
    /// What names the next piece of work to the library, with whose queue it is in; `None` when that is full.
    pub(super) fn next(&self, kind: WorkKind) -> Option<u64> {
        let is_receive = kind == WorkKind::Receive;
        let queue = if is_receive { &self.receive } else { &self.send };
        Some(queue.next()? << 1 | u64::from(is_receive))
    }

    /// It was posted.
    pub(super) fn posted(&mut self, entry: Entry) {
        let queue = if entry.kind == WorkKind::Receive { &mut self.receive } else { &mut self.send };
        queue.entries.push_back(entry);
    }

    /// It has ended.
    pub(super) fn end(&mut self, number: u64) -> Option<Entry> {
        let queue = if number & 1 == 1 { &mut self.receive } else { &mut self.send };
        queue.end(number >> 1)
    }

    /// Work in the send queue that has not ended.
    pub(super) fn sending(&self) -> usize {
        self.send.entries.len()
    }

    /// Take out all that has not ended, of both queues.
    pub(super) fn clear(&mut self) -> (Vec<Entry>, Vec<Entry>) {
        (self.send.clear(), self.receive.clear())
    }
}

/// Shared by a queue pair, which posts, and its completion queue, which sees the end.
#[derive(Debug)]
pub(super) struct InFlight {
    work: Mutex<Work>,
    released: Condvar,
}

impl InFlight {
    pub(super) fn new(send_depth: u32, receive_depth: u32) -> Self {
        // Every queue pair has a range of its own, so that a late completion of one that is gone ends nothing.
        static QUEUE_PAIRS: AtomicU64 = AtomicU64::new(0);
        const WORK_BITS: u32 = 40;
        let first = (QUEUE_PAIRS.fetch_add(1, Ordering::Relaxed) << WORK_BITS) & (u64::MAX >> 1);
        let (send, receive) = (Queue::new(first, send_depth), Queue::new(first, receive_depth));
        let work = Work { send, receive, is_held: false };
        Self { work: Mutex::new(work), released: Condvar::new() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, once nobody holds posting back: who does has a limit of time.
    pub(super) fn lock_to_send(&self) -> MutexGuard<'_, Work> {
        let released = self.released.wait_while(self.lock(), |work| work.is_held);
        released.unwrap_or_else(PoisonError::into_inner)
    }

    /// Have whoever posts to the send queue wait until the hold is dropped.
    pub(super) fn hold(&self) -> Hold<'_> {
        self.lock_to_send().is_held = true;
        Hold(self)
    }
}

/// Nothing is posted to the send queue while this lives.
#[derive(Debug)]
pub(super) struct Hold<'a>(&'a InFlight);

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.0.lock().is_held = false;
        self.0.released.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(in_flight: &InFlight, id: u64, kind: WorkKind) -> Option<u64> {
        let mut work = in_flight.lock_to_send();
        let number = work.next(kind)?;
        work.posted(Entry { id: WorkId(id), kind });
        Some(number)
    }

    #[test]
    fn work_is_found_by_its_number() {
        let in_flight = InFlight::new(2, 1);
        let first = post(&in_flight, 70, WorkKind::Write).unwrap();
        let second = post(&in_flight, 71, WorkKind::Read).unwrap();
        let receive = post(&in_flight, 70, WorkKind::Receive).unwrap();
        assert_eq!(post(&in_flight, 72, WorkKind::Write), None, "it is full");
        assert_eq!(post(&in_flight, 72, WorkKind::Receive), None, "it is full");
        let end = |number| in_flight.lock().end(number).map(|entry| (entry.id.0, entry.kind));
        assert_eq!(end(receive), Some((70, WorkKind::Receive)));
        assert_eq!(end(receive), None, "it has ended before");
        assert_eq!(end(first), Some((70, WorkKind::Write)));
        assert_eq!(in_flight.lock().sending(), 1);
        assert_eq!(end(second), Some((71, WorkKind::Read)));
        assert_eq!(end(second + 2), None, "it was not posted");
    }

    #[test]
    fn what_was_cleared_ends_no_more() {
        let in_flight = InFlight::new(4, 4);
        let old = post(&in_flight, 1, WorkKind::Send).unwrap();
        post(&in_flight, 2, WorkKind::Receive).unwrap();
        let (lost, unfilled) = in_flight.lock().clear();
        assert_eq!(lost, [Entry { id: WorkId(1), kind: WorkKind::Send }]);
        assert_eq!(unfilled.len(), 1);
        let new = post(&in_flight, 3, WorkKind::Send).unwrap();
        assert_eq!(in_flight.lock().end(old), None);
        let later = InFlight::new(4, 4);
        post(&later, 9, WorkKind::Send).unwrap();
        assert_eq!(later.lock().end(new), None, "of another queue pair");
        assert_eq!(in_flight.lock().end(new).map(|entry| entry.id), Some(WorkId(3)));
    }

    #[test]
    fn posting_waits_while_it_is_held() {
        let in_flight = InFlight::new(4, 4);
        let hold = in_flight.hold();
        std::thread::scope(|scope| {
            let poster = scope.spawn(|| post(&in_flight, 1, WorkKind::Send));
            assert_eq!(in_flight.lock().sending(), 0);
            drop(hold);
            assert!(poster.join().unwrap().is_some());
        });
        assert_eq!(in_flight.lock().sending(), 1);
    }
}
