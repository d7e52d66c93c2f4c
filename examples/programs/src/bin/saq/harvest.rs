//! Asks for a table: for all of it at once, and where that does not come whole, part by part.

use std::collections::{BTreeMap, VecDeque};

use ib_mad::request::RequestId;
use ib_mad::sa::{SaAnswer, SaEvent, SaFailure, SaRequest};
use ib_mad::wire::{Query, Record, SaStatus, Status};
use programs::{ProgramError, Progress, RecordBatch, SaMachine, SaNews};

use super::ask::Asker;
use super::narrow::Table;

/// A part of a table: where in the whole it is, and the question for it.
struct Part<R: Table> {
    place: Vec<usize>,
    query: Query<R>,
    records: Vec<R>,
    /// It cannot be divided any more: it is asked for as one record, whose answer is no table.
    is_one: bool,
}

impl<R: Table> Part<R> {
    fn new(place: Vec<usize>, query: Query<R>) -> Self {
        Self { place, query, records: Vec::new(), is_one: false }
    }

    fn request(&self) -> SaRequest {
        if self.is_one { SaRequest::get(&self.query) } else { SaRequest::get_table(&self.query) }
    }
}

impl Asker {
    /// Give `each` every record that matches, in the order in which they come. How many those were.
    ///
    /// A table that comes in segments is given out as it comes. Where nobody segments (see [`SaFailure::Unsegmented`]) it is gathered
    /// from parts that fit one datagram each, and given out in the end.
    pub(crate) async fn harvest<R: Table>(
        &mut self,
        query: Query<R>,
        mut each: impl FnMut(&R) -> Result<(), ProgramError>,
    ) -> Result<u64, ProgramError> {
        let mut machine = SaMachine::for_port(&self.port, self.sm_key);
        match self.whole(&mut machine, SaRequest::get_table(&query), &mut each).await? {
            Ok(count) => return Ok(count),
            Err(SaFailure::Unsegmented) => {}
            Err(failure) => return Err(failed::<R>(failure)),
        }
        tracing::info!("the table does not come whole: asking for its parts");
        let parts = self.parts(&mut machine, query).await?;
        let records = parts.into_values().flatten();
        let mut count = 0;
        for record in records {
            each(&record)?;
            count += 1;
        }
        Ok(count)
    }

    /// Give `each` every record of an answer that cannot be divided, which is a failure when there are none.
    pub(crate) async fn whole_table<R: Record>(
        &mut self,
        request: SaRequest,
        mut each: impl FnMut(&R) -> Result<(), ProgramError>,
    ) -> Result<(), ProgramError> {
        let mut machine = SaMachine::for_port(&self.port, self.sm_key);
        let outcome = self.whole(&mut machine, request, &mut each).await?;
        match outcome {
            Ok(0) => Err(failed::<R>(SaFailure::Status(Status::NO_RECORDS))),
            Ok(_) => Ok(()),
            Err(failure) => Err(failed::<R>(failure)),
        }
    }

    /// Give `each` every record of one answer as it comes. How many those were.
    async fn whole<R: Record>(
        &mut self,
        machine: &mut SaMachine,
        request: SaRequest,
        each: &mut impl FnMut(&R) -> Result<(), ProgramError>,
    ) -> Result<Result<u64, SaFailure>, ProgramError> {
        start(self, machine, request).ok_or(ProgramError::Interrupted)?;
        let progress = Progress::beside_output(R::NAME);
        loop {
            match self.session.next_news(machine).await? {
                SaNews::Records(batch) => {
                    for record in records::<R>(&batch) {
                        each(&record)?;
                        progress.step();
                    }
                }
                SaNews::Ended(event) => return Ok(ended(&event)),
            }
        }
    }

    /// The parts of a table by their places.
    async fn parts<R: Table>(
        &mut self,
        machine: &mut SaMachine,
        query: Query<R>,
    ) -> Result<BTreeMap<Vec<usize>, Vec<R>>, ProgramError> {
        let mut waiting = VecDeque::new();
        self.divide(Part::new(Vec::new(), query), &mut waiting).await?;
        let progress = Progress::new(R::NAME, None);
        let mut asked: BTreeMap<RequestId, Part<R>> = BTreeMap::new();
        let mut whole = BTreeMap::new();
        loop {
            while let Some(part) = waiting.front()
                && let Some(id) = start(self, machine, part.request())
            {
                asked.extend(waiting.pop_front().map(|part| (id, part)));
            }
            if asked.is_empty() {
                return Ok(whole);
            }
            match self.session.next_news(machine).await? {
                SaNews::Records(batch) => {
                    if let Some(part) = asked.get_mut(&batch.id) {
                        part.records.extend(records::<R>(&batch));
                    }
                }
                SaNews::Ended(event) => {
                    let Some(mut part) = asked.remove(&event.id) else { continue };
                    if let Ok(SaAnswer::One(record)) = event.outcome {
                        part.records.push(record.parse().map_err(failed::<R>)?);
                    }
                    match ended(&event) {
                        Ok(_) => {
                            part.records.iter().for_each(|_| progress.step());
                            whole.insert(part.place, part.records);
                        }
                        Err(SaFailure::Unsegmented) => self.divide(part, &mut waiting).await?,
                        Err(failure) => return Err(failed::<R>(failure)),
                    }
                }
            }
        }
    }

    /// Put the parts of a part that did not come whole among those that are still to be asked for.
    async fn divide<R: Table>(
        &mut self,
        part: Part<R>,
        waiting: &mut VecDeque<Part<R>>,
    ) -> Result<(), ProgramError> {
        let fabric = self.fabric().await?;
        let queries = R::narrow(&part.query, fabric);
        if queries.is_empty() {
            if part.is_one {
                return Err(failed::<R>(SaFailure::Unsegmented));
            }
            waiting.push_back(Part { is_one: true, records: Vec::new(), ..part });
            return Ok(());
        }
        waiting.extend(queries.into_iter().enumerate().map(|(number, query)| {
            let place = [&part.place[..], &[number]].concat();
            Part::new(place, query)
        }));
        Ok(())
    }
}

/// Ask; `None` when as many questions as may be are open.
fn start(asker: &Asker, machine: &mut SaMachine, request: SaRequest) -> Option<RequestId> {
    machine.client().request(asker.session.now(), request).ok()
}

/// Every record is at least as long as its view: the client has seen to it.
fn records<R: Record>(batch: &RecordBatch) -> impl Iterator<Item = R> {
    batch.iter().filter_map(|record| R::parse(record).ok())
}

/// How many records a table had.
fn ended(event: &SaEvent) -> Result<u64, SaFailure> {
    match event.outcome {
        Ok(SaAnswer::Table { records }) => Ok(records),
        Err(SaFailure::Status(status)) if status.sa() == SaStatus::NoRecords => Ok(0),
        Err(failure) => Err(failure),
        Ok(_) => Ok(1),
    }
}

fn failed<R: Record>(failure: SaFailure) -> ProgramError {
    ProgramError::Administration { what: R::NAME.to_owned(), failure }
}
