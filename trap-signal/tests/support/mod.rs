//! A subnet of one manager and some hosts on a wire that loses nothing.
#![allow(unreachable_pub, dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::std_instead_of_alloc, reason = "a test that cannot go on has failed")]

use core::time::Duration;
use std::collections::BTreeMap;

use ib_mad::sa::SaAddress;
use ib_mad::wire::{
    Attribute, AttributeId, MAD_LENGTH, Method, PathRecord, PathRecordMask, SaMad, SaMadView, Status,
};
use ib_mad::{Gid, Guid, Lid, Mtu, PKey, PacketLifetime, Qpn, Rate, Selector, ServiceLevel};
use path_record::{PathRecordDistinguisher, PathTable, Update};
use trap_signal::host::{HostAgent, HostConfig, HostEvent, PathId, QueuePair, Reconfiguration};
use trap_signal::manager::{Signaller, SignallerConfig, SignallerEvent, Subscriber};
use trap_signal::{LocalPort, SignallingMethod};

/// Far from zero, so that a duration taken for a time shows.
pub const START: Duration = Duration::from_secs(1_000_000);
pub const MANAGER: Lid = Lid(1);

pub fn gid(lid: Lid) -> Gid {
    Gid::new(Gid::DEFAULT_PREFIX, Guid(0x1000 + u64::from(lid.0)))
}

pub fn level(level: u8) -> ServiceLevel {
    ServiceLevel::new(level).unwrap()
}

/// The manager's side: signalling, and an administration that knows path records.
pub struct Manager {
    pub signaller: Signaller,
    pub distinguisher: PathRecordDistinguisher,
    pub records: BTreeMap<(Gid, Gid), PathRecord>,
    answers: Vec<(Lid, [u8; MAD_LENGTH])>,
}

impl Manager {
    pub fn new(method: SignallingMethod) -> Self {
        Self {
            signaller: Signaller::new(SignallerConfig::new(method, 77)),
            distinguisher: PathRecordDistinguisher::new(),
            records: BTreeMap::new(),
            answers: Vec::new(),
        }
    }

    /// Route between `lids`, every path on the service level that `levels` gives, and signal as the method says.
    pub fn route(&mut self, lids: &[Lid], levels: impl Fn(Lid, Lid) -> u8) -> (Update, usize) {
        self.records.clear();
        for source in lids {
            for destination in lids.iter().filter(|other| *other != source) {
                let record = PathRecord {
                    source_gid: gid(*source),
                    destination_gid: gid(*destination),
                    source_lid: *source,
                    destination_lid: *destination,
                    is_reversible: true,
                    number_of_paths: 1,
                    p_key: PKey::DEFAULT_FULL,
                    service_level: level(levels(*source, *destination)),
                    mtu_selector: Selector::Exactly,
                    mtu: Mtu::B2048,
                    rate_selector: Selector::Exactly,
                    rate: Rate(3),
                    packet_lifetime_selector: Selector::Exactly,
                    packet_lifetime: PacketLifetime(18),
                    ..PathRecord::default()
                };
                self.records.insert((record.source_gid, record.destination_gid), record);
            }
        }
        let table = PathTable::from_records(1000, 0, self.records.values()).unwrap();
        let update = self.distinguisher.update(table);
        let told = self.signaller.reconfigured(&update, (MANAGER, gid(MANAGER))).unwrap();
        (update, told)
    }

    fn receive(&mut self, from: Lid, bytes: &[u8; MAD_LENGTH]) {
        let mad = SaMadView::new(bytes).unwrap();
        let subscriber = Subscriber {
            gid: gid(from),
            qpn: Qpn::GENERAL_SERVICES,
            lid: from,
            service_level: ServiceLevel::default(),
        };
        if self.signaller.handle_datagram(subscriber, mad).is_some() {
            return;
        }
        assert_eq!(mad.header().method(), Method::GET);
        assert_eq!(mad.header().attribute_id(), AttributeId::PATH_RECORD);
        let wanted = PathRecordMask(mad.sa().component_mask());
        assert!(
            wanted.contains(PathRecordMask::SOURCE_GID) && wanted.contains(PathRecordMask::DESTINATION_GID)
        );
        let query = PathRecord::parse(mad.data()).unwrap();
        let found = self.records.get(&(query.source_gid, query.destination_gid));
        let mut answer = SaMad::from_view(mad);
        answer.header.method = Method::GET_RESP;
        answer.header.status = if found.is_some() { Status::OK } else { Status::NO_RECORDS };
        self.answers.push((from, answer.emit(&found.copied().unwrap_or_default()).unwrap()));
    }
}

pub struct Host {
    pub lid: Lid,
    pub agent: HostAgent,
    pub events: Vec<HostEvent>,
}

impl Host {
    /// A host with a queue pair to each of `peers`, numbered like their LIDs.
    pub fn new(lid: Lid, peers: &[Lid]) -> Self {
        let mut agent = HostAgent::new(HostConfig::new(u32::from(lid.0) << 16));
        for peer in peers {
            agent.add_queue_pair(queue_pair(*peer)).unwrap();
        }
        let manager = SaAddress { lid: MANAGER, service_level: ServiceLevel::default() };
        agent.handle_port(START, LocalPort { lid, gid: gid(lid), manager });
        Self { lid, agent, events: Vec::new() }
    }

    pub fn service_level(&self, peer: Lid) -> u8 {
        self.agent.record(Qpn::new(peer.0.into()).unwrap()).unwrap().service_level.get()
    }
}

pub fn queue_pair(peer: Lid) -> QueuePair {
    QueuePair { number: Qpn::new(peer.0.into()).unwrap(), path: PathId::to(gid(peer)), record: None }
}

/// What passed on the wire, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    pub from: Lid,
    pub to: Lid,
    pub method: Method,
    pub attribute: AttributeId,
}

pub struct Subnet {
    pub now: Duration,
    pub manager: Manager,
    pub hosts: Vec<Host>,
    pub wire: Vec<Sent>,
}

impl Subnet {
    pub fn new(method: SignallingMethod, lids: &[Lid]) -> Self {
        let hosts = lids
            .iter()
            .map(|lid| {
                let peers: Vec<_> = lids.iter().copied().filter(|other| other != lid).collect();
                Host::new(*lid, &peers)
            })
            .collect();
        Self { now: START, manager: Manager::new(method), hosts, wire: Vec::new() }
    }

    fn record(&mut self, from: Lid, to: Lid, bytes: &[u8; MAD_LENGTH]) {
        let header = SaMadView::new(bytes).unwrap().header();
        self.wire.push(Sent { from, to, method: header.method(), attribute: header.attribute_id() });
    }

    /// Pass everything on until nobody has anything to say. Queue pairs move as they are told.
    pub fn run(&mut self) {
        self.run_moving(|_, _| true);
    }

    /// The same with queue pairs of the caller's: `moves` says whether one has moved.
    pub fn run_moving(&mut self, mut moves: impl FnMut(Lid, &Reconfiguration) -> bool) {
        let mut buffer = [0; MAD_LENGTH];
        loop {
            let mut idle = true;
            for index in 0..self.hosts.len() {
                while let Some(transmit) = self.hosts[index].agent.poll_transmit(self.now, &mut buffer) {
                    idle = false;
                    assert_eq!(transmit.to, MANAGER);
                    let from = self.hosts[index].lid;
                    self.record(from, transmit.to, &buffer);
                    self.manager.receive(from, &buffer);
                }
                let host = &mut self.hosts[index];
                while let Some(event) = host.agent.poll_event(self.now) {
                    idle = false;
                    if let HostEvent::Reconfigure(reconfiguration) = event {
                        let moved = moves(host.lid, &reconfiguration);
                        host.agent.reconfigured(self.now, reconfiguration.id, moved);
                    }
                    host.events.push(event);
                }
            }
            let mut to_hosts = core::mem::take(&mut self.manager.answers);
            while let Some(transmit) = self.manager.signaller.poll_transmit(self.now, &mut buffer) {
                to_hosts.push((transmit.to, buffer));
            }
            for (to, bytes) in to_hosts {
                idle = false;
                self.record(MANAGER, to, &bytes);
                let host = self.hosts.iter_mut().find(|host| host.lid == to).unwrap();
                host.agent.handle_datagram(self.now, MANAGER, &bytes);
            }
            while let Some(event) = self.manager.signaller.poll_event(self.now) {
                idle = false;
                assert!(!matches!(event, SignallerEvent::Malformed(..)));
            }
            if idle {
                return;
            }
        }
    }

    /// The kinds of datagrams between a host and the manager since `from`, in order.
    pub fn exchange(&self, from: usize, host: Lid) -> Vec<(Method, AttributeId)> {
        let of_host = self.wire[from..].iter().filter(|sent| sent.from == host || sent.to == host);
        of_host.map(|sent| (sent.method, sent.attribute)).collect()
    }
}
