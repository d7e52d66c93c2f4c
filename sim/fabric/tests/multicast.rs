//! Multicast: one copy to every port of the group that is not the sender's.

#![allow(clippy::std_instead_of_alloc, reason = "tests run where there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use fabric::{GlobalRoute, MULTICAST_QPN, Packet};
use ib_mad::wire::{AttributeId, MulticastForwardingTable, SwitchInfo};
use ib_mad::{Gid, Lid};

use support::{Lab, QUEUE_PAIR, datagram, qpn};

const GROUP: Gid = Gid([0xFF; 16]);

fn to_group(mlid: Lid) -> Packet {
    let route = GlobalRoute { source_gid: Gid::UNSPECIFIED, destination_gid: GROUP };
    Packet { destination_qpn: qpn(MULTICAST_QPN), global_route: Some(route), ..datagram(mlid) }
}

fn attach(lab: &mut Lab, names: &[&str]) {
    for name in names {
        let host = lab.host(name);
        lab.fabric.open(host, qpn(7), QUEUE_PAIR).unwrap();
        lab.fabric.join(host, qpn(7), GROUP).unwrap();
    }
}

/// Packets that each of the four hosts has received.
fn received(lab: &mut Lab) -> [usize; 4] {
    ["H1", "H2", "H3", "H4"].map(|name| {
        let host = lab.host(name);
        core::iter::from_fn(|| lab.fabric.receive(host)).count()
    })
}

#[test]
fn a_packet_goes_once_to_every_member_and_not_back() {
    let mut lab = Lab::running();
    attach(&mut lab, &["H1", "H2", "H3", "H4"]);
    // A group at the end of a table, and one in its middle.
    for mlid in [Lid(0xC000), Lid(0xC1FF)] {
        let (block, entry) = (u32::from((mlid.0 - 0xC000) / 32), usize::from(mlid.0 % 32));
        for (switch, ports) in [(&[1][..], 0b110_0010), (&[1, 1][..], 0b110_0100)] {
            let mut table = MulticastForwardingTable::default();
            table.port_masks[entry] = ports;
            lab.set(switch, AttributeId::MULTICAST_FORWARDING_TABLE, block, &table);
        }
        lab.fabric.send(lab.now, lab.host("H1"), &to_group(mlid));
        lab.settle();
        assert_eq!(received(&mut lab), [0, 1, 1, 1]);
        lab.fabric.send(lab.now, lab.host("H3"), &to_group(mlid));
        lab.settle();
        assert_eq!(received(&mut lab), [1, 1, 0, 1]);
    }
    assert_eq!((lab.fabric.drops().total(), lab.fabric.in_flight()), (0, 0));
}

#[test]
fn every_queue_pair_of_a_group_has_its_copy() {
    let mut lab = Lab::running();
    attach(&mut lab, &["H2"]);
    let host = lab.host("H2");
    lab.fabric.open(host, qpn(8), QUEUE_PAIR).unwrap();
    lab.fabric.join(host, qpn(8), GROUP).unwrap();
    let mut table = MulticastForwardingTable::default();
    table.port_masks[0] = 1 << 6;
    lab.set(&[1], AttributeId::MULTICAST_FORWARDING_TABLE, 0, &table);
    lab.fabric.send(lab.now, lab.host("H1"), &to_group(Lid(0xC000)));
    lab.settle();
    let copies: Vec<u32> =
        core::iter::from_fn(|| lab.fabric.receive(host)).map(|packet| packet.destination_qpn.get()).collect();
    assert_eq!(copies, [7, 8]);
}

#[test]
fn without_an_entry_it_goes_to_the_primary_port() {
    let mut lab = Lab::running();
    attach(&mut lab, &["H2"]);
    let info: SwitchInfo = lab.read(&[1], AttributeId::SWITCH_INFO, 0);
    let info = SwitchInfo { default_multicast_primary_port: 6, ..info };
    lab.set(&[1], AttributeId::SWITCH_INFO, 0, &info);
    lab.fabric.send(lab.now, lab.host("H1"), &to_group(Lid(0xC009)));
    lab.settle();
    assert_eq!(received(&mut lab), [0, 1, 0, 0]);
}
