//! Instructions of trap-signal's hot paths, as callgrind counts them: no noise hides a change.
#![allow(missing_docs, unreachable_pub, unused_qualifications, reason = "the macros of gungraun")]

use core::time::Duration;

use fabric_ha_bench::instructions_only;
use gungraun::prelude::*;
use ib_mad::sa::SaAddress;
use ib_mad::wire::{
    Attribute, AttributeId, InformInfo, MAD_LENGTH, MadHeader, ManagementClass, Method, PathRecord,
    RmppHeader, SaHeader, SaMad, SaMadView, TrapNumber,
};
use ib_mad::{Gid, Guid, Lid, Qpn, ServiceLevel, TransactionId};
use path_record::{PathRecordDistinguisher, PathTable, Update};
use trap_signal::manager::{Signaller, SignallerConfig, Subscriber};
use trap_signal::{EventListener, ListenerConfig, ListenerEvent, LocalPort, SignallingMethod};

const NOW: Duration = Duration::from_secs(5000);
const MANAGER: Lid = Lid(1);
const HOSTS: u16 = 64;

type Mad = [u8; MAD_LENGTH];
type Manager = Box<Signaller>;

fn host(number: u16) -> Subscriber {
    let lid = Lid(100 + number);
    Subscriber { gid: gid(lid), qpn: Qpn::GENERAL_SERVICES, lid, service_level: ServiceLevel::default() }
}

fn gid(lid: Lid) -> Gid {
    Gid::new(Gid::DEFAULT_PREFIX, Guid(lid.0.into()))
}

fn datagram(method: Method, attribute_id: AttributeId, attribute: &impl Attribute) -> Mad {
    let class = ManagementClass::SUBNET_ADMINISTRATION;
    let header = MadHeader::request(class, method, attribute_id, 0, TransactionId(9));
    SaMad { header, rmpp: RmppHeader::INACTIVE, sa: SaHeader::default() }
        .emit(attribute)
        .expect("every attribute fits")
}

/// A manager to which every host subscribed, and a rerouting that moved a path from each host to the next.
fn rerouted() -> (Manager, Update) {
    let mut manager: Manager =
        Box::new(Signaller::new(SignallerConfig::new(SignallingMethod::ThreeWayHybrid, 1)));
    let subscription = InformInfo::subscribe_to(TrapNumber::REPATH);
    let subscribe = datagram(Method::SET, AttributeId::INFORM_INFO, &subscription);
    let mut response = [0; MAD_LENGTH];
    for number in 0..HOSTS {
        let mad = SaMadView::new(&subscribe).expect("it is one");
        manager.handle_datagram(host(number), mad).expect("it is a subscription");
        manager.poll_transmit(NOW, &mut response).expect("it is confirmed");
    }
    let mut distinguisher = PathRecordDistinguisher::new();
    distinguisher.update(table(0));
    (manager, distinguisher.update(table(1)))
}

/// A path from each host to the next, on service level `level`.
fn table(level: u8) -> PathTable {
    let records: Vec<_> = (0..HOSTS)
        .map(|number| PathRecord {
            source_gid: host(number).gid,
            destination_gid: host((number + 1) % HOSTS).gid,
            service_level: ServiceLevel::new(level).unwrap_or_default(),
            ..PathRecord::default()
        })
        .collect();
    PathTable::from_records(records.len(), 0, &records).expect("there is room")
}

// From the difference to the last host's answer.
#[library_benchmark]
#[bench::sixty_four_hosts(setup = rerouted)]
fn signal((mut manager, update): (Manager, Update)) -> (Manager, Update) {
    let mut report = [0; MAD_LENGTH];
    let told = manager.reconfigured(&update, (MANAGER, gid(MANAGER)));
    assert_eq!(told, Ok(HOSTS.into()));
    while let Some(transmit) = manager.poll_transmit(NOW, &mut report) {
        // The Report turned into its answer.
        report[3] = Method::REPORT_RESP.0;
        let answer = SaMadView::new(&report).expect("it is one");
        manager.handle_datagram(host(transmit.to.0 - 100), answer).expect("it answers a Report");
    }
    assert_eq!(manager.pending(), 0);
    (manager, update)
}

type Host = Box<EventListener<16>>;

/// A host that subscribed, and a Report for it.
fn subscribed() -> (Host, Mad) {
    let (mut manager, update) = rerouted();
    let config = ListenerConfig::new(InformInfo::subscribe_to(TrapNumber::REPATH), 1);
    let mut listener: Host = Box::new(EventListener::new(config));
    let sa = SaAddress { lid: MANAGER, service_level: ServiceLevel::default() };
    listener.handle_port(NOW, LocalPort { lid: host(0).lid, gid: host(0).gid, manager: sa });
    let mut mad = [0; MAD_LENGTH];
    listener.poll_transmit(NOW, &mut mad).expect("it subscribes");
    mad[3] = Method::GET_RESP.0;
    assert_eq!(listener.handle_datagram(NOW, MANAGER, &mad), None);
    assert_eq!(listener.poll_event(NOW), Some(ListenerEvent::Standing));
    manager.reconfigured(&update, (MANAGER, gid(MANAGER))).expect("there is room");
    manager.poll_transmit(NOW, &mut mad).expect("a Report is due");
    (listener, mad)
}

// From a Report to its answer.
#[library_benchmark]
#[bench::one_report(setup = subscribed)]
fn hear((mut listener, report): (Host, Mad)) -> (Host, Mad) {
    let event = listener.handle_datagram(NOW, MANAGER, &report);
    assert!(matches!(event, Some(ListenerEvent::Report(_))));
    let mut answer = [0; MAD_LENGTH];
    assert!(listener.poll_transmit(NOW, &mut answer).is_some());
    (listener, answer)
}

library_benchmark_group!(name = signalling, benchmarks = [signal, hear]);
main!(config = instructions_only(), library_benchmark_groups = signalling);
