//! Datagrams between the two ports, to one queue pair and to a multicast group.

#![allow(clippy::std_instead_of_alloc, reason = "there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod verbs_support;

use core::net::Ipv4Addr;
use core::time::Duration;
use std::sync::Arc;

use ib_mad::{Gid, Lid, Psn, QKey, Qpn};
use machine::{End, Machine};
use transport::verbs::{
    Access, AddressHandle, Capacity, MemoryRegion, QueuePair, QueuePairType, ROUTE_LENGTH, VerbsError,
    WorkId, every_member, group_of,
};

use verbs_support::{LIMIT, gid, port};

const KEY: QKey = QKey(0x1111_1111);
const PLACE: usize = 1024;

/// A queue pair for datagrams, with receives.
struct Member {
    queue_pair: QueuePair,
    memory: Arc<MemoryRegion>,
}

impl Member {
    fn new(end: End, path: usize) -> Self {
        let port = port(end, path);
        let memory = port.register(16 * PLACE, Access::LOCAL).unwrap();
        let completions = port.completion_queue(64).unwrap();
        let capacity = Capacity { send: 16, receive: 16 };
        let queue_pair = QueuePair::new(&completions, QueuePairType::UnreliableDatagram, capacity).unwrap();
        queue_pair.open_for_datagrams(KEY, Psn::default()).unwrap();
        let member = Self { queue_pair, memory };
        (1..8).for_each(|place| member.post(place));
        member
    }

    fn post(&self, place: u64) {
        let at = place as usize * PLACE;
        self.queue_pair.receive(WorkId(place), self.memory.part(at..at + PLACE).unwrap()).unwrap();
    }

    fn send(&self, text: &str, to: Gid, queue_pair: Qpn) -> Result<(), VerbsError> {
        let handle =
            AddressHandle::new(self.queue_pair.port(), &self.queue_pair.port().route_to(to, Lid(0)))?;
        self.memory.write(0, text.as_bytes())?;
        let local = self.memory.part(0..text.len())?;
        self.queue_pair.send_to(WorkId(100), local, &handle, queue_pair, KEY)?;
        let sent = self.queue_pair.completions().next(LIMIT)?.done()?;
        assert_eq!(sent.id, WorkId(100));
        Ok(())
    }

    /// The next datagram, and who sent it.
    fn next(&self) -> (String, Option<Qpn>) {
        let received = self.queue_pair.completions().next(LIMIT).unwrap().done().unwrap();
        assert!(received.has_route && received.id != WorkId(100));
        let place = received.id.0 as usize * PLACE;
        let mut text = vec![0; received.length as usize - ROUTE_LENGTH];
        self.memory.read(place + ROUTE_LENGTH, &mut text).unwrap();
        self.post(received.id.0);
        (String::from_utf8(text).unwrap(), received.source)
    }
}

#[test]
fn a_datagram_goes_to_one_queue_pair() {
    let _machine = Machine::this();
    for path in [0, 2] {
        let (zero, one) = (Member::new(End::Zero, path), Member::new(End::One, path));
        zero.send("to you", gid(End::One.addresses()[path]), one.queue_pair.number()).unwrap();
        assert_eq!(one.next(), ("to you".into(), Some(zero.queue_pair.number())));
    }
}

/// A group of IPv4 and one of IPv6, with the addresses that go with them.
fn groups() -> [(usize, Gid); 2] {
    [(0, group_of(Ipv4Addr::new(239, 7, 7, 1))), (2, gid("ff0e::7701"))]
}

#[test]
fn a_group_gets_what_is_sent_to_it_until_it_is_left() {
    let _machine = Machine::this();
    for (path, group) in groups() {
        let (zero, one) = (Member::new(End::Zero, path), Member::new(End::One, path));
        one.queue_pair.join(group, Lid(0)).unwrap();
        zero.send("to all", group, every_member()).unwrap();
        assert_eq!(one.next(), ("to all".into(), Some(zero.queue_pair.number())));

        one.queue_pair.leave(group, Lid(0)).unwrap();
        zero.send("to nobody", group, every_member()).unwrap();
        // What is sent to the queue pair itself comes after it.
        zero.send("to you", gid(End::One.addresses()[path]), one.queue_pair.number()).unwrap();
        assert_eq!(one.next().0, "to you");

        one.queue_pair.join(group, Lid(0)).unwrap();
        zero.send("to all again", group, every_member()).unwrap();
        assert_eq!(one.next().0, "to all again");
    }
}

#[test]
fn every_member_of_a_group_gets_it_once() {
    let _machine = Machine::this();
    let (path, group) = groups()[0];
    let zero = Member::new(End::Zero, path);
    let members = [(); 3].map(|()| Member::new(End::One, path));
    for member in &members {
        member.queue_pair.join(group, Lid(0)).unwrap();
    }
    for text in ["first", "second"] {
        zero.send(text, group, every_member()).unwrap();
        for member in &members {
            assert_eq!(member.next().0, text);
        }
    }
    for member in &members {
        let nothing = member.queue_pair.completions().next(Duration::ZERO);
        assert!(matches!(nothing, Err(VerbsError::NoCompletion { .. })), "{nothing:?}");
    }
}

#[test]
fn what_is_no_group_is_refused() {
    let _machine = Machine::this();
    let member = Member::new(End::Zero, 0);
    let error = member.queue_pair.join(gid("10.77.0.2"), Lid(0)).unwrap_err().to_string();
    assert!(error.contains("::ffff:10.77.0.2") && error.contains("joining the group of IP"), "{error}");
    let error = member.queue_pair.leave(groups()[0].1, Lid(0)).unwrap_err().to_string();
    assert!(error.contains("ibv_detach_mcast"), "{error}");
}
