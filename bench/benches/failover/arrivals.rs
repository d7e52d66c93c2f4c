//! When messages arrived, and how long none did.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::time::Duration;
use std::thread;
use std::time::Instant;

use peers::Namespaces;

use crate::Cut;

/// Messages that flow before the cut, and again after it.
const FLOW: usize = 200;
/// How long anything may take that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What the ends of one round share.
#[derive(Default)]
pub(crate) struct Progress {
    /// Messages that have arrived.
    pub(crate) arrived: AtomicUsize,
    /// No more are sent.
    pub(crate) is_over: AtomicBool,
}

/// What one round showed.
pub(crate) struct Silence {
    /// The longest time between two messages.
    pub(crate) longest: Duration,
    /// The usual time between two messages: a round trip.
    pub(crate) round_trip: Duration,
}

impl Silence {
    /// Of the times at which messages arrived.
    pub(crate) fn of(times: &[Instant]) -> Self {
        let mut between: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        between.sort_unstable();
        let longest = *between.last().expect("messages have arrived");
        Self { longest, round_trip: between[between.len() / 2] }
    }
}

impl Progress {
    /// Let messages flow, cut the link, and wait until they flow again.
    pub(crate) fn cut_while_flowing(&self, namespaces: &Namespaces, cut: Cut) {
        self.wait_for(FLOW);
        cut.begin(namespaces);
        self.wait_for(FLOW);
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Wait until so many more have arrived.
    fn wait_for(&self, count: usize) {
        let (start, before) = (Instant::now(), self.arrived.load(Ordering::Relaxed));
        while self.arrived.load(Ordering::Relaxed) < before + count {
            assert!(start.elapsed() < PATIENCE, "no messages flow");
            thread::sleep(Duration::from_millis(1));
        }
    }
}
