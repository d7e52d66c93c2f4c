//! Records of subnet administration.

use super::attributes::{
    guid_info, inform_info, linear_forwarding_table, multicast_forwarding_table, node_info, p_key_table,
    port_info, sl_to_vl_mapping, sm_info, switch_info, vl_arbitration,
};
use super::{Bits, Shown, inside, joined, whole};

const RESERVED: &str = "infiniband.reserved";

pub(super) fn shown(layout: &str) -> Option<Vec<Shown>> {
    let lid = || Shown::whole("infiniband.sa.lid", "lid");
    Some(match layout {
        "PathRecord" => path(),
        "MultiPathRecord" => multi_path(),
        "McMemberRecord" => multicast_member(),
        "ServiceRecord" => service(),
        "LinkRecord" => whole!("linkrecord" {
            "fromlid": "from_lid",
            "fromport": "from_port",
            "toport": "to_port",
            "tolid": "to_lid",
        }),
        "NodeRecord" => joined([
            vec![lid()],
            inside("node_info", node_info()),
            vec![Shown::whole("infiniband.nodedescription.nodestring", "node_description")],
        ]),
        "SwitchInfoRecord" => joined([vec![lid()], inside("switch_info", switch_info())]),
        "PortInfoRecord" => joined([
            whole!("sa" { "endportlid": "lid", "portnum": "port_number" }),
            vec![Shown::reserved(RESERVED, 3, vec![Bits::whole("options")])],
            inside("port_info", port_info()),
        ]),
        "InformInfoRecord" => joined([
            whole!("informinforecord" { "subscribergid": "subscriber_gid", "enum": "subscriber_enum" }),
            inside("inform_info", inform_info()),
        ]),
        "SmInfoRecord" => joined([vec![lid()], inside("sm_info", sm_info())]),
        "GuidInfoRecord" => joined([
            whole!("sa" { "lid": "lid", "blocknum_eightbit": "block_number" }),
            inside("guid_info", guid_info()),
        ]),
        "PKeyTableRecord" => joined([
            whole!("sa" { "lid": "lid", "blocknum_sixteenbit": "block_number", "portnum": "port_number" }),
            inside("p_key_table", p_key_table()),
        ]),
        "SlToVlMappingRecord" => joined([
            whole!("sa" { "lid": "lid", "inputportnum": "input_port", "outputportnum": "output_port" }),
            inside("sl_to_vl_mapping", sl_to_vl_mapping()),
        ]),
        "VlArbitrationRecord" => joined([
            whole!("sa" { "lid": "lid", "outputportnum": "output_port", "blocknum_eightbit": "block_number" }),
            inside("vl_arbitration", vl_arbitration()),
        ]),
        "LinearForwardingTableRecord" => joined([
            whole!("sa" { "lid": "lid", "blocknum_sixteenbit": "block_number" }),
            inside("linear_forwarding_table", linear_forwarding_table()),
        ]),
        "MulticastForwardingTableRecord" => joined([
            whole!("sa" { "lid": "lid", "position": "position", "blocknum_ninebit": "block_number" }),
            inside("multicast_forwarding_table", multicast_forwarding_table()),
        ]),
        _ => return None,
    })
}

fn path() -> Vec<Shown> {
    joined([
        vec![Shown::reserved(RESERVED, 0, vec![Bits::whole("service_id")])],
        whole!("pathrecord" {
            "dgid": "destination_gid",
            "sgid": "source_gid",
            "dlid": "destination_lid",
            "slid": "source_lid",
            "rawtraffic": "is_raw",
            "flowlabel": "flow_label",
            "hoplimit": "hop_limit",
            "tclass": "traffic_class",
            "reversible": "is_reversible",
            "numbpath": "number_of_paths",
            "p_key": "p_key",
            "sl": "service_level",
            "mtuselector": "mtu_selector",
            "mtu": "mtu",
            "rateselector": "rate_selector",
            "rate": "rate",
            "packetlifetimeselector": "packet_lifetime_selector",
            "packetlifetime": "packet_lifetime",
            "preference": "preference",
        }),
    ])
}

/// Without the GIDs that follow, which are no part of the layout.
fn multi_path() -> Vec<Shown> {
    joined([
        whole!("multipathrecord" {
            "rawtraffic": "is_raw",
            "flowlabel": "flow_label",
            "hoplimit": "hop_limit",
            "tclass": "traffic_class",
            "reversible": "is_reversible",
            "numbpath": "number_of_paths",
            "p_key": "p_key",
            "sl": "service_level",
            "mtuselector": "mtu_selector",
            "mtu": "mtu",
            "rateselector": "rate_selector",
            "rate": "rate",
            "packetlifetimeselector": "packet_lifetime_selector",
            "packetlifetime": "packet_lifetime",
        }),
        vec![
            Shown::reserved(RESERVED, 13, vec![Bits::range("service_id", 0, 8)]),
            Shown::whole("infiniband.multipathrecord.independenceselector", "independence"),
            Shown::zero("infiniband.multipathrecord.gidscope")
                .deviates("ib-mad and ib_types.h take these six bits for reserved"),
            Shown::whole("infiniband.multipathrecord.sgidcount", "source_gid_count"),
            Shown::whole("infiniband.multipathrecord.dgidcount", "destination_gid_count"),
            Shown::reserved(RESERVED, 17, vec![Bits::range("service_id", 8, 56)]),
        ],
    ])
}

fn multicast_member() -> Vec<Shown> {
    whole!("mcmemberrecord" {
        "mgid": "mgid",
        "portgid": "port_gid",
        "q_key": "q_key",
        "mlid": "mlid",
        "mtuselector": "mtu_selector",
        "mtu": "mtu",
        "tclass": "traffic_class",
        "p_key": "p_key",
        "rateselector": "rate_selector",
        "rate": "rate",
        "packetlifetimeselector": "packet_lifetime_selector",
        "packetlifetime": "packet_lifetime",
        "sl": "service_level",
        "flowlabel": "flow_label",
        "hoplimit": "hop_limit",
        "scope": "scope",
        "joinstate": "join_state",
        "proxyjoin": "proxy_join",
    })
}

/// tshark names a service's fields after LinkRecord.
fn service() -> Vec<Shown> {
    whole!("linkrecord" {
        "serviceid": "service_id",
        "servicegid": "service_gid",
        "servicep_key": "service_p_key",
        "servicelease": "service_lease",
        "servicekey": "service_key",
        "servicename": "service_name",
        "servicedata": "data8",
        "servicedata": "data16",
        "servicedata": "data32",
        "servicedata": "data64",
    })
}
