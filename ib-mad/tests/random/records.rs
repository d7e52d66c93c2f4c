//! Records that are no tables, and counters.

use super::value::structures;

structures! {
    SmInfo { guid, sm_key, act_count, priority: 4, state: 4 }
    SmInfoRecord { lid, sm_info }
    PortInfoRecord { lid, port_number, options, port_info }
    LinkRecord { from_lid, from_port, to_port, to_lid }
    ServiceRecord {
        service_id, service_gid, service_p_key, service_lease, service_key, service_name, data8, data16,
        data32, data64,
    }
    McMemberRecord {
        mgid, port_gid, q_key, mlid, mtu_selector, mtu: 6, traffic_class, p_key, rate_selector, rate: 6,
        packet_lifetime_selector, packet_lifetime: 6, service_level, flow_label: 20, hop_limit, scope: 4,
        join_state: 4, proxy_join,
    }
    MultiPathRecord {
        is_raw, flow_label: 20, hop_limit, traffic_class, is_reversible, number_of_paths: 7, p_key,
        qos_class: 12, service_level, mtu_selector, mtu: 6, rate_selector, rate: 6, packet_lifetime_selector,
        packet_lifetime: 6, service_id, independence: 2, source_gid_count, destination_gid_count,
    }
    ExtPortInfo {
        state_change_enable, link_speed_supported, link_speed_enabled, link_speed_active,
    }
    PortCounters {
        port_select, counter_select, symbol_error_counter, link_error_recovery_counter, link_downed_counter,
        port_rcv_errors, port_rcv_remote_physical_errors, port_rcv_switch_relay_errors, port_xmit_discards,
        port_xmit_constraint_errors, port_rcv_constraint_errors, counter_select2, qp1_dropped, vl15_dropped,
        port_xmit_data, port_rcv_data, port_xmit_pkts, port_rcv_pkts, port_xmit_wait,
        local_link_integrity_errors: 4, excessive_buffer_overrun_errors: 4,
    }
    PortCountersExtended {
        port_select, counter_select, counter_select2, port_xmit_data, port_rcv_data, port_xmit_pkts,
        port_rcv_pkts, port_unicast_xmit_pkts, port_unicast_rcv_pkts, port_multicast_xmit_pkts,
        port_multicast_rcv_pkts, symbol_error_counter, link_error_recovery_counter, link_downed_counter,
        port_rcv_errors, port_rcv_remote_physical_errors, port_rcv_switch_relay_errors, port_xmit_discards,
        port_xmit_constraint_errors, port_rcv_constraint_errors, local_link_integrity_errors,
        excessive_buffer_overrun_errors, vl15_dropped, port_xmit_wait, qp1_dropped,
    }
}
