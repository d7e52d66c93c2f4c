//! Reading seven fields of a response, for six attributes, against libibmad reading the same.
//!
//! The datagrams lie one behind the other, as in a ring of receive buffers. Both sides cut the buffer in the same way, which is
//! the check of the length: what is left over and no whole datagram is refused. Ours checks versions, class and method next.
//! libibmad is measured twice: making the same checks with its own accessors, which is the same work, and reading the fields
//! only. It is called as its users call it, in the shared library. Every field that is read goes into a sink, on both sides the same: `black_box`, which stores it, or a register.

use core::hint::black_box;
use core::time::Duration;

use fabric_ha_bench::response::{
    Response, check_and_read_with_libibmad, read, read_with_libibmad, responses,
};
use fabric_ha_bench::sink::{InRegister, Sink, Stored};
use fabric_ha_bench::{Spread, interleave, time};
use ib_mad::wire::{MAD_LENGTH, McMemberRecord, NodeInfo, PathRecord, PortCounters, PortInfo, SwitchInfo};

/// Different datagrams; together they stay in the first-level cache for both sides.
const DATAGRAMS: usize = 64;
/// How often a round goes through them. A round is short, so that few are interrupted by another process, and there are many.
const PASSES: usize = 500;
const ROUNDS: usize = 301;

fn main() {
    println!("Seven fields of a response, {DATAGRAMS} different datagrams, {ROUNDS} rounds in turn");
    println!(
        "Medians, and quartiles of the ratios; libibmad with the checks that ours makes, and without any"
    );
    println!("The target for the same work is 25 times; the limit is a sink that is given seven constants\n");
    line(["", "fields", "limit", "ours", "libibmad", "libibmad", "times faster", "times faster"]);
    line(["attribute", "go to", "ns", "ns", "checks, ns", "bare, ns", "than with checks", "than bare"]);
    compare::<PathRecord>();
    compare::<McMemberRecord>();
    compare::<NodeInfo>();
    compare::<PortInfo>();
    compare::<SwitchInfo>();
    compare::<PortCounters>();
}

fn compare<R: Response>() {
    compare_into::<R>("black_box", Stored);
    compare_into::<R>("a register", InRegister);
}

fn compare_into<R: Response>(sink_name: &str, sink: impl Sink + Copy) {
    let datagrams = responses::<R>(DATAGRAMS);
    let received = datagrams.concat();
    let mut ours = || run(&received, |mad| assert!(read::<R>(mad, &mut { sink })));
    let mut checked = || run(&received, |mad| assert!(check_and_read_with_libibmad::<R>(mad, &mut { sink })));
    // SAFETY: every datagram has 256 bytes.
    let mut bare = || run(&received, |mad| unsafe { read_with_libibmad::<R>(mad, &mut { sink }) });
    let mut limit = || run(&received, |_| (0..7_u64).for_each(|constant| { sink }.take(constant)));
    let rounds = interleave(
        ROUNDS,
        &mut [
            ("the sink alone", &mut limit),
            ("ours", &mut ours),
            ("libibmad, checks", &mut checked),
            ("libibmad, bare", &mut bare),
        ],
    );
    let nanoseconds = |side| {
        let spread = rounds.of(side, |seconds| seconds * 1e9 / (DATAGRAMS * PASSES) as f64);
        format!("{:.2}", spread.median)
    };
    line([
        R::NAME,
        sink_name,
        &nanoseconds(0),
        &nanoseconds(1),
        &nanoseconds(2),
        &nanoseconds(3),
        &ratio(rounds.times_faster(1, 2)),
        &ratio(rounds.times_faster(1, 3)),
    ]);
}

fn line([attribute, sink, limit, ours, checked, bare, ratio_checked, ratio_bare]: [&str; 8]) {
    println!(
        "{attribute:15} {sink:10} {limit:>6} {ours:>6} {checked:>11} {bare:>9}   {ratio_checked:21}   {ratio_bare}"
    );
}

fn ratio(Spread { median, lower_quartile, upper_quartile, .. }: Spread) -> String {
    format!("{median:.1} ({lower_quartile:.1} to {upper_quartile:.1})")
}

/// Go through a buffer whose length the compiler does not know.
fn run(received: &[u8], read: impl Fn(&[u8])) -> Duration {
    time(|| {
        for _ in 0..PASSES {
            let datagrams = black_box(received).chunks_exact(MAD_LENGTH);
            assert!(datagrams.remainder().is_empty(), "less than a datagram is left over");
            datagrams.for_each(&read);
        }
    })
}
