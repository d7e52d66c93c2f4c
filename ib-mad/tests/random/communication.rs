//! Messages of communication management.

use super::value::structures;

structures! {
    CmPath {
        local_lid, remote_lid, local_gid, remote_gid, flow_label: 20, packet_rate: 6, traffic_class, hop_limit,
        service_level, subnet_local, local_ack_timeout,
    }
    ConnectRequest {
        local_communication_id, vendor_id: 24, service_id, local_ca_guid, local_q_key, local_qpn,
        responder_resources, local_eecn, initiator_depth, remote_eecn, remote_cm_response_timeout,
        transport_service_type: 2, end_to_end_flow_control, starting_psn, local_cm_response_timeout,
        retry_count: 3, p_key, path_mtu: 4, rdc_exists, rnr_retry_count: 3, max_cm_retries: 4, srq,
        extended_transport_type: 3, primary_path, alternate_path, sap_supported, private_data,
    }
    MsgRcptAck {
        local_communication_id, remote_communication_id, message_mraed: 2, service_timeout, private_data,
    }
    ConnectReject {
        local_communication_id, remote_communication_id, message_rejected: 2, reason,
        additional_reject_information: 7, private_data,
    }
    ConnectReply {
        local_communication_id, remote_communication_id, local_q_key, local_qpn, local_eecn, starting_psn,
        vendor_id: 24, responder_resources, initiator_depth, target_ack_delay, failover_accepted: 2,
        end_to_end_flow_control, rnr_retry_count: 3, srq, local_ca_guid, private_data,
    }
    ReadyToUse { local_communication_id, remote_communication_id, private_data }
    DisconnectRequest {
        local_communication_id, remote_communication_id, remote_qpn_eecn, private_data,
    }
    DisconnectReply { local_communication_id, remote_communication_id, private_data }
    LoadAlternatePath {
        local_communication_id, remote_communication_id, remote_qpn_eecn, remote_cm_response_timeout,
        alternate_path, private_data,
    }
    AlternatePathResponse {
        local_communication_id, remote_communication_id, status, additional_information: 8, private_data,
    }
    ServiceIdResolutionRequest { request_id, p_key, service_id, private_data }
    ServiceIdResolutionResponse {
        request_id, status, vendor_id: 24, qpn, service_id, q_key, additional_information: 8, private_data,
    }
}
