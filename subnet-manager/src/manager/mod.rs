//! The manager: what its parts do together.

mod answers;
mod changes;
mod datagrams;
mod emit;
mod managers;
mod sweep;
mod task;
mod traps;

use core::time::Duration;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use ib_mad::wire::{MAD_LENGTH, SmInfo};
use ib_mad::{Guid, Lid, Qpn, ServiceLevel, Transmit};

use crate::MulticastChange;
use crate::administration::{
    Administration, AdministrationEvent, AdministrationSettings, AdministrationState,
};
use crate::configure::{LastRouting, LidBook, WrittenLanes};
use crate::discovery::Draft;
use crate::event::{Event, Fault, SweepReason};
use crate::settings::Settings;
use crate::smp::RequestQueue;
use crate::standing::{ManagerState, Rank, Standing};
use crate::subnet::{EndPort, Subnet};
use task::Task;

/// What the manager is doing.
///
/// ```text
///            sweep is due                 it is the master
///   Idle ───────────────▶ Discovering ────────────────────▶ Configuring ──▶ Activating
///   │  ▲                    │                                                    │
///   │  └────────────────────┘ another one is                                     │
///   │  ▲                                                              subnet up  │
///   │  └─────────────────────────────────────────────────────────────────────────┘
///   └──▶ Looking (light sweep) ──▶ Idle
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Idle,
    Looking,
    Discovering,
    Configuring,
    Activating,
}

/// What a manager counted since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Counters {
    /// Requests sent, repetitions among them.
    pub sent: u64,
    /// Requests that were answered.
    pub answered: u64,
    /// Requests that were given up.
    pub unanswered: u64,
    /// Answers that no request waited for, or that came another way than the request went.
    pub unmatched: u64,
    /// Traps.
    pub traps: u64,
    /// Answers and acknowledgements that were dropped because too many waited to be sent.
    pub dropped: u64,
    /// Sweeps of the whole subnet.
    pub sweeps: u64,
    /// Looks at the switches only.
    pub light_sweeps: u64,
    /// Sweeps after which some host's path was another one.
    pub path_changes: u64,
}

/// Manages a subnet.
///
/// The run loop is that of the crate's documentation. [`poll_timeout`](Self::poll_timeout) of a new manager is in the past: the first
/// [`handle_timeout`](Self::handle_timeout) starts it.
#[derive(Clone, Debug)]
pub struct Manager {
    settings: Settings,
    /// The latest time seen.
    now: Duration,
    standing: Standing,
    administration: Administration,
    /// What was registered before this manager was started, until it is the master.
    registered_before: AdministrationState,
    /// The revision of what is registered that the program was last told of.
    told_revision: u64,
    phase: Phase,
    queue: RequestQueue<Task>,
    /// The subnet as the last sweep left it, and the ways to its nodes.
    current: Draft,
    /// The subnet as this sweep finds it.
    draft: Option<Draft>,
    book: LidBook,
    lanes: WrittenLanes,
    routing: LastRouting,
    sweep: sweep::Sweep,
    timers: sweep::Timers,
    /// Whether the subnet was brought up since this manager became the master.
    is_up: bool,
    faults: BTreeSet<Fault>,
    /// Every multicast group, by its LID, and which of them are to be programmed.
    groups: BTreeMap<Lid, MulticastChange>,
    changed_groups: BTreeSet<Lid>,
    /// Questions in a row that the watched manager left unanswered, or answered without being the master.
    missed_polls: u8,
    activity: u32,
    outbox: VecDeque<(Transmit, [u8; MAD_LENGTH])>,
    events: VecDeque<Event>,
    counters: Counters,
}

impl Manager {
    /// Answers and acknowledgements that wait to be sent at most; who gets none asks again.
    const OUTBOX: usize = 1024;
    /// Events that wait at most, of those that anybody in the subnet can cause.
    const EVENTS: usize = 4096;

    /// A manager that has not begun.
    pub fn new(mut settings: Settings) -> Self {
        let registered_before = core::mem::take(&mut settings.registrations);
        let rank = Rank { priority: settings.priority.min(15), guid: settings.port_guid };
        let administration =
            Administration::new(AdministrationSettings::new(settings.sm_key, settings.first_id));
        Self {
            now: Duration::ZERO,
            standing: Standing::new(rank),
            registered_before,
            told_revision: administration.revision(),
            administration,
            phase: Phase::Idle,
            queue: RequestQueue::new(settings.requests, settings.first_id),
            current: Draft::new(settings.prefix, settings.port_guid),
            draft: None,
            book: LidBook::new(&settings.known_lids),
            lanes: WrittenLanes::default(),
            routing: LastRouting::default(),
            sweep: sweep::Sweep::default(),
            timers: sweep::Timers::at_start(),
            is_up: false,
            faults: BTreeSet::new(),
            groups: BTreeMap::new(),
            changed_groups: BTreeSet::new(),
            missed_polls: 0,
            activity: 0,
            outbox: VecDeque::new(),
            events: VecDeque::new(),
            counters: Counters::default(),
            settings,
        }
    }

    /// The subnet as the last sweep left it.
    pub fn subnet(&self) -> &Subnet {
        &self.current.subnet
    }

    /// Its state among managers.
    pub fn state(&self) -> ManagerState {
        self.standing.state()
    }

    /// Whether it is the master and has brought the subnet up.
    pub fn is_up(&self) -> bool {
        self.is_up && self.state() == ManagerState::Master
    }

    /// The LID of every port that there ever was, to be kept for the next start.
    pub fn lids(&self) -> &BTreeMap<Guid, Lid> {
        self.book.lids()
    }

    /// Groups, services and subscriptions.
    pub fn administration(&self) -> &Administration {
        &self.administration
    }

    /// What nodes have registered, to be kept for the next start.
    pub fn registrations(&self) -> AdministrationState {
        if self.registered_before.is_empty() {
            self.administration.export(self.now)
        } else {
            self.registered_before.clone()
        }
    }

    /// What is wrong in the subnet, as the last sweep found it.
    pub fn faults(&self) -> impl ExactSizeIterator<Item = &Fault> {
        self.faults.iter()
    }

    /// What it counted.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Requests in flight.
    pub fn in_flight(&self) -> u16 {
        self.queue.in_flight()
    }

    /// Whether nothing is under way: no sweep, and no request.
    pub fn is_idle(&self) -> bool {
        self.phase == Phase::Idle && self.queue.is_idle() && self.timers.sweep().is_none()
    }

    /// Look at the whole subnet as soon as may be.
    pub fn request_sweep(&mut self, now: Duration) {
        self.advance(now);
        self.ask_for_sweep(SweepReason::Requested);
        self.step();
    }

    /// The time that [`poll_timeout`](Self::poll_timeout) named has come.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.advance(now);
        while let Some(expired) = self.queue.poll_expired(self.now) {
            self.counters.unanswered += 1;
            self.failed(expired.task, None);
        }
        self.timers_due();
        self.administration.handle_timeout(self.now);
        self.hear_administration();
        self.step();
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) next; a time in the past means at once.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let timer = if self.phase == Phase::Idle { self.timers.next() } else { None };
        [self.queue.poll_timeout(), timer, self.administration.poll_timeout()].into_iter().flatten().min()
    }

    /// Write the next datagram to send into `buffer`, all of it. Call it until it returns `None`.
    pub fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        self.advance(now);
        if let Some((transmit, mad)) = self.outbox.pop_front() {
            *buffer = mad;
            return Some(transmit);
        }
        if let Some(transmit) = self.administration.poll_transmit(self.now, buffer) {
            return Some(transmit);
        }
        let (id, task) = self.queue.poll_transmit(self.now)?;
        self.counters.sent += 1;
        self.emit(id, task, buffer);
        Some(Transmit {
            to: Lid::PERMISSIVE,
            service_level: ServiceLevel::default(),
            qpn: Qpn::SUBNET_MANAGEMENT,
        })
    }

    /// The next thing that it has to tell.
    pub fn poll_event(&mut self, now: Duration) -> Option<Event> {
        self.advance(now);
        self.hear_administration();
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        // Told when all else is told: one event for all that happened at once.
        let revision = self.administration.revision();
        (core::mem::replace(&mut self.told_revision, revision) != revision)
            .then_some(Event::RegistrationsChanged)
    }

    /// Another manager is the master: nodes register with it.
    fn forget_registrations(&mut self) {
        if !self.registered_before.is_empty() {
            self.registered_before = AdministrationState::default();
            self.told_revision = self.told_revision.wrapping_sub(1);
        }
        self.administration.forget();
        self.hear_administration();
    }

    /// This manager has become the master: what was registered with it before its restart counts again.
    fn take_registrations(&mut self) {
        let state = core::mem::take(&mut self.registered_before);
        if let Some(draft) = &self.draft {
            self.administration.import(self.now, &draft.subnet, state);
        }
        self.hear_administration();
    }

    /// Take what administration has to say: groups to program, and the rest for the program.
    fn hear_administration(&mut self) {
        while let Some(event) = self.administration.poll_event(self.now) {
            match event {
                AdministrationEvent::Multicast(group) => {
                    self.changed_groups.insert(group.lid);
                    self.groups.insert(group.lid, group);
                }
                other if self.events.len() < Self::EVENTS => {
                    self.events.push_back(Event::Administration(Box::new(other)));
                }
                _ => self.counters.dropped += 1,
            }
        }
    }

    fn advance(&mut self, now: Duration) {
        self.now = self.now.max(now);
    }

    /// The subnet that requests speak of: the one in the making, or the last one.
    fn frame(&self) -> &Draft {
        self.draft.as_ref().unwrap_or(&self.current)
    }

    /// What this manager says of itself.
    fn own_info(&self) -> SmInfo {
        SmInfo {
            guid: self.settings.port_guid,
            sm_key: self.settings.sm_key,
            act_count: self.activity,
            priority: self.settings.priority.min(15),
            state: self.state().code(),
        }
    }

    fn push(&mut self, at: EndPort, task: Task) {
        self.queue.push(at.node.0, task);
    }

    fn send(&mut self, transmit: Transmit, mad: [u8; MAD_LENGTH]) {
        if self.outbox.len() < Self::OUTBOX {
            self.outbox.push_back((transmit, mad));
        } else {
            self.counters.dropped += 1;
        }
    }
}
