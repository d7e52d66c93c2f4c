//! A sender that sends as fast as the kernel takes datagrams, and a receiver that checks and counts them.

use alloc::sync::Arc;
use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use multipath::wire::HEADER_LENGTH;
use transport::{DatagramChannel, Inbox, Link, Outbox, UdpChannel};

use crate::block_on;

const CHECKSUM: usize = 4;
/// Bytes that the kernel takes in one call at most.
const CALL: usize = 65_507;
const SEGMENTS: usize = 64;

/// How long it takes until `bytes` of payload have arrived. What is lost on the way is not counted, and not sent again.
pub(crate) fn transfer(payload: u16, bytes: usize) -> Duration {
    let (tell, told) = mpsc::channel();
    let done = Arc::new(AtomicBool::new(false));
    let is_done = Arc::clone(&done);
    let receiver = thread::spawn(move || block_on(receive(payload, bytes, &is_done, &tell)));
    let peer = told.recv().expect("the receiver tells its address");
    block_on(send(peer, payload, &done));
    receiver.join().expect("the receiver ends well")
}

async fn receive(payload: u16, bytes: usize, done: &AtomicBool, tell: &mpsc::Sender<SocketAddr>) -> Duration {
    let mut channel = UdpChannel::bind(&[(Ipv4Addr::LOCALHOST, 0).into()]).expect("a free port");
    let address = channel.local_addresses().expect("it is bound")[0];
    tell.send(address).expect("the sender waits");
    let mut inbox = Inbox::new(16);
    let (mut left, mut start) = (bytes, None);
    while left > 0 {
        channel.receive(&mut inbox).await.expect("the socket is there");
        start.get_or_insert_with(Instant::now);
        for (_, datagram) in inbox.datagrams() {
            let Some((covered, checksum)) = datagram.split_last_chunk::<CHECKSUM>() else { continue };
            assert_eq!(crc32fast::hash(covered).to_be_bytes(), *checksum);
            left = left.saturating_sub(payload.into());
        }
    }
    done.store(true, Ordering::Relaxed);
    start.map_or(Duration::ZERO, |start| start.elapsed())
}

async fn send(peer: SocketAddr, payload: u16, done: &AtomicBool) {
    let mut channel = UdpChannel::bind(&[(Ipv4Addr::LOCALHOST, 0).into()]).expect("a free port");
    let link = Link { socket: 0, peer };
    let source = vec![7; payload.into()];
    let length = HEADER_LENGTH + source.len() + CHECKSUM;
    let mut outbox = Outbox::new(16);
    while !done.load(Ordering::Relaxed) {
        while let Some(room) = outbox.room() {
            let count = (CALL / length).clamp(1, SEGMENTS);
            for datagram in room.chunks_exact_mut(length).take(count) {
                let Some((covered, checksum)) = datagram.split_last_chunk_mut::<CHECKSUM>() else { continue };
                covered[HEADER_LENGTH..].copy_from_slice(&source);
                *checksum = crc32fast::hash(covered).to_be_bytes();
            }
            outbox.push(link, count * length, length);
        }
        channel.send(&mut outbox).await.expect("the socket is there");
        tokio::task::yield_now().await;
    }
}
