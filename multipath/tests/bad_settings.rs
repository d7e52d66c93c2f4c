//! Settings that cannot be, at either end: refused by name.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use multipath::wire::{Control, MAX_JUMBO_PAYLOAD, OpenRefusal, OpenVi, Packet};
use multipath::{
    BrokenReason, Descriptor, OpenError, Path, PathEnds, Paths, PortId, PostError, Region, RegionError,
    Requester, RequesterConfig, RequesterEvent, Responder, ResponderConfig, ResponderHandled, ViConfig,
};
use support::packets::{OPEN, VI, sending, supervisory};
use support::{EPOCH, Pair, paths};

#[test]
fn a_path_is_the_same_from_both_ends() {
    let ends = PathEnds { local: PortId::new(1), remote: PortId::new(2), fabric: true };
    assert_eq!(ends.reversed(), PathEnds { local: PortId::new(2), remote: PortId::new(1), fabric: true });
    let four = Paths::between([1, 2].map(PortId::new), [11, 12].map(PortId::new));
    let of = |path| four.ends(path).map(|ends| (ends.local.get(), ends.remote.get()));
    assert_eq!(Path::ALL.map(of), [(1, 11), (1, 12), (2, 11), (2, 12)].map(Some));
    assert_eq!(four.reversed().reversed(), four);
}

#[test]
fn settings_that_cannot_be_are_refused_by_name() {
    let mut requester = Requester::new(RequesterConfig::new(paths(1), 1, 1)).unwrap();
    requester.open(EPOCH, ViConfig::new(1)).unwrap();
    assert_eq!(requester.open(EPOCH, ViConfig::new(1)), Err(OpenError::Taken { vi: 1 }));
    assert_eq!(requester.open(EPOCH, ViConfig::new(0)), Err(OpenError::Taken { vi: 0 }));
    assert_eq!(
        requester.open(EPOCH, ViConfig { max_payload: 0, ..ViConfig::new(2) }),
        Err(OpenError::NoPayload)
    );
    let wide = ViConfig { window: 129, ..ViConfig::new(2) };
    let error = requester.open(EPOCH, wide).unwrap_err().to_string();
    assert_eq!(error, "window of 129 packets: give 1 to 128, half of all sequence numbers");
    assert_eq!(ViConfig::new(2).with_payload(u16::MAX).max_payload, MAX_JUMBO_PAYLOAD);
    let no_path = Requester::new(RequesterConfig::new(paths(0), 1, 1));
    assert!(no_path.is_err());
    let post = |requester: &mut Requester, descriptor| requester.post(EPOCH, 1, descriptor).unwrap_err();
    assert_eq!(post(&mut requester, Descriptor::send(vec![]).unordered()), PostError::UnorderedSend);
    assert_eq!(post(&mut requester, Descriptor::read(0, 1).with_immediate(1)), PostError::ImmediateRead);
    let beyond = Descriptor::read(u64::MAX, 2);
    assert_eq!(post(&mut requester, beyond), PostError::Address { address: u64::MAX, length: 2 });
    for posted in 0..64 {
        assert_eq!(requester.room(1), 64 - posted);
        requester.post(EPOCH, 1, Descriptor::send(vec![1])).unwrap();
    }
    assert_eq!((requester.room(1), requester.room(2)), (0, 0));
    assert_eq!(post(&mut requester, Descriptor::send(vec![1])), PostError::Full { vi: 1, limit: 64 });
    let mut responder = Responder::new(ResponderConfig::new(paths(1), 5));
    let region = Region { start: 2, length: u64::MAX, is_writable: true, is_readable: true };
    assert_eq!(responder.open_region(1, region), Err(RegionError::Range { start: 2, length: u64::MAX }));
}

/// An interface that the responder cannot have is reported, not tried for ever.
#[test]
fn an_interface_that_the_other_end_cannot_have_is_broken() {
    let mut pair = Pair::new(1, ViConfig::new(VI));
    let config = ResponderConfig { max_payload: 512, ..ResponderConfig::new(paths(1).reversed(), 5) };
    pair.responder = Responder::new(config);
    pair.requester.open(pair.now, ViConfig::new(2).with_payload(9000)).unwrap();
    pair.settle();
    let [RequesterEvent::Broken { vi: 2, reason }] = pair.events[..] else { panic!("{:?}", pair.events) };
    assert!(reason.to_string().contains("cannot have such"), "{reason}");
}

/// However much a responder is told to take, a packet has a length field and a datagram.
#[test]
fn an_interface_has_no_more_than_a_jumbo_packet_carries() {
    for (max_payload, refusal) in
        [(MAX_JUMBO_PAYLOAD, None), (MAX_JUMBO_PAYLOAD + 1, Some(OpenRefusal::Unsuitable))]
    {
        let mut pair = Pair::new(1, ViConfig::new(VI));
        let config =
            ResponderConfig { max_payload: u16::MAX, ..ResponderConfig::new(paths(1).reversed(), 5) };
        pair.responder = Responder::new(config);
        pair.requester = Requester::new(RequesterConfig::new(paths(1), 8, 1)).unwrap();
        pair.requester.open(pair.now, ViConfig { max_payload, ..ViConfig::new(VI) }).unwrap();
        pair.settle();
        let expected = match refusal {
            None => RequesterEvent::Opened { vi: VI },
            Some(refusal) => RequesterEvent::Broken { vi: VI, reason: BrokenReason::NotOpened(refusal) },
        };
        assert_eq!(pair.events, [expected]);
    }
}

/// What a responder answers to somebody who asks it to open interfaces that cannot be.
#[test]
fn interfaces_that_cannot_be_are_refused_by_name() {
    let mut pair = sending(1);
    let mut ask = |open: OpenVi| {
        let bytes = supervisory(&pair, true, Control::Open(open), |_| {});
        let handled = pair.responder.handle_datagram(Path::ALL[0], &bytes, &mut pair.memory);
        assert_eq!(handled, ResponderHandled::Supervised);
        let mut buffer = [0; 1000];
        let transmit = pair.responder.poll_transmit(&pair.memory, &mut buffer).unwrap().unwrap();
        let payload = Packet::parse(transmit.packets(&buffer).next().unwrap()).unwrap().payload.to_vec();
        let Some(Control::Opened(opened)) = Control::parse(&payload) else { panic!("{payload:?}") };
        assert_eq!((opened.vi, opened.instance), (open.vi, 5));
        opened.refusal
    };
    for unsuitable in [
        OpenVi { vi: 0, ..OPEN },
        OpenVi { max_payload: 0, ..OPEN },
        OpenVi { max_payload: MAX_JUMBO_PAYLOAD + 1, ..OPEN },
        OpenVi { sequence_bits: 1, ..OPEN },
        OpenVi { sequence_bits: 33, ..OPEN },
        OpenVi { window: 0, ..OPEN },
        OpenVi { window: 129, ..OPEN },
    ] {
        assert_eq!(ask(unsuitable), Some(OpenRefusal::Unsuitable), "{unsuitable:?}");
    }
    assert_eq!(ask(OpenVi { instance: 4, ..OPEN }), Some(OpenRefusal::Unconfirmed));
    // With VI 1 they are as many as there can be.
    for vi in 2..=16 {
        assert_eq!(ask(OpenVi { vi, ..OPEN }), None);
        assert_eq!(ask(OpenVi { vi, ..OPEN }), None);
        assert_eq!(ask(OpenVi { vi, window: 2, ..OPEN }), Some(OpenRefusal::Different));
    }
    assert_eq!(ask(OpenVi { vi: 17, ..OPEN }), Some(OpenRefusal::Full));
    for vi in 2..=16 {
        pair.requester.open(pair.now, ViConfig::new(vi)).unwrap();
    }
    let error = pair.requester.open(pair.now, ViConfig::new(17)).unwrap_err();
    assert_eq!(error, OpenError::Full { limit: 16 });
}
