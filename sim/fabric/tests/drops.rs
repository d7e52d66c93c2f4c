//! What is not delivered, one test for each reason.

#![allow(clippy::std_instead_of_alloc, reason = "tests run where there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use fabric::{DropReason, GlobalRoute, MULTICAST_QPN, Packet, Settings};
use ib_mad::wire::{
    AttributeId, LinearForwardingTable, MulticastForwardingTable, PKeyTable, PortInfo, PortPhysicalState,
    PortState, SlToVlMapping,
};
use ib_mad::{Gid, Guid, Lid, PKey, QKey, VirtualLane};

use support::{Lab, QUEUE_PAIR, datagram, qpn};

/// A fabric with queue pair 7 at H4, and the LID of H4.
fn lab() -> (Lab, Lid) {
    let mut lab = Lab::running();
    let host = lab.host("H4");
    lab.fabric.open(host, qpn(7), QUEUE_PAIR).unwrap();
    let lid = lab.lid(host);
    (lab, lid)
}

/// What becomes of a packet from H1: `None` when H4 gets it.
#[track_caller]
fn fate(lab: &mut Lab, packet: &Packet) -> Option<DropReason> {
    let before = lab.fabric.drops().clone();
    lab.fabric.send(lab.now, lab.manager, packet);
    lab.settle();
    let reasons: Vec<DropReason> = DropReason::ALL
        .iter()
        .copied()
        .filter(|reason| lab.fabric.drops().count(*reason) > before.count(*reason))
        .collect();
    let received = lab.fabric.receive(lab.host("H4"));
    assert_eq!(received.is_some(), reasons.is_empty(), "{reasons:?}");
    assert!(reasons.len() <= 1, "{reasons:?}");
    reasons.first().copied()
}

#[test]
fn what_fits_is_delivered_as_it_was_sent() {
    let (mut lab, lid) = lab();
    let packet = datagram(lid);
    lab.fabric.send(lab.now, lab.manager, &packet);
    lab.settle();
    let received = lab.fabric.receive(lab.host("H4")).unwrap();
    assert_eq!(received, Packet { source_lid: lab.lid(lab.manager), ..packet });
    assert_eq!(lab.fabric.drops().total(), 0);
    assert_eq!(lab.fabric.in_flight(), 0);
}

#[test]
fn a_lid_outside_base_and_lmc() {
    let (mut lab, lid) = lab();
    let path = [1, 1, 6];
    // Two LIDs, of which the tables know both, and a third that is nobody's.
    let base = Lid(lid.0 + 10);
    let info: PortInfo = lab.read(&path, AttributeId::PORT_INFO, 0);
    let info = PortInfo {
        lid: base,
        lmc: 1,
        port_state: PortState::NO_CHANGE,
        port_physical_state: PortPhysicalState::NO_CHANGE,
        ..info
    };
    lab.set(&path, AttributeId::PORT_INFO, 0, &info);
    for (switch, port) in [(&[1][..], 1), (&[1, 1][..], 6)] {
        let mut table: LinearForwardingTable = lab.read(switch, AttributeId::LINEAR_FORWARDING_TABLE, 0);
        table.ports[usize::from(base.0)..][..3].fill(port);
        lab.set(switch, AttributeId::LINEAR_FORWARDING_TABLE, 0, &table);
        let mut info: ib_mad::wire::SwitchInfo = lab.read(switch, AttributeId::SWITCH_INFO, 0);
        (info.linear_fdb_top, info.port_state_change) = (63, false);
        lab.set(switch, AttributeId::SWITCH_INFO, 0, &info);
    }
    assert_eq!(fate(&mut lab, &datagram(base)), None);
    assert_eq!(fate(&mut lab, &datagram(Lid(base.0 + 1))), None);
    assert_eq!(fate(&mut lab, &datagram(Lid(base.0 + 2))), Some(DropReason::DestinationLid));
    assert_eq!(
        fate(&mut lab, &datagram(lid)),
        Some(DropReason::DestinationLid),
        "the LID that it had before"
    );
}

#[test]
fn another_partition() {
    let (mut lab, lid) = lab();
    let other = Packet { p_key: PKey(0x8001), ..datagram(lid) };
    assert_eq!(fate(&mut lab, &other), Some(DropReason::PKey));
    assert_eq!(fate(&mut lab, &Packet { p_key: PKey::DEFAULT_LIMITED, ..datagram(lid) }), None);
    assert_eq!(lab.fabric.port_info(lab.host("H4")).p_key_violations, 1);
    // Two limited members do not talk to each other.
    let mut keys = PKeyTable::default();
    keys.p_keys[0] = PKey::DEFAULT_LIMITED;
    lab.set(&[1, 1, 6], AttributeId::P_KEY_TABLE, 0, &keys);
    let limited = Packet { p_key: PKey::DEFAULT_LIMITED, ..datagram(lid) };
    assert_eq!(fate(&mut lab, &limited), Some(DropReason::PKey));
    assert_eq!(fate(&mut lab, &datagram(lid)), None);
}

#[test]
fn a_partition_that_a_switch_keeps_out() {
    let (mut lab, lid) = lab();
    let info: PortInfo = lab.read(&[1], AttributeId::PORT_INFO, 5);
    let info = PortInfo {
        partition_enforcement_inbound: true,
        port_state: PortState::NO_CHANGE,
        port_physical_state: PortPhysicalState::NO_CHANGE,
        ..info
    };
    lab.set(&[1], AttributeId::PORT_INFO, 5, &info);
    assert_eq!(fate(&mut lab, &datagram(lid)), None);
    let other = Packet { p_key: PKey(0x8001), ..datagram(lid) };
    assert_eq!(fate(&mut lab, &other), Some(DropReason::PKeyAtSwitch));
}

#[test]
fn another_q_key() {
    let (mut lab, lid) = lab();
    assert_eq!(fate(&mut lab, &Packet { q_key: QKey(0x9999), ..datagram(lid) }), Some(DropReason::QKey));
    assert_eq!(lab.fabric.port_info(lab.host("H4")).q_key_violations, 1);
    let general = Packet::general_services(lid, [0; 256]);
    assert_eq!(fate(&mut lab, &general), None);
    assert_eq!(fate(&mut lab, &Packet { q_key: QKey(1), ..general }), Some(DropReason::QKey));
    assert_eq!(
        fate(&mut lab, &Packet { destination_qpn: qpn(8), ..datagram(lid) }),
        Some(DropReason::NoQueuePair)
    );
}

#[test]
fn a_group_that_nobody_is_attached_to() {
    let (mut lab, _) = lab();
    let mlid = Lid(0xC003);
    for (switch, ports) in [(&[1][..], 1_u16 << 1 | 1 << 5), (&[1, 1][..], 1 << 2 | 1 << 6)] {
        let mut table = MulticastForwardingTable::default();
        table.port_masks[3] = ports;
        lab.set(switch, AttributeId::MULTICAST_FORWARDING_TABLE, 0, &table);
    }
    let group = Gid([0xFF; 16]);
    let route = GlobalRoute { source_gid: Gid::new(Gid::DEFAULT_PREFIX, Guid(1)), destination_gid: group };
    let packet = Packet { destination_qpn: qpn(MULTICAST_QPN), global_route: Some(route), ..datagram(mlid) };
    assert_eq!(fate(&mut lab, &packet), Some(DropReason::UnattachedMgid));
    let host = lab.host("H4");
    lab.fabric.join(host, qpn(7), group).unwrap();
    assert_eq!(fate(&mut lab, &packet), None);
    lab.fabric.leave(host, qpn(7), group);
    assert_eq!(fate(&mut lab, &packet), Some(DropReason::UnattachedMgid));
    let unknown = Packet { destination_lid: Lid(0xC004), ..packet };
    assert_eq!(fate(&mut lab, &unknown), Some(DropReason::NoMulticastRoute));
}

#[test]
fn what_the_tables_do_not_lead_anywhere() {
    let (mut lab, lid) = lab();
    assert_eq!(fate(&mut lab, &datagram(Lid(40))), Some(DropReason::NoRoute), "above the top");
    let mut table: LinearForwardingTable = lab.read(&[1], AttributeId::LINEAR_FORWARDING_TABLE, 0);
    let there = table.ports[usize::from(lid.0)];
    for (port, reason) in [
        (LinearForwardingTable::NO_PORT, DropReason::NoRoute),
        (77, DropReason::NoRoute),
        (5, DropReason::Looping),
        (2, DropReason::PortDown),
        (0, DropReason::DestinationLid),
    ] {
        table.ports[usize::from(lid.0)] = port;
        lab.set(&[1], AttributeId::LINEAR_FORWARDING_TABLE, 0, &table);
        assert_eq!(fate(&mut lab, &datagram(lid)), Some(reason), "{port}");
    }
    // S2 sends it back, S1 forth again.
    table.ports[usize::from(lid.0)] = there;
    lab.set(&[1], AttributeId::LINEAR_FORWARDING_TABLE, 0, &table);
    let mut table: LinearForwardingTable = lab.read(&[1, 1], AttributeId::LINEAR_FORWARDING_TABLE, 0);
    table.ports[usize::from(lid.0)] = 2;
    lab.set(&[1, 1], AttributeId::LINEAR_FORWARDING_TABLE, 0, &table);
    assert_eq!(fate(&mut lab, &datagram(lid)), Some(DropReason::Looping));
}

#[test]
fn a_circle_of_tables_ends_with_the_hop_limit() {
    let topology = topology::torus(3, 1, 1).unwrap();
    let mut lab = Lab::new(topology, Settings { hop_limit: 50, ..Settings::DEFAULT });
    lab.bring_up();
    let lid = lab.lid(lab.host("H2"));
    for switch in [&[1][..], &[1, 1], &[1, 1, 1]] {
        let mut table: LinearForwardingTable = lab.read(switch, AttributeId::LINEAR_FORWARDING_TABLE, 0);
        table.ports[usize::from(lid.0)] = 1;
        lab.set(switch, AttributeId::LINEAR_FORWARDING_TABLE, 0, &table);
    }
    lab.fabric.send(lab.now, lab.manager, &datagram(lid));
    lab.settle();
    assert_eq!(lab.fabric.drops().count(DropReason::HopLimit), 1);
}

#[test]
fn lanes_that_do_not_operate_and_packets_that_are_too_large() {
    let (mut lab, lid) = lab();
    let mapping = |lane| SlToVlMapping { lanes: [VirtualLane::new(lane).unwrap(); 16] };
    for (lane, expected) in [(7, None), (8, Some(DropReason::NoLane)), (15, Some(DropReason::NoLane))] {
        lab.set(&[1], AttributeId::SL_TO_VL_MAPPING, SlToVlMapping::modifier(5, 1), &mapping(lane));
        assert_eq!(fate(&mut lab, &datagram(lid)), expected, "lane {lane}");
    }
    lab.set(&[1], AttributeId::SL_TO_VL_MAPPING, SlToVlMapping::modifier(5, 1), &mapping(0));
    let of_size = |size| Packet { payload: fabric::Payload::Bytes(vec![0; size].into()), ..datagram(lid) };
    assert_eq!(fate(&mut lab, &of_size(2048)), None);
    assert_eq!(fate(&mut lab, &of_size(2049)), Some(DropReason::TooLarge));
    assert_eq!(fate(&mut lab, &of_size(4097)), Some(DropReason::TooLarge));
}

#[test]
fn what_nobody_receives_is_kept_up_to_a_limit() {
    let topology = topology::mesh(2, 1, 2).unwrap();
    let mut lab = Lab::new(topology, Settings { receive_limit: 3, packet_limit: 5, ..Settings::DEFAULT });
    lab.bring_up();
    let host = lab.host("H4");
    lab.fabric.open(host, qpn(7), QUEUE_PAIR).unwrap();
    let packet = datagram(lab.lid(host));
    for _ in 0..4 {
        lab.fabric.send(lab.now, lab.manager, &packet);
        lab.settle();
    }
    assert_eq!((lab.fabric.in_flight(), lab.fabric.drops().count(DropReason::ReceiveLimit)), (3, 1));
    for _ in 0..4 {
        lab.fabric.send(lab.now, lab.manager, &packet);
    }
    assert_eq!((lab.fabric.in_flight(), lab.fabric.drops().count(DropReason::PacketLimit)), (5, 2));
}
