//! General services: the agent of performance management answers what is for it, the rest is for programs.

use ib_mad::Qpn;
use ib_mad::wire::{
    Attribute, AttributeId, MAD_LENGTH, MadHeader, ManagementClass, Method, PERFORMANCE_DATA_LENGTH,
    PortCounters, PortCountersExtended, Status,
};

use crate::agent::{BAD_ATTRIBUTE, BAD_METHOD, BAD_VALUE, BAD_VERSION};
use crate::fabric::Fabric;
use crate::node::Conduct;
use crate::packet::Payload;
use crate::pool::PacketId;
use crate::port::{PortId, Traffic};

const DATA: usize = MAD_LENGTH - PERFORMANCE_DATA_LENGTH;
/// Means every port of a node.
const ALL_PORTS: u8 = 0xFF;

impl Fabric {
    /// A datagram came to queue pair 1 with the right keys.
    pub(crate) fn handle_general(&mut self, at: PortId, id: PacketId) {
        let Some(header) = self.packets[id].packet.mad().and_then(|mad| MadHeader::parse(mad).ok()) else {
            return self.hand_up(at, id);
        };
        let is_request = matches!(header.method, Method::GET | Method::SET);
        if header.class != ManagementClass::PERFORMANCE || header.base_version != 1 || !is_request {
            return self.hand_up(at, id);
        }
        if self.node(self.port(at).node).conduct == Conduct::Silent {
            return self.discard(id, crate::DropReason::Silent);
        }
        let mut data = [0; PERFORMANCE_DATA_LENGTH];
        if let Some(mad) = self.packets[id].packet.mad() {
            data.copy_from_slice(&mad[DATA..]);
        }
        let status = match header {
            MadHeader { class_version, .. } if class_version != 1 => BAD_VERSION,
            // Counters are read only.
            MadHeader { method, .. } if method != Method::GET => BAD_METHOD,
            MadHeader { attribute_id, .. } => {
                self.counters(at, attribute_id, &mut data).err().unwrap_or(Status::OK)
            }
        };
        let packet = &mut self.packets[id].packet;
        if let Payload::Mad(mad) = &mut packet.payload {
            mad[3] = Method::GET_RESP.0;
            mad[4..6].copy_from_slice(&status.0.to_be_bytes());
            mad[DATA..].copy_from_slice(&data);
        }
        (packet.source_qpn, packet.destination_qpn) = (Qpn::GENERAL_SERVICES, packet.source_qpn);
        (packet.source_lid, packet.destination_lid) = (packet.destination_lid, packet.source_lid);
        self.packets[id].hops = 0;
        let due = self.now.after(self.settings.agent_latency);
        self.schedule.answer(due, id, at);
    }

    fn counters(
        &self,
        at: PortId,
        attribute: AttributeId,
        data: &mut [u8; PERFORMANCE_DATA_LENGTH],
    ) -> Result<(), Status> {
        match attribute {
            AttributeId::PORT_COUNTERS => {
                let question = PortCounters::parse(data).map_err(|_| BAD_VALUE)?;
                let traffic = self.selected(at, question.port_select)?;
                let _ = short_counters(&question, &traffic).emit(data);
            }
            AttributeId::PORT_COUNTERS_EXTENDED => {
                let question = PortCountersExtended::parse(data).map_err(|_| BAD_VALUE)?;
                let traffic = self.selected(at, question.port_select)?;
                let _ = long_counters(&question, &traffic).emit(data);
            }
            _ => return Err(BAD_ATTRIBUTE),
        }
        Ok(())
    }

    /// Counters of a port of the node behind an end port, or of all of them.
    fn selected(&self, at: PortId, select: u8) -> Result<Traffic, Status> {
        let node = self.node(self.port(at).node);
        let is_own = node.switch.is_some() || select == self.port(at).number;
        match select {
            ALL_PORTS if node.switch.is_some() => {
                let all = node.numbers().map(|number| self.port(node.port(number)).traffic);
                Ok(all.fold(Traffic::default(), Traffic::plus))
            }
            number if is_own && node.has_port(number) => Ok(self.port(node.port(number)).traffic),
            _ => Err(BAD_VALUE),
        }
    }
}

impl Traffic {
    fn plus(self, other: Self) -> Self {
        Self {
            sent_words: self.sent_words.wrapping_add(other.sent_words),
            received_words: self.received_words.wrapping_add(other.received_words),
            sent: self.sent.wrapping_add(other.sent),
            received: self.received.wrapping_add(other.received),
            sent_discards: self.sent_discards.saturating_add(other.sent_discards),
            receive_errors: self.receive_errors.saturating_add(other.receive_errors),
            relay_errors: self.relay_errors.saturating_add(other.relay_errors),
            constraint_errors: self.constraint_errors.saturating_add(other.constraint_errors),
            symbol_errors: self.symbol_errors.saturating_add(other.symbol_errors),
            links_downed: self.links_downed.saturating_add(other.links_downed),
        }
    }
}

/// A counter of fewer bits stops at its largest number.
fn clipped<N: TryFrom<u64>>(count: u64, largest: N) -> N {
    N::try_from(count).unwrap_or(largest)
}

fn short_counters(question: &PortCounters, traffic: &Traffic) -> PortCounters {
    let short = |count: u32| clipped(count.into(), u16::MAX);
    PortCounters {
        port_select: question.port_select,
        counter_select: question.counter_select,
        counter_select2: question.counter_select2,
        symbol_error_counter: short(traffic.symbol_errors),
        link_downed_counter: clipped(traffic.links_downed.into(), u8::MAX),
        port_rcv_errors: short(traffic.receive_errors),
        port_rcv_switch_relay_errors: short(traffic.relay_errors),
        port_xmit_discards: short(traffic.sent_discards),
        port_rcv_constraint_errors: clipped(traffic.constraint_errors.into(), u8::MAX),
        port_xmit_data: clipped(traffic.sent_words, u32::MAX),
        port_rcv_data: clipped(traffic.received_words, u32::MAX),
        port_xmit_pkts: clipped(traffic.sent, u32::MAX),
        port_rcv_pkts: clipped(traffic.received, u32::MAX),
        ..PortCounters::default()
    }
}

fn long_counters(question: &PortCountersExtended, traffic: &Traffic) -> PortCountersExtended {
    PortCountersExtended {
        port_select: question.port_select,
        counter_select: question.counter_select,
        port_xmit_data: traffic.sent_words,
        port_rcv_data: traffic.received_words,
        port_xmit_pkts: traffic.sent,
        port_rcv_pkts: traffic.received,
        symbol_error_counter: traffic.symbol_errors.into(),
        link_downed_counter: traffic.links_downed.into(),
        port_rcv_errors: traffic.receive_errors.into(),
        port_rcv_switch_relay_errors: traffic.relay_errors.into(),
        port_xmit_discards: traffic.sent_discards.into(),
        port_rcv_constraint_errors: traffic.constraint_errors.into(),
        ..PortCountersExtended::default()
    }
}
