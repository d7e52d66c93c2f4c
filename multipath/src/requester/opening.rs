//! The opening of a virtual interface: asked on every path until one answers.

use core::time::Duration;

use barrier::{Path, PathSet};

use crate::wire::OpenVi;

/// No path is known to be good before one has answered, so that each is tried, and all of them again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Opening {
    message: OpenVi,
    /// Paths on which it was not sent yet in this round.
    left: PathSet,
    /// When the next round begins.
    due: Duration,
}

impl Opening {
    pub(super) const fn new(message: OpenVi, now: Duration) -> Self {
        Self { message, left: PathSet::EMPTY, due: now }
    }

    pub(super) const fn vi(&self) -> u16 {
        self.message.vi
    }

    pub(super) const fn message(&self) -> &OpenVi {
        &self.message
    }

    /// The responder wants its instance repeated: at once, and on every path.
    pub(super) const fn confirm(&mut self, now: Duration, instance: u64) {
        if self.message.instance != instance {
            self.message.instance = instance;
            self.due = now;
        }
    }

    pub(super) const fn due(&self) -> Duration {
        self.due
    }

    /// The path to send it on now.
    pub(super) fn poll(&mut self, now: Duration, every: Duration, paths: PathSet) -> Option<Path> {
        if self.due <= now {
            self.due = now.saturating_add(every);
            self.left = paths;
        }
        let path = self.left.iter().next()?;
        self.left.remove(path);
        Some(path)
    }

    pub(super) fn rebase(&mut self, epoch: Duration) {
        self.due = self.due.saturating_sub(epoch);
    }
}
