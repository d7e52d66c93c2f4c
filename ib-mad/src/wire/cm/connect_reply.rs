//! ConnectReply, REP (IBTA volume 1, 12.6.8, table 110): a connection is accepted.

use zerocopy::big_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{PrivateData, Transport};
use crate::types::{CommunicationId, Eecn, Guid, Psn, QKey, Qpn, TimeoutValue};
use crate::wire::Attribute;
use crate::wire::u24::U24;

/// What became of the alternate path of a ConnectRequest, 2 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FailoverAccepted(pub u8);

impl FailoverAccepted {
    /// It was accepted.
    pub const ACCEPTED: Self = Self(0);
    /// It was not: the sender does not migrate paths.
    pub const NOT_SUPPORTED: Self = Self(1);
    /// It was not, for another reason.
    pub const REJECTED: Self = Self(2);
}

/// The message as it lies in a datagram.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ConnectReplyView {
    local_communication_id: U32,
    remote_communication_id: U32,
    local_q_key: U32,
    local_qpn: U24,
    vendor_id_high: u8,
    local_eecn: U24,
    vendor_id_middle: u8,
    starting_psn: U24,
    vendor_id_low: u8,
    responder_resources: u8,
    initiator_depth: u8,
    ack_delay_failover_flow_control: u8,
    rnr_retry_count_srq: u8,
    local_ca_guid: U64,
    private_data: PrivateData<196>,
}

impl ConnectReplyView {
    /// The sender's handle of the connection.
    #[inline]
    pub fn local_communication_id(&self) -> CommunicationId {
        CommunicationId(self.local_communication_id.get())
    }
    /// The receiver's handle of the connection.
    #[inline]
    pub fn remote_communication_id(&self) -> CommunicationId {
        CommunicationId(self.remote_communication_id.get())
    }
    /// Key of the sender's queue pair (RD).
    #[inline]
    pub fn local_q_key(&self) -> QKey {
        QKey(self.local_q_key.get())
    }
    /// The sender's queue pair; that of an extended reliable connection is in [`local_eecn`](Self::local_eecn).
    #[inline]
    pub fn local_qpn(&self) -> Qpn {
        Qpn::from_low_bits(self.local_qpn.get())
    }
    /// The sender's end-to-end context (RD), or queue pair (XRC).
    #[inline]
    pub fn local_eecn(&self) -> Eecn {
        Eecn::from_low_bits(self.local_eecn.get())
    }
    /// Number of the first packet that the receiver is to send.
    #[inline]
    pub fn starting_psn(&self) -> Psn {
        Psn::from_low_bits(self.starting_psn.get())
    }
    /// Whose options were accepted, 24 bits; 0 for none.
    #[inline]
    pub fn vendor_id(&self) -> u32 {
        u32::from_be_bytes([0, self.vendor_id_high, self.vendor_id_middle, self.vendor_id_low])
    }
    /// Reads and atomic operations that the sender answers at once.
    #[inline]
    pub fn responder_resources(&self) -> u8 {
        self.responder_resources
    }
    /// Reads and atomic operations that the sender has outstanding at most.
    #[inline]
    pub fn initiator_depth(&self) -> u8 {
        self.initiator_depth
    }
    /// How long the sender's adapter takes to acknowledge.
    #[inline]
    pub fn target_ack_delay(&self) -> TimeoutValue {
        TimeoutValue::from_top_bits(self.ack_delay_failover_flow_control)
    }
    /// What became of the alternate path, 2 bits.
    #[inline]
    pub fn failover_accepted(&self) -> FailoverAccepted {
        FailoverAccepted((self.ack_delay_failover_flow_control >> 1) & 0x3)
    }
    /// Whether the sender has end-to-end flow control.
    #[inline]
    pub fn end_to_end_flow_control(&self) -> bool {
        self.ack_delay_failover_flow_control & 0x01 != 0
    }
    /// How often the receiver is to repeat a packet that the sender was not ready for, 3 bits; 7 for ever.
    #[inline]
    pub fn rnr_retry_count(&self) -> u8 {
        self.rnr_retry_count_srq >> 5
    }
    /// Whether the sender receives from a shared queue.
    #[inline]
    pub fn srq(&self) -> bool {
        self.rnr_retry_count_srq & 0x10 != 0
    }
    /// The sender's adapter.
    #[inline]
    pub fn local_ca_guid(&self) -> Guid {
        Guid(self.local_ca_guid.get())
    }
    /// What the users of the connection say.
    #[inline]
    pub fn private_data(&self) -> &PrivateData<196> {
        &self.private_data
    }
    /// The sender's queue pair, from the field where a connection of this kind has it.
    #[inline]
    pub fn qpn(&self, transport: Transport) -> Qpn {
        qpn(transport, self.local_qpn(), self.local_eecn())
    }
}

/// A connection is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectReply {
    /// The sender's handle of the connection.
    pub local_communication_id: CommunicationId,
    /// The receiver's handle of the connection.
    pub remote_communication_id: CommunicationId,
    /// Key of the sender's queue pair (RD).
    pub local_q_key: QKey,
    /// The sender's queue pair; that of an extended reliable connection is in `local_eecn`.
    pub local_qpn: Qpn,
    /// The sender's end-to-end context (RD), or queue pair (XRC).
    pub local_eecn: Eecn,
    /// Number of the first packet that the receiver is to send.
    pub starting_psn: Psn,
    /// Whose options were accepted, 24 bits; 0 for none.
    pub vendor_id: u32,
    /// Reads and atomic operations that the sender answers at once.
    pub responder_resources: u8,
    /// Reads and atomic operations that the sender has outstanding at most.
    pub initiator_depth: u8,
    /// How long the sender's adapter takes to acknowledge.
    pub target_ack_delay: TimeoutValue,
    /// What became of the alternate path, 2 bits.
    pub failover_accepted: FailoverAccepted,
    /// Whether the sender has end-to-end flow control.
    pub end_to_end_flow_control: bool,
    /// How often the receiver is to repeat a packet that the sender was not ready for, 3 bits; 7 for ever.
    pub rnr_retry_count: u8,
    /// Whether the sender receives from a shared queue.
    pub srq: bool,
    /// The sender's adapter.
    pub local_ca_guid: Guid,
    /// What the users of the connection say.
    pub private_data: PrivateData<196>,
}

impl ConnectReply {
    /// The sender's queue pair, from the field where a connection of this kind has it.
    pub fn qpn(&self, transport: Transport) -> Qpn {
        qpn(transport, self.local_qpn, self.local_eecn)
    }
}

fn qpn(transport: Transport, qpn: Qpn, eecn: Eecn) -> Qpn {
    match transport {
        Transport::ExtendedReliableConnection => Qpn::from_low_bits(eecn.get()),
        _ => qpn,
    }
}

impl Attribute for ConnectReply {
    type View = ConnectReplyView;
    const NAME: &'static str = "ConnectReply";

    fn from_view(view: &ConnectReplyView) -> Self {
        Self {
            local_communication_id: view.local_communication_id(),
            remote_communication_id: view.remote_communication_id(),
            local_q_key: view.local_q_key(),
            local_qpn: view.local_qpn(),
            local_eecn: view.local_eecn(),
            starting_psn: view.starting_psn(),
            vendor_id: view.vendor_id(),
            responder_resources: view.responder_resources(),
            initiator_depth: view.initiator_depth(),
            target_ack_delay: view.target_ack_delay(),
            failover_accepted: view.failover_accepted(),
            end_to_end_flow_control: view.end_to_end_flow_control(),
            rnr_retry_count: view.rnr_retry_count(),
            srq: view.srq(),
            local_ca_guid: view.local_ca_guid(),
            private_data: view.private_data,
        }
    }

    fn to_view(&self) -> ConnectReplyView {
        let [_, vendor_id_high, vendor_id_middle, vendor_id_low] = self.vendor_id.to_be_bytes();
        ConnectReplyView {
            local_communication_id: U32::new(self.local_communication_id.0),
            remote_communication_id: U32::new(self.remote_communication_id.0),
            local_q_key: U32::new(self.local_q_key.0),
            local_qpn: U24::new(self.local_qpn.get()),
            vendor_id_high,
            local_eecn: U24::new(self.local_eecn.get()),
            vendor_id_middle,
            starting_psn: U24::new(self.starting_psn.get()),
            vendor_id_low,
            responder_resources: self.responder_resources,
            initiator_depth: self.initiator_depth,
            ack_delay_failover_flow_control: self.target_ack_delay.to_top_bits()
                | ((self.failover_accepted.0 & 0x3) << 1)
                | u8::from(self.end_to_end_flow_control),
            rnr_retry_count_srq: (self.rnr_retry_count << 5) | (u8::from(self.srq) << 4),
            local_ca_guid: U64::new(self.local_ca_guid.0),
            private_data: self.private_data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let mut message = ConnectReply {
            local_communication_id: CommunicationId(0x0102_0304),
            remote_communication_id: CommunicationId(0x0506_0708),
            local_q_key: QKey(0x090A_0B0C),
            local_qpn: Qpn::from_low_bits(0x0D_0E0F),
            local_eecn: Eecn::from_low_bits(0x11_1213),
            starting_psn: Psn::from_low_bits(0x15_1617),
            vendor_id: 0x10_1418,
            responder_resources: 0x19,
            initiator_depth: 0x1A,
            target_ack_delay: TimeoutValue::from_top_bits(0x98),
            failover_accepted: FailoverAccepted::REJECTED,
            end_to_end_flow_control: true,
            rnr_retry_count: 6,
            srq: true,
            local_ca_guid: Guid(0x1D1E_1F20_2122_2324),
            private_data: PrivateData([0x77; 196]),
        };
        let mut out = [0xFF; 232];
        assert_eq!(message.emit(&mut out), Ok(232));
        assert_eq!(out[..26], core::array::from_fn::<u8, 26, _>(|i| i as u8 + 1));
        assert_eq!(out[26..28], [0x9D, 0xD0]);
        assert_eq!(out[28..36], core::array::from_fn::<u8, 8, _>(|i| i as u8 + 0x1D));
        assert_eq!(out[36..], [0x77; 196]);
        assert_eq!(ConnectReply::parse(&out), Ok(message));
        // Reserved bits are ignored.
        out[27] |= 0x0F;
        assert_eq!(ConnectReply::parse(&out), Ok(message));

        (message.end_to_end_flow_control, message.srq) = (false, false);
        message.emit(&mut out).unwrap();
        assert_eq!(out[26..28], [0x9C, 0xC0]);
    }

    #[test]
    fn an_extended_connection_has_its_queue_pair_in_the_context_field() {
        let message = ConnectReply {
            local_qpn: Qpn::from_low_bits(1),
            local_eecn: Eecn::from_low_bits(2),
            ..ConnectReply::default()
        };
        assert_eq!(message.qpn(Transport::ReliableConnection).get(), 1);
        assert_eq!(message.qpn(Transport::ExtendedReliableConnection).get(), 2);
        let view = message.to_view();
        assert_eq!(view.qpn(Transport::UnreliableConnection).get(), 1);
        assert_eq!(view.qpn(Transport::ExtendedReliableConnection).get(), 2);
    }
}
