use core::time::Duration;

use alloc::collections::VecDeque;

use ib_mad::rmpp::RmppPeer;
use ib_mad::wire::{
    Attribute, AttributeId, ClassCapabilityMask, ClassCapabilityMask2, ClassPortInfo, InformInfoRecord,
    MAD_LENGTH, McMemberRecord, McMemberRecordMask, Method, RmppFlags, RmppHeader, RmppType, SA_DATA_LENGTH,
    SaMad, SaMadView, Status,
};
use ib_mad::{Lid, PacketLifetime, SmKey, Transmit};
use trap_signal::SignallingMethod;
use trap_signal::manager::{Signaller, SignallerConfig, SignallerEvent, Subscriber};

use super::event::{AdministrationEvent, DropReason};
use super::filter::Filter;
use super::layout::Layout;
use super::multicast::{self, Group, Groups};
use super::paths::{Paths, compare};
use super::query::{Gathering, Requester};
use super::services::Services;
use super::settings::{AdministrationLimits, AdministrationSettings};
use super::tables::{LID, Scope, Tables};
use super::transfers::{Bounds, Transfers};
use crate::Received;
use crate::subnet::Subnet;

/// Reports in flight.
const IN_FLIGHT: usize = 64;
/// Events that wait to be polled; one that cannot is lost, and only tells.
const EVENTS: usize = 4096;
/// How long an answer may take, as ClassPortInfo says it: about a second.
const RESPONSE_TIME: u8 = 18;

/// Answers what is asked about a subnet, keeps what is registered with it, and reports what happens in it. The
/// [module](super) tells the order to call it in.
#[derive(Clone, Debug)]
pub struct Administration {
    sm_key: SmKey,
    pub(super) method: SignallingMethod,
    packet_lifetime: PacketLifetime,
    limits: AdministrationLimits,
    pub(super) signaller: Signaller<IN_FLIGHT>,
    pub(super) groups: Groups,
    pub(super) services: Services,
    transfers: Transfers,
    events: VecDeque<AdministrationEvent>,
    /// How many subscriptions there were when they were last looked at, and how often it was another number.
    subscriptions: (usize, u64),
}

/// A request, and who it is from.
struct Asked<'a> {
    now: Duration,
    subnet: &'a Subnet,
    received: &'a Received<'a>,
    requester: Requester,
    mad: &'a SaMadView,
}

impl Asked<'_> {
    fn mask(&self) -> u64 {
        self.mad.sa().component_mask()
    }

    /// The record that the request carries, as far as the attribute has one.
    fn filter(&self, layout: &Layout) -> Result<Filter, Status> {
        Filter::new(layout, self.mask(), self.mad.data()).ok_or(Status::INVALID_REQUEST)
    }
}

impl Administration {
    /// An administration with the groups of its settings, and nothing else.
    pub fn new(settings: AdministrationSettings) -> Self {
        let AdministrationSettings { sm_key, method, reports, tables, packet_lifetime, limits, .. } =
            settings;
        let config = SignallerConfig {
            method,
            subscriptions: limits.subscriptions,
            reports,
            waiting: limits.reports,
            first_id: settings.first_id,
        };
        let bounds = Bounds {
            transfers: limits.tables,
            transfers_per_port: limits.tables_per_port,
            bytes: limits.table_bytes,
            answers: limits.answers,
            answers_per_port: limits.answers_per_port,
        };
        let mut groups = Groups::new(limits.groups_per_port);
        for record in settings.groups {
            groups.restore(None, Group { record, members: Default::default(), is_permanent: true });
        }
        Self {
            sm_key,
            method,
            packet_lifetime,
            limits,
            signaller: Signaller::new(config),
            groups,
            services: Services::new(limits.services_per_port, limits.services),
            transfers: Transfers::new(bounds, tables),
            events: VecDeque::new(),
            subscriptions: (0, 0),
        }
    }

    /// Take a datagram that came to queue pair 1 of the manager's port. Whether it is one of subnet administration at all.
    pub fn handle_datagram(&mut self, now: Duration, subnet: &Subnet, received: &Received<'_>) -> bool {
        let from = received.from;
        let mad = match SaMadView::new(received.mad) {
            Ok(mad) => mad,
            Err(error) => {
                self.drop_it(from, DropReason::Malformed(error));
                return false;
            }
        };
        let Some(port) = subnet.end_port(from) else {
            self.drop_it(from, DropReason::UnknownPort);
            return true;
        };
        let rmpp = mad.rmpp();
        let is_active = rmpp.flags().contains(RmppFlags::ACTIVE);
        if is_active && rmpp.kind() != RmppType::Data {
            self.transfers.handle_segment(now, from, mad.header().transaction_id(), received.mad);
            return true;
        }
        let key = mad.sa().sm_key();
        if key != SmKey(0) && key != self.sm_key {
            self.drop_it(from, DropReason::WrongKey);
            return true;
        }
        let gid = subnet.gid(port).unwrap_or_default();
        let requester = Requester { port, gid, is_trusted: key != SmKey(0) };
        self.handle(&Asked { now, subnet, received, requester, mad });
        self.report_births(subnet);
        true
    }

    fn handle(&mut self, asked: &Asked<'_>) {
        let header = asked.mad.header();
        let (method, attribute) = (header.method(), header.attribute_id());
        let Received { from, service_level, source_qpn, .. } = *asked.received;
        let is_subscription = method == Method::SET && attribute == AttributeId::INFORM_INFO;
        if is_subscription || method == Method::REPORT_RESP {
            let subscriber =
                Subscriber { gid: asked.requester.gid, qpn: source_qpn, lid: from, service_level };
            if let Some(event) = self.signaller.handle_datagram(subscriber, asked.mad) {
                if let SignallerEvent::Malformed(..) = event {
                    self.refuse(asked, Status::INVALID_REQUEST);
                }
                self.push_event(AdministrationEvent::Signaller(event));
            }
            self.look_at_subscriptions();
            return;
        }
        if method.is_response() {
            return self.drop_it(from, DropReason::Unexpected);
        }
        let outcome = match (method, attribute) {
            (Method::GET, AttributeId::CLASS_PORT_INFO) => self.answer(asked, &self.class_port_info()),
            (Method::GET | Method::GET_TABLE, _) => self.query(asked, method == Method::GET),
            (Method::SET, AttributeId::MC_MEMBER_RECORD) => self.member(asked, true),
            (Method::DELETE, AttributeId::MC_MEMBER_RECORD) => self.member(asked, false),
            (Method::SET, AttributeId::SERVICE_RECORD) => self.register(asked),
            (Method::DELETE, AttributeId::SERVICE_RECORD) => self.withdraw(asked),
            (Method::SET | Method::DELETE, _) => Err(Status::ATTRIBUTE_UNSUPPORTED),
            _ => Err(Status::METHOD_UNSUPPORTED),
        };
        if let Err(status) = outcome {
            self.refuse(asked, status);
        }
    }

    fn class_port_info(&self) -> ClassPortInfo {
        // Not all of the optional records: there are none of VL arbitration.
        let capabilities2 =
            ClassCapabilityMask2::SA_UNPATH_REPATH.0 | ClassCapabilityMask2::SA_SEND_ONLY_FULL_MEMBER.0;
        ClassPortInfo {
            base_version: 1,
            class_version: 2,
            capability_mask: ClassCapabilityMask::SA_UD_MULTICAST,
            capability_mask2: ClassCapabilityMask2(capabilities2),
            response_time_value: RESPONSE_TIME,
            ..ClassPortInfo::default()
        }
    }

    /// Answer a query for records: one that matches, or all in a table.
    fn query(&mut self, asked: &Asked<'_>, single: bool) -> Result<(), Status> {
        let attribute = asked.mad.header().attribute_id();
        let layout = Layout::of(attribute).ok_or(Status::ATTRIBUTE_UNSUPPORTED)?;
        let filter = asked.filter(layout)?;
        let (from, id) = (asked.received.from, asked.mad.header().transaction_id());
        if !single && self.transfers.is_running(from, id) {
            return Ok(());
        }
        let limit = match single {
            // The second one shows that there are too many.
            true => 2 * layout.length,
            false => self.transfers.room(from).ok_or(Status::BUSY)?.min(self.limits.table_bytes),
        };
        let (count, is_over, records) = self.gather(asked, attribute, layout, filter, single, limit)?;
        match (single, count) {
            (true, 0) => Err(Status::NO_RECORDS),
            (true, 1) if !is_over => self.answer_data(asked, layout.length, &records),
            (true, _) => Err(Status::TOO_MANY_RECORDS),
            // It would fit when nothing else was on its way.
            (false, _) if is_over && limit < self.limits.table_bytes => Err(Status::BUSY),
            (false, _) if is_over => Err(Status::NO_RESOURCES),
            (false, _) => self.send_table(asked, layout, records),
        }
    }

    fn gather(
        &self,
        asked: &Asked<'_>,
        attribute: AttributeId,
        layout: &Layout,
        filter: Filter,
        single: bool,
        limit: usize,
    ) -> Result<(usize, bool, alloc::vec::Vec<u8>), Status> {
        let Asked { now, subnet, ref requester, mad, .. } = *asked;
        let (mask, data) = (asked.mask(), mad.data());
        let filter = match attribute {
            AttributeId::PATH_RECORD => Paths::filter(layout, filter),
            AttributeId::MC_MEMBER_RECORD => filter.without(layout, SELECTED),
            AttributeId::SERVICE_RECORD | AttributeId::INFORM_INFO_RECORD => filter,
            _ => filter.without(layout, LID),
        };
        let mut into = Gathering::new(&filter, limit);
        match attribute {
            AttributeId::PATH_RECORD => {
                let paths = Paths::new(subnet, requester, self.packet_lifetime, mask, data)?;
                paths.gather(&self.groups, single, &mut into)?;
            }
            AttributeId::MC_MEMBER_RECORD => {
                let wanted = McMemberRecord::parse(data).map_err(|_| Status::INVALID_REQUEST)?;
                let takes = |record: &McMemberRecord| is_as_good(mask, &wanted, record);
                self.groups.gather(subnet, requester, &filter, takes, &mut into);
            }
            AttributeId::SERVICE_RECORD => self.services.gather(now, subnet, requester, &mut into),
            AttributeId::INFORM_INFO_RECORD => self.subscriptions(asked, &mut into),
            _ => {
                let lid = (mask & LID != 0).then(|| Lid(u16::from_be_bytes([data[0], data[1]])));
                let tables = Tables { subnet, requester, scope: Scope::of(subnet, lid) };
                if !tables.gather(attribute, &mut into) {
                    return Err(Status::ATTRIBUTE_UNSUPPORTED);
                }
            }
        }
        let is_over = into.is_over();
        let (count, records) = into.into_parts();
        Ok((count, is_over, records))
    }

    /// The subscriptions of ports that the requester may know of, numbered port by port.
    fn subscriptions(&self, asked: &Asked<'_>, into: &mut Gathering<'_>) {
        let mut last = None;
        for (subscriber, inform_info) in self.signaller.registry().iter() {
            let number = match last {
                Some((gid, number)) if gid == subscriber.gid => number + 1,
                _ => 0,
            };
            last = Some((subscriber.gid, number));
            let at = asked.subnet.end_port_by_gid(subscriber.gid);
            let may_see = |at| asked.requester.may_see(asked.subnet, at);
            if asked.requester.is_trusted || at.is_some_and(may_see) {
                let subscriber_enum = u16::try_from(number).unwrap_or(u16::MAX);
                into.offer(&InformInfoRecord {
                    subscriber_gid: subscriber.gid,
                    subscriber_enum,
                    inform_info,
                });
            }
        }
    }

    fn member(&mut self, asked: &Asked<'_>, joins: bool) -> Result<(), Status> {
        let layout = Layout::of(AttributeId::MC_MEMBER_RECORD).ok_or(Status::ATTRIBUTE_UNSUPPORTED)?;
        asked.filter(layout)?;
        let (lifetime, mask, data) = (self.packet_lifetime, asked.mask(), asked.mad.data());
        let request = multicast::Request::new(asked.subnet, &asked.requester, lifetime, mask, data)?;
        let record = if joins { request.join(&mut self.groups)? } else { request.leave(&mut self.groups)? };
        self.answer(asked, &record)
    }

    fn register(&mut self, asked: &Asked<'_>) -> Result<(), Status> {
        let layout = Layout::of(AttributeId::SERVICE_RECORD).ok_or(Status::ATTRIBUTE_UNSUPPORTED)?;
        asked.filter(layout)?;
        let (mask, data) = (asked.mask(), asked.mad.data());
        let record = self.services.set(asked.now, asked.subnet, &asked.requester, mask, data)?;
        self.answer(asked, &record)
    }

    fn withdraw(&mut self, asked: &Asked<'_>) -> Result<(), Status> {
        let layout = Layout::of(AttributeId::SERVICE_RECORD).ok_or(Status::ATTRIBUTE_UNSUPPORTED)?;
        let filter = asked.filter(layout)?;
        let record = self.services.delete(&asked.requester, &filter, asked.mad.data())?;
        self.answer(asked, &record)
    }

    fn answer<A: Attribute>(&mut self, asked: &Asked<'_>, record: &A) -> Result<(), Status> {
        let mut bytes = [0; SA_DATA_LENGTH];
        let length = record.emit(&mut bytes).map_err(|_| Status::NO_RESOURCES)?;
        self.answer_data(asked, length, &bytes[..length])
    }

    fn answer_data(&mut self, asked: &Asked<'_>, length: usize, record: &[u8]) -> Result<(), Status> {
        let mut data = [0; SA_DATA_LENGTH];
        data[..record.len()].copy_from_slice(record);
        let mad = headers(asked.mad, Status::OK, length).emit_data(&data);
        self.transfers.answer(address(asked.received), mad);
        Ok(())
    }

    fn send_table(
        &mut self,
        asked: &Asked<'_>,
        layout: &Layout,
        records: alloc::vec::Vec<u8>,
    ) -> Result<(), Status> {
        let Received { from, service_level, source_qpn, .. } = *asked.received;
        let template = headers(asked.mad, Status::OK, layout.length).emit_data(&[0; SA_DATA_LENGTH]);
        let to = RmppPeer { lid: from, service_level, qpn: source_qpn };
        let id = asked.mad.header().transaction_id();
        if self.transfers.start(asked.now, to, id, &template, records) {
            Ok(())
        } else {
            Err(Status::NO_RESOURCES)
        }
    }

    /// Tell a requester why it gets nothing: its request comes back with the status.
    fn refuse(&mut self, asked: &Asked<'_>, status: Status) {
        let header = asked.mad.header();
        let (method, attribute) = (header.method(), header.attribute_id());
        let mad = headers(asked.mad, status, 0).emit_data(asked.mad.data());
        self.transfers.answer(address(asked.received), mad);
        let from = asked.received.from;
        self.push_event(AdministrationEvent::Refused { from, method, attribute, status });
    }

    fn drop_it(&mut self, from: Lid, reason: DropReason) {
        self.push_event(AdministrationEvent::Dropped { from, reason });
    }

    pub(super) fn push_event(&mut self, event: AdministrationEvent) {
        if self.events.len() < EVENTS {
            self.events.push_back(event);
        }
    }

    /// Time has passed: leases end, segments are repeated.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.services.handle_timeout(now);
        self.transfers.handle_timeout(now);
    }

    /// The next datagram to send from queue pair 1, if there is one. Call it until it returns `None`.
    pub fn poll_transmit(&mut self, now: Duration, out: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        self.signaller.poll_transmit(now, out).or_else(|| self.transfers.poll_transmit(now, out))
    }

    /// The next event. Trees come first, each as it is now.
    pub fn poll_event(&mut self, now: Duration) -> Option<AdministrationEvent> {
        if let Some(tree) = self.groups.poll_tree() {
            return Some(AdministrationEvent::Multicast(tree));
        }
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        // A subscriber that is given up is forgotten.
        let given_up = self.signaller.poll_event(now).map(AdministrationEvent::Signaller);
        self.look_at_subscriptions();
        given_up
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), and to poll, at the latest; a time in the past means at once.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let timeouts =
            [self.services.poll_timeout(), self.transfers.poll_timeout(), self.signaller.poll_timeout()];
        timeouts.into_iter().flatten().min()
    }

    /// The groups there are.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter()
    }

    /// Tables that are on their way.
    pub fn tables(&self) -> usize {
        self.transfers.len()
    }

    /// A number that is another one whenever what is [exported](Self::export) has become something else.
    pub fn revision(&self) -> u64 {
        self.subscriptions.1.wrapping_add(self.groups.revision()).wrapping_add(self.services.revision())
    }

    /// To be called after each step that may have added subscriptions or taken some away, but not both.
    pub(super) fn look_at_subscriptions(&mut self) {
        let len = self.signaller.registry().len();
        if len != self.subscriptions.0 {
            self.subscriptions = (len, self.subscriptions.1.wrapping_add(1));
        }
    }

    /// Services that are registered.
    pub fn service_count(&self) -> usize {
        self.services.len()
    }

    /// Subscriptions that stand.
    pub fn subscription_count(&self) -> usize {
        self.signaller.registry().len()
    }
}

/// Components of a group that are compared as their selectors say.
const SELECTED: u64 =
    McMemberRecordMask::MTU.0 | McMemberRecordMask::RATE.0 | McMemberRecordMask::PACKET_LIFETIME.0;

/// Whether a group's MTU, rate and lifetime are what is asked for.
fn is_as_good(mask: u64, wanted: &McMemberRecord, there: &McMemberRecord) -> bool {
    let gives = |component: McMemberRecordMask| mask & component.0 == component.0;
    let rates = (there.rate.hundred_megabits(), wanted.rate.hundred_megabits());
    let lifetimes = (there.packet_lifetime.0, wanted.packet_lifetime.0);
    (!gives(McMemberRecordMask::MTU) || compare(wanted.mtu_selector, there.mtu.0, wanted.mtu.0))
        && (!gives(McMemberRecordMask::RATE) || compare(wanted.rate_selector, rates.0, rates.1))
        && (!gives(McMemberRecordMask::PACKET_LIFETIME)
            || compare(wanted.packet_lifetime_selector, lifetimes.0, lifetimes.1))
}

/// The headers of an answer. `length` is a record's, 0 where there is none.
fn headers(request: &SaMadView, status: Status, length: usize) -> SaMad {
    let mut answer = SaMad::from_view(request);
    answer.header.method = answer.header.method.response();
    answer.header.status = status;
    answer.rmpp = RmppHeader::INACTIVE;
    answer.sa.attribute_offset = (length / 8) as u16;
    answer
}

/// Where an answer goes: back to where its request came from.
fn address(received: &Received<'_>) -> Transmit {
    Transmit { to: received.from, service_level: received.service_level, qpn: received.source_qpn }
}
