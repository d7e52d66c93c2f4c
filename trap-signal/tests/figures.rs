//! The signalling methods, step by step as figures 3 and 5 and algorithms 2 and 3 of US 2013/0124910 have them.

mod support;

use ib_mad::Lid;
use ib_mad::wire::{AttributeId, Method};
use path_record::Update;
use support::{MANAGER, Subnet};
use trap_signal::SignallingMethod;
use trap_signal::host::HostEvent;

const HOSTS: [Lid; 4] = [Lid(11), Lid(12), Lid(13), Lid(14)];

/// Subscribed, seeded, and every queue pair on service level 0: a mesh that needs one lane.
fn subnet_in_operation(method: SignallingMethod) -> Subnet {
    let mut subnet = Subnet::new(method, &HOSTS);
    let (update, told) = subnet.manager.route(&HOSTS, |_, _| 0);
    assert_eq!((update, told), (Update::Seeded, 0), "the first routed table only seeds the old one");
    subnet.run();
    for host in &mut subnet.hosts {
        assert_eq!(host.events.iter().filter(|event| matches!(event, HostEvent::Subscribed)).count(), 1);
        assert_eq!(host.events.last(), Some(&HostEvent::UpToDate { without_path: 0 }));
        host.events.clear();
    }
    subnet
}

fn reconfigured(events: &[HostEvent]) -> Vec<(u32, u8, u8)> {
    let moves = events.iter().filter_map(|event| match event {
        HostEvent::Reconfigure(to) => {
            Some((to.id.queue_pair.get(), to.old.service_level.get(), to.new.service_level.get()))
        }
        _ => None,
    });
    moves.collect()
}

/// Figure 5: a change; the manager tells the hosts at its ends; each asks for its latest records; the manager gives
/// them; the queue pair is reconfigured.
#[test]
fn hybrid_signals_the_ends_of_changed_paths() {
    let mut subnet = subnet_in_operation(SignallingMethod::ThreeWayHybrid);
    let before = subnet.wire.len();
    let changed = |source: Lid, destination: Lid| u8::from([source, destination] == [Lid(11), Lid(13)]);
    let (update, told) = subnet.manager.route(&HOSTS, changed);
    assert_eq!(update.difference().unwrap().count(), 1, "algorithm 2 counts the changes");
    assert_eq!(told, 2, "algorithm 3 triggers the trap");
    subnet.run();

    for (host, concerned) in [(11, true), (12, false), (13, true), (14, false)] {
        let exchange = subnet.exchange(before, Lid(host));
        if concerned {
            assert_eq!(exchange[0], (Method::REPORT, AttributeId::NOTICE));
            assert_eq!(exchange[1], (Method::REPORT_RESP, AttributeId::NOTICE));
            assert_eq!(exchange[2..5], [(Method::GET, AttributeId::PATH_RECORD); 3]);
            assert_eq!(exchange[5..], [(Method::GET_RESP, AttributeId::PATH_RECORD); 3]);
        } else {
            assert_eq!(exchange, []);
        }
    }
    assert_eq!(reconfigured(&subnet.hosts[0].events), [(13, 0, 1)]);
    assert_eq!(reconfigured(&subnet.hosts[2].events), []);
    assert_eq!(subnet.hosts[0].service_level(Lid(13)), 1);
    assert_eq!(subnet.manager.signaller.pending(), 0, "every Report was answered");
}

/// A link failed and no path record changed: the hybrid method is silent, the wildcard method is not.
#[test]
fn without_a_change_only_the_wildcard_method_signals() {
    let mut hybrid = subnet_in_operation(SignallingMethod::ThreeWayHybrid);
    let before = hybrid.wire.len();
    let (update, told) = hybrid.manager.route(&HOSTS, |_, _| 0);
    assert_eq!((update.difference().unwrap().count(), told), (0, 0));
    hybrid.run();
    assert_eq!(hybrid.wire.len(), before);

    let mut wildcard = subnet_in_operation(SignallingMethod::ThreeWayWildcard);
    let (_, told) = wildcard.manager.route(&HOSTS, |_, _| 0);
    assert_eq!(told, HOSTS.len());
    wildcard.run();
    for host in &wildcard.hosts {
        assert_eq!(reconfigured(&host.events), []);
        assert_eq!(host.events.last(), Some(&HostEvent::UpToDate { without_path: 0 }));
    }
}

/// Figure 3: whatever happened, every host is told and asks for all of its records.
#[test]
fn wildcard_signals_every_host() {
    let mut subnet = subnet_in_operation(SignallingMethod::ThreeWayWildcard);
    let before = subnet.wire.len();
    let (_, told) = subnet.manager.route(&HOSTS, |source, _| u8::from(source == Lid(12)));
    assert_eq!(told, HOSTS.len());
    subnet.run();
    for host in HOSTS {
        let exchange = subnet.exchange(before, host);
        assert_eq!(exchange.len(), 2 + 2 * 3);
        assert_eq!(exchange[0], (Method::REPORT, AttributeId::NOTICE));
    }
    assert_eq!(reconfigured(&subnet.hosts[1].events), [(11, 0, 1), (13, 0, 1), (14, 0, 1)]);
    assert!(subnet.wire.iter().all(|sent| sent.from == MANAGER || sent.to == MANAGER));
}

/// Fault after fault: each difference is against the table before it.
#[test]
fn every_difference_is_against_the_last_table() {
    let mut subnet = subnet_in_operation(SignallingMethod::ThreeWayHybrid);
    for round in 1..=10_u8 {
        let (update, told) =
            subnet.manager.route(&HOSTS, |_, destination| round.min(destination.0 as u8 - 11));
        // Paths to LID 11 stay on 0; those to LID 14 change three times, then none does.
        let expected = match round {
            1 => 9,
            2 => 6,
            3 => 3,
            _ => 0,
        };
        assert_eq!(update.difference().unwrap().count(), expected);
        assert_eq!(told, if expected > 0 { HOSTS.len() } else { 0 });
        subnet.run();
    }
    for host in &subnet.hosts {
        for peer in HOSTS.into_iter().filter(|peer| *peer != host.lid) {
            assert_eq!(u16::from(host.service_level(peer)), peer.0 - 11);
        }
    }
}
