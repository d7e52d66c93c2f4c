use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use ib_mad::wire::{PortInfo, SmInfo};
use ib_mad::{Gid, Guid, Lid, PKey};
use path_record::dense::ServiceLevelMatrix;

use super::partitions::shared_keys;
use super::{EndPort, Node, NodeIndex, Partitions, Port, SubnetError};

/// A subnet manager that runs in the subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KnownManager {
    /// Its port.
    pub port: EndPort,
    /// What it says of itself.
    pub info: SmInfo,
}

/// LIDs that there are for ports, 0 among them.
const UNICAST_LIDS: usize = 0xC000;

/// What a manager knows of its subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    prefix: u64,
    nodes: Vec<Node>,
    by_guid: BTreeMap<Guid, NodeIndex>,
    by_port_guid: BTreeMap<Guid, EndPort>,
    /// The owner of each LID, from 0.
    lids: Vec<Option<EndPort>>,
    /// The switches, in the order in which the service levels have them.
    switches: Vec<NodeIndex>,
    /// The place of each node among the switches.
    ordinals: Vec<Option<u16>>,
    service_levels: ServiceLevelMatrix,
    /// The partitions that its ports are to be in.
    pub partitions: Partitions,
    /// The manager's own port.
    pub manager_port: Option<EndPort>,
    /// Every manager that runs, this one too.
    pub managers: Vec<KnownManager>,
}

impl Subnet {
    /// An empty subnet with this GID prefix.
    pub fn new(prefix: u64) -> Self {
        Self {
            prefix,
            nodes: Vec::new(),
            by_guid: BTreeMap::new(),
            by_port_guid: BTreeMap::new(),
            lids: vec![None; UNICAST_LIDS],
            switches: Vec::new(),
            ordinals: Vec::new(),
            service_levels: ServiceLevelMatrix::new(0),
            partitions: Partitions::default(),
            manager_port: None,
            managers: Vec::new(),
        }
    }

    /// The upper half of its ports' GIDs.
    pub fn prefix(&self) -> u64 {
        self.prefix
    }

    /// Take a node in. Its end ports that have GUIDs are found by them, and their LIDs by
    /// [`assign_lid`](Self::assign_lid).
    ///
    /// # Errors
    /// When a node or a port with one of its GUIDs is in the subnet already; it stays as it was.
    pub fn add_node(&mut self, node: Node) -> Result<NodeIndex, SubnetError> {
        let guid = node.info.node_guid;
        if self.by_guid.contains_key(&guid) {
            return Err(SubnetError::DuplicateNode(guid));
        }
        let guids = || node.end_ports().iter().map(|port| port.guid).filter(|guid| guid.0 != 0);
        if let Some(guid) = guids().find(|guid| self.by_port_guid.contains_key(guid)) {
            return Err(SubnetError::DuplicatePort(guid));
        }
        // A subnet has fewer nodes than LIDs.
        let index = NodeIndex(self.nodes.len() as u32);
        self.by_guid.insert(guid, index);
        for port in node.end_ports().iter().filter(|port| port.guid.0 != 0) {
            self.by_port_guid.insert(port.guid, EndPort { node: index, port: port.number });
        }
        let ordinal = if node.is_switch() { u16::try_from(self.switches.len()).ok() } else { None };
        if ordinal.is_some() {
            self.switches.push(index);
        }
        self.ordinals.push(ordinal);
        self.nodes.push(node);
        Ok(index)
    }

    /// Say what a port is: its GUID (0 on a switch's port other than port 0) and its settings. A LID in them does not
    /// count: [`assign_lid`](Self::assign_lid) does.
    ///
    /// # Errors
    /// When there is no such port, or another one has the GUID.
    pub fn set_port(&mut self, at: EndPort, guid: Guid, info: PortInfo) -> Result<(), SubnetError> {
        if guid.0 != 0 {
            match self.by_port_guid.get(&guid) {
                Some(owner) if *owner != at => return Err(SubnetError::DuplicatePort(guid)),
                _ => {}
            }
        }
        let port = self.port_mut(at).ok_or(SubnetError::NoSuchPort(at))?;
        let old = core::mem::replace(&mut port.guid, guid);
        port.info = PortInfo { lid: port.info.lid, lmc: port.info.lmc, ..info };
        self.by_port_guid.remove(&old);
        if guid.0 != 0 {
            self.by_port_guid.insert(guid, at);
        }
        Ok(())
    }

    /// Link two ports.
    ///
    /// # Errors
    /// When one of them is not there or linked already, or both are the same.
    pub fn connect(&mut self, one: EndPort, other: EndPort) -> Result<(), SubnetError> {
        if one == other {
            return Err(SubnetError::LinkedToItself(one));
        }
        for (end, far) in [(one, other), (other, one)] {
            let port = self.port(end).ok_or(SubnetError::NoSuchPort(end))?;
            if port.neighbor.is_some_and(|neighbor| neighbor != far) {
                return Err(SubnetError::Linked(end));
            }
        }
        for (end, far) in [(one, other), (other, one)] {
            if let Some(port) = self.port_mut(end) {
                port.neighbor = Some(far);
            }
        }
        Ok(())
    }

    /// Give a port `2^lmc` LIDs from `lid` on, in the place of those that it has.
    ///
    /// # Errors
    /// When there is no such port, no port can have these LIDs, or another one has one of them.
    pub fn assign_lid(&mut self, at: EndPort, lid: Lid, lmc: u8) -> Result<(), SubnetError> {
        let port = self.port(at).ok_or(SubnetError::NoSuchPort(at))?;
        let (old, old_lmc) = (port.info.lid, port.info.lmc);
        let count = 1u16 << lmc.min(7);
        let last = lid.0.checked_add(count - 1).map(Lid);
        if lmc > 7 || !lid.0.is_multiple_of(count) || !lid.is_unicast() || !last.is_some_and(Lid::is_unicast)
        {
            return Err(SubnetError::BadLid { lid, lmc });
        }
        let wanted = usize::from(lid.0)..usize::from(lid.0) + usize::from(count);
        let taken = wanted
            .clone()
            .find_map(|lid| self.lids[lid].filter(|owner| *owner != at).map(|owner| (lid, owner)));
        if let Some((lid, owner)) = taken {
            return Err(SubnetError::LidTaken { lid: Lid(lid as u16), owner });
        }
        self.release(at, old, old_lmc);
        self.lids[wanted].fill(Some(at));
        if let Some(port) = self.port_mut(at) {
            (port.info.lid, port.info.lmc) = (lid, lmc);
        }
        Ok(())
    }

    /// Take a port's LIDs away.
    pub fn forget_lid(&mut self, at: EndPort) {
        let Some(port) = self.port_mut(at) else { return };
        let (lid, lmc) = (core::mem::take(&mut port.info.lid), core::mem::take(&mut port.info.lmc));
        self.release(at, lid, lmc);
    }

    fn release(&mut self, at: EndPort, lid: Lid, lmc: u8) {
        let first = usize::from(lid.0).min(UNICAST_LIDS);
        let last = (first + (1 << lmc.min(7))).min(UNICAST_LIDS);
        for owner in &mut self.lids[first..last] {
            if *owner == Some(at) {
                *owner = None;
            }
        }
    }

    /// The nodes, in the order of their indices.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (NodeIndex, &Node)> {
        self.nodes.iter().enumerate().map(|(index, node)| (NodeIndex(index as u32), node))
    }

    /// A node.
    pub fn node(&self, index: NodeIndex) -> Option<&Node> {
        self.nodes.get(index.0 as usize)
    }

    /// A node, to change what nothing finds it by.
    pub fn node_mut(&mut self, index: NodeIndex) -> Option<&mut Node> {
        self.nodes.get_mut(index.0 as usize)
    }

    /// The node with a GUID.
    pub fn node_by_guid(&self, guid: Guid) -> Option<NodeIndex> {
        self.by_guid.get(&guid).copied()
    }

    /// A port.
    pub fn port(&self, at: EndPort) -> Option<&Port> {
        self.node(at.node)?.port(at.port)
    }

    /// A port, to change what nothing finds it by.
    pub fn port_mut(&mut self, at: EndPort) -> Option<&mut Port> {
        self.node_mut(at.node)?.port_mut(at.port)
    }

    /// The port that a LID names.
    pub fn end_port(&self, lid: Lid) -> Option<EndPort> {
        self.lids.get(usize::from(lid.0)).copied().flatten()
    }

    /// The end port with a GUID.
    pub fn end_port_by_guid(&self, guid: Guid) -> Option<EndPort> {
        self.by_port_guid.get(&guid).copied()
    }

    /// The end port with a GID: one with the subnet's prefix.
    pub fn end_port_by_gid(&self, gid: Gid) -> Option<EndPort> {
        (gid.prefix() == self.prefix).then(|| self.end_port_by_guid(gid.guid())).flatten()
    }

    /// The GID of an end port.
    pub fn gid(&self, at: EndPort) -> Option<Gid> {
        self.port(at).filter(|port| port.guid.0 != 0).map(|port| Gid::new(self.prefix, port.guid))
    }

    /// The end ports that are known by a GUID, in the order of the GUIDs.
    pub fn end_ports(&self) -> impl Iterator<Item = (Guid, EndPort)> {
        self.by_port_guid.iter().map(|(guid, at)| (*guid, *at))
    }

    /// The end ports that have LIDs, in the order of the LIDs, each once: its base LID, and where it is.
    pub fn lids(&self) -> impl Iterator<Item = (Lid, EndPort)> {
        let owned = self.lids.iter().enumerate().filter_map(|(lid, at)| at.map(|at| (Lid(lid as u16), at)));
        owned.filter(|(lid, at)| self.port(*at).is_some_and(|port| port.info.lid == *lid))
    }

    /// The largest LID that a port has; [`Lid::UNASSIGNED`] when none has any.
    pub fn last_lid(&self) -> Lid {
        self.lids.iter().rposition(Option::is_some).map_or(Lid::UNASSIGNED, |lid| Lid(lid as u16))
    }

    /// The switches, in the order in which [`service_levels`](Self::service_levels) has them.
    pub fn switches(&self) -> &[NodeIndex] {
        &self.switches
    }

    /// The place of a switch in that order.
    pub fn switch_ordinal(&self, node: NodeIndex) -> Option<u16> {
        self.ordinals.get(node.0 as usize).copied().flatten()
    }

    /// The service level from each switch to each other one.
    pub fn service_levels(&self) -> &ServiceLevelMatrix {
        &self.service_levels
    }

    /// Take over the service levels of a routing.
    pub fn set_service_levels(&mut self, levels: ServiceLevelMatrix) {
        self.service_levels = levels;
    }

    /// The keys by which two end ports may talk, as the first one has them.
    pub fn shared_p_keys(&self, one: EndPort, other: EndPort) -> impl Iterator<Item = PKey> + '_ {
        let keys = |at| self.port(at).map_or(&[][..], |port| &port.p_keys);
        shared_keys(keys(one), keys(other))
    }

    /// This manager, as it says of itself.
    pub fn master(&self) -> Option<&KnownManager> {
        self.managers.iter().find(|manager| Some(manager.port) == self.manager_port)
    }
}
