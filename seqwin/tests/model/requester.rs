use core::time::Duration;

use quickcheck::{Arbitrary, Gen, QuickCheck};
use seqwin::{
    Answer, LaunchError, Matched, Order, Requester, RequesterConfig, Response, SerialNumber, TransactionType,
    UnmatchedReason,
};

use crate::setup::Setup;

const PLACES: usize = 12;

#[derive(Clone, Copy, Debug)]
enum Operation {
    Launch(Order, u8),
    /// A response to a transmission, by its number from the latest back, with one of five values wrong or none.
    Respond(usize, Answer, Option<u8>),
    /// Items whose bit is set fail.
    Fail(u8),
    Relaunch(u8),
    /// Time passes.
    Pass(u8),
    Rebase,
}

impl Arbitrary for Operation {
    fn arbitrary(g: &mut Gen) -> Self {
        let order = |g: &mut Gen| {
            if u8::arbitrary(g) % 3 > 0 { Order::Ordered } else { Order::Unordered }
        };
        match u8::arbitrary(g) % 20 {
            0..=6 => Self::Launch(order(g), u8::arbitrary(g)),
            7..=12 => {
                let refused = u8::arbitrary(g) % 5 == 0;
                let answer = if refused { Answer::OutOfSequence } else { Answer::Acknowledged };
                let wrong = (u8::arbitrary(g) % 6 == 0).then(|| u8::arbitrary(g) % 5);
                Self::Respond(usize::arbitrary(g) % 14, answer, wrong)
            }
            13 => Self::Fail(u8::arbitrary(g) | u8::arbitrary(g)),
            14..=17 => Self::Relaunch(u8::arbitrary(g)),
            18 => Self::Pass(u8::arbitrary(g) % 32),
            _ => Self::Rebase,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    InFlight,
    Acknowledged,
    Failed,
}

#[derive(Clone, Debug)]
struct Packet {
    number: u64,
    serial: u32,
    order: Order,
    kind: TransactionType,
    state: State,
    deadline: Duration,
    item: u32,
}

/// Everything about one requester, kept the long way round.
struct Pair {
    setup: Setup,
    requester: Requester<u32, PLACES>,
    now: Duration,
    /// Everything that was ever launched, and how much of it is complete.
    packets: Vec<Packet>,
    complete: usize,
    /// Number of the next packet, and transmissions before the next.
    next: u64,
    sent: u32,
    /// Each transmission: the packet, and its serial number.
    transmissions: Vec<(usize, u32)>,
}

impl Pair {
    fn new(setup: Setup) -> Self {
        let config = RequesterConfig {
            bits: setup.bits(),
            window: setup.window,
            source: 4,
            vi: 5,
            first_sequence: setup.wrap(setup.before),
            first_serial: SerialNumber(setup.first_serial),
            selective: setup.selective,
        };
        Self {
            setup,
            requester: Requester::new(config).unwrap(),
            now: Duration::from_secs(1 << 40),
            packets: Vec::new(),
            complete: 0,
            next: setup.before,
            sent: setup.first_serial,
            transmissions: Vec::new(),
        }
    }

    fn outstanding(&self) -> &[Packet] {
        &self.packets[self.complete..]
    }

    fn has(&self, state: State) -> bool {
        self.outstanding().iter().any(|packet| packet.state == state)
    }

    /// The time that a deadline is not before.
    fn deadline(&self, milliseconds: u8) -> Duration {
        self.now + Duration::from_millis(milliseconds.into())
    }

    /// No deadline is earlier than one that was given while something launched before it is outstanding.
    fn settle(&self, deadline: Duration, latest: Duration) -> Duration {
        if self.outstanding().is_empty() { deadline } else { deadline.max(latest) }
    }

    fn transmit(&mut self, at: usize, deadline: Duration) -> SerialNumber {
        let serial = self.sent;
        self.sent = self.sent.wrapping_add(1);
        self.transmissions.push((at, serial));
        let packet = &mut self.packets[at];
        (packet.serial, packet.state, packet.deadline) = (serial, State::InFlight, deadline);
        SerialNumber(serial)
    }

    fn may_launch(&self, order: Order) -> Result<(), LaunchError> {
        let is_unordered = |packet: &Packet| packet.order == Order::Unordered;
        if self.has(State::Failed) {
            Err(LaunchError::RelaunchPending)
        } else if order == Order::Ordered && self.outstanding().iter().any(is_unordered) {
            Err(LaunchError::UnorderedOutstanding)
        } else if self.outstanding().len() >= PLACES.min(self.setup.window as usize) {
            Err(LaunchError::WindowFull)
        } else {
            Ok(())
        }
    }

    fn step(&mut self, operation: Operation, latest: &mut Duration) {
        match operation {
            Operation::Launch(order, milliseconds) => {
                let deadline = self.deadline(milliseconds);
                let item = self.packets.len() as u32;
                let kind = TransactionType(item as u8 % 3);
                let expected = self.may_launch(order);
                assert_eq!(self.requester.can_launch(order), expected.is_ok());
                let stamp = self.requester.launch(order, kind, item, deadline);
                assert_eq!(stamp.map(|_| ()), expected);
                let Ok(stamp) = stamp else { return };
                *latest = self.settle(deadline, *latest);
                let number = self.next;
                self.next += u64::from(order == Order::Ordered);
                let (serial, state, deadline) = (0, State::InFlight, *latest);
                self.packets.push(Packet { number, serial, order, kind, state, deadline, item });
                assert_eq!(stamp.serial, self.transmit(self.packets.len() - 1, *latest));
                assert_eq!(stamp.sequence, self.setup.wrap(number));
            }
            Operation::Respond(back, answer, wrong) => self.respond(back, answer, wrong),
            Operation::Fail(mask) => self.fail(mask),
            Operation::Relaunch(milliseconds) => {
                let deadline = self.deadline(milliseconds);
                let failed = self.outstanding().iter().position(|packet| packet.state == State::Failed);
                let again = self.requester.relaunch(deadline, |_| ());
                let again = again.map(|again| (again.stamp, again.order, again.kind, *again.item));
                assert_eq!(again.is_some(), failed.is_some());
                let (Some((stamp, order, kind, item)), Some(failed)) = (again, failed) else { return };
                let at = self.complete + failed;
                *latest = self.settle(deadline, *latest);
                assert_eq!(stamp.serial, self.transmit(at, *latest));
                let packet = &self.packets[at];
                assert_eq!(stamp.sequence, self.setup.wrap(packet.number));
                assert_eq!((order, kind, item), (packet.order, packet.kind, packet.item));
            }
            Operation::Pass(milliseconds) => self.now = self.deadline(milliseconds),
            Operation::Rebase => {
                let epoch = Duration::from_millis(3);
                self.requester.rebase(epoch);
                self.now -= epoch;
                *latest = latest.saturating_sub(epoch);
                let complete = self.complete;
                self.packets[complete..].iter_mut().for_each(|packet| packet.deadline -= epoch);
            }
        }
    }

    fn respond(&mut self, back: usize, answer: Answer, wrong: Option<u8>) {
        let Some(&(at, serial)) = self.transmissions.iter().rev().nth(back) else { return };
        let packet = &self.packets[at];
        let mut response = Response {
            source: 4,
            vi: 5,
            sequence: self.setup.wrap(packet.number),
            kind: packet.kind,
            serial: SerialNumber(serial),
            answer,
        };
        let is_current = at >= self.complete && packet.serial == serial;
        let mut expected = match packet.state {
            _ if !is_current => Some(UnmatchedReason::Serial),
            State::Acknowledged => Some(UnmatchedReason::AlreadyAcknowledged),
            State::InFlight | State::Failed => None,
        };
        match wrong {
            Some(0) => (response.source, expected) = (3, Some(UnmatchedReason::Source)),
            Some(1) => (response.vi, expected) = (3, Some(UnmatchedReason::Vi)),
            Some(2) => {
                response.serial.0 = response.serial.0.wrapping_sub(1 << 31);
                expected = Some(UnmatchedReason::Serial);
            }
            Some(3) if is_current => {
                response.sequence = self.setup.wrap(packet.number + 1);
                expected = Some(UnmatchedReason::Sequence);
            }
            Some(4) if is_current => {
                (response.kind, expected) = (TransactionType(7), Some(UnmatchedReason::Kind))
            }
            _ => {}
        }
        let mut done = Vec::new();
        let matched = self.requester.handle_response(&response, |item| done.push(item));
        match (expected, answer) {
            (Some(reason), _) => assert_eq!(matched, Matched::Unmatched(reason)),
            (None, Answer::OutOfSequence) => assert_eq!(matched, Matched::Refused(&packet.item)),
            (None, Answer::Acknowledged) => {
                assert_eq!(matched, Matched::Acknowledged { completed: done.len() });
                self.packets[at].state = State::Acknowledged;
            }
        }
        for item in done {
            // In the order of launch, and only what is acknowledged.
            assert_eq!(item, self.packets[self.complete].item);
            assert_eq!(self.packets[self.complete].state, State::Acknowledged);
            self.complete += 1;
        }
        assert!(self.outstanding().first().is_none_or(|first| first.state != State::Acknowledged));
    }

    fn fail(&mut self, mask: u8) {
        let is_failed = |item: &u32| mask >> (item % 8) & 1 == 1;
        let complete = self.complete;
        let fresh = |packet: &Packet| packet.state == State::InFlight && is_failed(&packet.item);
        let earliest =
            self.outstanding().iter().find(|packet| packet.order == Order::Ordered && fresh(packet));
        let from = earliest.filter(|_| !self.setup.selective).map(|packet| packet.number);
        for packet in &mut self.packets[complete..] {
            let goes_back = from.is_some_and(|from| packet.order == Order::Ordered && packet.number >= from);
            if fresh(packet) || goes_back {
                packet.state = State::Failed;
            }
        }
        let failed = self.outstanding().iter().filter(|packet| packet.state == State::Failed).count();
        assert_eq!(self.requester.fail(is_failed), failed);
    }

    fn compare(&self) {
        let outstanding = self.outstanding();
        assert!(outstanding.len() <= PLACES.min(self.setup.window as usize));
        assert_eq!(self.requester.outstanding(), outstanding.len());
        assert_eq!(self.requester.is_idle(), outstanding.is_empty());
        assert_eq!(self.requester.sequence(), self.setup.wrap(self.next));
        let in_flight = outstanding.iter().filter(|packet| packet.state == State::InFlight);
        let due = in_flight.min_by_key(|packet| packet.deadline);
        assert_eq!(self.requester.next_deadline(), due.map(|packet| packet.deadline));
        let expired = due.filter(|packet| packet.deadline <= self.now).map(|packet| &packet.item);
        assert_eq!(self.requester.expired(self.now), expired);
        let shown = self
            .requester
            .unacknowledged()
            .map(|packet| (*packet.item, packet.deadline, packet.stamp.serial.0));
        let open = outstanding.iter().filter(|packet| packet.state != State::Acknowledged);
        let expected = open.map(|packet| {
            let deadline = (packet.state == State::InFlight).then_some(packet.deadline);
            (packet.item, deadline, packet.serial)
        });
        assert!(shown.eq(expected));
    }
}

#[test]
fn a_requester_does_what_its_model_does() {
    fn property(setup: Setup, operations: Vec<Operation>) -> bool {
        let mut pair = Pair::new(setup);
        let mut latest = Duration::ZERO;
        for operation in operations {
            pair.step(operation, &mut latest);
            pair.compare();
        }
        true
    }
    QuickCheck::new().tests(5000).quickcheck(property as fn(Setup, Vec<Operation>) -> bool);
}
