use core::time::Duration;

use alloc::collections::VecDeque;
use ib_mad::request::RequestLimits;
use ib_mad::sa::{IgnoredReason, NotMineReason, SaEvent, SaFailure, SaRequest};
use ib_mad::wire::{InformInfo, MAD_LENGTH, PathRecord, SaStatus, TrapNumber};
use ib_mad::{Lid, Qpn, Transmit};

use super::paths::{Generation, PathId, Paths};
use super::queue_pairs::{AttemptId, Comparison, QueuePair, QueuePairs, Reconfiguration};
use crate::listener::{EventListener, ListenerConfig, ListenerEvent, LocalPort, Report};

/// How a [`HostAgent`] behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HostConfig {
    /// How it subscribes. The subscription has to include trap 69.
    pub listener: ListenerConfig,
    /// How long to wait before a path is asked for again that the manager did not give, or that a queue pair could
    /// not be moved to.
    pub retry_after: Duration,
    /// Queue pairs that it takes at most.
    pub queue_pairs: usize,
}

impl HostConfig {
    /// Subscribe to trap 69 (RePath), try again after a second, take up to 65,536 queue pairs.
    pub fn new(first_id: u32) -> Self {
        let mut listener = ListenerConfig::new(InformInfo::subscribe_to(TrapNumber::REPATH), first_id);
        // All requests go to one node, the manager's: its cap is that of the table.
        listener.limits = RequestLimits { per_node: 32, ..RequestLimits::default() };
        Self { listener, retry_after: Duration::from_secs(1), queue_pairs: 1 << 16 }
    }
}

/// Why a queue pair was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// There is one with this number.
    #[error("queue pair {0} is in the table already: remove it first")]
    Known(Qpn),
    /// The table is full.
    #[error("the table of queue pairs is full at {0}: raise HostConfig::queue_pairs")]
    Full(usize),
}

/// What a [`HostAgent`] has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostEvent {
    /// The subscription stands. Every path is asked for, since what happened before is not known.
    Subscribed,
    /// The subscription was lost and is being renewed.
    SubscriptionLost,
    /// The manager refused the subscription, or did not answer.
    NotSubscribed(SaFailure),
    /// The manager reported an event.
    Report(Report),
    /// A Report came from a port that is not the manager's.
    Stranger(Lid),
    /// A queue pair without a record got its first.
    Resolved {
        /// The queue pair.
        queue_pair: Qpn,
        /// Its path.
        record: PathRecord,
    },
    /// Move a queue pair, and tell the outcome to [`HostAgent::reconfigured`].
    Reconfigure(Reconfiguration),
    /// The manager knows no path any more. The queue pairs on it stay as they are; it is asked again later.
    NoPath(PathId),
    /// The manager did not give a path for another reason; it is asked again later.
    QueryFailed(PathId, SaFailure),
    /// Every path has been compared since the last signal, and every queue pair is on its newest record.
    UpToDate {
        /// Queue pairs that never had a path.
        without_path: usize,
    },
    /// A datagram that is neither a Report nor an answer to a request in flight, and why.
    NotMine(NotMineReason),
    /// An answer that cannot be one, and why.
    Ignored(IgnoredReason),
}

/// A host's agent: it subscribes to RePath, and after each one asks for the path of every active queue pair,
/// compares, and gives out what to reconfigure.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostAgent<const N: usize = 64> {
    config: HostConfig,
    listener: EventListener<N>,
    paths: Paths,
    queue_pairs: QueuePairs,
    to_compare: VecDeque<Qpn>,
    events: VecDeque<HostEvent>,
    /// The generation that [`HostEvent::UpToDate`] was last said for.
    announced: Generation,
}

impl<const N: usize> HostAgent<N> {
    /// An agent that does nothing until it knows its port.
    pub fn new(config: HostConfig) -> Self {
        Self {
            config,
            listener: EventListener::new(config.listener),
            paths: Paths::default(),
            queue_pairs: QueuePairs::default(),
            to_compare: VecDeque::new(),
            events: VecDeque::new(),
            announced: 0,
        }
    }

    /// Tell what the port is now. Every path is asked for again when its GID or LID or the manager changed.
    pub fn handle_port(&mut self, now: Duration, port: LocalPort) {
        if *self.listener.port() != port {
            self.listener.handle_port(now, port);
            self.paths.signal();
        }
    }

    /// The manager asked clients to register again.
    pub fn handle_client_reregister(&mut self, now: Duration) {
        self.listener.handle_client_reregister(now);
    }

    /// Take a queue pair into the table. Its path is asked for at once.
    ///
    /// # Errors
    /// When there is one with its number, or the table is full.
    pub fn add_queue_pair(&mut self, queue_pair: QueuePair) -> Result<(), HostError> {
        if self.queue_pairs.contains(queue_pair.number) {
            return Err(HostError::Known(queue_pair.number));
        }
        if self.queue_pairs.len() >= self.config.queue_pairs {
            return Err(HostError::Full(self.config.queue_pairs));
        }
        self.queue_pairs.insert(queue_pair);
        self.paths.add_user(queue_pair.path);
        // Another queue pair's answer serves this one too.
        if self.paths.latest(&queue_pair.path).is_some() {
            self.to_compare.push_back(queue_pair.number);
        }
        Ok(())
    }

    /// Take a queue pair out of the table.
    pub fn remove_queue_pair(&mut self, number: Qpn) {
        let Some(path) = self.queue_pairs.remove(number) else { return };
        self.to_compare.retain(|waiting| *waiting != number);
        if let Some(request) = self.paths.remove_user(&path) {
            self.listener.cancel(request);
        }
    }

    /// The record that a queue pair is on.
    pub fn record(&self, number: Qpn) -> Option<&PathRecord> {
        self.queue_pairs.record(number)
    }

    /// What became of an attempt. A queue pair has one at a time: what was answered meanwhile is compared now. A failed
    /// one is tried again with the path's newest record, after a while. An outcome that is told twice changes nothing.
    pub fn reconfigured(&mut self, now: Duration, id: AttemptId, moved: bool) {
        let Some(path) = self.queue_pairs.complete(id, moved) else { return };
        if moved {
            self.to_compare.push_back(id.queue_pair);
        } else {
            self.paths.retry(now.saturating_add(self.config.retry_after), path);
        }
    }

    /// Take in what the port received.
    pub fn handle_datagram(&mut self, now: Duration, from: Lid, bytes: &[u8]) {
        if let Some(event) = self.listener.handle_datagram(now, from, bytes) {
            self.heard(now, event);
        }
    }

    fn heard(&mut self, now: Duration, event: ListenerEvent) {
        let event = match event {
            ListenerEvent::Standing => {
                self.paths.signal();
                HostEvent::Subscribed
            }
            ListenerEvent::Report(report) => {
                if report.notice.trap_number() == Some(TrapNumber::REPATH) {
                    self.paths.signal();
                }
                HostEvent::Report(report)
            }
            ListenerEvent::Outcome(outcome) => return self.path_answered(now, outcome),
            ListenerEvent::Repeated(_) => return,
            ListenerEvent::Lost => HostEvent::SubscriptionLost,
            ListenerEvent::NotSubscribed(failure) => HostEvent::NotSubscribed(failure),
            ListenerEvent::Stranger(from) => HostEvent::Stranger(from),
            ListenerEvent::NotMine(reason) => HostEvent::NotMine(reason),
            ListenerEvent::Ignored(reason) => HostEvent::Ignored(reason),
        };
        self.say(event);
    }

    fn path_answered(&mut self, now: Duration, outcome: SaEvent) {
        match outcome.record() {
            Ok(record) => {
                if let Some(path) = self.paths.answered(outcome.id, Some(record)) {
                    self.to_compare.extend(self.queue_pairs.users(path));
                }
            }
            Err(SaFailure::Status(status)) if status.sa() == SaStatus::NoRecords => {
                if let Some(path) = self.paths.answered(outcome.id, None) {
                    self.queue_pairs.give_up(path);
                    self.paths.retry(now.saturating_add(self.config.retry_after), path);
                    self.say(HostEvent::NoPath(path));
                }
            }
            Err(failure) => {
                if let Some(path) = self.paths.failed(outcome.id) {
                    self.paths.retry(now.saturating_add(self.config.retry_after), path);
                    self.say(HostEvent::QueryFailed(path, failure));
                }
            }
        }
    }

    /// Events that wait for [`poll_event`](Self::poll_event): all but reconfigurations, which are made one at a time.
    /// A caller that does not collect them loses the oldest.
    fn say(&mut self, event: HostEvent) {
        const EVENTS: usize = 1024;
        if self.events.len() == EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    /// The next datagram to send, if there is one.
    pub fn poll_transmit(&mut self, now: Duration, out: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        let port = *self.listener.port();
        while port.is_managed()
            && let Some(path) = self.paths.next_to_ask()
        {
            match self.listener.request(now, SaRequest::get(&path.query(port.gid))) {
                Ok(id) => self.paths.asked(id),
                Err(_full) => break,
            }
        }
        self.listener.poll_transmit(now, out)
    }

    /// What there is to say or to do next.
    pub fn poll_event(&mut self, now: Duration) -> Option<HostEvent> {
        while let Some(event) = self.listener.poll_event(now) {
            self.heard(now, event);
        }
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        while let Some(queue_pair) = self.to_compare.pop_front() {
            let latest =
                self.queue_pairs.path_of(queue_pair).and_then(|path| self.paths.latest(&path).copied());
            match latest.map(|latest| self.queue_pairs.compare(queue_pair, &latest)) {
                None | Some(Comparison::Same) => {}
                Some(Comparison::Resolved(record)) => {
                    return Some(HostEvent::Resolved { queue_pair, record });
                }
                Some(Comparison::Differs(move_to)) => return Some(HostEvent::Reconfigure(move_to)),
            }
        }
        if self.paths.is_current()
            && self.queue_pairs.is_settled()
            && self.announced != self.paths.generation()
        {
            self.announced = self.paths.generation();
            return Some(HostEvent::UpToDate { without_path: self.queue_pairs.unresolved() });
        }
        None
    }

    /// Act on the time that has come.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.listener.handle_timeout(now);
        self.paths.handle_timeout(now);
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), [`poll_transmit`](Self::poll_transmit) and
    /// [`poll_event`](Self::poll_event) again at the latest.
    pub fn poll_timeout(&self) -> Option<Duration> {
        [self.listener.poll_timeout(), self.paths.poll_timeout()].into_iter().flatten().min()
    }

    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.listener.rebase(epoch);
        self.announced = u64::from(self.announced == self.paths.generation());
        self.paths.rebase(epoch);
        self.queue_pairs.rebase();
    }
}
