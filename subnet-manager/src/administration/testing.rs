//! A small subnet, and clients that ask its administration.

use core::time::Duration;

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use ib_mad::sa::{
    SaAddress, SaAnswer, SaAttribute, SaClient, SaClientConfig, SaFailure, SaHandled, SaRequest,
};
use ib_mad::wire::{
    Attribute, InformInfo, JoinState, MAD_LENGTH, McMemberRecord, McMemberRecordQuery, Method,
    NodeDescription, NodeInfo, NodeType, Notice, PortInfo, PortState, SaMad, SaMadView, ServiceName,
    ServiceRecordQuery, SmInfo, Status, SwitchInfo, TrapNumber,
};
use ib_mad::{Gid, Guid, Lid, Mtu, PKey, QKey, Qpn, ServiceLevel, SmKey, Transmit};
use path_record::dense::ServiceLevelMatrix;

use super::{Administration, AdministrationEvent, AdministrationSettings};
use crate::subnet::{EndPort, KnownManager, Node, NodeIndex, Subnet};
use crate::{MulticastChange, PathChanges, Received, SubnetChange};

pub(super) const PREFIX: u64 = Gid::DEFAULT_PREFIX;
pub(super) const SM_KEY: SmKey = SmKey(0x5EC2E7);
/// The manager's LID: host 1's.
pub(super) const MANAGER: u16 = 1;
/// Switches have the LIDs behind the hosts'.
pub(super) const SWITCHES: [u16; 2] = [7, 8];
pub(super) const OTHER_PARTITION: PKey = PKey(0x8005);

/// GUID of the port of host `number`, 1 to 6.
pub(super) fn port_guid(number: u16) -> Guid {
    Guid(0x100 + u64::from(number))
}

pub(super) fn gid(number: u16) -> Gid {
    Gid::new(PREFIX, port_guid(number))
}

fn at(node: NodeIndex, port: u8) -> EndPort {
    EndPort { node, port }
}

fn info(mtu: Mtu) -> PortInfo {
    PortInfo {
        port_state: PortState::ACTIVE,
        neighbor_mtu: mtu,
        link_width_active: 2,
        link_speed_active: 1,
        operational_vls: 3,
        m_key: ib_mad::MKey(77),
        ..PortInfo::default()
    }
}

/// Hosts 1 to 3 at the ports 1 to 3 of switch 1, hosts 4 to 6 at those of switch 2, and the switches' ports 4 linked. The
/// LIDs of the hosts are their numbers. Host 6 is in another partition than the others; host 5 in both.
pub(super) fn subnet() -> Subnet {
    let mut subnet = Subnet::new(PREFIX);
    let mut node = |node_type, guid, ports: u8, name| {
        let info = NodeInfo {
            node_type,
            number_of_ports: ports,
            node_guid: Guid(guid),
            base_version: 1,
            vendor_id: 0xABC,
            ..NodeInfo::default()
        };
        subnet.add_node(Node::new(info, NodeDescription::new(name))).unwrap()
    };
    let names = ["H1", "H2", "H3", "H4", "H5", "H6"];
    let hosts: Vec<NodeIndex> = (1..)
        .zip(names)
        .map(|(number, name)| node(NodeType::ChannelAdapter, 0x10 * number, 1, name))
        .collect();
    let switches = [node(NodeType::Switch, 0x201, 4, "S1"), node(NodeType::Switch, 0x202, 4, "S2")];
    for (number, host) in (1..).zip(&hosts) {
        subnet.set_port(at(*host, 1), port_guid(number), info(Mtu(5))).unwrap();
        subnet.assign_lid(at(*host, 1), Lid(number), 0).unwrap();
        subnet.port_mut(at(*host, 1)).unwrap().p_keys = match number {
            5 => vec![PKey::DEFAULT_FULL, OTHER_PARTITION],
            6 => vec![OTHER_PARTITION],
            _ => vec![PKey::DEFAULT_FULL],
        };
        let (switch, port) = (switches[usize::from(number - 1) / 3], (number - 1) % 3 + 1);
        subnet.set_port(at(switch, port as u8), Guid(0), info(Mtu(5))).unwrap();
        subnet.connect(at(*host, 1), at(switch, port as u8)).unwrap();
    }
    for (lid, switch) in SWITCHES.into_iter().zip(switches) {
        subnet.set_port(at(switch, 4), Guid(0), info(Mtu(4))).unwrap();
        subnet.set_port(at(switch, 0), Guid(u64::from(lid) + 0x200), info(Mtu(4))).unwrap();
        subnet.assign_lid(at(switch, 0), Lid(lid), 0).unwrap();
        subnet.port_mut(at(switch, 0)).unwrap().p_keys = vec![PKey::DEFAULT_FULL];
    }
    subnet.connect(at(switches[0], 4), at(switches[1], 4)).unwrap();
    for (switch, forwarding) in
        switches.into_iter().zip([vec![255, 1, 2, 3, 4, 4, 4, 0, 4], vec![255, 4, 4, 4, 1, 2, 3, 4, 0]])
    {
        let table = subnet.node_mut(switch).unwrap().switch.as_mut().unwrap();
        table.forwarding = forwarding;
        table.info = SwitchInfo { multicast_fdb_capacity: 4, ..SwitchInfo::default() };
        table.multicast.insert(Lid(0xC000), [0b1_0010, 0, 0, 0]);
    }
    let level = |from, to| ServiceLevel::new(if from == to { 0 } else { 1 + from as u8 });
    subnet.set_service_levels(ServiceLevelMatrix::from_fn(2, level));
    let port = at(hosts[0], 1);
    subnet.manager_port = Some(port);
    let sm_info = SmInfo { guid: port_guid(1), sm_key: SM_KEY, priority: 3, ..SmInfo::default() };
    subnet.managers = vec![KnownManager { port, info: sm_info }];
    subnet
}

/// An administration, and the time.
pub(super) struct Desk {
    pub(super) administration: Administration,
    pub(super) subnet: Subnet,
    pub(super) now: Duration,
    next_id: u32,
    /// Datagrams to hosts that are not asking: Reports.
    pub(super) others: Vec<(Transmit, [u8; MAD_LENGTH])>,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self::with(AdministrationSettings::new(SM_KEY, 0x70_0000))
    }

    pub(super) fn with(settings: AdministrationSettings) -> Self {
        let administration = Administration::new(settings);
        let now = Duration::from_secs(1_000_000);
        Self { administration, subnet: subnet(), now, next_id: 1, others: Vec::new() }
    }

    /// Hand a datagram over that `host` sends.
    pub(super) fn send(&mut self, host: u16, mad: &[u8; MAD_LENGTH]) -> bool {
        let received = Received {
            from: Lid(host),
            service_level: ServiceLevel::default(),
            source_qpn: Qpn::GENERAL_SERVICES,
            p_key: PKey::DEFAULT_FULL,
            source_gid: None,
            mad,
        };
        self.administration.handle_datagram(self.now, &self.subnet, &received)
    }

    /// A client at a host.
    pub(super) fn client(&mut self, key: SmKey) -> SaClient<4, 4> {
        let sa = SaAddress { lid: Lid(MANAGER), service_level: ServiceLevel::default() };
        self.next_id += 0x100;
        SaClient::new(SaClientConfig { sm_key: key, first_id: self.next_id, ..SaClientConfig::new(sa) })
    }

    /// Ask as a host without a key does: the records of the answer.
    pub(super) fn ask<R: SaAttribute>(&mut self, host: u16, request: SaRequest) -> Result<Vec<R>, Status> {
        self.ask_with(host, SmKey(0), request)
    }

    pub(super) fn ask_with<R: SaAttribute>(
        &mut self,
        host: u16,
        key: SmKey,
        request: SaRequest,
    ) -> Result<Vec<R>, Status> {
        let mut client = self.client(key);
        client.request(self.now, request).unwrap();
        let mut records = Vec::new();
        loop {
            let mut buffer = [0; MAD_LENGTH];
            let mut moved = false;
            while client.poll_transmit(self.now, &mut buffer).is_some() {
                self.send(host, &buffer);
                moved = true;
            }
            while let Some(to) = self.administration.poll_transmit(self.now, &mut buffer) {
                moved = true;
                if to.to != Lid(host) {
                    self.others.push((to, buffer));
                    continue;
                }
                match client.handle_datagram(self.now, Lid(MANAGER), &buffer) {
                    SaHandled::Answered(event) => return one(event.outcome),
                    SaHandled::Records { records: more, .. } => {
                        let more = more.typed::<R>().unwrap();
                        records.extend(more.map(R::from_view));
                    }
                    SaHandled::NotMine(_) => self.others.push((to, buffer)),
                    _ => {}
                }
            }
            if let Some(event) = client.poll_event(self.now) {
                return match event.outcome {
                    Ok(SaAnswer::Table { records: count }) => {
                        assert_eq!(count, records.len() as u64);
                        // What is left to say of the transfer.
                        while client.poll_transmit(self.now, &mut buffer).is_some() {
                            self.send(host, &buffer);
                        }
                        assert!(self.administration.poll_transmit(self.now, &mut buffer).is_none());
                        Ok(records)
                    }
                    outcome => one(outcome),
                };
            }
            if !moved {
                let next = [client.poll_timeout(), self.administration.poll_timeout()];
                self.now = next.into_iter().flatten().min().unwrap().max(self.now);
                self.administration.handle_timeout(self.now);
            }
        }
    }

    pub(super) fn events(&mut self) -> Vec<AdministrationEvent> {
        core::iter::from_fn(|| self.administration.poll_event(self.now)).collect()
    }
}

/// The one record, or the status. That nobody answers is a status that nobody has.
fn one<R: SaAttribute>(outcome: Result<SaAnswer, SaFailure>) -> Result<Vec<R>, Status> {
    match outcome {
        Ok(answer) => Ok(vec![answer.record().unwrap()]),
        Err(SaFailure::Status(status)) => Err(status),
        Err(SaFailure::NoAnswer { .. }) => Err(UNANSWERED),
        Err(SaFailure::Busy { .. }) => Err(Status::BUSY),
        Err(failure) => panic!("{failure}"),
    }
}

pub(super) const FULL: JoinState = JoinState::FULL_MEMBER;

pub(super) const UNANSWERED: Status = Status(0x7FFF);

pub(super) fn mgid(number: u8) -> Gid {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&[0xFF, 0x12]);
    bytes[15] = number;
    Gid(bytes)
}

/// What makes a group, or joins one that is the same.
pub(super) fn group(mgid: Gid, port: Gid, state: JoinState) -> McMemberRecordQuery {
    membership(mgid, port, state)
        .q_key(QKey(7))
        .p_key(PKey::DEFAULT_FULL)
        .traffic_class(0)
        .service_level(ServiceLevel::default())
        .flow_label(0)
}

pub(super) fn membership(mgid: Gid, port: Gid, state: JoinState) -> McMemberRecordQuery {
    McMemberRecordQuery::new().mgid(mgid).port_gid(port).join_state(state)
}

pub(super) fn join(desk: &mut Desk, host: u16, query: McMemberRecordQuery) -> Result<McMemberRecord, Status> {
    desk.ask::<McMemberRecord>(host, SaRequest::set(&query)).map(|records| records[0])
}

pub(super) fn leave(
    desk: &mut Desk,
    host: u16,
    query: McMemberRecordQuery,
) -> Result<McMemberRecord, Status> {
    desk.ask::<McMemberRecord>(host, SaRequest::delete(&query)).map(|records| records[0])
}

pub(super) fn trees(desk: &mut Desk) -> Vec<(u16, Vec<u64>, Vec<u64>)> {
    let numbers = |guids: &BTreeSet<Guid>| guids.iter().map(|guid| guid.0 - 0x100).collect();
    let tree = |event| match event {
        AdministrationEvent::Multicast(MulticastChange { lid, receivers, senders }) => {
            Some((lid.0, numbers(&receivers), numbers(&senders)))
        }
        _ => None,
    };
    desk.events().into_iter().filter_map(tree).collect()
}

/// Reports that hosts were sent, answered by them.
pub(super) fn reports(desk: &mut Desk) -> Vec<(u16, TrapNumber)> {
    let mut out = [0; 256];
    while let Some(to) = desk.administration.poll_transmit(desk.now, &mut out) {
        desk.others.push((to, out));
    }
    let mut told = Vec::new();
    for (to, mad) in core::mem::take(&mut desk.others) {
        let view = SaMadView::new(&mad).unwrap();
        assert_eq!(view.header().method(), Method::REPORT);
        let notice = Notice::parse(view.data()).unwrap();
        assert_eq!((notice.issuer_lid, notice.issuer_gid), (Lid(1), gid(1)));
        told.push((to.to.0, notice.trap_number().unwrap()));
        let mut answer = SaMad::from_view(view);
        answer.header.method = Method::REPORT_RESP;
        desk.send(to.to.0, &answer.emit_data(view.data()));
    }
    told.sort();
    told
}

pub(super) fn subscribe(desk: &mut Desk, host: u16, trap: TrapNumber) {
    desk.ask::<InformInfo>(host, SaRequest::inform(&InformInfo::subscribe_to(trap))).unwrap();
}

pub(super) fn service(host: u16) -> ServiceRecordQuery {
    ServiceRecordQuery::new()
        .service_id(0x1000)
        .service_gid(gid(host))
        .service_p_key(PKey::DEFAULT_FULL)
        .service_name(ServiceName::new("store"))
}

pub(super) fn change(desk: &mut Desk, inside: &[u16], outside: &[u16], ends: &[u16]) {
    let gids = |numbers: &[u16]| numbers.iter().map(|number| gid(*number)).collect::<Vec<_>>();
    let paths = match ends {
        [] => PathChanges::None,
        ends => PathChanges::Ends(gids(ends).into_iter().collect()),
    };
    let change = SubnetChange { in_service: gids(inside), out_of_service: gids(outside), paths };
    desk.administration.subnet_changed(&desk.subnet, &change);
}
