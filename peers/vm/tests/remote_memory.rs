//! Remote memory: one range at the same address on both ports, under keys that each adapter chooses; what a read during a write can
//! see; and a channel of messages that are written into the other's memory.

#![allow(clippy::std_instead_of_alloc, reason = "there is an operating system")]
#![allow(clippy::disallowed_methods, reason = "tests read the clock")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod verbs_support;

use std::collections::BTreeMap;
use std::time::Instant;

use ib_mad::TimeoutValue;
use machine::{End, Machine};
use transport::verbs::{Access, ConnectionConfig, RemoteKey, RemotePlace, WorkId};

use verbs_support::{LIMIT, PathFault, Side, connect, pair, patient, port, two_paths};

/// Where the range begins, on every node: nobody maps memory there.
const BASE: u64 = 0x5000_0000_0000;
const LENGTH: usize = 1 << 16;

/// What a client calls a range, wherever it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct LogicalKey(u32);

/// A pointer that is valid on every node.
#[derive(Clone, Copy, Debug)]
struct Pointer {
    key: LogicalKey,
    address: u64,
}

/// A node that holds the range: the connection to it, and what its adapter calls the range.
struct Node {
    client: Side,
    server: Side,
    keys: BTreeMap<LogicalKey, RemoteKey>,
}

impl Node {
    /// The node at one port, with a client at the other.
    fn at(end: End, key: LogicalKey) -> Self {
        let beside = if end == End::Zero { End::One } else { End::Zero };
        let (port, client) = (port(end, 0), port(beside, 0));
        // Otherwise both adapters might choose the same key.
        let _before = (end == End::One).then(|| port.register(4096, Access::LOCAL).unwrap());
        let memory = port.register_at(BASE, LENGTH, Access::REMOTE).unwrap();
        let buffer = client.register(LENGTH, Access::LOCAL).unwrap();
        let (client, server) = connect((&client, &buffer), (&port, &memory), &patient());
        assert_eq!(client.remote.address, BASE);
        let keys = BTreeMap::from([(key, client.remote.key)]);
        Self { client, server, keys }
    }

    fn place(&self, pointer: Pointer) -> RemotePlace {
        RemotePlace { address: pointer.address, key: self.keys[&pointer.key] }
    }

    fn write(&self, pointer: Pointer, bytes: &[u8]) {
        self.client.memory.write(0, bytes).unwrap();
        let local = self.client.memory.part(0..bytes.len()).unwrap();
        self.client.queue_pair.write(WorkId(1), local, self.place(pointer)).unwrap();
        self.client.done();
    }

    fn read(&self, pointer: Pointer, length: usize) -> Vec<u8> {
        let local = self.client.memory.part(4096..4096 + length).unwrap();
        self.client.queue_pair.read(WorkId(2), local, self.place(pointer)).unwrap();
        self.client.done();
        self.client.bytes(4096, length)
    }
}

#[test]
fn a_pointer_is_valid_on_every_node_that_has_the_range() {
    let _machine = Machine::this();
    let key = LogicalKey(7);
    let nodes = [End::Zero, End::One].map(|end| Node::at(end, key));
    assert_ne!(nodes[0].keys[&key], nodes[1].keys[&key], "each adapter chooses its own");
    let pointer = Pointer { key, address: BASE + 1000 };
    for node in &nodes {
        node.write(pointer, b"mirrored");
    }
    for node in &nodes {
        assert_eq!(node.server.bytes(1000, 8), b"mirrored");
        assert_eq!(node.read(pointer, 8), b"mirrored");
        assert_eq!(node.read(Pointer { address: BASE + 999, ..pointer }, 10), b"\0mirrored\0");
    }
    // One goes; the pointer is as good at the other.
    let [gone, node] = nodes;
    drop(gone);
    assert_eq!(node.read(pointer, 8), b"mirrored");
}

#[test]
fn a_read_during_a_write_sees_whole_words_of_both() {
    const FILLS: [u64; 2] = [0x1111_1111_1111_1111, 0xEEEE_EEEE_EEEE_EEEE];
    let machine = Machine::this();
    let [(clients, own), (servers, memory)] = two_paths(2 * LENGTH);
    // Writes go over a path on which one takes a quarter of a second; reads over the other.
    let slow = ConnectionConfig { timeout: TimeoutValue::new(20).unwrap(), ..patient() };
    let (writer, _writers_peer) = connect((&clients[1], &own), (&servers[1], &memory), &slow);
    let (reader, _readers_peer) = connect((&clients[0], &own), (&servers[0], &memory), &patient());
    let _slowed = PathFault::new(&machine, 1, "rate 2mbit");
    let (begun, mut torn) = (Instant::now(), 0);
    // Again and again, until a read has fallen into a write.
    for fill in FILLS.into_iter().cycle() {
        writer.memory.write(0, &fill.to_ne_bytes().repeat(LENGTH / 8)).unwrap();
        writer.write(1, LENGTH);
        let mut written = 0;
        while written == 0 {
            let local = reader.memory.part(LENGTH..2 * LENGTH).unwrap();
            reader.queue_pair.read(WorkId(2), local, reader.remote.at(0, LENGTH).unwrap()).unwrap();
            reader.done();
            let bytes = reader.bytes(LENGTH, LENGTH);
            let words = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_ne_bytes(*word));
            let newer = words.clone().filter(|word| *word == fill).count();
            // The first write falls on zeros.
            let older = words.filter(|word| *word == !fill || *word == 0).count();
            assert_eq!(newer + older, LENGTH / 8, "a word is of one write or of the other");
            torn += usize::from(newer > 0 && older > 0);
            written = writer.completions.poll(|completion| _ = completion.done().unwrap()).unwrap();
        }
        if torn > 0 {
            return;
        }
        assert!(begun.elapsed() < LIMIT, "no read has seen a part of a write");
    }
}

/// A channel of messages in the receiver's memory: places in turn, each with its message, the length, and at last the number
/// of the message, by which the receiver sees that it is there.
mod mailbox {
    use super::{RemotePlace, Side, WorkId};

    const PLACE: usize = 256;
    const PLACES: u64 = 8;
    const LENGTH: usize = PLACE - 16;
    const NUMBER: usize = PLACE - 8;

    const fn place(number: u64) -> usize {
        (number % PLACES) as usize * PLACE
    }

    /// Write message `number` (from 1) to the receiver. The number goes after the message, on the same connection.
    pub(super) fn send(sender: &Side, number: u64, message: &[u8]) {
        assert!(message.len() <= LENGTH);
        let at = place(number);
        let remote =
            |offset, length| -> RemotePlace { sender.remote.at((at + offset) as u64, length).unwrap() };
        sender.memory.write(at, message).unwrap();
        sender.memory.store(at + LENGTH, message.len() as u64).unwrap();
        sender.memory.store(at + NUMBER, number).unwrap();
        let body = sender.memory.part(at..at + NUMBER).unwrap();
        sender.queue_pair.write(WorkId(number), body, remote(0, NUMBER)).unwrap();
        let last = sender.memory.part(at + NUMBER..at + PLACE).unwrap();
        sender.queue_pair.write(WorkId(number), last, remote(NUMBER, 8)).unwrap();
    }

    /// Message `number`, if it is there.
    pub(super) fn receive(receiver: &Side, number: u64) -> Option<Vec<u8>> {
        let at = place(number);
        let is_there = receiver.memory.load(at + NUMBER).unwrap() == number;
        is_there.then(|| {
            let length = receiver.memory.load(at + LENGTH).unwrap();
            receiver.bytes(at, usize::try_from(length).unwrap().min(LENGTH))
        })
    }
}

#[test]
fn messages_are_written_into_the_others_memory() {
    let machine = Machine::this();
    let (zero, one) = pair(0, 4096, &patient());
    // Also over a cable that loses packets.
    let spoiled = machine.netem(End::Zero, "loss 10%");
    for number in 1..30_u64 {
        let (there, back) = (format!("message {number}"), "answer ".repeat(number as usize % 30));
        mailbox::send(&zero, number, there.as_bytes());
        assert_eq!(wait(&one, number), there.as_bytes());
        mailbox::send(&one, number, back.as_bytes());
        assert_eq!(wait(&zero, number), back.as_bytes());
        for side in [&zero, &zero, &one, &one] {
            assert_eq!(side.done().id, WorkId(number));
        }
    }
    assert_eq!(mailbox::receive(&one, 30), None);
    drop(spoiled);
}

fn wait(side: &Side, number: u64) -> Vec<u8> {
    let begun = Instant::now();
    loop {
        if let Some(message) = mailbox::receive(side, number) {
            return message;
        }
        assert!(begun.elapsed() < LIMIT, "message {number} has not come");
        std::thread::yield_now();
    }
}
