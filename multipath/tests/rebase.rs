//! Two requesters whose states differ only in the time of day are the same when both are rebased: by that a search through all states
//! is finite.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use core::time::Duration;

use multipath::{Descriptor, Path, PathSet, PathState, Requester, RequesterConfig, ViConfig};
use support::packets::VI;
use support::{EPOCH, Pair, paths};

/// Packets are outstanding, a path is bad, for which an interface waits, and an opening is under way: each has its deadline.
fn busy(epoch: Duration) -> Requester {
    let mut pair = Pair::of(epoch, RequesterConfig::new(paths(2), 7, 1), ViConfig::new(VI));
    let limited = ViConfig { paths: PathSet::only(Path::ALL[0]), ..ViConfig::new(3) };
    pair.requester.open(pair.now, limited).unwrap();
    pair.settle();
    for vi in [VI, 3] {
        pair.requester.post(pair.now, vi, Descriptor::send(vec![7; 2000])).unwrap();
    }
    pair.pump();
    pair.cut(0, true);
    while pair.requester.path_state(Path::ALL[0]) != PathState::Bad {
        pair.wait();
    }
    pair.requester.post(pair.now, VI, Descriptor::send(vec![7; 2000])).unwrap();
    pair.requester.open(pair.now, ViConfig::new(2)).unwrap();
    pair.pump();
    pair.requester
}

#[test]
fn the_time_of_day_makes_no_difference() {
    let later = EPOCH + Duration::from_secs(3600);
    let (mut one, mut other) = (busy(EPOCH), busy(later));
    assert_ne!(one, other);
    one.rebase(EPOCH);
    other.rebase(later);
    assert_eq!(one, other);
}
