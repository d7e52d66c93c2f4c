//! Subnets in which something is wrong: each fault has its name, and the rest of the subnet works.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use core::time::Duration;

use bodies::subnet::{Bed, Mutant};
use fabric::{GlobalRoute, MULTICAST_QPN, Packet, Payload, QueuePair};
use ib_mad::sa::{SaAddress, SaClient, SaClientConfig, SaRequest};
use ib_mad::wire::{
    AttributeId, DirectedRouteSmp, JoinState, MAD_LENGTH, McMemberRecordQuery, Method, PortInfo,
    PortPhysicalState, PortState, Status,
};
use ib_mad::{Gid, Guid, Lid, MKey, Mtu, PKey, QKey, Qpn, Rate, Selector, ServiceLevel, TransactionId};
use subnet_manager::administration::AdministrationEvent;
use subnet_manager::{Event, Fault};
use topology::{NodeIndex, Topology};

/// The hosts, and how many of all pairs of those that `counts` names have a path, of how many.
fn paths(bed: &mut Bed, topology: &Topology, counts: impl Fn(NodeIndex) -> bool) -> (usize, usize) {
    let hosts: Vec<NodeIndex> = topology.hosts().filter(|host| counts(*host)).collect();
    let guids: Vec<Guid> = hosts
        .iter()
        .map(|host| {
            let port = bed.fabric().end_port_of(*host, 1).unwrap();
            bed.fabric().guid(port)
        })
        .collect();
    let subnet = bed.manager(0).subnet();
    let ends: Vec<_> = guids.iter().filter_map(|guid| subnet.end_port_by_guid(*guid)).collect();
    let lids: Vec<_> = ends.iter().filter_map(|end| subnet.port(*end)?.lid()).collect();
    let found =
        ends.iter().map(|from| lids.iter().filter(|to| subnet.path(*from, **to).is_some()).count()).sum();
    (found, hosts.len() * hosts.len())
}

fn has_fault(bed: &Bed, is_it: impl Fn(&Fault) -> bool) -> bool {
    bed.manager(0).faults().any(is_it)
}

#[test]
fn a_cable_from_a_switch_to_itself_is_named_and_not_used() {
    let text = "Switch 8 \"S1\"\n[1] \"S2\"[1]\n[5] \"H1\"[1]\n[7] \"S1\"[8]\n[8] \"S1\"[7]\n\n\
        Switch 8 \"S2\"\n[1] \"S1\"[1]\n[5] \"H2\"[1]\n\nHca 1 \"H1\"\n[1] \"S1\"[5]\n\nHca 1 \"H2\"\n[1] \"S2\"[5]\n";
    let topology = Topology::parse(text).unwrap();
    let mut bed = Bed::new(&topology, 1, 1, Mutant::None);
    assert!(bed.settle(Duration::from_secs(5)));
    let guid = Guid(topology.node_guid(topology.find("S1").unwrap()));
    let is_it = |fault: &Fault| matches!(fault, Fault::SelfLoop { port, other: 8 } if (port.node, port.port) == (guid, 7));
    assert!(has_fault(&bed, is_it), "{:?}", bed.manager(0).faults().collect::<Vec<_>>());
    assert_eq!(bed.manager(0).faults().len(), 1);
    bed.check().unwrap();
}

#[test]
fn of_two_hosts_with_one_guid_the_first_is_used_and_the_others_are_not_disturbed() {
    let topology = topology::load("torus:3x3").unwrap();
    let mut bed = Bed::new(&topology, 1, 1, Mutant::None);
    let hosts: Vec<NodeIndex> = topology.hosts().collect();
    let (first, twin) = (hosts[4], hosts[8]);
    let guid = Guid(topology.node_guid(first));
    bed.fabric().set_node_guid(twin, guid);
    bed.run(Duration::from_secs(2));
    let is_it = |fault: &Fault| matches!(fault, Fault::DuplicateGuid { guid: named, .. } if *named == guid);
    assert!(has_fault(&bed, is_it), "{:?}", bed.manager(0).faults().collect::<Vec<_>>());
    assert!(bed.manager(0).is_up());
    assert_eq!(paths(&mut bed, &topology, |host| host != twin), (64, 64));
    // With a GUID of its own it is in service.
    bed.fabric().set_node_guid(twin, Guid(topology.node_guid(twin)));
    bed.run(Duration::from_secs(5));
    assert_eq!(bed.manager(0).faults().len(), 0);
    bed.check().unwrap();
}

/// A node of its own, but a port whose GUID is another's.
fn two_ports_with_one_guid(wrong: NodeIndex, guid: Guid, twin: Guid) {
    let topology = topology::load("torus:3x3").unwrap();
    assert!(topology.nodes().all(|(node, _)| topology.node_guid(node) != guid.0), "{guid} is a node's");
    let mut bed = Bed::new(&topology, 1, 1, Mutant::None);
    bed.fabric().set_node_guid(wrong, guid);
    bed.run(Duration::from_secs(2));
    let is_it = |fault: &Fault| matches!(fault, Fault::DuplicateGuid { guid: named, .. } if *named == twin);
    assert!(has_fault(&bed, is_it), "{:?}", bed.manager(0).faults().collect::<Vec<_>>());
    assert!(bed.manager(0).is_up());
    bed.fabric().set_node_guid(wrong, Guid(topology.node_guid(wrong)));
    bed.run(Duration::from_secs(5));
    assert_eq!(bed.manager(0).faults().len(), 0);
    bed.check().unwrap();
}

#[test]
fn a_host_whose_port_has_a_switchs_guid_is_named() {
    let topology = topology::load("torus:3x3").unwrap();
    let (host, switch) = (topology.hosts().nth(8).unwrap(), topology.switches().next().unwrap());
    let guid = topology.node_guid(switch);
    // The first port's GUID is the next after its node's.
    two_ports_with_one_guid(host, Guid(guid - 1), Guid(guid));
}

#[test]
fn a_switch_whose_own_port_has_a_hosts_guid_is_named() {
    let topology = topology::load("torus:3x3").unwrap();
    let (host, switch) = (topology.hosts().next().unwrap(), topology.switches().last().unwrap());
    let guid = Guid(topology.node_guid(host) + 1);
    two_ports_with_one_guid(switch, guid, guid);
}

#[test]
fn ports_for_which_no_lids_are_left_are_named_and_the_others_are_in_service() {
    // With 128 LIDs each, 416 ports need more than there are.
    let topology = topology::load("torus:4x4:hosts=26").unwrap();
    let mut bed =
        Bed::with(&topology, 1, fabric::Settings::DEFAULT, Mutant::None, |settings| settings.lmc = 7);
    bed.run(Duration::from_secs(5));
    assert!(bed.manager(0).is_up());
    // The first range has the switches' LIDs, and the one that nobody has.
    let left = (usize::from(Lid::LAST_UNICAST.0) + 1) / 128 - 1;
    let out: Vec<Guid> = bed
        .manager(0)
        .faults()
        .map(|fault| match fault {
            Fault::OutOfLids { port } => *port,
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(out.len(), 416 - left, "without a LID");
    let is_in = |bed: &mut Bed, host| {
        let port = bed.fabric().end_port_of(host, 1).unwrap();
        !out.contains(&bed.fabric().guid(port))
    };
    let served: Vec<NodeIndex> = topology.hosts().filter(|host| is_in(&mut bed, *host)).collect();
    let (found, all) = paths(&mut bed, &topology, |host| served.contains(&host));
    assert_eq!((found, all), (served.len() * served.len(), found));
}

/// Set the M_Key of the node at the end of a route from a host, by somebody who is no manager of ours.
fn protect(
    bed: &mut Bed,
    from: NodeIndex,
    path: &[u8],
    at: fabric::EndPort,
    keys: (MKey, MKey),
    protect_bits: u8,
) {
    let info = PortInfo {
        m_key: keys.1,
        m_key_protect_bits: protect_bits,
        port_state: PortState::NO_CHANGE,
        port_physical_state: PortPhysicalState::NO_CHANGE,
        ..bed.fabric().port_info(at)
    };
    let smp =
        DirectedRouteSmp::request(Method::SET, AttributeId::PORT_INFO, 0, TransactionId(1), path).unwrap();
    let mad = DirectedRouteSmp { m_key: keys.0, ..smp }.emit(&info).unwrap();
    let (now, port) = (bed.now(), bed.fabric().end_port_of(from, 1).unwrap());
    bed.fabric().send(now, port, &Packet::subnet_management(Lid::PERMISSIVE, mad));
    bed.run(Duration::from_millis(1));
    assert_eq!(bed.fabric().port_info(at).m_key, keys.1);
}

const FOREIGN: MKey = MKey(0xBAD);

/// A host that somebody protects with a key of his own before the manager comes.
fn foreign_host(protect_bits: u8) {
    for own_key in [MKey(0), MKey(0x600D)] {
        let topology = topology::load("torus:3x3").unwrap();
        let mut bed = Bed::with(&topology, 1, fabric::Settings::DEFAULT, Mutant::None, |settings| {
            settings.m_key = own_key;
        });
        let host = topology.hosts().last().unwrap();
        let at = bed.fabric().end_port_of(host, 1).unwrap();
        protect(&mut bed, host, &[], at, (MKey(0), FOREIGN), protect_bits);
        bed.run(Duration::from_secs(3));
        let node = Guid(topology.node_guid(host));
        let is_it = |fault: &Fault| match fault {
            Fault::Unset { node: named, attribute: AttributeId::PORT_INFO } => {
                *named == node && protect_bits == 1
            }
            Fault::Silent { .. } => protect_bits == 2,
            _ => false,
        };
        assert!(has_fault(&bed, is_it), "{own_key:?}: {:?}", bed.manager(0).faults().collect::<Vec<_>>());
        assert!(bed.manager(0).is_up());
        assert_eq!(paths(&mut bed, &topology, |other| other != host), (64, 64));
        assert_eq!(bed.fabric().port_info(at).lid, Lid::UNASSIGNED, "nobody could set it");
        // Its owner gives it back.
        protect(&mut bed, host, &[], at, (FOREIGN, MKey(0)), 0);
        bed.run(Duration::from_secs(5));
        assert_eq!(bed.manager(0).faults().len(), 0, "{:?}", bed.manager(0).faults().collect::<Vec<_>>());
        assert_eq!(bed.fabric().port_info(at).m_key, own_key);
        bed.check().unwrap();
    }
}

#[test]
fn a_host_whose_settings_another_m_key_protects_is_named() {
    foreign_host(1);
}

#[test]
fn a_host_that_shows_nothing_without_another_m_key_is_named() {
    foreign_host(2);
}

#[test]
fn a_switch_that_somebody_takes_over_by_a_key_of_his_own_does_not_stop_the_others() {
    let topology = topology::load("torus:3x3").unwrap();
    let mut bed = Bed::new(&topology, 1, 1, Mutant::None);
    assert!(bed.settle(Duration::from_secs(5)));
    bed.take_events();
    let host = topology.hosts().last().unwrap();
    let switch = topology.switch_of(host).unwrap().node;
    let at = bed.fabric().end_port_of(switch, 0).unwrap();
    protect(&mut bed, host, &[1], at, (MKey(0), FOREIGN), 1);
    // A cable elsewhere is pulled: the subnet is routed around it, on all switches but that one.
    let far = topology.switch_links().find(|link| link.a.node != switch && link.b.node != switch).unwrap();
    bed.plug(far, false);
    bed.run(Duration::from_secs(5));
    assert!(bed.manager(0).is_up());
    let events = bed.take_events();
    let is_rerouted = |event: &Event| matches!(event, Event::SubnetUp(sweep) if sweep.forwarding_blocks > 0);
    assert!(events.iter().any(is_rerouted), "{events:?}");
    let node = Guid(topology.node_guid(switch));
    let is_it = |fault: &Fault| matches!(fault, Fault::Unset { node: named, .. } if *named == node);
    assert!(has_fault(&bed, is_it), "{:?}", bed.manager(0).faults().collect::<Vec<_>>());
    assert!(bed.manager(0).faults().all(is_it), "nobody else");
    // Its owner gives it back, and it is told what it missed.
    protect(&mut bed, host, &[1], at, (FOREIGN, MKey(0)), 0);
    bed.run(Duration::from_secs(10));
    assert_eq!(bed.manager(0).faults().len(), 0);
    bed.check().unwrap();
}

const KEY: QKey = QKey(0x1234);
const MEMBER: Qpn = match Qpn::new(0x99) {
    Some(qpn) => qpn,
    None => unreachable!(),
};

fn mgid(number: u8) -> Gid {
    let mut gid = [0; 16];
    (gid[0], gid[1], gid[15]) = (0xFF, 0x12, number);
    Gid(gid)
}

/// A host asks to be a member of a group, which it makes if there is none.
fn join(bed: &mut Bed, host: NodeIndex, number: u8) {
    let port = bed.fabric().end_port_of(host, 1).unwrap();
    let (gid, manager) =
        (Gid::new(Gid::DEFAULT_PREFIX, bed.fabric().guid(port)), bed.fabric().port_info(port));
    let query = McMemberRecordQuery::new()
        .mgid(mgid(number))
        .port_gid(gid)
        .join_state(JoinState::FULL_MEMBER)
        .q_key(KEY)
        .traffic_class(0)
        .p_key(PKey::DEFAULT_FULL)
        .service_level(ServiceLevel::default())
        .flow_label(0)
        .mtu(Selector::Exactly, Mtu(4))
        .rate(Selector::Exactly, Rate(3));
    let to = SaAddress { lid: manager.master_sm_lid, service_level: ServiceLevel::default() };
    let now = bed.now();
    let mut client =
        SaClient::<1>::new(SaClientConfig { first_id: number.into(), ..SaClientConfig::new(to) });
    client.request(now, SaRequest::set(&query)).unwrap();
    let mut mad = [0; MAD_LENGTH];
    client.poll_transmit(now, &mut mad).unwrap();
    bed.fabric().send(now, port, &Packet::general_services(manager.master_sm_lid, mad));
    bed.run(Duration::from_millis(20));
}

#[test]
fn when_the_multicast_tables_are_full_groups_are_refused_and_those_there_are_work_on() {
    let topology = topology::load("torus:3x3").unwrap();
    // Room for the group of broadcasts and three others.
    let settings = fabric::Settings { multicast_capacity: 4, ..fabric::Settings::DEFAULT };
    let mut bed = Bed::with(&topology, 1, settings, Mutant::None, |_| {});
    assert!(bed.settle(Duration::from_secs(5)));
    bed.take_events();
    let hosts: Vec<NodeIndex> = topology.hosts().collect();
    for number in 1..=4 {
        join(&mut bed, hosts[1], number);
    }
    let refused = |event: &Event| match event {
        Event::Administration(event) => {
            matches!(**event, AdministrationEvent::Refused { status: Status::NO_RESOURCES, .. })
        }
        _ => false,
    };
    assert_eq!(bed.take_events().iter().filter(|event| refused(event)).count(), 1, "the fourth");
    assert_eq!(bed.manager(0).administration().groups().count(), 4);
    // Those there are take members still, and what is sent to them arrives.
    join(&mut bed, hosts[7], 2);
    assert_eq!(bed.take_events().iter().filter(|event| refused(event)).count(), 0);
    for host in [hosts[1], hosts[7]] {
        let port = bed.fabric().end_port_of(host, 1).unwrap();
        bed.fabric().open(port, MEMBER, QueuePair { p_key: PKey::DEFAULT_FULL, q_key: KEY }).unwrap();
        bed.fabric().join(port, MEMBER, mgid(2)).unwrap();
    }
    let [from, to] = [hosts[1], hosts[7]].map(|host| bed.fabric().end_port_of(host, 1).unwrap());
    let packet = Packet {
        destination_qpn: Qpn::new(MULTICAST_QPN).unwrap(),
        source_qpn: MEMBER,
        q_key: KEY,
        global_route: Some(GlobalRoute { source_gid: Gid::UNSPECIFIED, destination_gid: mgid(2) }),
        payload: Payload::Bytes(77_u64.to_be_bytes().into()),
        ..Packet::subnet_management(Lid(0xC002), [0; MAD_LENGTH])
    };
    let now = bed.now();
    bed.fabric().send(now, from, &packet);
    bed.run(Duration::from_millis(5));
    assert!(bed.has_arrived(to, 77));
    assert_eq!(bed.manager(0).faults().len(), 0);
    bed.check().unwrap();
}
