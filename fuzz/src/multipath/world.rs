use core::time::Duration;

use multipath::wire::Packet;
use multipath::{
    Descriptor, DescriptorId, NextDescriptor, Ordering, Path, PathEnds, PathSet, Paths, PortId, ReadData,
    Region, Requester, RequesterConfig, RequesterEvent, RequesterHandled, Responder, ResponderConfig,
    ResponderHandled, ViConfig,
};
use sim::{Faults, Link, LinkStep, Violation, Witness, World, walk_bytes};

use crate::bytes::Bytes;

use super::forger::Forger;
use super::memory::Watched;
use super::setting::Work;
use super::{Disturbances, Mutant, Setting, Traffic, rule, storm};

/// Walks start their clock late, so that an absolute time taken for a relative one fails.
const EPOCH: Duration = Duration::from_secs(1 << 40);
const VI: u16 = 1;
const CAPACITY: usize = 8;
const WINDOW: usize = 4;

/// A packet on the way, and how often its path had come back from a barrier when it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct InFlight {
    bytes: Vec<u8>,
    epoch: u32,
}

/// Both directions of a path. Each keeps its order, unless a packet is overtaken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Lane {
    there: Link<InFlight>,
    back: Link<InFlight>,
    is_cut: bool,
    /// How often the path came back from a barrier.
    epoch: u32,
}

/// The machines of `multipath` as they ship, with `seqwin` and `barrier` in them, and the paths between them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MultipathWorld {
    now: Duration,
    setting: Setting,
    requester: Requester<WINDOW>,
    responder: Responder,
    memory: Watched,
    lanes: Vec<Lane>,
    forger: Forger,
    left: Disturbances,
    /// Descriptors that are not complete.
    open: u8,
    /// Which bytes of the earliest descriptor, if it is a read, have come.
    read: [bool; 2],
    /// Whether lanes keep their order.
    keeps_order: bool,
    has_moved: bool,
    has_returned: bool,
}

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// On the way to the responder.
    There(usize, LinkStep),
    /// On the way back.
    Back(usize, LinkStep),
    /// The path fails. What is on it stays there: it comes when the path works again, however late.
    Cut(usize),
    /// The path works again.
    Return(usize),
    /// Every path that may be used is cut: one works again.
    Mend(usize),
    /// Nothing is on the way: the next deadline passes.
    Wait,
    /// The next deadline passes while something is on the way.
    Impatience,
    /// The next deadline passes while every path that may be used is cut.
    Idle,
    /// Half of what is left until the next deadline passes.
    Linger,
    /// The next deadline passes, and all others with it, before anybody is told.
    Oversleep,
}

/// Longer than any time-out of the machines.
const LONG: Duration = Duration::from_secs(1);

impl MultipathWorld {
    /// Both ends with an open virtual interface, and everything posted.
    pub fn new(setting: Setting, left: Disturbances) -> Self {
        let paths = Paths::new([(1, 11), (2, 12), (1, 12), (2, 11)].into_iter().take(setting.paths).map(
            |(local, remote)| PathEnds {
                local: PortId::new(local),
                remote: PortId::new(remote),
                fabric: false,
            },
        ));
        let config = RequesterConfig {
            request_timeout: Duration::from_millis(10),
            operation_timeout: Duration::from_millis(10),
            tell_ahead: Duration::from_micros(if setting.tells_ahead { 2500 } else { 0 }),
            probe_interval: Duration::from_millis(50),
            give_up_after: Duration::from_secs(1 << 30),
            ..RequesterConfig::new(paths, 1, 1)
        };
        let mut responder = Responder::new(ResponderConfig {
            refuses_gaps: !setting.silent,
            ..ResponderConfig::new(paths.reversed(), 5)
        });
        let region = Region { start: 0, length: 2, is_writable: true, is_readable: true };
        responder.open_region(VI, region).expect("there is room");
        let lane = Lane { there: Link::new(CAPACITY), back: Link::new(CAPACITY), is_cut: false, epoch: 0 };
        let mut world = Self {
            now: EPOCH,
            setting,
            requester: Requester::with_window(config).expect("the settings can be"),
            responder,
            memory: Watched::new(setting),
            lanes: vec![lane; setting.paths],
            forger: Forger::default(),
            left,
            open: 0,
            read: [false; 2],
            keeps_order: left.faults.delays == 0,
            has_moved: false,
            has_returned: false,
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        let vi = ViConfig {
            sequence_bits: self.setting.sequence_bits,
            window: self.setting.window,
            max_payload: 1,
            ordering: match self.setting.traffic {
                Traffic::OneOutstanding => Ordering::OneOutstanding,
                Traffic::Message | Traffic::Writes | Traffic::Mixed => Ordering::OnePath,
            },
            next_descriptor: if self.setting.after_acknowledgement {
                NextDescriptor::AfterAcknowledgement
            } else {
                NextDescriptor::AfterLaunch
            },
            paths: match self.setting.mutant {
                Mutant::UsesEveryPath => PathSet::ALL,
                _ => self.setting.permitted,
            },
            ..ViConfig::new(VI)
        };
        self.requester.open(self.now, vi).expect("the settings can be");
        // The opening is not what is looked at here.
        self.pump();
        while let Some(path) = (0..self.lanes.len()).find(|path| !self.is_empty(*path)) {
            self.deliver(Step::There(path, LinkStep::Deliver));
            self.deliver(Step::Back(path, LinkStep::Deliver));
        }
        for index in 0..self.setting.descriptors() {
            let descriptor = match self.setting.work(index) {
                Work::Send { first, length } => Descriptor::send((first..first + length).collect::<Vec<_>>()),
                Work::Write(number) => Descriptor::write(0, vec![number; 2]).unordered(),
                Work::Read(_) => Descriptor::read(0, 2),
            };
            self.requester.post(self.now, VI, descriptor).expect("there is room");
            self.open += 1;
        }
        self.pump();
    }

    fn is_empty(&self, path: usize) -> bool {
        self.lanes[path].there.is_empty() && self.lanes[path].back.is_empty()
    }

    fn is_quiet(&self) -> bool {
        (0..self.lanes.len()).all(|path| self.is_empty(path) || self.lanes[path].is_cut)
    }

    /// Whether the virtual interface may use the path.
    fn is_own(&self, path: usize) -> bool {
        self.setting.permitted.contains(Path::ALL[path])
    }

    fn all_are_cut(&self) -> bool {
        self.lanes.iter().enumerate().all(|(path, lane)| lane.is_cut || !self.is_own(path))
    }

    fn pump(&mut self) {
        let mut buffer = [0; 4096];
        // First what happened: what goes out now was sent after it.
        while let Some(event) = self.requester.poll_event() {
            self.note(event);
        }
        while let Some(transmit) = self.requester.poll_transmit(self.now, &mut buffer).expect("there is room")
        {
            let index = transmit.path.index();
            for bytes in transmit.packets(&buffer) {
                self.check_path(index, bytes);
                let epoch = self.lanes[index].epoch;
                let altered = self.forger.alter(self.setting.mutant, bytes, self.lanes[index].is_cut);
                if let Some(bytes) = altered.packet {
                    self.lanes[index].there.send(InFlight { bytes, epoch });
                }
                if let Some(answer) = altered.answer {
                    let _ = self.requester.handle_datagram(self.now, transmit.path, &answer);
                }
            }
        }
        while let Some(transmit) =
            self.responder.poll_transmit(&self.memory, &mut buffer).expect("there is room")
        {
            let index = transmit.path.index();
            for bytes in transmit.packets(&buffer) {
                self.check_path(index, bytes);
                let lane = &mut self.lanes[index];
                lane.back.send(InFlight { bytes: bytes.to_vec(), epoch: lane.epoch });
            }
        }
    }

    /// A packet goes out.
    fn check_path(&mut self, path: usize, bytes: &[u8]) {
        if self.is_own(path) {
            return;
        }
        let packet = Packet::parse(bytes).expect("it was just written");
        if packet.header.vi == VI {
            self.memory.break_rule(rule::OWN_PATHS, format!("a packet on path {path}"));
        }
    }

    fn note(&mut self, event: RequesterEvent) {
        match event {
            RequesterEvent::Completed { descriptor: DescriptorId(number), .. } => {
                self.open -= 1;
                self.check_completed(number);
            }
            RequesterEvent::PathRestored(path) => self.lanes[path.index()].epoch += 1,
            RequesterEvent::PathUp(path) => {
                self.lanes[path.index()].epoch += 1;
                self.has_returned = true;
            }
            RequesterEvent::PathDown(_) => self.has_moved = true,
            RequesterEvent::Broken { .. } | RequesterEvent::Ended(_) => {
                self.memory.break_rule(rule::UNBROKEN, format!("{event:?}"));
            }
            _ => {}
        }
    }

    fn check_completed(&mut self, number: u64) {
        let index = self.memory.completed;
        if number != u64::from(index) {
            return self
                .memory
                .break_rule(rule::COMPLETE, format!("descriptor {number} after {index} others"));
        }
        self.memory.completed += 1;
        let has_arrived = match self.setting.work(index) {
            Work::Send { first, length } => self.memory.received >= first + length,
            Work::Write(number) => self.memory.cells == [number; 2],
            Work::Read(_) => core::mem::take(&mut self.read) == [true; 2],
        };
        if !has_arrived {
            let Self { memory, .. } = self;
            let detail =
                format!("descriptor {index}: {} bytes, memory has {:?}", memory.received, memory.cells);
            self.memory.break_rule(rule::COMPLETE, detail);
        }
    }

    /// Data of a read have come.
    fn check_read(&mut self, DescriptorId(number): DescriptorId, offset: u64, data: &[u8]) {
        let index = u8::try_from(number).unwrap_or(u8::MAX);
        let place = usize::try_from(offset).ok().and_then(|offset| self.read.get_mut(offset));
        match (self.setting.work(index), place) {
            (Work::Read(expected), Some(place)) if data == [expected] => *place = true,
            _ => self.memory.break_rule(rule::DATA, format!("descriptor {index}: {data:?} at {offset}")),
        }
    }

    fn deliver(&mut self, step: Step) {
        let faults = &mut self.left.faults;
        match step {
            Step::There(index, step) => {
                let Some(packet) = self.lanes[index].there.step(step, faults) else { return };
                let handled =
                    self.responder.handle_datagram(Path::ALL[index], &packet.bytes, &mut self.memory);
                let is_accepted =
                    !matches!(handled, ResponderHandled::Discarded(_) | ResponderHandled::Supervised);
                self.check_flushed(index, packet.epoch, is_accepted);
            }
            Step::Back(index, step) => {
                let Some(packet) = self.lanes[index].back.step(step, faults) else { return };
                let handled = self.requester.handle_datagram(self.now, Path::ALL[index], &packet.bytes);
                let is_accepted =
                    !matches!(handled, RequesterHandled::Discarded(_) | RequesterHandled::Supervisory);
                if let RequesterHandled::Read(ReadData { descriptor, offset, data, .. }) = handled {
                    self.check_read(descriptor, offset, data);
                }
                self.check_flushed(index, packet.epoch, is_accepted && self.keeps_order);
            }
            _ => return,
        }
        self.pump();
    }

    fn check_flushed(&mut self, path: usize, sent_in: u32, is_accepted: bool) {
        let epoch = self.lanes[path].epoch;
        if is_accepted && sent_in < epoch {
            let detail = format!("sent in {sent_in}, accepted in {epoch}");
            self.memory.break_rule(rule::FLUSHED, detail);
        }
    }

    /// The next deadline passes, and `longer` than that.
    fn pass_time(&mut self, longer: Duration) {
        self.now = self.now.max(self.requester.poll_timeout().unwrap_or_default()) + longer;
        if self.left.deadlines == 1 {
            self.left = Disturbances::NONE;
        } else {
            Faults::spend(&mut self.left.deadlines);
        }
        self.requester.handle_timeout(self.now);
        self.pump();
    }
}

impl World for MultipathWorld {
    type Step = Step;

    fn steps(&self, out: &mut Vec<Step>) {
        if self.memory.broken.is_some() {
            return;
        }
        for (path, lane) in self.lanes.iter().enumerate().filter(|(_, lane)| !lane.is_cut) {
            out.extend(lane.there.steps(&self.left.faults).map(|step| Step::There(path, step)));
            out.extend(lane.back.steps(&self.left.faults).map(|step| Step::Back(path, step)));
        }
        if self.is_at_goal() {
            // Nothing is asked for any more. What is still on the way comes, and must do no harm.
            let holds = |(path, lane): (usize, &Lane)| lane.is_cut && !self.is_empty(path);
            out.extend(
                (0..).zip(&self.lanes).filter(|&entry| holds(entry)).map(|(path, _)| Step::Mend(path)),
            );
            return;
        }
        let all_are_cut = self.all_are_cut();
        for (path, lane) in self.lanes.iter().enumerate() {
            if lane.is_cut && all_are_cut && self.is_own(path) {
                out.push(Step::Mend(path));
            } else if lane.is_cut && self.left.returns > 0 {
                out.push(Step::Return(path));
            } else if !lane.is_cut && self.left.cuts > 0 {
                out.push(Step::Cut(path));
            }
        }
        if all_are_cut {
            if self.left.idle > 0 {
                out.push(Step::Idle);
            }
        } else if self.is_quiet() {
            out.push(Step::Wait);
        } else if self.left.impatience > 0 {
            out.push(Step::Impatience);
        }
        if self.left.lingers > 0 {
            out.push(Step::Linger);
        }
        if self.left.oversleeps > 0 {
            out.push(Step::Oversleep);
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::There(..) | Step::Back(..) => self.deliver(*step),
            Step::Cut(path) => {
                Faults::spend(&mut self.left.cuts);
                self.lanes[path].is_cut = true;
            }
            Step::Return(path) => {
                Faults::spend(&mut self.left.returns);
                self.lanes[path].is_cut = false;
            }
            Step::Mend(path) => self.lanes[path].is_cut = false,
            Step::Wait => self.pass_time(Duration::ZERO),
            Step::Impatience => {
                Faults::spend(&mut self.left.impatience);
                self.pass_time(Duration::ZERO);
            }
            Step::Idle => {
                Faults::spend(&mut self.left.idle);
                self.pass_time(Duration::ZERO);
            }
            Step::Linger => {
                Faults::spend(&mut self.left.lingers);
                let left = self.requester.poll_timeout().map(|at| at.saturating_sub(self.now));
                self.now += left.unwrap_or_default() / 2;
            }
            Step::Oversleep => {
                Faults::spend(&mut self.left.oversleeps);
                self.pass_time(LONG);
            }
        }
    }

    fn is_fault(step: &Step) -> bool {
        match step {
            Step::There(_, step) | Step::Back(_, step) => step.is_fault(),
            Step::Mend(_) | Step::Wait => false,
            Step::Cut(_)
            | Step::Return(_)
            | Step::Impatience
            | Step::Idle
            | Step::Linger
            | Step::Oversleep => true,
        }
    }

    fn check(&self) -> Result<(), Violation> {
        self.memory.broken.clone().map_or(Ok(()), Err)
    }

    fn is_at_goal(&self) -> bool {
        self.open == 0
    }

    fn drain_bound(&self) -> usize {
        600
    }

    fn rebase(&mut self) {
        self.requester.rebase(core::mem::take(&mut self.now));
    }

    fn witnesses() -> &'static [Witness<Self>] {
        &[
            Witness { name: "everything is complete", holds: |world| world.open == 0 },
            Witness { name: "a path was given up", holds: |world| world.has_moved },
        ]
    }
}

/// A storm, chosen by the fuzzer's bytes: two choose the setting, each further one what happens next.
pub fn multipath_world(data: &[u8]) {
    let mut bytes = Bytes(data);
    let setting = storm(bytes.byte(), bytes.byte());
    if let Err(counterexample) = walk_bytes(MultipathWorld::new(setting, Disturbances::UNLIMITED), bytes.0) {
        panic!("{counterexample}");
    }
}
