//! Asks subnet administration through a port.

use core::time::Duration;
use std::collections::VecDeque;

use ib_mad::Transmit;
use ib_mad::sa::{SaAddress, SaClient, SaClientConfig, SaEvent, SaHandled};
use ib_mad::wire::MAD_LENGTH;
use path_record::PathTable;
use transport::{Delivery, Incoming, LocalPort, Machine};
use trap_signal::watch::{EndPort, Inventory, PathReader};

use crate::error::ProgramError;
use crate::progress::Progress;
use crate::session::{Session, random_u32};

/// Requests in flight at most.
const IN_FLIGHT: usize = 32;
/// Paths that are read at most: all pairs of a thousand ports.
const MAX_PATHS: usize = 1 << 20;

/// A client of subnet administration, as a machine.
#[derive(Debug)]
pub struct SaMachine {
    client: SaClient<IN_FLIGHT>,
    answered: VecDeque<SaEvent>,
}

impl SaMachine {
    /// A client with nothing in flight.
    pub const fn new(config: SaClientConfig) -> Self {
        Self { client: SaClient::new(config), answered: VecDeque::new() }
    }

    /// A client of the subnet administration that `port` was configured by.
    pub fn for_port(port: &LocalPort) -> Self {
        let sa = SaAddress { lid: port.sm_lid, service_level: port.sm_service_level };
        Self::new(SaClientConfig { first_id: random_u32(), ..SaClientConfig::new(sa) })
    }

    /// The client, to give it requests.
    pub const fn client(&mut self) -> &mut SaClient<IN_FLIGHT> {
        &mut self.client
    }
}

impl Machine for SaMachine {
    type Event = SaEvent;

    fn handle_datagram(&mut self, now: Duration, incoming: &Incoming) {
        if incoming.delivery == Delivery::Undeliverable {
            // It is asked again when its time is over: the manager may be about to start, or a route to change.
            tracing::debug!(to = %incoming.from, "the fabric returned a request");
            return;
        }
        match self.client.handle_datagram(now, incoming.from, &incoming.mad) {
            SaHandled::Answered(event) => self.answered.push_back(event),
            SaHandled::Busy { id } => tracing::debug!(?id, "subnet administration is busy"),
            SaHandled::NotMine(reason) => {
                tracing::debug!(%reason, from = %incoming.from, "not a response to this program")
            }
            SaHandled::Ignored(reason) => {
                tracing::info!(%reason, from = %incoming.from, "ignored a datagram")
            }
        }
    }

    fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        self.client.poll_transmit(now, buffer)
    }

    fn handle_timeout(&mut self, _: Duration) {}

    fn poll_timeout(&self) -> Option<Duration> {
        self.client.poll_timeout()
    }

    fn poll_event(&mut self, now: Duration) -> Option<SaEvent> {
        self.answered.pop_front().or_else(|| self.client.poll_event(now))
    }
}

impl Session {
    /// Read all ports of the subnet that have LIDs.
    ///
    /// # Errors
    /// When subnet administration stops answering.
    pub async fn end_ports(&mut self, port: &LocalPort) -> Result<Vec<EndPort>, ProgramError> {
        let mut machine = SaMachine::for_port(port);
        let mut inventory = Inventory::new();
        let mut progress = Progress::new("LIDs", None);
        loop {
            inventory.advance(self.now(), machine.client());
            if inventory.is_done() {
                return Ok(inventory.finish()?);
            }
            let event = self.next_answer(&mut machine).await?;
            if inventory.handle(&event) {
                progress.step();
            }
        }
    }

    /// Read the paths from every one of `ends` to every other.
    ///
    /// # Errors
    /// When subnet administration stops answering.
    pub async fn paths(&mut self, port: &LocalPort, ends: Vec<EndPort>) -> Result<PathTable, ProgramError> {
        let lids: u64 = ends.iter().map(|end| 1_u64 << end.lmc.min(7)).sum();
        let total = lids.saturating_mul((ends.len() as u64).saturating_sub(1));
        let mut machine = SaMachine::for_port(port);
        let mut progress = Progress::new("path records", Some(total));
        let mut reader = PathReader::new(ends, MAX_PATHS);
        loop {
            reader.advance(self.now(), machine.client());
            if reader.is_done() {
                return Ok(reader.finish()?);
            }
            let event = self.next_answer(&mut machine).await?;
            if reader.handle(&event) {
                progress.step();
            }
        }
    }
}
