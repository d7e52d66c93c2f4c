//! Random attributes: every field takes every value that it can have.

mod communication;
mod records;
mod tables;
mod value;

pub(crate) use communication::*;
pub(crate) use records::*;
pub(crate) use tables::*;
pub(crate) use value::Value;

use ib_mad::wire::{
    AttributeId, ClassCapabilityMask, ClassCapabilityMask2, ClassPortInfo, DirectedRouteSmp, InformInfo,
    InformInfoRecord, KeyViolation, LocalChangeFlags, LocalChanges, MAX_HOPS, MKeyViolation, MadHeader,
    ManagementClass, Method, NodeDescription, NodeInfo, NodeRecord, NodeType, Notice, NoticeType, PathChange,
    PathRecord, PathRecordMask, PortCapabilityMask, PortEvent, PortInfo, PortPhysicalState, PortState,
    Producer, ProducerType, RepathNotice, RmppFlags, RmppHeader, RmppStatus, SaHeader, SmpNotice, Status,
    SwitchInfo, SwitchInfoRecord, SwitchPKeyViolation, TrapDetails, TrapNumber,
};
use ib_mad::{
    Gid, Guid, Lid, MKey, Mtu, PKey, PacketLifetime, QKey, Qpn, Rate, Selector, ServiceLevel, SmKey,
    TransactionId,
};
use quickcheck::{Arbitrary, Gen};

/// A number: as often an extreme as any other.
pub(crate) fn any<T: Arbitrary>(g: &mut Gen) -> T {
    T::arbitrary(g)
}

pub(crate) fn bytes<const N: usize>(g: &mut Gen) -> [u8; N] {
    core::array::from_fn(|_| any(g))
}

fn qpn(g: &mut Gen) -> Qpn {
    Qpn::new(any::<u32>(g) & 0xFF_FFFF).unwrap()
}

fn service_level(g: &mut Gen) -> ServiceLevel {
    ServiceLevel::new(any::<u8>(g) & 0xF).unwrap()
}

fn selector(g: &mut Gen) -> Selector {
    *g.choose(&[Selector::GreaterThan, Selector::LessThan, Selector::Exactly, Selector::Best]).unwrap()
}

fn producer(g: &mut Gen) -> Producer {
    if any(g) {
        Producer::Generic {
            producer_type: ProducerType(any::<u32>(g) & 0xFF_FFFF),
            trap_number: TrapNumber(any(g)),
        }
    } else {
        Producer::Vendor { vendor_id: any::<u32>(g) & 0xFF_FFFF, device_id: any(g) }
    }
}

pub(crate) fn mad_header(g: &mut Gen) -> MadHeader {
    MadHeader {
        base_version: any(g),
        class: ManagementClass(any(g)),
        class_version: any(g),
        method: Method(any(g)),
        status: Status(any(g)),
        class_specific: any(g),
        transaction_id: TransactionId(any(g)),
        attribute_id: AttributeId(any(g)),
        attribute_modifier: any(g),
    }
}

pub(crate) fn rmpp_header(g: &mut Gen) -> RmppHeader {
    RmppHeader {
        version: any(g),
        kind: any::<u8>(g).into(),
        response_time: any::<u8>(g) & 0x1F,
        flags: RmppFlags(any::<u8>(g) & 0x7),
        status: RmppStatus(any(g)),
        segment: any(g),
        length_or_window: any(g),
    }
}

pub(crate) fn sa_header(g: &mut Gen) -> SaHeader {
    SaHeader { sm_key: SmKey(any(g)), attribute_offset: any(g), component_mask: any(g) }
}

pub(crate) fn path_record(g: &mut Gen) -> PathRecord {
    PathRecord {
        service_id: any(g),
        destination_gid: Gid(bytes(g)),
        source_gid: Gid(bytes(g)),
        destination_lid: Lid(any(g)),
        source_lid: Lid(any(g)),
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
        preference: any(g),
    }
}

pub(crate) fn notice(g: &mut Gen) -> Notice {
    Notice {
        producer: producer(g),
        notice_type: NoticeType(any::<u16>(g) & 0x7F),
        issuer_lid: Lid(any(g)),
        notice_toggle: any(g),
        notice_count: any::<u16>(g) & 0x7FFF,
        data_details: bytes(g),
        issuer_gid: Gid(bytes(g)),
    }
}

pub(crate) fn smp_notice(g: &mut Gen) -> SmpNotice {
    SmpNotice(Notice { issuer_gid: Gid::UNSPECIFIED, ..notice(g) })
}

pub(crate) fn repath_notice(g: &mut Gen) -> RepathNotice {
    let path_record = Some(path_record(g)).filter(|record| any(g) && *record != PathRecord::default());
    RepathNotice { notice: notice(g), path_record }
}

pub(crate) fn inform_info(g: &mut Gen) -> InformInfo {
    InformInfo {
        gid: Gid(bytes(g)),
        lid_range_begin: Lid(any(g)),
        lid_range_end: Lid(any(g)),
        subscribe: any(g),
        notice_type: NoticeType(any(g)),
        producer: producer(g),
        qpn: qpn(g),
        response_time_value: any::<u8>(g) & 0x1F,
    }
}

pub(crate) fn node_description(g: &mut Gen) -> NodeDescription {
    NodeDescription(bytes(g))
}

fn key_violation(g: &mut Gen) -> KeyViolation {
    KeyViolation {
        source_lid: Lid(any(g)),
        destination_lid: Lid(any(g)),
        key: QKey(any(g)),
        service_level: service_level(g),
        source_qpn: qpn(g),
        destination_qpn: qpn(g),
        source_gid: Gid(bytes(g)),
        destination_gid: Gid(bytes(g)),
    }
}

pub(crate) fn trap_details(g: &mut Gen) -> TrapDetails {
    let change = PathChange { component_mask: PathRecordMask(any(g)), wait_for_repath: any(g) };
    let event = PortEvent { lid: Lid(any(g)), port_number: any(g) };
    let gid = Gid(bytes(g));
    let lid = Lid(any(g));
    match any::<u8>(g) % 17 {
        0 => TrapDetails::GidInService { gid },
        1 => TrapDetails::GidOutOfService { gid },
        2 => TrapDetails::MulticastGroupCreated { mgid: gid },
        3 => TrapDetails::MulticastGroupDeleted { mgid: gid },
        4 => TrapDetails::UnPath(change),
        5 => TrapDetails::RePath(change),
        6 => TrapDetails::LinkStateChange { lid },
        7 => TrapDetails::LinkIntegrity(event),
        8 => TrapDetails::BufferOverrun(event),
        9 => TrapDetails::FlowControlWatchdog(event),
        10 => TrapDetails::LocalChanges(LocalChanges {
            lid,
            other_local_changes: any(g),
            capability_mask: PortCapabilityMask(any(g)),
            change_flags: LocalChangeFlags(any(g)),
            capability_mask2: any(g),
        }),
        11 => TrapDetails::SystemImageGuidChange { lid, system_image_guid: Guid(any(g)) },
        12 => TrapDetails::BadMKey(MKeyViolation {
            source_lid: lid,
            directed_route_source_lid: Lid(any(g)),
            method: Method(any(g)),
            attribute_id: AttributeId(any(g)),
            attribute_modifier: any(g),
            m_key: MKey(any(g)),
            is_directed_route: any(g),
            is_path_truncated: any(g),
            hop_count: any::<u8>(g) & 0x3F,
            return_path: bytes(g),
        }),
        13 => TrapDetails::BadPKey(key_violation(g)),
        14 => TrapDetails::BadQKey(key_violation(g)),
        15 => TrapDetails::BadPKeyAtSwitch(SwitchPKeyViolation {
            data_valid: any(g),
            source_lid: lid,
            destination_lid: Lid(any(g)),
            p_key: PKey(any(g)),
            service_level: service_level(g),
            source_qpn: qpn(g),
            destination_qpn: qpn(g),
            source_gid: gid,
            destination_gid: Gid(bytes(g)),
            switch_lid: Lid(any(g)),
            port_number: any(g),
        }),
        _ => TrapDetails::Other { trap_number: TrapNumber(512 | any::<u16>(g)), data_details: bytes(g) },
    }
}

pub(crate) fn directed_route_smp(g: &mut Gen) -> DirectedRouteSmp {
    let class = ManagementClass::SUBNET_DIRECTED_ROUTE;
    DirectedRouteSmp {
        header: MadHeader {
            status: Status(any::<u16>(g) & 0x7FFF),
            ..MadHeader::request(class, Method(any(g)), AttributeId(any(g)), any(g), TransactionId(any(g)))
        },
        is_returning: any(g),
        hop_pointer: any(g),
        hop_count: any::<u8>(g) & MAX_HOPS,
        m_key: MKey(any(g)),
        source_lid: Lid(any(g)),
        destination_lid: Lid(any(g)),
        initial_path: bytes(g),
        return_path: bytes(g),
    }
}

pub(crate) fn node_info(g: &mut Gen) -> NodeInfo {
    NodeInfo {
        base_version: any(g),
        class_version: any(g),
        node_type: NodeType::from(any::<u8>(g)),
        number_of_ports: any(g),
        system_image_guid: Guid(any(g)),
        node_guid: Guid(any(g)),
        port_guid: Guid(any(g)),
        partition_capacity: any(g),
        device_id: any(g),
        revision: any(g),
        local_port_number: any(g),
        vendor_id: any::<u32>(g) & 0xFF_FFFF,
    }
}

pub(crate) fn switch_info(g: &mut Gen) -> SwitchInfo {
    SwitchInfo {
        linear_fdb_capacity: any(g),
        random_fdb_capacity: any(g),
        multicast_fdb_capacity: any(g),
        linear_fdb_top: any(g),
        default_port: any(g),
        default_multicast_primary_port: any(g),
        default_multicast_not_primary_port: any(g),
        life_time_value: any::<u8>(g) & 0x1F,
        port_state_change: any(g),
        optimized_sl_to_vl_mapping_programming: any::<u8>(g) & 0x3,
        lids_per_port: any(g),
        partition_enforcement_capacity: any(g),
        inbound_enforcement_capable: any(g),
        outbound_enforcement_capable: any(g),
        filter_raw_inbound_capable: any(g),
        filter_raw_outbound_capable: any(g),
        enhanced_port_0: any(g),
        multicast_fdb_top: Lid(any(g)),
    }
}

pub(crate) fn port_info(g: &mut Gen) -> PortInfo {
    PortInfo {
        m_key: MKey(any(g)),
        gid_prefix: any(g),
        lid: Lid(any(g)),
        master_sm_lid: Lid(any(g)),
        capability_mask: PortCapabilityMask(any(g)),
        diag_code: any(g),
        m_key_lease_period: any(g),
        local_port_number: any(g),
        link_width_enabled: any(g),
        link_width_supported: any(g),
        link_width_active: any(g),
        link_speed_supported: any::<u8>(g) & 0xF,
        port_state: PortState(any::<u8>(g) & 0xF),
        port_physical_state: PortPhysicalState(any::<u8>(g) & 0xF),
        link_down_default_state: any::<u8>(g) & 0xF,
        m_key_protect_bits: any::<u8>(g) & 0x3,
        lmc: any::<u8>(g) & 0x7,
        link_speed_active: any::<u8>(g) & 0xF,
        link_speed_enabled: any::<u8>(g) & 0xF,
        neighbor_mtu: Mtu(any::<u8>(g) & 0xF),
        master_sm_sl: service_level(g),
        vl_cap: any::<u8>(g) & 0xF,
        init_type: any::<u8>(g) & 0xF,
        vl_high_limit: any(g),
        vl_arbitration_high_cap: any(g),
        vl_arbitration_low_cap: any(g),
        init_type_reply: any::<u8>(g) & 0xF,
        mtu_cap: Mtu(any::<u8>(g) & 0xF),
        vl_stall_count: any::<u8>(g) & 0x7,
        hoq_life: any::<u8>(g) & 0x1F,
        operational_vls: any::<u8>(g) & 0xF,
        partition_enforcement_inbound: any(g),
        partition_enforcement_outbound: any(g),
        filter_raw_inbound: any(g),
        filter_raw_outbound: any(g),
        m_key_violations: any(g),
        p_key_violations: any(g),
        q_key_violations: any(g),
        guid_cap: any(g),
        client_reregister: any(g),
        multicast_p_key_trap_suppression_enabled: any::<u8>(g) & 0x3,
        subnet_timeout: any::<u8>(g) & 0x1F,
        response_time_value: any::<u8>(g) & 0x1F,
        local_phy_errors: any::<u8>(g) & 0xF,
        overrun_errors: any::<u8>(g) & 0xF,
        max_credit_hint: any(g),
        link_round_trip_latency: any::<u32>(g) & 0xFF_FFFF,
        capability_mask2: any(g),
        link_speed_ext_active: any::<u8>(g) & 0xF,
        link_speed_ext_supported: any::<u8>(g) & 0xF,
        link_speed_ext_enabled: any::<u8>(g) & 0x1F,
    }
}

pub(crate) fn class_port_info(g: &mut Gen) -> ClassPortInfo {
    ClassPortInfo {
        base_version: any(g),
        class_version: any(g),
        capability_mask: ClassCapabilityMask(any(g)),
        capability_mask2: ClassCapabilityMask2(any::<u32>(g) & 0x7FF_FFFF),
        response_time_value: any::<u8>(g) & 0x1F,
        redirect_gid: Gid(bytes(g)),
        redirect_traffic_class: any(g),
        redirect_service_level: service_level(g),
        redirect_flow_label: any::<u32>(g) & 0xF_FFFF,
        redirect_lid: Lid(any(g)),
        redirect_p_key: PKey(any(g)),
        redirect_qpn: qpn(g),
        redirect_q_key: QKey(any(g)),
        trap_gid: Gid(bytes(g)),
        trap_traffic_class: any(g),
        trap_service_level: service_level(g),
        trap_flow_label: any::<u32>(g) & 0xF_FFFF,
        trap_lid: Lid(any(g)),
        trap_p_key: PKey(any(g)),
        trap_hop_limit: any(g),
        trap_qpn: qpn(g),
        trap_q_key: QKey(any(g)),
    }
}

pub(crate) fn node_record(g: &mut Gen) -> NodeRecord {
    NodeRecord { lid: Lid(any(g)), node_info: node_info(g), node_description: NodeDescription(bytes(g)) }
}

pub(crate) fn switch_info_record(g: &mut Gen) -> SwitchInfoRecord {
    SwitchInfoRecord { lid: Lid(any(g)), switch_info: switch_info(g) }
}

pub(crate) fn inform_info_record(g: &mut Gen) -> InformInfoRecord {
    InformInfoRecord { subscriber_gid: Gid(bytes(g)), subscriber_enum: any(g), inform_info: inform_info(g) }
}
