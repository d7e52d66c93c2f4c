//! Instructions of seqwin's hot paths, as callgrind counts them: no noise hides a change.
#![allow(missing_docs, unreachable_pub, unused_qualifications, reason = "the macros of gungraun")]

use core::hint::black_box;
use core::time::Duration;

use fabric_ha_bench::instructions_only;
use gungraun::prelude::*;
use seqwin::{
    Answer, Matched, Order, Requester, RequesterConfig, Responder, ResponderConfig, Response,
    TransactionType, Verdict,
};

const SEND: TransactionType = TransactionType(1);
const DEADLINE: Duration = Duration::from_secs(5000);

type Ends = Box<(Requester<u64, 128>, Responder)>;

/// Two ends that have been at work for a while.
fn ends() -> Ends {
    let requester = Requester::new(RequesterConfig::DEFAULT).expect("it fits");
    let responder = Responder::new(ResponderConfig::DEFAULT).expect("it fits");
    let mut ends = Box::new((requester, responder));
    for offset in 0..1000 {
        exchange(&mut ends, offset);
    }
    ends
}

/// One packet: launched, judged, and its response matched.
#[inline(always)]
fn exchange(ends: &mut Ends, offset: u64) {
    let (requester, responder) = &mut **ends;
    let stamp = requester.launch(Order::Ordered, SEND, offset, DEADLINE).expect("there is room");
    assert_eq!(responder.receive(stamp.sequence, Order::Ordered), Verdict::Expected);
    let response = Response {
        source: 0,
        vi: 0,
        sequence: stamp.sequence,
        kind: SEND,
        serial: stamp.serial,
        answer: Answer::Acknowledged,
    };
    let matched = requester.handle_response(&response, |offset| {
        black_box(offset);
    });
    assert!(matches!(matched, Matched::Acknowledged { .. }));
}

// A thousand, so that the call of the benchmark itself does not count.
#[library_benchmark]
#[bench::a_thousand_ordered_packets(setup = ends)]
fn packets(mut ends: Ends) -> Ends {
    for offset in 0..1000 {
        exchange(&mut ends, black_box(offset));
    }
    ends
}

library_benchmark_group!(name = window, benchmarks = packets);
main!(config = instructions_only(), library_benchmark_groups = window);
