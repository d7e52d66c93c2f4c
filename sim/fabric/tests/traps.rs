//! Traps, and the keys whose violations raise some of them.

#![allow(clippy::std_instead_of_alloc, reason = "tests run where there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;

use fabric::{DropReason, LinkFaults, Packet, PortTrouble};
use ib_mad::wire::{
    AttributeId, LocalChangeFlags, MKeyViolation, Method, NodeDescription, Notice, PKeyTable,
    PortCapabilityMask, PortInfo, PortPhysicalState, PortState, ProducerType, SwitchInfo, TrapDetails,
};
use ib_mad::{Guid, Lid, MKey, PKey, QKey};
use topology::End;

use support::{Lab, QUEUE_PAIR, datagram, qpn};

/// Longer than a trap waits before it is sent again: SubnetTimeOut is 18, which is 1.07 s.
const AGAIN: Duration = Duration::from_millis(1100);

fn details(notices: &[Notice]) -> Vec<TrapDetails> {
    notices.iter().map(|notice| notice.trap().unwrap()).collect()
}

/// The link between both switches, at S1.
fn middle(lab: &Lab) -> End {
    End { node: lab.node("S1"), port: 1 }
}

fn switch_lid(lab: &Lab, name: &str) -> Lid {
    lab.lid(lab.fabric.end_port(name, 0).unwrap())
}

/// Traps at the manager, unanswered.
fn waiting(lab: &mut Lab) -> usize {
    core::iter::from_fn(|| lab.fabric.receive(lab.manager))
        .filter(|packet| packet.mad().unwrap()[3] == 5)
        .count()
}

#[test]
fn a_switch_tells_of_a_link_until_it_is_heard() {
    let mut lab = Lab::running();
    lab.fabric.cut(lab.now, End { node: lab.node("S1"), port: 6 }).unwrap();
    lab.settle();
    assert_eq!(waiting(&mut lab), 1);
    lab.pass(AGAIN);
    assert_eq!(waiting(&mut lab), 1, "again");
    lab.pass(AGAIN);
    let notices = lab.repress_all();
    let lid = switch_lid(&lab, "S1");
    assert_eq!(details(&notices), [TrapDetails::LinkStateChange { lid }]);
    assert_eq!(notices[0].issuer_lid, lid);
    let expected = Notice::generic(
        ib_mad::wire::NoticeType::URGENT,
        ProducerType::SWITCH,
        &TrapDetails::LinkStateChange { lid },
    );
    assert_eq!(notices[0].producer, expected.producer);
    lab.pass(AGAIN * 5);
    assert_eq!(waiting(&mut lab), 0, "it was heard");
    let info: SwitchInfo = lab.read(&[1], AttributeId::SWITCH_INFO, 0);
    assert!(info.port_state_change);
    let state: PortInfo = lab.read(&[1], AttributeId::PORT_INFO, 6);
    assert_eq!((state.port_state, state.port_physical_state), (PortState::DOWN, PortPhysicalState::POLLING));
    lab.fabric.restore(lab.now, End { node: lab.node("S1"), port: 6 }).unwrap();
    lab.settle();
    assert_eq!(lab.repress_all().len(), 1);
    let state: PortInfo = lab.read(&[1], AttributeId::PORT_INFO, 6);
    assert_eq!(state.port_state, PortState::INITIALIZE);
}

#[test]
fn a_trap_that_cannot_get_through_comes_when_it_can() {
    let mut lab = Lab::running();
    lab.fabric.cut(lab.now, middle(&lab)).unwrap();
    lab.settle();
    let lids = [switch_lid(&lab, "S1"), switch_lid(&lab, "S2")];
    assert_eq!(details(&lab.repress_all()), [TrapDetails::LinkStateChange { lid: lids[0] }]);
    lab.fabric.restore(lab.now, middle(&lab)).unwrap();
    lab.settle();
    assert_eq!(lab.repress_all().len(), 1, "S1 has another to tell; S2 waits for its time");
    lab.pass(AGAIN);
    assert_eq!(details(&lab.repress_all()), [TrapDetails::LinkStateChange { lid: lids[1] }]);
}

#[test]
fn without_a_manager_there_is_nobody_to_tell() {
    let mut lab = Lab::small();
    lab.fabric.cut(lab.now, middle(&lab)).unwrap();
    lab.settle();
    assert_eq!((lab.fabric.next_event(), lab.fabric.in_flight()), (None, 0));
    let mut lab = Lab::running();
    lab.fabric.claim(lab.now, lab.manager, false);
    lab.fabric.cut(lab.now, middle(&lab)).unwrap();
    lab.settle();
    assert!(lab.fabric.drops().count(DropReason::NoManager) > 0);
}

#[test]
fn trouble_at_a_port_has_three_traps() {
    let mut lab = Lab::running();
    for trouble in [PortTrouble::LinkIntegrity, PortTrouble::BufferOverrun, PortTrouble::FlowControlWatchdog]
    {
        lab.fabric.trouble(lab.now, middle(&lab), trouble).unwrap();
    }
    lab.settle();
    let event = ib_mad::wire::PortEvent { lid: switch_lid(&lab, "S1"), port_number: 1 };
    let expected = [
        TrapDetails::LinkIntegrity(event),
        TrapDetails::BufferOverrun(event),
        TrapDetails::FlowControlWatchdog(event),
    ];
    assert_eq!(details(&lab.repress_all()), expected);
}

#[test]
fn corrupted_packets_in_a_row_raise_trap_129() {
    let mut lab = Lab::running();
    let info: PortInfo = lab.read(&[1, 1], AttributeId::PORT_INFO, 2);
    let info = PortInfo {
        local_phy_errors: 3,
        port_state: PortState::NO_CHANGE,
        port_physical_state: PortPhysicalState::NO_CHANGE,
        ..info
    };
    lab.set(&[1, 1], AttributeId::PORT_INFO, 2, &info);
    let faults = LinkFaults { corrupt_per_million: 1_000_000, ..LinkFaults::default() };
    lab.fabric.set_faults(middle(&lab), faults).unwrap();
    let to = lab.lid(lab.host("H4"));
    for _ in 0..3 {
        lab.fabric.send(lab.now, lab.manager, &datagram(to));
    }
    lab.settle();
    // The trap would have to pass the same link.
    lab.fabric.set_faults(middle(&lab), LinkFaults::default()).unwrap();
    lab.pass(AGAIN);
    let event = ib_mad::wire::PortEvent { lid: switch_lid(&lab, "S2"), port_number: 2 };
    assert_eq!(details(&lab.repress_all()), [TrapDetails::LinkIntegrity(event)]);
    assert_eq!(lab.fabric.drops().count(DropReason::Corrupted), 4);
}

#[test]
fn changes_at_a_node_have_traps_144_and_145() {
    let mut lab = Lab::running();
    let (host, node) = (lab.host("H3"), lab.node("H3"));
    lab.fabric.claim(lab.now, host, true);
    lab.settle();
    let [TrapDetails::LocalChanges(changes)] = details(&lab.repress_all())[..] else { panic!("one trap") };
    assert!(changes.capability_mask.contains(PortCapabilityMask::SM) && !changes.other_local_changes);
    assert_eq!(changes.lid, lab.lid(host));
    lab.fabric.set_description(lab.now, node, "another");
    lab.settle();
    let [TrapDetails::LocalChanges(changes)] = details(&lab.repress_all())[..] else { panic!("one trap") };
    assert!(changes.other_local_changes && changes.change_flags.contains(LocalChangeFlags::NODE_DESCRIPTION));
    lab.fabric.set_system_image_guid(lab.now, node, Guid(0x99));
    lab.settle();
    let expected = TrapDetails::SystemImageGuidChange { lid: lab.lid(host), system_image_guid: Guid(0x99) };
    assert_eq!(details(&lab.repress_all()), [expected]);
}

/// Protect H4 with a key.
fn protect(lab: &mut Lab, protect_bits: u8, lease: u16) -> [u8; 3] {
    let path = [1, 1, 6];
    let info: PortInfo = lab.read(&path, AttributeId::PORT_INFO, 0);
    let info = PortInfo {
        m_key: MKey(0x77),
        m_key_protect_bits: protect_bits,
        m_key_lease_period: lease,
        port_state: PortState::NO_CHANGE,
        port_physical_state: PortPhysicalState::NO_CHANGE,
        ..info
    };
    lab.set(&path, AttributeId::PORT_INFO, 0, &info);
    path
}

fn port_info_with(lab: &mut Lab, path: &[u8], key: MKey) -> Option<PortInfo> {
    let nothing = NodeDescription::default();
    let reply = lab.directed(path, Method::GET, AttributeId::PORT_INFO, 0, key, &nothing)?;
    Some(ib_mad::wire::Attribute::parse(&reply.data).unwrap())
}

#[test]
fn an_m_key_protects_as_far_as_its_bits_say() {
    for (bits, shown) in [(0, Some(MKey(0x77))), (1, Some(MKey(0))), (2, None), (3, None)] {
        let mut lab = Lab::running();
        let path = protect(&mut lab, bits, 0);
        assert_eq!(port_info_with(&mut lab, &path, MKey(1)).map(|info| info.m_key), shown, "{bits}");
        assert_eq!(port_info_with(&mut lab, &path, MKey(0x77)).unwrap().m_key, MKey(0x77));
        let keys = PKeyTable::default();
        assert!(
            lab.directed(&path, Method::SET, AttributeId::P_KEY_TABLE, 0, MKey(0), &keys).is_none(),
            "{bits}"
        );
        let reply = lab.directed(&path, Method::SET, AttributeId::P_KEY_TABLE, 0, MKey(0x77), &keys).unwrap();
        assert_eq!(reply.mad[24..32], [0; 8], "no answer carries the key");
        let refused = if shown.is_some() { 1 } else { 2 };
        assert_eq!(lab.fabric.drops().count(DropReason::MKey), refused);
        assert_eq!(u64::from(lab.fabric.port_info(lab.host("H4")).m_key_violations), refused);
    }
}

#[test]
fn a_wrong_m_key_is_told_with_the_way_back() {
    let mut lab = Lab::running();
    let path = protect(&mut lab, 0, 0);
    let keys = PKeyTable::default();
    // The reply is none: what comes is the trap.
    lab.directed(&path, Method::SET, AttributeId::P_KEY_TABLE, 1, MKey(5), &keys);
    lab.pass(AGAIN);
    let [TrapDetails::BadMKey(violation)] = details(&lab.repress_all())[..] else { panic!("one trap") };
    let mut return_path = [0; 30];
    return_path[..3].copy_from_slice(&[5, 2, 1]);
    let expected = MKeyViolation {
        source_lid: Lid::PERMISSIVE,
        directed_route_source_lid: Lid::PERMISSIVE,
        method: Method::SET,
        attribute_id: AttributeId::P_KEY_TABLE,
        attribute_modifier: 1,
        m_key: MKey(5),
        is_directed_route: true,
        is_path_truncated: false,
        hop_count: 3,
        return_path,
    };
    assert_eq!(violation, expected);
}

#[test]
fn a_lease_that_runs_out_lets_the_key_be_read() {
    let mut lab = Lab::running();
    let path = protect(&mut lab, 2, 10);
    assert!(port_info_with(&mut lab, &path, MKey(1)).is_none());
    lab.pass(Duration::from_secs(9));
    assert!(
        port_info_with(&mut lab, &path, MKey(0x77)).is_some(),
        "the manager is there: the lease begins anew"
    );
    lab.pass(Duration::from_secs(9));
    assert!(port_info_with(&mut lab, &path, MKey(1)).is_none());
    lab.pass(Duration::from_secs(9));
    assert!(port_info_with(&mut lab, &path, MKey(1)).is_none(), "not yet");
    lab.pass(Duration::from_secs(1));
    assert_eq!(port_info_with(&mut lab, &path, MKey(1)).unwrap().m_key, MKey(0x77));
}

#[test]
fn wrong_keys_of_packets_have_traps_257_to_259() {
    let mut lab = Lab::running();
    let host = lab.host("H4");
    lab.fabric.open(host, qpn(7), QUEUE_PAIR).unwrap();
    let (from, to) = (lab.lid(lab.manager), lab.lid(host));
    lab.fabric.send(lab.now, lab.manager, &Packet { p_key: PKey(0x8001), ..datagram(to) });
    lab.settle();
    let [TrapDetails::BadPKey(violation)] = details(&lab.repress_all())[..] else { panic!("one trap") };
    assert_eq!(
        (violation.source_lid, violation.destination_lid, violation.p_key()),
        (from, to, PKey(0x8001))
    );
    assert_eq!((violation.source_qpn, violation.destination_qpn), (qpn(9), qpn(7)));
    lab.fabric.send(lab.now, lab.manager, &Packet { q_key: QKey(0x9999), ..datagram(to) });
    lab.settle();
    let [TrapDetails::BadQKey(violation)] = details(&lab.repress_all())[..] else { panic!("one trap") };
    assert_eq!(violation.key, QKey(0x9999));
    let info: PortInfo = lab.read(&[1], AttributeId::PORT_INFO, 1);
    let info = PortInfo {
        partition_enforcement_outbound: true,
        port_state: PortState::NO_CHANGE,
        port_physical_state: PortPhysicalState::NO_CHANGE,
        ..info
    };
    lab.set(&[1], AttributeId::PORT_INFO, 1, &info);
    lab.fabric.send(lab.now, lab.manager, &Packet { p_key: PKey(0x8001), ..datagram(to) });
    lab.settle();
    let [TrapDetails::BadPKeyAtSwitch(violation)] = details(&lab.repress_all())[..] else {
        panic!("one trap")
    };
    assert_eq!((violation.switch_lid, violation.port_number), (switch_lid(&lab, "S1"), 1));
}
