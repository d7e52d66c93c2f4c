use core::time::Duration;

use alloc::collections::VecDeque;
use ib_mad::TransactionId;

/// Which Reports were already heard. A manager repeats a Report until it has the answer, with the same transaction
/// id; the repetition must be answered again, but is no new event.
///
/// Ids are forgotten after a while, since a manager that restarts counts from its first one again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Repeats {
    /// Oldest first, and so in the order of their deadlines.
    heard: VecDeque<(TransactionId, Duration)>,
    window: Duration,
}

impl Repeats {
    /// Reports that are remembered at most: a flood of new ones shortens the memory, never the event.
    const CAPACITY: usize = 64;

    pub(crate) fn new(window: Duration) -> Self {
        Self { heard: VecDeque::new(), window }
    }

    /// Whether `id` is heard for the first time.
    pub(crate) fn is_new(&mut self, now: Duration, id: TransactionId) -> bool {
        while self.heard.front().is_some_and(|(_, until)| *until <= now) {
            self.heard.pop_front();
        }
        if self.heard.iter().any(|(known, _)| *known == id) {
            return false;
        }
        if self.heard.len() == Self::CAPACITY {
            self.heard.pop_front();
        }
        self.heard.push_back((id, now.saturating_add(self.window)));
        true
    }

    /// Another manager has ids of its own.
    pub(crate) fn clear(&mut self) {
        self.heard.clear();
    }

    pub(crate) fn rebase(&mut self, epoch: Duration) {
        for (_, until) in &mut self.heard {
            *until = until.saturating_sub(epoch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(1_000_000);

    #[test]
    fn a_repetition_is_known_until_the_window_ends() {
        let mut repeats = Repeats::new(Duration::from_secs(10));
        assert!(repeats.is_new(START, TransactionId(1)));
        assert!(!repeats.is_new(START + Duration::from_secs(9), TransactionId(1)));
        assert!(
            repeats.is_new(START + Duration::from_secs(10), TransactionId(1)),
            "a restarted manager's first id"
        );
    }

    #[test]
    fn memory_is_bounded() {
        let mut repeats = Repeats::new(Duration::from_secs(10));
        for id in 0..1000 {
            assert!(repeats.is_new(START, TransactionId(id)));
        }
        assert_eq!(repeats.heard.len(), Repeats::CAPACITY);
        assert!(!repeats.is_new(START, TransactionId(999)));
    }
}
