use core::time::Duration;

use super::tables::{Tables, transfer_key};
use super::{IgnoredReason, NotMineReason, SaAnswer, SaEvent, SaFailure, SaHandled, SaRecord, SaRequest};
use crate::request::{ExpiryReason, RequestId, RequestLimits, RequestTable, ResponseError, StartError};
use crate::rmpp::{ReceiverLimits, RmppFailure, RmppPeer};
use crate::transmit::Transmit;
use crate::types::{Lid, Qpn, ServiceLevel, SmKey};
use crate::wire::{MAD_LENGTH, Mad, Method, RmppFlags, RmppHeaderView, RmppStatus, RmppType, SaMadView};

/// Where subnet administration is: the port of the master subnet manager.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SaAddress {
    /// Its LID (PortInfo's MasterSMLID).
    pub lid: Lid,
    /// Service level to reach it with (PortInfo's MasterSMSL).
    pub service_level: ServiceLevel,
}

/// What a client needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SaClientConfig {
    /// Where subnet administration is.
    pub sa: SaAddress,
    /// Key that makes the manager trust this node, zero for none.
    pub sm_key: SmKey,
    /// Time-out, retries, back-off, and how many requests may be in flight.
    pub limits: RequestLimits,
    /// How much of a table to take at once, how long one may be, and how long it may take.
    pub tables: ReceiverLimits,
    /// Id of the first request. Machines that share a port should start far apart, and a program after a restart
    /// elsewhere than before.
    pub first_id: u32,
}

impl SaClientConfig {
    /// No key, the default limits, ids from 1.
    pub const fn new(sa: SaAddress) -> Self {
        Self {
            sa,
            sm_key: SmKey(0),
            limits: RequestLimits::DEFAULT,
            tables: ReceiverLimits::DEFAULT,
            first_id: 1,
        }
    }
}

/// Asks subnet administration, with up to `N` requests in flight (and no more than the limits allow to one node), up to
/// `TABLES` of them for tables.
///
/// Time, ids and size are those of [`RequestTable`]; a table takes another kilobyte, and nothing is allocated however long it is.
/// The [module](super) shows how to run it.
///
/// # Tables
/// A table comes in segments, and its records are handed on as they come, each once and in order, by
/// [`handle_datagram`](Self::handle_datagram). [`poll_event`](Self::poll_event) tells its end: a table that was not reported whole
/// is not whole. From its first segment on a table is not asked for again; a transfer that fails is reported, and the caller may ask
/// anew.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SaClient<const N: usize, const TABLES: usize = 1> {
    sa: SaAddress,
    sm_key: SmKey,
    requests: RequestTable<SaRequest, N>,
    /// Requests for tables among them.
    asked_tables: usize,
    tables: Tables<TABLES>,
    /// The request that was acknowledged last, if the manager still has to be told that the answer may come.
    turning: Option<RequestId>,
}

impl<const N: usize, const TABLES: usize> SaClient<N, TABLES> {
    /// A client with nothing in flight.
    pub const fn new(config: SaClientConfig) -> Self {
        let SaClientConfig { sa, sm_key, limits, tables, first_id } = config;
        let requests = RequestTable::new(limits, first_id);
        Self { sa, sm_key, requests, asked_tables: 0, tables: Tables::new(tables), turning: None }
    }

    /// Subnet administration has moved, or is reached with another service level. What is in flight is asked again
    /// of the new port, with all its retries; answers of the old one no longer count. A table that has begun ends with
    /// [`SaFailure::Moved`].
    pub fn set_sa(&mut self, now: Duration, sa: SaAddress) {
        if sa.lid != self.sa.lid {
            self.requests.retarget(now, self.sa.lid, sa.lid);
            self.tables.abandon(now);
        }
        self.sa = sa;
    }

    /// Where subnet administration is.
    pub const fn sa(&self) -> SaAddress {
        self.sa
    }

    /// Ask. The answer comes from [`handle_datagram`](Self::handle_datagram), a failure to get one, and the end of a table, from
    /// [`poll_event`](Self::poll_event).
    ///
    /// # Errors
    /// When as many requests, or requests for tables, are in flight as may be; the request comes back in the error.
    #[expect(
        clippy::result_large_err,
        reason = "the request comes back whole: nothing is allocated to keep it"
    )]
    pub fn request(&mut self, now: Duration, request: SaRequest) -> Result<RequestId, StartError<SaRequest>> {
        if request.is_table() && self.asked_tables + self.tables.len() >= TABLES {
            return Err(StartError::TableFull(request));
        }
        let id = self.requests.start(now, self.sa.lid, request)?;
        self.asked_tables += usize::from(request.is_table());
        Ok(id)
    }

    /// Stop waiting for an answer; whether there was such a request. The sender of a table is told.
    pub fn cancel(&mut self, id: RequestId) -> bool {
        match self.requests.cancel(id) {
            Some(request) => {
                self.no_longer_asked(&request);
                true
            }
            None => self.tables.cancel(id),
        }
    }

    /// Write the next datagram to send into `buffer`, all of it. Call it until it returns `None`, after each datagram: of several
    /// [acknowledged questions](SaRequest::get_multi) only the last one is remembered.
    pub fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        if let Some(acknowledgement) = self.tables.poll_transmit(now, buffer) {
            return Some(acknowledgement);
        }
        let transmit = |to| Transmit { to, service_level: self.sa.service_level, qpn: Qpn::GENERAL_SERVICES };
        // Of a request that has ended meanwhile the answer is there: it does not have to be told.
        if let Some(id) = self.turning.take()
            && let Ok(request) = self.requests.matching(id, self.sa.lid)
        {
            request.emit_turn(id, self.sm_key, buffer);
            return Some(transmit(self.sa.lid));
        }
        let due = self.requests.poll_transmit(now)?;
        due.request.emit(due.id, self.sm_key, buffer);
        Some(transmit(due.to))
    }

    /// Take a datagram that `from` sent to queue pair 1.
    pub fn handle_datagram<'a>(&'a mut self, now: Duration, from: Lid, bytes: &'a [u8]) -> SaHandled<'a> {
        let mad = match Mad::new(bytes) {
            Ok(Mad::Sa(mad)) => mad,
            Ok(other) => return SaHandled::NotMine(NotMineReason::Class(other.header().class())),
            Err(error) => return SaHandled::Ignored(IgnoredReason::Malformed(error)),
        };
        let method = mad.header().method();
        if !method.is_response() || method == Method::REPORT_RESP {
            return SaHandled::NotMine(NotMineReason::Method(method));
        }
        let key = transfer_key(from, mad);
        if !self.tables.knows(key) {
            let request = match self.judge(now, from, mad) {
                Verdict::Handled(handled) => return handled,
                Verdict::Table(request) => request,
            };
            self.tables.begin(key.transaction_id.into(), key, request);
            if !is_segment(mad.rmpp()) {
                return self.tables.handle_unsegmented(key, mad);
            }
        }
        let service_level = self.sa.service_level;
        let peer = RmppPeer { lid: from, service_level, qpn: Qpn::GENERAL_SERVICES };
        self.tables.handle_segment(now, peer, mad, bytes)
    }

    /// Take a response that belongs to no transfer.
    fn judge(&mut self, now: Duration, from: Lid, mad: &SaMadView) -> Verdict {
        let id = RequestId::from(mad.header().transaction_id());
        let request = match self.requests.matching(id, from) {
            Ok(request) => request,
            Err(error) => return Verdict::Handled(unmatched(id, error)),
        };
        if let Err(reason) = check_answer(request, mad) {
            return Verdict::Handled(SaHandled::Ignored(reason));
        }
        match about_question(mad.rmpp()) {
            Some(Ok(())) => {
                self.turning = Some(id);
                return Verdict::Handled(SaHandled::Segment { id });
            }
            Some(Err(status)) => return Verdict::Handled(self.refused(id, from, status)),
            None => {}
        }
        let status = mad.header().status();
        if status.is_busy() {
            return Verdict::Handled(match self.requests.back_off(now, id, from) {
                Ok(()) => SaHandled::Busy { id },
                Err(error) => unmatched(id, error),
            });
        }
        let request = match self.requests.respond(id, from) {
            Ok(request) => request,
            Err(error) => return Verdict::Handled(unmatched(id, error)),
        };
        self.no_longer_asked(&request);
        let outcome = if status.is_redirect() {
            Err(SaFailure::Redirected)
        } else if !status.is_ok() {
            Err(SaFailure::Status(status))
        } else if request.is_table() {
            return Verdict::Table(request);
        } else if !is_whole(mad.rmpp()) {
            Err(SaFailure::Segmented)
        } else {
            Ok(SaAnswer::One(SaRecord::new(mad.header().attribute_id(), mad.data())))
        };
        Verdict::Handled(SaHandled::Answered(SaEvent { id, request, outcome }))
    }

    /// The manager takes no part in the transfer of a question.
    fn refused(&mut self, id: RequestId, from: Lid, status: RmppStatus) -> SaHandled<'static> {
        match self.requests.respond(id, from) {
            Ok(request) => {
                self.no_longer_asked(&request);
                let outcome = Err(SaFailure::Transfer(RmppFailure::ByPeer(status)));
                SaHandled::Answered(SaEvent { id, request, outcome })
            }
            Err(error) => unmatched(id, error),
        }
    }

    fn no_longer_asked(&mut self, request: &SaRequest) {
        self.asked_tables -= usize::from(request.is_table());
    }

    /// The next table that has ended, or request that got no answer. Call it until it returns `None`.
    pub fn poll_event(&mut self, now: Duration) -> Option<SaEvent> {
        if let Some(ended) = self.tables.poll_event(now) {
            return Some(ended);
        }
        let expired = self.requests.poll_expired(now)?;
        self.no_longer_asked(&expired.request);
        let attempts = expired.attempts;
        let failure = match expired.reason {
            ExpiryReason::NoAnswer => SaFailure::NoAnswer { attempts },
            ExpiryReason::Busy => SaFailure::Busy { attempts },
        };
        Some(SaEvent { id: expired.id, request: expired.request, outcome: Err(failure) })
    }

    /// When to poll again, on the clock that `now` is from; a time in the past means at once. `None` while nothing
    /// is in flight, and no transfer has to be remembered.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let turning = self.turning.map(|_| Duration::ZERO);
        [turning, self.requests.poll_timeout(), self.tables.poll_timeout()].into_iter().flatten().min()
    }

    /// Requests in flight, tables that come in among them.
    pub fn in_flight(&self) -> usize {
        self.requests.len() + self.tables.len()
    }

    /// Make every deadline earlier by `epoch`: see [`RequestTable::rebase`].
    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.requests.rebase(epoch);
        self.tables.rebase(epoch);
    }
}

/// What a response was.
#[expect(clippy::large_enum_variant, reason = "an answer comes whole: nothing is allocated to keep it")]
enum Verdict {
    Handled(SaHandled<'static>),
    /// It begins the answer to this request for a table.
    Table(SaRequest),
}

fn unmatched(id: RequestId, error: ResponseError) -> SaHandled<'static> {
    match error {
        ResponseError::Unknown => SaHandled::NotMine(NotMineReason::Transaction(id)),
        ResponseError::WrongNode { asked, from } => {
            SaHandled::Ignored(IgnoredReason::WrongNode { asked, from })
        }
        ResponseError::NotSent => SaHandled::Ignored(IgnoredReason::NotSent),
    }
}

/// Whether a response with a request's transaction id can be its answer.
fn check_answer(request: &SaRequest, mad: &SaMadView) -> Result<(), IgnoredReason> {
    let (expected, got) = (request.method().response(), mad.header().method());
    if got != expected {
        return Err(IgnoredReason::WrongMethod { expected, got });
    }
    let got = mad.header().attribute_id();
    if !request.accepts(got) {
        return Err(IgnoredReason::WrongAttribute { expected: request.answer_id(), got });
    }
    let rmpp = mad.rmpp();
    let is_expected = match rmpp.kind() {
        _ if !is_segment(rmpp) => true,
        RmppType::Data => !request.is_table() || rmpp.segment() == 1,
        _ => request.is_double_sided() && about_question(rmpp).is_some(),
    };
    if is_expected { Ok(()) } else { Err(IgnoredReason::NoTransfer) }
}

/// Whether a segment speaks of a question that was sent as one: it acknowledges that, or says why nobody takes it.
fn about_question(rmpp: &RmppHeaderView) -> Option<Result<(), RmppStatus>> {
    if !is_segment(rmpp) || rmpp.version() != 1 {
        return None;
    }
    match (rmpp.kind(), rmpp.status()) {
        (RmppType::Ack, RmppStatus::NORMAL) if rmpp.segment() == 1 && rmpp.length_or_window() >= 1 => {
            Some(Ok(()))
        }
        (RmppType::Stop, status) if status == RmppStatus::RESOURCES_EXHAUSTED => Some(Err(status)),
        (RmppType::Abort, status) if status.is_abort() => Some(Err(status)),
        _ => None,
    }
}

/// Whether the datagram is a segment. Where no kernel fills the header in, as under ibsim's preloaded library, OpenSM leaves its flags as
/// the only sign that a message has more than one.
fn is_segment(rmpp: &RmppHeaderView) -> bool {
    rmpp.flags().contains(RmppFlags::ACTIVE) && rmpp.kind() != RmppType::None
}

/// Whether the datagram is a whole message. Some managers put a single segment around an answer that needs none.
fn is_whole(rmpp: &RmppHeaderView) -> bool {
    let flags = rmpp.flags();
    !flags.contains(RmppFlags::ACTIVE) || flags.contains(RmppFlags(RmppFlags::FIRST.0 | RmppFlags::LAST.0))
}
