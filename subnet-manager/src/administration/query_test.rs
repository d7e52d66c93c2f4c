use alloc::vec::Vec;

use ib_mad::sa::SaRequest;
use ib_mad::wire::{
    AttributeId, ClassCapabilityMask, ClassCapabilityMask2, ClassPortInfo, GuidInfoRecord,
    GuidInfoRecordQuery, LinearForwardingTableRecord, LinearForwardingTableRecordQuery, LinkRecord,
    LinkRecordQuery, MadHeader, ManagementClass, McMemberRecord, McMemberRecordQuery, Method,
    MulticastForwardingTableRecord, MulticastForwardingTableRecordQuery, NodeDescription, NodeRecord,
    NodeRecordQuery, NodeType, PKeyTableRecord, PKeyTableRecordQuery, PathRecord, PathRecordQuery,
    PortInfoRecord, PortInfoRecordQuery, RmppHeader, SaHeader, SaMad, SaMadView, SlToVlMappingRecord,
    SlToVlMappingRecordQuery, SmInfoRecord, SmInfoRecordQuery, Status, SwitchInfoRecord,
    SwitchInfoRecordQuery, VlArbitrationRecord, VlArbitrationRecordQuery,
};
use ib_mad::{
    Guid, Lid, MKey, Mtu, PKey, PacketLifetime, Rate, Selector, ServiceLevel, SmKey, TransactionId,
};
use quickcheck::quickcheck;

use super::testing::{Desk, OTHER_PARTITION, SM_KEY, SWITCHES, gid, port_guid};
use super::{AdministrationEvent, AdministrationSettings, DropReason};

/// Host 6 shares no partition with host 1: what concerns it is not host 1's to know.
#[test]
fn every_table_has_its_records() {
    let mut desk = Desk::new();
    let nodes: Vec<NodeRecord> = desk.ask(1, SaRequest::get_table(&NodeRecordQuery::new())).unwrap();
    let lids = |nodes: &[NodeRecord]| nodes.iter().map(|node| node.lid.0).collect::<Vec<_>>();
    assert_eq!(lids(&nodes), [1, 2, 3, 4, 5, 7, 8]);
    assert_eq!(nodes[1].node_info.port_guid, port_guid(2));
    assert_eq!(nodes[1].node_info.local_port_number, 1);
    let all: Vec<NodeRecord> =
        desk.ask_with(1, SM_KEY, SaRequest::get_table(&NodeRecordQuery::new())).unwrap();
    assert_eq!(lids(&all), [1, 2, 3, 4, 5, 6, 7, 8]);

    let ports: Vec<PortInfoRecord> = desk.ask(1, SaRequest::get_table(&PortInfoRecordQuery::new())).unwrap();
    assert_eq!(ports.len(), 5 + 2 * 5);
    assert!(ports.iter().all(|port| port.port_info.m_key == MKey(0)), "keys are for who is trusted");
    let lid = PortInfoRecordQuery::new().lid(Lid(SWITCHES[0]));
    let ports: Vec<PortInfoRecord> = desk.ask_with(1, SM_KEY, SaRequest::get_table(&lid)).unwrap();
    assert_eq!(ports.iter().map(|port| port.port_number).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert!(ports.iter().all(|port| port.port_info.m_key == MKey(77)));

    let switches: Vec<SwitchInfoRecord> =
        desk.ask(1, SaRequest::get_table(&SwitchInfoRecordQuery::new())).unwrap();
    assert_eq!(switches.iter().map(|switch| switch.lid.0).collect::<Vec<_>>(), SWITCHES);
    let links: Vec<LinkRecord> = desk.ask(1, SaRequest::get_table(&LinkRecordQuery::new())).unwrap();
    assert_eq!(links.len(), 2 * 5 + 2);
    assert!(links.contains(&LinkRecord { from_lid: Lid(7), from_port: 4, to_port: 4, to_lid: Lid(8) }));
    let tables: Vec<LinearForwardingTableRecord> =
        desk.ask(1, SaRequest::get_table(&LinearForwardingTableRecordQuery::new())).unwrap();
    assert_eq!(
        (tables.len(), tables[0].linear_forwarding_table.ports[..9].to_vec()),
        (2, alloc::vec![255, 1, 2, 3, 4, 4, 4, 0, 4])
    );
    let tables: Vec<MulticastForwardingTableRecord> =
        desk.ask(1, SaRequest::get_table(&MulticastForwardingTableRecordQuery::new())).unwrap();
    assert_eq!((tables.len(), tables[0].multicast_forwarding_table.port_masks[0]), (2, 0b1_0010));
    let tables: Vec<PKeyTableRecord> =
        desk.ask(1, SaRequest::get_table(&PKeyTableRecordQuery::new())).unwrap();
    assert_eq!(tables.len(), 5 + 2);
    assert_eq!(tables[4].p_key_table.p_keys[..3], [PKey::DEFAULT_FULL, OTHER_PARTITION, PKey(0)]);
    let tables: Vec<SlToVlMappingRecord> =
        desk.ask(1, SaRequest::get_table(&SlToVlMappingRecordQuery::new())).unwrap();
    assert_eq!(tables.len(), 5 + 2 * 5 * 5);
    let managers: Vec<SmInfoRecord> = desk.ask(2, SaRequest::get(&SmInfoRecordQuery::new())).unwrap();
    assert_eq!(
        (managers[0].lid, managers[0].sm_info.priority, managers[0].sm_info.sm_key),
        (Lid(1), 3, SmKey(0))
    );
    let guids: Vec<GuidInfoRecord> =
        desk.ask(1, SaRequest::get(&GuidInfoRecordQuery::new().lid(Lid(3)))).unwrap();
    assert_eq!(guids[0].guid_info.guids[0], port_guid(3));
    let groups: Vec<McMemberRecord> = desk.ask(1, SaRequest::get_table(&McMemberRecordQuery::new())).unwrap();
    assert_eq!((groups.len(), groups[0].mlid), (1, Lid(0xC000)));
    let none: Vec<NodeRecord> =
        desk.ask(1, SaRequest::get_table(&NodeRecordQuery::new().lid(Lid(99)))).unwrap();
    assert_eq!(none, [], "a table without records is no failure");
}

#[test]
fn tables_have_the_blocks_that_a_port_has_room_for() {
    let mut desk = Desk::new();
    let at = desk.subnet.end_port(Lid(3)).unwrap();
    desk.subnet.port_mut(at).unwrap().info.guid_cap = 17;
    desk.subnet.node_mut(at.node).unwrap().info.partition_capacity = 33;
    let guids: Vec<GuidInfoRecord> =
        desk.ask(1, SaRequest::get_table(&GuidInfoRecordQuery::new().lid(Lid(3)))).unwrap();
    let blocks: Vec<_> =
        guids.iter().map(|record| (record.block_number, record.guid_info.guids[0])).collect();
    assert_eq!(blocks, [(0, port_guid(3)), (1, Guid(0)), (2, Guid(0))]);
    let keys: Vec<PKeyTableRecord> =
        desk.ask(1, SaRequest::get_table(&PKeyTableRecordQuery::new().lid(Lid(3)))).unwrap();
    let blocks: Vec<_> =
        keys.iter().map(|record| (record.block_number, record.p_key_table.p_keys[0])).collect();
    assert_eq!(blocks, [(0, PKey::DEFAULT_FULL), (1, PKey(0))]);
    let lanes: Vec<SlToVlMappingRecord> =
        desk.ask(1, SaRequest::get_table(&SlToVlMappingRecordQuery::new().lid(Lid(3)))).unwrap();
    assert_eq!((lanes.len(), lanes[0].input_port, lanes[0].output_port), (1, 0, 0));
}

/// A switch's own port has no link whose MTU could tell what it takes.
#[test]
fn a_switchs_own_port_bounds_the_mtu_of_its_paths() {
    let mut desk = Desk::new();
    let at = desk.subnet.end_port(Lid(SWITCHES[0])).unwrap();
    desk.subnet.port_mut(at).unwrap().info.mtu_cap = Mtu(3);
    let mut mtu = |from, to| {
        let query = PathRecordQuery::new().source_lid(Lid(from)).destination_lid(Lid(to));
        desk.ask_with::<PathRecord>(1, SM_KEY, SaRequest::get_table(&query)).unwrap()[0].mtu
    };
    assert_eq!((mtu(1, SWITCHES[0]), mtu(SWITCHES[0], 1)), (Mtu(3), Mtu(3)));
    assert_eq!(mtu(SWITCHES[0], SWITCHES[0]), Mtu(3));
    assert_eq!((mtu(1, SWITCHES[1]), mtu(1, 2)), (Mtu(4), Mtu(5)));
}

#[test]
fn what_administration_can_do() {
    let mut desk = Desk::new();
    let info: Vec<ClassPortInfo> = desk.ask(3, SaRequest::class_port_info()).unwrap();
    assert!(info[0].capability_mask2.contains(ClassCapabilityMask2::SA_UNPATH_REPATH));
    assert!(info[0].capability_mask2.contains(ClassCapabilityMask2::SA_SEND_ONLY_FULL_MEMBER));
    assert!(!info[0].capability_mask.contains(ClassCapabilityMask::SA_OPTIONAL_RECORDS));
    assert_eq!((info[0].base_version, info[0].class_version), (1, 2));
}

#[test]
fn paths_have_what_the_routing_gives_them() {
    let mut desk = Desk::new();
    let query = PathRecordQuery::new().source_gid(gid(1)).destination_gid(gid(4)).number_of_paths(1);
    let path: Vec<PathRecord> = desk.ask(1, SaRequest::get(&query)).unwrap();
    let expected = PathRecord {
        destination_gid: gid(4),
        source_gid: gid(1),
        destination_lid: Lid(4),
        source_lid: Lid(1),
        is_reversible: true,
        p_key: PKey::DEFAULT_FULL,
        service_level: ServiceLevel::new(1).unwrap(),
        mtu_selector: Selector::Exactly,
        mtu: Mtu(4),
        rate_selector: Selector::Exactly,
        rate: Rate(3),
        packet_lifetime_selector: Selector::Exactly,
        packet_lifetime: PacketLifetime(18),
        ..PathRecord::default()
    };
    assert_eq!(path, [expected]);
    let back: Vec<PathRecord> = desk
        .ask(1, SaRequest::get(&PathRecordQuery::new().source_lid(Lid(4)).destination_lid(Lid(1))))
        .unwrap();
    assert_eq!(back[0].service_level.get(), 2);
    let from_one = SaRequest::get_table(&PathRecordQuery::new().source_gid(gid(1)));
    let paths: Vec<PathRecord> = desk.ask(1, from_one).unwrap();
    assert_eq!(paths.iter().map(|path| path.destination_lid.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 7, 8]);
    let all: Vec<PathRecord> =
        desk.ask_with(1, SM_KEY, SaRequest::get_table(&PathRecordQuery::new())).unwrap();
    // Host 6 reaches itself, and host 5 both ways.
    assert_eq!(all.len(), 7 * 7 + 1 + 2);
}

#[test]
fn paths_are_chosen_by_what_is_asked_for() {
    let mut desk = Desk::new();
    let mut lids = |query: PathRecordQuery| -> Vec<u16> {
        let paths: Vec<PathRecord> =
            desk.ask_with(1, SM_KEY, SaRequest::get_table(&query.source_lid(Lid(5)))).unwrap();
        paths.iter().map(|path| path.destination_lid.0).collect()
    };
    let new = PathRecordQuery::new;
    assert_eq!(lids(new().p_key(OTHER_PARTITION)), [5, 6]);
    assert_eq!(lids(new().p_key(PKey(0x7FFF))), [1, 2, 3, 4, 5, 7, 8]);
    assert_eq!(lids(new().p_key(PKey(0x8009))), []);
    assert_eq!(lids(new().service_level(ServiceLevel::new(2).unwrap())), [1, 2, 3, 7]);
    assert_eq!(lids(new().mtu(Selector::GreaterThan, Mtu(4))), [4, 5, 6, 8]);
    assert_eq!(lids(new().mtu(Selector::Exactly, Mtu(4))), [1, 2, 3, 7]);
    assert_eq!(lids(new().mtu(Selector::LessThan, Mtu(4))), []);
    // Codes of rates are not in their order: 5 Gbit/s has a larger one than 10.
    assert_eq!(lids(new().rate(Selector::GreaterThan, Rate(5))).len(), 8);
    assert_eq!(lids(new().rate(Selector::LessThan, Rate(5))).len(), 0);
    assert_eq!(lids(new().packet_lifetime(Selector::LessThan, PacketLifetime(18))), [5]);
    assert_eq!(lids(new().reversible(true)).len(), 8);
    assert_eq!(lids(new().traffic_class(1)), []);
    assert_eq!(lids(new().destination_gid(gid(6)).destination_lid(Lid(6))), [6]);
    // The way back from host 4 is lost: replies cannot take it.
    let two = desk.subnet.end_port(Lid(SWITCHES[1])).unwrap().node;
    desk.subnet.node_mut(two).unwrap().switch.as_mut().unwrap().forwarding[5] = 255;
    let mut ask = |query| desk.ask::<PathRecord>(5, SaRequest::get(&query));
    let query = new().source_lid(Lid(5)).destination_lid(Lid(4));
    assert!(!ask(query).unwrap()[0].is_reversible);
    assert_eq!(ask(query.reversible(true)), Err(Status::NO_RECORDS));
}

#[test]
fn several_lids_give_several_paths() {
    let mut desk = Desk::new();
    let at = desk.subnet.end_port(Lid(4)).unwrap();
    desk.subnet.assign_lid(at, Lid(12), 2).unwrap();
    for switch in desk.subnet.switches().to_vec() {
        let table = desk.subnet.node_mut(switch).unwrap().switch.as_mut().unwrap();
        let port = table.forwarding[4];
        table.forwarding.resize(12, 255);
        table.forwarding.extend([port; 4]);
    }
    let query = PathRecordQuery::new().source_gid(gid(1)).destination_gid(gid(4));
    let mut lids = |query: PathRecordQuery| -> Vec<u16> {
        let paths: Vec<PathRecord> = desk.ask(1, SaRequest::get_table(&query)).unwrap();
        paths.iter().map(|path| path.destination_lid.0).collect()
    };
    assert_eq!(lids(query), [12, 13, 14, 15]);
    assert_eq!(lids(query.number_of_paths(2)), [12, 13]);
    assert_eq!(lids(query.destination_lid(Lid(14))), [14]);
    let nodes: Vec<NodeRecord> = desk.ask(1, SaRequest::get(&NodeRecordQuery::new().lid(Lid(15)))).unwrap();
    assert_eq!((nodes[0].lid, nodes[0].node_info.port_guid), (Lid(12), port_guid(4)), "any of a port's LIDs");
}

#[test]
fn each_refusal_has_its_status() {
    let mut desk = Desk::new();
    let mut node = |query| desk.ask::<NodeRecord>(1, SaRequest::get(&query)).map(|_| ());
    assert_eq!(node(NodeRecordQuery::new().node_type(NodeType::Switch)), Err(Status::TOO_MANY_RECORDS));
    assert_eq!(node(NodeRecordQuery::new().lid(Lid(99))), Err(Status::NO_RECORDS));
    assert_eq!(node(NodeRecordQuery::new().lid(Lid(6))), Err(Status::NO_RECORDS), "in another partition");
    let mut path = |query| desk.ask::<PathRecord>(1, SaRequest::get(&query)).map(|_| ());
    let from = PathRecordQuery::new().source_gid(gid(1));
    assert_eq!(path(from), Err(Status::INSUFFICIENT_COMPONENTS));
    assert_eq!(path(from.destination_gid(gid(99))), Err(Status::INVALID_GID));
    assert_eq!(path(from.destination_lid(Lid(99))), Err(Status::NO_RECORDS));
    assert_eq!(path(from.destination_gid(gid(6))), Err(Status::NO_RECORDS));
    assert_eq!(path(from.destination_gid(gid(2)).destination_lid(Lid(3))), Err(Status::NO_RECORDS));
    assert_eq!(path(from.destination_gid(gid(2)).number_of_paths(0)), Ok(()));
    let none = SaRequest::get_table(&from.number_of_paths(0));
    assert_eq!(desk.ask::<PathRecord>(1, none), Err(Status::INVALID_REQUEST));
    let arbitration = SaRequest::get_table(&VlArbitrationRecordQuery::new());
    assert_eq!(desk.ask::<VlArbitrationRecord>(1, arbitration), Err(Status::ATTRIBUTE_UNSUPPORTED));
    let refused = desk.events();
    assert!(refused.iter().any(|event| matches!(
        event,
        AdministrationEvent::Refused { from: Lid(1), status: Status::INVALID_GID, .. }
    )));
}

/// A datagram with any method, attribute and mask.
fn raw(method: Method, attribute: AttributeId, mask: u64, key: SmKey) -> [u8; 256] {
    let class = ManagementClass::SUBNET_ADMINISTRATION;
    let header = MadHeader::request(class, method, attribute, 0, TransactionId(9));
    let sa = SaHeader { sm_key: key, attribute_offset: 0, component_mask: mask };
    SaMad { header, rmpp: RmppHeader::INACTIVE, sa }.emit_data(&[0; 200])
}

fn status(desk: &mut Desk, mad: &[u8; 256]) -> Option<Status> {
    assert!(desk.send(2, mad));
    let mut answer = [0; 256];
    let to = desk.administration.poll_transmit(desk.now, &mut answer)?;
    assert_eq!(to.to, Lid(2));
    let view = SaMadView::new(&answer).unwrap();
    assert_eq!(view.header().transaction_id(), TransactionId(9));
    assert_eq!(view.header().method(), SaMadView::new(mad).unwrap().header().method().response());
    Some(view.header().status())
}

#[test]
fn masks_methods_and_keys_that_make_no_sense_are_told_so() {
    let mut desk = Desk::new();
    let none = SmKey(0);
    for (method, attribute, mask, expected) in [
        (Method::GET, AttributeId::NODE_RECORD, 1 << 1, Status::INVALID_REQUEST),
        (Method::GET, AttributeId::PATH_RECORD, 1 << 7, Status::INVALID_REQUEST),
        (Method::GET_TABLE, AttributeId::PORT_INFO_RECORD, 1 << 63, Status::INVALID_REQUEST),
        (Method::SET, AttributeId::MC_MEMBER_RECORD, 1 << 18, Status::INVALID_REQUEST),
        (Method::SET, AttributeId::SERVICE_RECORD, 1 << 3, Status::INVALID_REQUEST),
        (Method::DELETE, AttributeId::SERVICE_RECORD, 1 << 37, Status::INVALID_REQUEST),
        (Method::SET, AttributeId::NODE_RECORD, 0, Status::ATTRIBUTE_UNSUPPORTED),
        (Method::DELETE, AttributeId::PATH_RECORD, 0, Status::ATTRIBUTE_UNSUPPORTED),
        (Method::GET, AttributeId(0x7777), 0, Status::ATTRIBUTE_UNSUPPORTED),
        (Method::GET_MULTI, AttributeId::MULTI_PATH_RECORD, 0, Status::METHOD_UNSUPPORTED),
        (Method(0x3F), AttributeId::NODE_RECORD, 0, Status::METHOD_UNSUPPORTED),
    ] {
        let mad = raw(method, attribute, mask, none);
        assert_eq!(status(&mut desk, &mad), Some(expected), "{method} {attribute} {mask:#x}");
    }
    desk.events();
    let wrong = raw(Method::GET_TABLE, AttributeId::NODE_RECORD, 0, SmKey(1));
    assert_eq!(status(&mut desk, &wrong), None, "a wrong key has no answer");
    let response = raw(Method::GET_RESP, AttributeId::NODE_RECORD, 0, none);
    assert_eq!(status(&mut desk, &response), None);
    let mut other_class = raw(Method::GET, AttributeId::NODE_RECORD, 0, none);
    other_class[1] = 4;
    assert!(!desk.send(2, &other_class));
    desk.send(99, &raw(Method::GET, AttributeId::NODE_RECORD, 0, none));
    let dropped: Vec<_> = desk
        .events()
        .into_iter()
        .map(|event| match event {
            AdministrationEvent::Dropped { from, reason } => (from.0, reason),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(dropped[..2], [(2, DropReason::WrongKey), (2, DropReason::Unexpected)]);
    assert!(matches!(dropped[2], (2, DropReason::Malformed(_))));
    assert_eq!(dropped[3], (99, DropReason::UnknownPort));
}

#[test]
fn one_requester_gets_so_many_tables_at_once_and_no_more() {
    let mut settings = AdministrationSettings::new(SM_KEY, 1);
    settings.limits.tables_per_port = 2;
    // Two tables of seven nodes, and some more.
    settings.limits.table_bytes = 2 * 7 * 112 + 200;
    settings.limits.answers_per_port = 3;
    let mut desk = Desk::with(settings);
    let ask = |id: u64, attribute| {
        let mut mad = raw(Method::GET_TABLE, attribute, 0, SmKey(0));
        mad[8..16].copy_from_slice(&id.to_be_bytes());
        mad
    };
    for id in 1..=4 {
        // Asked twice, a table is sent once.
        desk.send(2, &ask(id, AttributeId::NODE_RECORD));
        desk.send(2, &ask(id, AttributeId::NODE_RECORD));
    }
    assert_eq!(desk.administration.tables(), 2);
    // Two of each of the last two are refused; no more than three wait.
    let mut out = [0; 256];
    let mut statuses = Vec::new();
    while desk.administration.poll_transmit(desk.now, &mut out).is_some() {
        statuses.push(SaMadView::new(&out).unwrap().header().status());
    }
    assert_eq!(statuses, [Status::BUSY, Status::BUSY, Status::BUSY, Status::OK, Status::OK]);
    // Another requester is not held up, but for what all of them may have.
    desk.send(3, &ask(1, AttributeId::SWITCH_INFO_RECORD));
    assert_eq!(desk.administration.tables(), 3);
    desk.send(3, &ask(2, AttributeId::SL_TO_VL_MAPPING_RECORD));
    assert_eq!(desk.administration.tables(), 3);
    while desk.administration.poll_transmit(desk.now, &mut out).is_some() {}
    // Nobody acknowledges: the transfers are given up, and their room is free again.
    while let Some(next) = desk.administration.poll_timeout() {
        desk.now = desk.now.max(next);
        desk.administration.handle_timeout(desk.now);
        while desk.administration.poll_transmit(desk.now, &mut out).is_some() {}
    }
    assert_eq!(desk.administration.tables(), 0);
    let nodes: Result<Vec<SwitchInfoRecord>, _> =
        desk.ask(2, SaRequest::get_table(&SwitchInfoRecordQuery::new()));
    assert_eq!(nodes.map(|nodes| nodes.len()), Ok(2));
    // What is never too small for the first one is refused for good, what has no room now for now.
    let mut settings = AdministrationSettings::new(SM_KEY, 1);
    settings.limits.table_bytes = 8 * 112;
    let mut desk = Desk::with(settings);
    let too_many = SaRequest::get_table(&PortInfoRecordQuery::new());
    assert_eq!(desk.ask::<PortInfoRecord>(2, too_many), Err(Status::NO_RESOURCES));
    desk.send(2, &ask(1, AttributeId::NODE_RECORD));
    assert_eq!(status(&mut desk, &ask(9, AttributeId::NODE_RECORD)), Some(Status::BUSY));
}

#[test]
fn tables_that_ended_leave_their_place_and_their_bytes_to_others() {
    let mut settings = AdministrationSettings::new(SM_KEY, 1);
    settings.limits.tables = 1;
    settings.limits.table_bytes = 10 * 112;
    let mut desk = Desk::with(settings);
    for host in [2, 3, 4, 2] {
        let nodes = desk.ask::<NodeRecord>(host, SaRequest::get_table(&NodeRecordQuery::new()));
        assert_eq!(nodes.map(|nodes| nodes.len()), Ok(7), "for host {host}");
    }
    let mut mad = raw(Method::GET_TABLE, AttributeId::NODE_RECORD, 0, SmKey(0));
    mad[8..16].copy_from_slice(&77_u64.to_be_bytes());
    desk.send(2, &mad);
    let other = raw(Method::GET_TABLE, AttributeId::NODE_RECORD, 0, SmKey(0));
    desk.send(3, &other);
    assert_eq!(desk.administration.tables(), 1, "one for all");
}

/// Tools ask for one table after the other and end without an acknowledgement.
#[test]
fn small_tables_that_nobody_acknowledges_do_not_keep_the_next_one_waiting() {
    let mut settings = AdministrationSettings::new(SM_KEY, 1);
    settings.limits.tables_per_port = 1;
    settings.limits.answers_per_port = 20;
    let mut desk = Desk::with(settings);
    let ask = |id: u64, attribute| {
        let mut mad = raw(Method::GET_TABLE, attribute, 0, SmKey(0));
        mad[8..16].copy_from_slice(&id.to_be_bytes());
        mad
    };
    let answer = |desk: &mut Desk, id, attribute| {
        desk.send(2, &ask(id, attribute));
        let mut out = [0; 256];
        let mut first = None;
        while desk.administration.poll_transmit(desk.now, &mut out).is_some() {
            first = first.or(Some(SaMadView::new(&out).unwrap().header().status()));
        }
        first
    };
    for id in 1..=20 {
        assert_eq!(answer(&mut desk, id, AttributeId::SWITCH_INFO_RECORD), Some(Status::OK), "{id}");
    }
    // A long one has a place of its own, of which there is one.
    assert_eq!(answer(&mut desk, 21, AttributeId::NODE_RECORD), Some(Status::OK));
    assert_eq!(answer(&mut desk, 22, AttributeId::NODE_RECORD), Some(Status::BUSY));
    assert_eq!(
        answer(&mut desk, 23, AttributeId::SWITCH_INFO_RECORD),
        Some(Status::BUSY),
        "so many and no more"
    );
    assert_eq!(desk.administration.tables(), 21);
    let mut out = [0; 256];
    while let Some(next) = desk.administration.poll_timeout() {
        desk.now = desk.now.max(next);
        desk.administration.handle_timeout(desk.now);
        while desk.administration.poll_transmit(desk.now, &mut out).is_some() {}
    }
    assert_eq!(desk.administration.tables(), 0);
    assert_eq!(answer(&mut desk, 24, AttributeId::NODE_RECORD), Some(Status::OK));
}

/// A component of a node's record, and whether two records agree in it.
type NodeComponent =
    (fn(NodeRecordQuery, &NodeRecord) -> NodeRecordQuery, fn(&NodeRecord, &NodeRecord) -> bool);

const NODE: &[NodeComponent] = &[
    (|query, record| query.lid(record.lid), |one, other| one.lid == other.lid),
    (
        |query, record| query.node_type(record.node_info.node_type),
        |one, other| one.node_info.node_type == other.node_info.node_type,
    ),
    (
        |query, record| query.node_guid(record.node_info.node_guid),
        |one, other| one.node_info.node_guid == other.node_info.node_guid,
    ),
    (
        |query, record| query.port_guid(record.node_info.port_guid),
        |one, other| one.node_info.port_guid == other.node_info.port_guid,
    ),
    (
        |query, record| query.number_of_ports(record.node_info.number_of_ports),
        |one, other| one.node_info.number_of_ports == other.node_info.number_of_ports,
    ),
    (
        |query, record| query.local_port_number(record.node_info.local_port_number),
        |one, other| one.node_info.local_port_number == other.node_info.local_port_number,
    ),
    (
        |query, record| query.vendor_id(record.node_info.vendor_id),
        |one, other| one.node_info.vendor_id == other.node_info.vendor_id,
    ),
    (
        |query, record| query.node_description(record.node_description),
        |one, other| one.node_description == other.node_description,
    ),
];

quickcheck! {
    /// Any components of any nodes' records, mixed: the answer is what a filter of fields leaves of all records.
    fn node_queries_are_answered_as_a_naive_filter_would(choices: Vec<(u8, u8)>) -> bool {
        let mut desk = Desk::new();
        let all: Vec<NodeRecord> =
            desk.ask_with(1, SM_KEY, SaRequest::get_table(&NodeRecordQuery::new())).unwrap();
        let nobody = NodeRecord { node_description: NodeDescription::new("nobody"), ..NodeRecord::default() };
        let mut query = NodeRecordQuery::new();
        let mut expected = all.clone();
        let mut given = alloc::collections::BTreeMap::new();
        for (component, from) in choices.into_iter().take(4) {
            given.insert(usize::from(component) % NODE.len(), usize::from(from) % (all.len() + 1));
        }
        for (component, from) in given {
            let template = all.get(from).unwrap_or(&nobody);
            let (add, agrees) = NODE[component];
            query = add(query, template);
            expected.retain(|record| agrees(record, template));
        }
        desk.ask_with::<NodeRecord>(1, SM_KEY, SaRequest::get_table(&query)) == Ok(expected)
    }

    /// The same for paths, by their ends, their service level and their partition.
    fn path_queries_are_answered_as_a_naive_filter_would(source: Option<u8>, destination: Option<u8>, level: Option<u8>, mtu: Option<(u8, u8)>) -> bool {
        let mut desk = Desk::new();
        let all: Vec<PathRecord> =
            desk.ask_with(1, SM_KEY, SaRequest::get_table(&PathRecordQuery::new())).unwrap();
        let mut query = PathRecordQuery::new();
        let mut expected = all;
        if let Some(lid) = source.map(|source| Lid(u16::from(source) % 8 + 1)) {
            query = query.source_lid(lid);
            expected.retain(|path| path.source_lid == lid);
        }
        if let Some(number) = destination.map(|destination| u16::from(destination) % 6 + 1) {
            query = query.destination_gid(gid(number));
            expected.retain(|path| path.destination_lid == Lid(number));
        }
        if let Some(level) = level.map(|level| ServiceLevel::new(level % 4).unwrap()) {
            query = query.service_level(level);
            expected.retain(|path| path.service_level == level);
        }
        if let Some((how, mtu)) = mtu.map(|(how, mtu)| (how % 3, Mtu(mtu % 4 + 3))) {
            let selector = [Selector::GreaterThan, Selector::LessThan, Selector::Exactly][usize::from(how)];
            query = query.mtu(selector, mtu);
            expected.retain(|path| [path.mtu > mtu, path.mtu < mtu, path.mtu == mtu][usize::from(how)]);
        }
        desk.ask_with::<PathRecord>(1, SM_KEY, SaRequest::get_table(&query)) == Ok(expected)
    }

    /// Whatever bytes come, from wherever: no panic, and nothing that waits without bound.
    fn any_datagram_is_handled(bytes: Vec<u8>, method: u8, attribute: u8, from: u16) -> bool {
        const METHODS: [Method; 6] =
            [Method::GET, Method::SET, Method::GET_TABLE, Method::DELETE, Method::REPORT_RESP, Method::GET_MULTI];
        const ATTRIBUTES: [u16; 10] = [0x11, 0x12, 0x14, 0x20, 0x31, 0x35, 0x38, 0xF3, 0x03, 0x01];
        let attribute = AttributeId(ATTRIBUTES[usize::from(attribute) % ATTRIBUTES.len()]);
        let mut mad = raw(METHODS[usize::from(method) % METHODS.len()], attribute, 0, SmKey(0));
        for (to, byte) in mad[24..].iter_mut().zip(bytes) {
            *to = byte;
        }
        let mut desk = Desk::new();
        desk.send(from % 10, &mad);
        let mut out = [0; 256];
        let mut sent = 0;
        while desk.administration.poll_transmit(desk.now, &mut out).is_some() {
            sent += 1;
        }
        desk.events().len() < 10 && sent < 3
    }
}
