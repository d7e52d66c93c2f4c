//! The verbs transport against perftest, in the machine: bandwidth of writes, and latency of reads.
//!
//! ```text
//! cargo bench -p fabric-ha-vm-tests
//! ```
//!
//! Both sides use the same two ports, one queue pair, and as much work at a time; a round of one comes after a round of the other, and a
//! first round of each does not count. What is compared is the medians of the rounds; the ratios within each round show how
//! steady the machine was.

#![allow(clippy::std_instead_of_alloc, reason = "there is an operating system")]
#![allow(clippy::disallowed_methods, reason = "a measurement reads the clock")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails ends")]

#[path = "../tests/verbs_support/mod.rs"]
mod verbs_support;

use core::time::Duration;
use std::process::{Command, Stdio};
use std::time::Instant;

use fabric_ha_bench::{Rounds, interleave};
use machine::{End, Machine, wait_until_it_listens};
use transport::verbs::{ConnectionConfig, WorkId};

use verbs_support::{LIMIT, Side, pair, patient, port};

const ROUNDS: usize = 10;
/// As perftest has it unless it is told otherwise.
const DEPTH: u64 = 128;
const WRITE: usize = 1 << 16;
/// Long enough that the kernel's threads, which do all the work of soft-RoCE, are spread over the processors in many ways.
const WRITES: u64 = 2000;
const READ: usize = 8;
const READS: usize = 1000;

fn main() {
    let _machine = Machine::this();
    // What is lost is sent again for ever, as perftest's is.
    let config = ConnectionConfig { retries: 7, ..patient() };
    let (zero, _one) = pair(0, WRITE, &config);
    let megabytes = |seconds: f64| (WRITES * WRITE as u64) as f64 / seconds / 1e6;
    println!("writes of {WRITE} bytes, {DEPTH} at a time");
    let (mut ours, mut perftests) = (|| writes(&zero), perftest_writes);
    let rounds = interleave(ROUNDS, &mut [("transport::verbs", &mut ours), ("ib_write_bw", &mut perftests)]);
    print(&rounds, "MB/s", megabytes);
    println!("\nreads of {READ} bytes, one at a time: median of {READS}");
    let (mut ours, mut perftests) = (|| median_read(&zero), perftest_read);
    let rounds = interleave(ROUNDS, &mut [("transport::verbs", &mut ours), ("ib_read_lat", &mut perftests)]);
    print(&rounds, "µs", |seconds| seconds * 1e6);
}

fn print(rounds: &Rounds<'_>, unit: &str, figure: impl Fn(f64) -> f64) {
    rounds.print(unit, figure);
    let [ours, perftests] = [0, 1].map(|side| rounds.of(side, |seconds| seconds).median);
    println!("  medians, ours to perftest's        {:7.2} ×", perftests / ours);
    println!("  round by round                     {} ×", rounds.times_faster(0, 1));
}

/// Time from the first write to the last completion.
fn writes(side: &Side) -> Duration {
    let local = side.memory.part(0..WRITE).unwrap();
    let remote = side.remote.at(0, WRITE).unwrap();
    let (mut posted, mut completed) = (0, 0);
    let begun = Instant::now();
    while completed < WRITES {
        while posted < WRITES.min(completed + DEPTH) {
            side.queue_pair.write(WorkId(posted), local, remote).unwrap();
            posted += 1;
        }
        side.completions
            .poll(|completion| {
                completion.done().unwrap();
                completed += 1;
            })
            .unwrap();
        assert!(begun.elapsed() < LIMIT);
    }
    begun.elapsed()
}

fn median_read(side: &Side) -> Duration {
    let local = side.memory.part(0..READ).unwrap();
    let remote = side.remote.at(0, READ).unwrap();
    let mut times: Vec<_> = (0..READS)
        .map(|id| {
            let begun = Instant::now();
            side.queue_pair.read(WorkId(id as u64), local, remote).unwrap();
            while side.completions.poll(|completion| _ = completion.done().unwrap()).unwrap() == 0 {}
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[READS / 2]
}

fn perftest_writes() -> Duration {
    let figures = perftest("ib_write_bw", WRITE, WRITES);
    // Size, iterations, peak, average in MiB/s.
    let mebibytes = figures[3];
    Duration::from_secs_f64((WRITES * WRITE as u64) as f64 / f64::from(1 << 20) / mebibytes)
}

fn perftest_read() -> Duration {
    let figures = perftest("ib_read_lat", READ, READS as u64);
    // Size, iterations, least, most, typical (the median) in µs.
    Duration::from_secs_f64(figures[4] / 1e6)
}

/// The figures that a program of perftest prints in its last line but one, as a client of itself.
fn perftest(program: &str, size: usize, iterations: u64) -> Vec<f64> {
    const PORT: u16 = 18_515;
    let command = |end: End| {
        let mut command = Command::new(program);
        command.args(["-F", "-d", end.rdma_device(), "-x", &port(end, 0).gid_index().to_string()]);
        command.args(["-s", &size.to_string(), "-n", &iterations.to_string(), "-p", &PORT.to_string()]);
        command.stderr(Stdio::null());
        command
    };
    let mut server = command(End::One).stdout(Stdio::null()).spawn().unwrap();
    wait_until_it_listens(PORT);
    let output = command(End::Zero).arg("127.0.0.1").output().unwrap();
    server.wait().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines =
        text.lines().map(|line| line.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>());
    let figures = lines.find_map(|line| line.ok().filter(|line| line.len() >= 4));
    figures.unwrap_or_else(|| panic!("{program} printed no figures:\n{text}"))
}
