use core::time::Duration;

use seqwin::{
    Answer, Gap, Matched, Order, Requester, RequesterConfig, Responder, ResponderConfig, Response, Sequence,
    SequenceBits, SerialNumber, TransactionType, Verdict,
};
use sim::{Faults, Link, LinkStep, Violation, Witness, World};

use super::traffic::{READ, Request, SOURCE, Stray, VI, WRITE};
use super::{Mutant, rule};

/// Far from zero, so that a duration taken for a time shows.
const EPOCH: Duration = Duration::from_secs(1 << 40);
const TIMEOUT: Duration = Duration::from_secs(1);
/// Packets a requester has places for.
const PLACES: usize = 8;

/// What may go wrong, and how often. `u32::MAX` has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Disturbances {
    /// Packets and responses that may be lost. A lane keeps its order, and repeats nothing.
    pub losses: u32,
    /// Deadlines that pass although something is on the way.
    pub impatience: u32,
    /// Responses that fit no packet.
    pub strays: u32,
    /// Further packets, each time all are through.
    pub rounds: u32,
}

impl Disturbances {
    /// Nothing goes wrong.
    pub const NONE: Self = Self { losses: 0, impatience: 0, strays: 0, rounds: 0 };
    /// Everything that can go wrong does, again and again.
    pub const UNLIMITED: Self =
        Self { losses: u32::MAX, impatience: u32::MAX, strays: u32::MAX, rounds: u32::MAX };
}

/// How large a world is, and which rule it leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// Bits of a sequence number.
    pub bits: u8,
    /// Packets outstanding.
    pub window: u32,
    /// Packets of a round.
    pub packets: u32,
    /// Packet `n` is unordered when bit `n` is set; from 16 on over again.
    pub unordered: u16,
    /// Packet `n` is a read when bit `n` is set and it is ordered; from 16 on over again.
    pub reads: u16,
    /// Both ends are selective.
    pub selective: bool,
    /// An acknowledgement speaks for the writes before it.
    pub cumulative: bool,
    /// The responder says nothing to a packet ahead of its turn.
    pub silent: bool,
    /// Packets on the way in one direction; a full lane drops more.
    pub lane: usize,
    /// The rule left out.
    pub mutant: Mutant,
}

impl Setting {
    fn order(&self, index: u32) -> Order {
        if self.unordered >> (index % 16) & 1 == 1 { Order::Unordered } else { Order::Ordered }
    }

    fn kind(&self, index: u32) -> TransactionType {
        let is_read = self.reads >> (index % 16) & 1 == 1 && self.order(index) == Order::Ordered;
        if is_read { READ } else { WRITE }
    }

    /// The first ordered packet from `index` on.
    fn ordered_from(&self, index: u32) -> u32 {
        (index..index + 16).find(|&index| self.order(index) == Order::Ordered).unwrap_or(u32::MAX)
    }

    fn requester(&self) -> Requester<u32, PLACES> {
        let is_too_large = self.mutant == Mutant::WindowTooLarge;
        let config = RequesterConfig {
            // With a bit more the window is none too large; the lane takes the bit off.
            bits: bits(self.bits + u8::from(is_too_large)),
            window: self.window + u32::from(is_too_large),
            source: SOURCE,
            vi: VI,
            selective: self.selective && self.mutant != Mutant::CoversWhatIsMissing,
            ..RequesterConfig::DEFAULT
        };
        Requester::new(config).expect("a window that fits")
    }

    fn responder(&self) -> Responder {
        let gap = if self.silent { Gap::Silent } else { Gap::Refuse };
        let Self { window, selective, .. } = *self;
        let config =
            ResponderConfig { bits: bits(self.bits), window, gap, selective, ..ResponderConfig::DEFAULT };
        Responder::new(config).expect("a window that fits")
    }
}

fn bits(bits: u8) -> SequenceBits {
    SequenceBits::new(bits).expect("2 to 32")
}

/// Which way something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// A request, to the responder.
    There,
    /// A response, to the requester.
    Back,
}

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// On a lane.
    Lane(Way, LinkStep),
    /// The earliest failed packet is sent again.
    Relaunch,
    /// The next packet is sent.
    Launch,
    /// Nothing is on the way: the next deadline passes.
    Wait,
    /// The next deadline passes while something is on the way.
    Impatience,
    /// A response comes that fits no packet.
    Stray(Stray, Answer),
    /// There is more to be sent.
    Next,
}

/// A requester and a responder as they ship, a lane each way that keeps its order, and a stream of packets.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SeqwinWorld {
    now: Duration,
    setting: Setting,
    requester: Requester<u32, PLACES>,
    responder: Responder,
    requests: Link<Request>,
    responses: Link<Response>,
    left: Disturbances,
    /// Packets to be sent in all, launched, and completed.
    planned: u32,
    launched: u32,
    completed: u32,
    /// The ordered packet that is to be processed next.
    next_ordered: u32,
    /// Ordered packets that came ahead of their turn, and unordered ones that were processed; not those completed.
    kept: Vec<u32>,
    processed: Vec<u32>,
    /// Reads that were answered, not those completed.
    data: Vec<u32>,
    broken: Option<Violation>,
}

impl SeqwinWorld {
    /// Nothing is sent yet.
    pub fn new(setting: Setting, left: Disturbances) -> Self {
        Self {
            now: EPOCH,
            setting,
            requester: setting.requester(),
            responder: setting.responder(),
            requests: Link::new(setting.lane),
            responses: Link::new(setting.lane),
            left,
            planned: setting.packets,
            launched: 0,
            completed: 0,
            next_ordered: setting.ordered_from(0),
            kept: Vec::new(),
            processed: Vec::new(),
            data: Vec::new(),
            broken: None,
        }
    }

    fn is_quiet(&self) -> bool {
        self.requests.is_empty() && self.responses.is_empty()
    }

    fn may_launch(&self) -> bool {
        self.launched < self.planned && self.requester.can_launch(self.setting.order(self.launched))
    }

    fn breaks(&mut self, rule: &'static str, detail: String) {
        self.broken = self.broken.take().or(Some(Violation::new(rule, detail)));
    }

    fn launch(&mut self) {
        let index = self.launched;
        let (order, kind) = (self.setting.order(index), self.setting.kind(index));
        let launched = self.requester.launch(order, kind, index, self.now + TIMEOUT);
        let stamp = launched.expect("it can be launched");
        self.launched += 1;
        self.requests.send(Request { stamp, order, kind, index });
    }

    fn relaunch(&mut self) {
        let again = self.requester.relaunch(self.now + TIMEOUT, |_| ()).expect("one has failed");
        let request =
            Request { stamp: again.stamp, order: again.order, kind: again.kind, index: *again.item };
        self.requests.send(request);
    }

    fn time_out(&mut self) {
        self.now = self.now.max(self.requester.next_deadline().unwrap_or_default());
        let expired = self.requester.expired(self.now).copied();
        let failed = self.requester.fail(|&index| Some(index) == expired);
        assert!(failed > 0, "a deadline that passed has a packet");
        if self.setting.mutant == Mutant::SkipsBack {
            self.acknowledge_failed_behind(expired.unwrap_or_default());
        }
    }

    /// As if nothing behind the failed packet had to be sent again.
    fn acknowledge_failed_behind(&mut self, expired: u32) {
        let failed = self.requester.unacknowledged().filter(|packet| packet.deadline.is_none());
        let behind: Vec<_> =
            failed.filter(|packet| *packet.item > expired).map(|packet| packet.stamp).collect();
        for stamp in behind {
            let request = Request { stamp, order: Order::Ordered, kind: WRITE, index: 0 };
            self.requester.handle_response(&request.answered(Answer::Acknowledged), |_| ());
        }
    }

    /// A request arrives.
    fn receive(&mut self, request: Request) {
        let Setting { mutant, bits: wire_bits, .. } = self.setting;
        let advances = mutant == Mutant::AdvancesOnUnordered;
        let order = if advances { Order::Ordered } else { request.order };
        let sequence = Sequence(request.stamp.sequence.0 & bits(wire_bits).last().0);
        let before = self.responder.expected();
        let verdict = self.responder.receive(sequence, order);
        let advance = bits(wire_bits).distance(before, self.responder.expected());
        let answer = match verdict {
            Verdict::Expected => {
                match request.order {
                    Order::Ordered => self.process(request.index, advance),
                    Order::Unordered => self.process_unordered(request.index),
                }
                Answer::Acknowledged
            }
            Verdict::Ahead => {
                self.kept.push(request.index);
                self.kept.sort_unstable();
                Answer::Acknowledged
            }
            Verdict::Duplicate if mutant == Mutant::SilentOnDuplicates => return,
            Verdict::Duplicate => Answer::Acknowledged,
            Verdict::OutOfSequence { refuse: true } => Answer::OutOfSequence,
            Verdict::OutOfSequence { refuse: false } => return,
            Verdict::OutsideWindow => {
                return self.breaks(rule::INSIDE, format!("packet {}: {sequence}", request.index));
            }
        };
        self.responses.send(request.answered(answer));
    }

    /// An ordered packet, and `advance - 1` that were kept.
    fn process(&mut self, index: u32, advance: u32) {
        let mut due = self.next_ordered;
        for step in 0..advance {
            let is_there = if step == 0 { index == due } else { self.kept.contains(&due) };
            if !is_there {
                let detail = format!("packet {index} while {due} was due, {:?} kept", self.kept);
                return self.breaks(rule::EXACTLY_ONCE, detail);
            }
            self.kept.retain(|&kept| kept != due);
            due = self.setting.ordered_from(due + 1);
        }
        self.next_ordered = due;
    }

    fn process_unordered(&mut self, index: u32) {
        if index < self.completed || index > self.next_ordered {
            let Self { completed, next_ordered, .. } = self;
            let detail =
                format!("packet {index}: {completed} completed, {next_ordered} is to be processed next");
            return self.breaks(rule::UNORDERED_IN_ITS_TIME, detail);
        }
        if !self.processed.contains(&index) {
            self.processed.push(index);
            self.processed.sort_unstable();
        }
    }

    /// A response arrives.
    fn handle(&mut self, mut response: Response) {
        if self.setting.mutant == Mutant::IgnoresSerial {
            let same = |number| number == response.sequence;
            let first = self.requester.unacknowledged().find(|packet| same(packet.stamp.sequence));
            response.serial = first.map_or(response.serial, |packet| packet.stamp.serial);
        }
        let mut done = Vec::new();
        let answered = self.requester.answered_by(&response).copied();
        let Setting { cumulative, mutant, .. } = self.setting;
        let is_covered = |kind, _: &u32| cumulative && (kind == WRITE || mutant == Mutant::CoversReads);
        let matched =
            self.requester.handle_cumulative_response(&response, is_covered, |index| done.push(index));
        let is_refused = match matched {
            Matched::Refused(_) => true,
            Matched::Acknowledged { .. } => {
                self.data.extend(answered.ok().filter(|&index| self.setting.kind(index) == READ));
                self.data.sort_unstable();
                self.data.dedup();
                false
            }
            Matched::Unmatched(_) => false,
        };
        done.into_iter().for_each(|index| self.complete(index));
        if is_refused {
            self.requester.fail(|_| true);
        }
    }

    fn complete(&mut self, index: u32) {
        if index != self.completed {
            let detail = format!("packet {index} after {} others", self.completed);
            self.breaks(rule::COMPLETED_IN_ORDER, detail);
        }
        let is_processed = match self.setting.order(index) {
            Order::Ordered => index < self.next_ordered,
            Order::Unordered => self.processed.contains(&index),
        };
        if !is_processed {
            self.breaks(rule::DONE_IS_PROCESSED, format!("packet {index}"));
        }
        if self.setting.kind(index) == READ && !self.data.contains(&index) {
            self.breaks(rule::DATA, format!("packet {index}"));
        }
        self.completed += 1;
        self.data.retain(|&answered| answered > index);
        self.processed.retain(|&processed| processed > index);
    }

    fn stray(&mut self, stray: Stray, answer: Answer) {
        let stamps = self.requester.unacknowledged().map(|packet| (packet.stamp, packet.kind));
        let Some((stamp, kind)) = stamps.last() else { return };
        let before = self.requester.clone();
        let matched = self.requester.handle_response(&stray.to(stamp, kind, answer), |_| ());
        let is_unmatched = matches!(matched, Matched::Unmatched(_));
        if !is_unmatched || self.requester != before {
            self.breaks(rule::STRAYS_CHANGE_NOTHING, format!("{stray:?}, {answer:?}"));
        }
    }

    /// Serial numbers that somebody still holds, the oldest first.
    fn serials(&self) -> Vec<SerialNumber> {
        let held = self.requester.unacknowledged().map(|packet| packet.stamp.serial);
        let there = self.requests.in_flight().map(|request| request.stamp.serial);
        let back = self.responses.in_flight().map(|response| response.serial);
        let mut serials: Vec<_> = held.chain(there).chain(back).collect();
        serials.sort_unstable();
        serials.dedup();
        serials
    }
}

impl World for SeqwinWorld {
    type Step = Step;

    fn steps(&self, out: &mut Vec<Step>) {
        if self.broken.is_some() {
            return;
        }
        let faults = Faults { losses: self.left.losses, ..Faults::NONE };
        out.extend(self.responses.steps(&faults).map(|step| Step::Lane(Way::Back, step)));
        out.extend(self.requests.steps(&faults).map(|step| Step::Lane(Way::There, step)));
        if self.requester.relaunch_pending() > 0 {
            out.push(Step::Relaunch);
        }
        if self.may_launch() {
            out.push(Step::Launch);
        }
        if self.requester.next_deadline().is_some() {
            if self.is_quiet() {
                out.push(Step::Wait);
            } else if self.left.impatience > 0 {
                out.push(Step::Impatience);
            }
        }
        if self.left.strays > 0 && !self.requester.is_idle() {
            let answers = [Answer::Acknowledged, Answer::OutOfSequence];
            let strays =
                Stray::ALL.iter().flat_map(|&stray| answers.map(|answer| Step::Stray(stray, answer)));
            out.extend(strays);
        }
        if self.left.rounds > 0 && self.is_at_goal() {
            out.push(Step::Next);
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Lane(way, step) => {
                let mut faults = Faults { losses: self.left.losses, ..Faults::NONE };
                match way {
                    Way::There => {
                        let arrived = self.requests.step(step, &mut faults);
                        arrived.into_iter().for_each(|request| self.receive(request));
                    }
                    Way::Back => {
                        let arrived = self.responses.step(step, &mut faults);
                        arrived.into_iter().for_each(|response| self.handle(response));
                    }
                }
                self.left.losses = faults.losses;
            }
            Step::Relaunch => self.relaunch(),
            Step::Launch => self.launch(),
            Step::Wait => self.time_out(),
            Step::Impatience => {
                Faults::spend(&mut self.left.impatience);
                self.time_out();
            }
            Step::Stray(stray, answer) => {
                Faults::spend(&mut self.left.strays);
                self.stray(stray, answer);
            }
            Step::Next => {
                Faults::spend(&mut self.left.rounds);
                self.planned = self.planned.saturating_add(self.setting.packets);
            }
        }
    }

    fn is_fault(step: &Step) -> bool {
        match step {
            Step::Lane(_, step) => step.is_fault(),
            Step::Relaunch | Step::Launch | Step::Wait => false,
            Step::Impatience | Step::Stray(..) | Step::Next => true,
        }
    }

    fn check(&self) -> Result<(), Violation> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let outstanding = self.requester.outstanding();
        let largest = bits(self.setting.bits).largest_window();
        if outstanding as u32 > self.setting.window.min(largest)
            && self.setting.mutant != Mutant::WindowTooLarge
        {
            return Err(Violation::new(rule::WINDOW, format!("{outstanding} packets")));
        }
        Ok(())
    }

    /// Everything is through.
    fn is_at_goal(&self) -> bool {
        self.is_quiet() && self.requester.is_idle() && self.completed == self.planned
    }

    fn drain_bound(&self) -> usize {
        20 * (self.setting.packets as usize + self.setting.lane)
    }

    /// Zero is now, and serial numbers count from zero too: only whether they are equal matters.
    fn rebase(&mut self) {
        self.requester.rebase(core::mem::take(&mut self.now));
        let serials = self.serials();
        // Nobody answers the acknowledged packets again: their serial numbers are as good as any that is not out.
        let spare = SerialNumber(u32::MAX);
        let number = |serial| match serials.binary_search(&serial) {
            Ok(rank) => SerialNumber(rank as u32),
            Err(_) => spare,
        };
        self.requester.renumber(SerialNumber(serials.len() as u32), number);
        let mut renumbered = Link::new(self.setting.lane);
        for request in self.requests.in_flight() {
            let mut request = *request;
            request.stamp.serial = number(request.stamp.serial);
            renumbered.send(request);
        }
        self.requests = renumbered;
        let mut renumbered = Link::new(self.setting.lane);
        for response in self.responses.in_flight() {
            renumbered.send(Response { serial: number(response.serial), ..*response });
        }
        self.responses = renumbered;
    }

    fn witnesses() -> &'static [Witness<Self>] {
        &[
            Witness { name: "everything is through", holds: SeqwinWorld::is_at_goal },
            Witness {
                name: "a packet is processed, and its requester sends it again",
                holds: |world| world.next_ordered > world.completed && world.requester.relaunch_pending() > 0,
            },
        ]
    }
}
