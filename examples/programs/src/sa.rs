//! Asks subnet administration through a port.

use core::time::Duration;
use std::collections::VecDeque;

use ib_mad::request::RequestId;
use ib_mad::sa::{SaAddress, SaClient, SaClientConfig, SaEvent, SaFailure, SaHandled, SaRecord, SaRequest};
use ib_mad::wire::MAD_LENGTH;
use ib_mad::{SmKey, Transmit};
use path_record::PathTable;
use transport::{Delivery, Incoming, LocalPort, Machine};
use trap_signal::watch::{EndPort, Inventory, PathReader};

use crate::error::ProgramError;
use crate::progress::Progress;
use crate::session::{Moment, Session, random_u32};

/// Requests in flight at most, and those for tables among them.
const IN_FLIGHT: usize = 32;
const TABLES: usize = 16;
/// Paths that are read at most: all pairs of a thousand ports.
const MAX_PATHS: usize = 1 << 20;

/// What a client of subnet administration has to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "few are waiting at a time")]
pub enum SaNews {
    /// Some records of a table.
    Records(RecordBatch),
    /// A request has ended.
    Ended(SaEvent),
}

/// Records of a table, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordBatch {
    /// The request that they answer.
    pub id: RequestId,
    /// Distance from record to record.
    length: usize,
    bytes: Vec<u8>,
}

impl RecordBatch {
    /// The records, each with the padding behind it.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.bytes.chunks_exact(self.length.max(1))
    }
}

/// A client of subnet administration, as a machine.
#[derive(Debug)]
pub struct SaMachine {
    client: SaClient<IN_FLIGHT, TABLES>,
    news: VecDeque<SaNews>,
}

impl SaMachine {
    /// A client with nothing in flight.
    pub const fn new(config: SaClientConfig) -> Self {
        Self { client: SaClient::new(config), news: VecDeque::new() }
    }

    /// A client of the subnet administration that `port` was configured by; the key is zero for whom it does not trust.
    pub fn for_port(port: &LocalPort, sm_key: SmKey) -> Self {
        let sa = SaAddress { lid: port.sm_lid, service_level: port.sm_service_level };
        Self::new(SaClientConfig { sm_key, first_id: random_u32(), ..SaClientConfig::new(sa) })
    }

    /// The client, to give it requests.
    pub const fn client(&mut self) -> &mut SaClient<IN_FLIGHT, TABLES> {
        &mut self.client
    }
}

impl Machine for SaMachine {
    type Event = SaNews;

    fn handle_datagram(&mut self, now: Duration, incoming: &Incoming) {
        if incoming.delivery == Delivery::Undeliverable {
            // It is asked again when its time is over: the manager may be about to start, or a route to change.
            tracing::debug!(to = %incoming.from, "the fabric returned a request");
            return;
        }
        match self.client.handle_datagram(now, incoming.from, &incoming.mad) {
            SaHandled::Answered(event) => self.news.push_back(SaNews::Ended(event)),
            SaHandled::Records { id, records } => {
                let mut batch = RecordBatch { id, length: 0, bytes: Vec::new() };
                for record in records {
                    batch.length = record.len();
                    batch.bytes.extend_from_slice(record);
                }
                self.news.push_back(SaNews::Records(batch));
            }
            SaHandled::Segment { id } => tracing::debug!(?id, "a segment without records"),
            // What it has of the table may be anything; its end says so.
            SaHandled::Unsegmented { id, .. } => tracing::debug!(?id, "a table without its segments"),
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

    fn poll_event(&mut self, now: Duration) -> Option<SaNews> {
        self.news.pop_front().or_else(|| self.client.poll_event(now).map(SaNews::Ended))
    }
}

impl Session {
    /// Ask the subnet administration for several single records at once; the outcomes come in the order of the requests.
    ///
    /// # Errors
    /// When the channel ends. What the administration says is in the outcomes.
    pub async fn ask(
        &mut self,
        port: &LocalPort,
        requests: &[SaRequest],
    ) -> Result<Vec<Result<SaRecord, SaFailure>>, ProgramError> {
        let mut machine = SaMachine::for_port(port, SmKey(0));
        let mut waiting = requests.iter().enumerate();
        let mut asked = Vec::new();
        let mut outcomes: Vec<Option<_>> = requests.iter().map(|_| None).collect();
        let mut next = waiting.next();
        while outcomes.iter().any(Option::is_none) {
            while let Some((place, request)) = next {
                match machine.client().request(self.now(), *request) {
                    Ok(id) => asked.push((id, place)),
                    Err(_full) => break,
                }
                next = waiting.next();
            }
            let event = self.next_answer(&mut machine).await?;
            if let Some((_, place)) = asked.iter().find(|(id, _)| *id == event.id) {
                outcomes[*place] = Some(event.outcome.and_then(|answer| answer.one()));
            }
        }
        Ok(outcomes.into_iter().flatten().collect())
    }

    /// The next request of the machine that ended.
    async fn next_answer(&mut self, machine: &mut SaMachine) -> Result<SaEvent, ProgramError> {
        loop {
            if let SaNews::Ended(event) = self.next_news(machine).await? {
                return Ok(event);
            }
        }
    }

    /// What the machine has to tell next.
    ///
    /// # Errors
    /// When the channel ends, or somebody ends the program.
    pub async fn next_news(&mut self, machine: &mut SaMachine) -> Result<SaNews, ProgramError> {
        loop {
            match self.next(machine).await? {
                Moment::Event(news) => return Ok(news),
                Moment::Port(_) | Moment::Reregister => {}
                Moment::End => return Err(ProgramError::Interrupted),
            }
        }
    }

    /// Read all ports of the subnet that have LIDs.
    ///
    /// # Errors
    /// When subnet administration stops answering.
    pub async fn end_ports(&mut self, port: &LocalPort) -> Result<Vec<EndPort>, ProgramError> {
        let mut machine = SaMachine::for_port(port, SmKey(0));
        let mut inventory = Inventory::new();
        let progress = Progress::new("LIDs", None);
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
        let mut machine = SaMachine::for_port(port, SmKey(0));
        let progress = Progress::new("path records", Some(total));
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
