//! Attributes that are no records, and those that records contain.

use super::{Bits, Shown, joined, whole};

const RESERVED: &str = "infiniband.reserved";

pub(super) fn shown(layout: &str) -> Option<Vec<Shown>> {
    Some(match layout {
        "NodeInfo" => node_info(),
        "NodeDescription" => vec![Shown::whole("infiniband.nodedescription.nodestring", "text")],
        "SwitchInfo" => switch_info(),
        "GuidInfo" => guid_info(),
        "PortInfo" => port_info(),
        "PKeyTable" => p_key_table(),
        "SlToVlMapping" => sl_to_vl_mapping(),
        "VlArbitration" => vl_arbitration(),
        "LinearForwardingTable" => linear_forwarding_table(),
        "MulticastForwardingTable" => multicast_forwarding_table(),
        "SmInfo" => sm_info(),
        "InformInfo" => inform_info(),
        "Notice" => notice(),
        "ClassPortInfo" => class_port_info(),
        "PortCounters" => port_counters(),
        "PortCountersExtended" => port_counters_extended(),
        _ => return None,
    })
}

pub(super) fn node_info() -> Vec<Shown> {
    whole!("nodeinfo" {
        "baseversion": "base_version",
        "classversion": "class_version",
        "nodetype": "node_type",
        "numports": "number_of_ports",
        "systemimageguid": "system_image_guid",
        "nodeguid": "node_guid",
        "portguid": "port_guid",
        "partitioncap": "partition_capacity",
        "deviceid": "device_id",
        "revision": "revision",
        "localportnum": "local_port_number",
        "vendorid": "vendor_id",
    })
}

pub(super) fn switch_info() -> Vec<Shown> {
    whole!("switchinfo" {
        "linearfdbcap": "linear_fdb_capacity",
        "randomfdbcap": "random_fdb_capacity",
        "multicastfdbcap": "multicast_fdb_capacity",
        "linearfdbtop": "linear_fdb_top",
        "defaultport": "default_port",
        "defaultmulticastprimaryport": "default_multicast_primary_port",
        "defaultmulticastnotprimaryport": "default_multicast_not_primary_port",
        "lifetimevalue": "life_time_value",
        "portstatechange": "port_state_change",
        "optimizedsltovlmappingprogramming": "optimized_sl_to_vl_mapping_programming",
        "lidsperport": "lids_per_port",
        "partitionenforcementcap": "partition_enforcement_capacity",
        "inboundenforcementcap": "inbound_enforcement_capable",
        "outboundenforcementcap": "outbound_enforcement_capable",
        "filterrawinboundcap": "filter_raw_inbound_capable",
        "filterrawoutboundcap": "filter_raw_outbound_capable",
        "enhancedportzero": "enhanced_port_0",
    })
}

/// tshark names a port's GUIDs after SwitchInfo.
pub(super) fn guid_info() -> Vec<Shown> {
    (0..8).map(|i| Shown::whole("infiniband.switchinfo.guid", &format!("guid_{i}"))).collect()
}

pub(super) fn port_info() -> Vec<Shown> {
    let mut shown = whole!("portinfo" {
        "m_key": "m_key",
        "guid": "gid_prefix",
        "lid": "lid",
        "mastersmlid": "master_sm_lid",
        "capabilitymask": "capability_mask",
        "diagcode": "diag_code",
        "m_keyleaseperiod": "m_key_lease_period",
        "localportnum": "local_port_number",
        "linkwidthenabled": "link_width_enabled",
        "linkwidthsupported": "link_width_supported",
        "linkwidthactive": "link_width_active",
        "linkspeedsupported": "link_speed_supported",
        "portstate": "port_state",
        "portphysicalstate": "port_physical_state",
        "linkdowndefaultstate": "link_down_default_state",
        "m_keyprotectbits": "m_key_protect_bits",
        "lmc": "lmc",
        "linkspeedactive": "link_speed_active",
        "linkspeedenabled": "link_speed_enabled",
        "neighbormtu": "neighbor_mtu",
        "mastersmsl": "master_sm_sl",
        "vlcap": "vl_cap",
        "inittype": "init_type",
        "vlhighlimit": "vl_high_limit",
        "vlarbitrationhighcap": "vl_arbitration_high_cap",
        "vlarbitrationlowcap": "vl_arbitration_low_cap",
        "inittypereply": "init_type_reply",
        "mtucap": "mtu_cap",
        "vlstallcount": "vl_stall_count",
        "hoqlife": "hoq_life",
        "operationalvls": "operational_vls",
        "partitionenforcementinbound": "partition_enforcement_inbound",
        "partitionenforcementoutbound": "partition_enforcement_outbound",
        "filterrawinbound": "filter_raw_inbound",
        "filterrawoutbound": "filter_raw_outbound",
        "m_keyviolations": "m_key_violations",
        "p_keyviolations": "p_key_violations",
        "q_keyviolations": "q_key_violations",
        "guidcap": "guid_cap",
        "clientreregister": "client_reregister",
        "subnettimeout": "subnet_timeout",
        "resptimevalue": "response_time_value",
        "localphyerrors": "local_phy_errors",
        "overrunerrors": "overrun_errors",
        "maxcredithint": "max_credit_hint",
        "linkroundtriplatency": "link_round_trip_latency",
    });
    shown.extend(CAPABILITIES.map(|(name, bit)| Shown::bits(name, "capability_mask", 31 - bit, 1)));
    shown
}

/// Bits of a port's CapabilityMask that tshark shows one by one.
const CAPABILITIES: [(&str, usize); 24] = [
    ("infiniband.portinfo.capabilitymask.issm", 1),
    ("infiniband.portinfo.capabilitymask.noticesupported", 2),
    ("infiniband.portinfo.capabilitymask.trapsupported", 3),
    ("infiniband.portinfo.capabilitymask.optionalipdsupported", 4),
    ("infiniband.portinfo.capabilitymask.automaticmigrationsupported", 5),
    ("infiniband.portinfo.capabilitymask.slmappingsupported", 6),
    ("infiniband.portinfo.capabilitymask.mkeynvram", 7),
    ("infiniband.portinfo.capabilitymask.pkeynvram", 8),
    ("infiniband.portinfo.capabilitymask.ledinfosupported", 9),
    ("infiniband.portinfo.capabilitymask.smdisabled", 10),
    ("infiniband.portinfo.capabilitymask.systemimageguidsupported", 11),
    ("infiniband.portinfo.capabilitymask.pkeyswitchexternalporttrapsupported", 12),
    ("infiniband.portinfo.capabilitymask.communicationmanagementsupported", 16),
    ("infiniband.portinfo.capabilitymask.snmptunnelingsupported", 17),
    ("infiniband.portinfo.capabilitymask.reinitsupported", 18),
    ("infiniband.portinfo.capabilitymask.devicemanagementsupported", 19),
    ("infiniband.portinfo.capabilitymask.vendorclasssupported", 20),
    ("infiniband.portinfo.capabilitymask.drnoticesupported", 21),
    ("infiniband.portinfo.capabilitymask.capabilitymasknoticesupported", 22),
    ("infiniband.portinfo.capabilitymask.bootmanagementsupported", 23),
    ("infiniband.portinfo.capabilitymask.linkroundtriplatencysupported", 24),
    ("infiniband.portinfo.capabilitymask.clientregistrationsupported", 25),
    ("infiniband.portinfo.capabilitymask.otherlocalchangesnoticesupported", 26),
    ("infiniband.portinfo.capabilitymask.linkspeedwidthpairstablesupported", 27),
];

/// Each P_Key in two parts.
pub(super) fn p_key_table() -> Vec<Shown> {
    (0..32)
        .flat_map(|i| {
            [
                Shown::bits("infiniband.p_keytable.membershiptype", "p_keys", i * 16, 1),
                Shown::bits("infiniband.p_keytable.p_keybase", "p_keys", i * 16 + 1, 15),
            ]
        })
        .collect()
}

pub(super) fn sl_to_vl_mapping() -> Vec<Shown> {
    let name = |i| match i % 2 {
        0 => "infiniband.sltovlmappingtable.sltovlhighbits",
        _ => "infiniband.sltovlmappingtable.sltovllowbits",
    };
    (0..16).map(|i| Shown::whole(name(i), &format!("lane_{i}"))).collect()
}

pub(super) fn vl_arbitration() -> Vec<Shown> {
    (0..32)
        .flat_map(|i| {
            [
                Shown::whole("infiniband.vlarbitrationtable.vl", &format!("lane_{i}")),
                Shown::whole("infiniband.vlarbitrationtable.weight", &format!("weight_{i}")),
            ]
        })
        .collect()
}

pub(super) fn linear_forwarding_table() -> Vec<Shown> {
    (0..64).map(|i| Shown::bits("infiniband.linearforwardingtable.port", "ports", i * 8, 8)).collect()
}

/// tshark shows the first half of a block only.
pub(super) fn multicast_forwarding_table() -> Vec<Shown> {
    let name = "infiniband.multicastforwardingtable.portmask";
    (0..16).map(|i| Shown::bits(name, "port_masks", i * 16, 16)).collect()
}

pub(super) fn sm_info() -> Vec<Shown> {
    whole!("sminfo" {
        "guid": "guid",
        "sm_key": "sm_key",
        "actcount": "act_count",
        "priority": "priority",
        "smstate": "state",
    })
}

pub(super) fn inform_info() -> Vec<Shown> {
    whole!("informinfo" {
        "gid": "gid",
        "lidrangebegin": "lid_range_begin",
        "lidrangeend": "lid_range_end",
        "isgeneric": "is_generic",
        "subscribe": "subscribe",
        "type": "notice_type",
        "trapnumberdeviceid": "trap_number_or_device_id",
        "qpn": "qpn",
        "resptimevalue": "response_time_value",
        "producertypevendorid": "producer_type_or_vendor_id",
    })
}

/// Without the issuer's GID, which tshark does not show.
fn notice() -> Vec<Shown> {
    whole!("notice" {
        "isgeneric": "is_generic",
        "type": "notice_type",
        "producertypevendorid": "producer_type_or_vendor_id",
        "trapnumberdeviceid": "trap_number_or_device_id",
        "issuerlid": "issuer_lid",
        "noticetoggle": "notice_toggle",
        "noticecount": "notice_count",
        "datadetails": "data_details",
    })
}

fn class_port_info() -> Vec<Shown> {
    joined([
        whole!("classportinfo" {
            "baseversion": "base_version",
            "classversion": "class_version",
            "capabilitymask": "capability_mask",
            "capabilitymask2": "capability_mask2",
            "resptimevalue": "response_time_value",
            "redirectgid": "redirect_gid",
            "redirecttc": "redirect_traffic_class",
            "redirectsl": "redirect_service_level",
            "redirectfl": "redirect_flow_label",
            "redirectlid": "redirect_lid",
            "redirectpkey": "redirect_p_key",
            "redirectqp": "redirect_qpn",
            "redirectqkey": "redirect_q_key",
            "trapgid": "trap_gid",
            "traptc": "trap_traffic_class",
            "trapsl": "trap_service_level",
            "trapfl": "trap_flow_label",
            "traplid": "trap_lid",
            "trappkey": "trap_p_key",
        }),
        vec![Shown::reserved("infiniband.classportinfo.reserved", 64, vec![Bits::whole("trap_hop_limit")])],
        whole!("classportinfo" { "trapqp": "trap_qpn", "trapqkey": "trap_q_key" }),
    ])
}

/// Without PortXmitWait, which tshark does not show.
fn port_counters() -> Vec<Shown> {
    joined([
        whole!("portcounters" {
            "portselect": "port_select",
            "counterselect": "counter_select",
            "symbolerrorcounter": "symbol_error_counter",
            "linkerrorrecoverycounter": "link_error_recovery_counter",
            "linkdownedcounter": "link_downed_counter",
            "portrcverrors": "port_rcv_errors",
            "portrcvremotephysicalerrors": "port_rcv_remote_physical_errors",
            "portrcvswitchrelayerrors": "port_rcv_switch_relay_errors",
            "portxmitdiscards": "port_xmit_discards",
            "portxmitconstrainterrors": "port_xmit_constraint_errors",
            "portrcvconstrainterrors": "port_rcv_constraint_errors",
            "locallinkintegrityerrors": "local_link_integrity_errors",
            "excessivebufferoverrunerrors": "excessive_buffer_overrun_errors",
            "vl15dropped": "vl15_dropped",
            "portxmitdata": "port_xmit_data",
            "portrcvdata": "port_rcv_data",
            "portxmitpkts": "port_xmit_pkts",
            "portrcvpkts": "port_rcv_pkts",
        }),
        vec![
            Shown::reserved(RESERVED, 18, vec![Bits::whole("counter_select2")]),
            Shown::reserved(RESERVED, 20, vec![Bits::whole("qp1_dropped")]),
        ],
    ])
}

/// Without the counters of errors, which tshark does not show.
fn port_counters_extended() -> Vec<Shown> {
    joined([
        whole!("portcounters_ext" { "portselect": "port_select", "counterselect": "counter_select" }),
        vec![Shown::reserved(RESERVED, 4, vec![Bits::whole("counter_select2")])],
        whole!("portcounters_ext" {
            "portxmitdata": "port_xmit_data",
            "portrcvdata": "port_rcv_data",
            "portxmitpkts": "port_xmit_pkts",
            "portrcvpkts": "port_rcv_pkts",
            "portunicastxmitpkts": "port_unicast_xmit_pkts",
            "portunicastrcvpkts": "port_unicast_rcv_pkts",
            "portmulticastxmitpkts": "port_multicast_xmit_pkts",
            "portmulticastrcvpkts": "port_multicast_rcv_pkts",
        }),
    ])
}
