//! A host's agent and a manager, when something goes wrong between them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use core::time::Duration;

use ib_mad::request::RequestLimits;
use ib_mad::sa::{NotMineReason, SaAddress, SaFailure};
use ib_mad::wire::{
    Attribute, AttributeId, InformInfoRecord, MAD_LENGTH, Method, PathRecord, SaMad, SaMadView, Status,
};
use ib_mad::{Lid, Qpn, ServiceLevel};
use support::{Host, MANAGER, START, Subnet, gid, level, queue_pair};
use trap_signal::host::{HostAgent, HostError, HostEvent, Reconfiguration};
use trap_signal::{LocalPort, SignallingMethod};

const HOSTS: [Lid; 2] = [Lid(11), Lid(12)];
const PEER: Qpn = match Qpn::new(12) {
    Some(number) => number,
    None => unreachable!(),
};

/// Two hosts, subscribed and up to date, with service level 0.
fn subnet() -> Subnet {
    let mut subnet = Subnet::new(SignallingMethod::ThreeWayHybrid, &HOSTS);
    subnet.manager.route(&HOSTS, |_, _| 0);
    subnet.run();
    for host in &mut subnet.hosts {
        host.events.clear();
    }
    subnet
}

/// The datagrams that the manager has for a host.
fn from_manager(subnet: &mut Subnet, host: Lid) -> Vec<[u8; MAD_LENGTH]> {
    let mut sent = Vec::new();
    let mut buffer = [0; MAD_LENGTH];
    while let Some(transmit) = subnet.manager.signaller.poll_transmit(subnet.now, &mut buffer) {
        if transmit.to == host {
            sent.push(buffer);
        }
    }
    sent
}

fn transmissions(agent: &mut HostAgent, now: Duration) -> Vec<(Lid, [u8; MAD_LENGTH])> {
    let mut sent = Vec::new();
    let mut buffer = [0; MAD_LENGTH];
    while let Some(transmit) = agent.poll_transmit(now, &mut buffer) {
        sent.push((transmit.to, buffer));
    }
    sent
}

fn events(agent: &mut HostAgent, now: Duration) -> Vec<HostEvent> {
    core::iter::from_fn(|| agent.poll_event(now)).collect()
}

fn method(bytes: &[u8; MAD_LENGTH]) -> (Method, AttributeId) {
    let header = SaMadView::new(bytes).unwrap().header();
    (header.method(), header.attribute_id())
}

/// The manager's answer to a datagram of the host.
fn answer<A: Attribute>(request: &[u8; MAD_LENGTH], status: Status, attribute: &A) -> [u8; MAD_LENGTH] {
    let mut mad = SaMad::from_view(SaMadView::new(request).unwrap());
    mad.header.method = Method::GET_RESP;
    mad.header.status = status;
    mad.emit(attribute).unwrap()
}

/// A record for the path that `request` asks for.
fn path(request: &[u8; MAD_LENGTH], service_level: u8) -> PathRecord {
    let query = PathRecord::parse(SaMadView::new(request).unwrap().data()).unwrap();
    PathRecord { service_level: level(service_level), ..query }
}

fn only_move(events: &[HostEvent]) -> Reconfiguration {
    let moves: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            HostEvent::Reconfigure(reconfiguration) => Some(*reconfiguration),
            _ => None,
        })
        .collect();
    assert_eq!(moves.len(), 1, "{events:?}");
    moves[0]
}

#[test]
fn a_repeated_report_is_answered_again_and_asks_nothing_anew() {
    let mut subnet = subnet();
    subnet.manager.route(&HOSTS, |_, _| 1);
    let report = from_manager(&mut subnet, Lid(11))[0];
    let agent = &mut subnet.hosts[0].agent;
    for repetition in 0..5 {
        agent.handle_datagram(START, MANAGER, &report);
        let sent = transmissions(agent, START);
        assert_eq!(method(&sent[0].1), (Method::REPORT_RESP, AttributeId::NOTICE));
        assert_eq!(sent[0].1[8..16], report[8..16], "the transaction id goes back");
        assert_eq!(sent.len(), if repetition == 0 { 2 } else { 1 });
    }
    let reports = events(agent, START).iter().filter(|event| matches!(event, HostEvent::Report(_))).count();
    assert_eq!(reports, 1);
}

#[test]
fn a_report_from_a_stranger_is_not_believed_and_not_answered() {
    let mut subnet = subnet();
    subnet.manager.route(&HOSTS, |_, _| 1);
    let report = from_manager(&mut subnet, Lid(11))[0];
    let agent = &mut subnet.hosts[0].agent;
    agent.handle_datagram(START, Lid(12), &report);
    assert_eq!(transmissions(agent, START), []);
    assert_eq!(events(agent, START), [HostEvent::Stranger(Lid(12))]);
}

#[test]
fn an_answer_to_nothing_changes_nothing() {
    let mut subnet = subnet();
    subnet.manager.route(&HOSTS, |_, _| 1);
    let report = from_manager(&mut subnet, Lid(11))[0];
    let agent = &mut subnet.hosts[0].agent;
    agent.handle_datagram(START, MANAGER, &report);
    let query = transmissions(agent, START)[1].1;
    let mut wrong = answer(&query, Status::OK, &path(&query, 1));
    wrong[15] ^= 1;
    agent.handle_datagram(START, MANAGER, &wrong);
    let said = events(agent, START);
    assert!(matches!(said[1], HostEvent::NotMine(NotMineReason::Transaction(_))), "{said:?}");
    assert_eq!(agent.record(PEER).unwrap().service_level, level(0));
}

/// An answer that was on its way when the next Report came may be older than what the Report speaks of.
#[test]
fn a_report_during_a_query_makes_it_ask_again() {
    let mut subnet = subnet();
    subnet.manager.route(&HOSTS, |_, _| 1);
    let first = from_manager(&mut subnet, Lid(11))[0];
    subnet.manager.route(&HOSTS, |_, _| 2);
    let agent = &mut subnet.hosts[0].agent;
    agent.handle_datagram(START, MANAGER, &first);
    let query = transmissions(agent, START)[1].1;
    let mut second = first;
    second[15] ^= 0x40;
    agent.handle_datagram(START, MANAGER, &second);
    transmissions(agent, START);
    agent.handle_datagram(START, MANAGER, &answer(&query, Status::OK, &path(&query, 1)));
    let early = only_move(&events(agent, START));
    assert_eq!(early.new.service_level, level(1));

    let again = transmissions(agent, START);
    assert_eq!(method(&again[0].1), (Method::GET, AttributeId::PATH_RECORD));
    agent.handle_datagram(START, MANAGER, &answer(&again[0].1, Status::OK, &path(&again[0].1, 2)));
    assert_eq!(
        events(agent, START),
        [],
        "where the queue pair is, is known when the first attempt has ended"
    );

    agent.reconfigured(START, early.id, true);
    assert_eq!(agent.record(PEER).unwrap().service_level, level(1));
    let late = only_move(&events(agent, START));
    assert_eq!((late.old.service_level, late.new.service_level), (level(1), level(2)));
    agent.reconfigured(START, early.id, true);
    assert_eq!(agent.record(PEER).unwrap().service_level, level(1), "told twice");
    agent.reconfigured(START, late.id, true);
    assert_eq!(agent.record(PEER).unwrap().service_level, level(2));
    assert_eq!(events(agent, START), [HostEvent::UpToDate { without_path: 0 }]);
}

#[test]
fn a_queue_pair_that_could_not_be_moved_is_tried_again() {
    let mut subnet = subnet();
    subnet.manager.route(&HOSTS, |_, _| 1);
    let report = from_manager(&mut subnet, Lid(11))[0];
    let agent = &mut subnet.hosts[0].agent;
    agent.handle_datagram(START, MANAGER, &report);
    let query = transmissions(agent, START)[1].1;
    agent.handle_datagram(START, MANAGER, &answer(&query, Status::OK, &path(&query, 1)));
    let attempt = only_move(&events(agent, START));
    agent.reconfigured(START, attempt.id, false);
    assert_eq!(agent.record(PEER).unwrap().service_level, level(0));
    assert_eq!(events(agent, START), [], "not up to date: a queue pair has to be moved still");

    let later = agent.poll_timeout().unwrap();
    assert_eq!(later, START + Duration::from_secs(1));
    agent.handle_timeout(later);
    let query = transmissions(agent, later)[0].1;
    agent.handle_datagram(later, MANAGER, &answer(&query, Status::OK, &path(&query, 1)));
    let attempt = only_move(&events(agent, later));
    agent.reconfigured(later, attempt.id, true);
    assert_eq!(agent.record(PEER).unwrap().service_level, level(1));
}

#[test]
fn a_path_that_is_gone_is_said_and_asked_for_again() {
    let mut subnet = subnet();
    subnet.manager.route(&HOSTS[..1], |_, _| 0);
    subnet.run();
    let host = &mut subnet.hosts[0];
    assert!(host.events.contains(&HostEvent::NoPath(queue_pair(Lid(12)).path)), "{:?}", host.events);
    assert_eq!(host.service_level(Lid(12)), 0, "the queue pair stays as it is");

    subnet.manager.route(&HOSTS, |_, _| 3);
    subnet.now = subnet.hosts[0].agent.poll_timeout().unwrap();
    for host in &mut subnet.hosts {
        host.agent.handle_timeout(subnet.now);
    }
    subnet.run();
    assert_eq!(subnet.hosts[0].service_level(Lid(12)), 3);
}

/// Every request ends: sent once and repeated as often as the limits say, then told, and asked again later.
#[test]
fn a_manager_that_does_not_answer_is_not_waited_for_for_ever() {
    let mut host = Host::new(Lid(11), &[Lid(12)]);
    let agent = &mut host.agent;
    let limits = RequestLimits::default();
    let mut now = START;
    let mut sent = 0;
    let mut said = Vec::new();
    let end = START + (limits.timeout * (u32::from(limits.retries) + 1));
    while now <= end {
        sent += transmissions(agent, now).len();
        said.extend(events(agent, now));
        now = agent.poll_timeout().unwrap();
        agent.handle_timeout(now);
    }
    let attempts = u16::from(limits.retries) + 1;
    assert_eq!(sent, 2 * usize::from(attempts), "the subscription and the path");
    let no_answer = SaFailure::NoAnswer { attempts };
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.contains(&HostEvent::NotSubscribed(no_answer)));
    assert!(said.contains(&HostEvent::QueryFailed(queue_pair(Lid(12)).path, no_answer)));
}

/// The manager restarted and nobody told the port: the verification finds out.
#[test]
fn a_lost_subscription_is_found_and_renewed() {
    let mut subnet = subnet();
    let agent = &mut subnet.hosts[0].agent;
    let later = agent.poll_timeout().unwrap();
    assert_eq!(later, START + Duration::from_secs(60));
    agent.handle_timeout(later);
    let verify = transmissions(agent, later);
    assert_eq!(method(&verify[0].1), (Method::GET, AttributeId::INFORM_INFO_RECORD));
    let asked = InformInfoRecord::parse(SaMadView::new(&verify[0].1).unwrap().data()).unwrap();
    assert_eq!(asked.subscriber_gid, gid(Lid(11)));

    agent.handle_datagram(later, MANAGER, &answer(&verify[0].1, Status::NO_RECORDS, &asked));
    assert_eq!(events(agent, later), [HostEvent::SubscriptionLost]);
    let subscribe = transmissions(agent, later)[0].1;
    assert_eq!(method(&subscribe), (Method::SET, AttributeId::INFORM_INFO));
    let inform = ib_mad::wire::InformInfo::parse(SaMadView::new(&subscribe).unwrap().data()).unwrap();
    agent.handle_datagram(later, MANAGER, &answer(&subscribe, Status::OK, &inform));
    assert_eq!(events(agent, later), [HostEvent::Subscribed]);
    let queries = transmissions(agent, later);
    assert_eq!(
        method(&queries[0].1),
        (Method::GET, AttributeId::PATH_RECORD),
        "a signal may have been missed"
    );
}

#[test]
fn a_standing_subscription_is_left_alone() {
    let mut subnet = subnet();
    let agent = &mut subnet.hosts[0].agent;
    let later = agent.poll_timeout().unwrap();
    agent.handle_timeout(later);
    let verify = transmissions(agent, later)[0].1;
    let asked = InformInfoRecord::parse(SaMadView::new(&verify).unwrap().data()).unwrap();
    let inform_info = ib_mad::wire::InformInfo {
        qpn: Qpn::SUBNET_MANAGEMENT, // left out for whom the manager does not trust
        ..ib_mad::wire::InformInfo::subscribe_to(ib_mad::wire::TrapNumber::REPATH)
    };
    let record = InformInfoRecord { inform_info, ..asked };
    agent.handle_datagram(later, MANAGER, &answer(&verify, Status::OK, &record));
    assert_eq!(events(agent, later), []);
    assert_eq!(transmissions(agent, later), []);
    assert_eq!(agent.poll_timeout(), Some(later + Duration::from_secs(60)));
}

#[test]
fn a_new_manager_a_new_lid_and_a_reregister_each_subscribe_again() {
    let subscribed = |agent: &mut HostAgent| {
        let sent = transmissions(agent, START);
        sent.iter()
            .filter(|(_, bytes)| method(bytes) == (Method::SET, AttributeId::INFORM_INFO))
            .map(|sent| sent.0)
            .next_back()
    };
    let port = |lid, manager| LocalPort {
        lid: Lid(lid),
        gid: gid(Lid(11)),
        manager: SaAddress { lid: Lid(manager), service_level: ServiceLevel::default() },
    };
    let mut subnet = subnet();
    let agent = &mut subnet.hosts[0].agent;
    agent.handle_port(START, port(11, 1));
    assert_eq!(subscribed(agent), None, "nothing changed");
    agent.handle_port(START, port(11, 2));
    assert_eq!(subscribed(agent), Some(Lid(2)));
    agent.handle_port(START, port(15, 2));
    assert_eq!(subscribed(agent), Some(Lid(2)));
    agent.handle_client_reregister(START);
    assert_eq!(subscribed(agent), Some(Lid(2)));
    agent.handle_port(START, port(15, 0));
    assert_eq!(subscribed(agent), None, "nobody to subscribe to");
    agent.handle_port(START, port(15, 1));
    assert_eq!(subscribed(agent), Some(Lid(1)));
}

#[test]
fn queue_pairs_on_one_path_share_a_query() {
    let mut host = Host::new(Lid(11), &[]);
    for number in 100..200 {
        host.agent
            .add_queue_pair(trap_signal::host::QueuePair {
                number: Qpn::new(number).unwrap(),
                ..queue_pair(Lid(12))
            })
            .unwrap();
    }
    let again = trap_signal::host::QueuePair { number: Qpn::new(150).unwrap(), ..queue_pair(Lid(13)) };
    assert_eq!(host.agent.add_queue_pair(again), Err(HostError::Known(Qpn::new(150).unwrap())));
    let queries: Vec<_> = transmissions(&mut host.agent, START)
        .into_iter()
        .filter(|(_, bytes)| method(bytes).1 == AttributeId::PATH_RECORD)
        .collect();
    assert_eq!(queries.len(), 1);
    let query = queries[0].1;
    host.agent.handle_datagram(START, MANAGER, &answer(&query, Status::OK, &path(&query, 4)));
    let resolved = events(&mut host.agent, START);
    assert_eq!(resolved.iter().filter(|event| matches!(event, HostEvent::Resolved { .. })).count(), 100);
    for number in 100..200 {
        host.agent.remove_queue_pair(Qpn::new(number).unwrap());
    }
    assert_eq!(host.agent.record(Qpn::new(150).unwrap()), None);
}

#[test]
fn random_and_cut_datagrams_change_nothing() {
    let mut subnet = subnet();
    let agent = &mut subnet.hosts[0].agent;
    let before = agent.clone();
    let mut report = [0x5A; MAD_LENGTH];
    for length in [0, 1, 23, 24, 36, 56, 136, 255] {
        agent.handle_datagram(START, MANAGER, &report[..length]);
    }
    agent.handle_datagram(START, MANAGER, &[0x5A; 257]);
    agent.handle_datagram(START, MANAGER, &report);
    report[..4].copy_from_slice(&[1, 3, 2, 0x86]);
    agent.handle_datagram(START, MANAGER, &report);
    for event in events(agent, START) {
        assert!(matches!(event, HostEvent::Ignored(_) | HostEvent::NotMine(_)), "{event:?}");
    }
    assert_eq!(*agent, before);
    assert_eq!(transmissions(agent, START), []);
}
