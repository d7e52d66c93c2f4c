use alloc::vec;
use alloc::vec::Vec;

use ib_mad::wire::{
    GuidInfoRecordMask, InformInfo, InformInfoRecordMask, InformInfoRecordQuery, JoinState,
    LinearForwardingTableRecordMask, LinkRecordQuery, McMemberRecordQuery,
    MulticastForwardingTableRecordQuery, NodeDescription, NodeRecordQuery, NodeType, NoticeType,
    PKeyTableRecordMask, PathRecordQuery, PortCapabilityMask, PortInfoRecordQuery, PortPhysicalState,
    PortState, Producer, ProducerType, Query, Record, ServiceName, ServiceRecordQuery,
    SlToVlMappingRecordMask, SmInfoRecordMask, SwitchInfoRecordMask, TrapNumber,
};
use ib_mad::{
    Gid, Guid, Lid, MKey, Mtu, PKey, PacketLifetime, QKey, Qpn, Rate, Selector, ServiceKey, ServiceLevel,
};

use super::super::filter::Filter;
use super::*;

/// Each query sets one component to all ones: what of the record that changes are the component's bits, no more and no less.
fn check<R: Record>(queries: Vec<Query<R>>) {
    let layout = Layout::of(R::ATTRIBUTE).unwrap();
    assert_eq!(layout.length, R::LENGTH);
    let mut seen = 0;
    for query in queries {
        let mask = query.component_mask();
        seen |= mask;
        let mut given = vec![0; R::LENGTH];
        let mut empty = vec![0; R::LENGTH];
        query.template().emit(&mut given).unwrap();
        R::default().emit(&mut empty).unwrap();
        let changed: Vec<u8> = given.iter().zip(&empty).map(|(one, other)| one ^ other).collect();
        let mut expected = vec![0; R::LENGTH];
        for component in layout.components.iter().filter(|component| mask >> component.bit & 1 == 1) {
            for bit in component.at..component.at + component.width {
                expected[usize::from(bit / 8)] |= 0x80 >> (bit % 8);
            }
        }
        assert_eq!(changed, expected, "{} {mask:#x}", R::NAME);
    }
    assert_eq!(seen, layout.known(), "{}", R::NAME);
}

const ALL: ServiceLevel = ServiceLevel::new(15).unwrap();
const GID: Gid = Gid([0xFF; 16]);
const LID_ONES: Lid = Lid(0xFFFF);

#[test]
fn components_are_where_the_records_have_them() {
    let new = PathRecordQuery::new;
    // A record's selectors are 0 when they say "greater than".
    let best = Selector::Best;
    check(vec![
        new().service_id(u64::MAX),
        new().destination_gid(GID),
        new().source_gid(GID),
        new().destination_lid(LID_ONES),
        new().source_lid(LID_ONES),
        new().raw(true),
        new().flow_label(0xF_FFFF),
        new().hop_limit(255),
        new().traffic_class(255),
        new().reversible(true),
        new().number_of_paths(127),
        new().p_key(PKey(0xFFFF)),
        new().qos_class(0xFFF),
        new().service_level(ALL),
        new().mtu(best, Mtu(63)),
        new().rate(best, Rate(63)),
        new().packet_lifetime(best, PacketLifetime(63)),
        new().preference(255),
    ]);
    let new = NodeRecordQuery::new;
    check(vec![
        new().lid(LID_ONES),
        new().base_version(255),
        new().class_version(255),
        new().node_type(NodeType::Other(255)),
        new().number_of_ports(255),
        new().system_image_guid(Guid(u64::MAX)),
        new().node_guid(Guid(u64::MAX)),
        new().port_guid(Guid(u64::MAX)),
        new().partition_capacity(u16::MAX),
        new().device_id(u16::MAX),
        new().revision(u32::MAX),
        new().local_port_number(255),
        new().vendor_id(0xFF_FFFF),
        new().node_description(NodeDescription([255; 64])),
    ]);
    let new = LinkRecordQuery::new;
    check(vec![new().from_lid(LID_ONES), new().from_port(255), new().to_port(255), new().to_lid(LID_ONES)]);
    let new = McMemberRecordQuery::new;
    check(vec![
        new().mgid(GID),
        new().port_gid(GID),
        new().q_key(QKey(u32::MAX)),
        new().mlid(LID_ONES),
        new().mtu(best, Mtu(63)),
        new().traffic_class(255),
        new().p_key(PKey(0xFFFF)),
        new().rate(best, Rate(63)),
        new().packet_lifetime(best, PacketLifetime(63)),
        new().service_level(ALL),
        new().flow_label(0xF_FFFF),
        new().hop_limit(255),
        new().scope(15),
        new().join_state(JoinState(15)),
        new().proxy_join(true),
    ]);
    let new = ServiceRecordQuery::new;
    check(vec![
        new().service_id(u64::MAX),
        new().service_gid(GID),
        new().service_p_key(PKey(0xFFFF)),
        new().service_lease(u32::MAX),
        new().service_key(ServiceKey([255; 16])),
        new().service_name(ServiceName([255; 64])),
        new().data8([Some(255); 16]),
        new().data16([Some(u16::MAX); 8]),
        new().data32([Some(u32::MAX); 4]),
        new().data64([Some(u64::MAX); 2]),
    ]);
    let new = MulticastForwardingTableRecordQuery::new;
    check(vec![new().lid(LID_ONES), new().position(15), new().block_number(0x1FF)]);
}

#[test]
fn every_component_of_a_port_is_where_its_record_has_it() {
    let new = PortInfoRecordQuery::new;
    check(vec![
        new().lid(LID_ONES),
        new().port_number(255),
        new().options(255),
        new().m_key(MKey(u64::MAX)),
        new().gid_prefix(u64::MAX),
        new().base_lid(LID_ONES),
        new().master_sm_lid(LID_ONES),
        new().capability_mask(PortCapabilityMask(u32::MAX)),
        new().diag_code(u16::MAX),
        new().m_key_lease_period(u16::MAX),
        new().local_port_number(255),
        new().link_width_enabled(255),
        new().link_width_supported(255),
        new().link_width_active(255),
        new().link_speed_supported(15),
        new().port_state(PortState(15)),
        new().port_physical_state(PortPhysicalState(15)),
        new().link_down_default_state(15),
        new().m_key_protect_bits(3),
        new().lmc(7),
        new().link_speed_active(15),
        new().link_speed_enabled(15),
        new().neighbor_mtu(Mtu(15)),
        new().master_sm_sl(ALL),
        new().vl_cap(15),
        new().init_type(15),
        new().vl_high_limit(255),
        new().vl_arbitration_high_cap(255),
        new().vl_arbitration_low_cap(255),
        new().init_type_reply(15),
        new().mtu_cap(Mtu(15)),
        new().vl_stall_count(7),
        new().hoq_life(31),
        new().operational_vls(15),
        new().partition_enforcement_inbound(true),
        new().partition_enforcement_outbound(true),
        new().filter_raw_inbound(true),
        new().filter_raw_outbound(true),
        new().m_key_violations(u16::MAX),
        new().p_key_violations(u16::MAX),
        new().q_key_violations(u16::MAX),
        new().guid_cap(255),
        new().client_reregister(true),
        new().subnet_timeout(31),
        new().response_time_value(31),
        new().local_phy_errors(15),
        new().overrun_errors(15),
        new().max_credit_hint(u16::MAX),
        new().link_round_trip_latency(0xFF_FFFF),
        new().capability_mask2(u16::MAX),
        new().link_speed_ext_active(15),
        new().link_speed_ext_supported(15),
        new().link_speed_ext_enabled(31),
    ]);
}

/// A subscription's bytes that stand for a flag are 0 or 1, so that its components cannot be all ones.
#[test]
fn components_of_subscriptions_and_tables_are_the_masks_own() {
    let known = |attribute| Layout::of(attribute).unwrap().known();
    assert_eq!(known(AttributeId::SWITCH_INFO_RECORD), SwitchInfoRecordMask::LID.0);
    let m = [
        SmInfoRecordMask::LID,
        SmInfoRecordMask::GUID,
        SmInfoRecordMask::SM_KEY,
        SmInfoRecordMask::ACT_COUNT,
        SmInfoRecordMask::PRIORITY,
        SmInfoRecordMask::STATE,
    ];
    assert_eq!(known(AttributeId::SM_INFO_RECORD), m.iter().fold(0, |all, one| all | one.0));
    let (lid, block) = (GuidInfoRecordMask::LID, GuidInfoRecordMask::BLOCK_NUMBER);
    assert_eq!(known(AttributeId::GUID_INFO_RECORD), lid.0 | block.0 | GuidInfoRecordMask::GUIDS.0);
    let (lid, block) = (LinearForwardingTableRecordMask::LID, LinearForwardingTableRecordMask::BLOCK_NUMBER);
    assert_eq!(known(AttributeId::LINEAR_FORWARDING_TABLE_RECORD), lid.0 | block.0);
    let (lid, block) = (PKeyTableRecordMask::LID, PKeyTableRecordMask::BLOCK_NUMBER);
    assert_eq!(known(AttributeId::P_KEY_TABLE_RECORD), lid.0 | block.0 | PKeyTableRecordMask::PORT_NUMBER.0);
    let (input, output) = (SlToVlMappingRecordMask::INPUT_PORT, SlToVlMappingRecordMask::OUTPUT_PORT);
    assert_eq!(known(AttributeId::SL_TO_VL_MAPPING_RECORD), 1 | input.0 | output.0);

    let layout = Layout::of(AttributeId::INFORM_INFO_RECORD).unwrap();
    let new = InformInfoRecordQuery::new;
    let producer = Producer::Generic { producer_type: ProducerType(5), trap_number: TrapNumber(6) };
    let queries = [
        new().subscriber_gid(GID),
        new().subscriber_enum(9),
        new().gid(GID),
        new().lid_range_begin(Lid(1)),
        new().lid_range_end(Lid(2)),
        new().subscribe(true),
        new().notice_type(NoticeType(3)),
        new().qpn(Qpn::GENERAL_SERVICES),
        new().response_time_value(4),
        new().producer(producer),
    ];
    assert_eq!(queries.iter().fold(0, |all, query| all | query.component_mask()), layout.known());
    let info = InformInfo::subscribe_to(TrapNumber::REPATH);
    assert!(InformInfoRecordMask::PRODUCER.0 & layout.known() == InformInfoRecordMask::PRODUCER.0);
    for query in queries {
        let mut given = [0; InformInfoRecord::LENGTH];
        query.template().emit(&mut given).unwrap();
        let filter = Filter::new(layout, query.component_mask(), &given).unwrap();
        assert!(filter.matches(&given));
        let mut other = [0; InformInfoRecord::LENGTH];
        let record = InformInfoRecord { inform_info: info, ..InformInfoRecord::default() };
        record.emit(&mut other).unwrap();
        let same = query.component_mask() == InformInfoRecordMask::SUBSCRIBE.0
            || query.component_mask() == InformInfoRecordMask::QPN.0;
        assert_eq!(filter.matches(&other), same, "{:#x}", query.component_mask());
    }
}

#[test]
fn a_bit_that_stands_for_nothing_is_noticed() {
    let path = Layout::of(AttributeId::PATH_RECORD).unwrap();
    assert!(Filter::new(path, 1 << 7, &[]).is_none() && Filter::new(path, 1 << 63, &[]).is_none());
    assert!(Filter::new(path, path.known(), &[0; 200]).is_some());
    assert!(Layout::of(AttributeId::MULTI_PATH_RECORD).is_none());
}
