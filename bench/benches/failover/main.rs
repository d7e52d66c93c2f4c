//! From a path cut to the first byte delivered on another: `multipath` over two links between two network namespaces, and the
//! kernel's MPTCP over the same links, with the second as a backup, and the same cut.
//!
//! A message of 512 bytes at a time, the next when the one before is acknowledged. What is measured is the longest silence at
//! the receiver: from the last message over the link that is cut to the first over the other.

#![allow(clippy::disallowed_methods, reason = "a comparison of times reads the clock")]

extern crate alloc;

mod arrivals;
mod mptcp;
mod ours;

use core::cell::RefCell;
use core::time::Duration;
use std::fs::File;

use fabric_ha_bench::{Spread, interleave};
use peers::{Namespaces, RunDir};
use rustix::fd::AsFd;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

const LINKS: usize = 2;
const ROUNDS: usize = 15;
const MESSAGE: usize = 512;
const PORT: u16 = 7700;
/// How long a request, and each operation of a barrier, may take.
const TIMEOUT: Duration = Duration::from_millis(50);

/// How a link is cut.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// Nobody is told.
    Silent,
    /// The sender's kernel sees its device go down.
    DeviceDown,
}

impl Cut {
    fn begin(self, namespaces: &Namespaces) {
        let cut = match self {
            Self::Silent => namespaces.silence(0),
            Self::DeviceDown => namespaces.cut(0),
        };
        cut.expect("the link can be cut");
    }

    fn end(self, namespaces: &Namespaces) {
        let restored = match self {
            Self::Silent => namespaces.end_silence(),
            Self::DeviceDown => namespaces.restore(0),
        };
        restored.expect("the link can be restored");
    }
}

fn main() {
    let dir = RunDir::new().expect("a folder for temporary files");
    let namespaces = Namespaces::new(&dir, LINKS, 1500).unwrap_or_else(|error| panic!("{error}"));
    mptcp::configure(&namespaces);
    for cut in [Cut::Silent, Cut::DeviceDown] {
        compare(&namespaces, cut);
    }
}

fn compare(namespaces: &Namespaces, cut: Cut) {
    println!("{cut:?}: silence after the cut of one of two links, {ROUNDS} rounds in turn");
    let round_trips = RefCell::new(Vec::new());
    let mut ours = || {
        let silence = ours::silence(namespaces, cut);
        round_trips.borrow_mut().push(silence.round_trip.as_secs_f64());
        silence.longest
    };
    let mut mptcp = || mptcp::silence(namespaces, cut).longest;
    let rounds = interleave(ROUNDS, &mut [("multipath", &mut ours), ("MPTCP of the kernel", &mut mptcp)]);
    rounds.print("ms", |seconds| seconds * 1e3);
    let round_trip = Spread::of(round_trips.borrow().iter().copied()).median;
    let bound = 2.0 * TIMEOUT.as_secs_f64() + round_trip;
    println!(
        "  bound: a time-out of {0} ms, a barrier of {0} ms, a round trip of {1:.3} ms: {2:.3} ms",
        TIMEOUT.as_millis(),
        round_trip * 1e3,
        bound * 1e3
    );
    println!(
        "  % of the bound                     {} (target: at most 100)",
        rounds.of(0, |seconds| 100.0 * seconds / bound)
    );
    println!("  times sooner than MPTCP            {}", rounds.times_faster(0, 1));
}

/// Run the rest of this thread in a namespace.
fn enter(namespaces: &Namespaces, end: usize) {
    let file = File::open(namespaces.file(end)).expect("the namespace has a file");
    move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).expect("root may");
}
