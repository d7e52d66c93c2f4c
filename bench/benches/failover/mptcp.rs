//! A connection of the kernel's MPTCP: a subflow over each link, the second as a backup.

use alloc::sync::Arc;
use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::Ordering;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use peers::Namespaces;
use socket2::{Domain, Protocol, Socket, Type};

use crate::arrivals::{Arrival, Failover, PATIENCE, Progress, message, number_of};
use crate::cut::{Cut, Moment};
use crate::{Load, MESSAGE, PORT, enter};

/// `IPPROTO_MPTCP` of `linux/in.h`.
const MPTCP: i32 = 262;

/// Have the receiver announce its address on the second link, and the sender make a subflow to it.
pub(crate) fn configure(namespaces: &Namespaces) {
    let second = Namespaces::address(1, 1);
    let lines = [
        (0, "mptcp limits set subflows 1 add_addr_accepted 1".to_owned()),
        (1, "mptcp limits set subflows 1 add_addr_accepted 1".to_owned()),
        (1, format!("mptcp endpoint add {second} dev {} signal backup", Namespaces::device(1))),
    ];
    for (end, line) in lines {
        let mut command = namespaces.command(end, Path::new("ip"));
        let status = command.args(line.split(' ')).status().expect("ip runs");
        assert!(status.success(), "ip {line}: is MPTCP in this kernel?");
    }
}

fn socket() -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::from(MPTCP)));
    socket.expect("MPTCP is in this kernel, and enabled (sysctl net.mptcp.enabled)")
}

fn server_address() -> SocketAddr {
    SocketAddr::new(Namespaces::address(0, 1).parse().expect("an address"), PORT)
}

pub(crate) fn failover(namespaces: &Namespaces, load: Load, cut: Cut) -> Failover {
    cut.prepare();
    let progress = Arc::new(Progress::default());
    thread::scope(|scope| {
        let _end = progress.end_on_drop();
        let (tell, told) = mpsc::channel();
        let receiving = scope.spawn({
            let progress = Arc::clone(&progress);
            move || {
                enter(namespaces, 1);
                let socket = socket();
                socket.set_reuse_address(true).expect("an option of every socket");
                // The second subflow comes to the second address.
                let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT));
                socket.bind(&any.into()).expect("the port is free");
                socket.listen(1).expect("it is bound");
                tell.send(()).expect("the sender waits");
                receive(&TcpListener::from(socket), &progress)
            }
        });
        told.recv().expect("the receiver listens");
        let (tell, told) = mpsc::channel();
        let sending = scope.spawn({
            let progress = Arc::clone(&progress);
            move || {
                enter(namespaces, 0);
                send(&progress, load, &tell)
            }
        });
        told.recv().expect("both subflows are there");
        let time = progress.cut_while_flowing(namespaces, cut);
        let handed_in = sending.join().expect("the sender ends well");
        let arrivals = receiving.join().expect("the receiver ends well");
        cut.end(namespaces);
        // What was handed in later was lost, or came over the other link.
        let is_before = |number: usize| match time {
            Moment::At(cut) => handed_in[number] < cut,
            Moment::After(_) => true,
        };
        let pairs = arrivals.windows(2).map(|pair| (pair[0], pair[1])).filter(|(last, _)| is_before(last.0));
        let (last, first) = pairs.max_by_key(|(last, first)| first.1 - last.1).expect("messages arrived");
        Failover::of(&handed_in, last, first, time)
    })
}

fn receive(listener: &TcpListener, progress: &Progress) -> Vec<Arrival> {
    let (mut stream, _) = listener.accept().expect("the sender connects");
    let (mut message, mut arrivals) = ([0; MESSAGE], Vec::new());
    loop {
        match stream.read_exact(&mut message) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return arrivals,
            Err(error) => panic!("{error}"),
        }
        arrivals.push((number_of(&message), Instant::now()));
        progress.arrived.store(arrivals.len(), Ordering::Relaxed);
    }
}

fn send(progress: &Progress, load: Load, tell: &mpsc::Sender<()>) -> Vec<Instant> {
    let before = subflows();
    let socket = socket();
    socket.connect(&server_address().into()).expect("the receiver listens");
    let mut stream = TcpStream::from(socket);
    stream.set_nodelay(true).expect("an option of every stream");
    let (start, mut has_told) = (Instant::now(), false);
    let mut handed_in = Vec::new();
    while !progress.is_over.load(Ordering::Relaxed) {
        let now = Instant::now();
        handed_in.push(now);
        progress.handed_in.store(handed_in.len(), Ordering::Relaxed);
        // It waits when too much is not acknowledged.
        stream.write_all(&message(handed_in.len() - 1)).expect("the receiver is there");
        if !has_told && subflows() > before {
            has_told = true;
            tell.send(()).expect("the link is to be cut");
        }
        assert!(has_told || start.elapsed() < PATIENCE, "the kernel makes no second subflow");
        while now.elapsed() < load.pace() {
            core::hint::spin_loop();
        }
    }
    handed_in
}

/// Further subflows that this namespace has made so far.
fn subflows() -> u64 {
    let counters = fs::read_to_string("/proc/thread-self/net/netstat").expect("procfs");
    let mut lines = counters.lines().filter_map(|line| line.strip_prefix("MPTcpExt:"));
    let (names, values) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let joined = names.split(' ').zip(values.split(' ')).find(|(name, _)| *name == "MPJoinSynAckRx");
    joined.and_then(|(_, value)| value.parse().ok()).expect("the kernel counts subflows")
}
