use core::time::Duration;

use super::{IgnoredReason, NotMineReason, SaEvent, SaFailure, SaHandled, SaRequest};
use crate::request::{ExpiryReason, RequestId, RequestLimits, RequestTable, ResponseError, StartError};
use crate::transmit::Transmit;
use crate::types::{Lid, Qpn, ServiceLevel, SmKey};
use crate::wire::{MAD_LENGTH, Mad, Method, RmppFlags, RmppHeaderView, RmppType, SaMadView};

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
    /// Id of the first request. Machines that share a port should start far apart, and a program after a restart
    /// elsewhere than before.
    pub first_id: u32,
}

impl SaClientConfig {
    /// No key, the default limits, ids from 1.
    pub const fn new(sa: SaAddress) -> Self {
        Self { sa, sm_key: SmKey(0), limits: RequestLimits::DEFAULT, first_id: 1 }
    }
}

/// Asks subnet administration, with up to `N` requests in flight (and no more than the limits allow to one node).
///
/// Time, ids and size are those of [`RequestTable`]. The [module](super) shows how to run it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SaClient<const N: usize> {
    sa: SaAddress,
    sm_key: SmKey,
    requests: RequestTable<SaRequest, N>,
}

impl<const N: usize> SaClient<N> {
    /// A client with nothing in flight.
    pub const fn new(config: SaClientConfig) -> Self {
        let SaClientConfig { sa, sm_key, limits, first_id } = config;
        Self { sa, sm_key, requests: RequestTable::new(limits, first_id) }
    }

    /// Subnet administration has moved, or is reached with another service level. What is in flight is asked again
    /// of the new port, with all its retries; answers of the old one no longer count.
    pub fn set_sa(&mut self, now: Duration, sa: SaAddress) {
        if sa.lid != self.sa.lid {
            self.requests.retarget(now, self.sa.lid, sa.lid);
        }
        self.sa = sa;
    }

    /// Where subnet administration is.
    pub const fn sa(&self) -> SaAddress {
        self.sa
    }

    /// Ask. The answer comes from [`handle_datagram`](Self::handle_datagram), a failure to get one from
    /// [`poll_event`](Self::poll_event).
    ///
    /// # Errors
    /// When as many requests are in flight as may be; the request comes back in the error.
    #[expect(
        clippy::result_large_err,
        reason = "the request comes back whole: nothing is allocated to keep it"
    )]
    pub fn request(&mut self, now: Duration, request: SaRequest) -> Result<RequestId, StartError<SaRequest>> {
        self.requests.start(now, self.sa.lid, request)
    }

    /// Stop waiting for an answer; whether there was such a request.
    pub fn cancel(&mut self, id: RequestId) -> bool {
        self.requests.cancel(id).is_some()
    }

    /// Write the next datagram to send into `buffer`, all of it. Call it until it returns `None`.
    pub fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        let due = self.requests.poll_transmit(now)?;
        due.request.emit(due.id, self.sm_key, buffer);
        Some(Transmit { to: due.to, service_level: self.sa.service_level, qpn: Qpn::GENERAL_SERVICES })
    }

    /// Take a datagram that `from` sent to queue pair 1.
    pub fn handle_datagram(&mut self, now: Duration, from: Lid, bytes: &[u8]) -> SaHandled {
        let mad = match Mad::new(bytes) {
            Ok(Mad::Sa(mad)) => mad,
            Ok(other) => return SaHandled::NotMine(NotMineReason::Class(other.header().class())),
            Err(error) => return SaHandled::Ignored(IgnoredReason::Malformed(error)),
        };
        let method = mad.header().method();
        if !method.is_response() || method == Method::REPORT_RESP {
            return SaHandled::NotMine(NotMineReason::Method(method));
        }
        self.handle_response(now, from, mad)
    }

    fn handle_response(&mut self, now: Duration, from: Lid, mad: &SaMadView) -> SaHandled {
        let id = RequestId::from(mad.header().transaction_id());
        let request = match self.requests.matching(id, from) {
            Ok(request) => request,
            Err(error) => return unmatched(id, error),
        };
        if let Err(reason) = check_answer(request, mad) {
            return SaHandled::Ignored(reason);
        }
        let status = mad.header().status();
        if status.is_busy() {
            return match self.requests.back_off(now, id, from) {
                Ok(()) => SaHandled::Busy { id },
                Err(error) => unmatched(id, error),
            };
        }
        let request = match self.requests.respond(id, from) {
            Ok(request) => request,
            Err(error) => return unmatched(id, error),
        };
        let outcome = if status.is_redirect() {
            Err(SaFailure::Redirected)
        } else if !status.is_ok() {
            Err(SaFailure::Status(status))
        } else if !is_whole(mad.rmpp()) {
            Err(SaFailure::Segmented)
        } else {
            request.parse_answer(mad.data()).map_err(SaFailure::Malformed)
        };
        SaHandled::Answered(SaEvent { id, request, outcome })
    }

    /// The next request that got no answer. Call it until it returns `None`.
    pub fn poll_event(&mut self, now: Duration) -> Option<SaEvent> {
        let expired = self.requests.poll_expired(now)?;
        let attempts = expired.attempts;
        let failure = match expired.reason {
            ExpiryReason::NoAnswer => SaFailure::NoAnswer { attempts },
            ExpiryReason::Busy => SaFailure::Busy { attempts },
        };
        Some(SaEvent { id: expired.id, request: expired.request, outcome: Err(failure) })
    }

    /// When to poll again, on the clock that `now` is from; a time in the past means at once. `None` while nothing
    /// is in flight.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.requests.poll_timeout()
    }

    /// Requests in flight.
    pub const fn in_flight(&self) -> usize {
        self.requests.len()
    }

    /// Make every deadline earlier by `epoch`: see [`RequestTable::rebase`].
    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.requests.rebase(epoch);
    }
}

fn unmatched(id: RequestId, error: ResponseError) -> SaHandled {
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
    let (expected, got) = (request.attribute_id(), mad.header().attribute_id());
    if got != expected {
        return Err(IgnoredReason::WrongAttribute { expected, got });
    }
    let rmpp = mad.rmpp();
    if rmpp.flags().contains(RmppFlags::ACTIVE) && rmpp.kind() != RmppType::Data {
        return Err(IgnoredReason::RmppControl);
    }
    Ok(())
}

/// Whether the datagram is a whole message. Some managers put a single segment around an answer that needs none.
fn is_whole(rmpp: &RmppHeaderView) -> bool {
    let flags = rmpp.flags();
    !flags.contains(RmppFlags::ACTIVE) || flags.contains(RmppFlags(RmppFlags::FIRST.0 | RmppFlags::LAST.0))
}
