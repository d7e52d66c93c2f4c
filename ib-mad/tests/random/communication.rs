//! Messages of communication management.

use super::value::structures;

structures! {
    cm_path: CmPath {
        local_lid, remote_lid, local_gid, remote_gid, flow_label: 20, packet_rate: 6, traffic_class, hop_limit,
        service_level, subnet_local, local_ack_timeout,
    }
    connect_request: ConnectRequest {
        local_communication_id, vendor_id: 24, service_id, local_ca_guid, local_q_key, local_qpn,
        responder_resources, local_eecn, initiator_depth, remote_eecn, remote_cm_response_timeout,
        transport_service_type: 2, end_to_end_flow_control, starting_psn, local_cm_response_timeout,
        retry_count: 3, p_key, path_mtu: 4, rdc_exists, rnr_retry_count: 3, max_cm_retries: 4, srq,
        extended_transport_type: 3, primary_path, alternate_path, sap_supported, private_data,
    }
    msg_rcpt_ack: MsgRcptAck {
        local_communication_id, remote_communication_id, message_mraed: 2, service_timeout, private_data,
    }
    connect_reject: ConnectReject {
        local_communication_id, remote_communication_id, message_rejected: 2, reason,
        additional_reject_information: 7, private_data,
    }
    connect_reply: ConnectReply {
        local_communication_id, remote_communication_id, local_q_key, local_qpn, local_eecn, starting_psn,
        vendor_id: 24, responder_resources, initiator_depth, target_ack_delay, failover_accepted: 2,
        end_to_end_flow_control, rnr_retry_count: 3, srq, local_ca_guid, private_data,
    }
    ready_to_use: ReadyToUse { local_communication_id, remote_communication_id, private_data }
    disconnect_request: DisconnectRequest {
        local_communication_id, remote_communication_id, remote_qpn_eecn, private_data,
    }
    disconnect_reply: DisconnectReply { local_communication_id, remote_communication_id, private_data }
    load_alternate_path: LoadAlternatePath {
        local_communication_id, remote_communication_id, remote_qpn_eecn, remote_cm_response_timeout,
        alternate_path, private_data,
    }
    alternate_path_response: AlternatePathResponse {
        local_communication_id, remote_communication_id, status, additional_information: 8, private_data,
    }
    service_id_resolution_request: ServiceIdResolutionRequest { request_id, p_key, service_id, private_data }
    service_id_resolution_response: ServiceIdResolutionResponse {
        request_id, status, vendor_id: 24, qpn, service_id, q_key, additional_information: 8, private_data,
    }
}
