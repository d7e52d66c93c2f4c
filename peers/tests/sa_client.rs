//! `ib_mad::sa::SaClient` against OpenSM: subscriptions, refusals, silence; and garbage against everyone.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;

use ib_mad::request::RequestLimits;
use ib_mad::sa::{SaFailure, SaRecord, SaRequest};
use ib_mad::wire::{
    ClassPortInfo, InformInfo, InformInfoRecord, InformInfoRecordQuery, MAD_LENGTH, ManagementClass, Method,
    NodeRecordQuery, PathRecord, PathRecordQuery, SaStatus, Status, TrapNumber,
};
use ib_mad::{Lid, Qpn, ServiceLevel};
use serde_json::Value;
use transport::{Direction, IbsimChannel, ManagementChannel, Outgoing};

use support::{Fabric, Program, SOON, Sa, Signal, halt, run, send_signal, splitmix, within};

const REPATH: InformInfo = InformInfo::subscribe_to(TrapNumber::REPATH);

fn path(from: Lid, to: Lid) -> SaRequest {
    SaRequest::get(&PathRecordQuery::new().source_lid(from).destination_lid(to).number_of_paths(1))
}

fn status(outcome: Result<SaRecord, SaFailure>) -> Status {
    match outcome {
        Err(SaFailure::Status(status)) => status,
        other => panic!("no refusal: {other:?}"),
    }
}

#[tokio::test]
async fn a_subscription_is_begun_verified_and_ended_once() {
    let fabric = Fabric::mesh().await;
    let mut sa = Sa::new(&fabric.ibsim, "H1", RequestLimits::default()).await;
    let verification = SaRequest::get(&InformInfoRecordQuery::new().subscriber_gid(sa.port.gid));
    let end = SaRequest::inform(&InformInfo { subscribe: false, ..REPATH });
    assert_eq!(status(sa.ask(verification).await).sa(), SaStatus::NoRecords);

    let taken: InformInfo = sa.ask(SaRequest::inform(&REPATH)).await.unwrap().parse().unwrap();
    assert!(taken.subscribe && taken.producer == REPATH.producer);
    let record: InformInfoRecord = sa.ask(verification).await.unwrap().parse().unwrap();
    assert_eq!(record.subscriber_gid, sa.port.gid);
    assert_eq!(record.inform_info.producer, REPATH.producer);

    // Twice is once: it is not two that have to be ended.
    assert!(sa.ask(SaRequest::inform(&REPATH)).await.is_ok());
    let taken: InformInfo = sa.ask(end).await.unwrap().parse().unwrap();
    assert!(!taken.subscribe);
    assert_eq!(status(sa.ask(end).await), Status(0x0200), "there is none to end");
    assert_eq!(status(sa.ask(verification).await).sa(), SaStatus::NoRecords);
}

#[tokio::test]
async fn what_does_not_exist_has_no_record() {
    let fabric = Fabric::mesh().await;
    let mut sa = Sa::new(&fabric.ibsim, "H1", RequestLimits::default()).await;
    let own = sa.port.lid;
    for request in [SaRequest::get(&NodeRecordQuery::new().lid(Lid(999))), path(own, Lid(999))] {
        assert_eq!(status(sa.ask(request).await).sa(), SaStatus::NoRecords);
    }
    let all = SaRequest::get(&NodeRecordQuery::new());
    assert_eq!(status(sa.ask(all).await).sa(), SaStatus::TooManyRecords);
    assert!(sa.ask(SaRequest::class_port_info()).await.unwrap().parse::<ClassPortInfo>().is_ok());
}

/// Three transmissions, a quarter of a second apart.
const LIMITS: RequestLimits =
    RequestLimits { timeout: Duration::from_millis(250), retries: 2, ..RequestLimits::DEFAULT };

/// Ask once, for nothing: the request goes out as often as the limits say, in the time that they say.
async fn asked_in_vain(sa: &mut Sa) {
    let (sent, start) = (sa.tally().sent(), sa.now());
    let request = path(sa.port.lid, sa.port.sm_lid);
    assert_eq!(sa.ask(request).await, Err(SaFailure::NoAnswer { attempts: 3 }));
    let took = sa.now() - start;
    assert!((LIMITS.timeout * 3..LIMITS.timeout * 6).contains(&took), "{took:?}");
    assert_eq!(sa.tally().sent() - sent, 3);
}

#[tokio::test]
async fn a_manager_that_stands_still_or_is_gone_is_asked_so_often_and_no_more() {
    let mut fabric = Fabric::mesh().await;
    let mut sa = Sa::new(&fabric.ibsim, "H1", LIMITS).await;
    let request = path(sa.port.lid, sa.port.sm_lid);
    halt(fabric.opensm.id()).await;
    asked_in_vain(&mut sa).await;
    // It answers now, to all three: too late, and no answer to the next question.
    send_signal(fabric.opensm.id(), Signal::CONT);
    let record: PathRecord = sa.ask(request).await.unwrap().parse().unwrap();
    assert_eq!((record.source_lid, record.destination_lid), (sa.port.lid, sa.port.sm_lid));

    send_signal(fabric.opensm.id(), Signal::KILL);
    assert!(fabric.opensm.wait_for_subnet_up(usize::MAX).await.is_err(), "it has ended");
    asked_in_vain(&mut sa).await;
    let received = sa.tally().kinds().filter(|(kind, _)| kind.direction == Direction::Received);
    assert_eq!(received.map(|(_, count)| count).sum::<u64>(), 4, "three late answers and one");
}

/// Garbage that gets further and further into a receiver.
fn garbage(state: &mut u64) -> [u8; MAD_LENGTH] {
    const ATTRIBUTES: [u16; 10] = [0x01, 0x02, 0x03, 0x11, 0x12, 0x14, 0x33, 0x35, 0xF3, 0xFFFF];
    const METHODS: [Method; 6] =
        [Method::GET, Method::GET_RESP, Method::REPORT, Method::REPORT_RESP, Method::TRAP, Method::SET];
    let mut mad = [0; MAD_LENGTH];
    for bytes in mad.chunks_mut(8) {
        bytes.copy_from_slice(&splitmix(state).to_be_bytes());
    }
    let choice = splitmix(state);
    let [depth, method, attribute, ..] = choice.to_be_bytes();
    if depth & 3 > 0 {
        mad[..3].copy_from_slice(&[1, ManagementClass::SUBNET_ADMINISTRATION.0, 2]);
    }
    if depth & 3 > 1 {
        mad[3] = METHODS[usize::from(method) % METHODS.len()].0;
        mad[16..18].copy_from_slice(&ATTRIBUTES[usize::from(attribute) % ATTRIBUTES.len()].to_be_bytes());
    }
    if depth & 3 > 2 {
        // Status and reliable transfer as they should be, and the lower transaction ids.
        mad[4..8].fill(0);
        mad[8..14].fill(0);
        mad[24..36].fill(0);
    }
    mad
}

#[tokio::test]
async fn garbage_ends_nobody_and_holds_nobody_up() {
    const EACH: usize = 1500;
    let mut fabric = Fabric::mesh().await;
    let watcher_options = ["--settle", "0.5"];
    let mut watcher = Program::start("repathd", &fabric.url("H8"), &watcher_options, &fabric.dir);
    let peers = ["H2", "H3", "H4", "H5", "H6"];
    let options = Vec::from_iter(peers.iter().flat_map(|peer| ["--queue-pair", peer]));
    let mut host = Program::start("repath-host", &fabric.url("H1"), &options, &fabric.dir);
    let mut saq = Program::start("saq", &fabric.url("H3"), &["watch", "--trap", "128"], &fabric.dir);
    watcher.event("quiet").await;
    host.event("ready").await;
    saq.event("subscribed").await;

    let lids = fabric.diags().host_lids().await.unwrap();
    let mut sender = IbsimChannel::connect("H2", Some(fabric.ibsim.socket_name())).await.unwrap();
    let mut state = 2026;
    for _ in 0..EACH {
        let batch = ["H7", "H8", "H1", "H3"].map(|target| Outgoing {
            to: Lid(lids[target]),
            service_level: ServiceLevel::default(),
            qpn: Qpn::GENERAL_SERVICES,
            mad: garbage(&mut state),
        });
        within(SOON, "four datagrams on their way", sender.send(&batch)).await.unwrap();
    }
    drop(sender);

    // All of them go on with their work.
    assert_eq!(
        run(SOON, "saq", &fabric.url("H2"), &["--json", "paths", "--hosts"]).await.objects().len(),
        56
    );
    let before = fabric.opensm.subnet_ups();
    fabric.ibsim.unlink("S2", 3).await.unwrap();
    fabric.opensm.wait_until_settled(before + 1).await.unwrap();
    saq.event("trap").await;
    let mut noticed = 0;
    let mut notice = |event: Value| {
        let dropped = ["ignored", "error"].iter().any(|name| event["event"] == *name);
        noticed += usize::from(dropped);
    };
    watcher.event_after(SOON, "signalled", &mut notice).await;
    watcher.event("quiet").await;
    host.event_after(SOON, "report", &mut notice).await;
    host.event("up_to_date").await;
    // Not all: who hears of too much at a time forgets the oldest.
    assert!(noticed > EACH / 10, "of what was sent to the two, {noticed} datagrams were noticed");
    for program in [&mut watcher, &mut host, &mut saq] {
        assert!(program.stop().await);
    }
}
