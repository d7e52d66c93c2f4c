//! Headers, and attributes that are no tables.

use super::value::structures;

structures! {
    MadHeader {
        base_version, class, class_version, method, status, class_specific, transaction_id, attribute_id,
        attribute_modifier,
    }
    RmppHeader { version, kind, response_time: 5, flags: 3, status, segment, length_or_window }
    SaHeader { sm_key, attribute_offset, component_mask }
    PathRecord {
        service_id, destination_gid, source_gid, destination_lid, source_lid, is_raw, flow_label: 20,
        hop_limit, traffic_class, is_reversible, number_of_paths: 7, p_key, qos_class: 12, service_level,
        mtu_selector, mtu: 6, rate_selector, rate: 6, packet_lifetime_selector, packet_lifetime: 6,
        preference,
    }
    Notice {
        producer, notice_type: 7, issuer_lid, notice_toggle, notice_count: 15, data_details, issuer_gid,
    }
    InformInfo {
        gid, lid_range_begin, lid_range_end, subscribe, notice_type, producer, qpn, response_time_value: 5,
    }
    NodeInfo {
        base_version, class_version, node_type, number_of_ports, system_image_guid, node_guid, port_guid,
        partition_capacity, device_id, revision, local_port_number, vendor_id: 24,
    }
    SwitchInfo {
        linear_fdb_capacity, random_fdb_capacity, multicast_fdb_capacity, linear_fdb_top, default_port,
        default_multicast_primary_port, default_multicast_not_primary_port, life_time_value: 5,
        port_state_change, optimized_sl_to_vl_mapping_programming: 2, lids_per_port,
        partition_enforcement_capacity, inbound_enforcement_capable, outbound_enforcement_capable,
        filter_raw_inbound_capable, filter_raw_outbound_capable, enhanced_port_0, multicast_fdb_top,
    }
    PortInfo {
        m_key, gid_prefix, lid, master_sm_lid, capability_mask, diag_code, m_key_lease_period,
        local_port_number, link_width_enabled, link_width_supported, link_width_active,
        link_speed_supported: 4, port_state: 4, port_physical_state: 4, link_down_default_state: 4,
        m_key_protect_bits: 2, lmc: 3, link_speed_active: 4, link_speed_enabled: 4, neighbor_mtu: 4,
        master_sm_sl, vl_cap: 4, init_type: 4, vl_high_limit, vl_arbitration_high_cap, vl_arbitration_low_cap,
        init_type_reply: 4, mtu_cap: 4, vl_stall_count: 3, hoq_life: 5, operational_vls: 4,
        partition_enforcement_inbound, partition_enforcement_outbound, filter_raw_inbound,
        filter_raw_outbound, m_key_violations, p_key_violations, q_key_violations, guid_cap,
        client_reregister, multicast_p_key_trap_suppression_enabled: 2, subnet_timeout: 5,
        response_time_value: 5, local_phy_errors: 4, overrun_errors: 4, max_credit_hint,
        link_round_trip_latency: 24, capability_mask2, link_speed_ext_active: 4, link_speed_ext_supported: 4,
        link_speed_ext_enabled: 5,
    }
    ClassPortInfo {
        base_version, class_version, capability_mask, capability_mask2: 27, response_time_value: 5,
        redirect_gid, redirect_traffic_class, redirect_service_level, redirect_flow_label: 20, redirect_lid,
        redirect_p_key, redirect_qpn, redirect_q_key, trap_gid, trap_traffic_class, trap_service_level,
        trap_flow_label: 20, trap_lid, trap_p_key, trap_hop_limit, trap_qpn, trap_q_key,
    }
    NodeRecord { lid, node_info, node_description }
    SwitchInfoRecord { lid, switch_info }
    InformInfoRecord { subscriber_gid, subscriber_enum, inform_info }
}
