//! A requester and a listener, over the transport and the clock that the programs use.

use alloc::sync::Arc;
use core::net::SocketAddr;
use core::sync::atomic::Ordering;
use core::time::Duration;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use multipath::{
    Descriptor, Listener, ListenerHandled, MAX_WINDOW, Memory, Path, PathState, Paths, Received, Requester,
    RequesterConfig, RequesterEvent, ResponderConfig, ResponderHandled, ViConfig,
};
use peers::Namespaces;
use tokio::runtime::Builder;
use tokio::time::sleep;
use transport::{Clock, DatagramChannel, Inbox, Link, Outbox, UdpChannel};

use crate::arrivals::{Arrival, Failover, Progress, message, number_of};
use crate::cut::{Cut, Moment};
use crate::{BUSY_WAIT, LINKS, Load, PORT, TIMEOUT, enter};

const VI: u16 = 1;
/// How often an end looks whether the round is over.
const TICK: Duration = Duration::from_millis(20);

/// Takes note of the last message.
#[derive(Default)]
struct Latest(Option<usize>);

impl Memory for Latest {
    fn receive(&mut self, part: &Received<'_>) {
        self.0 = Some(number_of(part.data));
    }
    fn write(&mut self, _vi: u16, _address: u64, _data: &[u8], _immediate: Option<u32>) {}
    fn read(&self, _vi: u16, _address: u64, _out: &mut [u8]) {}
}

fn address(link: usize, end: usize, port: u16) -> SocketAddr {
    SocketAddr::new(Namespaces::address(link, end).parse().expect("an address"), port)
}

/// Run one end on a runtime of its own.
fn block_on<T>(end: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(end)
}

/// Attempts at a round on a machine that is too busy.
const ATTEMPTS: usize = 20;

/// Messages that wait to be acknowledged at most: more than may be outstanding.
const QUEUE: usize = 2 * MAX_WINDOW;

/// What the sender has to tell.
struct Sent {
    /// When each message was handed in.
    handed_in: Vec<Instant>,
    /// When a path was first questioned.
    questioned: Option<Instant>,
    /// The round trip of the message that the path is down.
    round_trip: Option<Duration>,
}

/// Also returns the round trip of the message that the path is down.
pub(crate) fn failover(namespaces: &Namespaces, load: Load, cut: Cut) -> (Failover, Duration) {
    let mut attempts = (0..ATTEMPTS).map(|_| attempt(namespaces, load, cut));
    attempts.find_map(|attempt| attempt).expect("once the path is in use until it is cut")
}

/// Nothing if a path was left before the cut: an end had to wait for a processor for as long as a time-out.
fn attempt(namespaces: &Namespaces, load: Load, cut: Cut) -> Option<(Failover, Duration)> {
    cut.prepare();
    let progress = Arc::new(Progress::default());
    thread::scope(|scope| {
        let _end = progress.end_on_drop();
        let (tell, told) = mpsc::channel();
        let receiving = scope.spawn({
            let progress = Arc::clone(&progress);
            move || {
                enter(namespaces, 1);
                block_on(receive(&progress, &tell))
            }
        });
        told.recv().expect("the receiver listens");
        let sending = scope.spawn({
            let progress = Arc::clone(&progress);
            move || {
                enter(namespaces, 0);
                block_on(send(&progress, load))
            }
        });
        let time = progress.cut_while_flowing(namespaces, cut);
        let sent = sending.join().expect("the sender ends well");
        let arrivals = receiving.join().expect("the receiver ends well");
        cut.end(namespaces);
        let (Moment::At(begin) | Moment::After(begin)) = time;
        if sent.questioned.is_some_and(|questioned| questioned < begin) {
            eprintln!("a path was left before the cut, since the machine is busy: once more");
            return None;
        }
        let mut pairs = arrivals.windows(2).map(|pair| (pair[0], pair[1]));
        let (last, first) = pairs.find(|(last, first)| last.0 != first.0).expect("another path was taken");
        let failover = Failover::of(&sent.handed_in, last.1, first.1, time);
        Some((failover, sent.round_trip.expect("the responder was told that the path is down")))
    })
}

async fn receive(progress: &Progress, tell: &mpsc::Sender<()>) -> Vec<(Path, Arrival)> {
    let addresses: Vec<_> = (0..LINKS).map(|link| address(link, 1, PORT)).collect();
    let mut channel = UdpChannel::bind(&addresses).expect("the port is free");
    tell.send(()).expect("the sender waits");
    let mut listener = Listener::new(ResponderConfig::new(Paths::default(), 1));
    let (mut inbox, mut outbox, mut latest) = (Inbox::new(16), Outbox::new(16), Latest::default());
    let clock = Clock::start().busy_waiting(BUSY_WAIT);
    let (mut arrivals, mut awake) = (Vec::new(), Duration::ZERO);
    while !progress.is_over.load(Ordering::Relaxed) {
        tokio::select! {
            biased;
            received = channel.receive(&mut inbox) => received.expect("the socket is there"),
            () = clock.stay_awake(awake) => continue,
            () = sleep(TICK) => continue,
        }
        for (link, datagram) in inbox.datagrams() {
            let handled = listener.handle_datagram(link, datagram, &mut latest);
            match (handled, latest.0.take()) {
                (ListenerHandled::Served(path, _), Some(number)) => {
                    arrivals.push((path, (number, Instant::now())));
                }
                (ListenerHandled::Served(_, ResponderHandled::Supervised), _) => awake = clock.expects(),
                _ => {}
            }
        }
        progress.arrived.store(arrivals.len(), Ordering::Relaxed);
        while let Some(room) = outbox.room() {
            let polled = listener.poll_transmit(&latest, room).expect("there is room");
            let Some((link, transmit)) = polled else { break };
            outbox.push(link, transmit.length, transmit.segment);
        }
        channel.send(&mut outbox).await.expect("the socket is there");
    }
    arrivals
}

/// How far the requester is with telling that a path is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Telling {
    Nothing,
    Told,
    Acknowledged,
}

impl Telling {
    fn of(requester: &Requester) -> Self {
        let states = Path::ALL[..LINKS].iter().map(|path| requester.path_state(*path));
        let of = |state| match state {
            PathState::Doubted | PathState::TellingDown => Some(Self::Told),
            PathState::Suspended | PathState::Bad => Some(Self::Acknowledged),
            PathState::Good | PathState::Questioned | PathState::Failed | PathState::TellingUp => None,
        };
        states.filter_map(of).next().unwrap_or(Self::Nothing)
    }
}

async fn send(progress: &Progress, load: Load) -> Sent {
    let locals: Vec<_> = (0..LINKS).map(|link| address(link, 0, 0)).collect();
    let mut channel = UdpChannel::bind(&locals).expect("free ports");
    let links: Vec<_> = (0..LINKS).map(|socket| Link { socket, peer: address(socket, 1, PORT) }).collect();
    let config = RequesterConfig {
        request_timeout: TIMEOUT,
        operation_timeout: TIMEOUT,
        queue_length: QUEUE,
        ..RequesterConfig::new(Paths::numbered(1, LINKS), 1, 1)
    };
    let mut requester = Requester::new(config).expect("the settings can be");
    let clock = Clock::start().busy_waiting(BUSY_WAIT);
    requester.open(clock.now(), ViConfig::new(VI)).expect("the settings can be");
    let (mut inbox, mut outbox) = (Inbox::new(16), Outbox::new(1));
    let (mut is_open, mut next, mut awake) = (false, Duration::ZERO, Duration::ZERO);
    let (mut heard, mut told) = (Instant::now(), None);
    let mut sent = Sent { handed_in: Vec::new(), questioned: None, round_trip: None };
    while !progress.is_over.load(Ordering::Relaxed) {
        let leaving = Instant::now();
        while let Some(room) = outbox.room() {
            let transmit = requester.poll_transmit(clock.now(), room).expect("there is room");
            let Some(transmit) = transmit else { break };
            outbox.push(links[transmit.path.index()], transmit.length, transmit.segment);
            channel.send(&mut outbox).await.expect("the socket is there");
        }
        while let Some(event) = requester.poll_event() {
            match event {
                RequesterEvent::Opened { .. } => is_open = true,
                RequesterEvent::PathQuestioned(_) => {
                    sent.questioned.get_or_insert(leaving);
                    awake = clock.expects();
                }
                RequesterEvent::PathFailed(_) | RequesterEvent::PathDown(_) => awake = clock.expects(),
                RequesterEvent::Broken { .. } | RequesterEvent::Ended(_) => panic!("{event:?}"),
                _ => {}
            }
        }
        match Telling::of(&requester) {
            Telling::Nothing => {}
            // The program sleeps meanwhile: the round trip, and the bound with it, would be longer.
            Telling::Told if told.is_none() => (told, awake) = (Some(leaving), clock.expects()),
            Telling::Told => {}
            Telling::Acknowledged => {
                sent.round_trip = sent.round_trip.or_else(|| told.map(|told| heard - told));
            }
        }
        let mut has_posted = false;
        while is_open && next <= clock.now() && requester.room(VI) > 0 {
            next = clock.now() + load.pace();
            sent.handed_in.push(Instant::now());
            progress.handed_in.store(sent.handed_in.len(), Ordering::Relaxed);
            let message = message(sent.handed_in.len() - 1).to_vec();
            requester.post(clock.now(), VI, Descriptor::send(message)).expect("there is room");
            has_posted = true;
        }
        if has_posted {
            continue;
        }
        let post = (is_open && requester.room(VI) > 0).then_some(next);
        tokio::select! {
            received = channel.receive(&mut inbox) => {
                received.expect("the socket is there");
                for (link, datagram) in inbox.datagrams() {
                    let path = Path::from_index(link.socket).expect("a path is a socket");
                    let _ = requester.handle_datagram(clock.now(), path, datagram);
                }
                heard = Instant::now();
            }
            () = clock.stay_awake(awake) => {}
            () = clock.wait_until(requester.poll_timeout().into_iter().chain(post).min()) => {}
        }
        if requester.poll_timeout().is_some_and(|due| due <= clock.now()) {
            requester.handle_timeout(clock.now());
        }
    }
    sent
}
