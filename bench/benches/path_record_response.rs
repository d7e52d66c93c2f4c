//! Reading a response with a path record: seven fields, against libibmad reading the same.
//!
//! Ours checks length, versions, class and method first. libibmad is measured twice: making the same checks with its own
//! accessors, which is the same work, and reading the fields only. It is called as its users call it, in the shared
//! library. Every field that is read goes through `black_box`, which stores it.

use core::hint::black_box;
use core::time::Duration;

use fabric_ha_bench::libibmad::{fields, get_field, get_field64};
use fabric_ha_bench::{Numbers, interleave, time};
use ib_mad::wire::{
    Attribute, AttributeId, MAD_LENGTH, MadHeader, ManagementClass, Method, PathRecord, RmppHeader, SaHeader,
    SaMad, SaMadView,
};
use ib_mad::{Gid, Guid, Lid, PKey, ServiceLevel, TransactionId};

/// Different datagrams; together they stay in the first-level cache for both sides.
const DATAGRAMS: usize = 64;
/// How often a round goes through them. A round is short, so that few are interrupted by another process, and there are many.
const PASSES: usize = 500;
const ROUNDS: usize = 301;

/// The seven fields, as a program would compare them.
#[derive(Debug, PartialEq)]
struct Fields {
    method: u8,
    attribute_id: u16,
    transaction_id: u64,
    destination_lid: u16,
    source_lid: u16,
    service_level: u8,
    number_of_paths: u8,
}

fn main() {
    let datagrams = datagrams();
    // As slices, whose lengths the compiler does not know.
    let received: Vec<&[u8]> = datagrams.iter().map(|mad| &mad[..]).collect();
    for mad in &datagrams {
        let ours = read_ours(mad);
        assert!(ours.is_some(), "a datagram was refused");
        assert_eq!(ours, Some(read_libibmad(mad)), "the two sides read different values");
    }
    let mut distinct = datagrams.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), DATAGRAMS);

    let mut ours = || run(&received, |mad| assert!(ours_kept(mad)));
    let mut libibmad = || run(&received, libibmad_kept);
    let mut libibmad_checked = || {
        run(&received, |mad| {
            assert!(libibmad_accepts(mad));
            libibmad_kept(mad);
        })
    };
    let rounds = interleave(
        ROUNDS,
        &mut [
            ("fabric-ha-ib-mad, checks and fields", &mut ours),
            ("libibmad, checks and fields", &mut libibmad_checked),
            ("libibmad, fields only", &mut libibmad),
        ],
    );
    println!(
        "Seven fields of a PathRecord response, {DATAGRAMS} different datagrams, {ROUNDS} rounds in turn"
    );
    rounds.print("ns/datagram", |seconds| seconds * 1e9 / (DATAGRAMS * PASSES) as f64);
    println!("  times faster than libibmad, checks and fields   {} (target: 25)", rounds.times_faster(0, 1));
    println!("  times faster than libibmad, fields only         {}", rounds.times_faster(0, 2));
}

fn run(datagrams: &[&[u8]], read: impl Fn(&[u8])) -> Duration {
    time(|| {
        for _ in 0..PASSES {
            for &mad in black_box(datagrams) {
                read(mad);
            }
        }
    })
}

/// Check length, versions, class and method, and read each field; whether the datagram was accepted.
#[inline]
fn ours_kept(bytes: &[u8]) -> bool {
    let Ok(mad) = SaMadView::new(bytes) else { return false };
    let header = mad.header();
    if header.method() != Method::GET_RESP {
        return false;
    }
    let Ok(record) = PathRecord::view(mad.data()) else { return false };
    black_box(header.method().0);
    black_box(header.attribute_id().0);
    black_box(header.transaction_id().0);
    black_box(record.destination_lid().0);
    black_box(record.source_lid().0);
    black_box(record.service_level().get());
    black_box(record.number_of_paths());
    true
}

/// Read each field, with no check.
#[inline]
fn libibmad_kept(mad: &[u8]) {
    let mad = mad.as_ptr();
    // SAFETY: header fields lie in the first 24 bytes, the record's 64 bytes from offset 56: both in the 256.
    unsafe {
        black_box(get_field(mad, 0, fields::IB_MAD_METHOD_F));
        black_box(get_field(mad, 0, fields::IB_MAD_ATTRID_F));
        black_box(get_field64(mad, 0, fields::IB_MAD_TRID_F));
        black_box(get_field(mad, fields::SA_DATA_OFFSET, fields::IB_SA_PR_DLID_F));
        black_box(get_field(mad, fields::SA_DATA_OFFSET, fields::IB_SA_PR_SLID_F));
        black_box(get_field(mad, fields::SA_DATA_OFFSET, fields::IB_SA_PR_SL_F));
        black_box(get_field(mad, fields::SA_DATA_OFFSET, fields::IB_SA_PR_NPATH_F));
    }
}

/// The checks that ours makes, with libibmad's means.
#[inline]
fn libibmad_accepts(mad: &[u8]) -> bool {
    let length = mad.len();
    let mad = mad.as_ptr();
    // SAFETY: header fields lie in the first 24 bytes, which are read only if there are 256.
    unsafe {
        length == MAD_LENGTH
            && get_field(mad, 0, fields::IB_MAD_BASEVER_F) == 1
            && get_field(mad, 0, fields::IB_MAD_MGMTCLASS_F) == 3
            && get_field(mad, 0, fields::IB_MAD_CLASSVER_F) == 2
            && get_field(mad, 0, fields::IB_MAD_METHOD_F) == 1
            && get_field(mad, 0, fields::IB_MAD_RESPONSE_F) == 1
    }
}

fn read_ours(mad: &[u8]) -> Option<Fields> {
    let mad = SaMadView::new(mad).ok().filter(|mad| mad.header().method() == Method::GET_RESP)?;
    let record = PathRecord::view(mad.data()).ok()?;
    Some(Fields {
        method: mad.header().method().0,
        attribute_id: mad.header().attribute_id().0,
        transaction_id: mad.header().transaction_id().0,
        destination_lid: record.destination_lid().0,
        source_lid: record.source_lid().0,
        service_level: record.service_level().get(),
        number_of_paths: record.number_of_paths(),
    })
}

fn read_libibmad(mad: &[u8; MAD_LENGTH]) -> Fields {
    // SAFETY: as in `libibmad_kept`.
    let (header, record) = unsafe {
        (
            |field| get_field(mad.as_ptr(), 0, field),
            |field| get_field(mad.as_ptr(), fields::SA_DATA_OFFSET, field),
        )
    };
    Fields {
        // libibmad counts the response bit as a field of its own.
        method: (header(fields::IB_MAD_RESPONSE_F) << 7 | header(fields::IB_MAD_METHOD_F)) as u8,
        attribute_id: header(fields::IB_MAD_ATTRID_F) as u16,
        // SAFETY: as above.
        transaction_id: unsafe { get_field64(mad.as_ptr(), 0, fields::IB_MAD_TRID_F) },
        destination_lid: record(fields::IB_SA_PR_DLID_F) as u16,
        source_lid: record(fields::IB_SA_PR_SLID_F) as u16,
        service_level: record(fields::IB_SA_PR_SL_F) as u8,
        number_of_paths: record(fields::IB_SA_PR_NPATH_F) as u8,
    }
}

/// Responses as a subnet manager sends them, each with other values.
fn datagrams() -> Vec<[u8; MAD_LENGTH]> {
    let mut numbers = Numbers(1);
    let gid = |numbers: &mut Numbers| Gid::new(Gid::DEFAULT_PREFIX, Guid(numbers.draw()));
    (0..DATAGRAMS)
        .map(|_| {
            let mut header = MadHeader::request(
                ManagementClass::SUBNET_ADMINISTRATION,
                Method::GET,
                AttributeId::PATH_RECORD,
                0,
                TransactionId(numbers.draw()),
            );
            header.method = Method::GET_RESP;
            let record = PathRecord {
                source_gid: gid(&mut numbers),
                destination_gid: gid(&mut numbers),
                source_lid: Lid(numbers.below(0xBFFF) as u16 + 1),
                destination_lid: Lid(numbers.below(0xBFFF) as u16 + 1),
                number_of_paths: numbers.below(128) as u8,
                is_reversible: numbers.below(2) == 1,
                p_key: PKey::DEFAULT_FULL,
                qos_class: numbers.below(1 << 12) as u16,
                service_level: ServiceLevel::new(numbers.below(16) as u8).unwrap_or_default(),
                ..PathRecord::default()
            };
            SaMad {
                header,
                rmpp: RmppHeader::INACTIVE,
                sa: SaHeader { attribute_offset: 8, ..SaHeader::default() },
            }
            .emit(&record)
            .expect("a path record fits a datagram")
        })
        .collect()
}
