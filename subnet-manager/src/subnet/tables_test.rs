use alloc::vec;
use alloc::vec::Vec;

use ib_mad::wire::{NodeDescription, NodeInfo, NodeType, PortInfo, PortState};
use ib_mad::{Gid, Guid, Lid, Mtu, Rate, ServiceLevel};
use path_record::dense::ServiceLevelMatrix;

use super::{EndPort, Node, NodeIndex, Subnet, SubnetError};

const PREFIX: u64 = 0xFE80_0000_0000_0000;

fn node(node_type: NodeType, guid: u64, number_of_ports: u8) -> Node {
    let info = NodeInfo { node_type, number_of_ports, node_guid: Guid(guid), ..NodeInfo::default() };
    Node::new(info, NodeDescription::default())
}

fn up(mtu: u8, width: u8) -> PortInfo {
    PortInfo {
        port_state: PortState::ACTIVE,
        neighbor_mtu: Mtu(mtu),
        link_width_active: width,
        link_speed_active: 1,
        ..PortInfo::default()
    }
}

fn at(node: NodeIndex, port: u8) -> EndPort {
    EndPort { node, port }
}

/// Two switches with an adapter each: adapter 1 — switch 1 — switch 2 — adapter 2. The LIDs are 1 to 4 in the order
/// of the nodes.
fn line() -> (Subnet, [NodeIndex; 4]) {
    let mut subnet = Subnet::new(PREFIX);
    let kinds = [
        (NodeType::ChannelAdapter, 1),
        (NodeType::Switch, 2),
        (NodeType::Switch, 2),
        (NodeType::ChannelAdapter, 1),
    ];
    let nodes: Vec<_> = (1..)
        .zip(kinds)
        .map(|(guid, (kind, ports))| subnet.add_node(node(kind, guid, ports)).unwrap())
        .collect();
    let nodes: [NodeIndex; 4] = nodes.try_into().unwrap();
    let [left, one, two, right] = nodes;
    let ends = [(left, 1, 0x11), (one, 0, 0x12), (two, 0, 0x13), (right, 1, 0x14)];
    for (lid, (node, port, guid)) in (1..).zip(ends) {
        subnet.set_port(at(node, port), Guid(guid), up(5, 2)).unwrap();
        subnet.assign_lid(at(node, port), Lid(lid), 0).unwrap();
    }
    for (node, port, mtu) in [(one, 1, 5), (one, 2, 4), (two, 1, 4), (two, 2, 5)] {
        subnet.set_port(at(node, port), Guid(0), up(mtu, 2)).unwrap();
    }
    subnet.set_port(at(right, 1), Guid(0x14), up(5, 1)).unwrap();
    subnet.set_port(at(two, 2), Guid(0), up(5, 1)).unwrap();
    for (from, to) in [((left, 1), (one, 1)), ((one, 2), (two, 1)), ((two, 2), (right, 1))] {
        subnet.connect(at(from.0, from.1), at(to.0, to.1)).unwrap();
    }
    subnet.node_mut(one).unwrap().switch.as_mut().unwrap().forwarding = vec![255, 1, 0, 2, 2];
    subnet.node_mut(two).unwrap().switch.as_mut().unwrap().forwarding = vec![255, 1, 1, 0, 2];
    let levels = ServiceLevelMatrix::from_fn(2, |from, to| ServiceLevel::new((from * 2 + to) as u8));
    subnet.set_service_levels(levels);
    (subnet, nodes)
}

#[test]
fn a_path_follows_the_tables() {
    let (subnet, [left, one, two, right]) = line();
    let path = subnet.path(at(left, 1), Lid(4)).unwrap();
    assert_eq!((path.hops, path.mtu, path.rate), (2, Mtu(4), Rate(2)));
    assert_eq!(path.service_level.get(), 1, "from the first switch to the second");
    assert_eq!(subnet.path(at(right, 1), Lid(1)).unwrap().service_level.get(), 2);
    let near = subnet.path(at(left, 1), Lid(2)).unwrap();
    assert_eq!((near.hops, near.mtu, near.service_level.get()), (0, Mtu(5), 0), "to the switch it hangs on");
    let from_switch = subnet.path(at(one, 0), Lid(4)).unwrap();
    assert_eq!((from_switch.hops, from_switch.mtu, from_switch.rate), (2, Mtu(4), Rate(2)));
    assert_eq!(subnet.path(at(two, 0), Lid(3)).unwrap().hops, 0, "to itself");
}

#[test]
fn a_path_that_ends_nowhere_is_none() {
    let (mut subnet, [left, one, _, right]) = line();
    assert_eq!(subnet.path(at(left, 1), Lid(9)), None, "nobody has this LID");
    let forwarding = &mut subnet.node_mut(one).unwrap().switch.as_mut().unwrap().forwarding;
    forwarding[4] = 255;
    assert_eq!(subnet.path(at(left, 1), Lid(4)), None, "dropped");
    subnet.node_mut(one).unwrap().switch.as_mut().unwrap().forwarding[4] = 1;
    assert_eq!(subnet.path(at(left, 1), Lid(4)), None, "sent back to its sender");
    subnet.node_mut(one).unwrap().switch.as_mut().unwrap().forwarding[1] = 2;
    assert_eq!(subnet.path(at(right, 1), Lid(1)), None, "round and round");
    subnet.port_mut(at(one, 2)).unwrap().info.port_state = PortState::DOWN;
    assert_eq!(subnet.path(at(left, 1), Lid(3)), None, "the link is down");
}

#[test]
fn everything_is_found_by_its_names() {
    let (subnet, [left, one, two, right]) = line();
    assert_eq!(subnet.node_by_guid(Guid(3)), Some(two));
    assert_eq!(subnet.end_port_by_guid(Guid(0x14)), Some(at(right, 1)));
    assert_eq!(subnet.end_port_by_gid(Gid::new(PREFIX, Guid(0x11))), Some(at(left, 1)));
    assert_eq!(subnet.end_port_by_gid(Gid::new(1, Guid(0x11))), None);
    assert_eq!(subnet.end_port(Lid(2)), Some(at(one, 0)));
    assert_eq!(subnet.end_ports().count(), 4);
    assert_eq!(subnet.switches(), [one, two]);
    assert_eq!((subnet.switch_ordinal(two), subnet.switch_ordinal(left)), (Some(1), None));
    assert_eq!(subnet.last_lid(), Lid(4));
    assert_eq!(subnet.access_switch(at(right, 1)), Some(two));
}

#[test]
fn lids_belong_to_one_port_each() {
    let (mut subnet, [left, one, _, right]) = line();
    assert_eq!(
        subnet.assign_lid(at(left, 1), Lid(2), 1),
        Err(SubnetError::LidTaken { lid: Lid(2), owner: at(one, 0) })
    );
    subnet.assign_lid(at(left, 1), Lid(8), 2).unwrap();
    assert_eq!((subnet.end_port(Lid(1)), subnet.end_port(Lid(11))), (None, Some(at(left, 1))));
    assert_eq!(subnet.lids().map(|(lid, _)| lid.0).collect::<Vec<_>>(), [2, 3, 4, 8]);
    // A range may move into itself.
    subnet.assign_lid(at(left, 1), Lid(10), 1).unwrap();
    assert_eq!((subnet.end_port(Lid(8)), subnet.end_port(Lid(10))), (None, Some(at(left, 1))));
    for (lid, lmc) in [(0, 0), (6, 2), (0xC000, 0), (0xBFFF, 1), (8, 8), (0xFFFF, 0)] {
        assert_eq!(
            subnet.assign_lid(at(right, 1), Lid(lid), lmc),
            Err(SubnetError::BadLid { lid: Lid(lid), lmc })
        );
    }
    assert!(subnet.assign_lid(at(right, 1), Lid(0xBFFE), 1).is_ok(), "the last two");
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let (mut subnet, [left, one, _, right]) = line();
    let before = subnet.clone();
    assert_eq!(subnet.add_node(node(NodeType::Switch, 1, 4)), Err(SubnetError::DuplicateNode(Guid(1))));
    let mut twin = node(NodeType::ChannelAdapter, 9, 1);
    twin.port_mut(1).unwrap().guid = Guid(0x11);
    assert_eq!(subnet.add_node(twin), Err(SubnetError::DuplicatePort(Guid(0x11))));
    assert_eq!(
        subnet.set_port(at(right, 1), Guid(0x11), PortInfo::default()),
        Err(SubnetError::DuplicatePort(Guid(0x11)))
    );
    assert_eq!(subnet.connect(at(left, 1), at(right, 1)), Err(SubnetError::Linked(at(left, 1))));
    assert_eq!(subnet.connect(at(one, 2), at(one, 2)), Err(SubnetError::LinkedToItself(at(one, 2))));
    assert_eq!(subnet.connect(at(left, 0), at(one, 1)), Err(SubnetError::NoSuchPort(at(left, 0))));
    assert_eq!(subnet.assign_lid(at(left, 2), Lid(9), 0), Err(SubnetError::NoSuchPort(at(left, 2))));
    assert_eq!(subnet, before);
}
