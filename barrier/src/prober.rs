use core::time::Duration;

use crate::clock::Clock;
use crate::{BarrierNumber, Completion, Incarnation, Lane, NumberSource, Op, OpFailed, OpId, Path};

/// What came of a barrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BarrierOutcome {
    /// On every lane the number came back: nothing that was sent on the path before is still on the way.
    Passed,
    /// An operation took too long or could not be carried out, or numbers never matched.
    Failed,
}

/// What a completion was good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handled {
    /// It is not of an operation under way: of an earlier attempt, or not of this prober. Nothing changed.
    Late,
    /// It was taken; the barrier goes on.
    Taken,
    /// It ended the barrier.
    Ended(BarrierOutcome),
}

/// One barrier at a time on one path: on each lane it writes a number at the responder and reads it back.
///
/// ```text
///                     ┌──────────── another number came back ───────────┐
///                     ▼                                                 │
///   start ──▶ write due ──▶ writing ── written ──▶ read due ──▶ reading ┴ the number ──▶ passed
/// ```
///
/// Lanes go through this side by side. The barrier has passed when all have; it fails when one operation takes longer
/// than `operation_timeout` or cannot be carried out, or when `barrier_timeout` is over. It is the barrier of US 6,545,981
/// B1, columns 11 and 12, but that numbers which keep differing come to an end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Prober {
    path: Path,
    lanes: u8,
    operation_timeout: Duration,
    barrier_timeout: Duration,
    clock: Clock,
    running: Option<Barrier>,
    attempts: [LaneAttempt; Lane::COUNT],
}

/// The barrier under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Barrier {
    incarnation: Incarnation,
    deadline: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct LaneAttempt {
    phase: Phase,
    /// Operations asked for so far, in every barrier: what the next id is made of.
    operations: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    /// No barrier is under way, or none on this lane.
    Idle,
    /// Since this time.
    WriteDue(Duration),
    Writing {
        number: BarrierNumber,
        deadline: Duration,
    },
    ReadDue {
        number: BarrierNumber,
    },
    Reading {
        number: BarrierNumber,
        deadline: Duration,
    },
    Passed,
}

impl Phase {
    const fn deadline(self) -> Option<Duration> {
        match self {
            Self::Writing { deadline, .. } | Self::Reading { deadline, .. } => Some(deadline),
            Self::Idle | Self::WriteDue(_) | Self::ReadDue { .. } | Self::Passed => None,
        }
    }
}

impl Prober {
    /// A prober that has nothing to do yet, for the first `lanes` lanes of a path: 1 to 4. More count as 4; with none a
    /// barrier has nothing to do, and fails when `barrier_timeout` is over.
    #[must_use]
    pub fn new(path: Path, lanes: u8, operation_timeout: Duration, barrier_timeout: Duration) -> Self {
        let attempts = [LaneAttempt { phase: Phase::Idle, operations: 0 }; Lane::COUNT];
        Self {
            path,
            lanes: lanes.min(Lane::COUNT as u8),
            operation_timeout,
            barrier_timeout,
            clock: Clock::default(),
            running: None,
            attempts,
        }
    }

    /// Begin a barrier that was due at `due`. One that is under way is given up, and its completions do nothing any more.
    ///
    /// The barrier and its first operations have their time from `due` on, so that a caller who is woken a little late does not
    /// make it end as much later. If he comes later than a quarter of `operation_timeout`, their time counts from `now`: an
    /// answer always has three quarters of it.
    pub fn start(&mut self, now: Duration, due: Duration, incarnation: Incarnation) {
        let now = self.clock.advance(now);
        let from = self.counts_from(now, due);
        self.running = Some(Barrier { incarnation, deadline: from.saturating_add(self.barrier_timeout) });
        for attempt in &mut self.attempts[..self.lanes.into()] {
            attempt.phase = Phase::WriteDue(from);
        }
    }

    /// From when on the time counts of what was due at `due` and is begun `now`.
    fn counts_from(&self, now: Duration, due: Duration) -> Duration {
        if now.saturating_sub(due) <= self.operation_timeout / 4 { due.min(now) } else { now }
    }

    /// Whether a barrier is under way.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// The next operation to carry out, if one is due. Each write takes a new number.
    pub fn poll_op(&mut self, now: Duration, numbers: &mut impl NumberSource) -> Option<(OpId, Op)> {
        let now = self.clock.advance(now);
        let incarnation = self.running?.incarnation;
        let path = self.path;
        for lane in Lane::ALL {
            let (phase, op) = match self.attempts[lane.index()].phase {
                Phase::WriteDue(due) => {
                    let number = numbers.next_number();
                    let deadline = self.counts_from(now, due).saturating_add(self.operation_timeout);
                    (Phase::Writing { number, deadline }, Op::Write { path, lane, number, incarnation })
                }
                Phase::ReadDue { number } => {
                    let deadline = now.saturating_add(self.operation_timeout);
                    (Phase::Reading { number, deadline }, Op::Read { path, lane, incarnation })
                }
                Phase::Idle | Phase::Writing { .. } | Phase::Reading { .. } | Phase::Passed => continue,
            };
            let attempt = &mut self.attempts[lane.index()];
            attempt.phase = phase;
            attempt.operations = attempt.operations.wrapping_add(1);
            return Some((OpId::barrier(path, lane, attempt.operations), op));
        }
        None
    }

    /// Tell how an operation ended. Only the latest of each lane counts, and only while it is under way: until
    /// [`handle_timeout`](Self::handle_timeout) has failed the barrier, also past its deadline.
    pub fn handle_completion(
        &mut self,
        now: Duration,
        id: OpId,
        result: Result<Completion, OpFailed>,
    ) -> Handled {
        let now = self.clock.advance(now);
        let lane = id.lane();
        let attempt = &mut self.attempts[lane.index()];
        if id != OpId::barrier(self.path, lane, attempt.operations) {
            return Handled::Late;
        }
        match (attempt.phase, result) {
            (Phase::Writing { number, .. }, Ok(Completion::Written)) => {
                attempt.phase = Phase::ReadDue { number };
                Handled::Taken
            }
            (Phase::Reading { number, .. }, Ok(Completion::Read(read))) if read == number => {
                attempt.phase = Phase::Passed;
                self.end_if_all_passed()
            }
            // What came back answered an earlier read, or an earlier write came after this one's.
            (Phase::Reading { .. }, Ok(Completion::Read(_))) => {
                attempt.phase = Phase::WriteDue(now);
                Handled::Taken
            }
            (Phase::Writing { .. } | Phase::Reading { .. }, Err(OpFailed)) => {
                self.end(BarrierOutcome::Failed)
            }
            // A read does not complete a write, nor the other way round: the operation itself may still.
            (Phase::Writing { .. }, Ok(Completion::Read(_)))
            | (Phase::Reading { .. }, Ok(Completion::Written)) => Handled::Late,
            (Phase::Idle | Phase::WriteDue(_) | Phase::ReadDue { .. } | Phase::Passed, _) => Handled::Late,
        }
    }

    /// Fail the barrier if one of its deadlines has come.
    pub fn handle_timeout(&mut self, now: Duration) -> Option<BarrierOutcome> {
        let now = self.clock.advance(now);
        let is_late = self.poll_timeout().is_some_and(|deadline| deadline <= now);
        is_late.then(|| {
            self.stop();
            BarrierOutcome::Failed
        })
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let barrier = self.running.map(|barrier| barrier.deadline);
        let lanes = self.attempts.iter().filter_map(|attempt| attempt.phase.deadline());
        lanes.chain(barrier).min()
    }

    fn end_if_all_passed(&mut self) -> Handled {
        let lanes = &self.attempts[..self.lanes.into()];
        if lanes.iter().all(|attempt| attempt.phase == Phase::Passed) {
            self.end(BarrierOutcome::Passed)
        } else {
            Handled::Taken
        }
    }

    fn end(&mut self, outcome: BarrierOutcome) -> Handled {
        self.stop();
        Handled::Ended(outcome)
    }

    fn stop(&mut self) {
        self.running = None;
        self.attempts.iter_mut().for_each(|attempt| attempt.phase = Phase::Idle);
    }

    /// Make every time earlier by `epoch`. An exhaustive search needs it: two states that differ only in the time of
    /// day are the same state.
    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.clock.rebase(epoch);
        if let Some(barrier) = &mut self.running {
            barrier.deadline = barrier.deadline.saturating_sub(epoch);
        }
        for attempt in &mut self.attempts {
            if let Phase::WriteDue(time)
            | Phase::Writing { deadline: time, .. }
            | Phase::Reading { deadline: time, .. } = &mut attempt.phase
            {
                *time = time.saturating_sub(epoch);
            }
        }
    }
}
