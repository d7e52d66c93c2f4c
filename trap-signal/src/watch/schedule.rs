//! When a watcher looks at the subnet: on a topology event, and then again and again until it has been quiet; and now
//! and then without one, since the Report of an event can get lost on the very link that failed.

use core::time::Duration;

/// ```text
///           event             at                 pass ends, before the end
///   Off ───────────▶ Waiting ───▶ Running ──────────────────────────────┐
///                      ▲  ▲          │ pass ends that began at the end  │
///                event │  │          ▼                                  │
///                      └──│─────── Quiet{until} ──▶ (until: a pass)     │
///                         └────────────────────────────────────────────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Off,
    Quiet {
        until: Option<Duration>,
    },
    Waiting {
        at: Duration,
    },
    /// `is_last`: it began when things had settled, and nothing has happened since.
    Running {
        is_last: bool,
    },
}

/// The last pass begins when `settle` has passed since the last event, so that it sees what the manager did until
/// then; before it, passes follow each other at a distance that doubles up to `settle`, so that the first difference
/// is found early and a long wait costs little.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Schedule {
    settle: Duration,
    first_interval: Duration,
    /// How long it stays quiet; `None` for until something happens.
    idle: Option<Duration>,
    interval: Duration,
    /// When quiet can begin.
    end: Duration,
    state: State,
}

impl Schedule {
    pub(super) fn new(settle: Duration, first_interval: Duration, idle: Option<Duration>) -> Self {
        Self {
            settle,
            first_interval,
            idle,
            interval: first_interval,
            end: Duration::ZERO,
            state: State::Off,
        }
    }

    /// Something happened to the subnet.
    pub(super) fn event(&mut self, now: Duration) {
        self.end = now.saturating_add(self.settle);
        self.interval = self.first_interval;
        match self.state {
            State::Off | State::Quiet { .. } => self.state = State::Waiting { at: now },
            State::Waiting { at } => {
                self.state = State::Waiting { at: at.min(now.saturating_add(self.interval)) }
            }
            State::Running { .. } => self.state = State::Running { is_last: false },
        }
    }

    /// One pass at once, and no more unless something happens: the first.
    pub(super) fn once(&mut self, now: Duration) {
        self.end = now;
        self.state = State::Waiting { at: now };
    }

    /// Whether a pass is to begin now; it then runs until [`ended`](Self::ended).
    pub(super) fn begin(&mut self, now: Duration) -> bool {
        match self.state {
            State::Waiting { at } | State::Quiet { until: Some(at) } if at <= now => {
                // A pass without an event is the last one unless it finds one.
                if matches!(self.state, State::Quiet { .. }) {
                    self.end = now;
                }
                self.state = State::Running { is_last: now >= self.end };
                true
            }
            State::Off | State::Quiet { .. } | State::Waiting { .. } | State::Running { .. } => false,
        }
    }

    /// Whether the pass under way is the last one, unless something happens or it fails.
    pub(super) fn is_last(&self) -> bool {
        matches!(self.state, State::Running { is_last: true })
    }

    /// The pass is over; a failed one is followed by another even if it would have been the last.
    pub(super) fn ended(&mut self, now: Duration, failed: bool) {
        if !matches!(self.state, State::Running { .. }) {
            return;
        }
        if self.is_last() && !failed {
            self.state = State::Quiet { until: self.idle.map(|idle| now.saturating_add(idle)) };
            return;
        }
        let at = now.saturating_add(self.interval);
        self.interval = self.interval.saturating_mul(2).min(self.settle.max(self.first_interval));
        self.state = State::Waiting { at: if at < self.end || failed { at } else { self.end.max(now) } };
    }

    /// There is nobody to ask any more.
    pub(super) fn stop(&mut self) {
        self.state = State::Off;
    }

    pub(super) fn is_quiet(&self) -> bool {
        matches!(self.state, State::Quiet { .. })
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        match self.state {
            State::Waiting { at } => Some(at),
            State::Quiet { until } => until,
            State::Off | State::Running { .. } => None,
        }
    }

    pub(super) fn rebase(&mut self, epoch: Duration) {
        self.end = self.end.saturating_sub(epoch);
        self.state = match self.state {
            State::Off => State::Off,
            State::Quiet { until } => State::Quiet { until: until.map(|until| until.saturating_sub(epoch)) },
            State::Waiting { at } => State::Waiting { at: at.saturating_sub(epoch) },
            State::Running { is_last } => State::Running { is_last },
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(1_000_000);
    const fn ms(ms: u64) -> Duration {
        START.saturating_add(Duration::from_millis(ms))
    }
    fn schedule() -> Schedule {
        Schedule::new(Duration::from_millis(1000), Duration::from_millis(100), None)
    }

    /// When passes of no length begin after one event.
    fn beginnings(schedule: &mut Schedule) -> alloc::vec::Vec<Duration> {
        let mut begun = alloc::vec::Vec::new();
        while let Some(at) = schedule.poll_timeout() {
            assert!(schedule.begin(at));
            schedule.ended(at, false);
            begun.push(at - START);
        }
        begun
    }

    #[test]
    fn passes_spread_out_and_the_last_begins_when_it_has_settled() {
        let mut schedule = schedule();
        schedule.event(ms(0));
        let millis =
            beginnings(&mut schedule).iter().map(Duration::as_millis).collect::<alloc::vec::Vec<_>>();
        assert_eq!(millis, [0, 100, 300, 700, 1000]);
        assert!(schedule.is_quiet());
    }

    #[test]
    fn an_event_during_a_pass_prolongs_it_all() {
        let mut schedule = schedule();
        schedule.event(ms(0));
        assert!(schedule.begin(ms(0)));
        schedule.event(ms(900));
        schedule.ended(ms(950), false);
        let last = beginnings(&mut schedule).pop();
        assert_eq!(last, Some(Duration::from_millis(1900)));
    }

    #[test]
    fn a_pass_that_began_before_the_end_is_not_the_last_however_long_it_took() {
        let mut schedule = schedule();
        schedule.event(ms(0));
        assert!(schedule.begin(ms(0)));
        schedule.ended(ms(5000), false);
        assert_eq!(schedule.poll_timeout(), Some(ms(5000)));
        assert!(schedule.begin(ms(5000)));
        schedule.ended(ms(5001), false);
        assert!(schedule.is_quiet());
    }

    #[test]
    fn without_an_event_there_is_a_pass_now_and_then() {
        let mut schedule = Schedule { idle: Some(Duration::from_secs(60)), ..schedule() };
        schedule.once(ms(0));
        for minute in 0..3 {
            let at = ms(minute * 60_000);
            assert_eq!(schedule.poll_timeout(), Some(at));
            assert!(schedule.begin(at));
            schedule.ended(at, false);
            assert!(schedule.is_quiet());
        }
        schedule.stop();
        assert_eq!(schedule.poll_timeout(), None);
    }

    #[test]
    fn a_failed_pass_is_followed_by_another() {
        let mut schedule = schedule();
        schedule.once(ms(0));
        assert!(schedule.begin(ms(0)));
        schedule.ended(ms(1), true);
        assert_eq!(schedule.poll_timeout(), Some(ms(101)));
    }
}
