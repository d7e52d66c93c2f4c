use core::time::Duration;

use crate::clock::Clock;
use crate::path::PerPath;
use crate::state::{Action, Input};
use crate::tell::{Tell, Unanswered};
use crate::{
    BarrierOutcome, Completion, ConfigError, Handled, Incarnation, NumberSource, Op, OpFailed, OpId, Path,
    PathEvent, PathSet, PathState, Prober, RequesterPathsConfig, Supervisory, SupervisoryKind,
};

/// The requester's view of its paths to one responder: which may be used, and what has to be done about the others.
///
/// Every path begins as good; the responder begins by accepting every path. The two begin together, with a
/// connection: neither outlives the other. The method is that of US 6,545,981 B1, columns 10 and 11.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequesterPaths<S> {
    config: RequesterPathsConfig,
    numbers: S,
    clock: Clock,
    records: PerPath<Record>,
    /// The paths whose state is good. Nothing is to be done about them, and most of the time they are all.
    good: PathSet,
}

/// What is kept of one path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Record {
    state: PathState,
    prober: Prober,
    /// The newest that was given out: to the path's packets, or to the barrier under way.
    incarnation: Incarnation,
    /// When the next barrier on a bad path begins.
    probe_at: Option<Duration>,
    /// Number of the latest message about the path.
    message: u32,
    tell: Tell,
    event: Option<PathEvent>,
}

impl<S: NumberSource> RequesterPaths<S> {
    /// All paths of `config` are good.
    ///
    /// # Errors
    /// What cannot work in `config`.
    pub fn new(config: RequesterPathsConfig, numbers: S) -> Result<Self, ConfigError> {
        config.validate()?;
        let records = PerPath::from_fn(|path| {
            let lanes = config.lanes[path.index()];
            let prober = Prober::new(path, lanes, config.operation_timeout, config.barrier_timeout);
            Record {
                state: if config.paths.contains(path) { PathState::Good } else { PathState::Bad },
                prober,
                incarnation: Incarnation::default(),
                probe_at: None,
                message: 0,
                tell: Tell::new(),
                event: None,
            }
        });
        Ok(Self { good: config.paths, config, numbers, clock: Clock::default(), records })
    }

    /// A request on this path was not answered in time, neither positively nor negatively. Only this questions a path;
    /// an answer that asks to send again (NACK) shows that the path works.
    ///
    /// A good path is questioned; in any other state this changes nothing.
    ///
    /// `due` is when its answer was due. The barrier's time counts from then, not from `now`, as long as three quarters of
    /// `operation_timeout` are left: two waits, each of which ends a little late, are together late by one of them only.
    pub fn handle_request_timeout(&mut self, now: Duration, path: Path, due: Duration) {
        let now = self.clock.advance(now);
        self.apply_since(now, due, path, Input::TimedOut);
    }

    /// Tell how an operation of [`poll_op`](Self::poll_op) ended. Returns whether it was under way: a completion of an
    /// earlier attempt changes nothing. Supervisory messages need no completion.
    pub fn handle_completion(
        &mut self,
        now: Duration,
        id: OpId,
        result: Result<Completion, OpFailed>,
    ) -> bool {
        let now = self.clock.advance(now);
        let path = id.path();
        match self.records[path].prober.handle_completion(now, id, result) {
            Handled::Late => return false,
            Handled::Taken => {}
            Handled::Ended(outcome) => {
                self.end_barrier(now, path, outcome);
                self.settle(now);
            }
        }
        true
    }

    /// Take the responder's acknowledgement. Returns whether it was waited for: any other message, and one with another
    /// number than the last that was sent, changes nothing.
    ///
    /// The caller has made sure that it comes from the responder.
    pub fn handle_supervisory(&mut self, now: Duration, message: &Supervisory) -> bool {
        let now = self.clock.advance(now);
        let record = &self.records[message.path];
        let is_awaited = match record.state {
            PathState::Doubted | PathState::TellingDown => {
                message.kind == SupervisoryKind::PathDownAcknowledge
            }
            PathState::TellingUp => message.kind == SupervisoryKind::PathUpAcknowledge,
            PathState::Good
            | PathState::Questioned
            | PathState::Suspended
            | PathState::Failed
            | PathState::Bad => false,
        };
        if !is_awaited || message.number != record.message || !record.tell.is_out() {
            return false;
        }
        self.apply(now, message.path, Input::Acknowledged);
        self.settle(now);
        true
    }

    /// Let deadlines pass and begin what is due. To be called at [`poll_timeout`](Self::poll_timeout); at another time it
    /// does no harm.
    pub fn handle_timeout(&mut self, now: Duration) {
        let now = self.clock.advance(now);
        for path in Path::ALL {
            if let Some(outcome) = self.records[path].prober.handle_timeout(now) {
                self.end_barrier(now, path, outcome);
            }
            let unanswered = self.records[path].tell.expire(now, self.config.tell_attempts);
            if let Some(Unanswered::GaveUp(over)) = unanswered {
                // An unanswered message is as good a reason to question a path as an unanswered request. Otherwise two
                // bad paths, of which one is taken for good because nobody uses it, would wait for each other.
                over.iter().for_each(|via| self.apply(now, via, Input::TimedOut));
                self.apply(now, path, Input::GaveUp);
            }
            let record = &mut self.records[path];
            if record.probe_at.is_some_and(|at| at <= now) {
                record.start_barrier(now, now);
            }
        }
        self.settle(now);
    }

    /// The next thing to do, until there is none: to be called after each change.
    #[inline]
    pub fn poll_op(&mut self, now: Duration) -> Option<(OpId, Op)> {
        let now = self.clock.advance(now);
        if self.good == self.config.paths { None } else { self.poll_op_of_others(now) }
    }

    /// What is to be done about paths that are not good.
    fn poll_op_of_others(&mut self, now: Duration) -> Option<(OpId, Op)> {
        let good = self.good;
        for path in self.others().iter() {
            let record = &mut self.records[path];
            if let Some(op) = record.prober.poll_op(now, &mut self.numbers) {
                return Some(op);
            }
            let kind = match record.state {
                PathState::Doubted | PathState::TellingDown => SupervisoryKind::PathDown,
                PathState::TellingUp => SupervisoryKind::PathUp,
                PathState::Good
                | PathState::Questioned
                | PathState::Suspended
                | PathState::Failed
                | PathState::Bad => continue,
            };
            // A path that has just passed a barrier carries a message too.
            let is_last_resort = good.is_empty() && record.state == PathState::TellingUp;
            let candidates = if is_last_resort { PathSet::only(path) } else { good };
            if !record.tell.is_due() {
                continue;
            }
            let Some(via) = record.tell.choose(candidates) else { continue };
            let attempt = record.tell.send(via, now.saturating_add(self.config.tell_timeout));
            let message = Supervisory { kind, path, number: record.message };
            return Some((OpId::tell(path, attempt), Op::Tell { via, message }));
        }
        None
    }

    /// The next event, until there is none: to be called after [`poll_op`](Self::poll_op). Of events about one path that
    /// are not taken, the latest is kept: it says all that matters of the others.
    pub fn poll_event(&mut self, now: Duration) -> Option<PathEvent> {
        self.clock.advance(now);
        self.records.values_mut().find_map(|record| record.event.take())
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        if self.good == self.config.paths {
            return None;
        }
        let can_tell = !self.good.is_empty();
        let deadlines = self.records.iter().flat_map(|(_, record)| {
            let runs_out_at = record.runs_out_at(&self.config, can_tell);
            [record.prober.poll_timeout(), runs_out_at, record.tell.deadline(), record.probe_at]
        });
        deadlines.flatten().min()
    }

    /// What is held of a path. One that the configuration does not have is bad, for ever.
    #[must_use]
    pub fn state(&self, path: Path) -> PathState {
        self.records[path].state
    }

    /// The paths on which requests may be launched.
    #[must_use]
    #[inline]
    pub const fn usable(&self) -> PathSet {
        self.good
    }

    /// What packets launched on a usable path are stamped with.
    #[must_use]
    pub fn incarnation(&self, path: Path) -> Incarnation {
        self.records[path].incarnation
    }

    /// Begin a new incarnation of a usable path without a barrier, for a retransmission after a negative
    /// acknowledgement: what the same VI sent on the path before is refused as soon as one of the new packets arrives.
    pub fn next_incarnation(&mut self, path: Path) -> Incarnation {
        let incarnation = &mut self.records[path].incarnation;
        *incarnation = incarnation.next();
        *incarnation
    }

    fn end_barrier(&mut self, now: Duration, path: Path, outcome: BarrierOutcome) {
        let input = match outcome {
            BarrierOutcome::Passed => Input::Passed,
            BarrierOutcome::Failed => Input::BarrierFailed,
        };
        self.apply(now, path, input);
    }

    fn apply(&mut self, now: Duration, path: Path, input: Input) {
        self.apply_since(now, now, path, input);
    }

    /// Let something happen that was due at `due`.
    fn apply_since(&mut self, now: Duration, due: Duration, path: Path, input: Input) {
        let record = &mut self.records[path];
        let (state, action) = record.state.next(input);
        record.state = state;
        match state {
            PathState::Good => self.good.insert(path),
            PathState::Questioned
            | PathState::Doubted
            | PathState::Suspended
            | PathState::Failed
            | PathState::TellingDown
            | PathState::Bad
            | PathState::TellingUp => self.good.remove(path),
        }
        match action {
            Action::None => {}
            Action::StartBarrier => record.start_barrier(now, due),
            Action::TellDown | Action::TellUp => {
                record.message = record.message.wrapping_add(1);
                record.tell.start();
            }
            Action::TellAgain => record.tell.again(),
            Action::StopTelling => record.tell.stop(),
            Action::AnnouncePassed => record.event = Some(PathEvent::Passed(path)),
            Action::AnnounceFailed => record.event = Some(PathEvent::Failed(path)),
            Action::AnnounceDown => {
                record.tell.stop();
                record.event = Some(PathEvent::Down(path));
            }
            Action::AnnounceUp => {
                record.tell.stop();
                record.event = Some(PathEvent::Up(path));
            }
        }
    }

    /// What follows from the state of all paths together.
    fn settle(&mut self, now: Duration) {
        let can_tell = !self.good.is_empty();
        for path in self.others().iter() {
            if can_tell {
                self.apply(now, path, Input::CanTell);
            }
            if self.records[path].runs_out_at(&self.config, can_tell).is_some_and(|at| at <= now) {
                self.apply(now, path, Input::RunsOut);
            }
            let record = &mut self.records[path];
            let waits = record.prober.is_running() || record.probe_at.is_some();
            if record.state.is_probed() && !waits {
                record.probe_at = Some(now.saturating_add(self.config.probe_interval));
            }
        }
    }

    /// The paths that are not good: only they have something to do or a deadline.
    const fn others(&self) -> PathSet {
        self.config.paths.difference(self.good)
    }

    /// Make every time earlier by `epoch`. An exhaustive search needs it: two states that differ only in the time of
    /// day are the same state.
    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.clock.rebase(epoch);
        for record in self.records.values_mut() {
            record.prober.rebase(epoch);
            record.tell.rebase(epoch);
            record.probe_at = record.probe_at.map(|at| at.saturating_sub(epoch));
        }
    }
}

impl Record {
    /// When the responder is to be told that the path is down although its barrier is under way.
    fn runs_out_at(&self, config: &RequesterPathsConfig, can_tell: bool) -> Option<Duration> {
        let fails_at = self.prober.poll_timeout().filter(|_| can_tell && self.state == PathState::Questioned);
        let ahead = config.tell_ahead.min(config.operation_timeout / 2);
        fails_at.map(|at| at.saturating_sub(ahead))
    }

    fn start_barrier(&mut self, now: Duration, due: Duration) {
        self.probe_at = None;
        self.incarnation = self.incarnation.next();
        self.prober.start(now, due, self.incarnation);
    }
}
