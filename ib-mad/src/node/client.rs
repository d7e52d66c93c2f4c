use core::fmt;
use core::time::Duration;

use super::NodeRequest;
use crate::error::DecodeError;
use crate::request::{ExpiryReason, RequestId, RequestLimits, RequestTable, StartError};
use crate::transmit::Transmit;
use crate::types::{Lid, Qpn, ServiceLevel};
use crate::wire::{
    Attribute, MAD_LENGTH, Mad, ManagementClass, Method, PERFORMANCE_DATA_LENGTH, SMP_DATA_LENGTH, Status,
};

/// Asks nodes, with up to `N` requests in flight. Time, ids and size are those of [`RequestTable`].
///
/// Requests along directed routes count as requests to one node, the permissive LID: raise
/// [`per_node`](RequestLimits::per_node) to ask many.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeClient<const N: usize> {
    requests: RequestTable<NodeRequest, N>,
}

/// A request has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeEvent {
    /// What [`NodeClient::request`] returned.
    pub id: RequestId,
    /// What was asked.
    pub request: NodeRequest,
    /// What came of it.
    pub outcome: Result<NodeAnswer, NodeFailure>,
}

impl NodeEvent {
    /// The answer, read as what was asked for.
    ///
    /// # Errors
    /// The failure.
    pub fn read<A: Attribute>(&self) -> Result<A, NodeFailure> {
        let answer = self.outcome?;
        A::parse(&answer.data).map_err(NodeFailure::Malformed)
    }
}

/// An answer, not yet read.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeAnswer {
    /// The attribute; zeros behind it.
    data: [u8; PERFORMANCE_DATA_LENGTH],
}

impl fmt::Debug for NodeAnswer {
    // It may hold a port's key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NodeAnswer(..)")
    }
}

/// Why a request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NodeFailure {
    /// The node refused.
    #[error("the node answered with status {0}")]
    Status(Status),
    /// Nobody answered.
    #[error("no answer, asked {attempts} times")]
    NoAnswer {
        /// How often the request was sent.
        attempts: u16,
    },
    /// The node was busy each time.
    #[error("the node was busy, asked {attempts} times")]
    Busy {
        /// How often the request was sent.
        attempts: u16,
    },
    /// The attribute that the answer is read as is longer than it.
    #[error("the answer cannot be read: {0}")]
    Malformed(DecodeError),
}

/// What a received datagram was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[expect(clippy::large_enum_variant, reason = "an answer comes whole: nothing is allocated to keep it")]
pub enum NodeHandled {
    /// An answer: the request has ended.
    Answered(NodeEvent),
    /// The node is busy; it will be asked again.
    Busy {
        /// The request.
        id: RequestId,
    },
    /// It answers no request in flight, is of another kind than asked for, or is no such datagram. Nothing changed.
    NotMine,
}

impl<const N: usize> NodeClient<N> {
    /// A client with nothing in flight, whose first request has the id `first_id`.
    pub const fn new(limits: RequestLimits, first_id: u32) -> Self {
        Self { requests: RequestTable::new(limits, first_id) }
    }

    /// Ask. The answer comes from [`handle_datagram`](Self::handle_datagram), a failure to get one from
    /// [`poll_event`](Self::poll_event).
    ///
    /// # Errors
    /// When as many requests are in flight as may be; the request comes back in the error.
    pub fn request(
        &mut self,
        now: Duration,
        request: NodeRequest,
    ) -> Result<RequestId, StartError<NodeRequest>> {
        self.requests.start(now, request.route().to(), request)
    }

    /// Stop waiting for an answer; whether there was such a request.
    pub fn cancel(&mut self, id: RequestId) -> bool {
        self.requests.cancel(id).is_some()
    }

    /// Write the next datagram to send into `buffer`, all of it. Call it until it returns `None`.
    pub fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        let due = self.requests.poll_transmit(now)?;
        due.request.emit(due.id, buffer);
        let is_performance = due.request.class() == ManagementClass::PERFORMANCE;
        let qpn = if is_performance { Qpn::GENERAL_SERVICES } else { Qpn::SUBNET_MANAGEMENT };
        Some(Transmit { to: due.to, service_level: ServiceLevel::default(), qpn })
    }

    /// Take a datagram that `from` sent.
    pub fn handle_datagram(&mut self, now: Duration, from: Lid, bytes: &[u8]) -> NodeHandled {
        let mut answer = NodeAnswer { data: [0; PERFORMANCE_DATA_LENGTH] };
        let smp = |data: &[u8; SMP_DATA_LENGTH], answer: &mut NodeAnswer| {
            answer.data[..SMP_DATA_LENGTH].copy_from_slice(data);
        };
        let (header, from, status) = match Mad::new(bytes) {
            Ok(Mad::Smp(mad)) => {
                smp(mad.data(), &mut answer);
                (mad.header(), from, mad.header().status())
            }
            // Along a directed route nobody has a LID.
            Ok(Mad::DirectedRoute(mad)) => {
                smp(mad.data(), &mut answer);
                (mad.header(), Lid::PERMISSIVE, mad.status())
            }
            Ok(Mad::Performance(mad)) => {
                answer.data = *mad.data();
                (mad.header(), from, mad.header().status())
            }
            _ => return NodeHandled::NotMine,
        };
        let id = RequestId::from(header.transaction_id());
        let fits = self.requests.matching(id, from).is_ok_and(|request| {
            header.method() == Method::GET_RESP
                && header.class() == request.class()
                && header.attribute_id() == request.attribute_id()
                && header.attribute_modifier() == request.modifier()
        });
        if !fits {
            return NodeHandled::NotMine;
        }
        if status.is_busy() && self.requests.back_off(now, id, from).is_ok() {
            return NodeHandled::Busy { id };
        }
        let Ok(request) = self.requests.respond(id, from) else { return NodeHandled::NotMine };
        let outcome = if status.is_ok() { Ok(answer) } else { Err(NodeFailure::Status(status)) };
        NodeHandled::Answered(NodeEvent { id, request, outcome })
    }

    /// The next request that got no answer. Call it until it returns `None`.
    pub fn poll_event(&mut self, now: Duration) -> Option<NodeEvent> {
        let expired = self.requests.poll_expired(now)?;
        let attempts = expired.attempts;
        let failure = match expired.reason {
            ExpiryReason::NoAnswer => NodeFailure::NoAnswer { attempts },
            ExpiryReason::Busy => NodeFailure::Busy { attempts },
        };
        Some(NodeEvent { id: expired.id, request: expired.request, outcome: Err(failure) })
    }

    /// When to poll again, on the clock that `now` is from; a time in the past means at once. `None` while nothing is in flight.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.requests.poll_timeout()
    }

    /// Requests in flight.
    pub const fn in_flight(&self) -> usize {
        self.requests.len()
    }
}
