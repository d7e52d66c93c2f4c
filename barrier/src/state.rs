//! What a path goes through at the requester, as a table. The crate's documentation draws it.

/// What the requester holds of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathState {
    /// In use.
    Good,
    /// A request or a message took too long: a barrier is under way. The responder still accepts the path; nothing may
    /// be launched on it.
    Questioned,
    /// Its barrier has little time left, and the responder is being told to refuse the path, in case it fails.
    Doubted,
    /// Its barrier has little time left, and the responder refuses the path already.
    Suspended,
    /// Its barrier failed, and there is no good path over which the responder could be told. It still accepts the path.
    Failed,
    /// The responder is being told to refuse the path.
    TellingDown,
    /// The responder refuses the path. What was sent on it may be sent on another.
    Bad,
    /// The path has passed a barrier, and the responder is being told to accept it again.
    TellingUp,
}

/// What happens to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Input {
    /// A request on it, or supervisory messages over it, were not answered.
    TimedOut,
    /// Its barrier passed.
    Passed,
    /// Its barrier failed.
    BarrierFailed,
    /// Its barrier has little time left, and another path is good.
    RunsOut,
    /// Another path is good.
    CanTell,
    /// The responder acknowledged what it is being told.
    Acknowledged,
    /// It was told as often as allowed, and did not answer.
    GaveUp,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Action {
    /// Nothing.
    None,
    /// Begin a barrier.
    StartBarrier,
    /// Begin to tell the responder that the path is down, with a new number.
    TellDown,
    /// Begin to tell the responder that the path is up, with a new number.
    TellUp,
    /// Go on telling, with the same number.
    TellAgain,
    /// It was told: say nothing more, and let the barrier decide.
    StopTelling,
    /// Tell the caller that the path passed a barrier.
    AnnouncePassed,
    /// Tell the caller that the path failed.
    AnnounceFailed,
    /// Tell the caller that the responder refuses the path.
    AnnounceDown,
    /// Tell the caller that the path is in use again.
    AnnounceUp,
}

impl PathState {
    /// The transition table.
    #[deny(clippy::wildcard_enum_match_arm, clippy::match_wildcard_for_single_variants)]
    pub(crate) const fn next(self, input: Input) -> (Self, Action) {
        use Action as A;
        use Input as I;
        use PathState as P;
        match (self, input) {
            (P::Good, I::TimedOut) => (P::Questioned, A::StartBarrier),
            (
                P::Questioned
                | P::Doubted
                | P::Suspended
                | P::Failed
                | P::TellingDown
                | P::Bad
                | P::TellingUp,
                I::TimedOut,
            ) => (self, A::None),

            (P::Questioned | P::Failed, I::Passed) => (P::Good, A::AnnouncePassed),
            (P::Doubted | P::Suspended | P::TellingDown | P::Bad, I::Passed) => (P::TellingUp, A::TellUp),
            (P::Good | P::TellingUp, I::Passed) => (self, A::None),

            (P::Questioned, I::BarrierFailed) => (P::Failed, A::AnnounceFailed),
            (P::Doubted, I::BarrierFailed) => (P::TellingDown, A::AnnounceFailed),
            (P::Suspended, I::BarrierFailed) => (P::Bad, A::AnnounceDown),
            (P::Good | P::Failed | P::TellingDown | P::Bad | P::TellingUp, I::BarrierFailed) => {
                (self, A::None)
            }

            (P::Questioned, I::RunsOut) => (P::Doubted, A::TellDown),
            (
                P::Good | P::Doubted | P::Suspended | P::Failed | P::TellingDown | P::Bad | P::TellingUp,
                I::RunsOut,
            ) => (self, A::None),

            (P::Failed, I::CanTell) => (P::TellingDown, A::TellDown),
            (
                P::Good | P::Questioned | P::Doubted | P::Suspended | P::TellingDown | P::Bad | P::TellingUp,
                I::CanTell,
            ) => (self, A::None),

            (P::Doubted, I::Acknowledged) => (P::Suspended, A::StopTelling),
            (P::TellingDown, I::Acknowledged) => (P::Bad, A::AnnounceDown),
            (P::TellingUp, I::Acknowledged) => (P::Good, A::AnnounceUp),
            (P::Good | P::Questioned | P::Suspended | P::Failed | P::Bad, I::Acknowledged) => (self, A::None),

            (P::Doubted | P::TellingDown, I::GaveUp) => (self, A::TellAgain),
            (P::TellingUp, I::GaveUp) => (P::TellingDown, A::TellDown),
            (P::Good | P::Questioned | P::Suspended | P::Failed | P::Bad, I::GaveUp) => (self, A::None),
        }
    }

    /// Whether barriers are repeated on the path from time to time.
    pub(crate) const fn is_probed(self) -> bool {
        matches!(self, Self::Failed | Self::TellingDown | Self::Bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Action as A;
    use Input as I;
    use PathState as P;

    const STATES: [PathState; 8] =
        [P::Good, P::Questioned, P::Doubted, P::Suspended, P::Failed, P::TellingDown, P::Bad, P::TellingUp];
    const INPUTS: [Input; 7] =
        [I::TimedOut, I::Passed, I::BarrierFailed, I::RunsOut, I::CanTell, I::Acknowledged, I::GaveUp];

    /// The whole table: a row a state, a column an input.
    #[test]
    fn the_table_is_this_one() {
        #[rustfmt::skip]
        let expected: [[(PathState, Action); 7]; 8] = [
            // TimedOut                         Passed                        BarrierFailed                        RunsOut                      CanTell                         Acknowledged                      GaveUp
            [(P::Questioned, A::StartBarrier), (P::Good, A::None),           (P::Good, A::None),                  (P::Good, A::None),          (P::Good, A::None),             (P::Good, A::None),               (P::Good, A::None)],
            [(P::Questioned, A::None),         (P::Good, A::AnnouncePassed), (P::Failed, A::AnnounceFailed),      (P::Doubted, A::TellDown),   (P::Questioned, A::None),       (P::Questioned, A::None),         (P::Questioned, A::None)],
            [(P::Doubted, A::None),            (P::TellingUp, A::TellUp),    (P::TellingDown, A::AnnounceFailed), (P::Doubted, A::None),       (P::Doubted, A::None),          (P::Suspended, A::StopTelling),   (P::Doubted, A::TellAgain)],
            [(P::Suspended, A::None),          (P::TellingUp, A::TellUp),    (P::Bad, A::AnnounceDown),           (P::Suspended, A::None),     (P::Suspended, A::None),        (P::Suspended, A::None),          (P::Suspended, A::None)],
            [(P::Failed, A::None),             (P::Good, A::AnnouncePassed), (P::Failed, A::None),                (P::Failed, A::None),        (P::TellingDown, A::TellDown),  (P::Failed, A::None),             (P::Failed, A::None)],
            [(P::TellingDown, A::None),        (P::TellingUp, A::TellUp),    (P::TellingDown, A::None),           (P::TellingDown, A::None),   (P::TellingDown, A::None),      (P::Bad, A::AnnounceDown),        (P::TellingDown, A::TellAgain)],
            [(P::Bad, A::None),                (P::TellingUp, A::TellUp),    (P::Bad, A::None),                   (P::Bad, A::None),           (P::Bad, A::None),              (P::Bad, A::None),                (P::Bad, A::None)],
            [(P::TellingUp, A::None),          (P::TellingUp, A::None),      (P::TellingUp, A::None),             (P::TellingUp, A::None),     (P::TellingUp, A::None),        (P::Good, A::AnnounceUp),         (P::TellingDown, A::TellDown)],
        ];
        for (row, state) in STATES.into_iter().enumerate() {
            for (column, input) in INPUTS.into_iter().enumerate() {
                assert_eq!(state.next(input), expected[row][column], "{state:?} on {input:?}");
            }
        }
    }

    /// From every state, a path whose barriers pass and a responder that answers lead back to a path in use.
    #[test]
    fn every_state_leads_back_to_good() {
        for mut state in STATES {
            let mut steps = 0;
            while state != P::Good {
                let input = if state == P::TellingUp { I::Acknowledged } else { I::Passed };
                state = state.next(input).0;
                steps += 1;
                assert!(steps <= 2);
            }
        }
    }
}
