//! What a sender tells of its transfer, event by event.

use core::time::Duration;

use multipath::RequesterEvent;
use programs::delivery::path_number;
use programs::transfer::{SenderEvent, TransferError};

use crate::report::{Event, PathChange};

/// How long barriers may come back while nothing is acknowledged, before that is told.
const STALLED: Duration = Duration::from_secs(5);

/// What happened so far.
#[derive(Debug)]
pub(crate) struct Teller {
    payload: u16,
    is_accepted: bool,
    /// When the receiver was ready.
    begun: Duration,
    /// Bytes that were acknowledged.
    sent: u64,
    /// When a path was restored first since anything was acknowledged.
    stands_since: Option<Duration>,
    is_stalled: bool,
    failure: Option<TransferError>,
}

impl Teller {
    pub(crate) const fn new(payload: u16) -> Self {
        Self {
            payload,
            is_accepted: false,
            begun: Duration::ZERO,
            sent: 0,
            stands_since: None,
            is_stalled: false,
            failure: None,
        }
    }

    /// Whether the receiver has answered.
    pub(crate) const fn is_accepted(&self) -> bool {
        self.is_accepted
    }

    /// Bytes that were acknowledged.
    pub(crate) const fn sent(&self) -> u64 {
        self.sent
    }

    /// Why the transfer failed, if it did.
    pub(crate) const fn failure(&self) -> Option<TransferError> {
        self.failure
    }

    /// What to print of an event, at so long since the start.
    pub(crate) fn tell(&mut self, now: Duration, event: &SenderEvent) -> Option<Event> {
        let time = now.as_secs_f64();
        match event {
            SenderEvent::Acknowledged(bytes) => {
                self.sent += bytes;
                (self.stands_since, self.is_stalled) = (None, false);
                None
            }
            SenderEvent::Accepted { window } => {
                (self.is_accepted, self.begun) = (true, now);
                Some(Event::Accepted { time, window: *window, payload: self.payload })
            }
            SenderEvent::Path(event) => self.tell_of_path(now, event),
            SenderEvent::Done => Some(Event::done(self.sent, now.saturating_sub(self.begun), None)),
            SenderEvent::Failed(error) => {
                self.failure = Some(*error);
                None
            }
        }
    }

    fn tell_of_path(&mut self, now: Duration, event: &RequesterEvent) -> Option<Event> {
        let (path, change) = PathChange::of(event)?;
        let time = now.as_secs_f64();
        match change {
            PathChange::Restored => {
                let since = *self.stands_since.get_or_insert(now);
                let stood = now.saturating_sub(since);
                if !self.is_stalled && stood >= STALLED {
                    self.is_stalled = true;
                    return Some(Event::Stalled {
                        time,
                        seconds: stood.as_secs_f64(),
                        payload: self.payload,
                    });
                }
            }
            // It is the paths' fault after all.
            PathChange::Failed | PathChange::Down | PathChange::Up => {
                (self.stands_since, self.is_stalled) = (None, false);
            }
            PathChange::Questioned => {}
        }
        // The same twenty times a second tells nobody more.
        (!self.is_stalled).then_some(Event::Path { time, path: path_number(path), change })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use multipath::Path;

    const PATH: Path = Path::ALL[1];

    fn told(teller: &mut Teller, milliseconds: u64, event: RequesterEvent) -> Option<&'static str> {
        let event = teller.tell(Duration::from_millis(milliseconds), &SenderEvent::Path(event));
        event.map(|event| match event {
            Event::Path { path: 2, .. } => "path",
            Event::Stalled { .. } => "stalled",
            other => panic!("{other:?}"),
        })
    }

    /// Tells how often each was told in so many seconds of a path that is questioned and restored ten times a second.
    fn flapping(teller: &mut Teller, seconds: core::ops::Range<u64>) -> (usize, usize) {
        let (mut paths, mut stalls) = (0, 0);
        for milliseconds in (seconds.start * 1000..seconds.end * 1000).step_by(100) {
            for event in [RequesterEvent::PathQuestioned(PATH), RequesterEvent::PathRestored(PATH)] {
                match told(teller, milliseconds, event) {
                    Some("path") => paths += 1,
                    Some(_) => stalls += 1,
                    None => {}
                }
            }
        }
        (paths, stalls)
    }

    #[test]
    fn a_transfer_that_does_not_go_on_is_told_once() {
        let mut teller = Teller::new(1000);
        assert_eq!(flapping(&mut teller, 100..104), (80, 0));
        assert_eq!(flapping(&mut teller, 104..200), (21, 1));
        // It goes on, and stands again.
        assert!(teller.tell(Duration::from_secs(200), &SenderEvent::Acknowledged(9)).is_none());
        assert_eq!(teller.sent(), 9);
        assert_eq!(flapping(&mut teller, 200..210), (101, 1));
    }

    #[test]
    fn paths_that_fail_are_always_told() {
        let mut teller = Teller::new(1000);
        flapping(&mut teller, 100..200);
        for event in [
            RequesterEvent::PathFailed(PATH),
            RequesterEvent::PathQuestioned(PATH),
            RequesterEvent::PathRestored(PATH),
        ] {
            assert_eq!(told(&mut teller, 200_000, event), Some("path"));
        }
    }

    #[test]
    fn a_transfer_that_goes_on_is_not_stalled() {
        let mut teller = Teller::new(1000);
        for second in 100..200 {
            assert_eq!(flapping(&mut teller, second..second + 1), (20, 0));
            teller.tell(Duration::from_secs(second), &SenderEvent::Acknowledged(1));
        }
    }
}
