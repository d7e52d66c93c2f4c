//! The way of a packet from port to port.

use ib_mad::Lid;
use ib_mad::wire::PortState;

use crate::directed_route::{self, Step};
use crate::drops::DropReason;
use crate::fabric::Fabric;
use crate::packet::Payload;
use crate::pool::PacketId;
use crate::port::PortId;

/// The lane of subnet management.
pub(crate) const MANAGEMENT_LANE: u8 = 15;
/// Bytes of the headers of a datagram, and of its global route.
const HEADERS: usize = 8 + 12 + 8 + 6;
const GLOBAL_HEADER: usize = 40;

impl Fabric {
    /// A packet starts at an end port.
    pub(crate) fn originate(&mut self, from: PortId, id: PacketId) {
        let packet = &self.packets[id].packet;
        let (to, level) = (packet.destination_lid, packet.service_level);
        if packet.is_directed() && to == Lid::PERMISSIVE {
            return self.start_directed(from, id);
        }
        let port = self.port(from);
        if self.node(port.node).switch.is_some() {
            return self.forward(from, id);
        }
        if port.has_lid(to) {
            return self.deliver(from, id);
        }
        let lane = if packet.is_subnet_management() { MANAGEMENT_LANE } else { port.lane(0, level) };
        if lane != MANAGEMENT_LANE && !port.operates(lane)
            || lane == MANAGEMENT_LANE && !packet.is_subnet_management()
        {
            return self.discard(id, DropReason::NoLane);
        }
        self.transmit(from, id, lane);
    }

    /// A packet comes out of a link.
    pub(crate) fn arrive(&mut self, at: PortId, id: PacketId) {
        let Some(sender) = self.port(at).peer else { return self.discard(id, DropReason::LinkCut) };
        let sender_is_active = self.port(sender).is_active();
        let traveller = &mut self.packets[id];
        traveller.hops = traveller.hops.saturating_add(1);
        let hops = traveller.hops;
        let packet = &traveller.packet;
        let (to, is_management, is_directed) =
            (packet.destination_lid, packet.is_subnet_management(), packet.is_directed());
        let words = words(packet.payload.as_bytes().len(), packet.global_route.is_some());
        let limit = self.settings.hop_limit;
        let port = self.port_mut(at);
        if !port.is_up() {
            return self.discard(id, DropReason::LinkCut);
        }
        if !is_management {
            // Who is Active talks to who is Active.
            if port.info.port_state == PortState::ARMED && sender_is_active {
                port.info.port_state = PortState::ACTIVE;
                self.port_state_changed(at);
            }
            if !self.port(at).is_active() {
                return self.discard(id, DropReason::PortNotActive);
            }
        }
        let port = self.port_mut(at);
        port.traffic.received = port.traffic.received.wrapping_add(1);
        port.traffic.received_words = port.traffic.received_words.wrapping_add(words);
        let node = port.node;
        if hops > limit {
            return self.discard(id, DropReason::HopLimit);
        }
        if is_directed && to == Lid::PERMISSIVE {
            self.pass_directed(at, id);
        } else if self.node(node).switch.is_some() {
            self.forward(at, id);
        } else {
            self.deliver(at, id);
        }
    }

    /// A switch sends a packet on by its tables.
    pub(crate) fn forward(&mut self, from: PortId, id: PacketId) {
        let packet = &self.packets[id].packet;
        let (to, level, key) = (packet.destination_lid, packet.service_level, packet.p_key);
        let is_management = packet.is_subnet_management();
        let input = self.port(from);
        let (node_index, input_number) = (input.node, input.number);
        let enforces = input.info.partition_enforcement_inbound && input_number != 0;
        if !is_management && enforces && !input.is_in_partition(key) {
            return self.refuse_at_switch(from, id);
        }
        if to.is_multicast() {
            return self.forward_multicast(from, id);
        }
        let node = self.node(node_index);
        let output = node.switch.as_ref().and_then(|switch| switch.output(to));
        let Some(output) = output.filter(|output| *output <= node.ports) else {
            self.count_relay_error(from);
            return self.discard(id, DropReason::NoRoute);
        };
        let out = node.port(output);
        if output == 0 {
            return self.deliver(out, id);
        }
        if output == input_number {
            self.count_relay_error(from);
            return self.discard(id, DropReason::Looping);
        }
        let lane = if is_management { Some(MANAGEMENT_LANE) } else { self.output_lane(from, out, level) };
        match lane {
            Some(_) if !is_management && self.enforces_outbound(out, key) => self.refuse_at_switch(out, id),
            Some(lane) => self.transmit(out, id, lane),
            None => self.discard(id, DropReason::NoLane),
        }
    }

    /// Copies to every port of the group but the one that the packet came in by.
    fn forward_multicast(&mut self, from: PortId, id: PacketId) {
        let packet = &self.packets[id].packet;
        let (to, level, key) = (packet.destination_lid, packet.service_level, packet.p_key);
        let (node_index, input) = (self.port(from).node, self.port(from).number);
        let node = self.node(node_index);
        let Some(switch) = &node.switch else { return self.discard(id, DropReason::NoMulticastRoute) };
        let ports = node.ports;
        let mut outputs = [0_u64; 4];
        if switch.has_multicast(to) {
            for number in (0..=ports).filter(|number| *number != input && switch.sends_multicast(to, *number))
            {
                outputs[usize::from(number / 64)] |= 1 << (number % 64);
            }
        } else {
            let info = &switch.info;
            let primary = info.default_multicast_primary_port;
            let number = if input == primary { info.default_multicast_not_primary_port } else { primary };
            if number != 0 && number != input && number <= ports {
                outputs[usize::from(number / 64)] |= 1 << (number % 64);
            }
        }
        let mut left = outputs.iter().map(|mask| mask.count_ones()).sum::<u32>();
        if left == 0 {
            self.count_relay_error(from);
            return self.discard(id, DropReason::NoMulticastRoute);
        }
        for number in (0..=ports).filter(|number| outputs[usize::from(number / 64)] >> (number % 64) & 1 != 0)
        {
            left -= 1;
            let copy = if left == 0 { Some(id) } else { self.packets.copy(id) };
            let Some(copy) = copy else {
                self.drops.add(DropReason::PacketLimit);
                continue;
            };
            let out = self.node(node_index).port(number);
            if number == 0 {
                self.deliver(out, copy);
                continue;
            }
            match self.output_lane(from, out, level) {
                Some(_) if self.enforces_outbound(out, key) => self.refuse_at_switch(out, copy),
                Some(lane) => self.transmit(out, copy, lane),
                None => self.discard(copy, DropReason::NoLane),
            }
        }
    }

    fn output_lane(&self, from: PortId, out: PortId, level: ib_mad::ServiceLevel) -> Option<u8> {
        let output = self.port(out);
        let lane = self.port(from).lane(output.number, level);
        (lane != MANAGEMENT_LANE && output.operates(lane)).then_some(lane)
    }

    fn enforces_outbound(&self, out: PortId, key: ib_mad::PKey) -> bool {
        let port = self.port(out);
        port.info.partition_enforcement_outbound && !port.is_in_partition(key)
    }

    fn count_relay_error(&mut self, at: PortId) {
        let errors = &mut self.port_mut(at).traffic.relay_errors;
        *errors = errors.saturating_add(1);
    }

    /// Send a packet out of a port, now or when there are credits.
    pub(crate) fn transmit(&mut self, out: PortId, id: PacketId, lane: u8) {
        let port = self.port(out);
        let is_management = lane == MANAGEMENT_LANE;
        let reason = if !port.is_up() || port.peer.is_none() {
            Some(DropReason::PortDown)
        } else if !is_management && !port.is_active() {
            Some(DropReason::PortNotActive)
        } else if self.packets[id].packet.payload.as_bytes().len()
            > usize::from(port.info.neighbor_mtu.bytes().unwrap_or(256))
        {
            Some(DropReason::TooLarge)
        } else {
            None
        };
        if let Some(reason) = reason {
            let discards = &mut self.port_mut(out).traffic.sent_discards;
            *discards = discards.saturating_add(1);
            return self.discard(id, reason);
        }
        if is_management {
            self.release(id);
            self.launch(out, id, lane);
        } else {
            self.launch_with_credit(out, id, lane);
        }
    }

    /// Put a packet on the link of a port.
    pub(crate) fn launch(&mut self, out: PortId, id: PacketId, lane: u8) {
        let traveller = &mut self.packets[id];
        traveller.lane = lane;
        let packet = &traveller.packet;
        let words = words(packet.payload.as_bytes().len(), packet.global_route.is_some());
        let port = self.port_mut(out);
        port.traffic.sent = port.traffic.sent.wrapping_add(1);
        port.traffic.sent_words = port.traffic.sent_words.wrapping_add(words);
        let Some(peer) = port.peer else { return self.discard(id, DropReason::PortDown) };
        if port.has_faults {
            return self.launch_with_faults(out, peer, id);
        }
        let at = self.now.after(self.settings.hop_latency);
        self.schedule.arrival(at, id, peer);
    }

    /// A directed route starts at its sender.
    fn start_directed(&mut self, from: PortId, id: PacketId) {
        let Payload::Mad(mad) = &mut self.packets[id].packet.payload else {
            return self.discard(id, DropReason::Malformed);
        };
        let step = directed_route::start(mad);
        self.take_step(from, id, step);
    }

    /// A directed route comes to a node.
    pub(crate) fn pass_directed(&mut self, at: PortId, id: PacketId) {
        let (node, number) = (self.port(at).node, self.port(at).number);
        let is_switch = self.node(node).switch.is_some();
        let Payload::Mad(mad) = &mut self.packets[id].packet.payload else {
            return self.discard(id, DropReason::Malformed);
        };
        let step = directed_route::arrive(mad, is_switch, number);
        self.take_step(at, id, step);
    }

    /// Where a directed route goes from the port at which it started or came in.
    pub(crate) fn take_step(&mut self, at: PortId, id: PacketId, step: Step) {
        let (index, number) = (self.port(at).node, self.port(at).number);
        let node = self.node(index);
        match step {
            Step::Arrived => self.handle_smp(at, id),
            // An adapter sends only by the port that the packet is at.
            Step::Leave(out)
                if out != 0 && node.has_port(out) && (node.switch.is_some() || out == number) =>
            {
                let out = node.port(out);
                self.packets[id].packet.destination_lid = Lid::PERMISSIVE;
                self.transmit(out, id, MANAGEMENT_LANE);
            }
            Step::ToLid(lid) if node.switch.is_some() => {
                let own = node.port(0);
                let source = self.port(own).info.lid;
                let packet = &mut self.packets[id].packet;
                (packet.destination_lid, packet.source_lid) = (lid, source);
                self.forward(own, id);
            }
            Step::Leave(_) | Step::ToLid(_) | Step::Discard => self.discard(id, DropReason::DirectedRoute),
        }
    }
}

/// What a packet counts for, in words of four bytes.
fn words(payload: usize, is_global: bool) -> u64 {
    let global = if is_global { GLOBAL_HEADER } else { 0 };
    ((payload + HEADERS + global) / 4) as u64
}
