//! Instructions of multipath's hot paths, as callgrind counts them: no noise hides a change.
#![allow(missing_docs, unreachable_pub, unused_qualifications, reason = "the macros of gungraun")]

use core::time::Duration;

use fabric_ha_bench::instructions_only;
use gungraun::prelude::*;
use multipath::wire::{MAX_JUMBO_PAYLOAD, MAX_PAYLOAD};
use multipath::{
    Descriptor, Memory, Path, PathEnds, Paths, PortId, Received, Requester, RequesterConfig,
    RequesterHandled, Responder, ResponderConfig, ResponderHandled, ViConfig,
};

const NOW: Duration = Duration::from_secs(5000);
const PATH: Path = Path::ALL[0];
const VI: u16 = 1;

/// Takes data without a copy: what is counted is the crate's own work.
struct Sink;

impl Memory for Sink {
    fn receive(&mut self, _part: &Received<'_>) {}
    fn write(&mut self, _vi: u16, _address: u64, _data: &[u8], _immediate: Option<u32>) {}
    fn read(&self, _vi: u16, _address: u64, _out: &mut [u8]) {}
}

/// Both ends, and the datagram that is under way.
struct Ends {
    requester: Requester,
    responder: Responder,
    buffer: Vec<u8>,
    length: usize,
}

impl Ends {
    /// A session in which a hundred messages have gone, and one more is posted.
    fn new(payload: u16) -> Box<Self> {
        let port = |number| PortId::new(number);
        let paths = Paths::new([PathEnds { local: port(1), remote: port(11), fabric: false }]);
        let mut ends = Box::new(Self {
            requester: Requester::new(RequesterConfig::new(paths, 1, 42)).expect("it can work"),
            responder: Responder::new(ResponderConfig::new(paths.reversed(), 5)),
            buffer: vec![0; 1 << 16],
            length: 0,
        });
        ends.requester.open(NOW, ViConfig::new(VI).with_payload(payload)).expect("it is the first");
        // The first answer tells the responder's instance, which the second opening repeats.
        ends.exchange();
        ends.exchange();
        for _ in 0..100 {
            ends.post(payload);
            ends.exchange();
        }
        assert!(ends.requester.is_idle());
        ends.post(payload);
        ends
    }

    fn post(&mut self, payload: u16) {
        let message = Descriptor::send(vec![7; payload.into()]);
        self.requester.post(NOW, VI, message).expect("there is room");
    }

    /// One packet, its answer, and what both ends make of them.
    fn exchange(&mut self) {
        self.launch();
        self.receive();
        self.answer();
        self.match_answer();
        while self.requester.poll_event().is_some() {}
    }

    fn launch(&mut self) {
        let transmit = self.requester.poll_transmit(NOW, &mut self.buffer).expect("there is room");
        self.length = transmit.expect("something was posted").length;
    }

    fn receive(&mut self) {
        let handled = self.responder.handle_datagram(PATH, &self.buffer[..self.length], &mut Sink);
        assert!(!matches!(handled, ResponderHandled::Discarded(_) | ResponderHandled::Refused(_)));
    }

    fn answer(&mut self) {
        let transmit = self.responder.poll_transmit(&Sink, &mut self.buffer).expect("there is room");
        self.length = transmit.expect("an answer waits").length;
    }

    fn match_answer(&mut self) {
        let handled = self.requester.handle_datagram(NOW, PATH, &self.buffer[..self.length]);
        assert!(!matches!(handled, RequesterHandled::Discarded(_) | RequesterHandled::Refused));
    }
}

/// The packet has been written.
fn launched(payload: u16) -> Box<Ends> {
    let mut ends = Ends::new(payload);
    ends.launch();
    ends
}

/// The packet has arrived.
fn received(payload: u16) -> Box<Ends> {
    let mut ends = launched(payload);
    ends.receive();
    ends
}

/// The answer has been written.
fn answered(payload: u16) -> Box<Ends> {
    let mut ends = received(payload);
    ends.answer();
    ends
}

#[library_benchmark]
#[bench::standard(args = (MAX_PAYLOAD), setup = Ends::new)]
#[bench::jumbo(args = (MAX_JUMBO_PAYLOAD), setup = Ends::new)]
fn launch(mut ends: Box<Ends>) -> Box<Ends> {
    ends.launch();
    ends
}

#[library_benchmark]
#[bench::standard(args = (MAX_PAYLOAD), setup = launched)]
#[bench::jumbo(args = (MAX_JUMBO_PAYLOAD), setup = launched)]
fn receive(mut ends: Box<Ends>) -> Box<Ends> {
    ends.receive();
    ends
}

#[library_benchmark]
#[bench::standard(args = (MAX_PAYLOAD), setup = received)]
fn answer(mut ends: Box<Ends>) -> Box<Ends> {
    ends.answer();
    ends
}

#[library_benchmark]
#[bench::standard(args = (MAX_PAYLOAD), setup = answered)]
fn match_answer(mut ends: Box<Ends>) -> Box<Ends> {
    ends.match_answer();
    ends
}

// From the posted message to the event that it is complete.
#[library_benchmark]
#[bench::standard(args = (MAX_PAYLOAD), setup = Ends::new)]
#[bench::jumbo(args = (MAX_JUMBO_PAYLOAD), setup = Ends::new)]
fn end_to_end(mut ends: Box<Ends>) -> Box<Ends> {
    ends.exchange();
    ends
}

library_benchmark_group!(name = packets, benchmarks = [launch, receive, answer, match_answer, end_to_end]);
main!(config = instructions_only(), library_benchmark_groups = packets);
