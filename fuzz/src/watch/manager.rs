use alloc::collections::BTreeMap;
use core::time::Duration;

use ib_mad::wire::{
    Attribute, AttributeId, InformInfo, InformInfoRecord, MAD_LENGTH, Mad, Method, NodeDescription, NodeInfo,
    NodeRecord, NodeType, Notice, NoticeType, PathRecord, ProducerType, SaMad, SaMadView, Smp, SmpNotice,
    SmpView, Status, SwitchInfo, SwitchInfoRecord, TrapDetails, TrapNumber,
};
use ib_mad::{Gid, Guid, Lid, PacketLifetime, Qpn, ServiceLevel};
use trap_signal::SignallingMethod;
use trap_signal::manager::{Signaller, SignallerConfig, Subscriber};

pub(super) const MANAGER: Lid = Lid(1);
pub(super) const SWITCH: Lid = Lid(2);
/// The watcher's port, and the host whose paths it reads beside its own.
pub(super) const WATCHER: Lid = Lid(3);
pub(super) const HOST: Lid = Lid(4);

pub(super) type Datagram = [u8; MAD_LENGTH];
/// How each path is routed.
pub(super) type Routes = BTreeMap<(Lid, Lid), Route>;

/// A routing of a path, by its number: each has another service level, or else another lifetime. There are so many that a path
/// does not come back to an earlier one before the watcher has looked, which it could not see.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Route(u8);

impl Route {
    const LEVELS: u8 = 16;

    pub(super) fn of(level: ServiceLevel, lifetime: PacketLifetime) -> Self {
        Self((lifetime.0 % Self::LEVELS) * Self::LEVELS + level.get())
    }

    pub(super) fn after(self, step: u8) -> Self {
        Self(self.0.wrapping_add(step))
    }

    fn level(self) -> ServiceLevel {
        ServiceLevel::new(self.0 % Self::LEVELS).unwrap_or_default()
    }

    fn lifetime(self) -> PacketLifetime {
        PacketLifetime(self.0 / Self::LEVELS)
    }
}

pub(super) fn gid(lid: Lid) -> Gid {
    Gid::new(Gid::DEFAULT_PREFIX, guid(lid))
}

pub(super) fn guid(lid: Lid) -> Guid {
    Guid(0x1000 + u64::from(lid.0))
}

/// A manager that answers queries, forwards traps, and reports links before it has routed around them, as OpenSM does.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Manager {
    signaller: Signaller<4>,
    starts: u32,
    pub(super) routes: Routes,
    /// What is being computed.
    pub(super) next: Option<Routes>,
    /// The routes when the last trap 69 came to be forwarded: whoever asks because of it gets these.
    pub(super) told: Option<Routes>,
}

fn signaller(starts: u32) -> Signaller<4> {
    Signaller::new(SignallerConfig::new(SignallingMethod::ThreeWayWildcard, starts << 16))
}

impl Manager {
    pub(super) fn new() -> Self {
        let routes = Routes::from([((WATCHER, HOST), Route(0)), ((HOST, WATCHER), Route(0))]);
        Self { signaller: signaller(1), starts: 1, routes, next: None, told: None }
    }

    pub(super) fn restart(&mut self) {
        self.starts += 1;
        self.signaller = signaller(self.starts);
    }

    /// A link fails: subscribers are told at once, the routing comes out as `next` later.
    pub(super) fn reroute(&mut self, next: Routes) {
        let details = TrapDetails::LinkStateChange { lid: SWITCH };
        let notice = Notice::generic(NoticeType::URGENT, ProducerType::SWITCH, &details);
        self.report(Notice { issuer_lid: SWITCH, issuer_gid: gid(SWITCH), ..notice });
        self.next = Some(next);
    }

    fn report(&mut self, notice: Notice) {
        self.signaller.report(notice).expect("there is room for so many Reports");
    }

    pub(super) fn pending(&self) -> usize {
        self.signaller.pending()
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        self.signaller.poll_timeout()
    }

    pub(super) fn knows_watcher(&self) -> bool {
        !self.signaller.registry().is_empty()
    }

    /// A datagram of the watcher arrives; what is answered goes to `out`.
    pub(super) fn receive(&mut self, bytes: &Datagram, out: &mut Vec<Datagram>) {
        match Mad::new(bytes) {
            Ok(Mad::Sa(mad)) => self.administer(mad, out),
            Ok(Mad::Smp(smp)) => self.trap(smp, out),
            _ => {}
        }
    }

    fn trap(&mut self, smp: &SmpView, out: &mut Vec<Datagram>) {
        let Ok(SmpNotice(notice)) = SmpNotice::parse(smp.data()) else { return };
        let mut repress = Smp::from_view(smp);
        repress.header.method = Method::TRAP_REPRESS;
        out.extend(repress.emit(&SmpNotice(notice)));
        self.told = Some(self.routes.clone());
        self.report(Notice { issuer_gid: gid(WATCHER), ..notice });
    }

    fn administer(&mut self, mad: &SaMadView, out: &mut Vec<Datagram>) {
        let subscriber = Subscriber {
            gid: gid(WATCHER),
            qpn: Qpn::GENERAL_SERVICES,
            lid: WATCHER,
            service_level: ServiceLevel::default(),
        };
        if self.signaller.handle_datagram(subscriber, mad).is_some() {
            return;
        }
        let answer = |status| {
            let mut answer = SaMad::from_view(mad);
            answer.header.method = mad.header().method().response();
            answer.header.status = status;
            answer
        };
        let none = || answer(Status::NO_RECORDS).emit(&PathRecord::default());
        out.extend(match mad.header().attribute_id() {
            AttributeId::INFORM_INFO_RECORD if self.knows_watcher() => {
                let inform_info = InformInfo::subscribe_to(TrapNumber::ALL);
                answer(Status::OK).emit(&InformInfoRecord {
                    subscriber_gid: gid(WATCHER),
                    inform_info,
                    ..InformInfoRecord::default()
                })
            }
            AttributeId::NODE_RECORD => {
                match NodeRecord::parse(mad.data()).ok().and_then(|query| node(query.lid)) {
                    Some(record) => answer(Status::OK).emit(&record),
                    None => none(),
                }
            }
            AttributeId::PATH_RECORD => {
                match PathRecord::parse(mad.data()).ok().and_then(|query| self.path(query)) {
                    Some(record) => answer(Status::OK).emit(&record),
                    None => none(),
                }
            }
            AttributeId(0x14) => {
                let switch_info = SwitchInfo { linear_fdb_top: HOST.0, ..SwitchInfo::default() };
                answer(Status::OK).emit(&SwitchInfoRecord { lid: SWITCH, switch_info })
            }
            _ => none(),
        });
    }

    fn path(&self, query: PathRecord) -> Option<PathRecord> {
        let ends = (query.source_lid, query.destination_lid);
        let route = self.routes.get(&ends)?;
        Some(PathRecord {
            source_gid: gid(ends.0),
            destination_gid: gid(ends.1),
            service_level: route.level(),
            packet_lifetime: route.lifetime(),
            ..query
        })
    }

    /// Let the signaller do all that it can now.
    pub(super) fn pump(&mut self, now: Duration, out: &mut Vec<Datagram>) {
        let mut buffer = [0; MAD_LENGTH];
        while self.signaller.poll_event(now).is_some() {}
        while self.signaller.poll_transmit(now, &mut buffer).is_some() {
            out.push(buffer);
        }
    }

    pub(super) fn rebase(&mut self, epoch: Duration) {
        self.signaller.rebase(epoch);
    }
}

fn node(lid: Lid) -> Option<NodeRecord> {
    if !(MANAGER..=HOST).contains(&lid) {
        return None;
    }
    let node_type = if lid == SWITCH { NodeType::Switch } else { NodeType::ChannelAdapter };
    let node_info = NodeInfo { port_guid: guid(lid), node_guid: guid(lid), node_type, ..NodeInfo::default() };
    Some(NodeRecord { lid, node_info, node_description: NodeDescription::new("a node") })
}
