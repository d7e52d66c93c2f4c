use core::time::Duration;

use fabric::{Fabric, Settings};
use ib_mad::wire::{
    AttributeId, DirectedRouteSmp, MAD_LENGTH, MadHeader, ManagementClass, Method, NodeDescription,
    PortCapabilityMask, Smp, SmpNotice,
};
use ib_mad::{Lid, MKey, Qpn, ServiceLevel, TransactionId};
use topology::End;

use super::*;
use crate::sim::{SimClient, SimName, SimServer};

/// Two switches, two hosts each. Every host has its number as its LID, and H1 the manager; S1 sends to it.
fn shared() -> SharedFabric {
    let topology = topology::mesh(2, 1, 2).unwrap();
    SharedFabric::new(Fabric::new(&topology, Settings::DEFAULT).unwrap())
}

fn question(path: &[u8]) -> Outgoing {
    let nothing = NodeDescription::default();
    let smp = DirectedRouteSmp::request(
        Method::GET,
        AttributeId::NODE_DESCRIPTION,
        0,
        TransactionId(0x7700_0000_0009),
        path,
    );
    outgoing(Lid::PERMISSIVE, smp.unwrap().emit(&nothing).unwrap())
}

fn outgoing(to: Lid, mad: [u8; MAD_LENGTH]) -> Outgoing {
    Outgoing { to, service_level: ServiceLevel::default(), qpn: Qpn::SUBNET_MANAGEMENT, mad }
}

/// What arrives next; a test that would wait for ever fails.
async fn next(channel: &mut dyn ManagementChannel) -> Incoming {
    let mut batch = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), channel.receive(&mut batch)).await.unwrap().unwrap();
    assert_eq!(batch.len(), 1);
    batch[0]
}

#[tokio::test]
async fn each_client_gets_the_answers_to_its_own_questions() {
    let fabric = shared();
    let (mut one, mut other) = (fabric.attach("H1").unwrap(), fabric.attach("H1").unwrap());
    other.send(&[question(&[1])]).await.unwrap();
    one.send(&[question(&[1, 1])]).await.unwrap();
    for (channel, name) in [(&mut one, b"S2"), (&mut other, b"S1")] {
        let incoming = next(channel).await;
        assert_eq!((&incoming.mad[64..66], &incoming.mad[12..16]), (&name[..], &[0, 0, 0, 9][..]));
    }
    assert!(matches!(fabric.attach("H9"), Err(ChannelError::Sim(SimError::UnknownNode { .. }))));
}

#[tokio::test]
async fn a_port_is_as_the_fabric_has_it_and_a_manager_shows_as_long_as_it_is_there() {
    let fabric = shared();
    let mut channel = fabric.attach("H2").unwrap();
    let port = channel.port().await.unwrap();
    assert_eq!((port.guid.0, port.number, port.lid), (0x10_0003, 1, Lid::UNASSIGNED));
    assert!(!port.capability_mask.contains(PortCapabilityMask::SM));
    let mut manager = fabric.attach("H2").unwrap();
    manager.announce_manager().await.unwrap();
    assert!(channel.announce_manager().await.is_err());
    assert!(channel.port().await.unwrap().capability_mask.contains(PortCapabilityMask::SM));
    drop(manager);
    assert!(!channel.port().await.unwrap().capability_mask.contains(PortCapabilityMask::SM));
}

/// S1 sends traps to itself, and its own manager gets them.
async fn manage(fabric: &SharedFabric) -> SimChannel {
    use ib_mad::wire::{
        Attribute, LinearForwardingTable, PortInfo, PortPhysicalState, PortState, SwitchInfo,
    };
    let mut manager = fabric.attach("S1").unwrap();
    manager.announce_manager().await.unwrap();
    let header = |method, attribute| {
        MadHeader::request(ManagementClass::SUBNET_LID_ROUTED, method, attribute, 0, TransactionId(1))
    };
    let own = |attribute, mad: [u8; MAD_LENGTH]| {
        let smp = DirectedRouteSmp::request(Method::SET, attribute, 0, TransactionId(1), &[]).unwrap();
        let mut whole = smp.emit(&NodeDescription::default()).unwrap();
        whole[64..128].copy_from_slice(&mad[64..128]);
        outgoing(Lid::PERMISSIVE, whole)
    };
    let emit = |attribute, content: &dyn Fn(&Smp) -> [u8; MAD_LENGTH]| {
        own(attribute, content(&Smp { header: header(Method::SET, attribute), m_key: MKey(0) }))
    };
    let mut table = LinearForwardingTable::default();
    table.ports[5] = 0;
    let switch = SwitchInfo { linear_fdb_top: 63, ..SwitchInfo::default() };
    let asked = outgoing(Lid::PERMISSIVE, {
        let smp =
            DirectedRouteSmp::request(Method::GET, AttributeId::PORT_INFO, 0, TransactionId(1), &[]).unwrap();
        smp.emit(&NodeDescription::default()).unwrap()
    });
    manager.send(&[asked]).await.unwrap();
    let info = PortInfo::parse(&next(&mut manager).await.mad[64..128]).unwrap();
    let info = PortInfo {
        lid: Lid(5),
        master_sm_lid: Lid(5),
        port_state: PortState::NO_CHANGE,
        port_physical_state: PortPhysicalState::NO_CHANGE,
        ..info
    };
    for request in [
        emit(AttributeId::LINEAR_FORWARDING_TABLE, &|smp| smp.emit(&table).unwrap()),
        emit(AttributeId::SWITCH_INFO, &|smp| smp.emit(&switch).unwrap()),
        emit(AttributeId::PORT_INFO, &|smp| smp.emit(&info).unwrap()),
    ] {
        manager.send(&[request]).await.unwrap();
        assert_eq!(next(&mut manager).await.mad[4..6], [0x80, 0], "no status");
    }
    manager
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_keeps_the_fabric_going() {
    let fabric = shared();
    let mut manager = manage(&fabric).await;
    let end = fabric.with(|fabric, _| End { node: fabric.topology().find("S1").unwrap(), port: 6 });
    fabric.with(|fabric, now| fabric.cut(now, end)).unwrap();
    // It repeats itself, though nobody sends anything.
    for _ in 0..3 {
        let trap = next(&mut manager).await;
        assert_eq!((trap.mad[3], trap.from), (Method::TRAP.0, Lid(5)));
        assert!(
            ib_mad::wire::Attribute::parse(&trap.mad[64..128]).map(|SmpNotice(notice)| notice.trap()).is_ok()
        );
    }
    let mut repress = next(&mut manager).await.mad;
    repress[3] = Method::TRAP_REPRESS.0;
    manager.send(&[outgoing(Lid(5), repress)]).await.unwrap();
    let mut batch = Vec::new();
    let waited = tokio::time::timeout(Duration::from_secs(60), manager.receive(&mut batch)).await;
    assert!(waited.is_err(), "it was heard");
}

/// A name that no other test has.
fn unique(what: &str) -> SimName {
    SimName::choose(Some(&format!("test-{what}-{}", std::process::id()))).unwrap()
}

#[tokio::test]
async fn the_same_over_a_socket() {
    let name = unique("socket");
    assert!(matches!(
        SimClient::connect("H1", &name).await,
        Err(ChannelError::Sim(SimError::NotRunning { .. }))
    ));
    let server = SimServer::bind(&name, shared()).await.unwrap();
    let again = SimServer::bind(&name, shared()).await;
    // Its guest is not served yet, but the socket takes it.
    assert!(matches!(again, Err(SimError::AlreadyRunning { .. })));
    let serving = tokio::spawn(async move { server.serve().await });
    let unknown = SimClient::connect("H9", &name).await.unwrap_err();
    assert!(unknown.to_string().contains("no node \"H9\""), "{unknown}");
    let mut one = SimClient::connect("H1", &name).await.unwrap();
    let mut other = SimClient::connect("H1", &name).await.unwrap();
    one.announce_manager().await.unwrap();
    other.send(&[question(&[1])]).await.unwrap();
    one.send(&[question(&[1, 1])]).await.unwrap();
    let port = other.port().await.unwrap();
    assert_eq!(port.guid.0, 0x10_0001);
    assert_eq!(next(&mut other).await.mad[64..66], *b"S1");
    assert_eq!(next(&mut one).await.mad[64..66], *b"S2");
    assert!(one.port().await.unwrap().capability_mask.contains(PortCapabilityMask::SM));
    drop(one);
    serving.abort();
    let _ = serving.await;
    assert!(!name.path().exists(), "the socket went with the host");
    assert!(SimServer::bind(&name, shared()).await.is_ok());
}

#[tokio::test]
async fn a_socket_whose_host_was_killed_is_taken_over() {
    let name = unique("killed");
    drop(SimServer::bind(&name, shared()).await.unwrap());
    drop(std::os::unix::net::UnixListener::bind(name.path()).unwrap());
    assert!(name.path().exists());
    let server = SimServer::bind(&name, shared()).await.unwrap();
    assert!(name.path().exists());
    drop(server);
}

#[tokio::test]
async fn a_fabric_of_the_programs_own_needs_no_host() {
    let url = "sim:mesh:3x2:hosts=1@H1".parse().unwrap();
    let mut channel = crate::open(&url).await.unwrap();
    channel.send(&[question(&[1])]).await.unwrap();
    assert_eq!(next(&mut channel).await.mad[64..66], *b"S1");
    for (url, part) in
        [("sim:mesh:0x2@H1", "mesh:0x2"), ("sim:mesh:2x2@H77", "no node \"H77\""), ("sim:/none@H1", "/none")]
    {
        let error = crate::open(&url.parse().unwrap()).await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}
