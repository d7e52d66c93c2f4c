use core::time::Duration;

use ib_mad::wire::{Attribute, Method, RmppFlags, RmppHeader, RmppStatus, RmppType};
use sim::{Faults, Link, LinkStep, Violation, Witness, World};

use super::message::MOST_SEGMENTS;
use super::node::{Datagram, Node};
use super::{Mutant, rule};

/// Far from zero, so that a duration taken for a time shows.
const EPOCH: Duration = Duration::from_secs(1 << 40);
/// Datagrams on the way in one direction.
const LINK: usize = 16;
/// Transaction id of the first transfer.
const FIRST: u64 = 1;

/// What may go wrong, and how often. `u32::MAX` has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Disturbances {
    /// Of the links.
    pub faults: Faults,
    /// Datagrams of one transfer that arrive with a header that they cannot have. Two can fit each other: a longer
    /// payload length and a missing LAST are a message whose end is lost, and nobody could tell.
    pub corruptions: u32,
    /// Times that the next deadline passes although something is on the way.
    pub impatience: u32,
    /// Transfers after the first, each longer than the one before or short again.
    pub rounds: u32,
}

impl Disturbances {
    /// Nothing goes wrong.
    pub const NONE: Self = Self { faults: Faults::NONE, corruptions: 0, impatience: 0, rounds: 0 };
    /// Everything that can go wrong does, again and again.
    pub const UNLIMITED: Self =
        Self { faults: Faults::UNLIMITED, corruptions: 1, impatience: u32::MAX, rounds: u32::MAX };
}

/// How large a world is, and which rule it leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// Segments of the message.
    pub segments: u16,
    /// Segments of the answer to it, 0 for none: the transfer is then not double-sided.
    pub answer: u16,
    /// Segments by which a window opens.
    pub window: u32,
    /// Repetitions without progress.
    pub retries: u8,
    /// What goes wrong can be repaired: no transfer may fail.
    pub must_deliver: bool,
    /// The rule left out.
    pub mutant: Mutant,
}

/// Long messages both ways, and everything goes wrong.
pub const STORM: Setting =
    Setting { segments: 5, answer: 7, window: 3, retries: 3, must_deliver: false, mutant: Mutant::None };

/// Which way a datagram goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To the node that answers.
    There,
    /// To the node that asks.
    Back,
}

/// A field of the protocol's header, and a value that it cannot have where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Corruption {
    /// A version that does not exist.
    Version,
    /// A type that does not exist.
    Type,
    /// A status that no such segment has.
    Status,
    /// A segment far beyond the last.
    Segment,
    /// A payload length that fits nothing, a window that is shut.
    Length,
    /// FIRST is turned.
    First,
    /// LAST is turned.
    Last,
}

const CORRUPTIONS: [Corruption; 7] = [
    Corruption::Version,
    Corruption::Type,
    Corruption::Status,
    Corruption::Segment,
    Corruption::Length,
    Corruption::First,
    Corruption::Last,
];

/// Two nodes, and transfers between them: the machines of `ib_mad::rmpp` as they ship.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RmppWorld {
    now: Duration,
    setting: Setting,
    round: u64,
    /// The node that asks, and the one that answers.
    nodes: [Node; 2],
    /// There and back.
    links: [Link<Datagram>; 2],
    left: Disturbances,
    /// What a transfer begins with.
    corruptions: u32,
    broken: Option<Violation>,
}

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// On a link.
    Link(Direction, LinkStep),
    /// A datagram arrives with a header that it cannot have.
    Corrupt(Direction, Corruption),
    /// The node that has the whole question begins to answer.
    Answer,
    /// Nothing is on the way: the next deadline passes.
    Wait,
    /// The next deadline passes while something is on the way.
    Impatience,
    /// Another transfer begins.
    Next,
}

impl RmppWorld {
    /// A message that is about to be sent.
    pub fn new(setting: Setting, left: Disturbances) -> Self {
        let nodes =
            [Node::new(&setting, 2, FIRST, setting.answer), Node::new(&setting, 1, FIRST, setting.segments)];
        let links = [Link::new(LINK), Link::new(LINK)];
        let mut world = Self {
            now: EPOCH,
            setting,
            round: FIRST,
            nodes,
            links,
            left,
            corruptions: left.corruptions,
            broken: None,
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        let is_answered = self.setting.answer > 0;
        self.nodes[0].send(self.now, Method::GET_TABLE, self.setting.segments, is_answered);
        self.pump();
    }

    fn is_quiet(&self) -> bool {
        self.links.iter().all(Link::is_empty)
    }

    fn next_deadline(&self) -> Option<Duration> {
        self.nodes.iter().filter_map(Node::poll_timeout).min()
    }

    /// The question is there, and its answer not begun.
    fn is_to_answer(&self) -> bool {
        self.setting.answer > 0 && self.nodes[1].is_whole && self.nodes[1].sender.is_none()
    }

    fn pump(&mut self) {
        for (index, link) in self.links.iter_mut().enumerate() {
            let mut out = Vec::new();
            let granted = self.nodes[1 - index].granted;
            let node = &mut self.nodes[index];
            node.allow(granted);
            let outcome = node.pump(self.now, &mut out);
            self.broken = self.broken.take().or(outcome.err());
            for mad in out {
                link.send(mad);
            }
        }
    }

    fn receive(&mut self, direction: Direction, mad: &Datagram) {
        let outcome = self.nodes[1 - direction as usize].receive(self.now, mad);
        self.broken = self.broken.take().or(outcome.err());
        self.pump();
    }

    /// What an acknowledged message has to have come to.
    fn check_outcome(&self) -> Result<(), Violation> {
        for (one, other) in [(0, 1), (1, 0)] {
            if self.nodes[one].has_delivered && !self.nodes[other].is_whole {
                let detail = format!("node {other} has {} records", self.nodes[other].arrived);
                return Err(Violation::new(rule::DELIVERED, detail));
            }
            if let Some(failure) = self.nodes[one].failure.filter(|_| self.setting.must_deliver) {
                return Err(Violation::new(rule::REPAIRED, format!("node {one}: {failure}")));
            }
        }
        if self.is_at_goal() {
            return self.check_end();
        }
        Ok(())
    }

    /// Nothing goes on any more: what has not arrived was reported.
    fn check_end(&self) -> Result<(), Violation> {
        let has_failed = self.nodes.iter().any(|node| node.failure.is_some());
        let lacks = self.nodes.iter().map(|node| !node.is_whole);
        let lacks: Vec<_> =
            lacks.zip([self.setting.answer > 0, true]).map(|(lacks, due)| lacks && due).collect();
        if lacks.contains(&true) && !has_failed {
            return Err(Violation::new(rule::ACCOUNTED, format!("missing at nodes: {lacks:?}")));
        }
        let is_cut = |node: &&Node| node.arrived > 0 && !node.is_whole && node.failure.is_none();
        match self.nodes.iter().find(is_cut) {
            Some(node) => Err(Violation::new(rule::ACCOUNTED, format!("cut after {} records", node.arrived))),
            None => Ok(()),
        }
    }
}

fn corrupt(mad: &mut Datagram, corruption: Corruption) {
    let Ok(mut rmpp) = RmppHeader::parse(&mad[24..36]) else { return };
    match corruption {
        Corruption::Version => rmpp.version = 2,
        Corruption::Type => rmpp.kind = RmppType::Other(9),
        Corruption::Status => rmpp.status = RmppStatus(7),
        Corruption::Segment => rmpp.segment += 100,
        Corruption::Length if rmpp.kind == RmppType::Data => rmpp.length_or_window += 220,
        Corruption::Length => rmpp.length_or_window = 0,
        Corruption::First => rmpp.flags.0 ^= RmppFlags::FIRST.0,
        Corruption::Last => rmpp.flags.0 ^= RmppFlags::LAST.0,
    }
    rmpp.emit(&mut mad[24..36]).expect("it fits");
}

/// Take one from what is left of a disturbance.
fn spend(left: &mut u32) {
    if *left != u32::MAX {
        *left = left.saturating_sub(1);
    }
}

impl World for RmppWorld {
    type Step = Step;

    fn steps(&self, out: &mut Vec<Step>) {
        if self.broken.is_some() {
            return;
        }
        for (direction, link) in [Direction::There, Direction::Back].into_iter().zip(&self.links) {
            out.extend(link.steps(&self.left.faults).map(|step| Step::Link(direction, step)));
            if self.left.corruptions > 0 && !link.is_empty() {
                out.extend(CORRUPTIONS.map(|corruption| Step::Corrupt(direction, corruption)));
            }
        }
        if self.is_to_answer() {
            out.push(Step::Answer);
        }
        if self.next_deadline().is_some() {
            if self.is_quiet() {
                out.push(Step::Wait);
            } else if self.left.impatience > 0 {
                out.push(Step::Impatience);
            }
        }
        if self.left.rounds > 0 && self.is_at_goal() {
            out.push(Step::Next);
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Link(direction, step) => {
                if let Some(mad) = self.links[direction as usize].step(step, &mut self.left.faults) {
                    self.receive(direction, &mad);
                }
            }
            Step::Corrupt(direction, corruption) => {
                spend(&mut self.left.corruptions);
                let link = &mut self.links[direction as usize];
                if let Some(mut mad) = link.step(LinkStep::Deliver, &mut self.left.faults) {
                    corrupt(&mut mad, corruption);
                    self.receive(direction, &mad);
                }
            }
            Step::Answer => {
                let answer = self.setting.answer;
                self.nodes[1].send(self.now, Method::GET_TABLE_RESP, answer, false);
                self.pump();
            }
            Step::Wait | Step::Impatience => {
                if *step == Step::Impatience {
                    spend(&mut self.left.impatience);
                }
                self.now = self.now.max(self.next_deadline().unwrap_or_default());
                self.pump();
            }
            Step::Next => {
                spend(&mut self.left.rounds);
                self.left.corruptions = self.corruptions;
                self.round += 1;
                self.setting.segments = self.setting.segments % MOST_SEGMENTS + 1;
                self.setting.answer = (self.setting.answer + 2) % MOST_SEGMENTS;
                self.nodes[0].renew(self.round, self.setting.answer);
                self.nodes[1].renew(self.round, self.setting.segments);
                self.begin();
            }
        }
    }

    fn is_fault(step: &Step) -> bool {
        match step {
            Step::Link(_, step) => step.is_fault(),
            Step::Answer | Step::Wait => false,
            Step::Corrupt(..) | Step::Impatience | Step::Next => true,
        }
    }

    fn check(&self) -> Result<(), Violation> {
        self.broken.clone().map_or_else(|| self.check_outcome(), Err)
    }

    /// Every transfer has ended, well or with an abort.
    fn is_at_goal(&self) -> bool {
        self.is_quiet()
            && !self.is_to_answer()
            && self.nodes.iter().all(|node| !node.is_sending() && !node.is_receiving())
    }

    fn drain_bound(&self) -> usize {
        400
    }

    fn rebase(&mut self) {
        let epoch = core::mem::take(&mut self.now);
        self.nodes.iter_mut().for_each(|node| node.rebase(epoch));
    }

    fn witnesses() -> &'static [Witness<Self>] {
        &[
            Witness {
                name: "everything has arrived",
                holds: |world| {
                    world.nodes[1].is_whole
                        && world.nodes[0].has_delivered
                        && (world.setting.answer == 0
                            || world.nodes[0].is_whole && world.nodes[1].has_delivered)
                },
            },
            Witness {
                name: "a message is whole, and its sender does not know",
                holds: |world| world.nodes[1].is_whole && !world.nodes[0].has_delivered,
            },
        ]
    }
}
