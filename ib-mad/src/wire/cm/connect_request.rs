//! ConnectRequest, REQ (IBTA volume 1, 12.6.5, table 106): make a connection to a service.

use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{CmPath, CmPathView, PrivateData, Transport, TransportServiceType};
use crate::types::{CommunicationId, Eecn, Guid, Mtu, PKey, Psn, QKey, Qpn, TimeoutValue};
use crate::wire::Attribute;
use crate::wire::u24::U24;

/// In the last byte of the alternate path, behind its timeout.
const SAP_SUPPORTED: u8 = 0x04;

/// The message as it lies in a datagram.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ConnectRequestView {
    local_communication_id: U32,
    reserved4: u8,
    vendor_id: U24,
    service_id: U64,
    local_ca_guid: U64,
    reserved24: U32,
    local_q_key: U32,
    local_qpn: U24,
    responder_resources: u8,
    local_eecn: U24,
    initiator_depth: u8,
    remote_eecn: U24,
    remote_timeout_transport_flow_control: u8,
    starting_psn: U24,
    local_timeout_retry_count: u8,
    p_key: U16,
    mtu_rdc_rnr_retry_count: u8,
    max_cm_retries_srq_extended: u8,
    primary_path: CmPathView,
    alternate_path: CmPathView,
    private_data: PrivateData<92>,
}

impl ConnectRequestView {
    /// The sender's handle of the connection.
    #[inline]
    pub fn local_communication_id(&self) -> CommunicationId {
        CommunicationId(self.local_communication_id.get())
    }
    /// Whose options the attribute modifier tells of, 24 bits; 0 for none.
    #[inline]
    pub fn vendor_id(&self) -> u32 {
        self.vendor_id.get()
    }
    /// Service to connect to.
    #[inline]
    pub fn service_id(&self) -> u64 {
        self.service_id.get()
    }
    /// The sender's adapter.
    #[inline]
    pub fn local_ca_guid(&self) -> Guid {
        Guid(self.local_ca_guid.get())
    }
    /// Key of the sender's queue pair (RD).
    #[inline]
    pub fn local_q_key(&self) -> QKey {
        QKey(self.local_q_key.get())
    }
    /// The sender's queue pair.
    #[inline]
    pub fn local_qpn(&self) -> Qpn {
        Qpn::from_low_bits(self.local_qpn.get())
    }
    /// Reads and atomic operations that the sender answers at once (RC, RD).
    #[inline]
    pub fn responder_resources(&self) -> u8 {
        self.responder_resources
    }
    /// The sender's end-to-end context (RD).
    #[inline]
    pub fn local_eecn(&self) -> Eecn {
        Eecn::from_low_bits(self.local_eecn.get())
    }
    /// Reads and atomic operations that the sender has outstanding at most (RC, RD).
    #[inline]
    pub fn initiator_depth(&self) -> u8 {
        self.initiator_depth
    }
    /// The receiver's end-to-end context, if it exists already (RD).
    #[inline]
    pub fn remote_eecn(&self) -> Eecn {
        Eecn::from_low_bits(self.remote_eecn.get())
    }
    /// Within which time the receiver is to answer.
    #[inline]
    pub fn remote_cm_response_timeout(&self) -> TimeoutValue {
        TimeoutValue::from_top_bits(self.remote_timeout_transport_flow_control)
    }
    /// Kind of the connection, 2 bits. [`transport`](Self::transport) reads both of its fields.
    #[inline]
    pub fn transport_service_type(&self) -> TransportServiceType {
        TransportServiceType((self.remote_timeout_transport_flow_control >> 1) & 0x3)
    }
    /// Whether the sender has end-to-end flow control (RC).
    #[inline]
    pub fn end_to_end_flow_control(&self) -> bool {
        self.remote_timeout_transport_flow_control & 0x01 != 0
    }
    /// Number of the first packet that the receiver is to send.
    #[inline]
    pub fn starting_psn(&self) -> Psn {
        Psn::from_low_bits(self.starting_psn.get())
    }
    /// Within which time the sender answers.
    #[inline]
    pub fn local_cm_response_timeout(&self) -> TimeoutValue {
        TimeoutValue::from_top_bits(self.local_timeout_retry_count)
    }
    /// How often the receiver is to repeat a packet (RC, RD), 3 bits.
    #[inline]
    pub fn retry_count(&self) -> u8 {
        self.local_timeout_retry_count & 0x7
    }
    /// Partition of the connection.
    #[inline]
    pub fn p_key(&self) -> PKey {
        PKey(self.p_key.get())
    }
    /// Largest payload on both paths, 4 bits.
    #[inline]
    pub fn path_mtu(&self) -> Mtu {
        Mtu(self.mtu_rdc_rnr_retry_count >> 4)
    }
    /// Whether the reliable datagram channel exists already (RD).
    #[inline]
    pub fn rdc_exists(&self) -> bool {
        self.mtu_rdc_rnr_retry_count & 0x08 != 0
    }
    /// How often the receiver is to repeat a packet that the sender was not ready for (RC, RD), 3 bits; 7 for ever.
    #[inline]
    pub fn rnr_retry_count(&self) -> u8 {
        self.mtu_rdc_rnr_retry_count & 0x7
    }
    /// How often each side repeats a message before it gives up, 4 bits.
    #[inline]
    pub fn max_cm_retries(&self) -> u8 {
        self.max_cm_retries_srq_extended >> 4
    }
    /// Whether the sender receives from a shared queue.
    #[inline]
    pub fn srq(&self) -> bool {
        self.max_cm_retries_srq_extended & 0x08 != 0
    }
    /// Kind of an extended transport, 3 bits.
    #[inline]
    pub fn extended_transport_type(&self) -> u8 {
        self.max_cm_retries_srq_extended & 0x7
    }
    /// Path to start with.
    #[inline]
    pub fn primary_path(&self) -> &CmPathView {
        &self.primary_path
    }
    /// Path to migrate to; zeros for none.
    #[inline]
    pub fn alternate_path(&self) -> &CmPathView {
        &self.alternate_path
    }
    /// Whether the sender understands SuggestAlternatePath.
    #[inline]
    pub fn sap_supported(&self) -> bool {
        self.alternate_path.local_ack_timeout & SAP_SUPPORTED != 0
    }
    /// What the users of the connection say.
    #[inline]
    pub fn private_data(&self) -> &PrivateData<92> {
        &self.private_data
    }
    /// Kind of the connection.
    #[inline]
    pub fn transport(&self) -> Transport {
        Transport::new(self.transport_service_type(), self.extended_transport_type())
    }
}

/// Make a connection to a service.
///
/// Which fields mean something depends on the [`transport`](Self::transport). All are read and written as they are,
/// whatever it is:
///
/// | field | RC | UC | RD | XRC |
/// |---|---|---|---|---|
/// | `local_qpn` | yes | yes | yes | the initiator's |
/// | `local_q_key`, `local_eecn`, `remote_eecn`, `rdc_exists` | | | yes | |
/// | `initiator_depth` | yes | | yes | yes |
/// | `responder_resources`, `retry_count`, `rnr_retry_count` | yes | | yes | Linux leaves them zero |
/// | `end_to_end_flow_control` | yes | | | yes |
/// | `srq` | yes | yes | | Linux leaves it zero |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectRequest {
    /// The sender's handle of the connection.
    pub local_communication_id: CommunicationId,
    /// Whose options the attribute modifier tells of, 24 bits; 0 for none.
    pub vendor_id: u32,
    /// Service to connect to.
    pub service_id: u64,
    /// The sender's adapter.
    pub local_ca_guid: Guid,
    /// Key of the sender's queue pair (RD).
    pub local_q_key: QKey,
    /// The sender's queue pair.
    pub local_qpn: Qpn,
    /// Reads and atomic operations that the sender answers at once (RC, RD).
    pub responder_resources: u8,
    /// The sender's end-to-end context (RD).
    pub local_eecn: Eecn,
    /// Reads and atomic operations that the sender has outstanding at most (RC, RD).
    pub initiator_depth: u8,
    /// The receiver's end-to-end context, if it exists already (RD).
    pub remote_eecn: Eecn,
    /// Within which time the receiver is to answer.
    pub remote_cm_response_timeout: TimeoutValue,
    /// Kind of the connection, 2 bits. [`transport`](Self::transport) reads both of its fields.
    pub transport_service_type: TransportServiceType,
    /// Whether the sender has end-to-end flow control (RC).
    pub end_to_end_flow_control: bool,
    /// Number of the first packet that the receiver is to send.
    pub starting_psn: Psn,
    /// Within which time the sender answers.
    pub local_cm_response_timeout: TimeoutValue,
    /// How often the receiver is to repeat a packet (RC, RD), 3 bits.
    pub retry_count: u8,
    /// Partition of the connection.
    pub p_key: PKey,
    /// Largest payload on both paths, 4 bits.
    pub path_mtu: Mtu,
    /// Whether the reliable datagram channel exists already (RD).
    pub rdc_exists: bool,
    /// How often the receiver is to repeat a packet that the sender was not ready for (RC, RD), 3 bits; 7 for ever.
    pub rnr_retry_count: u8,
    /// How often each side repeats a message before it gives up, 4 bits.
    pub max_cm_retries: u8,
    /// Whether the sender receives from a shared queue.
    pub srq: bool,
    /// Kind of an extended transport, 3 bits.
    pub extended_transport_type: u8,
    /// Path to start with.
    pub primary_path: CmPath,
    /// Path to migrate to; zeros for none.
    pub alternate_path: CmPath,
    /// Whether the sender understands SuggestAlternatePath.
    pub sap_supported: bool,
    /// What the users of the connection say.
    pub private_data: PrivateData<92>,
}

impl ConnectRequest {
    /// Kind of the connection.
    pub const fn transport(&self) -> Transport {
        Transport::new(self.transport_service_type, self.extended_transport_type)
    }

    /// Give the connection another kind.
    pub const fn set_transport(&mut self, transport: Transport) {
        (self.transport_service_type, self.extended_transport_type) = transport.types();
    }
}

impl Attribute for ConnectRequest {
    type View = ConnectRequestView;
    const NAME: &'static str = "ConnectRequest";

    fn from_view(view: &ConnectRequestView) -> Self {
        Self {
            local_communication_id: view.local_communication_id(),
            vendor_id: view.vendor_id(),
            service_id: view.service_id(),
            local_ca_guid: view.local_ca_guid(),
            local_q_key: view.local_q_key(),
            local_qpn: view.local_qpn(),
            responder_resources: view.responder_resources(),
            local_eecn: view.local_eecn(),
            initiator_depth: view.initiator_depth(),
            remote_eecn: view.remote_eecn(),
            remote_cm_response_timeout: view.remote_cm_response_timeout(),
            transport_service_type: view.transport_service_type(),
            end_to_end_flow_control: view.end_to_end_flow_control(),
            starting_psn: view.starting_psn(),
            local_cm_response_timeout: view.local_cm_response_timeout(),
            retry_count: view.retry_count(),
            p_key: view.p_key(),
            path_mtu: view.path_mtu(),
            rdc_exists: view.rdc_exists(),
            rnr_retry_count: view.rnr_retry_count(),
            max_cm_retries: view.max_cm_retries(),
            srq: view.srq(),
            extended_transport_type: view.extended_transport_type(),
            primary_path: CmPath::from_view(&view.primary_path),
            alternate_path: CmPath::from_view(&view.alternate_path),
            sap_supported: view.sap_supported(),
            private_data: view.private_data,
        }
    }

    fn to_view(&self) -> ConnectRequestView {
        let mut alternate_path = self.alternate_path.to_view();
        if self.sap_supported {
            alternate_path.local_ack_timeout |= SAP_SUPPORTED;
        }
        ConnectRequestView {
            local_communication_id: U32::new(self.local_communication_id.0),
            reserved4: 0,
            vendor_id: U24::new(self.vendor_id),
            service_id: U64::new(self.service_id),
            local_ca_guid: U64::new(self.local_ca_guid.0),
            reserved24: U32::ZERO,
            local_q_key: U32::new(self.local_q_key.0),
            local_qpn: U24::new(self.local_qpn.get()),
            responder_resources: self.responder_resources,
            local_eecn: U24::new(self.local_eecn.get()),
            initiator_depth: self.initiator_depth,
            remote_eecn: U24::new(self.remote_eecn.get()),
            remote_timeout_transport_flow_control: self.remote_cm_response_timeout.to_top_bits()
                | ((self.transport_service_type.0 & 0x3) << 1)
                | u8::from(self.end_to_end_flow_control),
            starting_psn: U24::new(self.starting_psn.get()),
            local_timeout_retry_count: self.local_cm_response_timeout.to_top_bits()
                | (self.retry_count & 0x7),
            p_key: U16::new(self.p_key.0),
            mtu_rdc_rnr_retry_count: (self.path_mtu.0 << 4)
                | (u8::from(self.rdc_exists) << 3)
                | (self.rnr_retry_count & 0x7),
            max_cm_retries_srq_extended: (self.max_cm_retries << 4)
                | (u8::from(self.srq) << 3)
                | (self.extended_transport_type & 0x7),
            primary_path: self.primary_path.to_view(),
            alternate_path,
            private_data: self.private_data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::path::tests::path;
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let mut request = ConnectRequest {
            local_communication_id: CommunicationId(0x0102_0304),
            vendor_id: 0x06_0708,
            service_id: 0x090A_0B0C_0D0E_0F10,
            local_ca_guid: Guid(0x1112_1314_1516_1718),
            local_q_key: QKey(0x1D1E_1F20),
            local_qpn: Qpn::from_low_bits(0x21_2223),
            responder_resources: 0x24,
            local_eecn: Eecn::from_low_bits(0x25_2627),
            initiator_depth: 0x28,
            remote_eecn: Eecn::from_low_bits(0x29_2A2B),
            remote_cm_response_timeout: TimeoutValue::from_top_bits(0xA8),
            transport_service_type: TransportServiceType::EXTENDED,
            end_to_end_flow_control: false,
            starting_psn: Psn::from_low_bits(0x2D_2E2F),
            local_cm_response_timeout: TimeoutValue::from_top_bits(0x98),
            retry_count: 6,
            p_key: PKey(0x3132),
            path_mtu: Mtu(5),
            rdc_exists: true,
            rnr_retry_count: 7,
            max_cm_retries: 0xF,
            srq: false,
            extended_transport_type: 1,
            primary_path: path(),
            alternate_path: path(),
            sap_supported: true,
            private_data: PrivateData([0x77; 92]),
        };
        let mut out = [0xFF; 232];
        assert_eq!(request.emit(&mut out), Ok(232));
        assert_eq!(out[..8], [1, 2, 3, 4, 0, 6, 7, 8]);
        assert_eq!(out[8..24], core::array::from_fn::<u8, 16, _>(|i| i as u8 + 9));
        assert_eq!(out[24..32], [0, 0, 0, 0, 0x1D, 0x1E, 0x1F, 0x20]);
        assert_eq!(out[32..43], core::array::from_fn::<u8, 11, _>(|i| i as u8 + 0x21));
        assert_eq!(out[43..52], [0xAE, 0x2D, 0x2E, 0x2F, 0x9E, 0x31, 0x32, 0x5F, 0xF1]);
        let mut lies = [0; 44];
        path().emit(&mut lies).unwrap();
        assert_eq!(out[52..96], lies);
        lies[43] |= 0x04;
        assert_eq!(out[96..140], lies);
        assert_eq!(out[140..], [0x77; 92]);
        assert_eq!(ConnectRequest::parse(&out), Ok(request));
        assert_eq!(request.transport(), Transport::ExtendedReliableConnection);

        request.set_transport(Transport::UnreliableConnection);
        (request.end_to_end_flow_control, request.srq, request.rdc_exists) = (true, true, false);
        request.emit(&mut out).unwrap();
        assert_eq!((out[43], out[50], out[51]), (0xAB, 0x57, 0xF8));
        assert_eq!(ConnectRequest::parse(&out), Ok(request));
    }
}
