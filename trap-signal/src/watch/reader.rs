//! The path records between a set of ports, read pair by pair.

use core::time::Duration;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use ib_mad::Lid;
use ib_mad::request::RequestId;
use ib_mad::sa::{SaClient, SaEvent, SaFailure, SaRequest};
use ib_mad::wire::{PathRecord, PathRecordQuery, SaStatus};
use path_record::{PathEntry, PathTable, TableFull};

use super::inventory::EndPort;

/// Why a reading has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ReaderError {
    /// The subnet administration did not answer for a pair.
    #[error("no path record from LID {source_lid} to LID {destination_lid}: {failure}")]
    Query {
        /// LID of the source.
        source_lid: Lid,
        /// LID of the destination.
        destination_lid: Lid,
        /// What came instead.
        failure: SaFailure,
    },
    /// More records than the table may hold.
    #[error(transparent)]
    TableFull(#[from] TableFull),
}

/// A path between two ports: their places in the list, and which of their LIDs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Pair {
    source: usize,
    destination: usize,
    /// Counts the destination's LIDs; the source uses as many of its own.
    bits: u16,
}

/// Reads the path records from every port of a list to every other, one query a pair of LIDs.
///
/// Used like [`Inventory`](super::Inventory).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathReader {
    ports: Vec<EndPort>,
    next: Option<Pair>,
    asking: BTreeMap<RequestId, Pair>,
    entries: Vec<PathEntry>,
    capacity: usize,
    failure: Option<ReaderError>,
}

impl PathReader {
    /// Requests that it has under way at most.
    pub const WINDOW: usize = 32;

    /// A reading of the paths between `ports`, with at most `capacity` records.
    pub fn new(ports: Vec<EndPort>, capacity: usize) -> Self {
        let next = (ports.len() > 1).then_some(Pair { source: 0, destination: 1, bits: 0 });
        Self { ports, next, asking: BTreeMap::new(), entries: Vec::new(), capacity, failure: None }
    }

    /// The pair after `pair`: all LIDs of the destination, then the next destination, then the next source.
    fn after(&self, pair: Pair) -> Option<Pair> {
        if pair.bits + 1 < 1 << self.ports[pair.destination].lmc {
            return Some(Pair { bits: pair.bits + 1, ..pair });
        }
        let mut destination = pair.destination + 1;
        if destination == pair.source {
            destination += 1;
        }
        if destination < self.ports.len() {
            return Some(Pair { destination, bits: 0, ..pair });
        }
        let source = pair.source + 1;
        (source < self.ports.len()).then_some(Pair { source, destination: 0, bits: 0 })
    }

    fn lids(&self, pair: Pair) -> (Lid, Lid) {
        let (source, destination) = (&self.ports[pair.source], &self.ports[pair.destination]);
        let own = pair.bits & ((1 << source.lmc) - 1);
        (Lid(source.lid.0.saturating_add(own)), Lid(destination.lid.0.saturating_add(pair.bits)))
    }

    /// Ask on, as far as the window and the client allow.
    pub fn advance<const N: usize, const T: usize>(&mut self, now: Duration, client: &mut SaClient<N, T>) {
        while self.failure.is_none()
            && !self.is_overfull()
            && self.asking.len() < Self::WINDOW
            && let Some(pair) = self.next
        {
            let (source, destination) = self.lids(pair);
            let query =
                PathRecordQuery::new().source_lid(source).destination_lid(destination).number_of_paths(1);
            let Ok(id) = client.request(now, SaRequest::get(&query)) else { return };
            self.asking.insert(id, pair);
            self.next = self.after(pair);
        }
    }

    /// Take in an outcome; `false` when it belongs to another's request.
    pub fn handle(&mut self, event: &SaEvent) -> bool {
        let Some(pair) = self.asking.remove(&event.id) else { return false };
        match event.record::<PathRecord>() {
            Ok(record) => {
                if !self.is_overfull() {
                    let (source, destination) = (&self.ports[pair.source], &self.ports[pair.destination]);
                    self.entries.push(PathEntry::of(&record, source.lmc, destination.lmc));
                }
            }
            // The pair has no path at present.
            Err(SaFailure::Status(status)) if status.sa() == SaStatus::NoRecords => {}
            Err(failure) => {
                let (source_lid, destination_lid) = self.lids(pair);
                self.failure = Some(ReaderError::Query { source_lid, destination_lid, failure });
            }
        }
        true
    }

    /// One record more than the table may hold is enough to know that they do not fit.
    fn is_overfull(&self) -> bool {
        self.entries.len() > self.capacity
    }

    /// Whether there is nothing more to ask or to wait for.
    pub fn is_done(&self) -> bool {
        self.asking.is_empty() && (self.failure.is_some() || self.is_overfull() || self.next.is_none())
    }

    /// The table.
    ///
    /// # Errors
    /// The first failure.
    pub fn finish(self) -> Result<PathTable, ReaderError> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(PathTable::from_entries(self.capacity, self.entries)?),
        }
    }
}
