use core::time::Duration;

/// The latest time seen: one that goes back counts as no time passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Clock(Duration);

impl Clock {
    /// Take note of `now`, and return the latest time.
    pub(crate) fn advance(&mut self, now: Duration) -> Duration {
        self.0 = self.0.max(now);
        self.0
    }

    pub(crate) fn rebase(&mut self, epoch: Duration) {
        self.0 = self.0.saturating_sub(epoch);
    }
}
