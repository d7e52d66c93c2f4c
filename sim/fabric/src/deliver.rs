//! What an end port makes of a packet that came to it.

use ib_mad::wire::{KeyViolation, NoticeType, SwitchPKeyViolation, TrapDetails};
use ib_mad::{Gid, Lid, QKey, Qpn};

use crate::drops::DropReason;
use crate::fabric::Fabric;
use crate::packet::{MULTICAST_QPN, Packet};
use crate::pool::PacketId;
use crate::port::{PortId, matches};

impl Fabric {
    /// A packet came to an end port by its LID.
    pub(crate) fn deliver(&mut self, at: PortId, id: PacketId) {
        let traveller = &self.packets[id];
        let to = traveller.packet.destination_lid;
        if !to.is_multicast() && to != Lid::PERMISSIVE && !self.port(at).has_lid(to) {
            return self.discard(id, DropReason::DestinationLid);
        }
        self.release(id);
        let packet = &self.packets[id].packet;
        match packet.destination_qpn {
            Qpn::SUBNET_MANAGEMENT if packet.is_directed() => self.pass_mixed(at, id),
            Qpn::SUBNET_MANAGEMENT => self.handle_smp(at, id),
            _ if to.is_multicast() => self.deliver_multicast(at, id),
            Qpn::GENERAL_SERVICES => self.deliver_general(at, id),
            _ => self.deliver_to_queue_pair(at, id),
        }
    }

    fn deliver_general(&mut self, at: PortId, id: PacketId) {
        let packet = &self.packets[id].packet;
        if !self.port(at).is_in_partition(packet.p_key) {
            return self.refuse_p_key(at, id);
        }
        if packet.q_key != QKey::GENERAL_SERVICES {
            return self.refuse_q_key(at, id);
        }
        self.handle_general(at, id);
    }

    fn deliver_to_queue_pair(&mut self, at: PortId, id: PacketId) {
        let packet = &self.packets[id].packet;
        let attachment = self.attachments.get(&at);
        let queue_pair =
            attachment.and_then(|attachment| attachment.queue_pairs.get(&packet.destination_qpn));
        let Some(queue_pair) = queue_pair else { return self.discard(id, DropReason::NoQueuePair) };
        if !matches(queue_pair.p_key, packet.p_key) || !self.port(at).is_in_partition(packet.p_key) {
            return self.refuse_p_key(at, id);
        }
        if queue_pair.q_key != packet.q_key {
            return self.refuse_q_key(at, id);
        }
        self.hand_up(at, id);
    }

    /// A copy to every queue pair that is attached to the group.
    fn deliver_multicast(&mut self, at: PortId, id: PacketId) {
        let packet = &self.packets[id].packet;
        if packet.destination_qpn.get() != MULTICAST_QPN {
            return self.discard(id, DropReason::NoQueuePair);
        }
        if !self.port(at).is_in_partition(packet.p_key) {
            return self.refuse_p_key(at, id);
        }
        let group = packet.global_route.map(|route| route.destination_gid);
        let members = self.attachments.get(&at).and_then(|attachment| attachment.groups.get(&group?));
        let Some(members) = members else { return self.discard(id, DropReason::UnattachedMgid) };
        let members: Vec<Qpn> = members.iter().copied().collect();
        let mut original = Some(id);
        for (place, qpn) in members.iter().enumerate() {
            let is_last = place + 1 == members.len();
            let copy = if is_last { original.take() } else { self.packets.copy(id) };
            let Some(copy) = copy else {
                self.drops.add(DropReason::PacketLimit);
                continue;
            };
            let packet = &mut self.packets[copy].packet;
            packet.destination_qpn = *qpn;
            let (p_key, q_key) = (packet.p_key, packet.q_key);
            let attachment = self.attachments.get(&at);
            match attachment.and_then(|attachment| attachment.queue_pairs.get(qpn)) {
                Some(pair) if !matches(pair.p_key, p_key) => self.refuse_p_key(at, copy),
                Some(pair) if pair.q_key != q_key => self.refuse_q_key(at, copy),
                Some(_) => self.hand_up(at, copy),
                None => self.discard(copy, DropReason::NoQueuePair),
            }
        }
    }

    /// Count it, and tell the manager: trap 257.
    fn refuse_p_key(&mut self, at: PortId, id: PacketId) {
        let packet = &self.packets[id].packet;
        let violation = self.violation(at, packet, QKey(packet.p_key.0.into()));
        let count = &mut self.port_mut(at).info.p_key_violations;
        *count = count.saturating_add(1);
        self.discard(id, DropReason::PKey);
        self.raise(at, 0, NoticeType::SECURITY, &TrapDetails::BadPKey(violation));
    }

    /// Count it, and tell the manager: trap 258.
    fn refuse_q_key(&mut self, at: PortId, id: PacketId) {
        let packet = &self.packets[id].packet;
        let violation = self.violation(at, packet, packet.q_key);
        let count = &mut self.port_mut(at).info.q_key_violations;
        *count = count.saturating_add(1);
        self.discard(id, DropReason::QKey);
        self.raise(at, 0, NoticeType::SECURITY, &TrapDetails::BadQKey(violation));
    }

    fn violation(&self, at: PortId, packet: &Packet, key: QKey) -> KeyViolation {
        let route = packet.global_route;
        KeyViolation {
            source_lid: packet.source_lid,
            destination_lid: packet.destination_lid,
            key,
            service_level: packet.service_level,
            source_qpn: packet.source_qpn,
            destination_qpn: packet.destination_qpn,
            source_gid: route.map_or(Gid::UNSPECIFIED, |route| route.source_gid),
            destination_gid: route.map_or(self.port(at).gid(), |route| route.destination_gid),
        }
    }

    /// A port of a switch found a wrong P_Key: trap 259.
    pub(crate) fn refuse_at_switch(&mut self, port: PortId, id: PacketId) {
        let (node, number) = (self.port(port).node, self.port(port).number);
        let own = self.node(node).first;
        let packet = &self.packets[id].packet;
        let route = packet.global_route;
        let violation = SwitchPKeyViolation {
            data_valid: if route.is_some() { 0x3 } else { 0x1 },
            source_lid: packet.source_lid,
            destination_lid: packet.destination_lid,
            p_key: packet.p_key,
            service_level: packet.service_level,
            source_qpn: packet.source_qpn,
            destination_qpn: packet.destination_qpn,
            source_gid: route.map_or(Gid::UNSPECIFIED, |route| route.source_gid),
            destination_gid: route.map_or(Gid::UNSPECIFIED, |route| route.destination_gid),
            switch_lid: self.port(own).info.lid,
            port_number: number,
        };
        let traffic = &mut self.port_mut(port).traffic;
        traffic.constraint_errors = traffic.constraint_errors.saturating_add(1);
        self.discard(id, DropReason::PKeyAtSwitch);
        self.raise(own, number, NoticeType::SECURITY, &TrapDetails::BadPKeyAtSwitch(violation));
    }
}
