use core::time::Duration;

use alloc::collections::{BTreeSet, VecDeque};
use alloc::vec::Vec;
use ib_mad::request::RequestLimits;
use ib_mad::sa::{IgnoredReason, NotMineReason, SaEvent, SaFailure};
use ib_mad::wire::{
    InformInfo, MAD_LENGTH, NodeType, Notice, NoticeType, PathChange, ProducerType, TrapDetails, TrapNumber,
};
use ib_mad::{Guid, Lid, Transmit};
use path_record::{PathEntry, PathRecordDistinguisher, PathTable, Update};

use super::inventory::{EndPort, Inventory, InventoryError};
use super::reader::{PathReader, ReaderError};
use super::schedule::Schedule;
use super::sender::TrapSender;
use crate::listener::{EventListener, ListenerConfig, ListenerEvent, LocalPort, Report};
use crate::method::{Audience, SignallingMethod};

/// How a [`Watcher`] behaves.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WatcherConfig {
    /// How it subscribes: to every trap.
    pub listener: ListenerConfig,
    /// Who is signalled.
    pub method: SignallingMethod,
    /// Passes go on for so long after the last topology event.
    pub settle: Duration,
    /// Distance between the first passes; it doubles up to `settle`.
    pub first_interval: Duration,
    /// A pass is made when nothing was reported for so long: a Report can get lost on the link that failed, and no
    /// manager repeats it for ever. Not for the wildcard method, which would signal everyone.
    pub idle: Duration,
    /// Ports whose paths are read; `None` for those of all channel adapters.
    pub ports: Option<BTreeSet<Guid>>,
    /// Path records that it holds at most. Two tables exist at a time.
    pub records: usize,
    /// How often, and how long apart, a trap is sent to the manager.
    pub trap_limits: RequestLimits,
}

impl WatcherConfig {
    /// Passes for five seconds after the last event, the first ones 50 ms apart, and one each minute; up to 4 million
    /// records.
    pub fn new(method: SignallingMethod, first_id: u32) -> Self {
        let mut listener = ListenerConfig::new(InformInfo::subscribe_to(TrapNumber::ALL), first_id);
        // All requests go to one node, the manager's.
        listener.limits = RequestLimits { per_node: 64, ..RequestLimits::default() };
        Self {
            listener,
            method,
            settle: Duration::from_secs(5),
            first_interval: Duration::from_millis(50),
            idle: Duration::from_secs(60),
            ports: None,
            records: 4_000_000,
            trap_limits: RequestLimits { retries: 5, ..RequestLimits::default() },
        }
    }
}

/// Why a pass has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The ports could not be read.
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    /// The paths could not be read.
    #[error(transparent)]
    Reader(#[from] ReaderError),
}

/// What a pass found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pass {
    /// Which pass it is, from 1.
    pub number: u64,
    /// Ports between which paths are read.
    pub hosts: usize,
    /// Records that were read: none in a pass of the wildcard method after the first.
    pub records: usize,
    /// What the path record distinguisher says of them.
    pub update: Update,
    /// Who is signalled.
    pub audience: Audience,
}

/// What a [`Watcher`] has to say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WatchEvent {
    /// The subscription stands; a pass begins.
    Subscribed,
    /// The subscription was lost and is being renewed.
    SubscriptionLost,
    /// The manager refused the subscription, or did not answer.
    NotSubscribed(SaFailure),
    /// The manager reported an event.
    Report(Report),
    /// A Report came from a port that is not the manager's.
    Stranger(Lid),
    /// A pass is over.
    Pass(Pass),
    /// A pass failed; another follows.
    PassFailed(WatchError),
    /// The manager has the trap, and forwards it.
    Signalled {
        /// How often it was sent.
        attempts: u16,
    },
    /// Nobody confirmed the trap, which was sent so often. The next pass signals again.
    SignalUnanswered {
        /// How often it was sent.
        attempts: u16,
    },
    /// Quiet: nothing happened for a while, and the last pass is over.
    Quiet,
    /// A datagram that is neither a Report nor an answer to a request in flight, and why.
    NotMine(NotMineReason),
    /// An answer that cannot be one, and why.
    Ignored(IgnoredReason),
}

/// What the pass under way does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Work {
    None,
    Scanning(Inventory),
    Reading(PathReader),
}

/// Watches a subnet from beside its manager, and signals path record changes through it.
///
/// The wildcard method knows no records: after the first pass it reads none, and every pass signals.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watcher<const N: usize = 64> {
    config: WatcherConfig,
    listener: EventListener<N>,
    schedule: Schedule,
    work: Work,
    /// The ports of the pass under way, or of the last one that read any.
    ports: Vec<EndPort>,
    passes: u64,
    distinguisher: PathRecordDistinguisher,
    sender: TrapSender,
    /// Nobody confirmed the last trap: the next pass signals again, whatever it finds.
    is_unanswered: bool,
    events: VecDeque<WatchEvent>,
}

impl<const N: usize> Watcher<N> {
    /// Events that wait for [`poll_event`](Self::poll_event) at most: a caller that does not collect them loses the
    /// oldest.
    const EVENTS: usize = 256;

    /// A watcher that does nothing until it knows its port.
    pub fn new(config: WatcherConfig) -> Self {
        let idle = match config.method {
            SignallingMethod::ThreeWayHybrid => Some(config.idle),
            SignallingMethod::ThreeWayWildcard => None,
        };
        Self {
            listener: EventListener::new(config.listener),
            schedule: Schedule::new(config.settle, config.first_interval, idle),
            work: Work::None,
            ports: Vec::new(),
            passes: 0,
            distinguisher: PathRecordDistinguisher::new(),
            sender: TrapSender::new(config.trap_limits, config.listener.first_id ^ 0x8000_0000),
            is_unanswered: false,
            events: VecDeque::new(),
            config,
        }
    }

    /// The records of the last pass.
    pub fn distinguisher(&self) -> &PathRecordDistinguisher {
        &self.distinguisher
    }

    /// The ports between which paths were read last.
    pub fn ports(&self) -> &[EndPort] {
        &self.ports
    }

    /// Tell what the port is now.
    pub fn handle_port(&mut self, now: Duration, port: LocalPort) {
        let old = *self.listener.port();
        if old == port {
            return;
        }
        self.listener.handle_port(now, port);
        self.sender.retarget(now, old.manager.lid, port.manager.lid);
        if !port.is_managed() {
            self.abandon();
            self.schedule.stop();
        }
    }

    /// The manager asked clients to register again.
    pub fn handle_client_reregister(&mut self, now: Duration) {
        self.listener.handle_client_reregister(now);
    }

    /// Take in what the port received.
    pub fn handle_datagram(&mut self, now: Duration, from: Lid, bytes: &[u8]) {
        if let Some(attempts) = self.sender.handle_datagram(from, bytes) {
            self.say(WatchEvent::Signalled { attempts });
        } else if let Some(event) = self.listener.handle_datagram(now, from, bytes) {
            self.heard(now, event);
        }
    }

    fn heard(&mut self, now: Duration, event: ListenerEvent) {
        match event {
            ListenerEvent::Standing => {
                self.say(WatchEvent::Subscribed);
                // What happened before is not known: once routed, that may be a change.
                if self.distinguisher.has_been_routed() {
                    self.schedule.event(now);
                } else {
                    self.schedule.once(now);
                }
            }
            ListenerEvent::Report(report) => self.reported(now, report),
            ListenerEvent::Outcome(outcome) => self.answered(now, &outcome),
            ListenerEvent::Repeated(_) => {}
            ListenerEvent::Lost => self.say(WatchEvent::SubscriptionLost),
            ListenerEvent::NotSubscribed(failure) => self.say(WatchEvent::NotSubscribed(failure)),
            ListenerEvent::Stranger(from) => self.say(WatchEvent::Stranger(from)),
            ListenerEvent::NotMine(reason) => self.say(WatchEvent::NotMine(reason)),
            ListenerEvent::Ignored(reason) => self.say(WatchEvent::Ignored(reason)),
        }
    }

    fn reported(&mut self, now: Duration, report: Report) {
        self.say(WatchEvent::Report(report));
        match report.notice.trap() {
            Some(
                TrapDetails::GidInService { .. }
                | TrapDetails::GidOutOfService { .. }
                | TrapDetails::LinkStateChange { .. }
                | TrapDetails::LocalChanges(_),
            ) => self.schedule.event(now),
            Some(TrapDetails::RePath(_)) if report.notice.issuer_lid == self.listener.port().lid => {
                let attempts = self.sender.heard_back(&report.notice);
                self.events.extend(attempts.map(|attempts| WatchEvent::Signalled { attempts }));
            }
            _ => {}
        }
    }

    fn answered(&mut self, now: Duration, outcome: &SaEvent) {
        // An answer to a pass that was abandoned is nobody's.
        let _ = match &mut self.work {
            Work::None => false,
            Work::Scanning(inventory) => inventory.handle(outcome),
            Work::Reading(reader) => reader.handle(outcome),
        };
        self.progress(now);
    }

    /// Go on to the next part of the pass when one is done.
    fn progress(&mut self, now: Duration) {
        match core::mem::replace(&mut self.work, Work::None) {
            Work::Scanning(inventory) if inventory.is_done() => match inventory.finish() {
                Ok(ports) => {
                    let ports = self.selected(ports);
                    self.ports.clone_from(&ports);
                    self.work = Work::Reading(PathReader::new(ports, self.config.records));
                    self.progress(now);
                }
                Err(error) => self.fail(now, error.into()),
            },
            Work::Reading(reader) if reader.is_done() => match reader.finish() {
                Ok(table) => {
                    let records = table.len();
                    let table = if self.schedule.is_last() { table } else { self.with_missing_paths(table) };
                    let update = self.distinguisher.update(table);
                    self.complete(now, records, update);
                }
                Err(error) => self.fail(now, error.into()),
            },
            unfinished => self.work = unfinished,
        }
    }

    /// A manager that is about to reroute has no path for some pairs, for a moment. A pair counts as before until the
    /// last pass has no path for it either: nobody can move to a path that is not there, so there is no hurry.
    fn with_missing_paths(&self, table: PathTable) -> PathTable {
        let Some(last) = self.distinguisher.table() else { return table };
        let is_missing = |entry: &&PathEntry| {
            let same_pair = table.paths_between(entry.key.source, entry.key.destination);
            !same_pair.iter().any(|other| other.key.selector == entry.key.selector)
        };
        let missing: Vec<_> = last.iter().filter(is_missing).copied().collect();
        if missing.is_empty() {
            return table;
        }
        let limit = table.limit().saturating_add(missing.len());
        PathTable::from_entries(limit, table.iter().copied().chain(missing)).unwrap_or(table)
    }

    fn selected(&self, ports: Vec<EndPort>) -> Vec<EndPort> {
        let is_wanted = |port: &EndPort| match &self.config.ports {
            Some(wanted) => wanted.contains(&port.port_guid),
            None => port.node_type == NodeType::ChannelAdapter,
        };
        ports.into_iter().filter(is_wanted).collect()
    }

    fn begin(&mut self, now: Duration) {
        self.passes += 1;
        match self.config.method {
            SignallingMethod::ThreeWayWildcard if self.distinguisher.has_been_routed() => {
                self.complete(now, 0, Update::Compared(path_record::Difference::default()));
            }
            SignallingMethod::ThreeWayWildcard | SignallingMethod::ThreeWayHybrid => {
                self.work = Work::Scanning(Inventory::new());
            }
        }
    }

    fn complete(&mut self, now: Duration, records: usize, update: Update) {
        let audience = self.config.method.audience(&update);
        if audience != Audience::Nobody || self.is_unanswered {
            self.signal(now);
        }
        self.say(WatchEvent::Pass(Pass {
            number: self.passes,
            hosts: self.ports.len(),
            records,
            update,
            audience,
        }));
        self.ended(now, false);
    }

    /// The manager forwards the trap to every subscriber, whomever the audience names: it cannot do less.
    fn signal(&mut self, now: Duration) {
        let port = self.listener.port();
        let details = TrapDetails::RePath(PathChange::default());
        let notice = Notice {
            issuer_lid: port.lid,
            issuer_gid: port.gid,
            ..Notice::generic(NoticeType::SUBNET_MANAGEMENT, ProducerType::CLASS_MANAGER, &details)
        };
        self.sender.send(now, port.manager.lid, notice);
        self.is_unanswered = false;
    }

    fn fail(&mut self, now: Duration, error: WatchError) {
        self.say(WatchEvent::PassFailed(error));
        self.ended(now, true);
    }

    fn ended(&mut self, now: Duration, failed: bool) {
        self.schedule.ended(now, failed);
        if self.schedule.is_quiet() {
            self.say(WatchEvent::Quiet);
        }
    }

    fn abandon(&mut self) {
        self.work = Work::None;
    }

    fn say(&mut self, event: WatchEvent) {
        if self.events.len() == Self::EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    /// The next datagram to send, if there is one.
    pub fn poll_transmit(&mut self, now: Duration, out: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        if self.schedule.begin(now) {
            self.begin(now);
        }
        match &mut self.work {
            Work::None => {}
            Work::Scanning(inventory) => inventory.advance(now, self.listener.client()),
            Work::Reading(reader) => reader.advance(now, self.listener.client()),
        }
        // A pass without anything to ask is over at once.
        self.progress(now);
        let service_level = self.listener.port().manager.service_level;
        if let Some(transmit) = self.sender.poll_transmit(now, service_level, out) {
            return Some(transmit);
        }
        self.listener.poll_transmit(now, out)
    }

    /// What there is to say next.
    pub fn poll_event(&mut self, now: Duration) -> Option<WatchEvent> {
        while let Some(event) = self.listener.poll_event(now) {
            self.heard(now, event);
        }
        if let Some(attempts) = self.sender.poll_expired(now) {
            self.is_unanswered = true;
            self.say(WatchEvent::SignalUnanswered { attempts });
        }
        self.events.pop_front()
    }

    /// Act on the time that has come.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.listener.handle_timeout(now);
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), [`poll_transmit`](Self::poll_transmit) and
    /// [`poll_event`](Self::poll_event) again at the latest.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let times = [self.listener.poll_timeout(), self.schedule.poll_timeout(), self.sender.poll_timeout()];
        times.into_iter().flatten().min()
    }

    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.listener.rebase(epoch);
        self.schedule.rebase(epoch);
        self.sender.rebase(epoch);
    }
}
