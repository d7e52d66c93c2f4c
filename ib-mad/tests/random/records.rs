//! Records that are no tables, and counters.

use ib_mad::wire::{
    ExtPortInfo, JoinState, LinkRecord, McMemberRecord, MultiPathRecord, PortCounters, PortCountersExtended,
    PortInfoRecord, ServiceName, ServiceRecord, SmInfo, SmInfoRecord, SmState,
};
use ib_mad::{Gid, Guid, Lid, Mtu, PKey, PacketLifetime, QKey, Rate, ServiceKey, SmKey};
use quickcheck::Gen;

use super::{any, bytes, port_info, selector, service_level};

pub(crate) fn sm_info(g: &mut Gen) -> SmInfo {
    SmInfo {
        guid: Guid(any(g)),
        sm_key: SmKey(any(g)),
        act_count: any(g),
        priority: any::<u8>(g) & 0xF,
        state: SmState(any::<u8>(g) & 0xF),
    }
}

pub(crate) fn sm_info_record(g: &mut Gen) -> SmInfoRecord {
    SmInfoRecord { lid: Lid(any(g)), sm_info: sm_info(g) }
}

pub(crate) fn port_info_record(g: &mut Gen) -> PortInfoRecord {
    PortInfoRecord { lid: Lid(any(g)), port_number: any(g), options: any(g), port_info: port_info(g) }
}

pub(crate) fn link_record(g: &mut Gen) -> LinkRecord {
    LinkRecord { from_lid: Lid(any(g)), from_port: any(g), to_port: any(g), to_lid: Lid(any(g)) }
}

pub(crate) fn service_record(g: &mut Gen) -> ServiceRecord {
    ServiceRecord {
        service_id: any(g),
        service_gid: Gid(bytes(g)),
        service_p_key: PKey(any(g)),
        service_lease: any(g),
        service_key: ServiceKey(bytes(g)),
        service_name: ServiceName(bytes(g)),
        data8: bytes(g),
        data16: core::array::from_fn(|_| any(g)),
        data32: core::array::from_fn(|_| any(g)),
        data64: core::array::from_fn(|_| any(g)),
    }
}

pub(crate) fn mc_member_record(g: &mut Gen) -> McMemberRecord {
    McMemberRecord {
        mgid: Gid(bytes(g)),
        port_gid: Gid(bytes(g)),
        q_key: QKey(any(g)),
        mlid: Lid(any(g)),
        mtu_selector: selector(g),
        mtu: Mtu(any::<u8>(g) & 0x3F),
        traffic_class: any(g),
        p_key: PKey(any(g)),
        rate_selector: selector(g),
        rate: Rate(any::<u8>(g) & 0x3F),
        packet_lifetime_selector: selector(g),
        packet_lifetime: PacketLifetime(any::<u8>(g) & 0x3F),
        service_level: service_level(g),
        flow_label: any::<u32>(g) & 0xF_FFFF,
        hop_limit: any(g),
        scope: any::<u8>(g) & 0xF,
        join_state: JoinState(any::<u8>(g) & 0xF),
        proxy_join: any(g),
    }
}

pub(crate) fn multi_path_record(g: &mut Gen) -> MultiPathRecord {
    MultiPathRecord {
        is_raw: any(g),
        flow_label: any::<u32>(g) & 0xF_FFFF,
        hop_limit: any(g),
        traffic_class: any(g),
        is_reversible: any(g),
        number_of_paths: any::<u8>(g) & 0x7F,
        p_key: PKey(any(g)),
        qos_class: any::<u16>(g) & 0xFFF,
        service_level: service_level(g),
        mtu_selector: selector(g),
        mtu: Mtu(any::<u8>(g) & 0x3F),
        rate_selector: selector(g),
        rate: Rate(any::<u8>(g) & 0x3F),
        packet_lifetime_selector: selector(g),
        packet_lifetime: PacketLifetime(any::<u8>(g) & 0x3F),
        service_id: any(g),
        independence: any::<u8>(g) & 0x3,
        source_gid_count: any(g),
        destination_gid_count: any(g),
    }
}

pub(crate) fn ext_port_info(g: &mut Gen) -> ExtPortInfo {
    ExtPortInfo {
        state_change_enable: any(g),
        link_speed_supported: any(g),
        link_speed_enabled: any(g),
        link_speed_active: any(g),
    }
}

pub(crate) fn port_counters(g: &mut Gen) -> PortCounters {
    PortCounters {
        port_select: any(g),
        counter_select: any(g),
        symbol_error_counter: any(g),
        link_error_recovery_counter: any(g),
        link_downed_counter: any(g),
        port_rcv_errors: any(g),
        port_rcv_remote_physical_errors: any(g),
        port_rcv_switch_relay_errors: any(g),
        port_xmit_discards: any(g),
        port_xmit_constraint_errors: any(g),
        port_rcv_constraint_errors: any(g),
        counter_select2: any(g),
        qp1_dropped: any(g),
        vl15_dropped: any(g),
        port_xmit_data: any(g),
        port_rcv_data: any(g),
        port_xmit_pkts: any(g),
        port_rcv_pkts: any(g),
        port_xmit_wait: any(g),
        local_link_integrity_errors: any::<u8>(g) & 0xF,
        excessive_buffer_overrun_errors: any::<u8>(g) & 0xF,
    }
}

pub(crate) fn port_counters_extended(g: &mut Gen) -> PortCountersExtended {
    PortCountersExtended {
        port_select: any(g),
        counter_select: any(g),
        counter_select2: any(g),
        port_xmit_data: any(g),
        port_rcv_data: any(g),
        port_xmit_pkts: any(g),
        port_rcv_pkts: any(g),
        port_unicast_xmit_pkts: any(g),
        port_unicast_rcv_pkts: any(g),
        port_multicast_xmit_pkts: any(g),
        port_multicast_rcv_pkts: any(g),
        symbol_error_counter: any(g),
        link_error_recovery_counter: any(g),
        link_downed_counter: any(g),
        port_rcv_errors: any(g),
        port_rcv_remote_physical_errors: any(g),
        port_rcv_switch_relay_errors: any(g),
        port_xmit_discards: any(g),
        port_xmit_constraint_errors: any(g),
        port_rcv_constraint_errors: any(g),
        local_link_integrity_errors: any(g),
        excessive_buffer_overrun_errors: any(g),
        vl15_dropped: any(g),
        port_xmit_wait: any(g),
        qp1_dropped: any(g),
    }
}
