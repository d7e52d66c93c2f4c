//! Completion queues: what became of the work of one or more queue pairs.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ib_mad::Qpn;

use super::completion::{Completion, WorkStatus};
use super::in_flight::InFlight;
use super::system::{RawCompletion, RawCompletionQueue, Refused, wait_readable};
use super::{Port, VerbsError};

/// Completions taken in one call of the library.
const BATCH: usize = 32;

/// A completion queue, of one port, for one or more queue pairs. One thread at a time waits for it.
#[derive(Debug)]
pub struct CompletionQueue {
    // Freed before the port's device.
    pub(super) raw: Arc<RawCompletionQueue>,
    state: Mutex<State>,
    port: Port,
}

#[derive(Debug, Default)]
struct State {
    queue_pairs: BTreeMap<u32, Arc<InFlight>>,
    /// Completions that were seen while somebody waited for a queue pair to drain. There are never more than the queues
    /// of the queue pairs are deep.
    seen: VecDeque<Completion>,
}

impl State {
    /// What a completion means; nothing, when its work was given up before, or its queue pair is gone.
    fn take_in(&mut self, raw: &RawCompletion) -> Option<Completion> {
        let entry = self.queue_pairs.get(&raw.queue_pair)?.lock().end(raw.id)?;
        let status = WorkStatus::from_code(raw.status);
        if status != WorkStatus::Success {
            tracing::debug!(queue_pair = raw.queue_pair, vendor_error = raw.vendor_error, "{status}");
        }
        Some(Completion {
            id: entry.id,
            kind: entry.kind,
            queue_pair: Qpn::new(raw.queue_pair)?,
            status,
            length: raw.length,
            source: Qpn::new(raw.source),
            has_route: raw.has_route,
        })
    }
}

impl CompletionQueue {
    pub(super) fn new(port: &Port, capacity: u32) -> Result<Self, VerbsError> {
        let raw = RawCompletionQueue::new(&port.shared.context, capacity)
            .map_err(VerbsError::verb(format!("port {}", port.name())))?;
        Ok(Self { raw: Arc::new(raw), state: Mutex::default(), port: port.clone() })
    }

    pub(super) const fn port(&self) -> &Port {
        &self.port
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refused(&self, refused: Refused) -> VerbsError {
        VerbsError::verb(format!("completions of port {}", self.port.name()))(refused)
    }

    /// Give the completions that there are to `each`, without waiting, and return their number.
    ///
    /// # Errors
    /// When the device has failed.
    pub fn poll(&self, mut each: impl FnMut(Completion)) -> Result<usize, VerbsError> {
        let mut state = self.lock();
        let mut count = state.seen.len();
        state.seen.drain(..).for_each(&mut each);
        loop {
            let taken = self.raw.poll::<BATCH>(|raw| {
                if let Some(completion) = state.take_in(&raw) {
                    count += 1;
                    each(completion);
                }
            });
            if taken.map_err(|refused| self.refused(refused))? < BATCH {
                return Ok(count);
            }
        }
    }

    /// Wait until there is a completion, and give all that there are to `each`; nothing within `limit` is no error.
    ///
    /// # Errors
    /// When the device has failed.
    pub fn wait(&self, limit: Duration, mut each: impl FnMut(Completion)) -> Result<usize, VerbsError> {
        let begun = Instant::now();
        loop {
            let count = self.poll(&mut each)?;
            let rest = limit.saturating_sub(begun.elapsed());
            if count > 0 || rest.is_zero() {
                return Ok(count);
            }
            self.raw.arm().map_err(|refused| self.refused(refused))?;
            // One may have come before it was armed.
            let count = self.poll(&mut each)?;
            if count > 0 {
                return Ok(count);
            }
            wait_readable(self.raw.descriptor(), rest)
                .map_err(|source| self.refused(Refused { verb: "poll of the completions", source }))?;
            self.raw.clear_events().map_err(|refused| self.refused(refused))?;
        }
    }

    /// The next completion, whatever its status.
    ///
    /// # Errors
    /// [`VerbsError::NoCompletion`] when there is none within `limit`.
    pub fn next(&self, limit: Duration) -> Result<Completion, VerbsError> {
        let begun = Instant::now();
        loop {
            // The first is taken; those behind it stay.
            if let Some(completion) = self.lock().seen.pop_front() {
                return Ok(completion);
            }
            let mut all = VecDeque::new();
            self.wait(limit.saturating_sub(begun.elapsed()), |completion| all.push_back(completion))?;
            if all.is_empty() {
                return Err(VerbsError::NoCompletion { waited: limit });
            }
            self.lock().seen.append(&mut all);
        }
    }

    /// The descriptor becomes readable with the next completion: for a program that waits for several things. Poll once more
    /// after this: one may have come before.
    ///
    /// # Errors
    /// When the device has failed.
    pub fn arm(&self) -> Result<BorrowedFd<'_>, VerbsError> {
        self.raw.clear_events().map_err(|refused| self.refused(refused))?;
        self.raw.arm().map_err(|refused| self.refused(refused))?;
        Ok(self.raw.descriptor())
    }

    /// Wait up to `limit` for another completion, and take it in for a later poll.
    pub(super) fn wait_for_more(&self, limit: Duration) -> Result<(), VerbsError> {
        self.raw.arm().map_err(|refused| self.refused(refused))?;
        let before = self.lock().seen.len();
        self.gather()?;
        if self.lock().seen.len() > before {
            return Ok(());
        }
        wait_readable(self.raw.descriptor(), limit)
            .map_err(|source| self.refused(Refused { verb: "poll of the completions", source }))?;
        self.raw.clear_events().map_err(|refused| self.refused(refused))
    }

    /// Take in what there is, for a later poll.
    pub(super) fn gather(&self) -> Result<(), VerbsError> {
        let mut all = VecDeque::new();
        self.poll(|completion| all.push_back(completion))?;
        let mut state = self.lock();
        all.append(&mut state.seen);
        state.seen = all;
        Ok(())
    }

    pub(super) fn add(&self, queue_pair: u32, in_flight: &Arc<InFlight>) {
        self.lock().queue_pairs.insert(queue_pair, Arc::clone(in_flight));
    }

    /// A queue pair is gone: its number may be given to another.
    pub(super) fn remove(&self, queue_pair: Qpn) {
        // What cannot be read cannot be taken for another's either.
        let _ = self.gather();
        let mut state = self.lock();
        state.queue_pairs.remove(&queue_pair.get());
        state.seen.retain(|completion| completion.queue_pair != queue_pair);
    }
}

impl AsFd for CompletionQueue {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.raw.descriptor()
    }
}
