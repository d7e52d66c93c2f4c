use alloc::collections::BTreeSet;

use ib_mad::wire::{NodeDescription, NodeInfo, NodeType, PortInfo, PortState, SwitchInfo};
use ib_mad::{Gid, Guid, Lid};

use super::multicast_settings;
use crate::configure::Setting;
use crate::subnet::{EndPort, Node, NodeIndex, Subnet};
use crate::{Fault, MulticastChange};

/// Two linked switches with a host each; the multicast table of the second one is smaller.
fn subnet() -> (Subnet, [NodeIndex; 2]) {
    let mut subnet = Subnet::new(Gid::DEFAULT_PREFIX);
    let mut node = |node_type, guid, number_of_ports| {
        let info = NodeInfo { node_type, number_of_ports, node_guid: Guid(guid), ..NodeInfo::default() };
        subnet.add_node(Node::new(info, NodeDescription::default())).unwrap()
    };
    let switches = [node(NodeType::Switch, 0x21, 2), node(NodeType::Switch, 0x22, 2)];
    let hosts = [node(NodeType::ChannelAdapter, 0x10, 1), node(NodeType::ChannelAdapter, 0x20, 1)];
    let up = PortInfo { port_state: PortState::ACTIVE, ..PortInfo::default() };
    let at = |node, port| EndPort { node, port };
    for ((host, switch), lid) in hosts.into_iter().zip(switches).zip(1..) {
        subnet.set_port(at(host, 1), Guid(0x100 + u64::from(lid)), up).unwrap();
        subnet.assign_lid(at(host, 1), Lid(lid), 0).unwrap();
        for port in 0..=2 {
            let guid = if port == 0 { 0x200 + u64::from(lid) } else { 0 };
            subnet.set_port(at(switch, port), Guid(guid), up).unwrap();
        }
        subnet.connect(at(host, 1), at(switch, 1)).unwrap();
        let capacity = if lid == 1 { 64 } else { 32 };
        let info = SwitchInfo { multicast_fdb_capacity: capacity, ..SwitchInfo::default() };
        subnet.node_mut(switch).unwrap().switch.as_mut().unwrap().info = info;
    }
    subnet.connect(at(switches[0], 2), at(switches[1], 2)).unwrap();
    (subnet, switches)
}

fn group(lid: u16) -> MulticastChange {
    let receivers = BTreeSet::from([Guid(0x101), Guid(0x102)]);
    MulticastChange { lid: Lid(lid), receivers, senders: BTreeSet::new() }
}

#[test]
fn a_group_beyond_the_end_of_a_switchs_table_is_named_and_programmed_elsewhere() {
    let (mut subnet, [large, small]) = subnet();
    let mut faults = BTreeSet::new();
    let settings = multicast_settings(&mut subnet, &group(0xC01F), &mut faults);
    assert_eq!(settings, [Setting::Multicast(large, 0, 0), Setting::Multicast(small, 0, 0)]);
    assert!(faults.is_empty());
    let settings = multicast_settings(&mut subnet, &group(0xC020), &mut faults);
    assert_eq!(settings, [Setting::Multicast(large, 1, 0)]);
    let named = Fault::MulticastTableTooSmall { switch: Guid(0x22), capacity: 32, group: Lid(0xC020) };
    assert_eq!(faults, BTreeSet::from([named]));
    // A unicast LID is no group.
    assert_eq!(multicast_settings(&mut subnet, &group(0x20), &mut faults), []);
}
