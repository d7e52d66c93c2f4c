//! Messages of communication management that the accessors of Linux's communication manager made: what they say, and that
//! they are written again byte for byte. How they were made is told in `data/README.md`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use core::fmt::Debug;

use ib_mad::wire::{
    AdditionalInformation, AlternatePathResponse, AlternatePathStatus, CmMad, CmMessage, CmPath,
    ConnectReject, ConnectReply, ConnectRequest, DisconnectReply, DisconnectRequest, FailoverAccepted,
    LoadAlternatePath, MAD_LENGTH, Mad, MessageMraed, MessageRejected, MsgRcptAck, PrivateData, ReadyToUse,
    RejectReason, ServiceIdResolutionRequest, ServiceIdResolutionResponse, ServiceIdResolutionStatus,
    Transport,
};
use ib_mad::{
    CommunicationId, Gid, Guid, Lid, Mtu, PKey, Psn, QKey, Qpn, Rate, ServiceLevel, TimeoutValue,
    TransactionId,
};

const ACTIVE: CommunicationId = CommunicationId(0x1234_5678);
const PASSIVE: CommunicationId = CommunicationId(0x9ABC_DEF0);

/// Check that a datagram is this message, both ways.
#[track_caller]
fn check<M: CmMessage + PartialEq + Debug>(text: &str, exchange: u64, expected: &M) {
    let bytes: Vec<u8> = text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    let Ok(Mad::Communication(view)) = Mad::new(&bytes) else { panic!("another class") };
    assert_eq!(M::parse(view.data()).as_ref(), Ok(expected));

    let mad = CmMad::send::<M>(TransactionId(0x5_1234_5678 + exchange));
    assert_eq!(CmMad::from_view(view), mad);
    assert_eq!(mad.emit(expected).unwrap()[..], bytes);
    let mut out = [0xFF; MAD_LENGTH];
    assert_eq!(expected.emit(&mut out), Ok(232));
    assert_eq!((&out[..232], &out[232..]), (&bytes[24..], &[0xFF; 24][..]));
}

fn gid(guid: u64) -> Gid {
    Gid::new(Gid::DEFAULT_PREFIX, Guid(0x10_0000 + guid))
}

fn time(exponent: u8) -> TimeoutValue {
    TimeoutValue::new(exponent).unwrap()
}

fn data<const N: usize>(text: &str) -> PrivateData<N> {
    PrivateData::new(text.as_bytes()).unwrap()
}

#[test]
fn a_connection_is_made_and_ended() {
    let request = ConnectRequest {
        local_communication_id: ACTIVE,
        vendor_id: 0x2C9,
        service_id: 0x0200_0000_0000_1BD8,
        local_ca_guid: Guid(0x10_0000),
        local_qpn: Qpn::new(0x48).unwrap(),
        responder_resources: 16,
        initiator_depth: 4,
        remote_cm_response_timeout: time(20),
        end_to_end_flow_control: true,
        starting_psn: Psn::new(0xAB_CDEF).unwrap(),
        local_cm_response_timeout: time(21),
        retry_count: 7,
        p_key: PKey::DEFAULT_FULL,
        path_mtu: Mtu::B2048,
        rnr_retry_count: 6,
        max_cm_retries: 15,
        primary_path: CmPath {
            local_lid: Lid(1),
            remote_lid: Lid(5),
            local_gid: gid(1),
            remote_gid: gid(3),
            packet_rate: Rate(3),
            service_level: ServiceLevel::new(2).unwrap(),
            subnet_local: true,
            local_ack_timeout: time(19),
            ..CmPath::default()
        },
        alternate_path: CmPath {
            local_lid: Lid::PERMISSIVE,
            remote_lid: Lid::PERMISSIVE,
            local_gid: gid(2),
            remote_gid: gid(4),
            flow_label: 0x1_2345,
            packet_rate: Rate(7),
            traffic_class: 0x20,
            hop_limit: 64,
            service_level: ServiceLevel::new(9).unwrap(),
            subnet_local: false,
            local_ack_timeout: time(20),
        },
        private_data: data("who asks"),
        ..ConnectRequest::default()
    };
    assert_eq!(request.transport(), Transport::ReliableConnection);
    check(include_str!("data/cm_connect_request.hex"), 0, &request);

    let reply = ConnectReply {
        local_communication_id: PASSIVE,
        remote_communication_id: ACTIVE,
        local_q_key: QKey(0x1111_1111),
        local_qpn: Qpn::new(0x59).unwrap(),
        starting_psn: Psn::new(0x12_3456).unwrap(),
        vendor_id: 0x2C9,
        responder_resources: 4,
        initiator_depth: 16,
        target_ack_delay: time(15),
        failover_accepted: FailoverAccepted::NOT_SUPPORTED,
        end_to_end_flow_control: true,
        rnr_retry_count: 7,
        srq: true,
        local_ca_guid: Guid(0x10_0002),
        private_data: data("yes"),
        ..ConnectReply::default()
    };
    check(include_str!("data/cm_connect_reply.hex"), 0, &reply);

    let (local_communication_id, remote_communication_id) = (ACTIVE, PASSIVE);
    let ready = ReadyToUse { local_communication_id, remote_communication_id, private_data: data("go") };
    check(include_str!("data/cm_ready_to_use.hex"), 0, &ready);

    let end = DisconnectRequest {
        local_communication_id,
        remote_communication_id,
        remote_qpn_eecn: reply.local_qpn,
        private_data: data("bye"),
    };
    check(include_str!("data/cm_disconnect_request.hex"), 1, &end);
    let ended = DisconnectReply {
        local_communication_id: PASSIVE,
        remote_communication_id: ACTIVE,
        private_data: data("gone"),
    };
    check(include_str!("data/cm_disconnect_reply.hex"), 1, &ended);
}

#[test]
fn a_connection_is_refused() {
    let mut reject = ConnectReject {
        local_communication_id: PASSIVE,
        remote_communication_id: ACTIVE,
        message_rejected: MessageRejected::CONNECT_REPLY,
        reason: RejectReason::INVALID_GID,
        additional_reject_information: AdditionalInformation::default(),
        private_data: data("no"),
    };
    reject.additional_reject_information = AdditionalInformation::new(&gid(9).0).unwrap();
    check(include_str!("data/cm_connect_reject.hex"), 0, &reject);

    let wait = MsgRcptAck {
        local_communication_id: PASSIVE,
        remote_communication_id: ACTIVE,
        message_mraed: MessageMraed::LOAD_ALTERNATE_PATH,
        service_timeout: time(24),
        private_data: data("wait"),
    };
    check(include_str!("data/cm_msg_rcpt_ack.hex"), 0, &wait);
}

#[test]
fn an_alternate_path_is_loaded() {
    let load = LoadAlternatePath {
        local_communication_id: ACTIVE,
        remote_communication_id: PASSIVE,
        remote_qpn_eecn: Qpn::new(0x59).unwrap(),
        remote_cm_response_timeout: time(20),
        alternate_path: CmPath {
            local_lid: Lid(2),
            remote_lid: Lid(6),
            local_gid: gid(2),
            remote_gid: gid(4),
            flow_label: 0xA_BCDE,
            packet_rate: Rate(16),
            traffic_class: 0x11,
            hop_limit: 1,
            service_level: ServiceLevel::new(5).unwrap(),
            subnet_local: true,
            local_ack_timeout: time(19),
        },
        private_data: data("this way"),
    };
    check(include_str!("data/cm_load_alternate_path.hex"), 3, &load);

    let answer = AlternatePathResponse {
        additional_information: AdditionalInformation::new(&gid(6).0).unwrap(),
        private_data: data("not that"),
        ..load.answer(AlternatePathStatus::INVALID_GID)
    };
    check(include_str!("data/cm_alternate_path_response.hex"), 3, &answer);
}

#[test]
fn a_service_is_found() {
    let request = ServiceIdResolutionRequest {
        request_id: CommunicationId(7),
        p_key: PKey(0x8001),
        service_id: 0x0111_1234,
        private_data: data("where"),
    };
    check(include_str!("data/cm_service_id_resolution_request.hex"), 2, &request);
    let response = ServiceIdResolutionResponse {
        request_id: CommunicationId(7),
        status: ServiceIdResolutionStatus::REDIRECT,
        vendor_id: 0x2C9,
        qpn: Qpn::new(0x31).unwrap(),
        service_id: 0x0111_1234,
        q_key: QKey(0x0123_4567),
        additional_information: AdditionalInformation::new(&[0x5A; 72]).unwrap(),
        private_data: data("there"),
    };
    check(include_str!("data/cm_service_id_resolution_response.hex"), 2, &response);
}
