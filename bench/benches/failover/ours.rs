//! A requester and a listener, over the transport and the clock that the programs use.

use alloc::sync::Arc;
use core::net::SocketAddr;
use core::sync::atomic::Ordering;
use core::time::Duration;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use multipath::{
    Descriptor, Listener, ListenerHandled, Memory, Path, Paths, Received, Requester, RequesterConfig,
    RequesterEvent, ResponderConfig, ViConfig,
};
use peers::Namespaces;
use tokio::runtime::Builder;
use tokio::time::timeout;
use transport::{Clock, DatagramChannel, Inbox, Link, Outbox, UdpChannel};

use crate::arrivals::{Failover, Progress, message, number_of};
use crate::cut::Cut;
use crate::{BUSY_WAIT, LINKS, PACE, PORT, TIMEOUT, enter};

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

/// Also returns the round trip of the message that the path is down.
pub(crate) fn failover(namespaces: &Namespaces, cut: Cut) -> (Failover, Duration) {
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
                block_on(send(&progress))
            }
        });
        let time = progress.cut_while_flowing(namespaces, cut);
        let (handed_in, round_trip) = sending.join().expect("the sender ends well");
        let arrivals = receiving.join().expect("the receiver ends well");
        cut.end(namespaces);
        let moved = arrivals.windows(2).find(|pair| pair[0].1 != pair[1].1).expect("another path was taken");
        let times: Vec<_> = arrivals.iter().map(|(number, _, time)| (*number, *time)).collect();
        let failover = Failover::of(&handed_in, &times, time);
        assert_eq!(failover.silence, moved[1].2 - moved[0].2, "the longest silence is that of the move");
        (failover, round_trip)
    })
}

async fn receive(progress: &Progress, tell: &mpsc::Sender<()>) -> Vec<(usize, Path, Instant)> {
    let addresses: Vec<_> = (0..LINKS).map(|link| address(link, 1, PORT)).collect();
    let mut channel = UdpChannel::bind(&addresses).expect("the port is free");
    tell.send(()).expect("the sender waits");
    let mut listener = Listener::new(ResponderConfig::new(Paths::default(), 1));
    let (mut inbox, mut outbox, mut latest) = (Inbox::new(16), Outbox::new(16), Latest::default());
    let mut arrivals = Vec::new();
    while !progress.is_over.load(Ordering::Relaxed) {
        let Ok(received) = timeout(TICK, channel.receive(&mut inbox)).await else { continue };
        received.expect("the socket is there");
        for (link, datagram) in inbox.datagrams() {
            let handled = listener.handle_datagram(link, datagram, &mut latest);
            if let (ListenerHandled::Served(path, _), Some(number)) = (handled, latest.0.take()) {
                arrivals.push((number, path, Instant::now()));
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

/// Returns when each message was handed in, and the round trip of the message that the path is down.
async fn send(progress: &Progress) -> (Vec<Instant>, Duration) {
    let locals: Vec<_> = (0..LINKS).map(|link| address(link, 0, 0)).collect();
    let mut channel = UdpChannel::bind(&locals).expect("free ports");
    let config = RequesterConfig {
        request_timeout: TIMEOUT,
        operation_timeout: TIMEOUT,
        ..RequesterConfig::new(Paths::numbered(1, LINKS), 1, 1)
    };
    let mut requester = Requester::new(config).expect("the settings can be");
    let clock = Clock::start().busy_waiting(BUSY_WAIT);
    requester.open(clock.now(), ViConfig::new(VI)).expect("the settings can be");
    let (mut inbox, mut outbox) = (Inbox::new(16), Outbox::new(1));
    let (mut handed_in, mut is_open, mut next) = (Vec::new(), false, Duration::ZERO);
    let (mut heard, mut told, mut round_trip) = (Instant::now(), None, None);
    while !progress.is_over.load(Ordering::Relaxed) {
        if is_open && next <= clock.now() && requester.room(VI) > 0 {
            next = clock.now() + PACE;
            handed_in.push(Instant::now());
            progress.handed_in.store(handed_in.len(), Ordering::Relaxed);
            let message = message(handed_in.len() - 1).to_vec();
            requester.post(clock.now(), VI, Descriptor::send(message)).expect("there is room");
        }
        let mut leaving = Instant::now();
        while let Some(room) = outbox.room() {
            let transmit = requester.poll_transmit(clock.now(), room).expect("there is room");
            let Some(transmit) = transmit else { break };
            let socket = transmit.path.index();
            let link = Link { socket, peer: address(socket, 1, PORT) };
            outbox.push(link, transmit.length, transmit.segment);
            leaving = Instant::now();
            channel.send(&mut outbox).await.expect("the socket is there");
        }
        while let Some(event) = requester.poll_event() {
            match event {
                RequesterEvent::Opened { .. } => is_open = true,
                RequesterEvent::PathFailed(_) => told = Some(leaving),
                RequesterEvent::PathDown(_) => round_trip = told.map(|told| heard - told),
                RequesterEvent::Broken { .. } | RequesterEvent::Ended(_) => panic!("{event:?}"),
                _ => {}
            }
        }
        let post = (is_open && requester.room(VI) > 0).then_some(next);
        tokio::select! {
            received = channel.receive(&mut inbox) => {
                received.expect("the socket is there");
                heard = Instant::now();
                for (link, datagram) in inbox.datagrams() {
                    let path = Path::from_index(link.socket).expect("a path is a socket");
                    let _ = requester.handle_datagram(clock.now(), path, datagram);
                }
            }
            () = clock.wait_until(requester.poll_timeout().into_iter().chain(post).min()) => {}
        }
        if requester.poll_timeout().is_some_and(|due| due <= clock.now()) {
            requester.handle_timeout(clock.now());
        }
    }
    (handed_in, round_trip.expect("the responder was told that the path is down"))
}
