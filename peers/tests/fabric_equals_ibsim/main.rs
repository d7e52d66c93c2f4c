//! The simulated fabric beside ibsim, of one topology: every attribute of every node, asked for along directed routes by the
//! same code, is equal field by field, but for the differences that are listed with their reasons; and both answer alike
//! to what a manager writes, to what it must not, and to a cable that is pulled.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod differences;
mod questions;
#[path = "../support/mod.rs"]
mod support;
mod twins;

use ib_mad::wire::{
    Attribute, AttributeId, CommonStatus, LinearForwardingTable, MulticastForwardingTable, NodeInfo,
    NodeType, PKeyTable, PortInfo, PortPhysicalState, PortState, SlToVlMapping, Status, SwitchInfo,
    VlArbitration,
};
use ib_mad::{Lid, PKey, VirtualLane};
use topology::{End, Topology};

use differences::{ANSWERED, DIFFERENCES};
use twins::{Differing, Place, Twins};

/// Switches of several sizes (one needs two masks for a multicast LID), two cables between them, an adapter at both, and
/// ports without a cable.
const UNEQUAL: &str = "\
Switch 8 \"S1\"\n[1] \"S2\"[20]\n[2] \"S2\"[2]\n[3] \"H1\"[1]\n[4] \"H2\"[1]\n
Switch 20 \"S2\"\n[20] \"S1\"[1]\n[2] \"S1\"[2]\n[16] \"H2\"[2]\n[7] \"H3\"[1]\n
Hca 1 \"H1\"\n[1] \"S1\"[3]\n
Hca 2 \"H2\"\n[1] \"S1\"[4]\n[2] \"S2\"[16]\n
Hca 2 \"H3\"\n[1] \"S2\"[7]\n";

fn unequal() -> Topology {
    Topology::parse(UNEQUAL).unwrap()
}

/// What differs and is not listed.
fn unlisted(differing: &Differing) -> Vec<String> {
    let is_listed = |what: &str, name: &str| DIFFERENCES.iter().any(|(a, n, _)| (*a, *n) == (what, name));
    let found = differing.iter().filter(|((what, name), _)| !is_listed(what, name));
    found.map(|((_, name), texts)| format!("{name}: {}", texts[0])).collect()
}

#[tokio::test]
async fn every_attribute_of_every_node_is_ibsims_but_for_what_is_listed() {
    let mut all = Differing::new();
    for (topology, places_there, at_least) in
        [(topology::mesh(3, 2, 1).unwrap(), 12, 2500), (unequal(), 6, 2500)]
    {
        let mut twins = Twins::new(topology).await;
        let places = twins.places().await;
        assert_eq!(places.len(), places_there);
        let (compared, differing) = twins.compare(&places).await;
        assert!(compared > at_least, "{compared} fields");
        assert_eq!(unlisted(&differing), Vec::<String>::new());
        all.extend(differing);
    }
    let is_stale = |entry: &&(&'static str, &'static str, _)| !all.contains_key(&(entry.0, entry.1));
    let stale: Vec<_> = DIFFERENCES.iter().filter(is_stale).collect();
    assert!(stale.is_empty(), "no difference any more: {stale:#?}");
}

/// Ports of a node that have a cable.
fn linked(twins: &Twins, info: &NodeInfo) -> Vec<u8> {
    let topology = &twins.topology;
    let (node, _) = topology.nodes().find(|(node, _)| topology.node_guid(*node) == info.node_guid.0).unwrap();
    topology.links_of(node).map(|link| link.a.port).collect()
}

/// A Set that asks for no state unless it says so.
fn quiet(info: &mut PortInfo) {
    (info.port_state, info.port_physical_state) = (PortState::NO_CHANGE, PortPhysicalState::NO_CHANGE);
}

/// What a manager writes, in its order.
async fn bring_up(twins: &mut Twins, places: &[Place]) {
    for state in [PortState::NO_CHANGE, PortState::ARMED, PortState::ACTIVE] {
        for ((path, info), lid) in places.iter().zip(1..) {
            let is_switch = info.node_type == NodeType::Switch;
            let linked = linked(twins, info);
            // An adapter's port is written where it was asked.
            let ports = if is_switch {
                0..=info.number_of_ports
            } else {
                info.local_port_number..=info.local_port_number
            };
            for port in ports {
                let state = if linked.contains(&port) { state } else { PortState::NO_CHANGE };
                twins
                    .write(path, AttributeId::PORT_INFO, port.into(), |info: &mut PortInfo| {
                        quiet(info);
                        if !is_switch || port == 0 {
                            (info.lid, info.master_sm_lid) = (Lid(16 * lid), Lid(16));
                            info.gid_prefix = 0xFE80_0000_0000_0000;
                            info.lmc = (lid % 3) as u8;
                        }
                        (info.operational_vls, info.hoq_life, info.port_state) = (3, 17, state);
                    })
                    .await;
            }
        }
    }
}

/// Tables of a switch with a different value in every place.
async fn write_tables(twins: &mut Twins, (path, info): &Place) {
    let ports = info.number_of_ports;
    twins
        .write(path, AttributeId::SWITCH_INFO, 0, |info: &mut SwitchInfo| {
            (info.linear_fdb_top, info.life_time_value, info.port_state_change) = (500, 18, true);
        })
        .await;
    for block in [0, 7] {
        let entries = core::array::from_fn(|lid| (lid * 7 + block as usize) as u8 % (ports + 1));
        twins
            .write(path, AttributeId::LINEAR_FORWARDING_TABLE, block, |table: &mut LinearForwardingTable| {
                table.ports = entries;
            })
            .await;
    }
    for position in 0..=u32::from(ports) / 16 {
        let masks = core::array::from_fn(|entry| 1 << (entry % 16) | position as u16);
        let modifier = position << 28 | 1;
        twins
            .write(
                path,
                AttributeId::MULTICAST_FORWARDING_TABLE,
                modifier,
                |table: &mut MulticastForwardingTable| {
                    table.port_masks = masks;
                },
            )
            .await;
    }
}

/// Tables that every port has, of a port that a switch counts or of the one that was asked.
async fn write_port_tables(twins: &mut Twins, path: &[u8], port: u8, outputs: core::ops::RangeInclusive<u8>) {
    for output in outputs {
        let lanes =
            core::array::from_fn(|level| VirtualLane::new((level as u8 + port + output) % 4).unwrap());
        let modifier = SlToVlMapping::modifier(port, output);
        twins
            .write(path, AttributeId::SL_TO_VL_MAPPING, modifier, |mapping: &mut SlToVlMapping| {
                mapping.lanes = lanes
            })
            .await;
    }
    for half in [VlArbitration::LOW_FIRST, VlArbitration::HIGH_FIRST] {
        twins
            .write(
                path,
                AttributeId::VL_ARBITRATION,
                VlArbitration::modifier(half, port),
                |table: &mut VlArbitration| {
                    // What lies behind the table's capacity is not kept.
                    for (place, entry) in (0..8).zip(&mut table.entries) {
                        (entry.lane, entry.weight) =
                            (VirtualLane::new(7 - place).unwrap(), 10 * place + half);
                    }
                },
            )
            .await;
    }
    twins
        .write(
            path,
            AttributeId::P_KEY_TABLE,
            PKeyTable::modifier(0, port.into()),
            |table: &mut PKeyTable| {
                // The first is left: it is the one by which the fabric is managed.
                for (place, key) in (0..7).zip(&mut table.p_keys[1..]) {
                    *key = PKey(0x8100 + place);
                }
            },
        )
        .await;
}

/// Fields that were written, so that no difference in them is left to be excused.
const WRITTEN: [(&str, &str); 8] = [
    ("PortInfo", "LinkState"),
    ("PortInfo", "GidPrefix"),
    ("PortInfo", "HoqLife"),
    ("PortInfo", "OperVLs"),
    ("PortInfo", "Lid"),
    ("PortInfo", "LMC"),
    ("SwitchInfo", "LifeTime"),
    ("SwitchInfo", "StateChange"),
];

/// The port without a cable of an adapter: nobody can write to it.
const UNWRITTEN: &str = "PortInfo 0x2 at [1, 1, 7]";

#[tokio::test]
async fn what_a_manager_writes_is_shown_alike() {
    let mut twins = Twins::new(unequal()).await;
    let places = twins.places().await;
    bring_up(&mut twins, &places).await;
    for place in &places {
        let (path, info) = place;
        if info.node_type == NodeType::Switch {
            write_tables(&mut twins, place).await;
            for port in 0..=info.number_of_ports {
                write_port_tables(&mut twins, path, port, 0..=info.number_of_ports).await;
            }
        } else {
            write_port_tables(&mut twins, path, 0, 0..=0).await;
        }
    }
    let (_, differing) = twins.compare(&places).await;
    assert_eq!(unlisted(&differing), Vec::<String>::new());
    let different = WRITTEN.iter().filter_map(|field| differing.get(field)).flatten();
    let different: Vec<_> = different.filter(|text| !text.ends_with(UNWRITTEN)).collect();
    assert!(different.is_empty(), "{different:#?}");
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_alike() {
    let mut twins = Twins::new(unequal()).await;
    let (host, switch): (&[u8], &[u8]) = (&[1, 1, 7], &[1]);
    let mut wrong = Vec::new();
    for (path, attribute, modifier) in [
        (host, AttributeId::SWITCH_INFO, 0),
        (host, AttributeId::LINEAR_FORWARDING_TABLE, 0),
        (host, AttributeId::MULTICAST_FORWARDING_TABLE, 0),
        (host, AttributeId::PORT_INFO, 3),
        (switch, AttributeId::PORT_INFO, 9),
        (host, AttributeId::P_KEY_TABLE, 2),
        (switch, AttributeId::P_KEY_TABLE, PKeyTable::modifier(0, 9)),
        (switch, AttributeId::P_KEY_TABLE, PKeyTable::modifier(1, 0)),
        (switch, AttributeId::SL_TO_VL_MAPPING, SlToVlMapping::modifier(9, 1)),
        (switch, AttributeId::SL_TO_VL_MAPPING, SlToVlMapping::modifier(1, 9)),
        (switch, AttributeId::VL_ARBITRATION, VlArbitration::modifier(VlArbitration::LOW_FIRST, 9)),
        (host, AttributeId::VL_ARBITRATION, 0x0005_0000),
        (host, AttributeId::VL_ARBITRATION, 0),
        (switch, AttributeId::LINEAR_FORWARDING_TABLE, 768),
        (switch, AttributeId::MULTICAST_FORWARDING_TABLE, 32),
        (switch, AttributeId::MULTICAST_FORWARDING_TABLE, 0x1000_0000),
        (host, AttributeId::GUID_INFO, 4),
    ] {
        let (ours, _) = twins.ours.get(path, attribute, modifier).await;
        let (theirs, _) = twins.theirs.get(path, attribute, modifier).await;
        let statuses = [ours, theirs].map(|status| Status(status & 0x7FFF).common());
        let is_answered = ANSWERED.iter().any(|listed| (listed.0, listed.1) == (attribute, modifier));
        let expected = [statuses[0], if is_answered { CommonStatus::Ok } else { statuses[0] }];
        if statuses != expected || statuses[0] == CommonStatus::Ok {
            wrong.push(format!("{attribute} {modifier:#x}: {statuses:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Whether both refuse what a manager must not write.
async fn refused(twins: &mut Twins, path: &[u8], port: u32, change: impl Fn(&mut PortInfo)) {
    let statuses = twins.change(path, AttributeId::PORT_INFO, port, change).await;
    let refused = [CommonStatus::InvalidValue; 2];
    assert_eq!(statuses.map(|status| Status(status & 0x7FFF).common()), refused, "port {port} at {path:?}");
}

#[tokio::test]
async fn states_that_a_port_cannot_take_are_refused_alike() {
    let mut twins = Twins::new(unequal()).await;
    let places = twins.places().await;
    let (host, switch): (&[u8], &[u8]) = (&[1, 1, 7], &[1]);
    let become_active = |info: &mut PortInfo| {
        quiet(info);
        info.port_state = PortState::ACTIVE;
    };
    refused(&mut twins, host, 1, become_active).await;
    refused(&mut twins, switch, 3, become_active).await;
    // A port without a cable, port 2 of an adapter that is asked at port 1, and too many lanes.
    refused(&mut twins, switch, 8, become_active).await;
    refused(&mut twins, host, 2, quiet).await;
    refused(&mut twins, switch, 3, |info| {
        quiet(info);
        info.operational_vls = 5;
    })
    .await;
    bring_up(&mut twins, &places).await;
    // Ours does not go back to Armed, which the standard has no transition for; ibsim's does.
    let armed = |info: &mut PortInfo| {
        quiet(info);
        info.port_state = PortState::ARMED;
    };
    let statuses = twins.change(switch, AttributeId::PORT_INFO, 3, armed).await;
    let statuses = statuses.map(|status| Status(status & 0x7FFF).common());
    assert_eq!(statuses, [CommonStatus::InvalidValue, CommonStatus::Ok]);
}

/// State and physical state of the ports of both fabrics, and whether the switches tell of a change.
async fn states(
    twins: &mut Twins,
    places: &[(&[u8], u32)],
) -> [Vec<(PortState, PortPhysicalState, bool)>; 2] {
    let mut states = [Vec::new(), Vec::new()];
    for (asker, states) in [&mut twins.ours, &mut twins.theirs].into_iter().zip(&mut states) {
        for (path, port) in places {
            let info = PortInfo::parse(&asker.get(path, AttributeId::PORT_INFO, *port).await.1).unwrap();
            let (status, data) = asker.get(path, AttributeId::SWITCH_INFO, 0).await;
            let is_changed = status & 0x7FFF == 0 && SwitchInfo::parse(&data).unwrap().port_state_change;
            states.push((info.port_state, info.port_physical_state, is_changed));
        }
    }
    states
}

#[tokio::test]
async fn a_cable_that_is_pulled_and_a_port_that_is_set_down_are_shown_alike() {
    let mut twins = Twins::new(unequal()).await;
    let places = twins.places().await;
    bring_up(&mut twins, &places).await;
    let switches: [&[u8]; 2] = [&[1], &[1, 2]];
    let watched: [(&[u8], u32); 4] = [(switches[0], 1), (switches[1], 20), (switches[1], 7), (&[1, 2, 7], 1)];
    let told = async |twins: &mut Twins| {
        for path in switches {
            let confirm = |info: &mut SwitchInfo| info.port_state_change = true;
            twins.write(path, AttributeId::SWITCH_INFO, 0, confirm).await;
        }
    };
    told(&mut twins).await;
    let [ours, theirs] = states(&mut twins, &watched).await;
    assert_eq!(ours, theirs);
    assert_eq!(ours, [(PortState::ACTIVE, PortPhysicalState::LINK_UP, false); 4]);

    // The other cable between the switches leads to the second one meanwhile.
    let end = End { node: twins.topology.find("S1").unwrap(), port: 1 };
    twins.fabric.with(|fabric, now| fabric.cut(now, end)).unwrap();
    twins.ibsim.unlink("S1", 1).await.unwrap();
    let [ours, theirs] = states(&mut twins, &watched).await;
    assert_eq!(ours, theirs, "pulled");
    assert_eq!((ours[0].0, ours[0].2, ours[1].2), (PortState::DOWN, true, true));

    told(&mut twins).await;
    twins.fabric.with(|fabric, now| fabric.restore(now, end)).unwrap();
    twins.ibsim.relink("S1", 1).await.unwrap();
    let [ours, theirs] = states(&mut twins, &watched).await;
    assert_eq!(ours, theirs, "plugged in");
    assert_eq!((ours[0].0, ours[0].2, ours[1].2), (PortState::INITIALIZE, true, true));

    told(&mut twins).await;
    for (path, port) in [(switches[1], 7), (&[1, 2, 7], 1)] {
        for state in [PortState::DOWN, PortState::ARMED] {
            let change = |info: &mut PortInfo| {
                quiet(info);
                info.port_state = state;
            };
            twins.write(path, AttributeId::PORT_INFO, port, change).await;
            let [ours, theirs] = states(&mut twins, &watched).await;
            assert_eq!(ours, theirs, "port {port} at {path:?} set to {state:?}");
        }
    }
}
