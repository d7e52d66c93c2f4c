//! Instructions of barrier's hot paths, as callgrind counts them: no noise hides a change.
#![allow(missing_docs, unreachable_pub, unused_qualifications, reason = "the macros of gungraun")]

use core::hint::black_box;
use core::time::Duration;

use barrier::{
    BarrierLocations, Completion, Counted, Incarnation, Op, Path, PathEvent, PathSet, RequesterPaths,
    RequesterPathsConfig, ResponderPaths,
};
use fabric_ha_bench::instructions_only;
use gungraun::prelude::*;

const NOW: Duration = Duration::from_secs(5000);
const PATH: Path = Path::ALL[0];
const VIS: usize = 16;

type Responder = Box<ResponderPaths<VIS>>;

/// A responder with all its VIs open.
fn responder() -> Responder {
    let mut responder = Box::new(ResponderPaths::new(0, PathSet::ALL));
    for vi in 1..=VIS as u32 {
        responder.open(vi).expect("there is room");
    }
    responder
}

// A thousand, so that the call of the benchmark itself does not count.
#[library_benchmark]
#[bench::a_thousand_requests(setup = responder)]
fn accepts(mut responder: Responder) -> Responder {
    for request in 0..1000 {
        let vi = black_box(request % VIS as u32 + 1);
        assert_eq!(responder.accepts(vi, PATH, black_box(Incarnation(7))), Ok(()));
    }
    responder
}

type Ends = Box<(RequesterPaths<Counted>, ResponderPaths<VIS>, BarrierLocations)>;

fn ends() -> Ends {
    let config = RequesterPathsConfig::new(PathSet::ALL);
    let requester = RequesterPaths::new(config, Counted::new(1)).expect("it can work");
    Box::new((requester, *responder(), BarrierLocations::new()))
}

// From the request that had no answer to the path that is good again: a write, a read, and what both ends decide.
#[library_benchmark]
#[bench::one_lane(setup = ends)]
fn probe(mut ends: Ends) -> Ends {
    let (requester, responder, locations) = &mut *ends;
    requester.handle_request_timeout(NOW, PATH, NOW);
    while let Some((id, op)) = requester.poll_op(NOW) {
        let completion = match op {
            Op::Write { path, lane, number, incarnation } => {
                assert!(responder.handle_barrier_write(path, incarnation));
                locations.write(path, lane, number);
                Completion::Written
            }
            Op::Read { path, lane, .. } => Completion::Read(locations.read(path, lane)),
            Op::Tell { .. } => panic!("the path passed: there is nothing to tell"),
        };
        requester.handle_completion(NOW, id, Ok(completion));
    }
    assert_eq!(requester.poll_event(NOW), Some(PathEvent::Passed(PATH)));
    ends
}

library_benchmark_group!(name = paths, benchmarks = [accepts, probe]);
main!(config = instructions_only(), library_benchmark_groups = paths);
