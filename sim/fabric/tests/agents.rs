//! What agents show, take and refuse.

#![allow(clippy::std_instead_of_alloc, reason = "tests run where there is an operating system")]

mod support;

use core::time::Duration;

use fabric::{DropReason, Packet};
use ib_mad::wire::{
    AttributeId, CommonStatus, DirectedRouteSmp, GuidInfo, LinearForwardingTable, Method,
    MulticastForwardingTable, NodeDescription, NodeInfo, NodeType, PKeyTable, PortInfo, PortPhysicalState,
    PortState, SlToVlMapping, SmInfo, SwitchInfo, VlArbitration, VlArbitrationEntry,
};
use ib_mad::{Guid, Lid, MKey, PKey, TransactionId, VirtualLane};

use support::Lab;

#[test]
fn nodes_say_what_they_are() {
    let mut lab = Lab::small();
    let own: NodeInfo = lab.read(&[], AttributeId::NODE_INFO, 0);
    assert_eq!((own.node_type, own.number_of_ports, own.local_port_number), (NodeType::ChannelAdapter, 1, 1));
    assert_eq!((own.node_guid, own.port_guid), (Guid(0x10_0000), Guid(0x10_0001)));
    let switch: NodeInfo = lab.read(&[1], AttributeId::NODE_INFO, 0);
    assert_eq!(
        (switch.node_type, switch.number_of_ports, switch.local_port_number),
        (NodeType::Switch, 6, 5)
    );
    assert_eq!((switch.node_guid, switch.port_guid), (Guid(0x20_0000), Guid(0x20_0000)));
    let name: NodeDescription = lab.read(&[1, 1, 6], AttributeId::NODE_DESCRIPTION, 0);
    assert_eq!(name.text(), "H4");
}

#[test]
fn what_is_written_is_read_again() {
    let mut lab = Lab::small();
    let (host, switch): (&[u8], &[u8]) = (&[1, 1, 5], &[1]);
    let keys = PKeyTable { p_keys: core::array::from_fn(|entry| PKey(0x8001 + entry as u16)) };
    lab.set(host, AttributeId::P_KEY_TABLE, 1, &keys);
    assert_eq!(lab.read::<PKeyTable>(host, AttributeId::P_KEY_TABLE, 1), keys);
    assert_eq!(lab.read::<PKeyTable>(host, AttributeId::P_KEY_TABLE, 0).p_keys[..2], [PKey(0xFFFF), PKey(0)]);
    lab.set(switch, AttributeId::P_KEY_TABLE, PKeyTable::modifier(0, 3), &keys);
    assert_eq!(lab.read::<PKeyTable>(switch, AttributeId::P_KEY_TABLE, PKeyTable::modifier(0, 3)), keys);

    let lanes = SlToVlMapping { lanes: core::array::from_fn(|sl| VirtualLane::new(sl as u8 % 3).unwrap()) };
    let modifier = SlToVlMapping::modifier(5, 1);
    lab.set(switch, AttributeId::SL_TO_VL_MAPPING, modifier, &lanes);
    assert_eq!(lab.read::<SlToVlMapping>(switch, AttributeId::SL_TO_VL_MAPPING, modifier), lanes);
    let other: SlToVlMapping = lab.read(switch, AttributeId::SL_TO_VL_MAPPING, SlToVlMapping::modifier(1, 5));
    assert_ne!(other, lanes);

    let mut turns = VlArbitration::default();
    turns.entries[2] = VlArbitrationEntry { lane: VirtualLane::new(3).unwrap(), weight: 9 };
    let modifier = VlArbitration::modifier(VlArbitration::HIGH_FIRST, 2);
    lab.set(switch, AttributeId::VL_ARBITRATION, modifier, &turns);
    assert_eq!(lab.read::<VlArbitration>(switch, AttributeId::VL_ARBITRATION, modifier), turns);

    let guids = GuidInfo { guids: core::array::from_fn(|entry| Guid(0x77 + entry as u64)) };
    lab.set(host, AttributeId::GUID_INFO, 0, &guids);
    let shown: GuidInfo = lab.read(host, AttributeId::GUID_INFO, 0);
    assert_eq!((shown.guids[0], &shown.guids[1..]), (Guid(0x10_0005), &guids.guids[1..]));

    let linear = LinearForwardingTable { ports: core::array::from_fn(|lid| lid as u8 % 6) };
    lab.set(switch, AttributeId::LINEAR_FORWARDING_TABLE, 767, &linear);
    assert_eq!(lab.read::<LinearForwardingTable>(switch, AttributeId::LINEAR_FORWARDING_TABLE, 767), linear);
    let unwritten: LinearForwardingTable = lab.read(switch, AttributeId::LINEAR_FORWARDING_TABLE, 766);
    assert_eq!(unwritten, LinearForwardingTable::default());

    let multicast = MulticastForwardingTable { port_masks: core::array::from_fn(|entry| entry as u16) };
    lab.set(switch, AttributeId::MULTICAST_FORWARDING_TABLE, 31, &multicast);
    let shown: MulticastForwardingTable = lab.read(switch, AttributeId::MULTICAST_FORWARDING_TABLE, 31);
    assert_eq!(shown, multicast);
}

#[test]
fn what_cannot_be_asked_is_refused_with_the_standards_status() {
    let mut lab = Lab::small();
    let (host, switch): (&[u8], &[u8]) = (&[1, 1, 5], &[1]);
    for (path, attribute, modifier, expected) in [
        (host, AttributeId::SWITCH_INFO, 0, CommonStatus::AttributeUnsupported),
        (host, AttributeId::LINEAR_FORWARDING_TABLE, 0, CommonStatus::AttributeUnsupported),
        (host, AttributeId::SM_INFO, 0, CommonStatus::AttributeUnsupported),
        (host, AttributeId(0x1234), 0, CommonStatus::AttributeUnsupported),
        (host, AttributeId::PORT_INFO, 2, CommonStatus::InvalidValue),
        (switch, AttributeId::PORT_INFO, 7, CommonStatus::InvalidValue),
        (host, AttributeId::P_KEY_TABLE, 2, CommonStatus::InvalidValue),
        (switch, AttributeId::P_KEY_TABLE, 0x0007_0000, CommonStatus::InvalidValue),
        // The table of a switch's port 0 has one block.
        (switch, AttributeId::P_KEY_TABLE, 1, CommonStatus::InvalidValue),
        (switch, AttributeId::SL_TO_VL_MAPPING, 0x0107, CommonStatus::InvalidValue),
        (switch, AttributeId::VL_ARBITRATION, 0x0005_0001, CommonStatus::InvalidValue),
        (host, AttributeId::GUID_INFO, 4, CommonStatus::InvalidValue),
        (switch, AttributeId::LINEAR_FORWARDING_TABLE, 768, CommonStatus::InvalidValue),
        (switch, AttributeId::MULTICAST_FORWARDING_TABLE, 32, CommonStatus::InvalidValue),
        (switch, AttributeId::MULTICAST_FORWARDING_TABLE, 0x1000_0000, CommonStatus::InvalidValue),
    ] {
        let reply = lab.get(path, attribute, modifier).unwrap();
        assert_eq!(reply.status.common(), expected, "{attribute} {modifier:#x}");
    }
    let nothing = NodeDescription::default();
    let reply = lab.directed(host, Method::SET, AttributeId::NODE_INFO, 0, MKey(0), &nothing).unwrap();
    assert_eq!(reply.status.common(), CommonStatus::AttributeUnsupported);
    let reply = lab.directed(host, Method::GET_TABLE, AttributeId::NODE_INFO, 0, MKey(0), &nothing).unwrap();
    assert_eq!(reply.status.common(), CommonStatus::MethodUnsupported);

    let smp =
        DirectedRouteSmp::request(Method::GET, AttributeId::NODE_INFO, 0, TransactionId(99), host).unwrap();
    let mut mad = smp.emit(&nothing).unwrap();
    mad[2] = 9;
    let answer = lab.exchange(&Packet::subnet_management(Lid::PERMISSIVE, mad)).unwrap();
    assert_eq!(ib_mad::wire::Status(answer[5].into()).common(), CommonStatus::BadVersion);
    mad[0] = 2;
    assert!(lab.exchange(&Packet::subnet_management(Lid::PERMISSIVE, mad)).is_none());
    assert_eq!(lab.fabric.drops().count(DropReason::Malformed), 1);
}

/// A Set that changes nothing but what the test says.
fn untouched(info: PortInfo) -> PortInfo {
    PortInfo { port_state: PortState::NO_CHANGE, port_physical_state: PortPhysicalState::NO_CHANGE, ..info }
}

#[test]
fn a_port_goes_up_by_its_states_and_a_refused_set_changes_nothing() {
    let mut lab = Lab::small();
    let path = [1, 1, 5];
    let first: PortInfo = lab.read(&path, AttributeId::PORT_INFO, 0);
    assert_eq!(
        (first.port_state, first.port_physical_state),
        (PortState::INITIALIZE, PortPhysicalState::LINK_UP)
    );
    let wanted = PortInfo { lid: Lid(7), port_state: PortState::ACTIVE, ..untouched(first) };
    let reply = lab.directed(&path, Method::SET, AttributeId::PORT_INFO, 0, MKey(0), &wanted).unwrap();
    assert_eq!(reply.status.common(), CommonStatus::InvalidValue);
    assert_eq!(lab.read::<PortInfo>(&path, AttributeId::PORT_INFO, 0), first);
    for state in [PortState::ARMED, PortState::ACTIVE] {
        lab.set(
            &path,
            AttributeId::PORT_INFO,
            0,
            &PortInfo { lid: Lid(7), port_state: state, ..untouched(first) },
        );
        let now: PortInfo = lab.read(&path, AttributeId::PORT_INFO, 0);
        assert_eq!((now.port_state, now.lid), (state, Lid(7)));
    }
    // Down means: start anew, at both ends.
    lab.set(&path, AttributeId::PORT_INFO, 0, &PortInfo { port_state: PortState::DOWN, ..untouched(first) });
    assert_eq!(lab.read::<PortInfo>(&path, AttributeId::PORT_INFO, 0).port_state, PortState::INITIALIZE);
    let switch: SwitchInfo = lab.read(&[1, 1], AttributeId::SWITCH_INFO, 0);
    assert!(switch.port_state_change);
    lab.set(&[1, 1], AttributeId::SWITCH_INFO, 0, &switch);
    assert!(!lab.read::<SwitchInfo>(&[1, 1], AttributeId::SWITCH_INFO, 0).port_state_change);
    for bad in [
        PortInfo { lid: Lid(0xC000), ..untouched(first) },
        PortInfo { lid: Lid(7), lmc: 1, ..untouched(first) },
        PortInfo { operational_vls: 5, ..untouched(first) },
        PortInfo { neighbor_mtu: ib_mad::Mtu(6), ..untouched(first) },
        PortInfo { link_speed_enabled: 8, ..untouched(first) },
    ] {
        let reply = lab.directed(&path, Method::SET, AttributeId::PORT_INFO, 0, MKey(0), &bad).unwrap();
        assert_eq!(reply.status.common(), CommonStatus::InvalidValue);
    }
}

#[test]
fn a_disabled_port_has_no_link_until_it_polls_again() {
    let mut lab = Lab::small();
    let info: PortInfo = lab.read(&[1], AttributeId::PORT_INFO, 6);
    let disabled = PortInfo { port_physical_state: PortPhysicalState::DISABLED, ..untouched(info) };
    lab.set(&[1], AttributeId::PORT_INFO, 6, &disabled);
    let now: PortInfo = lab.read(&[1], AttributeId::PORT_INFO, 6);
    assert_eq!((now.port_state, now.port_physical_state), (PortState::DOWN, PortPhysicalState::DISABLED));
    assert!(lab.get(&[1, 6], AttributeId::NODE_INFO, 0).is_none());
    assert_eq!(lab.fabric.drops().count(DropReason::PortDown), 1);
    let polling = PortInfo { port_physical_state: PortPhysicalState::POLLING, ..untouched(info) };
    lab.set(&[1], AttributeId::PORT_INFO, 6, &polling);
    assert!(lab.get(&[1, 6], AttributeId::NODE_INFO, 0).is_some());
}

#[test]
fn agents_are_reached_by_lid_through_the_tables_alone() {
    let mut lab = Lab::small();
    let nothing = NodeDescription::default();
    assert!(lab.by_lid(Lid(1), Method::GET, AttributeId::NODE_INFO, 0, &nothing).is_none());
    lab.bring_up();
    for (name, port) in [("S1", 0), ("S2", 0), ("H1", 1), ("H4", 1)] {
        let end = lab.fabric.end_port(name, port).unwrap();
        let lid = lab.lid(end);
        let reply = lab.by_lid(lid, Method::GET, AttributeId::NODE_DESCRIPTION, 0, &nothing).unwrap();
        assert_eq!(ib_mad::wire::Attribute::parse(&reply.data), Ok(NodeDescription::new(name)));
    }
    assert_eq!(lab.fabric.drops().count(DropReason::NoRoute), 1, "the one before there were tables");
}

#[test]
fn a_manager_gets_what_is_for_a_manager() {
    let mut lab = Lab::running();
    let other = lab.host("H4");
    let lid = lab.lid(other);
    let ask = |lab: &mut Lab| lab.by_lid(lid, Method::GET, AttributeId::SM_INFO, 0, &SmInfo::default());
    assert_eq!(ask(&mut lab).unwrap().status.common(), CommonStatus::AttributeUnsupported);
    lab.fabric.claim(lab.now, other, true);
    lab.settle();
    assert!(lab.fabric.port_info(other).capability_mask.contains(ib_mad::wire::PortCapabilityMask::SM));
    assert_eq!(lab.repress_all().len(), 1, "trap 144");
    assert!(ask(&mut lab).is_none(), "the agent leaves the answer to the manager");
    let packet = lab.fabric.receive(other).unwrap();
    assert_eq!(packet.source_lid, lab.lid(lab.manager));
    lab.fabric.claim(lab.now, other, false);
    assert_eq!(ask(&mut lab).unwrap().status.common(), CommonStatus::AttributeUnsupported);
}

#[test]
fn directed_routes_end_at_ports_that_are_down_and_at_adapters_in_between() {
    let mut lab = Lab::small();
    assert!(lab.get(&[1, 2], AttributeId::NODE_INFO, 0).is_none(), "nothing is plugged in there");
    assert_eq!(lab.fabric.drops().count(DropReason::PortDown), 1);
    assert!(lab.get(&[1, 6, 1], AttributeId::NODE_INFO, 0).is_none(), "H2 passes nothing on");
    assert!(lab.get(&[2], AttributeId::NODE_INFO, 0).is_none(), "H1 has one port");
    assert!(lab.get(&[1, 0], AttributeId::NODE_INFO, 0).is_none(), "port 0 leads nowhere");
    assert!(lab.get(&[1, 200], AttributeId::NODE_INFO, 0).is_none());
    assert_eq!(lab.fabric.drops().count(DropReason::DirectedRoute), 4);
    let smp =
        DirectedRouteSmp::request(Method::GET, AttributeId::NODE_INFO, 0, TransactionId(1), &[1]).unwrap();
    for (pointer, count) in [(1, 1), (2, 1), (3, 1), (0, 64), (9, 200)] {
        let mut mad = smp.emit(&NodeDescription::default()).unwrap();
        (mad[6], mad[7]) = (pointer, count);
        assert!(
            lab.exchange(&Packet::subnet_management(Lid::PERMISSIVE, mad)).is_none(),
            "{pointer} of {count}"
        );
    }
}

#[test]
fn a_part_by_lid_may_follow_a_directed_one() {
    let mut lab = Lab::running();
    let (own, to) = (lab.lid(lab.manager), lab.lid(lab.host("H4")));
    let smp =
        DirectedRouteSmp::request(Method::GET, AttributeId::NODE_DESCRIPTION, 0, TransactionId(1), &[1])
            .unwrap();
    let smp = DirectedRouteSmp { destination_lid: to, ..smp };
    let mad = smp.emit(&NodeDescription::default()).unwrap();
    let answer = lab.exchange(&Packet::subnet_management(Lid::PERMISSIVE, mad)).unwrap();
    assert_eq!(&answer[64..66], b"H4");
    // And the other way round: by LID to a switch, from there by route.
    let to = lab.lid(lab.fabric.end_port("S2", 0).unwrap());
    let smp =
        DirectedRouteSmp::request(Method::GET, AttributeId::NODE_DESCRIPTION, 0, TransactionId(2), &[6])
            .unwrap();
    let mad = DirectedRouteSmp { source_lid: own, ..smp }.emit(&NodeDescription::default()).unwrap();
    let answer = lab.exchange(&Packet::subnet_management(to, mad)).unwrap();
    assert_eq!(&answer[64..66], b"H4");
}

#[test]
fn agents_can_be_silent_late_and_wrong() {
    use fabric::Conduct;
    let mut lab = Lab::small();
    let switch = lab.node("S2");
    lab.fabric.set_conduct(switch, Conduct::Silent);
    assert!(lab.get(&[1, 1], AttributeId::NODE_INFO, 0).is_none());
    assert!(lab.get(&[1, 1, 5], AttributeId::NODE_INFO, 0).is_some(), "it passes on what is for others");
    lab.fabric.set_conduct(switch, Conduct::Late(Duration::from_secs(1)));
    assert!(lab.get(&[1, 1], AttributeId::NODE_INFO, 0).is_none());
    lab.pass(Duration::from_secs(1));
    assert!(lab.fabric.receive(lab.manager).is_some());
    lab.fabric.set_conduct(switch, Conduct::WrongTransaction);
    let reply = lab.get(&[1, 1], AttributeId::NODE_INFO, 0).unwrap();
    assert_ne!(reply.mad[15], 5, "the fifth request's id");
    assert_eq!(lab.fabric.drops().count(DropReason::Silent), 1);
}

#[test]
fn a_manager_that_asks_for_registrations_anew_is_an_event_at_an_adapter() {
    let mut lab = Lab::running();
    let (host, path) = (lab.host("H4"), [1, 1, 6]);
    let info: PortInfo = lab.read(&path, AttributeId::PORT_INFO, 0);
    lab.set(&path, AttributeId::PORT_INFO, 0, &untouched(info));
    assert_eq!(lab.fabric.reregistrations(host), 0, "not asked for");
    let asking = PortInfo { client_reregister: true, ..untouched(info) };
    lab.set(&path, AttributeId::PORT_INFO, 0, &asking);
    assert_eq!(lab.fabric.reregistrations(host), 1);
    assert!(!lab.read::<PortInfo>(&path, AttributeId::PORT_INFO, 0).client_reregister, "it is not kept");
    let other = lab.host("H2");
    assert_eq!(lab.fabric.reregistrations(other), 0);
    // Refused as a whole it asks for nothing.
    let info: PortInfo = lab.read(&[1, 1, 6], AttributeId::PORT_INFO, 0);
    let bad = PortInfo { client_reregister: true, lid: Lid(0xC000), ..untouched(info) };
    lab.directed(&[1, 1, 6], Method::SET, AttributeId::PORT_INFO, 0, MKey(0), &bad).unwrap();
    assert_eq!(lab.fabric.reregistrations(host), 1);
}
