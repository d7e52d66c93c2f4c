//! The tables that a client is being sent.

use core::time::Duration;

use super::{NotMineReason, SaAnswer, SaEvent, SaFailure, SaHandled, SaRequest};
use crate::request::RequestId;
use crate::rmpp::{
    Received, ReceiverLimits, Receivers, RecordError, Records, RmppFailure, RmppPeer, TransferKey,
};
use crate::transmit::Transmit;
use crate::types::Lid;
use crate::wire::{MAD_LENGTH, RmppFlags, RmppStatus, RmppType, SaMadView};

/// Up to `T` tables whose first segment is there, until their end has been reported.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tables<const T: usize> {
    receivers: Receivers<T>,
    open: [Option<Table>; T],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Table {
    id: RequestId,
    key: TransferKey,
    request: SaRequest,
    /// Records handed on.
    records: u64,
    /// What came of it, once it has ended.
    end: Option<Result<(), SaFailure>>,
}

/// The transfer that a segment from `peer` belongs to.
pub(super) fn transfer_key(peer: Lid, mad: &SaMadView) -> TransferKey {
    let header = mad.header();
    TransferKey {
        peer,
        class: header.class(),
        transaction_id: header.transaction_id(),
        method: header.method(),
    }
}

impl<const T: usize> Tables<T> {
    pub(super) const fn new(limits: ReceiverLimits) -> Self {
        Self { receivers: Receivers::new(limits, u16::MAX), open: [None; T] }
    }

    /// Tables that have begun, and whose end was not reported yet.
    pub(super) fn len(&self) -> usize {
        self.open.iter().flatten().count()
    }

    /// Whether a segment belongs to a table that has begun, be it only to be acknowledged again.
    pub(super) fn knows(&self, key: TransferKey) -> bool {
        self.receivers.contains(key)
    }

    /// The answer to a request for a table has begun. There is a place: the client counts.
    pub(super) fn begin(&mut self, id: RequestId, key: TransferKey, request: SaRequest) {
        if let Some(place) = self.open.iter_mut().find(|place| place.is_none()) {
            *place = Some(Table { id, key, request, records: 0, end: None });
        }
    }

    /// Take a segment of a table that has begun.
    pub(super) fn handle_segment<'a>(
        &'a mut self,
        now: Duration,
        peer: RmppPeer,
        mad: &SaMadView,
        bytes: &'a [u8],
    ) -> SaHandled<'a> {
        let key = transfer_key(peer.lid, mad);
        let id = RequestId::from(key.transaction_id);
        let table = self.open.iter_mut().flatten().find(|table| table.key == key && table.end.is_none());
        if let Some(table) = table.as_deref()
            && let Err(error) = check_offset(mad, &table.request)
        {
            // The engine has to know the transfer before it can tell the sender that it is over.
            let _ = self.receivers.handle_segment(now, peer, bytes);
            self.receivers.abort(now, key, RmppStatus::UNSPECIFIED);
            self.end(key, Err(SaFailure::Transfer(RmppFailure::Records(error))));
            return SaHandled::Segment { id };
        }
        match self.receivers.handle_segment(now, peer, bytes) {
            Received::Data(part) => {
                let Some(table) = table else { return SaHandled::Segment { id } };
                table.records = table.records.saturating_add(part.records.len() as u64);
                if part.is_last {
                    table.end = Some(Ok(()));
                }
                SaHandled::Records { id, records: part.records }
            }
            Received::Failed(failure) => {
                if let Some(table) = table {
                    table.end = Some(Err(SaFailure::Transfer(failure)));
                }
                SaHandled::Segment { id }
            }
            Received::Repeated | Received::Early | Received::Turned { .. } | Received::Refused => {
                SaHandled::Segment { id }
            }
            Received::NotTaken(_) => SaHandled::NotMine(NotMineReason::Transaction(id)),
        }
    }

    /// Take what stands alone where a table was asked for.
    pub(super) fn handle_unsegmented<'a>(&mut self, key: TransferKey, mad: &'a SaMadView) -> SaHandled<'a> {
        let id = RequestId::from(key.transaction_id);
        let offset = usize::from(mad.sa().attribute_offset()) * 8;
        let length = self.request(key).map_or(0, SaRequest::answer_length);
        let whole = if offset >= length { mad.data().len().checked_div(offset).unwrap_or(0) } else { 0 };
        let bytes = mad.data().get(..whole * offset).unwrap_or_default();
        self.end(key, Err(SaFailure::Unsegmented));
        match Records::in_one_piece(bytes, offset) {
            Ok(records) => SaHandled::Unsegmented { id, records },
            Err(_) => SaHandled::Segment { id },
        }
    }

    fn request(&self, key: TransferKey) -> Option<&SaRequest> {
        self.open.iter().flatten().find(|table| table.key == key).map(|table| &table.request)
    }

    fn end(&mut self, key: TransferKey, end: Result<(), SaFailure>) {
        let table = self.open.iter_mut().flatten().find(|table| table.key == key && table.end.is_none());
        if let Some(table) = table {
            table.end = Some(end);
        }
    }

    /// Nobody waits for a table any longer: its sender is told. Whether there was such a table.
    pub(super) fn cancel(&mut self, id: RequestId) -> bool {
        let place = self.open.iter_mut().find(|place| place.is_some_and(|table| table.id == id));
        let Some(table) = place.and_then(Option::take) else { return false };
        self.receivers.abort(Duration::ZERO, table.key, RmppStatus::UNSPECIFIED);
        true
    }

    /// Who sends has changed: what has begun cannot be finished.
    pub(super) fn abandon(&mut self, now: Duration) {
        for table in self.open.iter_mut().flatten().filter(|table| table.end.is_none()) {
            table.end = Some(Err(SaFailure::Moved));
            self.receivers.abort(now, table.key, RmppStatus::UNSPECIFIED);
        }
    }

    pub(super) fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        self.receivers.poll_transmit(now, buffer)
    }

    /// The next table that has ended.
    pub(super) fn poll_event(&mut self, now: Duration) -> Option<SaEvent> {
        while let Some(expired) = self.receivers.poll_event(now) {
            self.end(expired.key, Err(SaFailure::Transfer(expired.failure)));
        }
        let place = self.open.iter_mut().find(|place| place.is_some_and(|table| table.end.is_some()))?;
        let Table { id, request, records, end, .. } = place.take()?;
        let outcome = end?.map(|()| SaAnswer::Table { records });
        Some(SaEvent { id, request, outcome })
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        if self.open.iter().flatten().any(|table| table.end.is_some()) {
            return Some(Duration::ZERO);
        }
        self.receivers.poll_timeout()
    }

    pub(super) fn rebase(&mut self, epoch: Duration) {
        self.receivers.rebase(epoch);
    }
}

/// Whether the records of a segment are as far from each other as one is long.
fn check_offset(mad: &SaMadView, request: &SaRequest) -> Result<(), RecordError> {
    let rmpp = mad.rmpp();
    let is_last = rmpp.flags().contains(RmppFlags::LAST);
    // The payload length counts the class's header: an empty table has no other payload.
    let is_empty = is_last && rmpp.length_or_window() <= 20;
    if rmpp.kind() != RmppType::Data || is_empty {
        return Ok(());
    }
    match usize::from(mad.sa().attribute_offset()) * 8 {
        0 => Err(RecordError::NoOffset),
        offset if offset < request.answer_length() => {
            Err(RecordError::OffsetTooSmall { offset, needed: request.answer_length() })
        }
        _ => Ok(()),
    }
}
