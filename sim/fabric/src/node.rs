//! A node: what its ports share.

use ib_mad::wire::{LinearForwardingTable, NodeDescription, NodeInfo, NodeType, SwitchInfo};
use ib_mad::{Guid, Lid};
use topology::{NodeIndex, NodeKind};

use crate::port::{PARTITIONS, PortId, SWITCH_PARTITIONS};
use crate::settings::Settings;
use crate::traps::Traps;

/// LIDs in a block of the linear forwarding table.
const BLOCK: usize = 64;
/// LIDs that a linear forwarding table can have: all of a subnet's.
pub(crate) const LINEAR_CAPACITY: u16 = 0xC000;
const FIRST_MULTICAST: u16 = 0xC000;

/// A node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) index: NodeIndex,
    pub(crate) kind: NodeKind,
    /// Ports, port 0 of a switch not counted.
    pub(crate) ports: u8,
    pub(crate) first: PortId,
    pub(crate) guid: Guid,
    pub(crate) system_image_guid: Guid,
    pub(crate) vendor_id: u32,
    pub(crate) device_id: u16,
    pub(crate) description: NodeDescription,
    /// Whether it is switched on.
    pub(crate) is_on: bool,
    pub(crate) conduct: Conduct,
    pub(crate) switch: Option<Box<Switch>>,
    pub(crate) traps: Traps,
}

/// How a node's agent answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conduct {
    /// As it should.
    #[default]
    Proper,
    /// Not at all.
    Silent,
    /// Later than it should, by this time.
    Late(core::time::Duration),
    /// With another transaction id than the request's.
    WrongTransaction,
}

/// What a switch forwards by. Tables are as long as what was written to them.
#[derive(Clone, Debug)]
pub(crate) struct Switch {
    /// SwitchInfo, but for the change of a port's state.
    pub(crate) info: SwitchInfo,
    linear: Vec<u8>,
    /// For each multicast LID a mask of the ports, sixteen in each number.
    multicast: Vec<u16>,
    /// Numbers for each multicast LID.
    positions: usize,
}

impl Node {
    /// Number of its lowest port.
    pub(crate) fn lowest(&self) -> u8 {
        u8::from(self.kind != NodeKind::Switch)
    }

    pub(crate) fn has_port(&self, number: u8) -> bool {
        number >= self.lowest() && number <= self.ports
    }

    /// The port with a number that the node has.
    pub(crate) fn port(&self, number: u8) -> PortId {
        PortId(self.first.0 + u32::from(number.saturating_sub(self.lowest())))
    }

    /// The numbers of its ports.
    pub(crate) fn numbers(&self) -> core::ops::RangeInclusive<u8> {
        self.lowest()..=self.ports
    }

    /// The port whose LID, keys and tables count for what arrives at a port: of a switch its port 0.
    pub(crate) fn end_port(&self, number: u8) -> PortId {
        self.port(if self.kind == NodeKind::Switch { 0 } else { number })
    }

    pub(crate) fn info(&self, arrival: u8, port_guid: Guid) -> NodeInfo {
        let (node_type, partition_capacity) = match self.kind {
            NodeKind::Host => (NodeType::ChannelAdapter, PARTITIONS),
            NodeKind::Switch => (NodeType::Switch, SWITCH_PARTITIONS),
            NodeKind::Router => (NodeType::Router, PARTITIONS),
        };
        NodeInfo {
            base_version: 1,
            class_version: 1,
            node_type,
            number_of_ports: self.ports,
            system_image_guid: self.system_image_guid,
            node_guid: self.guid,
            port_guid,
            partition_capacity,
            device_id: self.device_id,
            revision: 0xA1,
            local_port_number: arrival,
            vendor_id: self.vendor_id,
        }
    }

    /// Whoever forgets everything: it was switched off.
    pub(crate) fn forget(&mut self, settings: &Settings) {
        self.traps = Traps::default();
        if let Some(switch) = &mut self.switch {
            **switch = Switch::new(self.ports, settings);
        }
    }
}

impl Switch {
    pub(crate) fn new(ports: u8, settings: &Settings) -> Self {
        let info = SwitchInfo {
            linear_fdb_capacity: LINEAR_CAPACITY,
            multicast_fdb_capacity: settings.multicast_capacity,
            partition_enforcement_capacity: PARTITIONS,
            inbound_enforcement_capable: true,
            outbound_enforcement_capable: true,
            ..SwitchInfo::default()
        };
        Self { info, linear: Vec::new(), multicast: Vec::new(), positions: usize::from(ports) / 16 + 1 }
    }

    /// Where packets to a LID go.
    pub(crate) fn output(&self, lid: Lid) -> Option<u8> {
        if lid.0 > self.info.linear_fdb_top {
            return None;
        }
        self.linear.get(usize::from(lid.0)).copied().filter(|port| *port != LinearForwardingTable::NO_PORT)
    }

    pub(crate) fn linear_block(&self, block: u16) -> LinearForwardingTable {
        let first = usize::from(block) * BLOCK;
        let mut table = LinearForwardingTable::default();
        if let Some(ports) = self.linear.get(first..first + BLOCK) {
            table.ports.copy_from_slice(ports);
        }
        table
    }

    pub(crate) fn set_linear_block(&mut self, block: u16, table: &LinearForwardingTable) {
        let first = usize::from(block) * BLOCK;
        if self.linear.len() < first + BLOCK {
            self.linear.resize(first + BLOCK, LinearForwardingTable::NO_PORT);
        }
        self.linear[first..first + BLOCK].copy_from_slice(&table.ports);
    }

    /// Numbers of sixteen ports each.
    pub(crate) fn positions(&self) -> usize {
        self.positions
    }

    /// One number of the masks of 32 multicast LIDs.
    pub(crate) fn multicast_block(&self, block: usize, position: usize) -> [u16; 32] {
        core::array::from_fn(|entry| {
            let place = (block * 32 + entry) * self.positions + position;
            self.multicast.get(place).copied().unwrap_or(0)
        })
    }

    pub(crate) fn set_multicast_block(&mut self, block: usize, position: usize, masks: &[u16; 32]) {
        let end = (block + 1) * 32 * self.positions;
        if self.multicast.len() < end {
            self.multicast.resize(end, 0);
        }
        for (entry, mask) in masks.iter().enumerate() {
            self.multicast[(block * 32 + entry) * self.positions + position] = *mask;
        }
    }

    /// Whether packets to a multicast LID go to a port.
    pub(crate) fn sends_multicast(&self, lid: Lid, port: u8) -> bool {
        let place =
            usize::from(lid.0.saturating_sub(FIRST_MULTICAST)) * self.positions + usize::from(port) / 16;
        self.multicast.get(place).is_some_and(|mask| mask >> (port % 16) & 1 != 0)
    }

    /// Whether a multicast LID has an entry.
    pub(crate) fn has_multicast(&self, lid: Lid) -> bool {
        let first = usize::from(lid.0.saturating_sub(FIRST_MULTICAST)) * self.positions;
        self.multicast
            .get(first..first + self.positions)
            .is_some_and(|masks| masks.iter().any(|mask| *mask != 0))
    }
}
