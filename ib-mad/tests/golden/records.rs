//! Records of subnet administration, as saquery printed them.

use super::*;

/// Read the first record of a table of `A`, and check what saquery's header says of all of them.
#[track_caller]
fn table<A: Attribute>(text: &str, attribute: AttributeId) -> A {
    let (mad, record) = sa::<A>(text);
    assert_eq!((mad.header.method, mad.header.attribute_id), (Method::GET_TABLE_RESP, attribute));
    assert_eq!(usize::from(mad.sa.attribute_offset) * 8, A::LENGTH.next_multiple_of(8));
    record
}

/// The GID of a group of IPoIB, of local scope.
fn group(rest: u64) -> Gid {
    Gid((0xff12_401b_ffff_0000_u128 << 64 | u128::from(rest)).to_be_bytes())
}

/// Everything in OpenSM's dump of the question.
#[test]
fn a_question_for_paths_between_several_ports_and_its_answer() {
    let question = datagram(include_str!("../data/multi_path_record_get_multi.hex"));
    let (mad, record) = sa::<MultiPathRecord>(include_str!("../data/multi_path_record_get_multi.hex"));
    assert_eq!(
        (mad.header.method, mad.header.attribute_id),
        (Method::GET_MULTI, AttributeId::MULTI_PATH_RECORD)
    );
    let counts =
        MultiPathRecord { source_gid_count: 1, destination_gid_count: 2, ..MultiPathRecord::default() };
    assert_eq!(record, MultiPathRecord { number_of_paths: 4, ..counts });
    let (sources, destinations) = ([gid(0x10_0003)], [gid(0x10_0005), gid(0x10_0009)]);
    let gids = MultiPathGids::parse(&question[56..]).unwrap();
    assert!(gids.sources().eq(sources) && gids.destinations().eq(destinations));
    let query = MultiPathRecordQuery::new(&sources, &destinations).unwrap().number_of_paths(4);
    assert_eq!(query.emit(mad), Ok(question));

    let (mad, first) = sa::<PathRecord>(include_str!("../data/multi_path_record_get_multi_resp.hex"));
    assert_eq!(
        (mad.header.method, mad.header.attribute_id),
        (Method::GET_MULTI_RESP, AttributeId::PATH_RECORD)
    );
    assert_eq!((mad.sa.attribute_offset, mad.sa.component_mask), (8, query.mask().0));
    let answer = datagram(include_str!("../data/multi_path_record_get_multi_resp.hex"));
    let second = PathRecord::parse(&answer[56 + PathRecord::LENGTH..]).unwrap();
    let ends =
        |path: &PathRecord| (path.source_gid, path.destination_gid, path.source_lid, path.destination_lid);
    assert_eq!(ends(&first), (sources[0], destinations[0], Lid(5), Lid(6)));
    assert_eq!(ends(&second), (sources[0], destinations[1], Lid(5), Lid(8)));
}

#[test]
fn a_port() {
    let text = include_str!("../data/port_info_record_get_table_resp.hex");
    let record: PortInfoRecord = table(text, AttributeId::PORT_INFO_RECORD);
    assert_eq!((record.lid, record.port_number, record.options), (Lid(1), 1, 0));
    let port = record.port_info;
    assert_eq!((port.gid_prefix, port.lid, port.master_sm_lid), (0xFE80_0000_0000_0000, Lid(1), Lid(1)));
    assert_eq!((port.capability_mask.0, port.capability_mask2), (0x50_C04A, 0x30));
    assert!(port.capability_mask.contains(PortCapabilityMask::SM));
    assert_eq!((port.m_key_lease_period, port.local_port_number), (4089, 1));
    // 1X, 2X, 4X, 8X or 12X; of these 4X is enabled and active.
    assert_eq!((port.link_width_supported, port.link_width_enabled, port.link_width_active), (0x1F, 2, 2));
    assert_eq!((port.link_speed_supported, port.link_speed_enabled, port.link_speed_active), (7, 1, 1));
    assert_eq!((port.port_state, port.port_physical_state), (PortState::ACTIVE, PortPhysicalState::LINK_UP));
    assert_eq!((port.link_down_default_state, port.m_key_protect_bits, port.lmc), (2, 0, 0));
    assert_eq!((port.neighbor_mtu, port.mtu_cap), (Mtu::B2048, Mtu::B2048));
    assert_eq!((port.vl_cap, port.operational_vls), (4, 4));
    assert_eq!((port.vl_arbitration_high_cap, port.vl_arbitration_low_cap), (8, 8));
    assert_eq!((port.vl_stall_count, port.hoq_life), (7, 0));
    assert_eq!((port.guid_cap, port.client_reregister, port.subnet_timeout), (32, false, 31));
}

#[test]
fn every_link_of_the_fabric() {
    let text = include_str!("../data/link_record_get_table_resp.hex");
    let (mad, first) = sa::<LinkRecord>(text);
    assert_eq!((mad.header.attribute_id, mad.sa.attribute_offset), (AttributeId::LINK_RECORD, 1));
    assert_eq!(first, LinkRecord { from_lid: Lid(1), from_port: 1, to_port: 2, to_lid: Lid(2) });
    // All sixteen fit one datagram: each end of the eight links.
    let links: Vec<_> = datagram(text)[56..56 + 16 * LinkRecord::LENGTH]
        .chunks(LinkRecord::LENGTH)
        .map(|bytes| LinkRecord::parse(bytes).unwrap())
        .collect();
    assert_eq!(links[15], LinkRecord { from_lid: Lid(8), from_port: 1, to_port: 3, to_lid: Lid(4) });
    let turned = |link: &LinkRecord| LinkRecord {
        from_lid: link.to_lid,
        from_port: link.to_port,
        to_port: link.from_port,
        to_lid: link.from_lid,
    };
    assert!(links.iter().all(|link| links.contains(&turned(link))));
}

#[test]
fn lanes_and_their_turns() {
    let text = include_str!("../data/sl_to_vl_mapping_record_get_table_resp.hex");
    let record: SlToVlMappingRecord = table(text, AttributeId::SL_TO_VL_MAPPING_RECORD);
    assert_eq!((record.lid, record.input_port, record.output_port), (Lid(2), 3, 4));
    assert_eq!(
        record.sl_to_vl_mapping.lanes.map(VirtualLane::get),
        [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7]
    );
    let text = include_str!("../data/vl_arbitration_record_get_table_resp.hex");
    let record: VlArbitrationRecord = table(text, AttributeId::VL_ARBITRATION_RECORD);
    assert_eq!((record.lid, record.output_port, record.block_number), (Lid(2), 1, 1));
    let entries = record.vl_arbitration.entries.map(|entry| (entry.lane.get(), entry.weight));
    assert_eq!(entries[..9], [(0, 0), (1, 4), (2, 4), (3, 4), (4, 4), (5, 4), (6, 4), (7, 4), (0, 0)]);
}

#[test]
fn keys_and_guids_of_a_port() {
    let text = include_str!("../data/p_key_table_record_get_table_resp.hex");
    let record: PKeyTableRecord = table(text, AttributeId::P_KEY_TABLE_RECORD);
    assert_eq!((record.lid, record.port_number, record.block_number), (Lid(2), 0, 0));
    assert_eq!(record.p_key_table.p_keys[..2], [PKey::DEFAULT_FULL, PKey(0)]);
    let text = include_str!("../data/guid_info_record_get_table_resp.hex");
    let record: GuidInfoRecord = table(text, AttributeId::GUID_INFO_RECORD);
    assert_eq!((record.lid, record.block_number), (Lid(1), 0));
    assert_eq!(record.guid_info.guids[..2], [Guid(0x10_0001), Guid(0)]);
}

#[test]
fn forwarding_tables_of_a_switch() {
    let text = include_str!("../data/linear_forwarding_table_record_get_table_resp.hex");
    let record: LinearForwardingTableRecord = table(text, AttributeId::LINEAR_FORWARDING_TABLE_RECORD);
    assert_eq!((record.lid, record.block_number), (Lid(2), 0));
    assert_eq!(record.linear_forwarding_table.ports[..10], [255, 2, 0, 1, 4, 3, 1, 1, 4, 255]);
    let text = include_str!("../data/multicast_forwarding_table_record_get_table_resp.hex");
    let record: MulticastForwardingTableRecord = table(text, AttributeId::MULTICAST_FORWARDING_TABLE_RECORD);
    assert_eq!((record.lid, record.position, record.block_number), (Lid(2), 0, 0));
    let used = |masks: [u16; 32]| (0..32).filter(|mlid| masks[*mlid] == 0x12).collect::<Vec<_>>();
    assert_eq!(used(record.multicast_forwarding_table.port_masks), [0x0, 0xA, 0xC]);
}

#[test]
fn the_manager() {
    let text = include_str!("../data/sm_info_record_get_table_resp.hex");
    let record: SmInfoRecord = table(text, AttributeId::SM_INFO_RECORD);
    let sm_info = SmInfo {
        guid: Guid(0x10_0001),
        sm_key: SmKey(0),
        act_count: 198,
        priority: 0,
        state: SmState::MASTER,
    };
    assert_eq!(record, SmInfoRecord { lid: Lid(1), sm_info });
}

#[test]
fn services() {
    let text = include_str!("../data/service_record_get_table_resp.hex");
    let service: ServiceRecord = table(text, AttributeId::SERVICE_RECORD);
    assert_eq!((service.service_id, service.service_lease), (0x643C_3F4E, u32::MAX));
    assert_eq!(service.service_name.text(), "osmt.srvc.1681692775.22809");
    assert_eq!((service.service_p_key, service.data8), (PKey(0), [0; 16]));

    let (mad, registered) = sa::<ServiceRecord>(include_str!("../data/service_record_set.hex"));
    let mask = [
        ServiceRecordMask::SERVICE_ID,
        ServiceRecordMask::SERVICE_GID,
        ServiceRecordMask::SERVICE_P_KEY,
        ServiceRecordMask::SERVICE_LEASE,
        ServiceRecordMask::SERVICE_KEY,
        ServiceRecordMask::SERVICE_NAME,
    ];
    let mask = mask.iter().fold(0, |mask, component| mask | component.0);
    assert_eq!((mad.header.method, mad.sa.component_mask), (Method::SET, mask));
    assert_eq!(registered.service_key.0[..2], [0x0B, 0]);
    assert_eq!((registered.service_id, registered.service_p_key), (0x6B8A_EC4E, PKey(0xFFFF)));
    assert_eq!(registered.service_name.text(), "osmt.srvc.1804289383.22809");
}

#[test]
fn members_of_groups() {
    let text = include_str!("../data/mc_member_record_get_table_resp.hex");
    let member: McMemberRecord = table(text, AttributeId::MC_MEMBER_RECORD);
    let expected = McMemberRecord {
        mgid: group(0xFFFF_FFFF),
        port_gid: gid(0x10_0007),
        q_key: QKey(0xB1B),
        mlid: Lid(0xC000),
        mtu_selector: Selector::Exactly,
        mtu: Mtu::B2048,
        p_key: PKey::DEFAULT_FULL,
        rate_selector: Selector::Exactly,
        rate: Rate(3),
        packet_lifetime_selector: Selector::Exactly,
        packet_lifetime: PacketLifetime(18),
        scope: 2,
        join_state: JoinState::FULL_MEMBER,
        ..McMemberRecord::default()
    };
    assert_eq!(member, expected);

    let (mad, join) = sa::<McMemberRecord>(include_str!("../data/mc_member_record_set.hex"));
    let mask = McMemberRecordMask::MGID.0 | McMemberRecordMask::PORT_GID.0 | McMemberRecordMask::JOIN_STATE.0;
    assert_eq!((mad.header.method, mad.sa.component_mask), (Method::SET, mask));
    assert_eq!((join.mgid, join.port_gid), (group(0xFFFF_FFFF), gid(0x10_0009)));
    assert_eq!(join.join_state, JoinState::FULL_MEMBER);

    let (mad, left) = sa::<McMemberRecord>(include_str!("../data/mc_member_record_delete_resp.hex"));
    assert_eq!((mad.header.method, mad.sa.component_mask), (Method::DELETE_RESP, mask));
    assert_eq!((left.port_gid, left.join_state), (gid(0x10_0009), JoinState::FULL_MEMBER));
}
