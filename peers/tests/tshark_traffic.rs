//! tshark reads datagrams of RMPP transfers, and those that real tools made, as ib-mad does; and no field that it knows was
//! forgotten.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ib_mad::rmpp::{ReceiverLimits, Receivers, RmppPeer, Sender, SenderLimits, TransferKey};
use ib_mad::wire::{
    Attribute, AttributeId, MAD_LENGTH, MadHeader, ManagementClass, Method, PathRecord, RmppHeader,
    RmppStatus, SaHeader, SaMad,
};
use ib_mad::{Lid, Qpn, ServiceLevel, TransactionId};
use oracles::layouts;
use peers::{Capture, Dissection, RunDir, STRUCTURES};
use support::{Datagram, Maker, decoded, dissect, report};

const NOW: Duration = Duration::from_secs(5000);

fn peer(lid: u16) -> RmppPeer {
    RmppPeer { lid: Lid(lid), service_level: ServiceLevel::default(), qpn: Qpn::GENERAL_SERVICES }
}

/// A table of random paths, and the headers to send it with.
fn table(maker: &mut Maker, records: usize) -> (Vec<u8>, [u8; MAD_LENGTH]) {
    let table =
        (0..records).flat_map(|_| maker.filled("PathRecord").0[..PathRecord::LENGTH].to_vec()).collect();
    let header = MadHeader::request(
        ManagementClass::SUBNET_ADMINISTRATION,
        Method::GET_TABLE_RESP,
        AttributeId::PATH_RECORD,
        0,
        TransactionId(maker.random.next()),
    );
    let sa = SaHeader { attribute_offset: (PathRecord::LENGTH / 8) as u16, ..SaHeader::default() };
    let headers = SaMad { header, rmpp: RmppHeader::INACTIVE, sa };
    (table, headers.emit(&PathRecord::default()).unwrap())
}

/// Every datagram of a transfer, until its receiver aborts it with `status` behind so many segments.
fn transfer(maker: &mut Maker, records: usize, abort: Option<(u32, RmppStatus)>) -> Vec<[u8; MAD_LENGTH]> {
    let (manager, host) = (peer(1), peer(7));
    let (table, template) = table(maker, records);
    let mut sender = Sender::new(NOW, SenderLimits::DEFAULT, host, &template, &table[..]).unwrap();
    let mut receivers: Receivers<4> = Receivers::new(ReceiverLimits::DEFAULT, 4);
    let (mut data, mut answer) = ([0; MAD_LENGTH], [0; MAD_LENGTH]);
    let mut datagrams = Vec::new();
    let mut segments = 0;
    while sender.poll_transmit(NOW, &mut data).is_some() {
        datagrams.push(data);
        let _ = receivers.handle_segment(NOW, manager, &data);
        segments += 1;
        if let Some((_, status)) = abort.filter(|(behind, _)| *behind == segments) {
            let transaction_id = MadHeader::parse(&data).unwrap().transaction_id;
            let (class, method) = (ManagementClass::SUBNET_ADMINISTRATION, Method::GET_TABLE_RESP);
            assert!(receivers.abort(
                NOW,
                TransferKey { peer: manager.lid, class, transaction_id, method },
                status
            ));
        }
        while receivers.poll_transmit(NOW, &mut answer).is_some() {
            datagrams.push(answer);
            let _ = sender.handle_segment(NOW, host.lid, &answer);
        }
    }
    datagrams
}

#[tokio::test]
async fn segments_of_transfers() {
    let mut maker = Maker::new(9);
    let mut all = Vec::new();
    for records in [1, 2, 3, 4, 7, 40, 300] {
        all.extend(transfer(&mut maker, records, None));
    }
    for status in [RmppStatus::RESOURCES_EXHAUSTED].into_iter().chain((118..=127).map(RmppStatus)) {
        all.extend(transfer(&mut maker, 9, Some((2, status))));
    }
    let layouts = layouts();
    let kinds = ["", "RMPP (DATA)", "RMPP (ACK)", "RMPP (STOP)", "RMPP (ABORT)"];
    let mut seen = BTreeSet::new();
    let datagrams: Vec<Datagram> = all
        .into_iter()
        .enumerate()
        .map(|(number, bytes)| {
            let kind = kinds[usize::from(bytes[25])];
            seen.insert(kind);
            let mut datagram = decoded(&format!("datagram {number} of the transfers"), bytes, &layouts);
            datagram.labels = vec![kind.into(), format!("({:#04x})", bytes[27])];
            datagram
        })
        .collect();
    assert_eq!(seen.len(), 4, "{seen:?}");
    report("segments of transfers", &datagrams).await;
}

/// The number that tshark shows under a name.
fn shown(dissection: &Dissection, name: &str) -> u64 {
    let name = format!("infiniband.rmpp.{name}");
    let field = dissection.named(&name).next().unwrap_or_else(|| panic!("no {name}"));
    field.value.as_ref().unwrap().iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// What the standard says of the segments of a table, found by tshark.
#[tokio::test]
async fn a_transfer_is_numbered_from_1_and_says_its_length_first_and_last() {
    const ROOM: u64 = 200;
    let mut maker = Maker::new(11);
    let layouts = layouts();
    for records in [1, 3, 4, 50, 225] {
        let datagrams = transfer(&mut maker, records, None);
        let datagrams: Vec<_> =
            datagrams.into_iter().map(|bytes| decoded("a transfer", bytes, &layouts)).collect();
        let dir = RunDir::new().unwrap();
        let dissections = dissect(&datagrams, &dir).await;
        let length = (records * PathRecord::LENGTH) as u64;
        let count = length.div_ceil(ROOM);
        let (mut sent, mut window) = (0, 1);
        for packet in &dissections {
            match shown(packet, "rmpptype") {
                1 => {
                    sent += 1;
                    assert!(sent <= window, "segment {sent} of {count} is beyond {window}");
                    assert_eq!(shown(packet, "segmentnumber"), sent);
                    // The header of subnet administration, 20 bytes, counts in each segment.
                    let (first, last) = (sent == 1, sent == count);
                    let payload = match (first, last) {
                        (true, _) => length + 20 * count,
                        (false, true) => length - ROOM * (count - 1) + 20,
                        (false, false) => 0,
                    };
                    assert_eq!(shown(packet, "payloadlength"), payload, "segment {sent} of {count}");
                    // ACTIVE, FIRST and LAST; tshark adds a bit of the response time.
                    let flags = 1 + 2 * u64::from(first) + 4 * u64::from(last);
                    assert_eq!(shown(packet, "rmppflags") & 7, flags, "segment {sent} of {count}");
                }
                2 => {
                    assert_eq!(shown(packet, "segmentnumber"), sent);
                    window = shown(packet, "newwindowlast");
                    assert!(window > sent || sent == count, "{window} does not open behind {sent}");
                }
                other => panic!("a segment of type {other}"),
            }
        }
        assert_eq!((sent, shown(dissections.last().unwrap(), "rmpptype")), (count, 2));
    }
}

#[tokio::test]
async fn datagrams_of_real_tools() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ib-mad/tests/data");
    let layouts = layouts();
    let mut datagrams = Vec::new();
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "hex") {
            let text = fs::read_to_string(&file).unwrap();
            let bytes = text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap());
            let bytes = bytes.collect::<Vec<_>>().try_into().unwrap();
            datagrams.push(decoded(&file.file_stem().unwrap().to_string_lossy(), bytes, &layouts));
        }
    }
    assert!(datagrams.len() >= 50);
    report("datagrams of real tools", &datagrams).await;
}

/// Names of fields that are in no table, by how they begin, and why.
const OTHERS: &[(&str, &str)] = &[
    ("infiniband.lrh", "header of the link, no part of a datagram: tests/capture.rs"),
    ("infiniband.grh", "header of a global route"),
    ("infiniband.bth", "header of the transport, no part of a datagram: tests/capture.rs"),
    ("infiniband.deth", "header of datagrams in the transport, no part of one: tests/capture.rs"),
    ("infiniband.invariant.crc", "checksum of the packet"),
    ("infiniband.variant.crc", "checksum of the packet"),
    ("infiniband.rwh", "raw packets"),
    ("infiniband.rawdata", "raw packets"),
    ("infiniband.rdeth", "reliable datagrams"),
    ("infiniband.reth", "remote memory access"),
    ("infiniband.atomiceth", "atomic operations"),
    ("infiniband.atomicacketh", "atomic operations"),
    ("infiniband.aeth", "acknowledgements of connections"),
    ("infiniband.immdt", "immediate data"),
    ("infiniband.ieth", "invalidation of a key"),
    ("infiniband.payload", "data of connections"),
    ("infiniband.vendor", "classes of vendors, which tshark does not read"),
    ("infiniband.eoib", "Ethernet over InfiniBand"),
    ("infiniband.cm.req.serviceid.", "parts of the identifier of an IP service"),
    ("infiniband.cm.req.ip_cm", "private data of an IP service"),
    ("infiniband.cm.req.prim_localgid_ipv4", "another form of a GID"),
    ("infiniband.cm.req.prim_remotegid_ipv4", "another form of a GID"),
    ("infiniband.sa.subnetadmindata", "attributes that tshark does not know"),
    ("infiniband.randomforwardingtable", "an attribute that ib-mad does not have"),
    ("infiniband.vendordiag", "an attribute that ib-mad does not have"),
    ("infiniband.ledinfo", "an attribute that ib-mad does not have"),
    ("infiniband.linkspeedwidthpairstable", "an attribute that ib-mad does not have"),
    ("infiniband.serviceassociationrecord", "an attribute that ib-mad does not have"),
    ("infiniband.tracerecord", "an attribute that ib-mad does not have"),
    ("infiniband.multipathrecord.sdgid", "a list behind the record: tests/tshark.rs"),
    ("infiniband.trap.datavalid", "trap 259, at which tshark gives up"),
    ("infiniband.trap.pkey", "trap 259, at which tshark gives up"),
    ("infiniband.trap.swlidaddr", "trap 259, at which tshark gives up"),
    ("infiniband.reserved", "any reserved field: zero, or one that a table has by its place"),
    ("infiniband.classportinfo.reserved", "a reserved field: zero"),
];

#[tokio::test]
async fn no_field_that_tshark_knows_is_forgotten() {
    let layouts = layouts();
    let shown = layouts.iter().flat_map(|layout| oracles::tshark::shown(layout.name));
    let compared: BTreeSet<&str> = shown.map(|shown| shown.name).collect();
    let known = Capture::known_fields().await.unwrap();
    let known: BTreeSet<&str> =
        known.iter().map(String::as_str).filter(|it| it.starts_with("infiniband.")).collect();
    assert!(known.len() > 400, "tshark knows {} fields", known.len());
    let is_other = |name: &str| {
        STRUCTURES.contains(&name)
            || OTHERS.iter().any(|(start, _)| {
                name.strip_prefix(start)
                    .is_some_and(|rest| start.ends_with('.') || rest.is_empty() || rest.starts_with('.'))
            })
    };
    let forgotten: Vec<&str> =
        known.iter().copied().filter(|name| !compared.contains(name) && !is_other(name)).collect();
    assert_eq!(forgotten, Vec::<&str>::new(), "in no table");
    let invented: Vec<&&str> = compared.difference(&known).collect();
    assert_eq!(invented, Vec::<&&str>::new(), "tshark does not know them");
    println!("{} of {} fields that tshark knows are compared", compared.len(), known.len());
}
