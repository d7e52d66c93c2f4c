//! Attributes of subnet and performance management, as smpquery, sminfo, ibroute and perfquery printed them.

use super::*;

/// Read a datagram of performance management, and check that it is written as it was.
#[track_caller]
fn performance<A: Attribute>(text: &str) -> (PerformanceMad, A) {
    let bytes = datagram(text);
    let Ok(Mad::Performance(view)) = Mad::new(&bytes) else { panic!("not performance management") };
    let (mad, attribute) = (PerformanceMad::from_view(view), A::parse(view.data()).unwrap());
    assert_eq!(mad.emit(&attribute).unwrap()[..64 + A::LENGTH], bytes[..64 + A::LENGTH]);
    check_over_ones(&attribute, &bytes[64..]);
    (mad, attribute)
}

#[test]
fn a_node_its_port_and_its_guids() {
    let (packet, name) = smp::<NodeDescription>(include_str!("../data/node_description_get_resp.hex"));
    assert_eq!((packet.header.attribute_id, name.text()), (AttributeId::NODE_DESCRIPTION, "H1"));

    let (packet, port) = smp::<PortInfo>(include_str!("../data/port_info_get_resp.hex"));
    assert_eq!((packet.header.method, packet.header.attribute_modifier), (Method::GET_RESP, 1));
    // A port of a switch that is not port 0 has neither address nor prefix.
    assert_eq!((port.lid, port.gid_prefix, port.capability_mask.0), (Lid(0), 0, 0));
    assert_eq!((port.port_state, port.link_width_active, port.hoq_life), (PortState::ACTIVE, 2, 18));
    assert_eq!((port.vl_stall_count, port.subnet_timeout, port.guid_cap), (7, 0, 0));

    let (_, guids) = smp::<GuidInfo>(include_str!("../data/guid_info_get_resp.hex"));
    assert_eq!(guids.guids[..2], [Guid(0x10_0001), Guid(0)]);
    let (_, keys) = smp::<PKeyTable>(include_str!("../data/p_key_table_get_resp.hex"));
    assert_eq!(keys.p_keys[..2], [PKey::DEFAULT_FULL, PKey(0)]);
    let (packet, keys) = directed::<PKeyTable>(include_str!("../data/directed_p_key_table_get_resp.hex"));
    assert_eq!((packet.is_returning, keys.p_keys[0]), (true, PKey::DEFAULT_FULL));

    // ibsim answers for Mellanox's attribute, with zeros.
    let (packet, speeds) = smp::<ExtPortInfo>(include_str!("../data/ext_port_info_get_resp.hex"));
    assert_eq!((packet.header.attribute_id, speeds), (AttributeId::EXT_PORT_INFO, ExtPortInfo::default()));
}

#[test]
fn a_switch_and_its_forwarding_tables() {
    let (_, switch) = smp::<SwitchInfo>(include_str!("../data/switch_info_get_resp.hex"));
    let expected = SwitchInfo {
        linear_fdb_capacity: 30_720,
        multicast_fdb_capacity: 1024,
        linear_fdb_top: 8,
        life_time_value: 18,
        partition_enforcement_capacity: 64,
        filter_raw_inbound_capable: true,
        filter_raw_outbound_capable: true,
        ..SwitchInfo::default()
    };
    assert_eq!(switch, expected);

    let ports = [255, 2, 0, 1, 4, 3, 1, 1, 4, 255];
    let (_, table) =
        smp::<LinearForwardingTable>(include_str!("../data/linear_forwarding_table_get_resp.hex"));
    assert_eq!(table.ports[..10], ports);
    // OpenSM had written the same one.
    let text = include_str!("../data/directed_linear_forwarding_table_set.hex");
    let (packet, written) = directed::<LinearForwardingTable>(text);
    assert_eq!((packet.header.method, written), (Method::SET, table));

    let text = include_str!("../data/multicast_forwarding_table_get_resp.hex");
    let (_, table) = smp::<MulticastForwardingTable>(text);
    let used: Vec<usize> = (0..32).filter(|mlid| table.port_masks[*mlid] != 0).collect();
    // Ports 1 and 4.
    assert_eq!((used.as_slice(), table.port_masks[0xA]), ([0x0, 0xA, 0xC].as_slice(), 0x12));
}

#[test]
fn lanes_of_a_port_and_their_turns() {
    let (packet, mapping) = smp::<SlToVlMapping>(include_str!("../data/sl_to_vl_mapping_get_resp.hex"));
    assert_eq!(packet.header.attribute_modifier, 1);
    let lanes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 7];
    assert_eq!(mapping.lanes.map(VirtualLane::get), lanes);
    let (packet, set) = directed::<SlToVlMapping>(include_str!("../data/directed_sl_to_vl_mapping_set.hex"));
    assert_eq!(packet.header.method, Method::SET);
    assert_eq!(set.lanes.map(VirtualLane::get), [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7]);

    let turns = [(0, 0), (1, 4), (2, 4), (3, 4), (4, 4), (5, 4), (6, 4), (7, 4), (0, 0)];
    let (_, table) = smp::<VlArbitration>(include_str!("../data/vl_arbitration_get_resp.hex"));
    assert_eq!(table.entries.map(|entry| (entry.lane.get(), entry.weight))[..9], turns);
    let (packet, set) = directed::<VlArbitration>(include_str!("../data/directed_vl_arbitration_set.hex"));
    assert_eq!((packet.header.method, set), (Method::SET, table));
}

#[test]
fn a_manager_asked_for_itself() {
    let (_, info) = smp::<SmInfo>(include_str!("../data/sm_info_get_resp.hex"));
    assert_eq!((info.guid, info.act_count, info.priority), (Guid(0x10_0001), 185, 0));
    // Its key is not printed; 1 is OpenSM's default.
    assert_eq!((info.sm_key, info.state), (SmKey(1), SmState::MASTER));
}

#[test]
fn counters_of_a_port() {
    let text = include_str!("../data/performance_class_port_info_get_resp.hex");
    let (mad, info) = performance::<ClassPortInfo>(text);
    assert_eq!(mad.header.attribute_id, AttributeId::CLASS_PORT_INFO);
    assert_eq!((info.base_version, info.class_version, info.capability_mask.0), (1, 1, 0x1300));
    assert_eq!(info.response_time_value, 18);

    let (_, counters) = performance::<PortCounters>(include_str!("../data/port_counters_get_resp.hex"));
    let expected = PortCounters {
        port_select: 1,
        port_xmit_data: 4824,
        port_rcv_data: 4824,
        port_xmit_pkts: 67,
        port_rcv_pkts: 67,
        ..PortCounters::default()
    };
    assert_eq!(counters, expected);

    let text = include_str!("../data/port_counters_extended_get_resp.hex");
    let (_, counters) = performance::<PortCountersExtended>(text);
    let expected = PortCountersExtended {
        port_select: 1,
        port_xmit_data: 4824,
        port_rcv_data: 4824,
        port_xmit_pkts: 67,
        port_rcv_pkts: 67,
        ..PortCountersExtended::default()
    };
    assert_eq!(counters, expected);
}
