//! Bulk throughput of `multipath` on loopback, against a bare sender and receiver with the same datagrams, the same calls to
//! the kernel and the same checksum but no protocol, and against QUIC (quinn), which also encrypts.
//!
//! Both ends run in this process, each on a thread and a runtime of its own. Every round moves the same bytes.

#![allow(clippy::disallowed_methods, reason = "a comparison of times reads the clock")]

extern crate alloc;

mod bare;
mod ours;
mod quic;

use core::time::Duration;

use fabric_ha_bench::interleave;
use multipath::wire::MAX_JUMBO_PAYLOAD;

const MIB: usize = 1 << 20;

fn main() {
    compare(MAX_JUMBO_PAYLOAD, 128 * MIB, 15);
    compare(8 << 10, 128 * MIB, 15);
    compare(512, 32 * MIB, 15);
}

fn compare(payload: u16, bytes: usize, rounds: usize) {
    println!(
        "{} MiB in packets of {payload} bytes of payload, one path on loopback, {rounds} rounds in turn",
        bytes / MIB
    );
    let mut ours = || ours::transfer(payload, bytes);
    let mut bare = || bare::transfer(payload, bytes);
    let mut quic = || quic::transfer(bytes);
    let rounds = interleave(
        rounds,
        &mut [("multipath", &mut ours), ("bare, no protocol", &mut bare), ("quinn, encrypted", &mut quic)],
    );
    rounds.print("GB/s", |seconds| bytes as f64 / seconds / 1e9);
    println!("  of the bare throughput             {} (target: 0.8)", rounds.times_faster(0, 1));
    println!("  times quinn                        {} (target: 2)", rounds.times_faster(0, 2));
}

/// Run one end on a runtime of its own.
fn block_on<T>(end: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(end)
}

/// How long a peer may take to answer before the comparison has failed.
const PATIENCE: Duration = Duration::from_secs(20);
