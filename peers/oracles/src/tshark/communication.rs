//! Messages of communication management. tshark 4.0 has no fields of MRA, LAP, APR, SIDR_REQ and SIDR_REP.

use super::{Bits, Shown, joined, whole};

const RESERVED: &str = "infiniband.reserved";

pub(super) fn shown(layout: &str) -> Option<Vec<Shown>> {
    Some(match layout {
        "ConnectRequest" => request(),
        "ConnectReject" => joined([
            whole!("cm.rej" {
                "localcommid": "local_communication_id",
                "remotecommid": "remote_communication_id",
                "msgrej": "message_rejected",
            }),
            vec![Shown::zero("infiniband.cm.rej.reserved0")],
            whole!("cm.rej" { "rejinfolen": "additional_reject_information.length" }),
            vec![Shown::zero("infiniband.cm.rej.reserved1")],
            whole!("cm.rej" {
                "reason": "reason",
                "ari": "additional_reject_information.data",
                "private": "private_data",
            }),
        ]),
        "ConnectReply" => reply(),
        "ReadyToUse" => whole!("cm.rtu" {
            "localcommid": "local_communication_id",
            "remotecommid": "remote_communication_id",
            "private": "private_data",
        }),
        "DisconnectRequest" => joined([
            whole!("cm.dreq" {
                "localcommid": "local_communication_id",
                "remotecommid": "remote_communication_id",
            }),
            whole!("cm.req" { "remoteqpneecn": "remote_qpn_eecn" }),
            whole!("cm.dreq" { "private": "private_data" }),
        ]),
        "DisconnectReply" => whole!("cm.drsp" {
            "localcommid": "local_communication_id",
            "remotecommid": "remote_communication_id",
            "private": "private_data",
        }),
        _ => return None,
    })
}

/// A service of the RDMA IP CM (prefix 0x0000000001) is shown in parts, and so are its private data: not in this table.
fn request() -> Vec<Shown> {
    const TWICE: &str = "infiniband.cm.req.alt_reserved1";
    const FLAG: &str = "tshark takes the flag for reserved, and shows it with the two bits behind it";
    joined([
        vec![
            Shown::whole("infiniband.cm.req", "local_communication_id"),
            Shown::reserved(RESERVED, 4, vec![Bits::whole("vendor_id")]),
        ],
        whole!("cm.req" {
            "serviceid": "service_id",
            "localcaguid": "local_ca_guid",
            "localqkey": "local_q_key",
            "localqpn": "local_qpn",
            "responderres": "responder_resources",
            "localeecn": "local_eecn",
            "initdepth": "initiator_depth",
            "remoteeecn": "remote_eecn",
            "remoteresptout": "remote_cm_response_timeout",
            "transpsvctype": "transport_service_type",
            "e2eflowctrl": "end_to_end_flow_control",
            "startpsn": "starting_psn",
            "localresptout": "local_cm_response_timeout",
            "retrcount": "retry_count",
            "pkey": "p_key",
            "pppmtu": "path_mtu",
            "rdcexist": "rdc_exists",
            "rnrretrcount": "rnr_retry_count",
            "maxcmretr": "max_cm_retries",
            "srq": "srq",
            "ext_transport": "extended_transport_type",
            "prim_locallid": "primary_path.local_lid",
            "prim_remotelid": "primary_path.remote_lid",
            "prim_localgid": "primary_path.local_gid",
            "prim_remotegid": "primary_path.remote_gid",
        }),
        flow_label_and_rate(
            [
                "infiniband.cm.req.prim_flowlabel",
                "infiniband.cm.req.prim_reserved0",
                "infiniband.cm.req.prim_pktrate",
            ],
            "primary_path.flow_label",
        ),
        whole!("cm.req" {
            "prim_tfcclass": "primary_path.traffic_class",
            "prim_hoplim": "primary_path.hop_limit",
            "prim_sl": "primary_path.service_level",
            "prim_subnetlocal": "primary_path.subnet_local",
        }),
        vec![Shown::zero("infiniband.cm.req.prim_reserved1")],
        whole!("cm.req" { "prim_localacktout": "primary_path.local_ack_timeout" }),
        vec![Shown::zero("infiniband.cm.req.prim_reserved2")],
        whole!("cm.req" {
            "alt_locallid": "alternate_path.local_lid",
            "alt_remotelid": "alternate_path.remote_lid",
            "alt_localgid": "alternate_path.local_gid",
            "alt_remotegid": "alternate_path.remote_gid",
        }),
        flow_label_and_rate(
            [
                "infiniband.cm.req.alt_flowlabel",
                "infiniband.cm.req.alt_reserved0",
                "infiniband.cm.req.alt_pktrate",
            ],
            "alternate_path.flow_label",
        ),
        whole!("cm.req" {
            "alt_tfcclass": "alternate_path.traffic_class",
            "alt_hoplim": "alternate_path.hop_limit",
            "alt_sl": "alternate_path.service_level",
            "alt_subnetlocal": "alternate_path.subnet_local",
        }),
        vec![Shown::zero(TWICE)],
        whole!("cm.req" { "alt_localacktout": "alternate_path.local_ack_timeout" }),
        vec![Shown::whole(TWICE, "sap_supported").before_zeros(2).deviates(FLAG)],
        whole!("cm.req" { "private": "private_data" }),
    ])
}

/// The word of a path's flow label (20 bits), six reserved bits and rate (6 bits).
fn flow_label_and_rate([label, reserved, rate]: [&'static str; 3], field: &str) -> Vec<Shown> {
    const THREE_BYTES: &str = "tshark reads three of the word's four bytes, with the mask of four";
    const FIRST_BYTE: &str = "tshark reads the word's first byte, with the mask of the whole word";
    vec![
        Shown::bits(label, field, 0, 12).deviates(THREE_BYTES),
        Shown::bits(reserved, field, 0, 2).deviates(FIRST_BYTE),
        Shown::bits(rate, field, 2, 6).deviates(FIRST_BYTE),
    ]
}

fn reply() -> Vec<Shown> {
    let vendor = |offset, first| Shown::reserved(RESERVED, offset, vec![Bits::range("vendor_id", first, 8)]);
    joined([
        vec![Shown::whole("infiniband.cm.rep", "local_communication_id")],
        whole!("cm.rep" {
            "remotecommid": "remote_communication_id",
            "localqkey": "local_q_key",
            "localqpn": "local_qpn",
        }),
        vec![vendor(15, 0)],
        whole!("cm.rep" { "localeecn": "local_eecn" }),
        vec![vendor(19, 8)],
        whole!("cm.rep" { "startpsn": "starting_psn" }),
        vec![vendor(23, 16)],
        whole!("cm.rep" {
            "respres": "responder_resources",
            "initdepth": "initiator_depth",
            "tgtackdelay": "target_ack_delay",
            "failoveracc": "failover_accepted",
            "e2eflowctrl": "end_to_end_flow_control",
            "rnrretrcount": "rnr_retry_count",
            "srq": "srq",
        }),
        vec![Shown::zero("infiniband.cm.rep.reserved")],
        whole!("cm.rep" { "localcaguid": "local_ca_guid", "private": "private_data" }),
    ])
}
