//! The program `multipath` between two network namespaces, over links that are cut and return, through filters that drop
//! packets and through a relay that delays them. Needs root for the namespaces. The program must be built beforehand, as
//! `./test` does: `cargo build --workspace --bins`.
//!
//! A gibibyte goes in order, a quarter of it unordered; `SEARCH_SCALE=n` sends n times as much.

#![allow(
    clippy::disallowed_methods,
    clippy::std_instead_of_alloc,
    clippy::unwrap_used,
    reason = "a test, under an operating system"
)]

use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Instant;
use std::{env, thread};

use peers::{Namespaces, RunDir};
use serde_json::Value;

const LINKS: usize = 4;
const PORT: u16 = 7700;
/// Bytes that are made at once.
const BLOCK: usize = 1 << 20;

fn program() -> PathBuf {
    let test = env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join("multipath");
    assert!(path.is_file(), "build it first: cargo build --workspace --bins");
    path
}

fn scale() -> u64 {
    env::var("SEARCH_SCALE").map_or(1, |scale| scale.parse().expect("SEARCH_SCALE is a whole number"))
}

/// A program whose lines are read as they come, and which does not outlive the test.
struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
    _watched: mpsc::Sender<()>,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let (watched, done) = mpsc::channel::<()>();
        let (id, deadline) = (child.id().to_string(), Duration::from_secs(300 * scale()));
        thread::spawn(move || {
            // One that hangs is killed, so that the test fails.
            if done.recv_timeout(deadline) == Err(mpsc::RecvTimeoutError::Timeout) {
                let _ = Command::new("kill").args(["-KILL", &id]).status();
            }
        });
        Self { child, lines, _watched: watched }
    }

    /// The next event, if there is one.
    fn next(&mut self) -> Option<Value> {
        let mut line = String::new();
        let length = self.lines.read_line(&mut line).unwrap();
        (length > 0).then(|| serde_json::from_str(&line).unwrap())
    }

    fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.next().expect("it ended before what was waited for");
            if wanted(&event) {
                return event;
            }
        }
    }

    fn succeed(mut self) -> Vec<Value> {
        let events = core::iter::from_fn(|| self.next()).collect();
        assert!(self.child.wait().unwrap().success(), "{events:?}");
        events
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Numbers that look random, without end.
struct Numbers(u64);

impl Numbers {
    fn new() -> Self {
        Self(1)
    }

    fn block(&mut self) -> Vec<u8> {
        let step = |state: u64| {
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)
        };
        let next = |()| {
            self.0 = step(self.0);
            (self.0 ^ self.0 >> 33).to_le_bytes()
        };
        core::iter::repeat_n((), BLOCK / 8).flat_map(next).collect()
    }
}

/// BLAKE3 of a file.
fn hash_of(path: &Path) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path).unwrap()).unwrap();
    hasher.finalize()
}

/// Writes numbers to a program, a quarter of them whenever the test lets it: however fast the machine is, there is something to
/// send before, between and after what happens to the paths.
struct Feeder {
    opened: mpsc::Sender<()>,
    thread: thread::JoinHandle<blake3::Hash>,
}

impl Feeder {
    /// The first quarter of so many blocks. The thread ends with the hash of all.
    fn start(mut to: ChildStdin, blocks: u64) -> Self {
        let (opened, next) = mpsc::channel();
        let thread = thread::spawn(move || {
            let (mut numbers, mut hasher) = (Numbers::new(), blake3::Hasher::new());
            for count in 0..blocks {
                let block = numbers.block();
                hasher.update(&block);
                // Who waits no more has failed, and says why; so has a program that reads no more.
                let may_go_on = count == 0 || count % (blocks / 4) > 0 || next.recv().is_ok();
                if !may_go_on || to.write_all(&block).is_err() {
                    break;
                }
            }
            hasher.finalize()
        });
        Self { opened, thread }
    }

    /// Another quarter.
    fn go_on(&self) {
        self.opened.send(()).unwrap();
    }
}

fn is_change(event: &Value, path: usize, change: &str) -> bool {
    event["event"] == "path" && event["path"] == path && event["change"] == change
}

/// Two ends in their namespaces, before the first byte.
fn start(namespaces: &Namespaces, dir: &RunDir, arguments: &[&str]) -> (Running, Running) {
    let address = |link: usize, end: usize| Namespaces::address(link, end);
    let mut command = namespaces.command(1, &program());
    let listen: Vec<_> = (0..namespaces.links()).map(|link| format!("{}:{PORT}", address(link, 1))).collect();
    command
        .args(["--json", "recv", "--once", "--listen", &listen.join(","), "--output"])
        .arg(dir.file("received"));
    let mut receiver = Running::start(command);
    receiver.wait_for(|event| event["event"] == "listening");
    let mut command = namespaces.command(0, &program());
    command.args(["--json", "send", "-"]).args(arguments);
    for link in 0..namespaces.links() {
        command.arg(format!("--path=local={},remote={}:{PORT}", address(link, 0), address(link, 1)));
    }
    (receiver, Running::start(command))
}

/// `mebibytes` arrive while packets are dropped. One link is cut and tells so, another falls silent, and the first returns.
fn cut_and_return(order: &[&str], mebibytes: u64) {
    let blocks = mebibytes * scale();
    let dir = RunDir::new().unwrap();
    let namespaces = Namespaces::new(&dir, LINKS, 9000).unwrap();
    // One packet in a thousand, at each end.
    namespaces.drop_at_random(1).unwrap();
    let start_of_transfer = Instant::now();
    let (receiver, mut sender) =
        start(&namespaces, &dir, &[order, &["--payload=8000", "--probe=100"]].concat());
    let feeder = Feeder::start(sender.child.stdin.take().unwrap(), blocks);
    sender.wait_for(|event| event["event"] == "accepted");
    namespaces.cut(0).unwrap();
    feeder.go_on();
    sender.wait_for(|event| is_change(event, 1, "down"));
    // At any time: from the first second of all on.
    namespaces.silence_from(1, 0).unwrap();
    feeder.go_on();
    sender.wait_for(|event| is_change(event, 2, "down"));
    namespaces.restore(0).unwrap();
    sender.wait_for(|event| is_change(event, 1, "up"));
    feeder.go_on();
    let events = sender.succeed();
    let counters = events.iter().find(|event| event["event"] == "counters").unwrap();
    let repeated =
        counters["paths"].as_array().unwrap().iter().map(|path| path["repeated"].as_u64().unwrap());
    assert!(repeated.sum::<u64>() > 0, "nothing was lost: {counters}");
    let received = receiver.succeed();
    let took = start_of_transfer.elapsed().as_secs_f64();
    let sent = feeder.thread.join().unwrap();
    assert_eq!(hash_of(&dir.file("received")), sent, "other bytes arrived");
    let done = received.iter().find(|event| event["event"] == "done").unwrap();
    assert_eq!(done["hash"], sent.to_string());
    assert_eq!(done["bytes"], blocks * BLOCK as u64);
    println!("{blocks} MiB {order:?} in {took:.1} s: {counters}");
}

#[test]
fn a_file_in_order_arrives_over_links_that_are_cut_and_return() {
    cut_and_return(&[], 1024);
}

#[test]
fn a_file_in_any_order_arrives_over_links_that_are_cut_and_return() {
    cut_and_return(&["--unordered"], 256);
}

/// A datagram that a relay holds back: earliest first.
type Held = BinaryHeap<core::cmp::Reverse<(Instant, u64, Vec<u8>, bool)>>;

/// Relays datagrams between the sender, whoever that is, and `receiver`, each after 1 to 5 ms, so that later ones overtake
/// earlier ones. Ends when it is dropped.
struct Relay {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // One that has panicked has said so.
        let _ = self.thread.take().map(thread::JoinHandle::join);
    }
}

fn relay(receiver: SocketAddr) -> Relay {
    let (front, back) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let address = front.local_addr().unwrap();
    // The relay waits on one socket, not longer than it may hold a datagram back, and then looks at the other.
    front.set_read_timeout(Some(Duration::from_micros(200))).unwrap();
    back.set_nonblocking(true).unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&is_over);
    let thread = thread::spawn(move || {
        let (mut held, mut sender, mut count) = (Held::new(), None, 0_u64);
        let mut buffer = vec![0; 65_536];
        while !told.load(Ordering::Relaxed) {
            for (socket, to_receiver) in [(&front, true), (&back, false)] {
                while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                    if to_receiver {
                        sender = Some(from);
                    }
                    count += 1;
                    let delay =
                        Duration::from_micros(1000 + count.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 4000);
                    let entry = (Instant::now() + delay, count, buffer[..length].to_vec(), to_receiver);
                    held.push(core::cmp::Reverse(entry));
                }
            }
            while held.peek().is_some_and(|first| first.0.0 <= Instant::now()) {
                let Some(core::cmp::Reverse((_, _, bytes, to_receiver))) = held.pop() else { break };
                // A buffer that is full loses it, as in a network.
                let _ = match (to_receiver, sender) {
                    (true, _) => back.send_to(&bytes, receiver),
                    (false, Some(sender)) => front.send_to(&bytes, sender),
                    (false, None) => Ok(0),
                };
            }
        }
    });
    Relay { address, is_over, thread: Some(thread) }
}

#[test]
fn a_file_arrives_through_relays_that_delay_and_reorder() {
    for order in [&["--payload=1400"][..], &["--payload=1400", "--unordered"]] {
        let dir = RunDir::new().unwrap();
        fs::write(dir.file("file"), Numbers::new().block()).unwrap();
        let mut command = Command::new(program());
        command.args(["--json", "recv", "--once", "--listen", "127.0.0.1:0,127.0.0.1:0", "--output"]);
        command.arg(dir.file("received"));
        let mut receiver = Running::start(command);
        let listening = receiver.wait_for(|event| event["event"] == "listening");
        let mut command = Command::new(program());
        command.args(["--json", "send"]).arg(dir.file("file")).args(order);
        let mut relays = Vec::new();
        for address in listening["addresses"].as_array().unwrap() {
            let relay = relay(address.as_str().unwrap().parse().unwrap());
            command.arg(format!("--path=local=127.0.0.1,remote={}", relay.address));
            relays.push(relay);
        }
        Running::start(command).succeed();
        receiver.succeed();
        assert_eq!(
            hash_of(&dir.file("received")),
            hash_of(&dir.file("file")),
            "{order:?}: other bytes arrived"
        );
    }
}
