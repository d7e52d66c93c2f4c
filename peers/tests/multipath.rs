//! The program `multipath` between two network namespaces, over links that are cut and return, through filters that drop
//! packets and through a relay that delays them. Needs root for the namespaces. The program must be built beforehand, as
//! `./test` does: `cargo build --workspace --bins`.
//!
//! `SEARCH_SCALE` makes what is sent larger: at least 64 MiB times it, so that 16 is a gibibyte.

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
use std::io::{BufRead, BufReader, Read, Write};
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
        let (id, deadline) = (child.id().to_string(), Duration::from_secs(120 * scale()));
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

/// Whether the file has the first so many blocks of the numbers, and nothing else.
fn has(path: &Path, blocks: u64) -> bool {
    let mut file = File::open(path).unwrap();
    let (mut numbers, mut read) = (Numbers::new(), vec![0; BLOCK]);
    file.metadata().unwrap().len() == blocks * BLOCK as u64
        && (0..blocks).all(|_| {
            file.read_exact(&mut read).unwrap();
            read == numbers.block()
        })
}

/// Writes numbers to a program until it is told that they are enough: a transfer that has to last until something has
/// happened lasts as long as that takes, however fast the machine is.
struct Feeder {
    enough: Arc<AtomicBool>,
    thread: thread::JoinHandle<u64>,
}

impl Feeder {
    /// At least so many blocks.
    fn start(mut to: ChildStdin, least: u64) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&enough);
        let thread = thread::spawn(move || {
            let (mut numbers, mut blocks) = (Numbers::new(), 0);
            while blocks < least || !told.load(Ordering::Relaxed) {
                // One that has ended reads no more; the test finds out why.
                if to.write_all(&numbers.block()).is_err() {
                    break;
                }
                blocks += 1;
            }
            blocks
        });
        Self { enough, thread }
    }

    /// No more than the least, if that has been written. How many blocks there are comes when the program has read them.
    fn finish(self) -> thread::JoinHandle<u64> {
        self.enough.store(true, Ordering::Relaxed);
        self.thread
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

/// Links are cut and return while packets are dropped.
fn cut_and_return(order: &[&str]) {
    let dir = RunDir::new().unwrap();
    let namespaces = Namespaces::new(&dir, LINKS, 9000).unwrap();
    // One packet in a thousand, at each end.
    namespaces.drop_at_random(1).unwrap();
    let start_of_transfer = Instant::now();
    let (receiver, mut sender) =
        start(&namespaces, &dir, &[order, &["--payload=8000", "--probe=100"]].concat());
    let feeder = Feeder::start(sender.child.stdin.take().unwrap(), scale() * 64);
    sender.wait_for(|event| event["event"] == "accepted");
    namespaces.cut(0).unwrap();
    sender.wait_for(|event| is_change(event, 1, "down"));
    namespaces.cut(1).unwrap();
    sender.wait_for(|event| is_change(event, 2, "down"));
    namespaces.restore(0).unwrap();
    sender.wait_for(|event| is_change(event, 1, "up"));
    let blocks = feeder.finish();
    let events = sender.succeed();
    let counters = events.iter().find(|event| event["event"] == "counters").unwrap();
    let repeated =
        counters["paths"].as_array().unwrap().iter().map(|path| path["repeated"].as_u64().unwrap());
    assert!(repeated.sum::<u64>() > 0, "nothing was lost: {counters}");
    receiver.succeed();
    let blocks = blocks.join().unwrap();
    assert!(has(&dir.file("received"), blocks), "other bytes arrived");
    println!("{blocks} MiB {order:?} in {:.1} s: {counters}", start_of_transfer.elapsed().as_secs_f64());
}

#[test]
fn a_file_in_order_arrives_over_links_that_are_cut_and_return() {
    cut_and_return(&[]);
}

#[test]
fn a_file_in_any_order_arrives_over_links_that_are_cut_and_return() {
    cut_and_return(&["--unordered"]);
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
        assert!(has(&dir.file("received"), 1), "{order:?}: other bytes arrived");
    }
}
