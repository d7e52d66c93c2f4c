//! A requester and a listener, over the transport that the programs use.

use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use multipath::{
    Descriptor, Listener, Memory, Path, Paths, Received, Requester, RequesterConfig, RequesterEvent,
    ResponderConfig, ViConfig,
};
use tokio::time::timeout;
use transport::{DatagramChannel, Inbox, Link, Outbox, UdpChannel};

use crate::{PATIENCE, block_on};

const VI: u16 = 1;
const MESSAGE: usize = 1 << 20;

/// Counts what arrives.
struct Counter(usize);

impl Memory for Counter {
    fn receive(&mut self, part: &Received<'_>) {
        self.0 += part.data.len();
    }
    fn write(&mut self, _vi: u16, _address: u64, _data: &[u8], _immediate: Option<u32>) {}
    fn read(&self, _vi: u16, _address: u64, _out: &mut [u8]) {}
}

/// How long it takes until `bytes` are acknowledged, from the opening of the virtual interface on.
pub(crate) fn transfer(payload: u16, bytes: usize) -> Duration {
    let (tell, told) = mpsc::channel();
    let receiver = thread::spawn(move || block_on(receive(bytes, &tell)));
    let (peer, buffer) = told.recv().expect("the receiver tells its address");
    let took = block_on(send(peer, buffer, payload, bytes));
    assert_eq!(receiver.join().expect("the receiver ends well"), bytes);
    took
}

async fn receive(bytes: usize, tell: &mpsc::Sender<(SocketAddr, usize)>) -> usize {
    let mut channel = UdpChannel::bind(&[(Ipv4Addr::LOCALHOST, 0).into()]).expect("a free port");
    let address = channel.local_addresses().expect("it is bound")[0];
    tell.send((address, channel.receive_buffer().expect("it is bound"))).expect("the sender waits");
    let mut listener = Listener::new(ResponderConfig::new(Paths::default(), 1));
    let (mut inbox, mut outbox, mut counter) = (Inbox::new(16), Outbox::new(16), Counter(0));
    // The last acknowledgements may be lost: answer until the requester is silent.
    loop {
        let patience = if counter.0 < bytes { PATIENCE } else { Duration::from_millis(5) };
        let Ok(received) = timeout(patience, channel.receive(&mut inbox)).await else { return counter.0 };
        received.expect("the socket is there");
        for (link, datagram) in inbox.datagrams() {
            listener.handle_datagram(link.peer, datagram, &mut counter);
        }
        loop {
            while let Some(room) = outbox.room() {
                let Some((peer, transmit)) = listener.poll_transmit(&counter, room).expect("there is room")
                else {
                    break;
                };
                outbox.push(Link { socket: 0, peer }, transmit.length, transmit.segment);
            }
            if outbox.is_empty() {
                break;
            }
            channel.send(&mut outbox).await.expect("the socket is there");
        }
    }
}

async fn send(peer: SocketAddr, buffer: usize, payload: u16, bytes: usize) -> Duration {
    let mut channel = UdpChannel::bind(&[(Ipv4Addr::LOCALHOST, 0).into()]).expect("a free port");
    let link = Link { socket: 0, peer };
    let mut requester =
        Requester::new(RequesterConfig::new(Paths::numbered(1, 1), 1, 1)).expect("the settings can be");
    let clock = Instant::now();
    // As much as the receiver's socket holds while its thread is not running; the kernel counts about twice the bytes.
    let window = (buffer / 2 / usize::from(payload)).clamp(1, multipath::MAX_WINDOW);
    let vi = ViConfig {
        sequence_bits: 32,
        window: u32::try_from(window).expect("it is small"),
        ..ViConfig::new(VI).with_payload(payload)
    };
    requester.open(clock.elapsed(), vi).expect("the settings can be");
    let message = Bytes::from(vec![7; MESSAGE]);
    let (mut left, mut start) = (bytes, None);
    let (mut inbox, mut outbox) = (Inbox::new(16), Outbox::new(16));
    loop {
        while start.is_some() && left > 0 && requester.room(VI) > 0 {
            let part = message.slice(..left.min(MESSAGE));
            left -= part.len();
            requester.post(clock.elapsed(), VI, Descriptor::send(part)).expect("there is room");
        }
        loop {
            while let Some(room) = outbox.room() {
                let transmit = requester.poll_transmit(clock.elapsed(), room).expect("there is room");
                let Some(transmit) = transmit else { break };
                outbox.push(link, transmit.length, transmit.segment);
            }
            if outbox.is_empty() {
                break;
            }
            channel.send(&mut outbox).await.expect("the socket is there");
        }
        while let Some(event) = requester.poll_event() {
            match event {
                RequesterEvent::Opened { .. } => start = Some(Instant::now()),
                RequesterEvent::Broken { .. } | RequesterEvent::Ended(_) => panic!("{event:?}"),
                _ => {}
            }
        }
        if let Some(start) = start.filter(|_| left == 0 && requester.is_idle()) {
            return start.elapsed();
        }
        if start.is_some() && left > 0 && requester.room(VI) > 0 {
            continue;
        }
        let due = requester.poll_timeout().map_or(PATIENCE, |due| due.saturating_sub(clock.elapsed()));
        match timeout(due, channel.receive(&mut inbox)).await {
            Ok(received) => {
                received.expect("the socket is there");
                for (_, datagram) in inbox.datagrams() {
                    let _ = requester.handle_datagram(clock.elapsed(), Path::ALL[0], datagram);
                }
            }
            Err(_) => requester.handle_timeout(clock.elapsed()),
        }
    }
}
