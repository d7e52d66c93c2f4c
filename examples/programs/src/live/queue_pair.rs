//! A queue pair that is connected to a peer's, and can be moved to other path records.

use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ib_mad::wire::PathRecord;
use ib_mad::{Psn, Qpn};
use transport::verbs::{
    Access, Capacity, ConnectionConfig, Exchange, Introduction, MemoryRegion, Port, QueuePair, QueuePairType,
    Route, Strategy, VerbsError, WorkId,
};

use super::answering::answer;
use super::route_of;
use crate::session::random_u32;

/// Bytes that the peer may write, and after them those that this end writes from and reads to.
const SHARED: usize = 8;
const MEMORY: usize = 3 * SHARED;

/// Which end makes the connection. The other resets its queue pair when it is asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It connected, and asks the peer to reset too where it has to be.
    Connecting,
    /// It listened.
    Listening,
}

/// How a queue pair was moved, and what that cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// How.
    pub by: Strategy,
    /// Work that was under way and is lost.
    pub lost: usize,
}

/// A connected queue pair.
#[derive(Debug)]
pub struct LiveQueuePair {
    shared: Arc<Mutex<End>>,
    /// Of the end that connects: over it the peer is asked to reset. The other end hears it in a thread.
    exchange: Option<Exchange>,
}

/// One end of the connection.
#[derive(Debug)]
pub(super) struct End {
    queue_pair: QueuePair,
    memory: Arc<MemoryRegion>,
    own: Introduction,
    peer: Introduction,
    route: Route,
    config: ConnectionConfig,
    words: u64,
}

impl LiveQueuePair {
    /// Connect a queue pair over an exchange; the peer does the same.
    ///
    /// # Errors
    /// Why that is not possible, and what to do about it.
    pub fn connect(port: &Port, mut exchange: Exchange, role: Role) -> Result<Self, VerbsError> {
        let end = End::connect(port, &mut exchange)?;
        let shared = Arc::new(Mutex::new(end));
        let exchange = match role {
            Role::Connecting => Some(exchange),
            Role::Listening => {
                answer(exchange, Arc::downgrade(&shared));
                None
            }
        };
        Ok(Self { shared, exchange })
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its number.
    pub fn number(&self) -> Qpn {
        self.end().queue_pair.number()
    }

    /// Where its packets go.
    ///
    /// # Errors
    /// When the device has failed.
    pub fn attributes(&self) -> Result<transport::verbs::Attributes, VerbsError> {
        self.end().queue_pair.attributes()
    }

    /// Move to a path record, and see that the peer's memory can be written and read there. What is under way is let end first, as
    /// long as that takes no longer than `limit`; otherwise, and when the queue pair has failed, both ends are reset.
    ///
    /// # Errors
    /// When it cannot be moved, or nothing arrives on the new path.
    pub fn move_to(&mut self, record: &PathRecord, limit: Duration) -> Result<Moved, VerbsError> {
        let mut end = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let route = route_of(end.queue_pair.port(), &end.peer, record);
        let moved = end.queue_pair.move_to(route, &end.config, limit).map(|by| Moved { by, lost: 0 });
        let moved = match (moved, &mut self.exchange) {
            (
                Err(
                    error @ (VerbsError::NotDrained { .. }
                    | VerbsError::DrainUnreported { .. }
                    | VerbsError::WrongState { .. }),
                ),
                Some(exchange),
            ) => {
                tracing::info!("{error}; resetting both ends");
                let lost = end.reset(route, |own| exchange.introduce(own))?;
                exchange.settle()?;
                Moved { by: Strategy::Reset, lost }
            }
            (moved, _) => moved?,
        };
        end.route = route;
        end.verify(limit)?;
        Ok(moved)
    }

    /// Post a write that is not waited for: work under way when the queue pair is moved.
    ///
    /// # Errors
    /// When the queue pair is full, or not connected.
    pub fn write_word(&self) -> Result<WorkId, VerbsError> {
        self.end().write_word()
    }
}

impl End {
    fn connect(port: &Port, exchange: &mut Exchange) -> Result<Self, VerbsError> {
        let config = ConnectionConfig::default();
        let memory = port.register(MEMORY, Access::REMOTE)?;
        let completions = port.completion_queue(64)?;
        let capacity = Capacity { send: 32, receive: 1 };
        let queue_pair = QueuePair::new(&completions, QueuePairType::ReliableConnection, capacity)?;
        queue_pair.initialize(config.access)?;
        let own = queue_pair.introduction(random_psn()).with_regions([memory.remote()]);
        let peer = exchange.introduce(&own)?;
        let route = port.route_to(peer.gid, peer.lid);
        queue_pair.connect(&own, &peer, route, &config)?;
        exchange.settle()?;
        Ok(Self { queue_pair, memory, own, peer, route, config, words: 0 })
    }

    /// Reset and connect on a route with a new packet number, as the peer does after `introduce`. Returns how much is lost.
    pub(super) fn reset(
        &mut self,
        route: Route,
        introduce: impl FnOnce(&Introduction) -> Result<Introduction, VerbsError>,
    ) -> Result<usize, VerbsError> {
        self.own.psn = random_psn();
        let mut heard = None;
        let lost = self.queue_pair.reset_to(route, &self.own, &self.config, |own| {
            let peer = introduce(own)?;
            heard = Some(peer.clone());
            Ok(peer)
        })?;
        if let Some(peer) = heard {
            self.peer = peer;
        }
        Ok(lost.sends.len())
    }

    /// The route that it is on.
    pub(super) const fn route(&self) -> Route {
        self.route
    }

    fn write_word(&mut self) -> Result<WorkId, VerbsError> {
        self.words += 1;
        let id = WorkId(self.words);
        self.memory.store(SHARED, self.words)?;
        let local = self.memory.part(SHARED..2 * SHARED)?;
        self.queue_pair.write(id, local, self.place()?)?;
        Ok(id)
    }

    fn place(&self) -> Result<transport::verbs::RemotePlace, VerbsError> {
        let stranger = VerbsError::Outside { offset: 0, length: SHARED, region: 0 };
        self.peer.regions.first().ok_or(stranger)?.at(0, SHARED)
    }

    /// Write a word to the peer and read it back. An end that went on with old packet numbers has its writes reported as done,
    /// though they are dropped: only reading shows it.
    fn verify(&mut self, limit: Duration) -> Result<(), VerbsError> {
        let written = self.write_word()?;
        // Unlike any other: of a move that failed some may still be on the way.
        let read = WorkId(u64::MAX - self.words);
        let local = self.memory.part(2 * SHARED..3 * SHARED)?;
        self.queue_pair.read(read, local, self.place()?)?;
        // What was under way before ends first; of that no more is asked than that it ends.
        loop {
            let completion = self.queue_pair.completions().next(limit)?;
            if completion.id == written || completion.id == read {
                completion.done()?;
            }
            if completion.id == read {
                break;
            }
        }
        if self.memory.load(2 * SHARED)? == self.words {
            Ok(())
        } else {
            Err(VerbsError::NoCompletion { waited: limit })
        }
    }
}

fn random_psn() -> Psn {
    Psn::new(random_u32() & 0xFF_FFFF).unwrap_or_default()
}
