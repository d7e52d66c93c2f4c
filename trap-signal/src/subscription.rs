//! What a subscriber to a manager's events goes through, as a table.
//!
//! ```text
//!               manager known                confirmed
//!  NoManager ──────────────────▶ Subscribing ─────────▶ Standing ──due──▶ Verifying
//!      ▲                           ▲  │  ▲                 ▲                │ │ │
//!      │ manager gone              │  │  └── due ── Refused│◀── confirmed ──┘ │ │
//!      └── (from every phase)      │  └─ failed ──▶  ▲     │                  │ │
//!                                  │                 └─────┼────── failed ────┼─┘
//!                                  └───────────────────────┴────── absent ────┘
//! ```
//!
//! A subscription lives in the manager's memory, so that it is lost when the manager restarts without telling, when
//! another takes over, and when the subscriber's LID changes: the first shows when it is verified, the others come
//! as [`Input::ManagerKnown`] (so does a client reregister).

/// Where a subscriber stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// No subnet manager has configured the port.
    NoManager,
    /// The request is on its way.
    Subscribing,
    /// The manager has confirmed.
    Standing,
    /// The manager is being asked whether the subscription still stands.
    Verifying,
    /// The manager refused, or did not answer: it is asked again later.
    Refused,
}

/// What happens to a subscriber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// A manager configured the port: for the first time, anew (client reregister), another one, or with a new LID.
    ManagerKnown,
    /// The port lost its manager.
    ManagerGone,
    /// The time of the phase has come: to verify, or to try again.
    Due,
    /// The manager confirmed the subscription.
    Confirmed,
    /// The manager does not know the subscription.
    Absent,
    /// The manager refused, or did not answer in time.
    Failed,
}

/// What a subscriber has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Nothing.
    None,
    /// Forget what was asked before, and send the subscription.
    Subscribe,
    /// As [`Subscribe`](Self::Subscribe); and since events may have been missed, say so.
    SubscribeAgain,
    /// Ask whether it stands.
    Verify,
    /// Tell that it stands now, and set the time to verify it.
    AnnounceStanding,
    /// It still stands: set the time to verify it next.
    WaitToVerify,
    /// Set the time to try again.
    WaitToRetry,
    /// Forget what was asked before.
    Forget,
}

impl Phase {
    /// The transition table.
    #[must_use]
    #[deny(clippy::wildcard_enum_match_arm, clippy::match_wildcard_for_single_variants)]
    pub const fn next(self, input: Input) -> (Self, Action) {
        use Action as A;
        use Input as I;
        use Phase as P;
        match (self, input) {
            (P::NoManager, I::ManagerKnown) => (P::Subscribing, A::Subscribe),
            (P::Subscribing | P::Refused, I::ManagerKnown) => (P::Subscribing, A::Subscribe),
            (P::Standing | P::Verifying, I::ManagerKnown) => (P::Subscribing, A::SubscribeAgain),

            (P::NoManager, I::ManagerGone) => (P::NoManager, A::None),
            (P::Subscribing | P::Standing | P::Verifying | P::Refused, I::ManagerGone) => {
                (P::NoManager, A::Forget)
            }

            (P::Standing, I::Due) => (P::Verifying, A::Verify),
            (P::Refused, I::Due) => (P::Subscribing, A::Subscribe),
            (P::NoManager | P::Subscribing | P::Verifying, I::Due) => (self, A::None),

            (P::Subscribing, I::Confirmed) => (P::Standing, A::AnnounceStanding),
            (P::Verifying, I::Confirmed) => (P::Standing, A::WaitToVerify),
            (P::NoManager | P::Standing | P::Refused, I::Confirmed) => (self, A::None),

            (P::Verifying, I::Absent) => (P::Subscribing, A::SubscribeAgain),
            (P::NoManager | P::Subscribing | P::Standing | P::Refused, I::Absent) => (self, A::None),

            (P::Subscribing | P::Verifying, I::Failed) => (P::Refused, A::WaitToRetry),
            (P::NoManager | P::Standing | P::Refused, I::Failed) => (self, A::None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Action as A;
    use Input as I;
    use Phase as P;

    const PHASES: [Phase; 5] = [P::NoManager, P::Subscribing, P::Standing, P::Verifying, P::Refused];
    const INPUTS: [Input; 6] = [I::ManagerKnown, I::ManagerGone, I::Due, I::Confirmed, I::Absent, I::Failed];

    /// The whole table: a row a phase, a column an input.
    #[test]
    fn the_table_is_this_one() {
        #[rustfmt::skip]
        let expected: [[(Phase, Action); 6]; 5] = [
            // ManagerKnown                        ManagerGone                 Due                           Confirmed                         Absent                              Failed
            [(P::Subscribing, A::Subscribe),      (P::NoManager, A::None),   (P::NoManager, A::None),        (P::NoManager, A::None),          (P::NoManager, A::None),            (P::NoManager, A::None)],
            [(P::Subscribing, A::Subscribe),      (P::NoManager, A::Forget), (P::Subscribing, A::None),      (P::Standing, A::AnnounceStanding), (P::Subscribing, A::None),        (P::Refused, A::WaitToRetry)],
            [(P::Subscribing, A::SubscribeAgain), (P::NoManager, A::Forget), (P::Verifying, A::Verify),      (P::Standing, A::None),           (P::Standing, A::None),             (P::Standing, A::None)],
            [(P::Subscribing, A::SubscribeAgain), (P::NoManager, A::Forget), (P::Verifying, A::None),        (P::Standing, A::WaitToVerify),   (P::Subscribing, A::SubscribeAgain), (P::Refused, A::WaitToRetry)],
            [(P::Subscribing, A::Subscribe),      (P::NoManager, A::Forget), (P::Subscribing, A::Subscribe), (P::Refused, A::None),            (P::Refused, A::None),              (P::Refused, A::None)],
        ];
        for (row, phase) in PHASES.into_iter().enumerate() {
            for (column, input) in INPUTS.into_iter().enumerate() {
                assert_eq!(phase.next(input), expected[row][column], "{phase:?} on {input:?}");
            }
        }
    }

    /// From every phase, a manager that is there and answers leads to a standing subscription.
    #[test]
    fn every_phase_gets_there_with_a_willing_manager() {
        for mut phase in PHASES {
            let mut steps = 0;
            while phase != P::Standing {
                let input = match phase {
                    P::NoManager => I::ManagerKnown,
                    P::Subscribing | P::Verifying => I::Confirmed,
                    P::Refused => I::Due,
                    P::Standing => unreachable!(),
                };
                phase = phase.next(input).0;
                steps += 1;
                assert!(steps < 4);
            }
        }
    }
}
