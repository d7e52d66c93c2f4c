//! Moving a connected queue pair to another route: by migration, by draining it, or by resetting it.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use super::events::Event;
use super::{
    Alternate, ConnectionConfig, Introduction, MigrationState, Modification, QueuePair, Route, State,
    VerbsError, WorkId,
};

/// How a queue pair was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strategy {
    /// The adapter switches to an alternate path that was loaded before, at both ends; nothing is lost, and nothing waits.
    Migrate,
    /// Work under way ends, the address vector is changed, and work goes on; nothing is lost.
    Drain,
    /// The queue pair is reset at both ends and connected anew; work under way is lost.
    Reset,
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Migrate => "migrate",
            Self::Drain => "drain",
            Self::Reset => "reset",
        })
    }
}

/// How long it is waited for a completion at a time: another thread may poll it away.
const AT_ONCE: Duration = Duration::from_millis(10);

/// Work that a reset took away. A part of it may have been done: who posts it again has to know that it may be done twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Writes, reads and sends whose end is not known, in the order in which they were posted.
    pub sends: Vec<WorkId>,
    /// Receives that were not filled: post them again.
    pub receives: Vec<WorkId>,
}

impl QueuePair {
    /// Move to another route without loss: nothing new is sent until what is under way has ended, then the address vector is
    /// changed. Whoever posts meanwhile waits. Completions that are seen meanwhile are kept for the next poll.
    ///
    /// The send queue is empty before the adapter is told to drain it: an adapter in software was seen not to report a
    /// drain that took long (Linux 6.1's `rdma_rxe`).
    ///
    /// # Errors
    /// [`VerbsError::NotDrained`] when the work under way does not end within `limit`: the queue pair is as before, and goes
    /// on. [`VerbsError::WrongState`] when it has failed meanwhile.
    pub fn drain_to(&self, route: Route, limit: Duration) -> Result<(), VerbsError> {
        let begun = Instant::now();
        let _hold = self.in_flight().hold();
        self.wait_until_idle(begun, limit)?;
        match self.state()? {
            Some(State::ReadyToSend) => {}
            state => return Err(VerbsError::WrongState { queue_pair: self.number(), state }),
        }
        let port = self.port();
        port.shared.events.forget(self.number());
        self.modify(&Modification::to(State::SendQueueDrained).notify_drained())?;
        // There is nothing to drain: what is waited for is only that the adapter says so.
        let drained = Event::Drained(self.number());
        let wait = limit.max(Duration::from_secs(1));
        let event = port
            .shared
            .events
            .wait(&port.shared.context, wait, |event| *event == drained)
            .map_err(VerbsError::verb(port.name()))?;
        if event.is_none() {
            return Err(VerbsError::DrainUnreported { queue_pair: self.number(), waited: wait });
        }
        let moved = self.modify(&Modification::to(State::SendQueueDrained).route(route));
        // Also when the route was refused: then it goes on as before.
        self.modify(&Modification::to(State::ReadyToSend))?;
        moved
    }

    /// Wait until no work is under way in the send queue.
    fn wait_until_idle(&self, begun: Instant, limit: Duration) -> Result<(), VerbsError> {
        loop {
            self.completions().gather()?;
            let outstanding = self.outstanding();
            if outstanding == 0 {
                return Ok(());
            }
            let rest = limit.saturating_sub(begun.elapsed());
            if rest.is_zero() {
                return Err(VerbsError::NotDrained { queue_pair: self.number(), outstanding, waited: limit });
            }
            self.completions().wait_for_more(rest.min(AT_ONCE))?;
        }
    }

    /// Take the queue pair out of use, and say what is lost by it. Completions that came before are kept for the next poll.
    /// Then [`initialize`](Self::initialize), tell the peer a new [`introduction`](Self::introduction), and
    /// [`connect`](Self::connect): **both ends** have to, with new packet numbers. An end that goes on with its old
    /// ones has its writes reported as done, and dropped by the other as repetitions.
    ///
    /// # Errors
    /// When the device has failed.
    pub fn reset(&self) -> Result<Lost, VerbsError> {
        let _hold = self.in_flight().hold();
        self.completions().gather()?;
        self.modify(&Modification::to(State::Reset))?;
        // What ended between the two is known too, unless the adapter threw it away.
        self.completions().gather()?;
        let (sends, receives) = self.in_flight().lock().clear();
        let lost = |entries: Vec<super::in_flight::Entry>| entries.iter().map(|entry| entry.id).collect();
        Ok(Lost { sends: lost(sends), receives: lost(receives) })
    }

    /// Reset the queue pair and connect it on another route, after the peer was told. The peer does the same at the same
    /// time.
    ///
    /// # Errors
    /// When the adapter refuses, or the introductions cannot be exchanged; the queue pair is not connected then. Who has to know
    /// what was lost in that case too calls [`reset`](Self::reset) itself.
    pub fn reset_to(
        &self,
        route: Route,
        own: &Introduction,
        config: &ConnectionConfig,
        introduce: impl FnOnce(&Introduction) -> Result<Introduction, VerbsError>,
    ) -> Result<Lost, VerbsError> {
        let lost = self.reset()?;
        self.initialize(config.access)?;
        let peer = introduce(own)?;
        self.connect(own, &peer, route, config)?;
        Ok(lost)
    }

    /// Have the adapter switch to another route by itself: the route is loaded as the alternate path, and when the peer's end
    /// has loaded its own too, both switch to it. (Adapters that do so are of InfiniBand; those in software refuse.)
    ///
    /// # Errors
    /// [`VerbsError::Modify`] when the adapter does no automatic path migration; [`VerbsError::NotArmed`] when the other end
    /// has not loaded its path within `limit`. Nothing has changed then.
    pub fn migrate_to(
        &self,
        route: Route,
        config: &ConnectionConfig,
        limit: Duration,
    ) -> Result<(), VerbsError> {
        const BETWEEN_LOOKS: Duration = Duration::from_millis(1);
        let begun = Instant::now();
        let alternate = Alternate { route, timeout: config.timeout };
        self.modify(&Modification::new().alternate(alternate).migration(MigrationState::Rearm))?;
        // No event tells of this.
        while self.attributes()?.migration_state() != Some(MigrationState::Armed) {
            if begun.elapsed() >= limit {
                return Err(VerbsError::NotArmed { queue_pair: self.number(), waited: limit });
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        self.modify(&Modification::new().migration(MigrationState::Migrated))
    }

    /// Move without loss as well as the adapter can: by migration, or else by draining. Returns how. A reset is left to the
    /// caller, who knows how to reach the peer, and what to do about what is lost.
    ///
    /// # Errors
    /// As of [`drain_to`](Self::drain_to).
    pub fn move_to(
        &self,
        route: Route,
        config: &ConnectionConfig,
        limit: Duration,
    ) -> Result<Strategy, VerbsError> {
        match self.migrate_to(route, config, limit) {
            Ok(()) => Ok(Strategy::Migrate),
            Err(refusal @ (VerbsError::Modify { .. } | VerbsError::NotArmed { .. })) => {
                tracing::info!("{refusal}; draining instead");
                self.drain_to(route, limit)?;
                Ok(Strategy::Drain)
            }
            Err(other) => Err(other),
        }
    }
}
