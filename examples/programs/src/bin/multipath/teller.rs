//! What a sender tells of its transfer, event by event.

use core::time::Duration;

use multipath::RequesterEvent;
use programs::delivery::path_number;
use programs::transfer::{SenderEvent, TransferError};

use crate::report::{Event, PathChange};

/// What happened so far.
#[derive(Debug)]
pub(crate) struct Teller {
    payload: u16,
    is_accepted: bool,
    /// When the receiver was ready.
    begun: Duration,
    /// Bytes that were acknowledged.
    sent: u64,
    /// That nothing goes on is told: paths that are questioned and restored are not.
    is_stalled: bool,
    failure: Option<TransferError>,
}

impl Teller {
    pub(crate) const fn new(payload: u16) -> Self {
        Self { payload, is_accepted: false, begun: Duration::ZERO, sent: 0, is_stalled: false, failure: None }
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
                self.is_stalled = false;
                None
            }
            SenderEvent::Stands(path, stood) => {
                self.is_stalled = true;
                let (path, seconds) = (path_number(*path), stood.as_secs_f64());
                Some(Event::Stalled { time, path, seconds, payload: self.payload })
            }
            SenderEvent::LeftOut(path, stood) => {
                let (path, seconds) = (path_number(*path), stood.as_secs_f64());
                Some(Event::LeftOut { time, path, seconds, payload: self.payload })
            }
            SenderEvent::ReceiverFull(stood) => {
                self.is_stalled = true;
                Some(Event::ReceiverFull { time, seconds: stood.as_secs_f64() })
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
        // Where more happens than that, it is told.
        self.is_stalled &= matches!(change, PathChange::Questioned | PathChange::Restored);
        // The same twenty times a second tells nobody more.
        (!self.is_stalled).then_some(Event::Path { time, path: path_number(path), change })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use multipath::Path;

    const PATH: Path = Path::ALL[1];
    const LONG: Duration = Duration::from_secs(5);

    fn is_told(teller: &mut Teller, event: RequesterEvent) -> bool {
        match teller.tell(LONG, &SenderEvent::Path(event)) {
            Some(Event::Path { path: 2, .. }) => true,
            None => false,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_goes_on_all_the_time_is_not_told_while_nothing_else_does() {
        for stands in [SenderEvent::Stands(PATH, LONG), SenderEvent::ReceiverFull(LONG)] {
            for ends in [
                SenderEvent::Acknowledged(9),
                SenderEvent::Path(RequesterEvent::PathFailed(PATH)),
                SenderEvent::Path(RequesterEvent::PathDown(PATH)),
                SenderEvent::Path(RequesterEvent::PathUp(PATH)),
            ] {
                let mut teller = Teller::new(1000);
                let flaps = |teller: &mut Teller| {
                    [RequesterEvent::PathQuestioned(PATH), RequesterEvent::PathRestored(PATH)]
                        .map(|event| is_told(teller, event))
                };
                assert_eq!(flaps(&mut teller), [true; 2]);
                assert!(teller.tell(LONG, &stands).is_some());
                assert_eq!(flaps(&mut teller), [false; 2], "{stands:?}");
                let told = teller.tell(LONG, &ends).is_some();
                assert_eq!(told, ends != SenderEvent::Acknowledged(9), "{ends:?}");
                assert_eq!(flaps(&mut teller), [true; 2], "{stands:?}, {ends:?}");
            }
        }
    }

    #[test]
    fn a_path_that_is_left_out_is_told_with_what_it_does_not_carry() {
        let mut teller = Teller::new(1000);
        let told = teller.tell(2 * LONG, &SenderEvent::LeftOut(PATH, LONG));
        assert!(
            matches!(told, Some(Event::LeftOut { time: 10.0, path: 2, seconds: 5.0, payload: 1000 })),
            "{told:?}"
        );
        // Others go on.
        assert!(is_told(&mut teller, RequesterEvent::PathQuestioned(PATH)));
    }

    #[test]
    fn what_is_acknowledged_is_added_up() {
        let mut teller = Teller::new(1000);
        for bytes in [9, 1000] {
            assert!(teller.tell(LONG, &SenderEvent::Acknowledged(bytes)).is_none());
        }
        assert_eq!(teller.sent(), 1009);
    }
}
