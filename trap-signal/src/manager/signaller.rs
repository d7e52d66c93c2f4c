//! A manager's whole side of signalling: it takes subscriptions, and reports events to those whom they concern.

use core::time::Duration;

use alloc::collections::VecDeque;
use ib_mad::request::{RequestLimits, ResponseError};
use ib_mad::wire::{
    Attribute, AttributeId, InformInfo, MAD_LENGTH, Method, Notice, NoticeType, PathChange, ProducerType,
    RepathNotice, SaMad, SaMadView, Status, TrapDetails,
};
use ib_mad::{DecodeError, Gid, Lid, ServiceLevel, Transmit};
use path_record::Update;

use super::forwarder::{ForwardError, ForwardEvent, ReportForwarder};
use super::registry::{RegistryError, RegistryLimits, Subscriber, SubscriptionRegistry};
use crate::method::{Audience, SignallingMethod};

/// How a [`Signaller`] behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignallerConfig {
    /// Who is signalled after a reconfiguration.
    pub method: SignallingMethod,
    /// How many subscriptions it takes.
    pub subscriptions: RegistryLimits,
    /// How often, and how long apart, a Report is sent.
    pub reports: RequestLimits,
    /// Reports that may wait to be sent.
    pub waiting: usize,
    /// The first transaction id of its Reports; another one after a restart.
    pub first_id: u32,
}

impl SignallerConfig {
    /// Room for a Report to each port of the largest subnet.
    pub fn new(method: SignallingMethod, first_id: u32) -> Self {
        Self {
            method,
            subscriptions: RegistryLimits::default(),
            reports: RequestLimits::default(),
            waiting: 1 << 16,
            first_id,
        }
    }
}

/// What a [`Signaller`] has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignallerEvent {
    /// A port subscribed, or gave a subscription up.
    Subscription(Subscriber, InformInfo),
    /// A subscription was refused; the port was told.
    Refused(Subscriber, RegistryError),
    /// What became of a Report.
    Report(ForwardEvent),
    /// An answer to no Report, or from another port than was told.
    UnexpectedResponse(Lid, ResponseError),
    /// A request whose attribute cannot be read.
    Malformed(Lid, DecodeError),
}

/// Takes subscriptions, and reports events to the subscribers whom they concern.
///
/// A port that leaves a Report unanswered to the end is forgotten with all its subscriptions: see
/// [`poll_event`](Self::poll_event). `N` Reports are in flight at most.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signaller<const N: usize = 64> {
    method: SignallingMethod,
    registry: SubscriptionRegistry,
    forwarder: ReportForwarder<N>,
    responses: VecDeque<(Transmit, [u8; MAD_LENGTH])>,
}

impl<const N: usize> Signaller<N> {
    /// Answers that wait for [`poll_transmit`](Self::poll_transmit) at most; a requester that gets none asks again.
    pub const RESPONSES: usize = 1024;

    /// A signaller without subscribers.
    pub fn new(config: SignallerConfig) -> Self {
        Self {
            method: config.method,
            registry: SubscriptionRegistry::new(config.subscriptions),
            forwarder: ReportForwarder::new(config.reports, config.waiting, config.first_id),
            responses: VecDeque::new(),
        }
    }

    /// Who subscribed to what.
    pub fn registry(&self) -> &SubscriptionRegistry {
        &self.registry
    }

    /// Reports that are in flight or wait.
    pub fn pending(&self) -> usize {
        self.forwarder.len()
    }

    /// A port left the subnet.
    pub fn remove_port(&mut self, gid: Gid) {
        self.registry.remove_port(gid);
    }

    /// Take in a datagram of subnet administration; `from` is the port that sent it. `None` when it is neither a
    /// subscription nor an answer to a Report: it is another part's of the administration.
    pub fn handle_datagram(&mut self, from: Subscriber, mad: &SaMadView) -> Option<SignallerEvent> {
        if let Some(answer) = self.forwarder.handle_datagram(from.lid, mad) {
            return Some(match answer {
                Ok(event) => SignallerEvent::Report(event),
                Err(error) => SignallerEvent::UnexpectedResponse(from.lid, error),
            });
        }
        let header = mad.header();
        if header.method() != Method::SET || header.attribute_id() != AttributeId::INFORM_INFO {
            return None;
        }
        let inform = match InformInfo::parse(mad.data()) {
            Ok(inform) => inform,
            Err(error) => return Some(SignallerEvent::Malformed(from.lid, error)),
        };
        let outcome = self.registry.set(from, &inform);
        self.respond(from, mad, &inform, outcome);
        Some(match outcome {
            Ok(()) => SignallerEvent::Subscription(from, inform),
            Err(error) => SignallerEvent::Refused(from, error),
        })
    }

    /// A subscription is confirmed by its copy.
    fn respond(
        &mut self,
        to: Subscriber,
        mad: &SaMadView,
        inform: &InformInfo,
        outcome: Result<(), RegistryError>,
    ) {
        let mut response = SaMad::from_view(mad);
        response.header.method = Method::GET_RESP;
        response.header.status = match outcome {
            Ok(()) => Status::OK,
            Err(RegistryError::PortFull(_) | RegistryError::Full) => Status::NO_RESOURCES,
            Err(RegistryError::Unknown(_) | RegistryError::EmptyRange { .. }) => Status::INVALID_REQUEST,
        };
        if self.responses.len() < Self::RESPONSES
            && let Ok(bytes) = response.emit(inform)
        {
            let transmit = Transmit { to: to.lid, service_level: to.service_level, qpn: to.qpn };
            self.responses.push_back((transmit, bytes));
        }
    }

    /// Report an event to everyone who subscribed to it; how many those are.
    ///
    /// # Errors
    /// When so many Reports cannot wait; nobody is told then.
    pub fn report(&mut self, notice: Notice) -> Result<usize, ForwardError> {
        self.forward(notice, &Audience::Everyone)
    }

    /// Report an event to those who subscribed to it and whom `may_know` names; how many those are.
    ///
    /// # Errors
    /// When so many Reports cannot wait; nobody is told then.
    pub fn report_to(
        &mut self,
        notice: Notice,
        mut may_know: impl FnMut(&Subscriber) -> bool,
    ) -> Result<usize, ForwardError> {
        let mut subscribers = self.registry.matching(&notice);
        subscribers.retain(|subscriber| may_know(subscriber));
        let count = subscribers.len();
        self.forwarder.forward(RepathNotice { notice, path_record: None }, subscribers)?;
        Ok(count)
    }

    /// Take a subscription as it was before a restart, without an answer.
    ///
    /// # Errors
    /// As [`SubscriptionRegistry::set`].
    pub fn restore(&mut self, subscriber: Subscriber, inform: &InformInfo) -> Result<(), RegistryError> {
        self.registry.set(subscriber, inform)
    }

    /// Where the subscribers' ports are now: one that is nowhere any more is forgotten.
    pub fn relocate(&mut self, find: impl FnMut(Gid) -> Option<(Lid, ServiceLevel)>) {
        self.registry.relocate(find);
    }

    /// The subnet was routed anew: signal those whom the method chooses, as far as they subscribed to RePath; how
    /// many those are. `issuer` is the manager's own port.
    ///
    /// # Errors
    /// When so many Reports cannot wait; nobody is told then.
    pub fn reconfigured(&mut self, update: &Update, issuer: (Lid, Gid)) -> Result<usize, ForwardError> {
        let (issuer_lid, issuer_gid) = issuer;
        let details = TrapDetails::RePath(PathChange::default());
        let notice = Notice {
            issuer_lid,
            issuer_gid,
            ..Notice::generic(NoticeType::SUBNET_MANAGEMENT, ProducerType::CLASS_MANAGER, &details)
        };
        self.forward(notice, &self.method.audience(update))
    }

    fn forward(&mut self, notice: Notice, audience: &Audience) -> Result<usize, ForwardError> {
        self.report_to(notice, |subscriber| audience.contains(subscriber.gid))
    }

    /// The next datagram to send, if there is one.
    pub fn poll_transmit(&mut self, now: Duration, out: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        if let Some((transmit, response)) = self.responses.pop_front() {
            *out = response;
            return Some(transmit);
        }
        self.forwarder.poll_transmit(now, out)
    }

    /// The next Report that was given up. Its subscriber's port is forgotten: the event tells the program so.
    ///
    /// A subscription that stands promises its host that it has heard of every change. Who missed a Report would go on with
    /// old paths and find nothing amiss. Without a subscription, its next verification fails; it subscribes again and asks for
    /// all its paths. A verification names the port, not the queue pair, so that one that remained would confirm the one
    /// that is lost: the whole port is forgotten.
    pub fn poll_event(&mut self, now: Duration) -> Option<SignallerEvent> {
        let event = self.forwarder.poll_event(now)?;
        if let ForwardEvent::Undeliverable { subscriber, .. } = event {
            self.registry.remove_port(subscriber.gid);
        }
        Some(SignallerEvent::Report(event))
    }

    /// When to call [`poll_transmit`](Self::poll_transmit) and [`poll_event`](Self::poll_event) again at the latest.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.forwarder.poll_timeout()
    }

    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.forwarder.rebase(epoch);
    }
}
