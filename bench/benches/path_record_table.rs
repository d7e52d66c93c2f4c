//! A table of 1,000,000 path records through the receiver of the reliable multi-packet protocol to a typed iterator, against
//! `memcpy` of the same buffer.
//!
//! The buffer has every segment of the answer as it arrives, a datagram of 256 bytes each. The receiver takes them in
//! order, cuts the records out, of which 7 in 25 lie across two segments, and writes its acknowledgements; of each record
//! four fields are read. `memcpy` is libc's, into memory that has been written before.

use core::hint::black_box;
use core::time::Duration;

use fabric_ha_bench::table::{path_records, peer, segments};
use fabric_ha_bench::{interleave, time};
use ib_mad::Lid;
use ib_mad::rmpp::{Received, ReceiverLimits, Receivers};
use ib_mad::wire::{Attribute, MAD_LENGTH, PathRecord, PathRecordView};

const RECORDS: usize = 1_000_000;
const ROUNDS: usize = 31;
const NOW: Duration = Duration::from_secs(5000);

fn main() {
    let segments = segments(path_records(RECORDS));
    let expected =
        path_records(RECORDS).map(|path| sum_of_fields(&path.to_view())).fold(0, u64::wrapping_add);
    let mut copy = vec![1; segments.len()];
    let (sum, acknowledgements) = receive(&segments);
    assert_eq!(sum, expected, "the fields of some record are read wrong");

    let mut ours = || {
        let mut received = (0, 0);
        let taken = time(|| received = receive(black_box(&segments)));
        assert_eq!(received, (sum, acknowledgements));
        taken
    };
    let mut memcpy = || time(|| black_box(&mut copy).copy_from_slice(black_box(&segments)));
    let rounds = interleave(
        ROUNDS,
        &mut [("Receivers and typed records", &mut ours), ("memcpy of the same buffer", &mut memcpy)],
    );
    println!(
        "{RECORDS} path records in {} segments of {MAD_LENGTH} bytes, {acknowledgements} acknowledgements, {ROUNDS} rounds in turn",
        segments.len() / MAD_LENGTH
    );
    rounds.print("GB/s of datagrams", |seconds| segments.len() as f64 / 1e9 / seconds);
    rounds.print("million records/s", |seconds| RECORDS as f64 / 1e6 / seconds);
    println!("  share of memcpy's bandwidth        {} (target: 0.5)", rounds.times_faster(0, 1));
}

/// Take every segment; the sum over the fields of all records, and how many acknowledgements were sent.
fn receive(segments: &[u8]) -> (u64, usize) {
    let mut receivers: Receivers<16> = Receivers::new(ReceiverLimits::DEFAULT, 4);
    let (manager, mut answer) = (peer(Lid(1)), [0; MAD_LENGTH]);
    let (mut sum, mut acknowledgements, mut is_whole) = (0_u64, 0, false);
    for segment in segments.chunks_exact(MAD_LENGTH) {
        let Received::Data(part) = receivers.handle_segment(NOW, manager, segment) else {
            panic!("a segment was not taken")
        };
        is_whole = part.is_last;
        for path in part.records.typed::<PathRecord>().expect("the offset is a record's length") {
            sum = sum.wrapping_add(sum_of_fields(path));
        }
        while receivers.poll_transmit(NOW, &mut answer).is_some() {
            black_box(&answer);
            acknowledgements += 1;
        }
    }
    assert!(is_whole);
    (sum, acknowledgements)
}

/// What a table of paths is keyed by, and what it keeps. Each number weighs another way, so that swapped fields show.
fn sum_of_fields(path: &PathRecordView) -> u64 {
    u64::from(path.source_lid().0)
        + (u64::from(path.destination_lid().0) << 16)
        + (u64::from(path.service_level().get()) << 32)
        + (u64::from(path.p_key().0) << 40)
}
