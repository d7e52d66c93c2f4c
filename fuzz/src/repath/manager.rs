use alloc::collections::BTreeMap;
use core::time::Duration;

use ib_mad::request::RequestLimits;
use ib_mad::wire::{
    Attribute, AttributeId, InformInfo, InformInfoRecord, MAD_LENGTH, MadHeader, ManagementClass, Method,
    Notice, NoticeType, PathChange, PathRecord, ProducerType, RmppHeader, SaHeader, SaMad, SaMadView, Status,
    TrapDetails, TrapNumber,
};
use ib_mad::{Gid, Guid, Lid, Mtu, PKey, PacketLifetime, Qpn, Rate, Selector, ServiceLevel, TransactionId};
use path_record::{PathRecordDistinguisher, PathTable};
use sim::Violation;
use trap_signal::SignallingMethod;
use trap_signal::manager::{ForwardEvent, Signaller, SignallerConfig, SignallerEvent, Subscriber};

use super::host::Datagram;
use super::mutant::Mutant;
use super::rule;

pub(super) const MANAGER: Lid = Lid(1);

/// Transaction of a subscription that is made in a host's place. Hosts count theirs up from small numbers.
const SUBSTITUTE: TransactionId = TransactionId(u64::MAX);

pub(super) fn gid(lid: Lid) -> Gid {
    Gid::new(Gid::DEFAULT_PREFIX, Guid(0x1000 + u64::from(lid.0)))
}

/// A subnet manager: the signaller and the distinguisher that ship, and an administration that knows path records.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Manager {
    mutant: Mutant,
    signaller: Signaller<4>,
    distinguisher: PathRecordDistinguisher,
    records: BTreeMap<(Gid, Gid), PathRecord>,
    /// Times that it started.
    starts: u32,
    /// Records that are computed but not in use yet.
    prepared: Option<BTreeMap<(Gid, Gid), PathRecord>>,
}

fn signaller(mutant: Mutant, starts: u32) -> Signaller<4> {
    let method = if mutant == Mutant::SignalsEverybody {
        SignallingMethod::ThreeWayWildcard
    } else {
        SignallingMethod::ThreeWayHybrid
    };
    let mut config = SignallerConfig::new(method, starts << 16);
    if mutant == Mutant::ReportsOnce {
        config.reports = RequestLimits { retries: 0, ..config.reports };
    }
    Signaller::new(config)
}

fn record(source: Lid, destination: Lid) -> PathRecord {
    PathRecord {
        source_gid: gid(source),
        destination_gid: gid(destination),
        source_lid: source,
        destination_lid: destination,
        is_reversible: true,
        number_of_paths: 1,
        p_key: PKey::DEFAULT_FULL,
        mtu_selector: Selector::Exactly,
        mtu: Mtu::B2048,
        rate_selector: Selector::Exactly,
        rate: Rate(3),
        packet_lifetime_selector: Selector::Exactly,
        packet_lifetime: PacketLifetime(18),
        ..PathRecord::default()
    }
}

impl Manager {
    pub(super) fn new(ports: &[Lid], mutant: Mutant) -> Self {
        let pairs =
            ports.iter().flat_map(|source| ports.iter().map(move |destination| (*source, *destination)));
        let records = pairs
            .filter(|(source, destination)| source != destination)
            .map(|(source, destination)| ((gid(source), gid(destination)), record(source, destination)));
        let mut manager = Self {
            mutant,
            signaller: signaller(mutant, 1),
            distinguisher: PathRecordDistinguisher::new(),
            records: records.collect(),
            starts: 1,
            prepared: None,
        };
        let table = manager.table();
        manager.distinguisher.update(table);
        manager
    }

    fn table(&self) -> PathTable {
        PathTable::from_records(1000, 0, self.records.values()).expect("the subnet is small")
    }

    pub(super) fn latest(&self, source: Lid, destination: Gid) -> Option<PathRecord> {
        self.prepared.as_ref().unwrap_or(&self.records).get(&(gid(source), destination)).copied()
    }

    /// Whether a port is subscribed to RePath.
    pub(super) fn knows(&self, lid: Lid) -> bool {
        self.signaller.registry().matching(&repath()).iter().any(|subscriber| subscriber.gid == gid(lid))
    }

    /// Reports that are not answered.
    pub(super) fn pending(&self) -> usize {
        self.signaller.pending()
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        self.signaller.poll_timeout()
    }

    /// The subnet is routed anew: the paths between two ports, both ways, change to the next of `levels` service levels.
    /// Without ports, the routing comes out as it was.
    pub(super) fn route(&mut self, between: Option<(Lid, Lid)>, levels: u8) -> Result<(), Violation> {
        let mut records = self.records.clone();
        for (source, destination) in between.into_iter().flat_map(|(one, other)| [(one, other), (other, one)])
        {
            if let Some(record) = records.get_mut(&(gid(source), gid(destination))) {
                let level = (record.service_level.get() + 1) % levels;
                record.service_level = ServiceLevel::new(level).unwrap_or_default();
            }
        }
        let before = core::mem::replace(&mut self.records, records);
        let table = self.table();
        let update = self.distinguisher.update(table);
        let told = self.signaller.reconfigured(&update, (MANAGER, gid(MANAGER)));
        let concerned = self.signaller.registry().matching(&repath());
        let concerned = concerned.iter().filter(|subscriber| {
            between.is_some_and(|(one, other)| [gid(one), gid(other)].contains(&subscriber.gid))
        });
        let expected = concerned.count();
        if self.mutant == Mutant::SignalsTooEarly {
            self.prepared = Some(core::mem::replace(&mut self.records, before));
        }
        match told {
            Ok(told) if told == expected => Ok(()),
            other => {
                let detail = format!("{between:?} changed: {other:?} signalled, {expected} concerned");
                Err(Violation::new(rule::HYBRID_SIGNALS_THE_CHANGED, detail))
            }
        }
    }

    /// What was computed comes into use.
    pub(super) fn install(&mut self) {
        if let Some(prepared) = self.prepared.take() {
            self.records = prepared;
        }
    }

    pub(super) fn has_prepared(&self) -> bool {
        self.prepared.is_some()
    }

    /// The manager starts anew and knows no subscription. It reads its last routing from a file, as OpenSM can: what
    /// changes from now on is still noticed.
    pub(super) fn restart(&mut self) {
        self.starts += 1;
        self.signaller = signaller(self.mutant, self.starts);
    }

    /// A datagram of a host arrives; `is_busy`: there is no time for it. What is answered goes to `out`.
    pub(super) fn receive(
        &mut self,
        from: Lid,
        bytes: &Datagram,
        is_busy: bool,
        out: &mut Vec<(Lid, Datagram)>,
    ) {
        let Ok(mad) = SaMadView::new(bytes) else { return };
        let subscriber = Subscriber {
            gid: gid(from),
            qpn: Qpn::GENERAL_SERVICES,
            lid: from,
            service_level: ServiceLevel::default(),
        };
        if is_busy && !mad.header().method().is_response() {
            let mut answer = SaMad::from_view(mad);
            answer.header.method = mad.header().method().response();
            answer.header.status = Status::BUSY;
            out.extend(answer.emit(&PathRecord::default()).map(|answer| (from, answer)));
            return;
        }
        if self.signaller.handle_datagram(subscriber, mad).is_some() {
            return;
        }
        let mut answer = SaMad::from_view(mad);
        answer.header.method = Method::GET_RESP;
        let answer = match mad.header().attribute_id() {
            AttributeId::PATH_RECORD => {
                let found = PathRecord::parse(mad.data())
                    .ok()
                    .and_then(|query| self.records.get(&(query.source_gid, query.destination_gid)).copied());
                answer.header.status = if found.is_some() { Status::OK } else { Status::NO_RECORDS };
                answer.emit(&found.unwrap_or_default())
            }
            AttributeId::INFORM_INFO_RECORD => {
                let knows = self.knows(from);
                answer.header.status = if knows { Status::OK } else { Status::NO_RECORDS };
                let inform_info = InformInfo::subscribe_to(TrapNumber::REPATH);
                answer.emit(&InformInfoRecord {
                    subscriber_gid: gid(from),
                    inform_info,
                    ..InformInfoRecord::default()
                })
            }
            _ => return,
        };
        out.extend(answer.map(|answer| (from, answer)));
    }

    /// Let the signaller do all that it can now.
    pub(super) fn pump(&mut self, now: Duration, out: &mut Vec<(Lid, Datagram)>) {
        let mut buffer = [0; MAD_LENGTH];
        while let Some(event) = self.signaller.poll_event(now) {
            if let SignallerEvent::Report(ForwardEvent::Undeliverable { subscriber, .. }) = event
                && self.mutant == Mutant::KeepsSilentSubscribers
            {
                self.subscribe_again(subscriber);
            }
        }
        while let Some(transmit) = self.signaller.poll_transmit(now, &mut buffer) {
            if !is_answer_to_substitute(&buffer) {
                out.push((transmit.to, buffer));
            }
        }
    }

    /// Subscribe in the place of a host that the signaller has forgotten, and that learns nothing of it.
    fn subscribe_again(&mut self, subscriber: Subscriber) {
        let class = ManagementClass::SUBNET_ADMINISTRATION;
        let header = MadHeader::request(class, Method::SET, AttributeId::INFORM_INFO, 0, SUBSTITUTE);
        let set = SaMad { header, rmpp: RmppHeader::INACTIVE, sa: SaHeader::default() };
        let set = set.emit(&InformInfo::subscribe_to(TrapNumber::REPATH)).expect("an InformInfo fits");
        let event = SaMadView::new(&set).ok().and_then(|set| self.signaller.handle_datagram(subscriber, set));
        assert!(matches!(event, Some(SignallerEvent::Subscription(..))), "{event:?}");
    }

    pub(super) fn rebase(&mut self, epoch: Duration) {
        self.signaller.rebase(epoch);
    }
}

fn is_answer_to_substitute(bytes: &Datagram) -> bool {
    SaMadView::new(bytes).is_ok_and(|mad| {
        let header = mad.header();
        header.method() == Method::GET_RESP && header.transaction_id() == SUBSTITUTE
    })
}

/// The Notice of a RePath.
pub(super) fn repath() -> Notice {
    let details = TrapDetails::RePath(PathChange::default());
    let notice = Notice::generic(NoticeType::SUBNET_MANAGEMENT, ProducerType::CLASS_MANAGER, &details);
    Notice { issuer_lid: MANAGER, issuer_gid: gid(MANAGER), ..notice }
}
