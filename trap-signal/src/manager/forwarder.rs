//! Reports of events to subscribers, each repeated until it is answered (IBTA volume 1, 13.4.9).

use core::time::Duration;

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use ib_mad::request::{RequestId, RequestLimits, RequestTable, ResponseError};
use ib_mad::wire::{
    AttributeId, MAD_LENGTH, MadHeader, ManagementClass, Method, RepathNotice, RmppHeader, SaHeader, SaMad,
    SaMadView,
};
use ib_mad::{Lid, TransactionId, Transmit};

use super::registry::Subscriber;

/// Why a Report was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{waiting} Reports wait to be sent, as many as may")]
pub struct ForwardError {
    /// Reports that wait.
    pub waiting: usize,
}

/// What became of a Report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ForwardEvent {
    /// The subscriber answered.
    Delivered(Subscriber),
    /// The subscriber did not answer, however often it was told.
    Undeliverable {
        /// Who.
        subscriber: Subscriber,
        /// How often the Report was sent.
        attempts: u16,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pending {
    subscriber: Subscriber,
    /// Shared by all subscribers of an event.
    notice: Arc<RepathNotice>,
}

/// Sends Reports and waits for their answers.
///
/// `N` Reports are in flight at most; up to `limit` more wait.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReportForwarder<const N: usize = 64> {
    table: RequestTable<Pending, N>,
    waiting: VecDeque<Pending>,
    limit: usize,
}

impl<const N: usize> ReportForwarder<N> {
    /// A forwarder with nothing to do. Its first Report has the transaction id `first_id`.
    pub fn new(limits: RequestLimits, limit: usize, first_id: u32) -> Self {
        Self { table: RequestTable::new(limits, first_id), waiting: VecDeque::new(), limit }
    }

    /// Reports that are in flight or wait.
    pub fn len(&self) -> usize {
        self.table.len() + self.waiting.len()
    }

    /// Whether every Report was answered or given up.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Report an event to `subscribers`.
    ///
    /// # Errors
    /// When so many Reports cannot wait; none of these is taken then.
    pub fn forward(
        &mut self,
        notice: RepathNotice,
        subscribers: Vec<Subscriber>,
    ) -> Result<(), ForwardError> {
        if self.waiting.len().saturating_add(subscribers.len()) > self.limit {
            return Err(ForwardError { waiting: self.waiting.len() });
        }
        let notice = Arc::new(notice);
        let pending =
            subscribers.into_iter().map(|subscriber| Pending { subscriber, notice: Arc::clone(&notice) });
        self.waiting.extend(pending);
        Ok(())
    }

    /// Take in an answer. `None` when the datagram is not one.
    ///
    /// # Errors
    /// When it answers no Report in flight, or comes from another port than was told.
    pub fn handle_datagram(
        &mut self,
        from: Lid,
        mad: &SaMadView,
    ) -> Option<Result<ForwardEvent, ResponseError>> {
        let header = mad.header();
        if header.method() != Method::REPORT_RESP || header.attribute_id() != AttributeId::NOTICE {
            return None;
        }
        let answered = self.table.respond(RequestId(header.transaction_id().low()), from);
        Some(answered.map(|pending| ForwardEvent::Delivered(pending.subscriber)))
    }

    /// The next Report to send, if there is one.
    pub fn poll_transmit(&mut self, now: Duration, out: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        self.start(now);
        let due = self.table.poll_transmit(now)?;
        let mad = SaMad {
            header: MadHeader::request(
                ManagementClass::SUBNET_ADMINISTRATION,
                Method::REPORT,
                AttributeId::NOTICE,
                0,
                TransactionId(due.id.0.into()),
            ),
            rmpp: RmppHeader::INACTIVE,
            sa: SaHeader::default(),
        };
        *out = mad.emit(&*due.request.notice).ok()?;
        let Subscriber { lid, qpn, service_level, .. } = due.request.subscriber;
        Some(Transmit { to: lid, service_level, qpn })
    }

    /// Start what may be in flight. A subscriber that answers nothing holds up only itself: its Reports go to the end.
    fn start(&mut self, now: Duration) {
        for _ in 0..self.waiting.len().min(N) {
            if self.table.len() == N {
                return;
            }
            let Some(pending) = self.waiting.pop_front() else { return };
            if let Err(full) = self.table.start(now, pending.subscriber.lid, pending) {
                self.waiting.push_back(full.into_request());
            }
        }
    }

    /// The next Report that was given up.
    pub fn poll_event(&mut self, now: Duration) -> Option<ForwardEvent> {
        let expired = self.table.poll_expired(now)?;
        Some(ForwardEvent::Undeliverable {
            subscriber: expired.request.subscriber,
            attempts: expired.attempts,
        })
    }

    /// When to poll again at the latest.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.table.poll_timeout()
    }

    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.table.rebase(epoch);
    }
}
