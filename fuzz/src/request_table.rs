use core::time::Duration;

use ib_mad::Lid;
use ib_mad::request::{ExpiryReason, RequestId, RequestLimits, RequestTable, ResponseError, StartError};

use crate::bytes::Bytes;

const PLACES: usize = 5;
const NODES: u16 = 3;
const LIMITS: RequestLimits = RequestLimits {
    per_node: 3,
    timeout: Duration::from_millis(7),
    retries: 2,
    busy_delay: Duration::from_millis(2),
    busy_delay_limit: Duration::from_millis(5),
    busy_retries: 3,
};

/// Operations on a request table, compared with a list that is searched from end to end.
pub fn request_table(data: &[u8]) {
    let mut choices = Bytes(data);
    let first_id = choices.u32();
    let now = Duration::from_secs(1 << 40);
    let mut pair =
        Pair { table: RequestTable::new(LIMITS, first_id), list: Vec::new(), now, known: Vec::new() };
    while !choices.is_empty() {
        pair.operate(&mut choices);
        pair.compare();
    }
    pair.drain();
}

/// What a request has come to. Only `Queued` cannot be answered.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Phase {
    Queued,
    Sent,
    BackingOff,
    GivenUp,
}

struct Listed {
    id: RequestId,
    to: Lid,
    request: u8,
    phase: Phase,
    due: Duration,
    attempts: u16,
    retries: u8,
    busy: u8,
}

impl Listed {
    /// Whether it is reported, not sent, when it is due.
    fn ends(&self) -> bool {
        match self.phase {
            Phase::Queued | Phase::BackingOff => false,
            Phase::Sent => self.retries == LIMITS.retries,
            Phase::GivenUp => true,
        }
    }
}

struct Pair {
    table: RequestTable<u8, PLACES>,
    list: Vec<Listed>,
    now: Duration,
    /// Ids given out last, whether their requests are in flight or not.
    known: Vec<RequestId>,
}

impl Pair {
    fn operate(&mut self, choices: &mut Bytes<'_>) {
        let lid = |choices: &mut Bytes<'_>| Lid(choices.below(NODES));
        match choices.below(8) {
            0 => self.start(lid(choices), choices.byte()),
            1 => {
                let (id, from) = (self.id(choices), lid(choices));
                let expected = self.answerable(id, from).map(|at| self.list.remove(at).request);
                assert_eq!(self.table.respond(id, from), expected);
            }
            2 => {
                let (id, from) = (self.id(choices), lid(choices));
                let expected = self.answerable(id, from).map(|at| back_off(&mut self.list[at], self.now));
                assert_eq!(self.table.back_off(self.now, id, from), expected);
            }
            3 => {
                let id = self.id(choices);
                let expected = self.list.iter().position(|listed| listed.id == id);
                assert_eq!(self.table.cancel(id), expected.map(|at| self.list.remove(at).request));
            }
            4 => {
                let (old, new) = (lid(choices), lid(choices));
                self.table.retarget(self.now, old, new);
                for listed in self.list.iter_mut().filter(|listed| listed.to == old) {
                    let afresh = Listed {
                        to: new,
                        phase: Phase::Queued,
                        due: self.now,
                        attempts: 0,
                        retries: 0,
                        busy: 0,
                        ..*listed
                    };
                    *listed = afresh;
                }
            }
            5 => self.transmit(),
            6 => self.expire(),
            _ => self.now += Duration::from_millis(choices.below(16).into()),
        }
    }

    fn id(&self, choices: &mut Bytes<'_>) -> RequestId {
        let place = usize::from(choices.byte());
        self.known.get(place % self.known.len().max(1)).copied().unwrap_or(RequestId(place as u32))
    }

    fn answerable(&self, id: RequestId, from: Lid) -> Result<usize, ResponseError> {
        let at = self.list.iter().position(|listed| listed.id == id).ok_or(ResponseError::Unknown)?;
        let listed = &self.list[at];
        if listed.to != from {
            return Err(ResponseError::WrongNode { asked: listed.to, from });
        }
        if listed.phase == Phase::Queued { Err(ResponseError::NotSent) } else { Ok(at) }
    }

    fn start(&mut self, to: Lid, request: u8) {
        let in_flight = self.list.iter().filter(|listed| listed.to == to).count();
        let expected = if self.list.len() == PLACES {
            Some(StartError::TableFull(request))
        } else {
            (in_flight >= LIMITS.per_node.into()).then_some(StartError::NodeFull(request))
        };
        match self.table.start(self.now, to, request) {
            Ok(id) => {
                assert_eq!(expected, None);
                assert!(!self.known.contains(&id), "{id} was given out before");
                self.known.push(id);
                if self.known.len() > 2 * PLACES {
                    self.known.remove(0);
                }
                self.list.push(Listed {
                    id,
                    to,
                    request,
                    phase: Phase::Queued,
                    due: self.now,
                    attempts: 0,
                    retries: 0,
                    busy: 0,
                });
            }
            Err(error) => assert_eq!(Some(error), expected),
        }
    }

    /// When the first is due of those that end, or of the others.
    fn first(&self, ends: bool) -> Option<Duration> {
        let due = self.list.iter().filter(|listed| listed.ends() == ends).map(|listed| listed.due).min();
        due.filter(|due| *due <= self.now)
    }

    fn transmit(&mut self) {
        let first = self.first(false);
        let Some(due) = self.table.poll_transmit(self.now) else { return assert_eq!(first, None) };
        let listed = self.list.iter_mut().find(|listed| listed.id == due.id).expect("it is in flight");
        assert_eq!(Some(listed.due), first);
        listed.retries += u8::from(listed.phase == Phase::Sent);
        listed.phase = Phase::Sent;
        listed.attempts += 1;
        listed.due = self.now + LIMITS.timeout;
        assert!(listed.retries <= LIMITS.retries);
        assert_eq!((due.to, due.attempt, *due.request), (listed.to, listed.attempts, listed.request));
    }

    fn expire(&mut self) {
        let first = self.first(true);
        let Some(expired) = self.table.poll_expired(self.now) else { return assert_eq!(first, None) };
        let at = self.list.iter().position(|listed| listed.id == expired.id).expect("it is in flight");
        let listed = self.list.remove(at);
        assert!(listed.ends());
        assert_eq!(Some(listed.due), first);
        let reason = if listed.phase == Phase::GivenUp { ExpiryReason::Busy } else { ExpiryReason::NoAnswer };
        assert_eq!(
            (expired.to, expired.attempts, expired.request, expired.reason),
            (listed.to, listed.attempts, listed.request, reason)
        );
    }

    fn compare(&self) {
        assert_eq!(self.table.len(), self.list.len());
        assert_eq!(self.table.poll_timeout(), self.list.iter().map(|listed| listed.due).min());
        for lid in (0..NODES).map(Lid) {
            let in_flight = self.list.iter().filter(|listed| listed.to == lid).count();
            assert_eq!(usize::from(self.table.in_flight_to(lid)), in_flight);
        }
        for id in &self.known {
            let expected = self.answerable(*id, Lid(1)).map(|at| &self.list[at].request);
            assert_eq!(self.table.matching(*id, Lid(1)), expected);
        }
    }

    /// Left alone, every request ends.
    fn drain(&mut self) {
        for _ in 0..PLACES * (2 + usize::from(LIMITS.retries) + usize::from(LIMITS.busy_retries)) {
            let Some(at) = self.table.poll_timeout() else { break };
            self.now = self.now.max(at);
            self.transmit();
            self.expire();
        }
        assert!(self.table.is_empty() && self.list.is_empty());
    }
}

fn back_off(listed: &mut Listed, now: Duration) {
    if listed.phase != Phase::Sent {
        return;
    }
    if listed.busy == LIMITS.busy_retries {
        listed.phase = Phase::GivenUp;
        listed.due = now;
    } else {
        listed.phase = Phase::BackingOff;
        listed.due = now + (LIMITS.busy_delay * (1 << listed.busy)).min(LIMITS.busy_delay_limit);
        listed.busy += 1;
    }
}
