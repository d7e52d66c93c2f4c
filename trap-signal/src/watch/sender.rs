//! Sends one trap to the manager, again and again until the manager has it.

use core::time::Duration;

use ib_mad::request::{RequestId, RequestLimits, RequestTable};
use ib_mad::wire::{
    AttributeId, MAD_LENGTH, MadHeader, ManagementClass, Method, Notice, Smp, SmpNotice, SmpView,
};
use ib_mad::{Lid, MKey, Qpn, ServiceLevel, TransactionId, Transmit};

/// A trap is unconfirmed until the manager represses it or forwards it back to its sender, who subscribed to it: a
/// fabric may lose repressions (ibsim drops every one).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct TrapSender {
    requests: RequestTable<Notice, 1>,
    /// The trap under way and its count, which tells it from earlier ones.
    current: Option<(RequestId, u16)>,
    count: u16,
    /// How often the trap under way was sent.
    attempts: u16,
}

impl TrapSender {
    pub(super) fn new(limits: RequestLimits, first_id: u32) -> Self {
        Self { requests: RequestTable::new(limits, first_id), current: None, count: 0, attempts: 0 }
    }

    /// Send `notice`. One that is still under way is given up: the newer says all that it did.
    pub(super) fn send(&mut self, now: Duration, manager: Lid, mut notice: Notice) {
        if let Some((id, _)) = self.current.take() {
            self.requests.cancel(id);
        }
        // OpenSM ignores a trap that it has seen ten times in ten seconds; the count makes each another.
        self.count = (self.count + 1) & 0x7FFF;
        notice.notice_count = self.count;
        if let Ok(id) = self.requests.start(now, manager, notice) {
            self.current = Some((id, self.count));
        }
    }

    /// The manager's address changed: what is under way goes there.
    pub(super) fn retarget(&mut self, now: Duration, old: Lid, new: Lid) {
        self.requests.retarget(now, old, new);
    }

    /// The manager forwarded a trap of this sender; how often it was sent, when it is the one under way.
    pub(super) fn heard_back(&mut self, notice: &Notice) -> Option<u16> {
        let (id, _) = self.current.filter(|(_, count)| *count == notice.notice_count)?;
        self.requests.cancel(id)?;
        self.confirmed()
    }

    fn confirmed(&mut self) -> Option<u16> {
        self.current = None;
        Some(core::mem::take(&mut self.attempts))
    }

    /// The manager's repression of the trap under way; how often that was sent.
    pub(super) fn handle_datagram(&mut self, from: Lid, bytes: &[u8]) -> Option<u16> {
        let mad = SmpView::new(bytes).ok()?;
        let header = mad.header();
        let id = RequestId(header.transaction_id().low());
        if header.method() != Method::TRAP_REPRESS
            || header.attribute_id() != AttributeId::NOTICE
            || self.requests.respond(id, from).is_err()
        {
            return None;
        }
        self.confirmed()
    }

    pub(super) fn poll_transmit(
        &mut self,
        now: Duration,
        service_level: ServiceLevel,
        out: &mut [u8; MAD_LENGTH],
    ) -> Option<Transmit> {
        let due = self.requests.poll_transmit(now)?;
        self.attempts = due.attempt;
        let header = MadHeader::request(
            ManagementClass::SUBNET_LID_ROUTED,
            Method::TRAP,
            AttributeId::NOTICE,
            0,
            TransactionId(due.id.0.into()),
        );
        let mad = Smp { header, m_key: MKey(0) };
        *out = mad.emit(&SmpNotice(*due.request)).ok()?;
        Some(Transmit { to: due.to, service_level, qpn: Qpn::SUBNET_MANAGEMENT })
    }

    /// How often a trap was sent that nobody confirmed.
    pub(super) fn poll_expired(&mut self, now: Duration) -> Option<u16> {
        let expired = self.requests.poll_expired(now)?;
        self.current = None;
        Some(expired.attempts)
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        self.requests.poll_timeout()
    }

    pub(super) fn rebase(&mut self, epoch: Duration) {
        self.requests.rebase(epoch);
    }
}
