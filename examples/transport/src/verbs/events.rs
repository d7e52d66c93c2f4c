//! Asynchronous events: several threads may each wait for theirs.

use core::time::Duration;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;

use ib_mad::Qpn;

use super::system::{RawContext, RawEvent, Refused, wait_readable};

/// An event of a device (volume 1, section 11.6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// A queue pair's send queue is drained.
    Drained(Qpn),
    /// A queue pair has migrated to its alternate path.
    Migrated(Qpn),
    /// A queue pair has failed.
    Failed(Qpn),
    /// Something else about a queue pair, with libibverbs' number.
    QueuePair(Qpn, u32),
    /// A port has a link now.
    PortActive(u8),
    /// A port has lost its link.
    PortDown(u8),
    /// A port's table of GIDs has changed.
    GidsChanged(u8),
    /// Something else about a port, with libibverbs' number.
    Port(u8, u32),
    /// The device has failed.
    DeviceFailed,
    /// Another, with libibverbs' number.
    Other(u32),
}

impl Event {
    fn of(raw: RawEvent) -> Self {
        match (raw.kind, raw.queue_pair.and_then(Qpn::new), raw.port) {
            (1..=3, Some(number), _) => Self::Failed(number),
            (5, Some(number), _) => Self::Drained(number),
            (6, Some(number), _) => Self::Migrated(number),
            (kind, Some(number), _) => Self::QueuePair(number, kind),
            (9, None, Some(port)) => Self::PortActive(port),
            (10, None, Some(port)) => Self::PortDown(port),
            (18, None, Some(port)) => Self::GidsChanged(port),
            (kind, None, Some(port)) => Self::Port(port, kind),
            (8, None, None) => Self::DeviceFailed,
            (kind, None, None) => Self::Other(kind),
        }
    }
}

/// The events that nobody has taken yet. One thread at a time reads the device, for all.
#[derive(Debug, Default)]
pub(super) struct Events {
    state: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<Event>,
    is_read: bool,
}

impl Waiting {
    /// Of what nobody takes, the oldest are lost.
    fn keep(&mut self, event: Event) {
        const EVENTS: usize = 256;
        if self.events.len() == EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }
}

impl Events {
    /// The next event that `wanted` accepts, within `limit`. Others stay for who waits for them.
    pub(super) fn wait(
        &self,
        context: &RawContext,
        limit: Duration,
        wanted: impl Fn(&Event) -> bool,
    ) -> Result<Option<Event>, Refused> {
        let begun = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            while !state.is_read
                && let Some(event) = context.next_event()?
            {
                state.keep(Event::of(event));
            }
            if let Some(at) = state.events.iter().position(&wanted) {
                return Ok(state.events.remove(at));
            }
            let rest = limit.saturating_sub(begun.elapsed());
            if rest.is_zero() {
                return Ok(None);
            }
            if state.is_read {
                let waited = self.changed.wait_timeout(state, rest);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            state.is_read = true;
            drop(state);
            let readable = wait_readable(context.event_descriptor(), rest);
            state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.is_read = false;
            readable.map_err(|source| Refused { verb: "poll of the events", source })?;
            // What is there is read at the loop's beginning; whoever else waits looks too, or reads on.
            self.changed.notify_all();
        }
    }

    /// Forget events of a queue pair: its number may be given to another.
    pub(super) fn forget(&self, queue_pair: Qpn) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.events.retain(|event| {
            !matches!(event, Event::Drained(number) | Event::Migrated(number) | Event::Failed(number)
                | Event::QueuePair(number, _) if *number == queue_pair)
        });
    }
}
