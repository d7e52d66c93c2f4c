//! A manager's subscriptions and Reports, when hosts answer wrongly or not at all.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use core::time::Duration;

use ib_mad::request::{RequestLimits, ResponseError};
use ib_mad::wire::{
    Attribute, AttributeId, InformInfo, MAD_LENGTH, MadHeader, ManagementClass, Method, Notice, NoticeType,
    PathRecord, ProducerType, RmppHeader, SaHeader, SaMad, SaMadView, SaStatus, TrapDetails, TrapNumber,
};
use ib_mad::{Lid, Qpn, ServiceLevel, TransactionId};
use support::{START, gid};
use trap_signal::SignallingMethod;
use trap_signal::manager::{
    ForwardError, ForwardEvent, RegistryError, RegistryLimits, Signaller, SignallerConfig, SignallerEvent,
    Subscriber,
};

fn subscriber(lid: u16) -> Subscriber {
    Subscriber {
        gid: gid(Lid(lid)),
        qpn: Qpn::GENERAL_SERVICES,
        lid: Lid(lid),
        service_level: ServiceLevel::default(),
    }
}

fn request<A: Attribute>(
    method: Method,
    attribute_id: AttributeId,
    id: u64,
    attribute: &A,
) -> [u8; MAD_LENGTH] {
    let class = ManagementClass::SUBNET_ADMINISTRATION;
    let header = MadHeader::request(class, method, attribute_id, 0, TransactionId(id));
    SaMad { header, rmpp: RmppHeader::INACTIVE, sa: SaHeader::default() }.emit(attribute).unwrap()
}

fn link_state_change() -> Notice {
    Notice::generic(NoticeType::URGENT, ProducerType::SWITCH, &TrapDetails::LinkStateChange { lid: Lid(9) })
}

fn hear<const N: usize>(
    signaller: &mut Signaller<N>,
    from: u16,
    bytes: &[u8; MAD_LENGTH],
) -> Option<SignallerEvent> {
    signaller.handle_datagram(subscriber(from), SaMadView::new(bytes).unwrap())
}

fn subscribe<const N: usize>(signaller: &mut Signaller<N>, lids: impl IntoIterator<Item = u16>) {
    let inform = InformInfo::subscribe_to(TrapNumber::ALL);
    for lid in lids {
        let set = request(Method::SET, AttributeId::INFORM_INFO, 1, &inform);
        let event = hear(signaller, lid, &set);
        assert_eq!(event, Some(SignallerEvent::Subscription(subscriber(lid), inform)));
    }
    for (_, answer) in transmissions(signaller, START) {
        let header = SaMadView::new(&answer).unwrap().header();
        assert_eq!((header.method(), header.status().is_ok()), (Method::GET_RESP, true));
    }
}

fn transmissions<const N: usize>(
    signaller: &mut Signaller<N>,
    now: Duration,
) -> Vec<(Lid, [u8; MAD_LENGTH])> {
    let mut sent = Vec::new();
    let mut buffer = [0; MAD_LENGTH];
    while let Some(transmit) = signaller.poll_transmit(now, &mut buffer) {
        sent.push((transmit.to, buffer));
    }
    sent
}

/// The Report that a host got, as it answers it.
fn answered(report: &[u8; MAD_LENGTH]) -> [u8; MAD_LENGTH] {
    let mut answer = *report;
    answer[3] = Method::REPORT_RESP.0;
    answer
}

fn signaller<const N: usize>(limits: RequestLimits, waiting: usize) -> Signaller<N> {
    Signaller::new(SignallerConfig {
        reports: limits,
        waiting,
        subscriptions: RegistryLimits { per_port: 1, total: 100 },
        ..SignallerConfig::new(SignallingMethod::ThreeWayHybrid, 5)
    })
}

#[test]
fn a_report_is_over_when_its_own_subscriber_answers_it() {
    let mut signaller: Signaller = signaller(RequestLimits::default(), 100);
    subscribe(&mut signaller, [3, 4]);
    assert_eq!(signaller.report(link_state_change()), Ok(2));
    let reports = transmissions(&mut signaller, START);
    assert_eq!(reports.iter().map(|(to, _)| to.0).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(Notice::parse(SaMadView::new(&reports[0].1).unwrap().data()), Ok(link_state_change()));

    let mut wrong = answered(&reports[0].1);
    wrong[12] ^= 0xFF;
    let unknown = SignallerEvent::UnexpectedResponse(Lid(3), ResponseError::Unknown);
    assert_eq!(hear(&mut signaller, 3, &wrong), Some(unknown), "a wrong transaction id");
    let stranger = ResponseError::WrongNode { asked: Lid(3), from: Lid(4) };
    let right = answered(&reports[0].1);
    assert_eq!(hear(&mut signaller, 4, &right), Some(SignallerEvent::UnexpectedResponse(Lid(4), stranger)));
    assert_eq!(signaller.pending(), 2);

    let delivered = |lid| Some(SignallerEvent::Report(ForwardEvent::Delivered(subscriber(lid))));
    assert_eq!(hear(&mut signaller, 3, &right), delivered(3));
    assert_eq!(hear(&mut signaller, 3, &right), Some(unknown), "an answer counts once");
    assert_eq!(hear(&mut signaller, 4, &answered(&reports[1].1)), delivered(4));
    assert_eq!((signaller.pending(), signaller.poll_timeout()), (0, None));
}

#[test]
fn a_host_that_does_not_answer_is_told_so_often_and_given_up() {
    let limits = RequestLimits { retries: 2, ..RequestLimits::default() };
    let mut signaller: Signaller = signaller(limits, 100);
    subscribe(&mut signaller, [3]);
    signaller.report(link_state_change()).unwrap();
    let (now, event, sent) = until_event(&mut signaller);
    let given_up = ForwardEvent::Undeliverable { subscriber: subscriber(3), attempts: 3 };
    assert_eq!(event, SignallerEvent::Report(given_up));
    assert_eq!(now, START + 3 * limits.timeout);
    assert!(sent.len() == 3 && sent.iter().all(|one| *one == sent[0]), "the same Report, three times");
    assert_eq!((signaller.pending(), signaller.poll_timeout()), (0, None));
}

/// What is sent until there is something to say; hosts 4 and up answer. When it is said comes first.
fn until_event<const N: usize>(
    signaller: &mut Signaller<N>,
) -> (Duration, SignallerEvent, Vec<(Lid, [u8; MAD_LENGTH])>) {
    let mut now = START;
    let mut sent = Vec::new();
    loop {
        for (to, report) in transmissions(signaller, now) {
            if to >= Lid(4) {
                hear(signaller, to.0, &answered(&report)).unwrap();
            }
            sent.push((to, report));
        }
        if let Some(event) = signaller.poll_event(now) {
            return (now, event, sent);
        }
        now = signaller.poll_timeout().unwrap();
    }
}

#[test]
fn a_host_that_missed_a_report_is_forgotten_until_it_subscribes_again() {
    let mut signaller: Signaller = Signaller::new(SignallerConfig::new(SignallingMethod::ThreeWayHybrid, 5));
    subscribe(&mut signaller, [3, 4]);
    // Another queue pair of host 3: a verification would take its subscription for the lost one.
    let elsewhere = Subscriber { qpn: Qpn::new(0x42).unwrap(), ..subscriber(3) };
    let inform = InformInfo::subscribe_to(TrapNumber::REPATH);
    let set = request(Method::SET, AttributeId::INFORM_INFO, 1, &inform);
    let view = SaMadView::new(&set).unwrap();
    let event = signaller.handle_datagram(elsewhere, view);
    assert_eq!(event, Some(SignallerEvent::Subscription(elsewhere, inform)));

    signaller.report(link_state_change()).unwrap();
    let (_, event, _) = until_event(&mut signaller);
    let SignallerEvent::Report(ForwardEvent::Undeliverable { subscriber: silent, .. }) = event else {
        panic!("{event:?}")
    };
    assert_eq!(silent, subscriber(3));
    let known = signaller.registry().matching(&link_state_change());
    assert_eq!((known, signaller.registry().len()), (vec![subscriber(4)], 1));

    subscribe(&mut signaller, [3]);
    assert_eq!(signaller.report(link_state_change()), Ok(2));
}

#[test]
fn a_silent_host_holds_up_only_itself() {
    let limits = RequestLimits { per_node: 1, ..RequestLimits::default() };
    let mut signaller: Signaller<4> = signaller(limits, 1000);
    subscribe(&mut signaller, 3..=20);
    for _ in 0..3 {
        assert_eq!(signaller.report(link_state_change()), Ok(18));
    }
    // Host 3 never answers; 51 Reports to the others all get through while its first is under way.
    let mut delivered = 0;
    for _ in 0..200 {
        for (to, report) in transmissions(&mut signaller, START).into_iter().filter(|(to, _)| *to != Lid(3)) {
            assert!(hear(&mut signaller, to.0, &answered(&report)).is_some());
            delivered += 1;
        }
    }
    assert_eq!((delivered, signaller.pending()), (51, 3));
}

#[test]
fn what_does_not_fit_is_refused_whole() {
    let mut signaller: Signaller<4> = signaller(RequestLimits::default(), 5);
    subscribe(&mut signaller, 3..=6);
    assert_eq!(signaller.report(link_state_change()), Ok(4));
    assert_eq!(signaller.report(link_state_change()), Err(ForwardError { waiting: 4 }));
    assert_eq!(transmissions(&mut signaller, START).len(), 4);
    assert_eq!(signaller.report(link_state_change()), Ok(4), "those in flight wait no more");
}

#[test]
fn refusals_are_told_to_the_host() {
    let mut signaller: Signaller = signaller(RequestLimits::default(), 100);
    subscribe(&mut signaller, [3]);
    let cases = [
        (
            InformInfo::subscribe_to(TrapNumber::REPATH),
            RegistryError::PortFull(gid(Lid(3))),
            SaStatus::NoResources,
        ),
        (
            InformInfo { subscribe: false, ..InformInfo::subscribe_to(TrapNumber::REPATH) },
            RegistryError::Unknown(gid(Lid(3))),
            SaStatus::InvalidRequest,
        ),
    ];
    for (inform, error, status) in cases {
        let set = request(Method::SET, AttributeId::INFORM_INFO, 0x77, &inform);
        assert_eq!(hear(&mut signaller, 3, &set), Some(SignallerEvent::Refused(subscriber(3), error)));
        let answers = transmissions(&mut signaller, START);
        let answer = SaMadView::new(&answers[0].1).unwrap();
        assert_eq!(answer.header().status().sa(), status);
        assert_eq!(answer.header().transaction_id(), TransactionId(0x77));
    }
    assert_eq!(signaller.registry().len(), 1);
}

#[test]
fn what_is_another_parts_is_left_to_it() {
    let mut signaller: Signaller = signaller(RequestLimits::default(), 100);
    let query = request(Method::GET, AttributeId::PATH_RECORD, 1, &PathRecord::default());
    assert_eq!(hear(&mut signaller, 3, &query), None);
    let own_trap = request(Method::REPORT, AttributeId::NOTICE, 1, &link_state_change());
    assert_eq!(hear(&mut signaller, 3, &own_trap), None);
    assert_eq!(transmissions(&mut signaller, START), []);
}
