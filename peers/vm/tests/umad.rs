//! The transport over umad devices, with the kernel's own behind it.

#![allow(
    clippy::std_instead_of_alloc,
    clippy::disallowed_methods,
    reason = "it starts programs, and reads the clock"
)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use core::time::Duration;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use ib_mad::wire::{AttributeId, ManagementClass, Method};
use machine::{End, Machine, MadPort, mad, reply, run};
use transport::{
    Delivery, ManagementChannel, MethodMask, OwnedUmadMessage, PortUrl, Registration, Segmentation,
    UmadChannel, UmadError, umad_ports,
};

/// Longer than anything here takes; the kernel gives an answer to whoever waits for it.
const LONG: Option<Duration> = Some(Duration::from_secs(60));
const SOON: Option<Duration> = Some(Duration::from_millis(50));
const SA: ManagementClass = ManagementClass::SUBNET_ADMINISTRATION;

/// An agent that asks.
fn asker() -> Registration {
    Registration::new(SA, 2)
}

/// An agent that answers requests of a method.
fn answerer(method: Method) -> Registration {
    Registration { methods: MethodMask::NONE.with(method), ..asker() }
}

fn by_kernel(registration: Registration) -> Registration {
    Registration { segmentation: Segmentation::Kernel, ..registration }
}

fn transaction_id(message: &OwnedUmadMessage) -> u64 {
    u64::from_be_bytes(*message.data[8..].first_chunk().unwrap())
}

/// The answer to a request: its headers, and `payload` behind those of subnet administration.
fn answer(request: &OwnedUmadMessage, payload: &[u8]) -> Vec<u8> {
    let mut answer = request.data[..56].to_vec();
    answer[3] |= 0x80;
    answer.extend_from_slice(payload);
    answer
}

/// The kernel segments what says so.
fn segmented(mut message: Vec<u8>) -> Vec<u8> {
    message[24..27].copy_from_slice(&[1, 1, 1]);
    message
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8).collect()
}

#[test]
fn the_ports_are_found_as_they_are() {
    let _machine = Machine::this();
    let ports = umad_ports().unwrap();
    let names: Vec<_> =
        ports.iter().map(|port| (port.name(), port.umad.as_deref().unwrap().to_owned())).collect();
    assert_eq!(names, [("rxe0/1".into(), "umad0".into()), ("rxe1/1".into(), "umad1".into())]);
    for port in ports {
        assert_eq!((&*port.link_layer, &*port.physical_state), ("Ethernet", "LinkUp"));
        assert_eq!(port.state, ib_mad::wire::PortState::ACTIVE);
    }
}

#[tokio::test]
async fn a_port_opens_as_a_channel_without_subnet_management() {
    let _machine = Machine::this();
    let url: PortUrl = "umad:rxe1/1".parse().unwrap();
    let PortUrl::Umad(name) = &url else { panic!("{url:?}") };
    let mut channel = UmadChannel::open(name).unwrap();
    let port = channel.port().await.unwrap();
    assert_eq!((port.number, port.state), (1, ib_mad::wire::PortState::ACTIVE));
    let smp = Registration::new(ManagementClass::SUBNET_DIRECTED_ROUTE, 1);
    let error = channel
        .expect_requests(Registration { methods: MethodMask::NONE.with(Method::GET), ..smp })
        .unwrap_err();
    assert!(matches!(error, UmadError::Unsupported { .. }), "{error}");
    assert!(error.to_string().contains("on Ethernet there is no subnet management"), "{error}");
}

#[tokio::test]
async fn a_request_reaches_the_other_port_and_its_answer_comes_back() {
    let machine = Machine::this();
    let (mut here, mut there) = (machine.mad_port(End::Zero, 256), machine.mad_port(End::One, 256));
    let (asks, answers) = (here.register(&asker()).unwrap(), there.register(&answerer(Method::GET)).unwrap());
    let question = mad(Method::GET, AttributeId::PATH_RECORD, 0x0123_4567);
    here.ask(asks, LONG, &question).unwrap();
    let request = there.next().await;
    assert_eq!((request.agent, request.delivery, request.data.len()), (answers, Delivery::Received, 256));
    // The lower half of the id is the program's, the upper half the kernel's.
    assert_eq!(transaction_id(&request) as u32, 0x0123_4567);
    assert_ne!(transaction_id(&request) >> 32, 0);
    // The asker is at the other end of this one's cable.
    assert_eq!(request.address.route.unwrap().destination, there.far().route.unwrap().destination);
    there.send(answers, &reply(&request), None, &answer(&request, &[0xAB; 200])).unwrap();
    let got = here.next().await;
    assert_eq!((got.agent, got.delivery), (asks, Delivery::Received));
    assert_eq!(transaction_id(&got), transaction_id(&request));
    assert_eq!((got.data[3], &got.data[56..]), (0x81, &[0xAB; 200][..]));
}

#[tokio::test]
async fn what_nobody_answers_comes_back_in_its_time() {
    let machine = Machine::this();
    let mut here = machine.mad_port(End::Zero, 256);
    let agent = here.register(&asker()).unwrap();
    let started = Instant::now();
    here.ask(agent, SOON, &mad(Method::GET_TABLE, AttributeId::PATH_RECORD, 7)).unwrap();
    let returned = here.next().await;
    assert!(started.elapsed() >= SOON.unwrap());
    assert_eq!(
        (returned.agent, returned.delivery, returned.data.len()),
        (agent, Delivery::Undeliverable, 24)
    );
    assert_eq!((transaction_id(&returned) as u32, returned.data[3]), (7, Method::GET_TABLE.0));
    assert_eq!(returned.address.route, here.far().route);
}

#[tokio::test]
async fn a_question_for_nobody_is_answered_by_the_kernel_when_it_is_a_get() {
    let machine = Machine::this();
    let mut here = machine.mad_port(End::Zero, 256);
    let agent = here.register(&asker()).unwrap();
    here.ask(agent, LONG, &mad(Method::GET, AttributeId::PATH_RECORD, 7)).unwrap();
    let answer = here.next().await;
    assert_eq!((answer.agent, answer.delivery, answer.data.len()), (agent, Delivery::Received, 256));
    // Status: neither the method nor the attribute is supported.
    assert_eq!((answer.data[3], &answer.data[4..6]), (0x81, &[0, 0x0C][..]));
}

#[tokio::test]
async fn ids_are_the_kernels_by_agent_and_one_that_waits_is_refused() {
    let machine = Machine::this();
    let mut here = machine.mad_port(End::Zero, 256);
    let [first, second] = [(); 2].map(|()| here.register(&asker()).unwrap());
    let question = mad(Method::GET_TABLE, AttributeId::PATH_RECORD, 9);
    here.ask(first, Some(Duration::from_millis(300)), &question).unwrap();
    let error = here.ask(first, SOON, &question).unwrap_err();
    assert!(matches!(error, UmadError::Refused { transaction_id, .. } if transaction_id.0 == 9), "{error}");
    // By another agent it is another request; without a wait nothing is in its way.
    here.ask(second, SOON, &question).unwrap();
    here.ask(first, None, &question).unwrap_err();
    let [one, other] = [here.next().await, here.next().await];
    assert_eq!((one.agent, other.agent), (second, first));
    assert_eq!((transaction_id(&one) as u32, transaction_id(&other) as u32), (9, 9));
    assert_ne!(transaction_id(&one) >> 32, transaction_id(&other) >> 32);
    // The wait is over.
    here.ask(first, SOON, &question).unwrap();
    assert_eq!(here.next().await.delivery, Delivery::Undeliverable);
}

#[tokio::test]
async fn a_long_answer_makes_the_buffer_grow() {
    let machine = Machine::this();
    let long = pattern(300_000);
    let mut here = machine.mad_port(End::Zero, 400_000);
    let mut there = machine.mad_port(End::One, 256);
    let asks = here.register(&by_kernel(asker())).unwrap();
    let answers = there.register(&by_kernel(answerer(Method::GET_TABLE))).unwrap();
    // Twice: in between the buffer shrinks again.
    for id in 1..=2 {
        here.ask(asks, LONG, &mad(Method::GET_TABLE, AttributeId::PATH_RECORD, id)).unwrap();
        let request = there.next().await;
        let whole = segmented(answer(&request, &long));
        there.send(answers, &reply(&request), None, &whole).unwrap();
        let got = here.next().await;
        assert_eq!((got.agent, got.delivery, got.data.len()), (asks, Delivery::Received, 56 + long.len()));
        assert!(got.data[56..] == long, "another content");
    }
}

#[tokio::test]
async fn an_answer_longer_than_the_limit_is_an_error_that_says_so() {
    let machine = Machine::this();
    let (mut here, mut there) = (machine.mad_port(End::Zero, 50_000), machine.mad_port(End::One, 256));
    let asks = here.register(&by_kernel(asker())).unwrap();
    let answers = there.register(&by_kernel(answerer(Method::GET_TABLE))).unwrap();
    here.ask(asks, LONG, &mad(Method::GET_TABLE, AttributeId::PATH_RECORD, 1)).unwrap();
    let request = there.next().await;
    there.send(answers, &reply(&request), None, &segmented(answer(&request, &pattern(60_000)))).unwrap();
    let error = here.receive(&mut Vec::new()).await.unwrap_err();
    let UmadError::TooLong { length, limit } = error else { panic!("{error}") };
    assert!(length > 60_000 && limit == 50_000, "{length} {limit}");
}

/// Run this program again, for one test of it that is another program's part.
struct Other(Child);

impl Other {
    const PART: &str = "FABRIC_HA_PART";

    fn start(test: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture"]).env(Self::PART, "yes");
        let mut other = Self(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap());
        let mut output = BufReader::new(other.0.stdout.as_mut().unwrap());
        let mut line = String::new();
        while !line.contains("registered") {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "it ended");
        }
        other
    }

    /// Whether this process is the other.
    fn is_this() -> bool {
        std::env::var_os(Self::PART).is_some()
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn two_processes_share_the_ports() {
    let machine = Machine::this();
    let takes = |port: &mut MadPort| port.register(&answerer(Method::GET));
    if Other::is_this() {
        let mut there = machine.mad_port(End::One, 256);
        let answers = takes(&mut there).unwrap();
        println!("registered");
        loop {
            let request = there.next().await;
            there.send(answers, &reply(&request), None, &answer(&request, &[0xCD; 200])).unwrap();
        }
    }
    let other = Other::start("two_processes_share_the_ports");
    let (mut here, mut same) = (machine.mad_port(End::Zero, 256), machine.mad_port(End::One, 256));
    let error = takes(&mut same).unwrap_err();
    assert!(matches!(error, UmadError::Taken { class, .. } if class == SA), "{error}");
    // Whoever only asks is in nobody's way, on either port.
    same.register(&asker()).unwrap();
    let asks = here.register(&asker()).unwrap();
    let question = mad(Method::GET, AttributeId::PATH_RECORD, 3);
    here.ask(asks, LONG, &question).unwrap();
    assert_eq!(here.next().await.data[56..], [0xCD; 200]);
    // What a process held is free when it is killed.
    drop(other);
    takes(&mut same).unwrap();
    here.ask(asks, SOON, &question).unwrap();
    assert_eq!(same.next().await.data[8..16], here.next().await.data[8..16]);
}

#[tokio::test]
async fn a_device_that_is_removed_is_gone() {
    let machine = Machine::this();
    let mut there = machine.mad_port(End::One, 256);
    let agent = there.register(&asker()).unwrap();
    run("rdma", &["link", "delete", "rxe1"]);
    let error = there.receive(&mut Vec::new()).await.unwrap_err();
    assert!(matches!(error, UmadError::Gone { .. }), "{error}");
    let error = there.ask(agent, SOON, &mad(Method::GET, AttributeId::PATH_RECORD, 1)).unwrap_err();
    assert!(matches!(error, UmadError::Gone { .. }), "{error}");
    assert!(error.to_string().starts_with("port rxe1/1 is gone"), "{error}");
    drop(there);
    run("rdma", &["link", "add", "rxe1", "type", "rxe", "netdev", "veth1"]);
    drop(machine.mad_port(End::One, 256));
}

/// The older registration, which nothing that is spoken to here asks for any more, by the bytes that the transport would send.
#[test]
fn the_older_registration_is_one_to_the_kernel_too() {
    let _machine = Machine::this();
    let register = |device: &File, bytes: &mut [u8], number: u64| {
        // SAFETY: the kernel reads and writes as many bytes as the number of the request says, which the slice has.
        unsafe { libc::ioctl(device.as_raw_fd(), number as _, bytes.as_mut_ptr()) }
    };
    let [_, older, _, _, newer] = transport::umad_numbers();
    let device = File::options().read(true).write(true).open("/dev/infiniband/umad0").unwrap();
    let [mut by_newer, mut by_older] = transport::umad_registrations(&answerer(Method::SET));
    assert_eq!(register(&device, &mut by_older, older), 0);
    let first = u32::from_ne_bytes(*by_older.first_chunk().unwrap());
    // It is the same registration: by the newer request the methods are taken.
    assert_eq!(register(&device, &mut by_newer, newer), -1);
    assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::EINVAL));
    // The header of 56 bytes goes with it: a datagram behind one is taken, and comes back when nobody answers.
    let port = Machine::this().mad_port(End::Zero, 256);
    let mut message = transport::umad_header(first, 50, &port.far())[..56].to_vec();
    message.extend(mad(Method::GET_TABLE, AttributeId::PATH_RECORD, 5));
    (&device).write_all(&message).unwrap();
    let mut buffer = [0; 400];
    let length = (&device).read(&mut buffer).unwrap();
    assert_eq!(length, 56 + 24);
    let returned = transport::umad_address(false, &buffer[..length]).unwrap();
    assert_eq!(returned.route, port.far().route);
    assert_eq!(buffer[56..][..4], [1, 3, 2, Method::GET_TABLE.0]);
}
