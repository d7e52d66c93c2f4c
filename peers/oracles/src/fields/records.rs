//! Records that are no tables, and what their attributes have.

use ib_mad::wire::{
    ExtPortInfo, LinkRecord, McMemberRecord, MultiPathRecord, PortInfoRecord, ServiceRecord, SmInfo,
    SmInfoRecord,
};

use super::{Field, Layout, attribute, field, of};
use crate::FieldValue;

/// The four kinds of words that a service keeps, one behind the other.
fn service_data(record: &ServiceRecord) -> [u8; 64] {
    let words = [
        record.data8.to_bytes(),
        record.data16.to_bytes(),
        record.data32.to_bytes(),
        record.data64.to_bytes(),
    ];
    FieldValue::from_bytes(&words.concat())
}

fn set_service_data(record: &mut ServiceRecord, data: [u8; 64]) {
    record.data8 = FieldValue::from_bytes(&data[..16]);
    record.data16 = FieldValue::from_bytes(&data[16..32]);
    record.data32 = FieldValue::from_bytes(&data[32..48]);
    record.data64 = FieldValue::from_bytes(&data[48..]);
}

pub(super) fn layouts() -> Vec<Layout> {
    let mut service = attribute!(fields ServiceRecord {
        service_id: 64,
        service_gid: 128,
        service_p_key: 16,
        service_lease: 32,
        service_key: 128,
        service_name: 512,
        data8: 128,
        data16: 128,
        data32: 128,
        data64: 128,
    });
    service.push(field::<ServiceRecord, _>("data", 512, service_data, set_service_data));
    vec![
        attribute!(SmInfo { guid: 64, sm_key: 64, act_count: 32, priority: 4, state: 4 }),
        attribute!(SmInfoRecord {
            lid: 16,
            sm_info.guid: 64,
            sm_info.sm_key: 64,
            sm_info.act_count: 32,
            sm_info.priority: 4,
            sm_info.state: 4,
        }),
        attribute!(LinkRecord { from_lid: 16, from_port: 8, to_port: 8, to_lid: 16 }),
        of::<ServiceRecord>(service),
        attribute!(McMemberRecord {
            mgid: 128,
            port_gid: 128,
            q_key: 32,
            mlid: 16,
            mtu_selector: 2,
            mtu: 6,
            traffic_class: 8,
            p_key: 16,
            rate_selector: 2,
            rate: 6,
            packet_lifetime_selector: 2,
            packet_lifetime: 6,
            service_level: 4,
            flow_label: 20,
            hop_limit: 8,
            scope: 4,
            join_state: 4,
            proxy_join: 1,
        }),
        attribute!(MultiPathRecord {
            is_raw: 1,
            flow_label: 20,
            hop_limit: 8,
            traffic_class: 8,
            is_reversible: 1,
            number_of_paths: 7,
            p_key: 16,
            qos_class: 12,
            service_level: 4,
            mtu_selector: 2,
            mtu: 6,
            rate_selector: 2,
            rate: 6,
            packet_lifetime_selector: 2,
            packet_lifetime: 6,
            service_id: 64,
            independence: 2,
            source_gid_count: 8,
            destination_gid_count: 8,
        }),
        attribute!(ExtPortInfo {
            state_change_enable: 8,
            link_speed_supported: 8,
            link_speed_enabled: 8,
            link_speed_active: 8,
        }),
        attribute!(PortInfoRecord {
            lid: 16,
            port_number: 8,
            options: 8,
            port_info.m_key: 64,
            port_info.gid_prefix: 64,
            port_info.lid: 16,
            port_info.master_sm_lid: 16,
            port_info.capability_mask: 32,
            port_info.diag_code: 16,
            port_info.m_key_lease_period: 16,
            port_info.local_port_number: 8,
            port_info.link_width_enabled: 8,
            port_info.link_width_supported: 8,
            port_info.link_width_active: 8,
            port_info.link_speed_supported: 4,
            port_info.port_state: 4,
            port_info.port_physical_state: 4,
            port_info.link_down_default_state: 4,
            port_info.m_key_protect_bits: 2,
            port_info.lmc: 3,
            port_info.link_speed_active: 4,
            port_info.link_speed_enabled: 4,
            port_info.neighbor_mtu: 4,
            port_info.master_sm_sl: 4,
            port_info.vl_cap: 4,
            port_info.init_type: 4,
            port_info.vl_high_limit: 8,
            port_info.vl_arbitration_high_cap: 8,
            port_info.vl_arbitration_low_cap: 8,
            port_info.init_type_reply: 4,
            port_info.mtu_cap: 4,
            port_info.vl_stall_count: 3,
            port_info.hoq_life: 5,
            port_info.operational_vls: 4,
            port_info.partition_enforcement_inbound: 1,
            port_info.partition_enforcement_outbound: 1,
            port_info.filter_raw_inbound: 1,
            port_info.filter_raw_outbound: 1,
            port_info.m_key_violations: 16,
            port_info.p_key_violations: 16,
            port_info.q_key_violations: 16,
            port_info.guid_cap: 8,
            port_info.client_reregister: 1,
            port_info.multicast_p_key_trap_suppression_enabled: 2,
            port_info.subnet_timeout: 5,
            port_info.response_time_value: 5,
            port_info.local_phy_errors: 4,
            port_info.overrun_errors: 4,
            port_info.max_credit_hint: 16,
            port_info.link_round_trip_latency: 24,
            port_info.capability_mask2: 16,
            port_info.link_speed_ext_active: 4,
            port_info.link_speed_ext_supported: 4,
            port_info.link_speed_ext_enabled: 5,
        }),
    ]
}
