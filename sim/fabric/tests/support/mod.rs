//! A fabric under test, and a manager as simple as can be: it knows the topology, and writes what the test needs.

#![allow(dead_code, clippy::unwrap_used, reason = "each test program uses a part of it; helpers of tests")]
#![allow(clippy::std_instead_of_alloc, reason = "tests run where there is an operating system")]

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use fabric::{EndPort, Fabric, Packet, QueuePair, Settings};
use ib_mad::wire::{
    Attribute, AttributeId, DirectedRouteSmp, LinearForwardingTable, MAD_LENGTH, MadHeader, ManagementClass,
    Method, NodeDescription, PortInfo, PortState, Smp, SmpView, Status, SwitchInfo,
};
use ib_mad::{Lid, MKey, Mtu, PKey, QKey, Qpn, ServiceLevel, TransactionId};
use topology::{NodeIndex, NodeKind, Topology};

/// Tests begin at a large time, so that one relative to zero fails.
pub(crate) const EPOCH: Duration = Duration::from_secs(1_000_000);

/// A fabric, its time, and the host on which the test's manager sits.
#[derive(Clone)]
pub(crate) struct Lab {
    pub(crate) fabric: Fabric,
    pub(crate) now: Duration,
    pub(crate) topology: Topology,
    pub(crate) manager: EndPort,
    transaction: u64,
}

/// What came back for a request.
pub(crate) struct Reply {
    pub(crate) status: Status,
    pub(crate) data: [u8; 64],
    pub(crate) mad: [u8; MAD_LENGTH],
}

impl Lab {
    pub(crate) fn new(topology: Topology, settings: Settings) -> Self {
        let fabric = Fabric::new(&topology, settings).unwrap();
        let manager = fabric.end_port("H1", 1).unwrap();
        Self { fabric, now: EPOCH, topology, manager, transaction: 0 }
    }

    /// Two switches with two hosts each.
    pub(crate) fn small() -> Self {
        Self::new(topology::mesh(2, 1, 2).unwrap(), Settings::DEFAULT)
    }

    /// The small one, with LIDs, tables and active ports.
    pub(crate) fn running() -> Self {
        let mut lab = Self::small();
        lab.bring_up();
        lab
    }

    pub(crate) fn node(&self, name: &str) -> NodeIndex {
        self.topology.find(name).unwrap()
    }

    pub(crate) fn host(&self, name: &str) -> EndPort {
        self.fabric.end_port(name, 1).unwrap()
    }

    pub(crate) fn lid(&self, port: EndPort) -> Lid {
        self.fabric.port_info(port).lid
    }

    /// Let everything happen that happens in `time`.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.fabric.advance(self.now);
    }

    /// Let pass what packets take that are on the way.
    pub(crate) fn settle(&mut self) {
        self.pass(Duration::from_millis(1));
    }

    /// Send a datagram from the manager's port, and take what comes back for it.
    pub(crate) fn exchange(&mut self, packet: &Packet) -> Option<[u8; MAD_LENGTH]> {
        self.fabric.send(self.now, self.manager, packet);
        self.settle();
        while let Some(packet) = self.fabric.receive(self.manager) {
            let Some(mad) = packet.mad().copied() else { continue };
            if mad[3] & 0x80 != 0 {
                return Some(mad);
            }
        }
        None
    }

    /// A request along a route.
    pub(crate) fn directed<A: Attribute>(
        &mut self,
        path: &[u8],
        method: Method,
        attribute: AttributeId,
        modifier: u32,
        key: MKey,
        content: &A,
    ) -> Option<Reply> {
        self.transaction += 1;
        let smp =
            DirectedRouteSmp::request(method, attribute, modifier, TransactionId(self.transaction), path)
                .unwrap();
        let mad = DirectedRouteSmp { m_key: key, ..smp }.emit(content).unwrap();
        let mad = self.exchange(&Packet::subnet_management(Lid::PERMISSIVE, mad))?;
        let status = Status(u16::from_be_bytes([mad[4] & 0x7F, mad[5]]));
        Some(Reply { status, data: mad[64..128].try_into().unwrap(), mad })
    }

    pub(crate) fn get(&mut self, path: &[u8], attribute: AttributeId, modifier: u32) -> Option<Reply> {
        self.directed(path, Method::GET, attribute, modifier, MKey(0), &NodeDescription::default())
    }

    pub(crate) fn read<A: Attribute>(&mut self, path: &[u8], attribute: AttributeId, modifier: u32) -> A {
        let reply = self.get(path, attribute, modifier).unwrap();
        assert!(reply.status.is_ok(), "{attribute}: {}", reply.status);
        A::parse(&reply.data).unwrap()
    }

    #[track_caller]
    pub(crate) fn set<A: Attribute>(
        &mut self,
        path: &[u8],
        attribute: AttributeId,
        modifier: u32,
        content: &A,
    ) {
        let reply = self.directed(path, Method::SET, attribute, modifier, MKey(0), content).unwrap();
        assert!(reply.status.is_ok(), "{attribute} {modifier:#x}: {}", reply.status);
    }

    /// A request to a LID.
    pub(crate) fn by_lid<A: Attribute>(
        &mut self,
        lid: Lid,
        method: Method,
        attribute: AttributeId,
        modifier: u32,
        content: &A,
    ) -> Option<Reply> {
        self.transaction += 1;
        let id = TransactionId(self.transaction);
        let header = MadHeader::request(ManagementClass::SUBNET_LID_ROUTED, method, attribute, modifier, id);
        let mad = Smp { header, m_key: MKey(0) }.emit(content).unwrap();
        let mad = self.exchange(&Packet::subnet_management(lid, mad))?;
        let view = SmpView::new(&mad).unwrap();
        Some(Reply { status: view.header().status(), data: *view.data(), mad })
    }

    /// The ports of the shortest way from the manager to every node that it reaches.
    pub(crate) fn paths(&self) -> BTreeMap<NodeIndex, Vec<u8>> {
        let start = self.node("H1");
        let mut paths = BTreeMap::from([(start, Vec::new())]);
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            if node != start && self.topology[node].kind() != NodeKind::Switch {
                continue;
            }
            for link in self.topology.links_of(node) {
                let is_down = self.fabric.port_state(link.a).unwrap() == PortState::DOWN;
                if !is_down && !paths.contains_key(&link.b.node) {
                    let mut path = paths[&node].clone();
                    path.push(link.a.port);
                    paths.insert(link.b.node, path);
                    queue.push_back(link.b.node);
                }
            }
        }
        paths
    }

    /// LIDs in the order of the nodes, from 1; the shortest ways; every port active.
    pub(crate) fn bring_up(&mut self) {
        let lids: BTreeMap<NodeIndex, Lid> =
            self.topology.nodes().zip(1..).map(|((index, _), lid)| (index, Lid(lid))).collect();
        let outputs: BTreeMap<(NodeIndex, NodeIndex), u8> =
            lids.keys().flat_map(|to| towards(&self.topology, *to)).collect();
        self.bring_up_with(&lids, &|switch, to| outputs.get(&(switch, to)).copied());
    }

    /// The same with given LIDs, and given ports of the switches.
    pub(crate) fn bring_up_with(
        &mut self,
        lids: &BTreeMap<NodeIndex, Lid>,
        output: &dyn Fn(NodeIndex, NodeIndex) -> Option<u8>,
    ) {
        let paths = self.paths();
        let manager = lids[&self.node("H1")];
        let kinds: Vec<(NodeIndex, NodeKind)> =
            self.topology.nodes().map(|(index, node)| (index, node.kind())).collect();
        for state in [PortState::NO_CHANGE, PortState::ARMED, PortState::ACTIVE] {
            for (node, kind) in &kinds {
                let Some(path) = paths.get(node) else { continue };
                if *kind == NodeKind::Switch && state == PortState::NO_CHANGE {
                    let table = |to: &NodeIndex| if to == node { Some(0) } else { output(*node, *to) };
                    self.write_switch(path, lids, &table);
                }
                let linked: Vec<u8> = self.topology.links_of(*node).map(|link| link.a.port).collect();
                let own = if *kind == NodeKind::Switch { vec![0] } else { Vec::new() };
                for number in own.into_iter().chain(linked) {
                    let is_end = number == 0 || *kind != NodeKind::Switch;
                    let mut info: PortInfo = self.read(path, AttributeId::PORT_INFO, number.into());
                    if is_end {
                        (info.lid, info.master_sm_lid) = (lids[node], manager);
                    }
                    info.operational_vls = info.vl_cap;
                    info.neighbor_mtu = Mtu::B2048;
                    info.port_state = if number == 0 { PortState::NO_CHANGE } else { state };
                    info.port_physical_state = ib_mad::wire::PortPhysicalState::NO_CHANGE;
                    self.set(path, AttributeId::PORT_INFO, number.into(), &info);
                }
            }
        }
        for (node, kind) in &kinds {
            if *kind == NodeKind::Switch && paths.contains_key(node) {
                let info: SwitchInfo = self.read(&paths[node], AttributeId::SWITCH_INFO, 0);
                let info = SwitchInfo { port_state_change: true, ..info };
                self.set(&paths[node], AttributeId::SWITCH_INFO, 0, &info);
            }
        }
        self.fabric.claim(self.now, self.manager, true);
        self.settle();
        // What the changes on the way raised.
        self.repress_all();
    }

    pub(crate) fn write_switch(
        &mut self,
        path: &[u8],
        lids: &BTreeMap<NodeIndex, Lid>,
        output: &dyn Fn(&NodeIndex) -> Option<u8>,
    ) {
        let top = lids.values().max().unwrap().0;
        let info: SwitchInfo = self.read(path, AttributeId::SWITCH_INFO, 0);
        self.set(path, AttributeId::SWITCH_INFO, 0, &SwitchInfo { linear_fdb_top: top, ..info });
        for block in 0..=top / 64 {
            let mut table = LinearForwardingTable::default();
            for (node, lid) in lids.iter().filter(|(_, lid)| lid.0 / 64 == block) {
                table.ports[usize::from(lid.0 % 64)] = output(node).unwrap_or(LinearForwardingTable::NO_PORT);
            }
            self.set(path, AttributeId::LINEAR_FORWARDING_TABLE, block.into(), &table);
        }
    }

    /// Take the traps that came to the manager, and tell their senders that they were heard.
    pub(crate) fn repress_all(&mut self) -> Vec<ib_mad::wire::Notice> {
        let mut notices = Vec::new();
        while let Some(packet) = self.fabric.receive(self.manager) {
            let Some(mad) = packet.mad().copied().filter(|mad| mad[3] == Method::TRAP.0) else { continue };
            notices.push(ib_mad::wire::SmpNotice::parse(&mad[64..128]).unwrap().0);
            let mut repress = mad;
            repress[3] = Method::TRAP_REPRESS.0;
            self.fabric.send(self.now, self.manager, &Packet::subnet_management(packet.source_lid, repress));
        }
        self.settle();
        notices
    }
}

/// For each switch from which `to` can be reached, its port on the shortest way there.
fn towards(topology: &Topology, to: NodeIndex) -> Vec<((NodeIndex, NodeIndex), u8)> {
    let mut ports: BTreeMap<NodeIndex, u8> = BTreeMap::new();
    let mut queue = VecDeque::from([to]);
    while let Some(node) = queue.pop_front() {
        if node != to && topology[node].kind() != NodeKind::Switch {
            continue;
        }
        for link in topology.links_of(node) {
            if link.b.node != to && !ports.contains_key(&link.b.node) {
                ports.insert(link.b.node, link.b.port);
                queue.push_back(link.b.node);
            }
        }
    }
    let of_switch = |(node, _): &(NodeIndex, u8)| topology[*node].kind() == NodeKind::Switch;
    ports.into_iter().filter(of_switch).map(|(node, port)| ((node, to), port)).collect()
}

pub(crate) const Q_KEY: QKey = QKey(0x1234);

pub(crate) fn qpn(number: u32) -> Qpn {
    Qpn::new(number).unwrap()
}

/// A datagram to queue pair 7 of a port.
pub(crate) fn datagram(to: Lid) -> Packet {
    Packet {
        source_lid: Lid::UNASSIGNED,
        destination_lid: to,
        service_level: ServiceLevel::default(),
        source_qpn: qpn(9),
        destination_qpn: qpn(7),
        p_key: PKey::DEFAULT_FULL,
        q_key: Q_KEY,
        global_route: None,
        payload: fabric::Payload::Bytes(vec![0x5A; 100].into()),
    }
}

pub(crate) const QUEUE_PAIR: QueuePair = QueuePair { p_key: PKey::DEFAULT_FULL, q_key: Q_KEY };
