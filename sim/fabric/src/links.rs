//! Links and nodes that fail and return, and changes that an operator makes at a node.

use core::time::Duration;

use ib_mad::wire::{LocalChangeFlags, NodeDescription, PortPhysicalState};
use ib_mad::{Guid, Lid};
use topology::{End, NodeIndex};

use crate::error::FabricError;
use crate::fabric::Fabric;
use crate::node::{Conduct, Node};
use crate::port::PortId;
use crate::traps::PortTrouble;

impl Fabric {
    /// Pull the cable at a port. What is on the link is lost; the switches at its ends tell the manager.
    ///
    /// # Errors
    /// When the node has no such port, or the port no cable.
    pub fn cut(&mut self, now: Duration, end: End) -> Result<(), FabricError> {
        self.plug(now, end, false)
    }

    /// Plug the cable at a port in again.
    ///
    /// # Errors
    /// When the node has no such port, or the port no cable.
    pub fn restore(&mut self, now: Duration, end: End) -> Result<(), FabricError> {
        self.plug(now, end, true)
    }

    fn plug(&mut self, now: Duration, end: End, is_in: bool) -> Result<(), FabricError> {
        self.advance(now);
        let (port, _) = self.link_at(end)?;
        self.set_plugged(port, is_in);
        Ok(())
    }

    /// Both ends of the cable at a port.
    pub(crate) fn link_at(&self, end: End) -> Result<(PortId, PortId), FabricError> {
        let port = self.port_at(end)?;
        let peer = self.port(port).peer;
        Ok((port, peer.ok_or(FabricError::NoLink { node: end.node.get(), port: end.port })?))
    }

    pub(crate) fn set_plugged(&mut self, port: PortId, is_in: bool) {
        let Some(peer) = self.port(port).peer else { return };
        for end in [port, peer] {
            self.port_mut(end).is_cut = !is_in;
        }
        self.settle_link(port, false);
    }

    /// Have a link go down and up, `changes` times in all, each time for as long as `every`.
    ///
    /// # Errors
    /// When the node has no such port, or the port no cable.
    pub fn flap(
        &mut self,
        now: Duration,
        end: End,
        every: Duration,
        changes: u32,
    ) -> Result<(), FabricError> {
        self.advance(now);
        let (port, _) = self.link_at(end)?;
        self.flaps.insert(port, every.max(Duration::from_nanos(1)));
        self.flap_once(port, changes);
        Ok(())
    }

    pub(crate) fn flap_once(&mut self, port: PortId, left: u32) {
        let (Some(every), true) = (self.flaps.get(&port).copied(), left > 0) else { return };
        let is_cut = self.port(port).is_cut;
        self.set_plugged(port, is_cut);
        if left == 1 {
            self.flaps.remove(&port);
        } else {
            let at = self.now.after(every);
            self.schedule.timer(at, crate::schedule::Timer::Flap(port, left - 1));
        }
    }

    /// Switch a node off or on. It comes back with nothing that a manager wrote; queue pairs and groups stay, and IsSM is
    /// as it was.
    ///
    /// # Panics
    /// When the node is one of another, larger topology.
    pub fn set_power(&mut self, now: Duration, node: NodeIndex, is_on: bool) {
        self.advance(now);
        let index = node.get() as u32;
        if self.node(index).is_on == is_on {
            return;
        }
        self.node_mut(index).is_on = is_on;
        if is_on {
            self.forget(index);
        }
        for port in self.ports_of(index) {
            self.settle_link(port, false);
        }
    }

    /// Switch a node off and on at once.
    ///
    /// # Panics
    /// When the node is one of another, larger topology.
    pub fn reset(&mut self, now: Duration, node: NodeIndex) {
        self.set_power(now, node, false);
        self.set_power(now, node, true);
    }

    fn forget(&mut self, index: u32) {
        let settings = self.settings;
        let kind = self.node(index).kind;
        self.node_mut(index).forget(&settings);
        for port in self.ports_of(index) {
            let is_manager = self.is_manager(port);
            let port = self.port_mut(port);
            port.forget(kind, &settings);
            if is_manager {
                port.info.capability_mask.0 |= ib_mad::wire::PortCapabilityMask::SM.0;
            }
        }
    }

    fn ports_of(&self, index: u32) -> impl Iterator<Item = PortId> + use<> {
        let node = self.node(index);
        let first = node.first.0;
        (0..=u32::from(node.ports - node.lowest())).map(move |offset| PortId(first + offset))
    }

    /// Tell a node's agent how to answer.
    ///
    /// # Panics
    /// When the node is one of another, larger topology.
    pub fn set_conduct(&mut self, node: NodeIndex, conduct: Conduct) {
        self.node_mut(node.get() as u32).conduct = conduct;
    }

    /// Give a node another description: trap 144 from each of its end ports.
    ///
    /// # Panics
    /// When the node is one of another, larger topology.
    pub fn set_description(&mut self, now: Duration, node: NodeIndex, description: &str) {
        self.advance(now);
        let node = self.node_mut(node.get() as u32);
        node.description = NodeDescription::new(description);
        for port in end_ports(node) {
            self.raise_local_changes(port, LocalChangeFlags::NODE_DESCRIPTION);
        }
    }

    /// Make a node part of another system: trap 145 from each of its end ports.
    ///
    /// # Panics
    /// When the node is one of another, larger topology.
    pub fn set_system_image_guid(&mut self, now: Duration, node: NodeIndex, guid: Guid) {
        self.advance(now);
        let node = self.node_mut(node.get() as u32);
        node.system_image_guid = guid;
        for port in end_ports(node) {
            self.raise_system_change(port, guid);
        }
    }

    /// Give a node another GUID, and its ports those that follow. Two nodes can have the same, as clones in a real
    /// fabric do.
    ///
    /// # Panics
    /// When the node is one of another, larger topology.
    pub fn set_node_guid(&mut self, node: NodeIndex, guid: Guid) {
        let index = node.get() as u32;
        let node = self.node_mut(index);
        node.guid = guid;
        let is_switch = node.switch.is_some();
        for port in self.ports_of(index) {
            let port = self.port_mut(port);
            let offset = if is_switch { 0 } else { u64::from(port.number) };
            port.guid = Guid(guid.0.wrapping_add(offset));
        }
    }

    /// Something happened at a port that the port would find by its counters: trap 129, 130 or 131.
    ///
    /// # Errors
    /// When the node has no such port.
    pub fn trouble(&mut self, now: Duration, end: End, trouble: PortTrouble) -> Result<(), FabricError> {
        self.advance(now);
        self.raise_trouble(self.port_at(end)?, trouble);
        Ok(())
    }

    /// Give an end port a LID, as a manager that ran before would have left it. Nothing else changes.
    pub fn set_lid(&mut self, port: crate::EndPort, lid: Lid, lmc: u8) {
        let info = &mut self.port_mut(port.0).info;
        (info.lid, info.lmc) = (lid, lmc & 7);
    }

    /// Take a link up or down, if its ends do not agree with what they should be. `quietly`: the end at `port` does not
    /// tell, since a manager wrote it.
    pub(crate) fn settle_link(&mut self, port: PortId, quietly: bool) {
        let Some(peer) = self.port(port).peer else { return };
        let admits = |id: PortId| {
            let port = self.port(id);
            !port.is_cut && port.admits_link() && self.node(port.node).is_on
        };
        let is_up = admits(port) && admits(peer);
        for end in [port, peer] {
            let this = self.port_mut(end);
            if this.is_up() == is_up {
                continue;
            }
            if is_up {
                this.initialize();
            } else if this.admits_link() {
                this.go_down(PortPhysicalState::POLLING);
            } else {
                let physical = this.info.port_physical_state;
                this.go_down(physical);
            }
            self.drop_waiting(end);
            if !(quietly && end == port) {
                self.port_state_changed(end);
            }
        }
    }

    /// A manager has the link of a port start anew.
    pub(crate) fn retrain(&mut self, port: PortId) {
        let Some(peer) = self.port(port).peer.filter(|_| self.port(port).is_up()) else { return };
        for end in [port, peer] {
            self.drop_waiting(end);
            let this = self.port_mut(end);
            this.go_down(PortPhysicalState::POLLING);
            this.initialize();
        }
        self.port_state_changed(peer);
    }
}

fn end_ports(node: &Node) -> Vec<PortId> {
    if node.switch.is_some() {
        vec![node.port(0)]
    } else {
        node.numbers().map(|number| node.port(number)).collect()
    }
}
