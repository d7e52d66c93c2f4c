//! The table against a model: a list that is searched from end to end. Both run the same random operations.

use alloc::vec::Vec;
use core::time::Duration;

use quickcheck::{Arbitrary, Gen, QuickCheck};

use super::{ExpiryReason, RequestId, RequestLimits, RequestTable, ResponseError, StartError};
use crate::types::Lid;

const PLACES: usize = 5;
const NODES: u16 = 4;

const LIMITS: RequestLimits = RequestLimits {
    per_node: 3,
    timeout: Duration::from_millis(10),
    retries: 2,
    busy_delay: Duration::from_millis(3),
    busy_delay_limit: Duration::from_millis(7),
    busy_retries: 2,
};

#[derive(Clone, Copy, Debug)]
enum Operation {
    Start(Lid),
    /// To an id that was given out, by its number from the latest back; some of them are no longer in flight. From
    /// the node that was asked, or from any.
    Respond(usize, Option<Lid>),
    BackOff(usize, Option<Lid>),
    Cancel(usize),
    Retarget(Lid, Lid),
    Transmit,
    Expire,
    /// Time passes, or goes back.
    Pass(i8),
    Rebase,
}

impl Arbitrary for Operation {
    fn arbitrary(g: &mut Gen) -> Self {
        let lid = |g: &mut Gen| Lid(u16::arbitrary(g) % NODES);
        let from = |g: &mut Gen| (u8::arbitrary(g) % 4 == 0).then(|| lid(g));
        // Mostly the latest: the others have ended.
        let back = |g: &mut Gen| usize::from(u8::arbitrary(g) % 8);
        match u8::arbitrary(g) % 20 {
            0..=4 => Self::Start(lid(g)),
            5 => Self::Respond(back(g), from(g)),
            6..=9 => Self::BackOff(back(g), from(g)),
            10 => Self::Cancel(back(g)),
            11 => Self::Retarget(lid(g), lid(g)),
            12..=15 => Self::Transmit,
            16 => Self::Expire,
            17..=18 => Self::Pass(i8::arbitrary(g) % 13),
            _ => Self::Rebase,
        }
    }
}

struct Pending {
    id: RequestId,
    to: Lid,
    request: u32,
    /// When it is sent again, or given up.
    due: Duration,
    sent: bool,
    backing_off: bool,
    given_up: bool,
    attempts: u16,
    timeouts: u8,
    busy: u8,
}

impl Pending {
    fn expires(&self) -> bool {
        self.given_up || (self.sent && !self.backing_off && self.timeouts == LIMITS.retries)
    }

    fn answers(&self, from: Lid) -> Result<(), ResponseError> {
        if self.to != from {
            Err(ResponseError::WrongNode { asked: self.to, from })
        } else if !self.sent {
            Err(ResponseError::NotSent)
        } else {
            Ok(())
        }
    }
}

/// Both tables, the clock, and all ids ever given out.
struct Pair {
    table: RequestTable<u32, PLACES>,
    model: Vec<Pending>,
    now: Duration,
    latest: Duration,
    ids: Vec<RequestId>,
}

impl Pair {
    fn find(&self, id: RequestId) -> Option<usize> {
        self.model.iter().position(|pending| pending.id == id)
    }

    fn id(&self, back: usize) -> Option<RequestId> {
        let back = back.checked_rem(self.ids.len())?;
        self.ids.iter().rev().nth(back).copied()
    }

    /// The node that was asked, unless another is given.
    fn speaker(&self, id: RequestId, from: Option<Lid>) -> Lid {
        let asked = || self.find(id).map_or(Lid(0), |at| self.model[at].to);
        from.unwrap_or_else(asked)
    }

    fn answering(&self, id: RequestId, from: Lid) -> Result<usize, ResponseError> {
        let at = self.find(id).ok_or(ResponseError::Unknown)?;
        self.model[at].answers(from).map(|()| at)
    }

    fn step(&mut self, operation: Operation) {
        // The table learns the time from the calls that tell it.
        if match operation {
            Operation::Start(_) | Operation::Retarget(..) | Operation::Transmit | Operation::Expire => true,
            Operation::BackOff(back, _) => self.id(back).is_some(),
            Operation::Respond(..) | Operation::Cancel(_) | Operation::Pass(_) | Operation::Rebase => false,
        } {
            self.latest = self.latest.max(self.now);
        }
        match operation {
            Operation::Start(to) => self.start(to),
            Operation::Respond(back, from) => {
                let Some(id) = self.id(back) else { return };
                let from = self.speaker(id, from);
                let expected = self.answering(id, from).map(|at| self.model.remove(at).request);
                assert_eq!(self.table.respond(id, from), expected);
            }
            Operation::BackOff(back, from) => {
                let Some(id) = self.id(back) else { return };
                let from = self.speaker(id, from);
                let expected = self.answering(id, from).map(|at| self.model_busy(at));
                assert_eq!(self.table.back_off(self.now, id, from), expected);
            }
            Operation::Cancel(back) => {
                let Some(id) = self.id(back) else { return };
                let expected = self.find(id).map(|at| self.model.remove(at).request);
                assert_eq!(self.table.cancel(id), expected);
            }
            Operation::Retarget(old, new) => {
                self.table.retarget(self.now, old, new);
                for pending in self.model.iter_mut().filter(|pending| pending.to == old) {
                    *pending = Pending::new(pending.id, new, pending.request, self.latest);
                }
            }
            Operation::Transmit => self.transmit(),
            Operation::Expire => self.expire(),
            Operation::Pass(milliseconds) => {
                let by = Duration::from_millis(milliseconds.unsigned_abs().into());
                self.now = if milliseconds < 0 { self.now.saturating_sub(by) } else { self.now + by };
            }
            Operation::Rebase => {
                let epoch = Duration::from_millis(2);
                self.table.rebase(epoch);
                self.now = self.now.saturating_sub(epoch);
                self.latest = self.latest.saturating_sub(epoch);
                for pending in &mut self.model {
                    pending.due = pending.due.saturating_sub(epoch);
                }
            }
        }
    }

    fn start(&mut self, to: Lid) {
        let request = self.ids.len() as u32;
        let to_node = self.model.iter().filter(|pending| pending.to == to).count();
        match self.table.start(self.now, to, request) {
            Ok(id) => {
                assert!(self.model.len() < PLACES && to_node < LIMITS.per_node.into());
                assert!(!self.ids.contains(&id), "{id} was given out before");
                self.ids.push(id);
                self.model.push(Pending::new(id, to, request, self.latest));
            }
            Err(StartError::TableFull(back)) => assert_eq!((back, self.model.len()), (request, PLACES)),
            Err(StartError::NodeFull(back)) => {
                assert!(back == request && to_node >= LIMITS.per_node.into());
            }
        }
    }

    fn model_busy(&mut self, at: usize) {
        let now = self.latest;
        let pending = &mut self.model[at];
        if pending.backing_off || pending.given_up {
            return;
        }
        if pending.busy == LIMITS.busy_retries {
            pending.given_up = true;
            pending.due = now;
        } else {
            pending.backing_off = true;
            let delay = LIMITS.busy_delay * (1 << pending.busy);
            pending.due = now + delay.min(LIMITS.busy_delay_limit);
            pending.busy += 1;
        }
    }

    fn transmit(&mut self) {
        let now = self.latest;
        let earliest = self.model.iter().filter(|p| !p.expires() && p.due <= now).map(|p| p.due).min();
        let Some(due) = self.table.poll_transmit(self.now) else {
            return assert_eq!(earliest, None);
        };
        let at = self.model.iter().position(|pending| pending.id == due.id).expect("it is in flight");
        let pending = &mut self.model[at];
        assert!(!pending.expires());
        assert_eq!(Some(pending.due), earliest);
        if pending.sent && !pending.backing_off {
            pending.timeouts += 1;
        }
        pending.sent = true;
        pending.backing_off = false;
        pending.attempts += 1;
        pending.due = now + LIMITS.timeout;
        assert_eq!((due.to, due.attempt, *due.request), (pending.to, pending.attempts, pending.request));
    }

    fn expire(&mut self) {
        let now = self.latest;
        let earliest = self.model.iter().filter(|p| p.expires() && p.due <= now).map(|p| p.due).min();
        let Some(expired) = self.table.poll_expired(self.now) else {
            return assert_eq!(earliest, None);
        };
        let at = self.find(expired.id).expect("it is in flight");
        let pending = self.model.remove(at);
        assert!(pending.expires());
        assert_eq!(Some(pending.due), earliest);
        let reason = if pending.given_up { ExpiryReason::Busy } else { ExpiryReason::NoAnswer };
        assert_eq!(
            (expired.to, expired.attempts, expired.request, expired.reason),
            (pending.to, pending.attempts, pending.request, reason)
        );
    }

    fn compare(&self) {
        assert_eq!(self.table.len(), self.model.len());
        assert_eq!(self.table.is_empty(), self.model.is_empty());
        assert_eq!(self.table.poll_timeout(), self.model.iter().map(|pending| pending.due).min());
        for lid in (0..NODES).map(Lid) {
            let in_flight = self.model.iter().filter(|pending| pending.to == lid).count();
            assert_eq!(usize::from(self.table.in_flight_to(lid)), in_flight, "to {lid}");
        }
        for &id in &self.ids {
            for from in (0..NODES).map(Lid) {
                let expected = self.answering(id, from).map(|at| &self.model[at].request);
                assert_eq!(self.table.matching(id, from), expected);
            }
        }
    }
}

impl Pending {
    fn new(id: RequestId, to: Lid, request: u32, due: Duration) -> Self {
        Self {
            id,
            to,
            request,
            due,
            sent: false,
            backing_off: false,
            given_up: false,
            attempts: 0,
            timeouts: 0,
            busy: 0,
        }
    }
}

fn run(epoch: Duration, first_id: u32, operations: Vec<Operation>) -> Pair {
    let mut pair = Pair {
        table: RequestTable::new(LIMITS, first_id),
        model: Vec::new(),
        now: epoch,
        latest: Duration::ZERO,
        ids: Vec::new(),
    };
    for operation in operations {
        pair.step(operation);
        pair.compare();
    }
    pair
}

#[test]
fn does_what_a_linear_search_would() {
    fn property(epoch: u32, first_id: u32, operations: Vec<Operation>) -> bool {
        run(Duration::from_secs(u64::from(epoch) + 1000), first_id, operations);
        true
    }
    QuickCheck::new().tests(3000).quickcheck(property as fn(u32, u32, Vec<Operation>) -> bool);
}

quickcheck::quickcheck! {
    /// Whatever happened before, a table that is only polled from then on ends all its requests, within the bounds
    /// that the limits set.
    fn drains_within_its_limits(operations: Vec<Operation>) -> bool {
        let mut pair = run(Duration::from_secs(1 << 40), 0, operations);
        let end = pair.now.max(pair.latest) + LIMITS.timeout * 3 + LIMITS.busy_delay_limit;
        let mut now = pair.now;
        while let Some(at) = pair.table.poll_timeout() {
            now = now.max(at);
            while let Some(due) = pair.table.poll_transmit(now) {
                assert!(due.attempt <= 1 + u16::from(LIMITS.retries) + u16::from(LIMITS.busy_retries));
            }
            while pair.table.poll_expired(now).is_some() {}
        }
        now <= end && pair.table.is_empty()
    }
}
