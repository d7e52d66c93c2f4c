//! Datagrams that real tools made: what they say, and that they are written again byte for byte. How they were made is
//! told in `data/README.md`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "golden/attributes.rs"]
mod attributes;
#[path = "golden/records.rs"]
mod records;

use ib_mad::wire::{
    Attribute, AttributeId, ClassCapabilityMask, ClassPortInfo, DirectedRouteSmp, ExtPortInfo, GuidInfo,
    GuidInfoRecord, InformInfo, InformInfoRecord, JoinState, LinearForwardingTable,
    LinearForwardingTableRecord, LinkRecord, MAD_LENGTH, Mad, McMemberRecord, McMemberRecordMask, Method,
    MultiPathGids, MultiPathRecord, MultiPathRecordQuery, MulticastForwardingTable,
    MulticastForwardingTableRecord, NodeDescription, NodeInfo, NodeRecord, NodeType, Notice, NoticeType,
    PKeyTable, PKeyTableRecord, PathRecord, PathRecordMask, PathRecordQuery, PerformanceMad,
    PortCapabilityMask, PortCounters, PortCountersExtended, PortInfo, PortInfoRecord, PortPhysicalState,
    PortState, Producer, ProducerType, RepathNotice, RmppFlags, RmppHeader, SaMad, ServiceRecord,
    ServiceRecordMask, SlToVlMapping, SlToVlMappingRecord, SmInfo, SmInfoRecord, SmState, Smp, SmpNotice,
    SwitchInfo, SwitchInfoRecord, TrapDetails, TrapNumber, VlArbitration, VlArbitrationRecord,
};
use ib_mad::{
    Gid, Guid, Lid, MKey, Mtu, PKey, PacketLifetime, QKey, Qpn, Rate, Selector, ServiceLevel, SmKey,
    TransactionId, VirtualLane,
};

/// The bytes of a file in hexadecimal.
fn datagram(text: &str) -> [u8; MAD_LENGTH] {
    let bytes: Vec<u8> = text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    bytes.try_into().unwrap()
}

/// Read a datagram of subnet administration, and check that headers and attribute are written as they were.
#[track_caller]
fn sa<A: Attribute>(text: &str) -> (SaMad, A) {
    let bytes = datagram(text);
    let Ok(Mad::Sa(view)) = Mad::new(&bytes) else { panic!("not subnet administration") };
    let (mad, attribute) = (SaMad::from_view(view), A::parse(view.data()).unwrap());
    let written = mad.emit(&attribute).unwrap();
    assert_eq!(written[..56 + A::LENGTH], bytes[..56 + A::LENGTH]);
    check_over_ones(&attribute, &bytes[56..]);
    (mad, attribute)
}

/// Read a LID routed packet, and check that it is written as it was.
#[track_caller]
fn smp<A: Attribute>(text: &str) -> (Smp, A) {
    let bytes = datagram(text);
    let Ok(Mad::Smp(view)) = Mad::new(&bytes) else { panic!("not a LID routed packet") };
    let (smp, attribute) = (Smp::from_view(view), A::parse(view.data()).unwrap());
    // Behind the data, 128 bytes are reserved; a TrapRepress of OpenSM has remains of something else there.
    assert_eq!(smp.emit(&attribute).unwrap()[..128], bytes[..128]);
    check_over_ones(&attribute, &bytes[64..]);
    (smp, attribute)
}

/// Read a directed route packet, and check that all of it is written as it was.
#[track_caller]
fn directed<A: Attribute>(text: &str) -> (DirectedRouteSmp, A) {
    let bytes = datagram(text);
    let Ok(Mad::DirectedRoute(view)) = Mad::new(&bytes) else { panic!("not a directed route packet") };
    let (smp, attribute) = (DirectedRouteSmp::from_view(view), A::parse(view.data()).unwrap());
    assert_eq!(smp.emit(&attribute), Ok(bytes));
    check_over_ones(&attribute, &bytes[64..]);
    (smp, attribute)
}

/// Every byte is written, whatever was in the buffer before.
#[track_caller]
fn check_over_ones<A: Attribute>(attribute: &A, expected: &[u8]) {
    let mut out = [0xFF; MAD_LENGTH];
    assert_eq!(attribute.emit(&mut out), Ok(A::LENGTH));
    assert_eq!(out[..A::LENGTH], expected[..A::LENGTH]);
    assert!(out[A::LENGTH..].iter().all(|byte| *byte == 0xFF));
}

fn gid(guid: u64) -> Gid {
    Gid::new(Gid::DEFAULT_PREFIX, Guid(guid))
}

#[test]
fn a_query_for_paths_is_the_one_that_saquery_makes() {
    let (mad, template) = sa::<PathRecord>(include_str!("data/path_record_get_table.hex"));
    let query = PathRecordQuery::new().source_lid(Lid(1)).destination_lid(Lid(5));
    assert_eq!((mad.header.method, mad.header.attribute_id), (Method::GET_TABLE, AttributeId::PATH_RECORD));
    assert_eq!(mad.sa.component_mask, query.component_mask());
    assert_eq!(template, *query.template());
}

#[test]
fn a_path() {
    let (mad, path) = sa::<PathRecord>(include_str!("data/path_record_get_table_resp.hex"));
    assert_eq!(mad.header.method, Method::GET_TABLE_RESP);
    assert_eq!(mad.sa.attribute_offset, 8);
    // The rest of the header is the kernel's work, and ibsim does none of it.
    assert_eq!(mad.rmpp, RmppHeader { flags: RmppFlags::ACTIVE, ..RmppHeader::INACTIVE });
    let expected = PathRecord {
        destination_gid: gid(0x10_0003),
        source_gid: gid(0x10_0001),
        destination_lid: Lid(5),
        source_lid: Lid(1),
        is_reversible: true,
        p_key: PKey::DEFAULT_FULL,
        service_level: ServiceLevel::default(),
        mtu_selector: Selector::Exactly,
        mtu: Mtu::B2048,
        rate_selector: Selector::Exactly,
        rate: Rate(3),
        packet_lifetime_selector: Selector::Exactly,
        packet_lifetime: PacketLifetime(18),
        ..PathRecord::default()
    };
    assert_eq!(path, expected);
}

#[test]
fn nodes_in_a_table() {
    let (mad, _) = sa::<NodeRecord>(include_str!("data/node_record_get_table.hex"));
    assert_eq!((mad.header.method, mad.sa.component_mask), (Method::GET_TABLE, 0));
    let (mad, host) = sa::<NodeRecord>(include_str!("data/node_record_get_table_resp.hex"));
    assert_eq!(usize::from(mad.sa.attribute_offset) * 8, NodeRecord::LENGTH);
    assert_eq!((host.lid, host.node_description.text()), (Lid(1), "H1"));
    assert_eq!(host.node_info.node_type, NodeType::ChannelAdapter);
    assert_eq!((host.node_info.node_guid, host.node_info.port_guid), (Guid(0x10_0000), Guid(0x10_0001)));
    assert_eq!((host.node_info.partition_capacity, host.node_info.revision), (0x40, 0xA1));
}

#[test]
fn what_opensm_can_do() {
    let (_, info) = sa::<ClassPortInfo>(include_str!("data/class_port_info_get_resp.hex"));
    assert_eq!((info.base_version, info.class_version, info.response_time_value), (1, 2, 0x10));
    assert!(info.capability_mask.contains(ClassCapabilityMask::SA_UD_MULTICAST));
    // What osmtest prints of the same answer.
    assert_eq!((info.capability_mask.0, info.capability_mask2.0), (0x2602, 0xB5E8));
    assert_eq!((info.redirect_qpn, info.trap_qpn), (Qpn::GENERAL_SERVICES, Qpn::SUBNET_MANAGEMENT));
    assert_eq!(info.redirect_q_key.0, 0x8001_0000);
}

#[test]
fn a_subscription_and_its_record() {
    let (_, granted) = sa::<InformInfo>(include_str!("data/inform_info_set_resp.hex"));
    assert_eq!(granted, InformInfo::subscribe_to(TrapNumber::ALL));
    let (_, record) = sa::<InformInfoRecord>(include_str!("data/inform_info_record_get_table_resp.hex"));
    assert_eq!((record.subscriber_gid, record.subscriber_enum), (gid(0x10_0007), 0));
    // OpenSM keeps no queue pair.
    assert_eq!(record.inform_info, InformInfo { qpn: Qpn::default(), ..granted });
}

#[test]
fn switches_in_a_table() {
    let (mad, record) = sa::<SwitchInfoRecord>(include_str!("data/switch_info_record_get_table_resp.hex"));
    assert_eq!(usize::from(mad.sa.attribute_offset) * 8, SwitchInfoRecord::LENGTH);
    assert_eq!((record.lid, record.switch_info.linear_fdb_capacity), (Lid(2), 0x7800));
    assert_eq!((record.switch_info.linear_fdb_top, record.switch_info.life_time_value), (8, 18));
}

#[test]
fn a_cut_link_from_the_switch_to_the_subscriber() {
    let link_state_change = TrapDetails::LinkStateChange { lid: Lid(2) };
    let (packet, SmpNotice(trap)) = smp(include_str!("data/link_state_change_trap.hex"));
    assert_eq!((packet.header.method, packet.m_key), (Method::TRAP, MKey(0)));
    assert_eq!(trap.trap(), Some(link_state_change));
    assert_eq!((trap.notice_type, trap.issuer_lid), (NoticeType::URGENT, Lid(2)));

    let (packet, SmpNotice(repressed)) = smp(include_str!("data/link_state_change_trap_repress.hex"));
    assert_eq!(packet.header.method, Method::TRAP_REPRESS);
    assert_eq!(repressed, trap);

    // OpenSM fills in the issuer's GID, which the packet had no room for.
    let (mad, report) = sa::<Notice>(include_str!("data/link_state_change_report.hex"));
    assert_eq!(mad.header.method, Method::REPORT);
    assert_eq!(report, Notice { issuer_gid: gid(0x20_0000), ..trap });
}

#[test]
fn a_repath_that_opensm_forwards_names_no_path() {
    let (_, report) = sa::<RepathNotice>(include_str!("data/repath_report.hex"));
    let producer_type = ProducerType::CLASS_MANAGER;
    assert_eq!(report.notice.producer, Producer::Generic { producer_type, trap_number: TrapNumber::REPATH });
    assert_eq!((report.notice.issuer_lid, report.notice.issuer_gid), (Lid(7), gid(0x10_0007)));
    let Some(TrapDetails::RePath(change)) = report.notice.trap() else { panic!("another trap") };
    assert_eq!((change.component_mask, change.wait_for_repath), (PathRecordMask(0), false));
    assert_eq!(report.path_record, None);
}

#[test]
fn a_node_asked_by_its_lid() {
    let (packet, _) = smp::<NodeInfo>(include_str!("data/node_info_get.hex"));
    let (answer, info) = smp::<NodeInfo>(include_str!("data/node_info_get_resp.hex"));
    assert_eq!(packet.header.method.response(), answer.header.method);
    assert_eq!(packet.header.transaction_id.low(), answer.header.transaction_id.low());
    assert_eq!((info.node_type, info.number_of_ports), (NodeType::ChannelAdapter, 1));
    assert_eq!((info.local_port_number, info.vendor_id), (1, 0));
}

#[test]
fn a_node_asked_along_a_route() {
    let (packet, empty) = directed::<NodeInfo>(include_str!("data/directed_node_info_get.hex"));
    assert_eq!(empty, NodeInfo::default());
    let ours = DirectedRouteSmp::request(
        Method::GET,
        AttributeId::NODE_INFO,
        0,
        packet.header.transaction_id,
        &[1, 1],
    );
    assert_eq!(ours, Some(packet));

    let (answer, info) = directed::<NodeInfo>(include_str!("data/directed_node_info_get_resp.hex"));
    assert!(answer.is_returning && answer.header.status.is_ok());
    assert_eq!((answer.hop_pointer, answer.hop_count), (0, 2));
    assert_eq!((answer.source_lid, answer.destination_lid), (Lid::PERMISSIVE, Lid::PERMISSIVE));
    assert_eq!((answer.initial_path[..3].to_vec(), answer.return_path[1]), (vec![0, 1, 1], 3));
    assert_eq!(
        (info.node_type, info.number_of_ports, info.node_guid),
        (NodeType::Switch, 8, Guid(0x20_0001))
    );
}

#[test]
fn discovery_and_set_up_of_a_fabric() {
    let (packet, name) =
        directed::<NodeDescription>(include_str!("data/directed_node_description_get_resp.hex"));
    assert_eq!((name.text(), packet.header.transaction_id), ("S2", TransactionId(0x1251)));

    let (packet, port) = directed::<PortInfo>(include_str!("data/directed_port_info_get_resp.hex"));
    assert_eq!(packet.header.attribute_modifier, 1);
    assert_eq!(
        (port.port_state, port.port_physical_state),
        (PortState::INITIALIZE, PortPhysicalState::LINK_UP)
    );
    assert_eq!((port.mtu_cap, port.vl_cap, port.link_speed_active), (Mtu::B2048, 4, 1));

    let (packet, set) = directed::<PortInfo>(include_str!("data/directed_port_info_set.hex"));
    assert_eq!(packet.header.method, Method::SET);
    assert_eq!((set.port_state, set.operational_vls), (PortState::NO_CHANGE, 4));

    let (_, switch) = directed::<SwitchInfo>(include_str!("data/directed_switch_info_get_resp.hex"));
    assert_eq!((switch.linear_fdb_capacity, switch.multicast_fdb_capacity), (0x7800, 0x0400));
    let (_, set) = directed::<SwitchInfo>(include_str!("data/directed_switch_info_set.hex"));
    assert_eq!(set.linear_fdb_capacity, 0x7800);
}
