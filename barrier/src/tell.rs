use core::time::Duration;

use crate::{Path, PathSet};

/// The supervisory message that the responder is being told about one path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tell {
    step: Step,
    /// Whether it was ever sent: only then can it have been answered.
    is_out: bool,
    /// Times it was sent since the count began.
    sent: u8,
    /// The paths that it went over since.
    over: PathSet,
    /// Messages of any number sent about the path: what the next id is made of.
    operations: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    /// There is nothing to tell.
    Idle,
    /// To be sent as soon as there is a path for it.
    Due,
    /// Sent; to be sent again at this time.
    Waiting(Duration),
}

/// What to do about a message that was not answered in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// It is sent again.
    Again,
    /// It went over these paths, as often as it may.
    GaveUp(PathSet),
}

impl Tell {
    pub(crate) const fn new() -> Self {
        Self { step: Step::Idle, is_out: false, sent: 0, over: PathSet::EMPTY, operations: 0 }
    }

    /// Begin to tell another message.
    pub(crate) const fn start(&mut self) {
        self.is_out = false;
        self.again();
    }

    /// Begin the count again.
    pub(crate) const fn again(&mut self) {
        (self.step, self.sent, self.over) = (Step::Due, 0, PathSet::EMPTY);
    }

    pub(crate) const fn stop(&mut self) {
        self.start();
        self.step = Step::Idle;
    }

    pub(crate) const fn is_out(&self) -> bool {
        self.is_out
    }

    pub(crate) const fn is_due(&self) -> bool {
        matches!(self.step, Step::Due)
    }

    /// The path for the next attempt: they take turns, so that one bad path among `candidates` costs one attempt.
    pub(crate) fn choose(&self, candidates: PathSet) -> Option<Path> {
        let turn = usize::from(self.sent).checked_rem(candidates.len())?;
        candidates.iter().nth(turn)
    }

    /// Take note that it is sent over `via` now, to be repeated at `until`. Returns the number of the attempt.
    pub(crate) const fn send(&mut self, via: Path, until: Duration) -> u64 {
        self.step = Step::Waiting(until);
        self.is_out = true;
        self.sent = self.sent.saturating_add(1);
        self.over.insert(via);
        self.operations = self.operations.wrapping_add(1);
        self.operations
    }

    /// What to do when no answer has come until `now`, out of `attempts` that are allowed.
    pub(crate) fn expire(&mut self, now: Duration, attempts: u8) -> Option<Unanswered> {
        self.deadline().filter(|until| *until <= now)?;
        if self.sent >= attempts {
            return Some(Unanswered::GaveUp(self.over));
        }
        self.step = Step::Due;
        Some(Unanswered::Again)
    }

    pub(crate) const fn deadline(&self) -> Option<Duration> {
        match self.step {
            Step::Waiting(until) => Some(until),
            Step::Idle | Step::Due => None,
        }
    }

    pub(crate) fn rebase(&mut self, epoch: Duration) {
        if let Step::Waiting(until) = &mut self.step {
            *until = until.saturating_sub(epoch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn attempts_take_turns_and_end() {
        let good = PathSet::from_bits(0b1010);
        let mut tell = Tell::new();
        assert!(!tell.is_due() && tell.deadline().is_none());
        tell.start();
        let mut now = Duration::from_secs(1 << 40);
        for (attempt, via) in (1..).zip([Path::ALL[1], Path::ALL[3], Path::ALL[1]]) {
            assert!(tell.is_due());
            assert_eq!(tell.choose(good), Some(via));
            assert_eq!(tell.send(via, now + SECOND), attempt);
            assert!(!tell.is_due());
            assert_eq!(tell.expire(now, 3), None);
            now += SECOND;
            let expected = if attempt < 3 { Unanswered::Again } else { Unanswered::GaveUp(good) };
            assert_eq!(tell.expire(now, 3), Some(expected));
        }
        assert_eq!(tell.choose(PathSet::EMPTY), None);
        tell.again();
        assert!(tell.is_due() && tell.is_out(), "the same message was sent before");
        tell.send(Path::ALL[0], now + SECOND);
        let gave_up = Unanswered::GaveUp(PathSet::only(Path::ALL[0]));
        assert_eq!(tell.expire(now + SECOND, 1), Some(gave_up), "the paths of this count only");
        tell.start();
        assert!(tell.is_due() && !tell.is_out(), "another one was not");
        tell.stop();
        assert_eq!(tell.expire(now, 3), None);
    }
}
