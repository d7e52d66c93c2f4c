//! Which unordered packets are known to be lost, since an answer to a later one came on the same path.
//!
//! A path that keeps its order answers packets in the order in which they were sent on it. Where an answer is left out, the
//! packet or its answer is lost, and can be sent again without waiting for its deadline and without a barrier: nothing of it is
//! on the way. A path that does not keep its order shows it by an answer that comes behind a later one. From then on nothing
//! is concluded there.

use core::num::NonZeroU64;

use barrier::{Path, PathSet};

/// Which unordered packet it is on its path, of whatever virtual interface.
pub(super) type Turn = NonZeroU64;

/// The unordered packets on each path, in the order in which they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Turns {
    /// The last that was sent.
    sent: [u64; Path::COUNT],
    /// The last that was answered.
    answered: [u64; Path::COUNT],
    /// Paths that have shown that they do not keep their order.
    disordered: PathSet,
}

impl Turns {
    /// The turn of a packet that is sent now.
    pub(super) fn take(&mut self, path: Path) -> Turn {
        let sent = &mut self.sent[path.index()];
        let turn = NonZeroU64::MIN.saturating_add(*sent);
        *sent = turn.get();
        turn
    }

    /// A packet was answered. Returns whether that tells that those before it, if any is unanswered, are lost.
    pub(super) fn handle_answer(&mut self, path: Path, turn: Turn) -> bool {
        let answered = &mut self.answered[path.index()];
        if turn.get() <= *answered {
            self.note_disorder(path);
            return false;
        }
        let is_next = turn.get() - *answered == 1;
        *answered = turn.get();
        !is_next && !self.disordered.contains(path)
    }

    /// An answer came behind a later one.
    pub(super) fn note_disorder(&mut self, path: Path) {
        self.disordered.insert(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: Path = Path::ALL[1];

    #[test]
    fn an_answer_that_is_left_out_tells_of_a_loss() {
        let mut turns = Turns::default();
        let sent: [Turn; 5] = core::array::from_fn(|_| turns.take(PATH));
        assert!(!turns.handle_answer(PATH, sent[0]));
        assert!(!turns.handle_answer(PATH, sent[1]));
        assert!(turns.handle_answer(PATH, sent[3]));
        assert!(!turns.handle_answer(PATH, sent[4]));
        // Another path has its own order.
        assert_eq!(turns.take(Path::ALL[0]).get(), 1);
    }

    #[test]
    fn nothing_is_concluded_where_answers_overtake_each_other() {
        let mut turns = Turns::default();
        let sent: [Turn; 4] = core::array::from_fn(|_| turns.take(PATH));
        assert!(turns.handle_answer(PATH, sent[1]));
        assert!(!turns.handle_answer(PATH, sent[0]));
        assert!(!turns.handle_answer(PATH, sent[3]));
    }
}
