//! Requester plus responder for one ordered packet, against copying 4 KiB within the cache, and against the sliding window of
//! s2n-quic-core with a bounded queue beside it.
//!
//! All sides have 64 packets outstanding at a time. What travels between the ends is written to memory and read from it. The
//! peer does the comparable part: remember number, type, deadline and what was launched; judge the number at the receiver;
//! compare source, VI, number and type of a response with the packet at the front of the queue.

extern crate alloc;

use alloc::collections::VecDeque;
use core::hint::black_box;
use core::time::Duration;

use fabric_ha_bench::{interleave, time};
use s2n_quic_core::packet::number::{PacketNumber, PacketNumberSpace, SlidingWindow};
use s2n_quic_core::varint::VarInt;
use seqwin::{
    Answer, Matched, Order, Requester, RequesterConfig, Responder, ResponderConfig, Response, Stamp,
    TransactionType, Verdict,
};

const ROUNDS: usize = 401;
const PACKETS: usize = 1 << 14;
/// Packets outstanding at a time.
const BURST: usize = 64;
/// Packets that may be outstanding: the places of both queues.
const WINDOW: usize = 128;
const SEND: TransactionType = TransactionType(1);
const PAGE: usize = 4096;

fn main() {
    println!(
        "One ordered packet, {BURST} outstanding at a time, {ROUNDS} rounds of {PACKETS} packets in turn"
    );
    let mut ours = || time(seqwin_packets);
    let mut theirs = || time(s2n_packets);
    let source = black_box([7u8; PAGE]);
    let mut target = [0u8; PAGE];
    let mut copy = || {
        time(|| {
            for _ in 0..PACKETS {
                black_box(&mut target).copy_from_slice(black_box(&source));
            }
        })
    };
    let rounds = interleave(
        ROUNDS,
        &mut [
            ("seqwin Requester and Responder", &mut ours),
            ("s2n SlidingWindow and VecDeque", &mut theirs),
            ("memcpy of 4 KiB", &mut copy),
        ],
    );
    rounds.print("ns", |seconds| seconds * 1e9 / PACKETS as f64);
    println!("  times faster than memcpy           {} (target: 1)", rounds.times_faster(0, 2));
    println!("  times faster than s2n              {} (target: 1)", rounds.times_faster(0, 1));
}

fn deadline(packet: usize) -> Duration {
    Duration::from_micros(1 << 40 | packet as u64)
}

/// What is launched: where in the stream the packet begins.
fn offset(packet: usize) -> u64 {
    packet as u64 * 512
}

#[inline(never)]
fn seqwin_packets() {
    let mut requester: Requester<u64, WINDOW> = Requester::new(RequesterConfig::DEFAULT).expect("it fits");
    let mut responder = Responder::new(ResponderConfig::DEFAULT).expect("it fits");
    let mut wire = [Stamp::default(); BURST];
    let mut completed = 0;
    for first in (0..PACKETS).step_by(BURST) {
        for (place, sent) in wire.iter_mut().enumerate() {
            let packet = first + place;
            let launched =
                requester.launch(Order::Ordered, SEND, black_box(offset(packet)), deadline(packet));
            *sent = launched.expect("there is room");
        }
        for Stamp { sequence, serial } in black_box(wire) {
            let verdict = responder.receive(sequence, Order::Ordered);
            assert_eq!(verdict, Verdict::Expected);
            let answer = Answer::Acknowledged;
            let response = Response { source: 0, vi: 0, sequence, kind: SEND, serial, answer };
            let matched = requester.handle_response(&response, |offset| {
                black_box(offset);
                completed += 1;
            });
            assert!(matches!(matched, Matched::Acknowledged { .. }));
        }
    }
    assert_eq!(completed, PACKETS);
}

/// What the peer remembers of a packet.
struct Sent {
    number: PacketNumber,
    kind: TransactionType,
    deadline: Duration,
    offset: u64,
}

#[inline(never)]
fn s2n_packets() {
    let mut queue: VecDeque<Sent> = VecDeque::with_capacity(WINDOW);
    let mut window = SlidingWindow::default();
    let own = black_box((0u32, 0u32));
    let mut wire = [number(0); BURST];
    let mut completed = 0;
    for first in (0..PACKETS).step_by(BURST) {
        for (place, sent) in wire.iter_mut().enumerate() {
            let packet = first + place;
            assert!(queue.len() < WINDOW, "there is room");
            *sent = number(packet);
            let offset = black_box(offset(packet));
            queue.push_back(Sent { number: *sent, kind: SEND, deadline: deadline(packet), offset });
        }
        for number in black_box(wire) {
            assert!(window.insert(number).is_ok());
            let (source, vi, kind) = (0, 0, SEND);
            let matches = |front: &Sent| front.number == number && front.kind == kind;
            assert!((source, vi) == own && queue.front().is_some_and(matches));
            if let Some(front) = queue.pop_front() {
                black_box(front.deadline);
                black_box(front.offset);
            }
            completed += 1;
        }
    }
    assert_eq!(completed, PACKETS);
}

fn number(packet: usize) -> PacketNumber {
    PacketNumberSpace::ApplicationData.new_packet_number(VarInt::from_u32(packet as u32))
}
