//! Figures 6, 8 and 9 of US 6,545,981 B1, step by step: a requester's number, the number in each packet, a responder's
//! number.
//!
//! The drawings are lost; the numbers are those of the text (columns 9, 10 and 12). What the text does not say, and is
//! therefore of these tests: how the packets 0 to 5 of figure 6 divide among the Sends, and how many packets figures 8 and
//! 9 have in all.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use core::time::Duration;

use seqwin::{
    Answer, LaunchError, Matched, Order, Requester, RequesterConfig, Responder, ResponderConfig, Response,
    Sequence, SerialNumber, Stamp, TransactionType, UnmatchedReason, Verdict,
};

const SEND: TransactionType = TransactionType(1);
const RDMA_WRITE: TransactionType = TransactionType(2);
/// Payload of a packet, in bytes.
const PAYLOAD: usize = 512;
const EPOCH: Duration = Duration::from_secs(1 << 40);
const TIMEOUT: Duration = Duration::from_millis(10);
const NACK: Verdict = Verdict::OutOfSequence { refuse: true };

/// What one packet of a descriptor is, to make it again: which descriptor, and from which byte on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    descriptor: u32,
    offset: usize,
}

#[derive(Clone, Copy, Debug)]
struct Packet {
    stamp: Stamp,
    order: Order,
    kind: TransactionType,
    part: Part,
}

/// Both ends of VI 5. What is between them is in the tests' hands.
struct Ends {
    requester: Requester<Part, 128>,
    responder: Responder,
    now: Duration,
    completed: Vec<Part>,
}

impl Ends {
    fn new() -> Self {
        let config = RequesterConfig { source: 0xA0, vi: 5, ..RequesterConfig::DEFAULT };
        let requester = Requester::new(config).unwrap();
        let responder = Responder::new(ResponderConfig::DEFAULT).unwrap();
        Self { requester, responder, now: EPOCH, completed: Vec::new() }
    }

    /// Launch all packets of a descriptor: after each ordered one the requester's number is the next, after each unordered
    /// one the same; the responder's waits for what arrives.
    fn launch(&mut self, descriptor: u32, order: Order, bytes: usize) -> Vec<Packet> {
        let kind = if order == Order::Ordered { SEND } else { RDMA_WRITE };
        let offsets = (0..bytes).step_by(PAYLOAD);
        let deadline = self.now + TIMEOUT;
        offsets
            .map(|offset| {
                let part = Part { descriptor, offset };
                let (requester, responder) = self.numbers();
                let stamp = self.requester.launch(order, kind, part, deadline).unwrap();
                assert_eq!(stamp.sequence, Sequence(requester));
                assert_eq!(self.numbers(), (requester + u32::from(order == Order::Ordered), responder));
                Packet { stamp, order, kind, part }
            })
            .collect()
    }

    /// A packet arrives: what the responder makes of it, and the response.
    fn receive(&mut self, packet: Packet) -> (Verdict, Response) {
        let verdict = self.responder.receive(packet.stamp.sequence, packet.order);
        let answer = match verdict {
            Verdict::Expected | Verdict::Duplicate => Answer::Acknowledged,
            Verdict::OutOfSequence { refuse: true } => Answer::OutOfSequence,
            other => panic!("no answer to {other:?}"),
        };
        let Stamp { sequence, serial } = packet.stamp;
        (verdict, Response { source: 0xA0, vi: 5, sequence, kind: packet.kind, serial, answer })
    }

    fn acknowledge(&mut self, response: &Response) {
        assert_eq!(response.answer, Answer::Acknowledged);
        let completed = &mut self.completed;
        let matched = self.requester.handle_response(response, |part| completed.push(part));
        assert!(matches!(matched, Matched::Acknowledged { .. }), "{matched:?}");
    }

    /// All failed packets again.
    fn relaunch(&mut self) -> Vec<Packet> {
        let deadline = self.now + TIMEOUT;
        let next = || {
            let again = self.requester.relaunch(deadline, |_| ())?;
            Some(Packet { stamp: again.stamp, order: again.order, kind: again.kind, part: *again.item })
        };
        core::iter::from_fn(next).collect()
    }

    /// Numbers of the requester and of the responder.
    fn numbers(&self) -> (u32, u32) {
        (self.requester.sequence().0, self.responder.expected().0)
    }
}

fn sequences(packets: &[Packet]) -> Vec<u32> {
    packets.iter().map(|packet| packet.stamp.sequence.0).collect()
}

/// Where in their descriptor the packets begin, in payloads.
fn offsets(packets: &[Packet]) -> Vec<usize> {
    packets.iter().map(|packet| packet.part.offset / PAYLOAD).collect()
}

#[test]
fn figure_6_sends_an_unordered_rdma_operation_and_sends() {
    let mut ends = Ends::new();
    assert_eq!(ends.numbers(), (0, 0));

    // Sends, strictly ordered: each packet has a number of its own, and both ends count after it.
    let mut packets = Vec::new();
    for descriptor in 0..3 {
        packets.extend(ends.launch(descriptor, Order::Ordered, 2 * PAYLOAD));
        assert_eq!(ends.numbers(), (2 * descriptor + 2, 0));
    }
    assert_eq!(sequences(&packets), [0, 1, 2, 3, 4, 5]);
    let mut responses = Vec::new();
    for (packet, number) in packets.into_iter().zip(0..) {
        assert_eq!(ends.numbers(), (6, number));
        let (verdict, response) = ends.receive(packet);
        assert_eq!((verdict, response.sequence), (Verdict::Expected, Sequence(number)));
        responses.push(response);
    }
    responses.iter().for_each(|response| ends.acknowledge(response));
    assert_eq!((ends.numbers(), ends.completed.len()), ((6, 6), 6));

    // 2500 bytes over all paths: five packets that share number 6, told apart by their serial numbers.
    let packets = ends.launch(3, Order::Unordered, 2500);
    assert_eq!((ends.numbers(), sequences(&packets)), ((6, 6), vec![6; 5]));
    let serials: Vec<_> = packets.iter().map(|packet| packet.stamp.serial).collect();
    assert_eq!(serials, [6, 7, 8, 9, 10].map(SerialNumber));
    // They arrive in any order, and so do their responses.
    let mut responses = Vec::new();
    for place in [3, 0, 4, 1, 2] {
        let (verdict, response) = ends.receive(packets[place]);
        assert_eq!((verdict, response.sequence), (Verdict::Expected, Sequence(6)));
        assert_eq!(ends.numbers(), (6, 6));
        responses.push(response);
    }
    // The next Send waits until all of them are acknowledged.
    let next = Part { descriptor: 4, offset: 0 };
    for response in &responses {
        let refused = ends.requester.launch(Order::Ordered, SEND, next, EPOCH);
        assert_eq!(refused, Err(LaunchError::UnorderedOutstanding));
        ends.acknowledge(response);
    }
    let rdma: Vec<_> = ends.completed[6..].iter().map(|part| (part.descriptor, part.offset)).collect();
    assert_eq!(rdma, [(3, 0), (3, 512), (3, 1024), (3, 1536), (3, 2048)]);

    // Two more Sends. Only when the first packet of them is sent does the requester count on.
    for (descriptor, number) in [(4, 6), (5, 7)] {
        assert_eq!(ends.numbers(), (number, number));
        let packets = ends.launch(descriptor, Order::Ordered, 100);
        assert_eq!((ends.numbers(), sequences(&packets)), ((number + 1, number), vec![number]));
        let (verdict, response) = ends.receive(packets[0]);
        assert_eq!((verdict, response.sequence), (Verdict::Expected, Sequence(number)));
        ends.acknowledge(&response);
    }
    assert_eq!((ends.numbers(), ends.completed.len()), ((8, 8), 13));
    assert!(ends.requester.is_idle());
}

#[test]
fn figure_8_a_lost_request() {
    let mut ends = Ends::new();
    let packets = ends.launch(0, Order::Ordered, 6 * PAYLOAD);
    assert_eq!((ends.numbers(), sequences(&packets)), ((6, 0), vec![0, 1, 2, 3, 4, 5]));

    for packet in &packets[..2] {
        let (verdict, response) = ends.receive(*packet);
        assert_eq!(verdict, Verdict::Expected);
        ends.acknowledge(&response);
    }
    // SEQ=2 is corrupted on its way: the responder sees that on the next packet, and refuses it and all behind it.
    let mut refusals = Vec::new();
    for packet in &packets[3..] {
        let (verdict, response) = ends.receive(*packet);
        assert_eq!((verdict, ends.responder.expected()), (NACK, Sequence(2)));
        assert_eq!(response.sequence, packet.stamp.sequence);
        refusals.push(response);
    }

    // The first NACK makes the requester go back to the earliest packet without an acknowledgement.
    let matched = ends.requester.handle_response(&refusals[0], |_| ());
    assert_eq!(matched, Matched::Refused(&Part { descriptor: 0, offset: 3 * PAYLOAD }));
    assert_eq!(ends.requester.fail(|_| true), 4);
    let earliest = ends.requester.next_relaunch().unwrap().stamp.sequence;
    assert_eq!((earliest, ends.requester.sequence()), (Sequence(2), Sequence(6)));
    // What was launched is given back, to make the packets again.
    let again = ends.relaunch();
    assert_eq!((sequences(&again), offsets(&again)), (vec![2, 3, 4, 5], vec![2, 3, 4, 5]));
    // The other NACKs are about transmissions that count no more: they do not make it go back once more.
    for refusal in &refusals[1..] {
        let matched = ends.requester.handle_response(refusal, |_| ());
        assert_eq!(matched, Matched::Unmatched(UnmatchedReason::Serial));
    }

    // The responder knows SEQ=2 for the one that it waits for.
    for (packet, number) in again.into_iter().zip(2..) {
        assert_eq!(ends.responder.expected(), Sequence(number));
        let (verdict, response) = ends.receive(packet);
        assert_eq!(verdict, Verdict::Expected);
        ends.acknowledge(&response);
    }
    assert_eq!((ends.numbers(), ends.completed.len()), ((6, 6), 6));
    assert!(ends.requester.is_idle());
}

#[test]
fn figure_9_a_lost_response() {
    let mut ends = Ends::new();
    let packets = ends.launch(0, Order::Ordered, 4 * PAYLOAD);
    for (packet, number) in packets.into_iter().zip(0..) {
        let (verdict, response) = ends.receive(packet);
        assert_eq!(verdict, Verdict::Expected);
        // The response with SEQ=1 is corrupted on its way.
        if number != 1 {
            ends.acknowledge(&response);
        }
    }
    // What was sent behind it is acknowledged, but stays outstanding.
    assert_eq!((ends.numbers(), ends.completed.len(), ends.requester.outstanding()), ((4, 4), 1, 3));
    assert_eq!(ends.requester.unacknowledged().count(), 1);

    // The transaction times out, and the requester goes back to it.
    let due = ends.requester.next_deadline().unwrap();
    assert_eq!((due, ends.requester.expired(ends.now)), (EPOCH + TIMEOUT, None));
    ends.now = due;
    assert_eq!(ends.requester.expired(ends.now), Some(&Part { descriptor: 0, offset: PAYLOAD }));
    assert_eq!(ends.requester.fail(|_| true), 3);
    let again = ends.relaunch();
    assert_eq!((sequences(&again), offsets(&again)), (vec![1, 2, 3], vec![1, 2, 3]));
    assert_eq!(ends.requester.sequence(), Sequence(4));

    // The responder has had them: it acknowledges them, and discards the data.
    for packet in again {
        let (verdict, response) = ends.receive(packet);
        assert_eq!((verdict, ends.responder.expected()), (Verdict::Duplicate, Sequence(4)));
        ends.acknowledge(&response);
    }
    let offsets: Vec<_> = ends.completed.iter().map(|part| part.offset / PAYLOAD).collect();
    assert_eq!(offsets, [0, 1, 2, 3]);
    assert!(ends.requester.is_idle());
}
