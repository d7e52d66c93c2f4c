//! A queue pair that is connected to a peer's, and can be moved to other path records.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ib_mad::wire::PathRecord;
use ib_mad::{Psn, Qpn};
use transport::verbs::{
    Access, Capacity, Completion, ConnectionConfig, Exchange, Introduction, MemoryRegion, Port, QueuePair,
    QueuePairType, Route, Strategy, VerbsError, WorkId,
};

use super::answering::answer;
use super::route_of;
use crate::session::random_u32;

/// Bytes that the peer may write, and after them those that this end writes from and reads to.
const SHARED: usize = 8;
const MEMORY: usize = 3 * SHARED;
/// Writes that [`LiveQueuePair::keep_writing`] keeps under way.
const UNDER_WAY: usize = 16;

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
    /// Writes that were lost since it was moved the last time: by a reset, or because they failed.
    pub lost: u64,
}

/// What became of the words that were written.
#[derive(Debug, Default)]
pub struct Words {
    written: AtomicU64,
    lost: AtomicU64,
}

impl Words {
    /// Those that the peer has acknowledged.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Those of which nobody knows whether they arrived.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// A connected queue pair.
#[derive(Debug)]
pub struct LiveQueuePair {
    shared: Arc<Mutex<End>>,
    /// Of the end that connects: over it the peer is asked to reset. The other end hears it in a thread.
    exchange: Option<Exchange>,
    words: Arc<Words>,
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
    /// The last word that was written.
    word: u64,
    words: Arc<Words>,
    /// Words that were lost when it was moved the last time.
    lost_before: u64,
}

impl LiveQueuePair {
    /// Connect a queue pair over an exchange; the peer does the same.
    ///
    /// # Errors
    /// Why that is not possible, and what to do about it.
    pub fn connect(
        port: &Port,
        mut exchange: Exchange,
        role: Role,
        config: ConnectionConfig,
    ) -> Result<Self, VerbsError> {
        let end = End::connect(port, &mut exchange, config)?;
        let words = Arc::clone(&end.words);
        let shared = Arc::new(Mutex::new(end));
        let exchange = match role {
            Role::Connecting => Some(exchange),
            Role::Listening => {
                answer(exchange, Arc::downgrade(&shared));
                None
            }
        };
        Ok(Self { shared, exchange, words })
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

    /// What became of the words that were written.
    pub const fn words(&self) -> &Arc<Words> {
        &self.words
    }

    /// Move to a path record, and see that the peer's memory can be written and read there. What is under way is let end first, as
    /// long as that takes no longer than `limit`; otherwise, and when the queue pair has failed, both ends are reset. This waits, up to
    /// twice `limit` and for an answer of the peer.
    ///
    /// # Errors
    /// When it cannot be moved, or nothing arrives on the new path.
    pub fn move_to(&mut self, record: &PathRecord, limit: Duration) -> Result<Moved, VerbsError> {
        let mut end = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let route = route_of(end.queue_pair.port(), &end.peer, record);
        let moved = end.queue_pair.move_to(route, &end.config, limit);
        let by = match (moved, &mut self.exchange) {
            (
                Err(
                    error @ (VerbsError::NotDrained { .. }
                    | VerbsError::DrainUnreported { .. }
                    | VerbsError::WrongState { .. }),
                ),
                Some(exchange),
            ) => {
                tracing::info!("{error}; resetting both ends");
                end.reset(route, |own| exchange.introduce(own))?;
                exchange.settle()?;
                Strategy::Reset
            }
            (moved, _) => moved?,
        };
        end.route = route;
        end.verify(limit)?;
        let lost = self.words.lost();
        Ok(Moved { by, lost: lost - core::mem::replace(&mut end.lost_before, lost) })
    }

    /// Post a write that is not waited for: work under way when the queue pair is moved.
    ///
    /// # Errors
    /// When the queue pair is full, or not connected.
    pub fn write_word(&self) -> Result<WorkId, VerbsError> {
        self.end().write_word()
    }

    /// Have some writes under way, as a program has that uses the queue pair, and wait up to `limit` for one to end. To be called
    /// again and again, in the thread that moves it.
    ///
    /// # Errors
    /// When a write has failed: none succeeds then until the queue pair is moved.
    pub fn keep_writing(&self, limit: Duration) -> Result<(), VerbsError> {
        let completions = {
            let mut end = self.end();
            while end.queue_pair.outstanding() < UNDER_WAY {
                end.write_word()?;
            }
            Arc::clone(end.queue_pair.completions())
        };
        // Meanwhile the peer may ask for a reset.
        let mut ended = Vec::new();
        completions.wait(limit, |completion| ended.push(completion))?;
        let end = self.end();
        let mut done = Ok(());
        for completion in ended {
            done = done.and(end.count(completion));
        }
        done
    }
}

impl End {
    fn connect(port: &Port, exchange: &mut Exchange, config: ConnectionConfig) -> Result<Self, VerbsError> {
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
        let words = Arc::default();
        Ok(Self { queue_pair, memory, own, peer, route, config, word: 0, words, lost_before: 0 })
    }

    /// Reset and connect on a route with a new packet number, as the peer does after `introduce`. What is lost is counted.
    pub(super) fn reset(
        &mut self,
        route: Route,
        introduce: impl FnOnce(&Introduction) -> Result<Introduction, VerbsError>,
    ) -> Result<(), VerbsError> {
        self.own.psn = random_psn();
        let lost = self.queue_pair.reset()?.sends;
        let words = lost.iter().filter(|id| is_word(**id)).count();
        self.words.lost.fetch_add(words as u64, Ordering::Relaxed);
        self.queue_pair.initialize(self.config.access)?;
        self.peer = introduce(&self.own)?;
        self.queue_pair.connect(&self.own, &self.peer, route, &self.config)
    }

    /// The route that it is on.
    pub(super) const fn route(&self) -> Route {
        self.route
    }

    fn write_word(&mut self) -> Result<WorkId, VerbsError> {
        self.word += 1;
        let id = WorkId(self.word);
        self.memory.store(SHARED, self.word)?;
        let local = self.memory.part(SHARED..2 * SHARED)?;
        self.queue_pair.write(id, local, self.place()?)?;
        Ok(id)
    }

    fn place(&self) -> Result<transport::verbs::RemotePlace, VerbsError> {
        let stranger = VerbsError::Outside { offset: 0, length: SHARED, region: 0 };
        self.peer.regions.first().ok_or(stranger)?.at(0, SHARED)
    }

    /// Count what became of a word.
    fn count(&self, completion: Completion) -> Result<(), VerbsError> {
        let done = completion.done().map(drop);
        if is_word(completion.id) {
            let count = if done.is_ok() { &self.words.written } else { &self.words.lost };
            count.fetch_add(1, Ordering::Relaxed);
        }
        done
    }

    /// Write a word to the peer and read it back. An end that went on with old packet numbers has its writes reported as done,
    /// though they are dropped: only reading shows it.
    fn verify(&mut self, limit: Duration) -> Result<(), VerbsError> {
        let begun = Instant::now();
        let written = self.write_word()?;
        // Unlike any other: of a move that failed some may still be on the way.
        let read = WorkId(u64::MAX - self.word);
        let local = self.memory.part(2 * SHARED..3 * SHARED)?;
        self.queue_pair.read(read, local, self.place()?)?;
        // What was under way before ends first; of that no more is asked than that it ends.
        let nothing = VerbsError::NoCompletion { waited: limit };
        loop {
            let next = self.queue_pair.completions().next(limit.saturating_sub(begun.elapsed()));
            let completion = match next {
                Err(VerbsError::NoCompletion { .. }) => return Err(nothing),
                next => next?,
            };
            let counted = self.count(completion);
            if completion.id == written || completion.id == read {
                counted?;
            }
            if completion.id == read {
                break;
            }
        }
        if self.memory.load(2 * SHARED)? == self.word { Ok(()) } else { Err(nothing) }
    }
}

/// Whether this is a word that was written, and not one that was read back.
const fn is_word(id: WorkId) -> bool {
    id.0 < 1 << 63
}

fn random_psn() -> Psn {
    Psn::new(random_u32() & 0xFF_FFFF).unwrap_or_default()
}
