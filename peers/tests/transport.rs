//! What goes wrong between a program and a real ibsim: each fault has its own error, in one line, within a bound; and
//! what does not go wrong when a program is slow.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;

use ib_mad::wire::{AttributeId, DirectedRouteSmp, Method, NodeInfo};
use ib_mad::{Lid, Qpn, ServiceLevel, TransactionId};
use peers::{Ibsim, MESH_3X2, RunDir};
use transport::{ChannelError, IbsimChannel, ManagementChannel, Outgoing};

use support::{Fabric, Program, Signal, halt, run, send_signal, within};

/// How long a refusal may take: ibsim is asked three times why, and a receiver that may be dead gets 300 ms.
const AT_ONCE: Duration = Duration::from_secs(3);
/// How long it may take until a program notices that ibsim has ended: it looks each second.
const NOTICED: Duration = Duration::from_secs(4);

async fn mesh() -> (Ibsim, RunDir) {
    let dir = RunDir::new().unwrap();
    (Ibsim::start(MESH_3X2, &dir).await.unwrap(), dir)
}

async fn attach(ibsim: &Ibsim, node: &str) -> IbsimChannel {
    let attached = IbsimChannel::connect(node, Some(ibsim.socket_name()));
    within(AT_ONCE, "a connection", attached).await.unwrap()
}

/// The error with which a port cannot be opened; a program says the same in its only line.
async fn refusal(url: &str) -> ChannelError {
    let port = url.parse().unwrap();
    let error = within(AT_ONCE, "a refusal", transport::open(&port)).await.unwrap_err();
    let said = run(AT_ONCE, "saq", url, &["port"]).await;
    assert_eq!(said.failure(), format!("saq: {error}"));
    error
}

#[tokio::test]
async fn a_node_that_the_topology_does_not_have() {
    let (ibsim, _dir) = mesh().await;
    let error = refusal(&format!("ibsim:H9?sock={}", ibsim.socket_name())).await;
    assert!(matches!(&error, ChannelError::UnknownNode { node, .. } if &**node == "H9"), "{error:?}");
}

#[tokio::test]
async fn no_ibsim_under_the_name() {
    let error = refusal("ibsim:H1?sock=nobody-listens-here").await;
    assert!(
        matches!(&error, ChannelError::NoServer { name } if &**name == "nobody-listens-here"),
        "{error:?}"
    );
}

#[tokio::test]
async fn all_ten_client_slots_are_used_until_one_is_given_up() {
    let (ibsim, _dir) = mesh().await;
    let mut channels = Vec::new();
    for node in ["H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "S1", "S2"] {
        channels.push(attach(&ibsim, node).await);
    }
    let error = refusal(&format!("ibsim:S3?sock={}", ibsim.socket_name())).await;
    assert!(matches!(error, ChannelError::NoClientSlot { .. }), "{error:?}");
    channels.pop();
    attach(&ibsim, "S3").await;
}

#[tokio::test]
async fn a_node_whose_receiver_is_alive_until_it_ends() {
    let (ibsim, _dir) = mesh().await;
    let url = format!("ibsim:H1?sock={}", ibsim.socket_name());
    let mut receiver = attach(&ibsim, "H1").await;
    let error = refusal(&url).await;
    assert!(matches!(&error, ChannelError::ReceiverTaken { node, .. } if &**node == "H1"), "{error:?}");
    // The refused ones have taken nothing away from it.
    assert_eq!(receiver.port().await.unwrap().number, 1);
    drop(receiver);
    attach(&ibsim, "H1").await;
}

#[tokio::test]
async fn a_node_whose_receiver_was_killed_is_free() {
    let fabric = Fabric::mesh().await;
    let mut killed = Program::start("saq", &fabric.url("H1"), &["watch"], &fabric.dir);
    killed.event("subscribed").await;
    killed.signal(Signal::KILL);
    assert!(!killed.stop().await);
    let mut channel = attach(&fabric.ibsim, "H1").await;
    assert!(channel.port().await.unwrap().is_configured());
}

#[tokio::test]
async fn an_ibsim_that_ends_is_noticed_by_everyone() {
    let fabric = Fabric::mesh().await;
    let mut idle = attach(&fabric.ibsim, "H1").await;
    let mut busy = attach(&fabric.ibsim, "H2").await;
    let mut saq = Program::start("saq", &fabric.url("H3"), &["watch"], &fabric.dir);
    saq.event("subscribed").await;
    let Fabric { opensm, ibsim, dir: _dir } = fabric;
    let name = ibsim.socket_name().to_owned();
    drop((opensm, ibsim));

    let mut batch = Vec::new();
    let error = within(NOTICED, "an error", idle.receive(&mut batch)).await.unwrap_err();
    assert!(matches!(&error, ChannelError::ServerGone { name: gone } if **gone == name), "{error:?}");
    let sent = within(NOTICED, "an error", busy.send(&[question(1)])).await;
    assert!(matches!(sent, Err(ChannelError::ServerGone { .. })), "{sent:?}");
    let asked = within(NOTICED, "an error", busy.port()).await;
    assert!(matches!(asked, Err(ChannelError::ServerGone { .. })), "{asked:?}");
    assert_eq!(saq.last_line(NOTICED).await, format!("saq: {error}"));
    assert!(!saq.stop().await);
}

#[tokio::test]
async fn an_ibsim_that_hangs_is_given_up_after_five_seconds() {
    let (ibsim, _dir) = mesh().await;
    let url = format!("ibsim:H1?sock={}", ibsim.socket_name());
    halt(ibsim.id()).await;
    let said = run(Duration::from_secs(8), "saq", &url, &["port"]).await;
    // It would not survive for long: it panics when the client that it is then to connect has gone.
    send_signal(ibsim.id(), Signal::CONT);
    assert!(said.failure().contains("has not answered CONNECT for 5s"), "{}", said.failure());
}

/// Get(NodeInfo) of the sender itself: ibsim answers it.
fn question(number: u64) -> Outgoing {
    let tid = TransactionId(number);
    let smp = DirectedRouteSmp::request(Method::GET, AttributeId::NODE_INFO, 0, tid, &[]).unwrap();
    Outgoing {
        to: Lid::PERMISSIVE,
        service_level: ServiceLevel::default(),
        qpn: Qpn::SUBNET_MANAGEMENT,
        mad: smp.emit(&NodeInfo::default()).unwrap(),
    }
}

/// ibsim stands still while a client's queue, of ten datagrams, is full.
#[tokio::test]
async fn a_program_that_reads_nothing_does_not_stall_the_fabric() {
    let (ibsim, _dir) = mesh().await;
    let mut slow = attach(&ibsim, "H1").await;
    let mut other = attach(&ibsim, "H2").await;
    // More than is kept for a program; what is too much is lost, as on any fabric.
    let questions: Vec<_> = (1..=20_000).map(question).collect();
    let send = slow.send(&questions);
    within(Duration::from_secs(20), "20,000 answers to who reads none", send).await.unwrap();

    within(AT_ONCE, "another program's connection", other.port()).await.unwrap();
    other.send(&[question(7)]).await.unwrap();
    let mut batch = Vec::new();
    within(AT_ONCE, "another program's answer", other.receive(&mut batch)).await.unwrap();
    assert_eq!(batch[0].mad[3], Method::GET_RESP.0);

    let mut late = Vec::new();
    within(AT_ONCE, "what was kept", slow.receive(&mut late)).await.unwrap();
    assert!((10_000..20_000).contains(&late.len()), "{} were kept", late.len());
}
