//! What was handed in and what arrived, and what that says of a failover.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::time::Duration;
use std::thread;
use std::time::Instant;

use peers::Namespaces;

use crate::MESSAGE;
use crate::cut::{Cut, Moment};

/// Messages that flow before the cut, and again after it.
const FLOW: usize = 200;
/// How long anything may take that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What the ends of one round share.
#[derive(Default)]
pub(crate) struct Progress {
    /// Messages that were handed in.
    pub(crate) handed_in: AtomicUsize,
    /// Messages that have arrived.
    pub(crate) arrived: AtomicUsize,
    /// No more are sent.
    pub(crate) is_over: AtomicBool,
}

impl Progress {
    /// Let messages flow, cut the link, and wait until they flow again. Returns when it was cut.
    pub(crate) fn cut_while_flowing(&self, namespaces: &Namespaces, cut: Cut) -> Moment {
        self.wait_for(FLOW);
        let time = cut.begin(namespaces);
        if let Moment::At(time) = time {
            thread::sleep(time.saturating_duration_since(Instant::now()));
        }
        self.wait_for(FLOW);
        self.end();
        time
    }

    fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Ends the round when it is dropped, so that a mistake of one thread ends the others.
    pub(crate) fn end_on_drop(&self) -> impl Drop {
        struct End<'a>(&'a Progress);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                self.0.end();
            }
        }
        End(self)
    }

    /// Wait until so many have arrived of those that are handed in from now on.
    fn wait_for(&self, count: usize) {
        let (start, before) = (Instant::now(), self.handed_in.load(Ordering::Relaxed));
        while self.arrived.load(Ordering::Relaxed) < before + count {
            assert!(start.elapsed() < PATIENCE, "no messages flow");
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A message that says which it is.
pub(crate) fn message(number: usize) -> [u8; MESSAGE] {
    let mut message = [7; MESSAGE];
    message[..8].copy_from_slice(&(number as u64).to_be_bytes());
    message
}

/// Which message it is.
pub(crate) fn number_of(message: &[u8]) -> usize {
    let number = message.first_chunk().expect("a message begins with its number");
    usize::try_from(u64::from_be_bytes(*number)).expect("few are sent")
}

/// How long one round had nothing delivered.
#[derive(Clone, Copy)]
pub(crate) struct Failover {
    /// From the cut to the first message after it.
    pub(crate) from_cut: Duration,
    /// From the last message before the cut to the first after it, both at the receiver.
    pub(crate) silence: Duration,
}

impl Failover {
    /// Of the last message that came over the link that was cut, and the first after it. If nobody knows when it was cut, the
    /// stream tells the earliest that it can have been: what passed had been handed in before.
    pub(crate) fn of(handed_in: &[Instant], last: Arrival, first: Arrival, cut: Moment) -> Self {
        let cut = match cut {
            Moment::At(cut) => cut,
            Moment::After(_) => handed_in[last.0],
        };
        Self { from_cut: first.1.saturating_duration_since(cut), silence: first.1 - last.1 }
    }
}

/// Which message arrived, and when.
pub(crate) type Arrival = (usize, Instant);
