//! A requester and a listener, over the transport and the clock that the programs use.

use alloc::sync::Arc;
use core::net::SocketAddr;
use core::sync::atomic::Ordering;
use core::time::Duration;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use multipath::{
    Descriptor, Listener, ListenerHandled, Memory, Path, Paths, Received, Requester, RequesterConfig,
    RequesterEvent, ResponderConfig, ViConfig,
};
use peers::Namespaces;
use tokio::runtime::Builder;
use tokio::time::timeout;
use transport::{Clock, DatagramChannel, Inbox, Link, Outbox, UdpChannel};

use crate::arrivals::{Progress, Silence};
use crate::{Cut, LINKS, MESSAGE, PORT, TIMEOUT, enter};

const VI: u16 = 1;
/// How often an end looks whether the round is over.
const TICK: Duration = Duration::from_millis(20);

/// Counts messages.
#[derive(Default)]
struct Counter(usize);

impl Memory for Counter {
    fn receive(&mut self, part: &Received<'_>) {
        self.0 += usize::from(part.is_last);
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

pub(crate) fn silence(namespaces: &Namespaces, cut: Cut) -> Silence {
    let progress = Arc::new(Progress::default());
    thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        let receiving = scope.spawn({
            let progress = Arc::clone(&progress);
            move || {
                enter(namespaces, 1);
                block_on(receive(&progress, &tell))
            }
        });
        told.recv().expect("the receiver listens");
        scope.spawn({
            let progress = Arc::clone(&progress);
            move || {
                enter(namespaces, 0);
                block_on(send(&progress));
            }
        });
        progress.cut_while_flowing(namespaces, cut);
        let arrivals = receiving.join().expect("the receiver ends well");
        cut.end(namespaces);
        let moved = arrivals.windows(2).find(|pair| pair[0].1 != pair[1].1).expect("another path was taken");
        let times: Vec<_> = arrivals.iter().map(|(time, _)| *time).collect();
        let silence = Silence::of(&times);
        assert_eq!(silence.longest, moved[1].0 - moved[0].0, "the longest silence is that of the move");
        silence
    })
}

async fn receive(progress: &Progress, tell: &mpsc::Sender<()>) -> Vec<(Instant, Path)> {
    let addresses: Vec<_> = (0..LINKS).map(|link| address(link, 1, PORT)).collect();
    let mut channel = UdpChannel::bind(&addresses).expect("the port is free");
    tell.send(()).expect("the sender waits");
    let mut listener = Listener::new(ResponderConfig::new(Paths::default(), 1));
    let (mut inbox, mut outbox, mut counter) = (Inbox::new(16), Outbox::new(16), Counter::default());
    let mut arrivals = Vec::new();
    while !progress.is_over.load(Ordering::Relaxed) {
        let Ok(received) = timeout(TICK, channel.receive(&mut inbox)).await else { continue };
        received.expect("the socket is there");
        for (link, datagram) in inbox.datagrams() {
            let before = counter.0;
            let handled = listener.handle_datagram(link, datagram, &mut counter);
            if let (ListenerHandled::Served(path, _), true) = (handled, counter.0 > before) {
                arrivals.push((Instant::now(), path));
            }
        }
        progress.arrived.store(counter.0, Ordering::Relaxed);
        while let Some(room) = outbox.room() {
            let polled = listener.poll_transmit(&counter, room).expect("there is room");
            let Some((link, transmit)) = polled else { break };
            outbox.push(link, transmit.length, transmit.segment);
        }
        channel.send(&mut outbox).await.expect("the socket is there");
    }
    arrivals
}

async fn send(progress: &Progress) {
    let locals: Vec<_> = (0..LINKS).map(|link| address(link, 0, 0)).collect();
    let mut channel = UdpChannel::bind(&locals).expect("free ports");
    let config = RequesterConfig {
        request_timeout: TIMEOUT,
        operation_timeout: TIMEOUT,
        ..RequesterConfig::new(Paths::numbered(1, LINKS), 1, 1)
    };
    let mut requester = Requester::new(config).expect("the settings can be");
    let clock = Clock::start();
    requester.open(clock.now(), ViConfig::new(VI)).expect("the settings can be");
    let message = Bytes::from_static(&[7; MESSAGE]);
    let (mut inbox, mut outbox) = (Inbox::new(16), Outbox::new(16));
    let mut is_open = false;
    while !progress.is_over.load(Ordering::Relaxed) {
        if is_open && requester.is_idle() {
            let posted = requester.post(clock.now(), VI, Descriptor::send(message.clone()));
            posted.expect("there is room");
        }
        while let Some(room) = outbox.room() {
            let transmit = requester.poll_transmit(clock.now(), room).expect("there is room");
            let Some(transmit) = transmit else { break };
            let socket = transmit.path.index();
            let link = Link { socket, peer: address(socket, 1, PORT) };
            outbox.push(link, transmit.length, transmit.segment);
        }
        channel.send(&mut outbox).await.expect("the socket is there");
        while let Some(event) = requester.poll_event() {
            match event {
                RequesterEvent::Opened { .. } => is_open = true,
                RequesterEvent::Broken { .. } | RequesterEvent::Ended(_) => panic!("{event:?}"),
                _ => {}
            }
        }
        if is_open && requester.is_idle() {
            continue;
        }
        tokio::select! {
            received = channel.receive(&mut inbox) => {
                received.expect("the socket is there");
                for (link, datagram) in inbox.datagrams() {
                    let path = Path::from_index(link.socket).expect("a path is a socket");
                    let _ = requester.handle_datagram(clock.now(), path, datagram);
                }
            }
            () = clock.wait_until(requester.poll_timeout()) => {}
        }
        if requester.poll_timeout().is_some_and(|due| due <= clock.now()) {
            requester.handle_timeout(clock.now());
        }
    }
}
