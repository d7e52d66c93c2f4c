//! Paths that answer, but bring nothing of the file: what is to be made of them.
//!
//! A path on which long packets are lost (a link behind it is narrower than the first, and nobody says so) passes every barrier, as
//! those are short. For the session it is a good one. So it is looked at here whether anything is acknowledged between the
//! barriers.

use core::time::Duration;

use multipath::{Path, PathSet, RequesterConfig, RequesterEvent};

/// How long a path may bring nothing before another is preferred, or it is told. The receiver is asked more often than that whether it
/// is itself what stands.
const AT_MOST: Duration = Duration::from_secs(5);
const AT_LEAST: Duration = Duration::from_secs(2);

/// From one barrier to another on a path that brought nothing between them.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: Duration,
    latest: Duration,
}

/// What each path brings between its barriers.
#[derive(Clone, Debug)]
pub(super) struct Standstill {
    /// Paths in use.
    paths: PathSet,
    /// How long a path may bring nothing.
    patience: Duration,
    give_up_after: Duration,
    /// Barriers that are further apart than that have nothing to do with each other.
    pace: Duration,
    spans: [Option<Span>; Path::COUNT],
    /// Paths whose barriers do not pass.
    failed: PathSet,
    left_out: PathSet,
    /// When anything was last acknowledged.
    acknowledged: Duration,
    /// Since when the receiver says that it takes nothing.
    full_since: Option<Duration>,
    is_told: bool,
}

/// What is to be made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// The path is not used from now on: others may do better.
    LeftOut(Path, Duration),
    /// There is no other. This is found once, until something is acknowledged.
    Stands(Path, Duration),
    /// There is no other, and it has been waited for long enough.
    GivenUp(Path, Duration),
}

impl Standstill {
    pub(super) fn new(now: Duration, config: &RequesterConfig) -> Self {
        let RequesterConfig { request_timeout, operation_timeout, give_up_after, .. } = *config;
        let between = request_timeout.saturating_add(operation_timeout.saturating_mul(4));
        Self {
            paths: config.paths.set(),
            patience: (give_up_after / 2).clamp(AT_LEAST, AT_MOST),
            give_up_after: give_up_after.max(AT_LEAST),
            pace: between.saturating_add(Duration::from_secs(1)),
            spans: [None; Path::COUNT],
            failed: PathSet::EMPTY,
            left_out: PathSet::EMPTY,
            acknowledged: now,
            full_since: None,
            is_told: false,
        }
    }

    /// Whether nothing is to be sent or received on the path.
    pub(super) const fn is_left_out(&self, path: Path) -> bool {
        self.left_out.contains(path)
    }

    /// Something was acknowledged over the path.
    pub(super) const fn acknowledge(&mut self, now: Duration, path: Path) {
        self.spans[path.index()] = None;
        self.acknowledged = now;
        self.full_since = None;
        self.is_told = false;
    }

    /// The receiver says whether its disk, or who reads from it, takes more. If that has been so for long, says how long, once.
    pub(super) fn hear(&mut self, now: Duration, is_full: bool) -> Option<Duration> {
        if !is_full {
            self.full_since = None;
            return None;
        }
        // It is not the paths' fault.
        self.spans = [None; Path::COUNT];
        let stood = now.saturating_sub(*self.full_since.get_or_insert(now));
        let is_new = stood >= self.patience && !core::mem::replace(&mut self.is_told, stood >= self.patience);
        is_new.then_some(stood)
    }

    /// Follow what becomes of a path.
    pub(super) fn handle_event(&mut self, now: Duration, event: &RequesterEvent) -> Option<Finding> {
        match event {
            RequesterEvent::PathRestored(path) => {
                self.failed.remove(*path);
                self.handle_barrier(now, *path)
            }
            RequesterEvent::PathFailed(path) | RequesterEvent::PathDown(path) => {
                self.failed.insert(*path);
                self.spans[path.index()] = None;
                self.is_told &= self.left_out.contains(*path);
                // One that brings little is better than none.
                if self.others(None).is_empty() {
                    self.left_out = PathSet::EMPTY;
                }
                None
            }
            RequesterEvent::PathUp(path) => {
                self.failed.remove(*path);
                self.spans[path.index()] = None;
                None
            }
            _ => None,
        }
    }

    /// The barrier passed, and what was outstanding is sent again.
    fn handle_barrier(&mut self, now: Duration, path: Path) -> Option<Finding> {
        let begun = Span { first: now, latest: now };
        let span = self.spans[path.index()].filter(|span| now.saturating_sub(span.latest) <= self.pace);
        let span = Span { latest: now, ..span.unwrap_or(begun) };
        self.spans[path.index()] = Some(span);
        let stood = now.saturating_sub(span.first);
        if stood < self.patience {
            return None;
        }
        if !self.others(Some(path)).is_empty() {
            self.left_out.insert(path);
            self.spans[path.index()] = None;
            return Some(Finding::LeftOut(path, stood));
        }
        if stood.min(now.saturating_sub(self.acknowledged)) >= self.give_up_after {
            return Some(Finding::GivenUp(path, stood));
        }
        let is_new = !core::mem::replace(&mut self.is_told, true);
        is_new.then_some(Finding::Stands(path, stood))
    }

    /// Paths that may bring something, besides this one.
    fn others(&self, path: Option<Path>) -> PathSet {
        let others = self.paths.difference(self.left_out).difference(self.failed);
        path.map_or(others, |path| others.difference(PathSet::only(path)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use multipath::Paths;

    const START: Duration = Duration::from_secs(1_000_000);
    const A: Path = Path::ALL[0];
    const B: Path = Path::ALL[1];

    fn standstill(paths: usize) -> Standstill {
        Standstill::new(START, &RequesterConfig::new(Paths::numbered(1, paths), 1, 1))
    }

    /// What is found, and when, of a path whose barriers pass ten times a second for so many seconds.
    fn barriers(of: &mut Standstill, path: Path, seconds: core::ops::Range<u64>) -> Vec<(u64, Finding)> {
        let times = (seconds.start * 10..seconds.end * 10).map(|tenth| Duration::from_millis(tenth * 100));
        let found = times.filter_map(|time| {
            let found = of.handle_event(START + time, &RequesterEvent::PathRestored(path))?;
            Some((time.as_secs(), found))
        });
        found.collect()
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_path_that_brings_nothing_is_told_and_then_given_up() {
        let mut of = standstill(1);
        assert_eq!(barriers(&mut of, A, 0..29), [(5, Finding::Stands(A, seconds(5)))]);
        assert_eq!(barriers(&mut of, A, 29..31)[0], (30, Finding::GivenUp(A, seconds(30))));
    }

    #[test]
    fn what_is_acknowledged_begins_it_anew() {
        let mut of = standstill(1);
        for round in 0..20 {
            let begin = round * 4;
            assert_eq!(barriers(&mut of, A, begin..begin + 4), []);
            of.acknowledge(START + seconds(begin + 4), A);
        }
        assert_eq!(barriers(&mut of, A, 80..90), [(85, Finding::Stands(A, seconds(5)))]);
        of.acknowledge(START + seconds(90), A);
        assert_eq!(barriers(&mut of, A, 90..100), [(95, Finding::Stands(A, seconds(5)))]);
    }

    #[test]
    fn barriers_that_are_far_apart_are_no_standstill() {
        let mut of = standstill(1);
        for second in (0..1000).step_by(3) {
            let found = of.handle_event(START + seconds(second), &RequesterEvent::PathRestored(A));
            assert_eq!(found, None, "at {second} s");
        }
    }

    #[test]
    fn another_path_is_preferred_as_long_as_there_is_one() {
        let mut of = standstill(2);
        assert_eq!(barriers(&mut of, A, 0..6)[0], (5, Finding::LeftOut(A, seconds(5))));
        assert!(of.is_left_out(A) && !of.is_left_out(B));
        of.handle_event(START, &RequesterEvent::PathFailed(A));
        of.handle_event(START, &RequesterEvent::PathDown(A));
        assert!(of.is_left_out(A), "there is another");
        // The other is no better.
        assert_eq!(barriers(&mut of, B, 6..30), [(11, Finding::Stands(B, seconds(5)))]);
        assert_eq!(barriers(&mut of, B, 30..37)[0], (36, Finding::GivenUp(B, seconds(30))));
        // It is gone.
        of.handle_event(START, &RequesterEvent::PathFailed(B));
        assert!(!of.is_left_out(A));
    }

    #[test]
    fn a_path_that_failed_is_no_other() {
        for returns in [RequesterEvent::PathRestored(B), RequesterEvent::PathUp(B)] {
            let mut of = standstill(2);
            of.handle_event(START, &RequesterEvent::PathFailed(B));
            assert_eq!(barriers(&mut of, A, 0..7), [(5, Finding::Stands(A, seconds(5)))]);
            of.handle_event(START + seconds(7), &returns);
            assert_eq!(barriers(&mut of, A, 7..8)[0], (7, Finding::LeftOut(A, seconds(7))));
        }
    }

    #[test]
    fn a_receiver_that_takes_nothing_is_waited_for() {
        let mut of = standstill(2);
        let mut told = Vec::new();
        for second in 0..100 {
            told.extend(of.hear(START + seconds(second), true));
            assert_eq!(barriers(&mut of, A, second..second + 1), []);
        }
        assert_eq!(told, [seconds(5)]);
        // It takes something, and stands again.
        of.acknowledge(START + seconds(100), A);
        told.extend((100..110).filter_map(|second| of.hear(START + seconds(second), true)));
        assert_eq!(told, [seconds(5), seconds(5)]);
        // It is not full any more: the path is looked at from now on.
        assert_eq!(of.hear(START + seconds(110), false), None);
        assert_eq!(barriers(&mut of, A, 110..116)[0], (115, Finding::LeftOut(A, seconds(5))));
    }
}
