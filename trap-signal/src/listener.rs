//! A port that subscribes to a manager's events, hears its Reports and answers them.

use core::time::Duration;

use alloc::collections::VecDeque;
use ib_mad::request::{RequestId, RequestLimits, StartError};
use ib_mad::rmpp::ReceiverLimits;
use ib_mad::sa::{
    IgnoredReason, NotMineReason, SaAddress, SaClient, SaClientConfig, SaEvent, SaFailure, SaHandled,
    SaRequest,
};
use ib_mad::wire::{
    Attribute, AttributeId, InformInfo, InformInfoRecord, InformInfoRecordQuery, MAD_LENGTH, MadHeader,
    Method, Notice, PathRecord, RepathNotice, SaMadView, TrapNumber,
};
use ib_mad::{Gid, Lid, Qpn, SmKey, TransactionId, Transmit};

use crate::repeats::Repeats;
use crate::subscription::{Action, Input, Phase};

/// What the transport knows of the port that a machine works on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LocalPort {
    /// The port's LID, [`Lid::UNASSIGNED`] before a manager has given it one.
    pub lid: Lid,
    /// The port's GID.
    pub gid: Gid,
    /// Where the subnet manager is, and with it the subnet administration; LID 0 when none has configured the port.
    pub manager: SaAddress,
}

impl LocalPort {
    pub(crate) fn is_managed(&self) -> bool {
        self.lid.is_unicast() && self.manager.lid.is_unicast()
    }
}

/// How an [`EventListener`] behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListenerConfig {
    /// What to subscribe to.
    pub subscription: InformInfo,
    /// How long a subscription is trusted before the manager is asked whether it still stands.
    pub verify_every: Duration,
    /// How long to wait after a refusal, or after no answer, before subscribing again.
    pub retry_after: Duration,
    /// How long the repetition of a Report is taken for one; longer than the manager repeats it, shorter than its
    /// transaction ids take to come round.
    pub repeat_window: Duration,
    /// Deadlines and caps of requests to the subnet administration.
    pub limits: RequestLimits,
    /// Presented to the subnet administration; zero when not trusted.
    pub sm_key: SmKey,
    /// Where transaction ids start: differs between programs on a port, best drawn at random.
    pub first_id: u32,
}

impl ListenerConfig {
    /// Verify each minute, try again after a second, forget Reports after ten.
    pub fn new(subscription: InformInfo, first_id: u32) -> Self {
        Self {
            subscription,
            verify_every: Duration::from_secs(60),
            retry_after: Duration::from_secs(1),
            repeat_window: Duration::from_secs(10),
            limits: RequestLimits::default(),
            sm_key: SmKey(0),
            first_id,
        }
    }
}

/// An event that the manager reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Report {
    /// Transaction id that the manager gave it.
    pub transaction_id: TransactionId,
    /// What happened.
    pub notice: Notice,
    /// The record behind a trap 68 or 69 that carries one.
    pub path_record: Option<PathRecord>,
}

/// What an [`EventListener`] has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::large_enum_variant, reason = "an answer comes whole: nothing is allocated to keep it")]
pub enum ListenerEvent {
    /// The subscription stands from now on. What happened before is not known.
    Standing,
    /// The subscription had been lost; events may have been missed. It is being renewed.
    Lost,
    /// The manager refused the subscription, or did not answer; it is asked again later.
    NotSubscribed(SaFailure),
    /// The manager reported an event, for the first time.
    Report(Report),
    /// The manager repeated a Report; it was answered again.
    Repeated(TransactionId),
    /// A Report came from a port that is not the manager's. It was not answered.
    Stranger(Lid),
    /// The outcome of a request that [`EventListener::request`] made.
    Outcome(SaEvent),
    /// A datagram that is neither a Report nor an answer to a request in flight, and why: a late answer, often.
    NotMine(NotMineReason),
    /// An answer that cannot be one, and why. The request goes on waiting.
    Ignored(IgnoredReason),
}

/// A port that subscribes to a manager's events, hears its Reports and answers them; other requests to the subnet
/// administration share its transaction ids.
///
/// `N` is the number of requests that it can have in flight.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventListener<const N: usize> {
    config: ListenerConfig,
    port: LocalPort,
    sa: SaClient<N, 0>,
    phase: Phase,
    /// The request that the phase waits for.
    pending: Option<RequestId>,
    /// When the phase is due.
    due: Option<Duration>,
    repeats: Repeats,
    responses: VecDeque<(Lid, [u8; MAD_LENGTH])>,
    events: VecDeque<ListenerEvent>,
}

impl<const N: usize> EventListener<N> {
    /// Answers to Reports that wait for [`poll_transmit`](Self::poll_transmit) at most. One that does not fit is
    /// left out: the manager repeats its Report.
    pub const RESPONSES: usize = 64;
    const ANNOUNCEMENTS: usize = 8;

    /// A listener that does nothing until it knows its port.
    pub fn new(config: ListenerConfig) -> Self {
        let sa = SaClient::new(SaClientConfig {
            sa: SaAddress::default(),
            sm_key: config.sm_key,
            limits: config.limits,
            tables: ReceiverLimits::DEFAULT,
            first_id: config.first_id,
        });
        Self {
            config,
            port: LocalPort::default(),
            sa,
            phase: Phase::NoManager,
            pending: None,
            due: None,
            repeats: Repeats::new(config.repeat_window),
            responses: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// The port as it was last told.
    pub fn port(&self) -> &LocalPort {
        &self.port
    }

    /// Where the subscription stands.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Tell what the port is now. The subscription is renewed when the port's LID or the manager changed.
    pub fn handle_port(&mut self, now: Duration, port: LocalPort) {
        if port == self.port {
            return;
        }
        let was_managed = self.port.is_managed();
        if port.manager != self.port.manager {
            self.repeats.clear();
        }
        self.port = port;
        if port.is_managed() {
            self.sa.set_sa(now, port.manager);
            self.input(now, Input::ManagerKnown);
        } else if was_managed {
            self.input(now, Input::ManagerGone);
        }
    }

    /// The manager asked clients to register again (the port's ClientReregister bit, or the event that the kernel
    /// makes of it).
    pub fn handle_client_reregister(&mut self, now: Duration) {
        if self.port.is_managed() {
            self.repeats.clear();
            self.input(now, Input::ManagerKnown);
        }
    }

    /// Ask the subnet administration something; the outcome comes as [`ListenerEvent::Outcome`].
    ///
    /// # Errors
    /// When the table of requests is full; and always for a table, which has no place here.
    #[expect(
        clippy::result_large_err,
        reason = "the request comes back whole: nothing is allocated to keep it"
    )]
    pub fn request(&mut self, now: Duration, request: SaRequest) -> Result<RequestId, StartError<SaRequest>> {
        self.sa.request(now, request)
    }

    /// A request is no longer wanted: its outcome does not come.
    pub fn cancel(&mut self, id: RequestId) {
        self.sa.cancel(id);
    }

    /// The client of the subnet administration, for machines that make requests of their own. Requests only:
    /// everything else goes through the listener.
    pub(crate) fn client(&mut self) -> &mut SaClient<N, 0> {
        &mut self.sa
    }

    /// Take in what the port received.
    pub fn handle_datagram(&mut self, now: Duration, from: Lid, bytes: &[u8]) -> Option<ListenerEvent> {
        if let Ok(mad) = SaMadView::new(bytes)
            && mad.header().method() == Method::REPORT
            && mad.header().attribute_id() == AttributeId::NOTICE
        {
            return Some(self.handle_report(now, from, mad, bytes));
        }
        match self.sa.handle_datagram(now, from, bytes) {
            SaHandled::Answered(event) => self.outcome(now, event),
            SaHandled::NotMine(reason) => Some(ListenerEvent::NotMine(reason)),
            SaHandled::Ignored(reason) => Some(ListenerEvent::Ignored(reason)),
            SaHandled::Busy { .. }
            // No table is asked for.
            | SaHandled::Records { .. }
            | SaHandled::Segment { .. }
            | SaHandled::Unsegmented { .. } => None,
        }
    }

    fn handle_report(&mut self, now: Duration, from: Lid, mad: &SaMadView, bytes: &[u8]) -> ListenerEvent {
        if !self.port.is_managed() || from != self.port.manager.lid {
            return ListenerEvent::Stranger(from);
        }
        self.answer(from, mad, bytes);
        let transaction_id = mad.header().transaction_id();
        if !self.repeats.is_new(now, transaction_id) {
            return ListenerEvent::Repeated(transaction_id);
        }
        match RepathNotice::parse(mad.data()) {
            Ok(RepathNotice { notice, path_record }) => {
                // Only UnPath and RePath have a record behind the Notice.
                let path_record = path_record.filter(|_| {
                    matches!(notice.trap_number(), Some(TrapNumber::UNPATH | TrapNumber::REPATH))
                });
                ListenerEvent::Report(Report { transaction_id, notice, path_record })
            }
            Err(error) => ListenerEvent::Ignored(IgnoredReason::Malformed(error)),
        }
    }

    /// A Report is answered with itself, under the method that says so (IBTA volume 1, 13.4.9).
    fn answer(&mut self, to: Lid, mad: &SaMadView, bytes: &[u8]) {
        let mut response = [0; MAD_LENGTH];
        if self.responses.len() < Self::RESPONSES && bytes.len() == response.len() {
            response.copy_from_slice(bytes);
            let header = MadHeader { method: Method::REPORT_RESP, ..MadHeader::from_view(mad.header()) };
            if header.emit(&mut response).is_ok() {
                self.responses.push_back((to, response));
            }
        }
    }

    /// Act on an answer to the subscription; pass any other on.
    fn outcome(&mut self, now: Duration, event: SaEvent) -> Option<ListenerEvent> {
        if self.pending != Some(event.id) {
            // An answer to what was asked before the port or the manager changed is nobody's.
            return (!self.is_own(&event.request)).then_some(ListenerEvent::Outcome(event));
        }
        self.pending = None;
        let input = match (self.phase, &event.outcome) {
            (Phase::Subscribing, Ok(_)) => Input::Confirmed,
            (Phase::Verifying, Ok(_)) if self.confirms(&event) => Input::Confirmed,
            // Any other answer does not show that it stands: no record, several of this port (one datagram cannot
            // carry them), or a manager without such records. Subscribing again does no harm.
            (Phase::Verifying, Ok(_) | Err(SaFailure::Status(_))) => Input::Absent,
            _ => Input::Failed,
        };
        let failure = event.outcome.err();
        self.input(now, input);
        failure.filter(|_| input == Input::Failed).map(ListenerEvent::NotSubscribed)
    }

    fn is_own(&self, request: &SaRequest) -> bool {
        *request == self.subscription() || *request == self.verification()
    }

    /// Whether a record asks for the same events; the manager may leave the queue pair and its own fields out.
    fn confirms(&self, event: &SaEvent) -> bool {
        let wanted = &self.config.subscription;
        event.record::<InformInfoRecord>().is_ok_and(|InformInfoRecord { inform_info: got, .. }| {
            got.producer == wanted.producer && got.notice_type == wanted.notice_type
        })
    }

    fn subscription(&self) -> SaRequest {
        SaRequest::inform(&self.config.subscription)
    }

    fn verification(&self) -> SaRequest {
        SaRequest::get(&InformInfoRecordQuery::new().subscriber_gid(self.port.gid))
    }

    fn input(&mut self, now: Duration, input: Input) {
        let (phase, action) = self.phase.next(input);
        self.phase = phase;
        match action {
            Action::None => {}
            Action::Forget => {
                self.pending = None;
                self.due = None;
            }
            Action::Subscribe => self.ask(now, self.subscription()),
            Action::SubscribeAgain => {
                self.announce(ListenerEvent::Lost);
                self.ask(now, self.subscription());
            }
            Action::Verify => self.ask(now, self.verification()),
            Action::AnnounceStanding => {
                self.announce(ListenerEvent::Standing);
                self.due = Some(now.saturating_add(self.config.verify_every));
            }
            Action::WaitToVerify => self.due = Some(now.saturating_add(self.config.verify_every)),
            Action::WaitToRetry => self.due = Some(now.saturating_add(self.config.retry_after)),
        }
    }

    /// The newest announcements say all: a caller that does not collect them misses the oldest.
    fn announce(&mut self, event: ListenerEvent) {
        if self.events.len() == Self::ANNOUNCEMENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    fn ask(&mut self, now: Duration, request: SaRequest) {
        self.due = None;
        if let Some(old) = self.pending.take() {
            self.sa.cancel(old);
        }
        match self.sa.request(now, request) {
            Ok(id) => self.pending = Some(id),
            Err(_full) => self.input(now, Input::Failed),
        }
    }

    /// The next datagram to send, if there is one: answers to Reports first, since a manager waits for them.
    pub fn poll_transmit(&mut self, now: Duration, out: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        if let Some((to, response)) = self.responses.pop_front() {
            *out = response;
            let service_level = self.port.manager.service_level;
            return Some(Transmit { to, service_level, qpn: Qpn::GENERAL_SERVICES });
        }
        self.sa.poll_transmit(now, out)
    }

    /// What there is to say without a datagram having come: requests whose time has run out among it.
    pub fn poll_event(&mut self, now: Duration) -> Option<ListenerEvent> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            let expired = self.sa.poll_event(now)?;
            if let Some(event) = self.outcome(now, expired) {
                return Some(event);
            }
        }
    }

    /// Act on the time that has come.
    pub fn handle_timeout(&mut self, now: Duration) {
        if self.due.is_some_and(|due| due <= now) {
            self.due = None;
            self.input(now, Input::Due);
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), [`poll_transmit`](Self::poll_transmit) and
    /// [`poll_event`](Self::poll_event) again at the latest.
    pub fn poll_timeout(&self) -> Option<Duration> {
        [self.due, self.sa.poll_timeout()].into_iter().flatten().min()
    }

    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.due = self.due.map(|due| due.saturating_sub(epoch));
        self.repeats.rebase(epoch);
        self.sa.rebase(epoch);
    }
}
