//! Records of what a subnet consists of: nodes, ports, links, tables.

use ib_mad::wire::{
    AttributeId, GuidInfo, GuidInfoRecord, LinearForwardingTable, LinearForwardingTableRecord, LinkRecord,
    MulticastForwardingTable, MulticastForwardingTableRecord, NodeInfo, NodeRecord, PKeyTable,
    PKeyTableRecord, PortInfo, PortInfoRecord, SlToVlMappingRecord, SmInfo, SmInfoRecord, SwitchInfoRecord,
};
use ib_mad::{Guid, Lid, MKey, PKey, SmKey};

use super::query::{Gathering, Requester};
use crate::subnet::{EndPort, Node, NodeIndex, Port, Subnet, sl_to_vl};

/// The component that all these records begin with: a LID, whichever of a port's it is.
pub(super) const LID: u64 = 1;

/// Blocks of the tables (IBTA volume 1, 14.2.5).
const FORWARDING_BLOCK: usize = 64;
const MULTICAST_BLOCK: u16 = 32;
const MULTICAST_PORTS: u8 = 16;
const P_KEY_BLOCK: usize = 32;
const GUID_BLOCK: u8 = 8;
const FIRST_MULTICAST: u16 = 0xC000;

/// Whose records are gathered: everyone's, or those of the port that a request's LID names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scope {
    All,
    Port(EndPort),
    Nobody,
}

impl Scope {
    pub(super) fn of(subnet: &Subnet, lid: Option<Lid>) -> Self {
        match lid {
            None => Self::All,
            Some(lid) => subnet.end_port(lid).map_or(Self::Nobody, Self::Port),
        }
    }

    /// The nodes whose records can be meant.
    fn nodes(self, subnet: &Subnet) -> impl Iterator<Item = (NodeIndex, &Node)> {
        let (only, skip) = match self {
            Self::All => (usize::MAX, 0),
            Self::Port(at) => (1, at.node.0 as usize),
            Self::Nobody => (0, 0),
        };
        subnet.nodes().skip(skip).take(only)
    }

    /// Whether a port's records can be meant. The LID of a switch stands for all its ports.
    fn includes(self, node: &Node, at: EndPort) -> bool {
        match self {
            Self::All => true,
            Self::Port(port) => port == at || (node.is_switch() && port.node == at.node),
            Self::Nobody => false,
        }
    }
}

/// Who asks about what.
pub(super) struct Tables<'a> {
    pub(super) subnet: &'a Subnet,
    pub(super) requester: &'a Requester,
    pub(super) scope: Scope,
}

impl Tables<'_> {
    /// Gather the records of an attribute; whether there are such records at all.
    pub(super) fn gather(&self, attribute: AttributeId, into: &mut Gathering<'_>) -> bool {
        match attribute {
            AttributeId::NODE_RECORD => self.nodes(into),
            AttributeId::PORT_INFO_RECORD => self.ports(into),
            AttributeId::SWITCH_INFO_RECORD => self.switches(into),
            AttributeId::LINK_RECORD => self.links(into),
            AttributeId::SM_INFO_RECORD => self.managers(into),
            AttributeId::GUID_INFO_RECORD => self.guids(into),
            AttributeId::LINEAR_FORWARDING_TABLE_RECORD => self.forwarding(into),
            AttributeId::MULTICAST_FORWARDING_TABLE_RECORD => self.multicast(into),
            AttributeId::P_KEY_TABLE_RECORD => self.p_keys(into),
            AttributeId::SL_TO_VL_MAPPING_RECORD => self.lanes(into),
            _ => return false,
        }
        true
    }

    /// Every port that may be known, with the LID that it is found by: a switch's port by the switch's.
    fn each_port(&self, mut take: impl FnMut(&Node, &Port, EndPort, Lid)) {
        for (index, node) in self.scope.nodes(self.subnet) {
            let of_switch = node.end_ports().first().filter(|_| node.is_switch()).and_then(Port::lid);
            for port in node.ports() {
                let at = EndPort { node: index, port: port.number };
                let lid = if node.is_switch() { of_switch } else { port.lid() };
                let Some(lid) = lid else { continue };
                if self.scope.includes(node, at) && self.requester.may_see(self.subnet, at) {
                    take(node, port, at, lid);
                }
            }
        }
    }

    fn nodes(&self, into: &mut Gathering<'_>) {
        self.each_port(|node, port, _, lid| {
            if node.is_switch() && port.number > 0 {
                return;
            }
            let node_info = NodeInfo { port_guid: port.guid, local_port_number: port.number, ..node.info };
            into.offer(&NodeRecord { lid, node_info, node_description: node.description });
        });
    }

    fn ports(&self, into: &mut Gathering<'_>) {
        self.each_port(|_, port, _, lid| {
            let m_key = if self.requester.is_trusted { port.info.m_key } else { MKey(0) };
            let port_info = PortInfo { m_key, ..port.info };
            into.offer(&PortInfoRecord { lid, port_number: port.number, options: 0, port_info });
        });
    }

    fn switches(&self, into: &mut Gathering<'_>) {
        self.each_port(|node, port, _, lid| {
            if let (Some(switch), 0) = (&node.switch, port.number) {
                into.offer(&SwitchInfoRecord { lid, switch_info: switch.info });
            }
        });
    }

    fn links(&self, into: &mut Gathering<'_>) {
        self.each_port(|_, port, _, from_lid| {
            let Some(peer) = port.neighbor.filter(|_| port.is_up()) else { return };
            let of_switch = EndPort { port: 0, ..peer };
            let own = |at| self.subnet.port(at).and_then(Port::lid);
            let is_switch = self.subnet.node(peer.node).is_some_and(Node::is_switch);
            let to_lid = if is_switch { own(of_switch) } else { own(peer) };
            if let Some(to_lid) = to_lid.filter(|_| self.requester.may_see(self.subnet, peer)) {
                into.offer(&LinkRecord { from_lid, from_port: port.number, to_port: peer.port, to_lid });
            }
        });
    }

    fn managers(&self, into: &mut Gathering<'_>) {
        for manager in &self.subnet.managers {
            let at = manager.port;
            let (Some(node), Some(lid)) =
                (self.subnet.node(at.node), self.subnet.port(at).and_then(Port::lid))
            else {
                continue;
            };
            if self.scope.includes(node, at) && self.requester.may_see(self.subnet, at) {
                let sm_key = if self.requester.is_trusted { manager.info.sm_key } else { SmKey(0) };
                into.offer(&SmInfoRecord { lid, sm_info: SmInfo { sm_key, ..manager.info } });
            }
        }
    }

    /// A port has no other GUIDs than its own, and room for as many as it says.
    fn guids(&self, into: &mut Gathering<'_>) {
        self.each_port(|_, port, _, lid| {
            if port.guid == Guid(0) {
                return;
            }
            for block_number in 0..port.info.guid_cap.div_ceil(GUID_BLOCK).max(1) {
                let mut guids = [Guid(0); 8];
                if block_number == 0 {
                    guids[0] = port.guid;
                }
                into.offer(&GuidInfoRecord { lid, block_number, guid_info: GuidInfo { guids } });
            }
        });
    }

    fn forwarding(&self, into: &mut Gathering<'_>) {
        self.each_port(|node, port, _, lid| {
            let (Some(switch), 0) = (&node.switch, port.number) else { return };
            for (block_number, block) in (0..).zip(switch.forwarding.chunks(FORWARDING_BLOCK)) {
                let mut ports = [LinearForwardingTable::NO_PORT; FORWARDING_BLOCK];
                ports[..block.len()].copy_from_slice(block);
                let linear_forwarding_table = LinearForwardingTable { ports };
                into.offer(&LinearForwardingTableRecord { lid, block_number, linear_forwarding_table });
            }
        });
    }

    fn multicast(&self, into: &mut Gathering<'_>) {
        self.each_port(|node, port, _, lid| {
            let (Some(switch), 0) = (&node.switch, port.number) else { return };
            let Some((last, _)) = switch.multicast.last_key_value() else { return };
            for block_number in 0..=last.0.saturating_sub(FIRST_MULTICAST) / MULTICAST_BLOCK {
                for position in 0..=node.info.number_of_ports / MULTICAST_PORTS {
                    let first = FIRST_MULTICAST + block_number * MULTICAST_BLOCK;
                    let mask = |place: usize| {
                        let mlid = Lid(first + place as u16);
                        switch.multicast.get(&mlid).map_or(0, |mask| ports_of(mask, position))
                    };
                    let port_masks = core::array::from_fn(mask);
                    let multicast_forwarding_table = MulticastForwardingTable { port_masks };
                    into.offer(&MulticastForwardingTableRecord {
                        lid,
                        position,
                        block_number,
                        multicast_forwarding_table,
                    });
                }
            }
        });
    }

    /// Every block that a port's table has room for, if it has been written.
    fn p_keys(&self, into: &mut Gathering<'_>) {
        self.each_port(|node, port, _, lid| {
            let room = match &node.switch {
                Some(switch) if port.number > 0 => switch.info.partition_enforcement_capacity,
                _ => node.info.partition_capacity,
            };
            if port.p_keys.is_empty() {
                return;
            }
            let blocks = usize::from(room).max(port.p_keys.len()).div_ceil(P_KEY_BLOCK);
            for (block_number, place) in (0..).zip(0..blocks) {
                let given = port.p_keys.iter().skip(place * P_KEY_BLOCK);
                let mut p_keys = [PKey(0); P_KEY_BLOCK];
                p_keys.iter_mut().zip(given).for_each(|(to, from)| *to = *from);
                let p_key_table = PKeyTable { p_keys };
                into.offer(&PKeyTableRecord { lid, block_number, port_number: port.number, p_key_table });
            }
        });
    }

    /// A channel adapter has one mapping, which no number of a port is needed for: its LID names the port.
    fn lanes(&self, into: &mut Gathering<'_>) {
        self.each_port(|node, port, _, lid| {
            if !port.is_up() {
                return;
            }
            let is_switch = node.is_switch();
            let last = if is_switch { node.info.number_of_ports } else { 0 };
            let output_port = if is_switch { port.number } else { 0 };
            let sl_to_vl_mapping = sl_to_vl(port.data_lanes());
            for input_port in 0..=last {
                into.offer(&SlToVlMappingRecord { lid, input_port, output_port, sl_to_vl_mapping });
            }
        });
    }
}

/// The 16 ports from `position` × 16 on, of a mask of all.
fn ports_of(mask: &[u64; 4], position: u8) -> u16 {
    let word = mask[usize::from(position / 4) & 3];
    (word >> (u32::from(position % 4) * 16)) as u16
}
