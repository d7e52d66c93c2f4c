use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::*;
use crate::{
    BrokenReason, Descriptor, EndReason, Received, Requester, RequesterConfig, RequesterEvent, ViConfig,
};

const NOW: Duration = Duration::from_secs(1000);

#[derive(Default)]
struct Inbox(Vec<Vec<u8>>);

impl Memory for Inbox {
    fn receive(&mut self, part: &Received<'_>) {
        self.0.push(part.data.to_vec());
    }
    fn write(&mut self, _vi: u16, _address: u64, _data: &[u8], _immediate: Option<u32>) {}
    fn read(&self, _vi: u16, _address: u64, _out: &mut [u8]) {}
}

fn listener() -> Listener<u32> {
    Listener::new(ResponderConfig::new(Paths::default(), 5))
}

fn requester(session: u64, count: usize) -> Requester {
    let mut requester =
        Requester::new(RequesterConfig::new(Paths::numbered(session as u16, count), session, 1)).unwrap();
    requester.open(NOW, ViConfig::new(1)).unwrap();
    requester
}

/// Everything that the requester has to send, with the path of each packet.
fn packets(requester: &mut Requester) -> Vec<(Path, Vec<u8>)> {
    let mut buffer = vec![0; 1 << 16];
    let mut packets = Vec::new();
    while let Some(transmit) = requester.poll_transmit(NOW, &mut buffer).unwrap() {
        packets.extend(transmit.packets(&buffer).map(|packet| (transmit.path, packet.to_vec())));
    }
    packets
}

fn answers(listener: &mut Listener<u32>, memory: &Inbox) -> Vec<(u32, Vec<u8>)> {
    let mut buffer = vec![0; 1 << 16];
    let mut answers = Vec::new();
    while let Some((to, transmit)) = listener.poll_transmit(memory, &mut buffer).unwrap() {
        answers.extend(transmit.packets(&buffer).map(|packet| (to, packet.to_vec())));
        assert!(answers.len() < 1000, "it does not end");
    }
    answers
}

/// Carry packets until both ends are silent; path `n` of the requester has the address `base + n`.
fn exchange(requester: &mut Requester, listener: &mut Listener<u32>, memory: &mut Inbox, base: u32) {
    loop {
        let packets = packets(requester);
        if packets.is_empty() {
            return;
        }
        for (path, packet) in packets {
            listener.handle_datagram(base + path.index() as u32, &packet, memory);
        }
        for (to, answer) in answers(listener, memory) {
            let path = Path::ALL[(to - base) as usize];
            requester.handle_datagram(NOW, path, &answer);
        }
    }
}

fn events(requester: &mut Requester) -> Vec<RequesterEvent> {
    core::iter::from_fn(|| requester.poll_event()).collect()
}

#[test]
fn ports_say_which_of_how_many_paths_a_packet_is_of() {
    for count in 1..=4 {
        let paths = Paths::numbered(0xFFFF, count);
        assert_eq!(paths.set().len(), count);
        for path in paths.set().iter() {
            let source = paths.ends(path).unwrap().local;
            assert_eq!(Paths::of_source(source), Some((path, paths)));
        }
    }
    // Path 3 of two.
    assert_eq!(Paths::of_source(crate::PortId::new(0b0110)), None);
}

#[test]
fn addresses_are_learned_from_the_openings() {
    let (mut listener, mut memory) = (listener(), Inbox::default());
    let mut requester = requester(7, 3);
    requester.post(NOW, 1, Descriptor::send(b"hello".to_vec())).unwrap();
    exchange(&mut requester, &mut listener, &mut memory, 40);
    assert_eq!(memory.0, [b"hello"]);
    assert_eq!(listener.paths().unwrap().set().len(), 3);
    assert!(requester.is_idle());
}

#[test]
fn another_address_is_a_stranger_on_a_path_that_has_one() {
    let (mut listener, mut memory) = (listener(), Inbox::default());
    let mut requester = requester(7, 2);
    // Asked without its instance, the listener tells it, and does no more.
    for (path, packet) in packets(&mut requester) {
        let handled = listener.handle_datagram(40 + path.index() as u32, &packet, &mut memory);
        assert_eq!(handled, ListenerHandled::TurnedAway);
    }
    assert_eq!(listener.paths(), None);
    for (to, answer) in answers(&mut listener, &memory) {
        requester.handle_datagram(NOW, Path::ALL[(to - 40) as usize], &answer);
    }
    let openings = packets(&mut requester);
    let (path, first) = &openings[0];
    let served = ListenerHandled::Served(*path, ResponderHandled::SessionOpened);
    assert_eq!(listener.handle_datagram(40, first, &mut memory), served);
    let stranger = ListenerHandled::Discarded(Discard::Stranger);
    assert_eq!(listener.handle_datagram(41, first, &mut memory), stranger);
    // The same address on two paths would answer on one of them only.
    let handled = listener.handle_datagram(40, &openings[1].1, &mut memory);
    assert_eq!(
        handled,
        ListenerHandled::Served(*path, ResponderHandled::Discarded(Discard::WrongDestination))
    );
    assert_eq!(listener.discards().count(Discard::Stranger), 1);
}

#[test]
fn one_is_served_after_another() {
    let (mut listener, mut memory) = (listener(), Inbox::default());
    let (mut first, mut second) = (requester(7, 1), requester(6, 1));
    exchange(&mut first, &mut listener, &mut memory, 40);
    let late = {
        let mut copy = requester(7, 1);
        packets(&mut copy).remove(0).1
    };
    exchange(&mut second, &mut listener, &mut memory, 50);
    let busy = BrokenReason::NotOpened(OpenRefusal::Busy);
    assert_eq!(events(&mut second), [RequesterEvent::Broken { vi: 1, reason: busy }]);
    assert_eq!(events(&mut first), [RequesterEvent::Opened { vi: 1 }]);

    listener.finish();
    // Its answers may have been lost.
    first.post(NOW, 1, Descriptor::send(b"last".to_vec())).unwrap();
    exchange(&mut first, &mut listener, &mut memory, 40);
    assert!(first.is_idle() && memory.0 == [b"last"]);
    let mut third = requester(5, 1);
    exchange(&mut third, &mut listener, &mut memory, 60);
    assert_eq!(events(&mut third), [RequesterEvent::Opened { vi: 1 }]);
    let discarded = ListenerHandled::Discarded(Discard::OtherSession);
    assert_eq!(listener.handle_datagram(40, &late, &mut memory), discarded);
}

#[test]
fn a_restarted_listener_says_that_it_does_not_know_the_session() {
    let (mut before, mut memory) = (listener(), Inbox::default());
    let mut requester = requester(7, 1);
    exchange(&mut requester, &mut before, &mut memory, 40);
    assert_eq!(events(&mut requester), [RequesterEvent::Opened { vi: 1 }]);
    let mut after = listener();
    requester.post(NOW, 1, Descriptor::send(b"lost".to_vec())).unwrap();
    exchange(&mut requester, &mut after, &mut memory, 40);
    assert_eq!(events(&mut requester), [RequesterEvent::Ended(EndReason::PeerRestarted)]);
    assert!(memory.0.is_empty());
}

#[test]
fn a_restarted_listener_is_noticed_by_the_next_opening() {
    let (mut before, mut memory) = (listener(), Inbox::default());
    let mut requester = requester(7, 1);
    exchange(&mut requester, &mut before, &mut memory, 40);
    assert_eq!(events(&mut requester), [RequesterEvent::Opened { vi: 1 }]);
    let mut after: Listener<u32> = Listener::new(ResponderConfig::new(Paths::default(), 6));
    requester.open(NOW, ViConfig::new(2)).unwrap();
    exchange(&mut requester, &mut after, &mut memory, 40);
    assert_eq!(events(&mut requester), [RequesterEvent::Ended(EndReason::PeerRestarted)]);
    assert_eq!(after.paths(), None);
}

#[test]
fn strangers_make_it_keep_a_bounded_number_of_answers() {
    let (mut listener, mut memory) = (listener(), Inbox::default());
    exchange(&mut requester(7, 1), &mut listener, &mut memory, 40);
    let opening = packets(&mut requester(8, 1)).remove(0).1;
    for _ in 0..2 * REPLIES {
        listener.handle_datagram(50, &opening, &mut memory);
    }
    assert_eq!(answers(&mut listener, &memory).len(), REPLIES);
    assert_eq!(listener.discards().count(Discard::Overrun), REPLIES as u64);
    listener.handle_datagram(50, b"no packet", &mut memory);
    assert_eq!(listener.discards().count(Discard::Malformed), 1);
}

#[test]
fn who_does_not_ask_is_not_answered() {
    let (mut listener, mut memory) = (listener(), Inbox::default());
    let mut requester = requester(7, 1);
    let request = packets(&mut requester).remove(0).1;
    let header = Packet::parse(&request).unwrap().header;
    let mut answer = [0; 100];
    let response = header.response(Transaction::Acknowledge, 0);
    let length = response.emit(None, None, &mut answer, |_| {}).unwrap();
    let handled = listener.handle_datagram(40, &answer[..length], &mut memory);
    assert_eq!(handled, ListenerHandled::Discarded(Discard::WrongDirection));
    assert!(answers(&mut listener, &memory).is_empty());
}

/// The address of a path is learned only from what is for this end and from its requester.
#[test]
fn a_strange_packet_teaches_no_address() {
    let (mut listener, mut memory) = (listener(), Inbox::default());
    let mut requester = requester(7, 2);
    for (path, packet) in packets(&mut requester) {
        listener.handle_datagram(40 + path.index() as u32, &packet, &mut memory);
    }
    for (to, answer) in answers(&mut listener, &memory) {
        requester.handle_datagram(NOW, Path::ALL[(to - 40) as usize], &answer);
    }
    let openings = packets(&mut requester);
    listener.handle_datagram(40, &openings[0].1, &mut memory);
    let packet = Packet::parse(&openings[1].1).unwrap();
    let mut strange = |change: fn(&mut Header), reason| {
        let mut header = packet.header;
        change(&mut header);
        let mut bytes = vec![0; header.packet_length()];
        header.emit(None, None, &mut bytes, |place| place.copy_from_slice(packet.payload)).unwrap();
        let handled = listener.handle_datagram(99, &bytes, &mut memory);
        assert_eq!(handled, ListenerHandled::Discarded(reason));
    };
    // Path 1 of two, of another requester; of three; and one that is for another port.
    strange(|header| header.source = crate::PortId::new(8 << 4 | 0b0101), Discard::Stranger);
    strange(|header| header.source = crate::PortId::new(7 << 4 | 0b1001), Discard::Stranger);
    strange(|header| header.destination = crate::PortId::new(9), Discard::WrongDestination);
    let handled = listener.handle_datagram(41, &openings[1].1, &mut memory);
    assert_eq!(handled, ListenerHandled::Served(Path::ALL[1], ResponderHandled::Supervised));
}

/// What is permitted is so for the session that is served, and for each one after it.
#[test]
fn a_limit_to_paths_outlives_sessions() {
    let (mut listener, mut memory) = (listener(), Inbox::default());
    let permitted = PathSet::from_bits(0b01);
    listener.permit_paths(2, permitted).unwrap();
    let not_permitted = BrokenReason::NotOpened(OpenRefusal::NotPermitted { paths: permitted });
    for (session, base) in [(7, 40), (8, 50)] {
        let mut requester = requester(session, 2);
        requester.open(NOW, ViConfig::new(2)).unwrap();
        exchange(&mut requester, &mut listener, &mut memory, base);
        let refused = RequesterEvent::Broken { vi: 2, reason: not_permitted };
        assert_eq!(events(&mut requester), [RequesterEvent::Opened { vi: 1 }, refused]);
        // From now on, in the midst of a session.
        let vi = 10 + session as u16;
        listener.permit_paths(vi, permitted).unwrap();
        for (vi, paths) in [(vi, PathSet::ALL), (vi - 5, permitted)] {
            requester.open(NOW, ViConfig { paths, ..ViConfig::new(vi) }).unwrap();
        }
        exchange(&mut requester, &mut listener, &mut memory, base);
        let refused = RequesterEvent::Broken { vi, reason: not_permitted };
        assert_eq!(events(&mut requester), [refused, RequesterEvent::Opened { vi: vi - 5 }]);
        listener.finish();
    }
    assert_eq!(listener.permit_paths(2, PathSet::EMPTY), Err(PermitError::NoPath { vi: 2 }));
    listener.permit_paths(2, PathSet::ALL).unwrap();
    let mut last = requester(9, 2);
    last.open(NOW, ViConfig::new(2)).unwrap();
    exchange(&mut last, &mut listener, &mut memory, 60);
    assert_eq!(events(&mut last), [1, 2].map(|vi| RequesterEvent::Opened { vi }));
}

/// A requester that was restarted behind the same address does not take the place of the one before it, which may still be there.
#[test]
fn another_session_from_the_same_address_is_told_that_it_is_busy() {
    let (mut listener, mut memory) = (listener(), Inbox::default());
    let (mut first, mut second) = (requester(7, 1), requester(7 + (1 << 16), 1));
    exchange(&mut first, &mut listener, &mut memory, 40);
    exchange(&mut second, &mut listener, &mut memory, 40);
    let busy = BrokenReason::NotOpened(OpenRefusal::Busy);
    assert_eq!(events(&mut second), [RequesterEvent::Broken { vi: 1, reason: busy }]);
    first.post(NOW, 1, Descriptor::send(b"still here".to_vec())).unwrap();
    exchange(&mut first, &mut listener, &mut memory, 40);
    assert_eq!(memory.0, [b"still here"]);
}

#[test]
fn a_session_that_was_given_up_is_refused() {
    let (mut listener, mut memory) = (listener(), Inbox::default());
    let mut requester = requester(7, 1);
    exchange(&mut requester, &mut listener, &mut memory, 40);
    listener.release();
    requester.post(NOW, 1, Descriptor::send(b"late".to_vec())).unwrap();
    exchange(&mut requester, &mut listener, &mut memory, 40);
    assert_eq!(events(&mut requester).last(), Some(&RequesterEvent::Ended(EndReason::PeerRestarted)));
    assert!(memory.0.is_empty());
}

#[test]
fn an_opening_from_a_port_that_cannot_be_is_dropped() {
    let (mut listener, mut memory) = (listener(), Inbox::default());
    let opening = packets(&mut requester(7, 1)).remove(0).1;
    let packet = Packet::parse(&opening).unwrap();
    // Path 2 of two.
    let header = Header { source: crate::PortId::new(7 << 4 | 0b0110), ..packet.header };
    let mut bytes = vec![0; header.packet_length()];
    header.emit(None, None, &mut bytes, |place| place.copy_from_slice(packet.payload)).unwrap();
    let handled = listener.handle_datagram(40, &bytes, &mut memory);
    assert_eq!(handled, ListenerHandled::Discarded(Discard::Stranger));
}
