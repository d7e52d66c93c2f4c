//! The fabric as a machine: packets in, time, packets out.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use ib_mad::wire::{PortInfo, PortState, SwitchInfo};
use ib_mad::{Guid, Lid, PKey};
use sim::Random;
use topology::{End, NodeIndex, NodeKind, Topology};

use crate::attachment::Attachment;
use crate::credits::Credits;
use crate::drops::{DropReason, Drops};
use crate::error::FabricError;
use crate::faults::LinkFaults;
use crate::node::Node;
use crate::packet::{MAX_PAYLOAD, Packet};
use crate::pool::{PacketId, Pool};
use crate::port::{Port, PortId};
use crate::schedule::{Event, Instant, Schedule, Timer};
use crate::settings::Settings;

/// A port that packets start and end at: one of a host or a router, or port 0 of a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndPort(pub(crate) PortId);

/// A simulated fabric. The crate's documentation tells how to run it.
#[derive(Clone, Debug)]
pub struct Fabric {
    pub(crate) topology: Topology,
    pub(crate) settings: Settings,
    pub(crate) nodes: Vec<Node>,
    pub(crate) ports: Vec<Port>,
    pub(crate) packets: Pool,
    pub(crate) schedule: Schedule,
    pub(crate) now: Instant,
    pub(crate) trap_count: u64,
    pub(crate) random: Random,
    pub(crate) attachments: BTreeMap<PortId, Attachment>,
    pub(crate) ready: VecDeque<EndPort>,
    pub(crate) drops: Drops,
    pub(crate) delivered: u64,
    /// By one end of the link.
    pub(crate) link_faults: BTreeMap<PortId, LinkFaults>,
    /// Links that go down and up on purpose, and how long they stay each way.
    pub(crate) flaps: BTreeMap<PortId, Duration>,
    pub(crate) credits: Option<Credits>,
}

impl Fabric {
    /// The topology that it was made of.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// The end port of a node, by the node's name or its description. Of a switch it is port 0, whatever `port` says; of
    /// others `port` counts from 1. `None` when there is no such node or port.
    pub fn end_port(&self, node: &str, port: u8) -> Option<EndPort> {
        self.end_port_of(self.topology.find(node)?, port)
    }

    /// The end port of a node of the topology. Of a switch it is port 0, whatever `port` says.
    pub fn end_port_of(&self, node: NodeIndex, port: u8) -> Option<EndPort> {
        let node = self.nodes.get(node.get())?;
        let number = if node.kind == NodeKind::Switch { 0 } else { port };
        node.has_port(number).then(|| EndPort(node.port(number)))
    }

    /// All end ports, in the order of the topology.
    pub fn end_ports(&self) -> impl Iterator<Item = EndPort> + '_ {
        self.nodes.iter().flat_map(|node| {
            let last = if node.kind == NodeKind::Switch { 0 } else { node.ports };
            (node.lowest()..=last).map(|number| EndPort(node.port(number)))
        })
    }

    /// GUID of an end port.
    pub fn guid(&self, port: EndPort) -> Guid {
        self.port(port.0).guid
    }

    /// PortInfo of an end port, as the port itself reads it.
    pub fn port_info(&self, port: EndPort) -> PortInfo {
        let port = self.port(port.0);
        PortInfo { local_port_number: port.number, ..port.info }
    }

    /// How often a manager has asked whoever is behind an end port to register anew with subnet administration: a Set of
    /// PortInfo.ClientReregister (IBTA volume 1, 14.4.11).
    pub fn reregistrations(&self, port: EndPort) -> u32 {
        self.port(port.0).reregistrations
    }

    /// An entry of the partition table of an end port; the first is that of a program that chooses none.
    pub fn p_key(&self, port: EndPort, index: usize) -> PKey {
        self.port(port.0).p_key(index)
    }

    /// State of any port of a node: what is written on its light.
    ///
    /// # Errors
    /// When the node has no such port.
    pub fn port_state(&self, end: End) -> Result<PortState, FabricError> {
        Ok(self.port(self.port_at(end)?).info.port_state)
    }

    /// SwitchInfo of a node that is a switch.
    pub fn switch_info(&self, node: NodeIndex) -> Option<SwitchInfo> {
        Some(self.nodes.get(node.get())?.switch.as_ref()?.info)
    }

    /// Packets dropped so far, by reason.
    pub fn drops(&self) -> &Drops {
        &self.drops
    }

    /// Packets given to end ports so far.
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Packets in the fabric, those among them that nobody received yet.
    pub fn in_flight(&self) -> usize {
        self.packets.len()
    }

    /// Whether packets are on their way, as opposed to waiting: for their receiver, for credits, or for ever.
    pub fn is_moving(&self) -> bool {
        self.schedule.is_moving()
    }

    /// Send a packet from an end port. What becomes of it, it and [`drops`](Self::drops) show.
    pub fn send(&mut self, now: Duration, from: EndPort, packet: &Packet) {
        self.advance(now);
        if packet.payload.as_bytes().len() > MAX_PAYLOAD {
            return self.drops.add(DropReason::TooLarge);
        }
        self.originate_new(from.0, packet.clone());
    }

    /// When [`advance`](Self::advance) is to be called next; `None` while nothing will happen.
    pub fn next_event(&self) -> Option<Duration> {
        self.schedule.next().map(Duration::from)
    }

    /// Let everything happen that happens by `now`. A `now` that goes back counts as no time passed.
    pub fn advance(&mut self, now: Duration) {
        let now = Instant::from(now).max(self.now);
        while let Some((at, event)) = self.schedule.pop(now) {
            self.now = at.max(self.now);
            match event {
                Event::Arrival(id, port) | Event::Timer(Timer::Arrival(id, port)) => self.arrive(port, id),
                Event::Answer(id, port) | Event::Timer(Timer::Answer(id, port)) => self.answer(port, id),
                Event::Timer(Timer::Trap(node, timer)) => self.send_trap(node, timer),
                Event::Timer(Timer::Lease(port, lease)) => self.end_lease(port, lease),
                Event::Timer(Timer::Flap(port, left)) => self.flap_once(port, left),
                Event::Timer(Timer::HeadOfQueue(id, generation)) => self.give_up_waiting(id, generation),
            }
        }
        self.now = now;
    }

    /// Send a packet that is not in the fabric yet.
    pub(crate) fn originate_new(&mut self, from: PortId, mut packet: Packet) {
        let port = self.port(from);
        if !self.node(port.node).is_on {
            return self.drops.add(DropReason::NodeDown);
        }
        packet.source_lid = match port.info.lid {
            _ if packet.is_directed() && packet.destination_lid == Lid::PERMISSIVE => Lid::PERMISSIVE,
            _ => port.source_lid(packet.source_lid),
        };
        match self.packets.insert(packet) {
            Some(id) => self.originate(from, id),
            None => self.drops.add(DropReason::PacketLimit),
        }
    }

    /// Drop a packet.
    pub(crate) fn discard(&mut self, id: PacketId, reason: DropReason) {
        self.drops.add(reason);
        self.release(id);
        self.packets.remove(id);
    }

    pub(crate) fn node(&self, index: u32) -> &Node {
        &self.nodes[index as usize]
    }

    pub(crate) fn node_mut(&mut self, index: u32) -> &mut Node {
        &mut self.nodes[index as usize]
    }

    pub(crate) fn port(&self, id: PortId) -> &Port {
        &self.ports[id.0 as usize]
    }

    pub(crate) fn port_mut(&mut self, id: PortId) -> &mut Port {
        &mut self.ports[id.0 as usize]
    }

    /// Any port of a node.
    pub(crate) fn port_at(&self, end: End) -> Result<PortId, FabricError> {
        match self.nodes.get(end.node.get()) {
            Some(node) if node.has_port(end.port) => Ok(node.port(end.port)),
            node => Err(FabricError::NoSuchPort {
                node: end.node.get(),
                port: end.port,
                ports: node.map_or(0, |node| node.ports),
            }),
        }
    }
}
