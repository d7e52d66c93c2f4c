//! From a path cut to the first byte delivered on another: `multipath` over two links between two network namespaces, and the
//! kernel's MPTCP over the same links, with the second as a backup, and the same cut.
//!
//! Messages of 512 bytes are handed in, in two ways (`Load`): as many as the link takes, or one every 20 microseconds, whether
//! those before are acknowledged or not. What is measured is the time from the cut to the first message that is delivered over the
//! other link (`cut.rs` tells when the cut is). The links carry 1 Gbit/s, and each end has a processor of its own.
//!
//! The bound is the time-out of a request, the time-out of a barrier's operation, both as configured, and the round trip of
//! the message that the path is down, as it was in that very failover: as the requester has it, from the
//! call that writes it to the end of the call that takes its acknowledgement. The message goes out before the barrier's time is
//! over, so that its round trip takes none of its own.

#![allow(clippy::disallowed_methods, reason = "a comparison of times reads the clock")]

extern crate alloc;

mod arrivals;
mod cut;
mod mptcp;
mod ours;

use core::cell::RefCell;
use core::time::Duration;
use std::fs::File;

use fabric_ha_bench::{Spread, interleave};
use peers::{Namespaces, RunDir};
use rustix::fd::AsFd;
use rustix::thread::{CpuSet, LinkNameSpaceType, move_into_link_name_space, sched_setaffinity};

use self::cut::Cut;

const LINKS: usize = 2;
const ROUNDS: usize = 15;
const MESSAGE: usize = 512;
/// What a link carries, in bits a second.
const SPEED: u64 = 1_000_000_000;
/// A message is handed in so often at most, unless the link is to be full.
const PACE: Duration = Duration::from_micros(20);
const PORT: u16 = 7700;
/// How long a request, and each operation of a barrier, may take.
const TIMEOUT: Duration = Duration::from_millis(50);
/// How long before a deadline the sender does not sleep: what the program does unless told otherwise.
const BUSY_WAIT: Duration = Duration::from_micros(200);

fn main() {
    let dir = RunDir::new().expect("a folder for temporary files");
    let namespaces = Namespaces::new(&dir, LINKS, 1500).unwrap_or_else(|error| panic!("{error}"));
    namespaces.limit_speed(SPEED).unwrap_or_else(|error| panic!("{error}"));
    mptcp::configure(&namespaces);
    // When a device goes down is known from what passed: not with a queue before it.
    for (load, cut) in [(Load::Full, Cut::Silent), (Load::Paced, Cut::Silent), (Load::Paced, Cut::DeviceDown)]
    {
        compare(&namespaces, load, cut);
    }
}

/// How messages are handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Load {
    /// As many as are taken: when the link is cut, a window of them is on the way.
    Full,
    /// One every [`PACE`]: when the link is cut, hardly one is on the way.
    Paced,
}

impl Load {
    /// How long after a message the next is handed in.
    const fn pace(self) -> Duration {
        match self {
            Self::Full => Duration::ZERO,
            Self::Paced => PACE,
        }
    }
}

fn compare(namespaces: &Namespaces, load: Load, cut: Cut) {
    println!(
        "{load:?}, {cut:?}: from the cut of one of two links to the first message, {ROUNDS} rounds in turn"
    );
    let failovers = RefCell::new(Vec::new());
    let mut ours = || {
        let (failover, round_trip) = ours::failover(namespaces, load, cut);
        failovers.borrow_mut().push((failover, round_trip));
        failover.from_cut
    };
    let mut mptcp = || mptcp::failover(namespaces, load, cut).from_cut;
    let rounds = interleave(ROUNDS, &mut [("multipath", &mut ours), ("MPTCP of the kernel", &mut mptcp)]);
    rounds.print("ms", |seconds| seconds * 1e3);
    // The first was to warm up.
    let failovers = failovers.borrow();
    let of = |figure: fn(&(_, Duration)) -> f64| Spread::of(failovers.iter().skip(1).map(figure));
    let bound = |round_trip: &Duration| (2 * TIMEOUT + *round_trip).as_secs_f64();
    println!(
        "  a supervisory round trip           {} ms",
        of(|(_, round_trip)| 1e3 * round_trip.as_secs_f64())
    );
    let share = Spread::of(
        failovers
            .iter()
            .skip(1)
            .map(|(it, round_trip)| 100.0 * it.from_cut.as_secs_f64() / bound(round_trip)),
    );
    println!(
        "  % of the bound                     {share} (time-out {0} ms, barrier {0} ms, that round trip; target: at most 100)",
        TIMEOUT.as_millis()
    );
    println!(
        "  from the last message to the first {} ms",
        Spread::of(failovers.iter().skip(1).map(|(it, _)| 1e3 * it.silence.as_secs_f64()))
    );
    println!("  times sooner than MPTCP            {}", rounds.times_faster(0, 1));
}

/// Run the rest of this thread in a namespace, and on a processor of its own: the ends stand for two machines.
fn enter(namespaces: &Namespaces, end: usize) {
    let file = File::open(namespaces.file(end)).expect("the namespace has a file");
    move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).expect("root may");
    let mut processors = CpuSet::new();
    processors.set(end);
    sched_setaffinity(None, &processors).expect("there are two processors");
}
