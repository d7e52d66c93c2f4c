//! Instructions of ib-mad's hot paths, as callgrind counts them: no noise hides a change.
#![allow(missing_docs, unreachable_pub, unused_qualifications, reason = "the macros of gungraun")]

use core::hint::black_box;
use core::time::Duration;

use fabric_ha_bench::instructions_only;
use fabric_ha_bench::response::{check_and_read_with_libibmad, read, read_with_libibmad, responses};
use fabric_ha_bench::sink::Stored;
use fabric_ha_bench::table::{path_records, peer, segments};
use gungraun::prelude::*;
use ib_mad::rmpp::{Received, ReceiverLimits, Receivers};
use ib_mad::sa::{SaAddress, SaClient, SaClientConfig, SaHandled, SaRequest};
use ib_mad::wire::{MAD_LENGTH, Method, PathRecord, PathRecordQuery};
use ib_mad::{Lid, ServiceLevel};

const NOW: Duration = Duration::from_secs(5000);
const MANAGER: Lid = Lid(1);
const DATAGRAMS: usize = 1000;

type Datagrams = Vec<[u8; MAD_LENGTH]>;

#[library_benchmark]
#[bench::a_thousand_path_records(args = (DATAGRAMS), setup = responses::<PathRecord>)]
fn ours(datagrams: Datagrams) -> Datagrams {
    for mad in black_box(&datagrams[..]) {
        assert!(read::<PathRecord>(black_box(mad), &mut Stored));
    }
    datagrams
}

#[library_benchmark]
#[bench::a_thousand_path_records(args = (DATAGRAMS), setup = responses::<PathRecord>)]
fn libibmad_with_checks(datagrams: Datagrams) -> Datagrams {
    for mad in black_box(&datagrams[..]) {
        assert!(check_and_read_with_libibmad::<PathRecord>(black_box(mad), &mut Stored));
    }
    datagrams
}

#[library_benchmark]
#[bench::a_thousand_path_records(args = (DATAGRAMS), setup = responses::<PathRecord>)]
fn libibmad_bare(datagrams: Datagrams) -> Datagrams {
    for mad in black_box(&datagrams[..]) {
        // SAFETY: every datagram has 256 bytes.
        unsafe { read_with_libibmad::<PathRecord>(black_box(mad), &mut Stored) };
    }
    datagrams
}

fn answer(records: usize) -> (Box<Receivers<16>>, Vec<u8>) {
    let receivers = Box::new(Receivers::new(ReceiverLimits::DEFAULT, 4));
    (receivers, segments(path_records(records)))
}

#[library_benchmark]
#[bench::a_thousand_segments(args = (3125), setup = answer)]
fn receive((mut receivers, segments): (Box<Receivers<16>>, Vec<u8>)) -> (Box<Receivers<16>>, Vec<u8>) {
    let mut acknowledgement = [0; MAD_LENGTH];
    for segment in black_box(&segments[..]).chunks_exact(MAD_LENGTH) {
        let Received::Data(part) = receivers.handle_segment(NOW, peer(MANAGER), segment) else {
            panic!("a segment was not taken")
        };
        for path in part.records.typed::<PathRecord>().expect("the offset is a record's length") {
            black_box(path.destination_lid());
        }
        while receivers.poll_transmit(NOW, &mut acknowledgement).is_some() {
            black_box(&acknowledgement);
        }
    }
    (receivers, segments)
}

type Client = Box<SaClient<16>>;

/// A client with requests in flight, and the answer to each.
fn asked(requests: usize) -> (Client, Datagrams) {
    let sa = SaAddress { lid: MANAGER, service_level: ServiceLevel::default() };
    let mut client = Box::new(SaClient::new(SaClientConfig::new(sa)));
    let mut answers = Vec::new();
    for _ in 0..requests {
        let request = SaRequest::get(&PathRecordQuery::new().source_lid(Lid(7)));
        client.request(NOW, request).expect("there is room");
        let mut mad = [0; MAD_LENGTH];
        client.poll_transmit(NOW, &mut mad).expect("the request is due");
        mad[3] = Method::GET_RESP.0;
        answers.push(mad);
    }
    (client, answers)
}

#[library_benchmark]
#[bench::sixteen_paths(args = (16), setup = asked)]
fn take_answers((mut client, answers): (Client, Datagrams)) -> (Client, Datagrams) {
    for answer in black_box(&answers) {
        assert!(matches!(client.handle_datagram(NOW, MANAGER, answer), SaHandled::Answered(_)));
    }
    (client, answers)
}

library_benchmark_group!(
    name = seven_fields,
    compare_by_id = true,
    benchmarks = [ours, libibmad_with_checks, libibmad_bare]
);
library_benchmark_group!(name = rmpp, benchmarks = [receive]);
library_benchmark_group!(name = subnet_administration, benchmarks = [take_answers]);
main!(config = instructions_only(), library_benchmark_groups = [seven_fields, rmpp, subnet_administration]);
