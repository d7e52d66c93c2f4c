//! tshark reads the captures that the programs write: ERF records of type InfiniBand, link type 197.

use core::time::Duration;
use std::fs;

use ib_mad::{Lid, Qpn, ServiceLevel};
use peers::{Capture, DATAGRAM_POSITION, Difference, DissectedField, Expected, RunDir, compare};
use sim::Random;
use transport::{CaptureFile, PacketAddresses};

const ETHERNET: u32 = 1;
const ERF: u32 = 197;

/// A capture file of one packet.
fn capture(link_type: u32, packet: &[u8]) -> Vec<u8> {
    let length = u32::try_from(packet.len()).expect("a packet is short");
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 0xffff, link_type, 1, 0, length, length] {
        file.extend(word.to_le_bytes());
    }
    file.extend(packet);
    file
}

/// A management datagram behind its link, base transport and datagram headers, in an ERF record.
fn erf_record(mad: &[u8; 256]) -> Vec<u8> {
    const WIRE_LENGTH: u16 = 8 + 12 + 8 + 256 + 6;
    let mut record = vec![0; 8];
    record.extend([21, 4]);
    record.extend((16 + WIRE_LENGTH).to_be_bytes());
    record.extend([0, 0]);
    record.extend(WIRE_LENGTH.to_be_bytes());
    record.extend([0x00, 0x02, 0, 1, 0, (WIRE_LENGTH / 4) as u8, 0, 2]);
    record.extend([0x64, 0, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 1]);
    record.extend([0x80, 1, 0, 0, 0, 0, 0, 1]);
    record.extend(mad);
    record.extend([0; 6]);
    record
}

#[tokio::test]
async fn fields_of_a_report_are_read() {
    let dir = RunDir::new().unwrap();
    // SubnAdmReport(Notice): generic, urgent, from a switch, trap 69.
    let mut report = [0; 256];
    report[..4].copy_from_slice(&[1, 3, 2, 6]);
    report[17] = 2;
    report[56..62].copy_from_slice(&[0x81, 0, 0, 2, 0, 69]);
    fs::write(dir.file("report.pcap"), capture(ERF, &erf_record(&report))).unwrap();
    let capture = Capture::new(dir.file("report.pcap"));
    assert_eq!(capture.malformed().await.unwrap(), 0);
    let fields = ["infiniband.mad.mgmtclass", "infiniband.mad.method", "infiniband.no.such.field"];
    assert_eq!(capture.fields("", &fields[..2]).await.unwrap(), [["0x03", "0x06"]]);
    assert_eq!(capture.count("infiniband.mad.method == 0x07").await.unwrap(), 0);
    assert!(capture.text("").await.unwrap().contains("SubnAdmReport(Notice)"));
    assert!(capture.fields("", &fields).await.unwrap_err().to_string().contains("infiniband.no.such.field"));
}

#[tokio::test]
async fn a_malformed_packet_is_counted() {
    let dir = RunDir::new().unwrap();
    // An address resolution packet that ends after four of its 28 bytes.
    let packet = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0];
    fs::write(dir.file("cut.pcap"), capture(ETHERNET, &packet)).unwrap();
    assert_eq!(Capture::new(dir.file("cut.pcap")).malformed().await.unwrap(), 1);
}

#[tokio::test]
async fn headers_around_a_datagram_are_those_of_its_addresses() {
    let dir = RunDir::new().unwrap();
    let mut random = Random::new(10);
    let mut file = CaptureFile::create(&dir.file("packets.pcap")).unwrap();
    let mut packets = Vec::new();
    for number in 0..64_u16 {
        let addresses = PacketAddresses {
            from: Lid(random.next() as u16),
            to: Lid(random.next() as u16),
            service_level: ServiceLevel::new(random.next() as u8 & 0xF).unwrap(),
            qpn: Qpn::new(u32::from(number % 2)).unwrap(),
        };
        let time = Duration::new(random.next() >> 32, random.below(1_000_000_000) as u32);
        file.write(time, &addresses, &[1; 256]).unwrap();
        packets.push((addresses, time));
    }
    let capture = Capture::new(dir.file("packets.pcap"));
    let fields = [
        "lrh.vl",
        "lrh.lver",
        "lrh.sl",
        "lrh.reserved2",
        "lrh.lnh",
        "lrh.dlid",
        "lrh.reserved5",
        "lrh.pktlen",
        "lrh.slid",
        "bth.opcode",
        "bth.se",
        "bth.m",
        "bth.padcnt",
        "bth.tver",
        "bth.p_key",
        "bth.destqp",
        "bth.a",
        "bth.reserved7",
        "bth.psn",
        "deth.q_key",
        "deth.srcqp",
        "invariant.crc",
        "variant.crc",
    ];
    let dissections = capture.dissect().await.unwrap();
    let times = capture.fields("", &["frame.time_epoch"]).await.unwrap();
    for (number, ((addresses, time), dissection)) in packets.iter().zip(&dissections).enumerate() {
        let management = addresses.qpn == Qpn::SUBNET_MANAGEMENT;
        let (lane, q_key, qpn) = if management { (15, 0, 0) } else { (0, 0x8001_0000, 1) };
        let (from, to) = (u64::from(addresses.from.0), u64::from(addresses.to.0));
        let level = u64::from(addresses.service_level.get());
        // 72 words of four bytes; unreliable datagram, send only; the default partition.
        let values = [
            lane,
            0,
            level,
            0,
            2,
            to,
            0,
            72,
            from,
            100,
            0,
            0,
            0,
            0,
            0xFFFF,
            qpn,
            0,
            0,
            number as u64,
            q_key,
            qpn,
            0,
            0,
        ];
        for (name, value) in fields.iter().zip(values) {
            let name = format!("infiniband.{name}");
            let shown = dissection.named(&name).map(|field| {
                let bytes = field.value.as_ref().expect("a value");
                bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
            });
            assert_eq!(shown.collect::<Vec<_>>(), [value], "{name} of packet {number}");
        }
        let outside = |field: &&DissectedField| {
            let reserved = field.name == "infiniband.reserved";
            let whole =
                ["infiniband.lrh", "infiniband.bth", "infiniband.deth"].contains(&field.name.as_str());
            let known = fields.iter().any(|name| field.name == format!("infiniband.{name}"));
            let inside = (DATAGRAM_POSITION..DATAGRAM_POSITION + 256).contains(&field.position);
            field.name.starts_with("infiniband.") && !(inside || reserved || whole || known)
        };
        assert_eq!(dissection.fields.iter().find(outside), None);
        assert_eq!(times[number], [format!("{}.{:09}", time.as_secs(), time.subsec_nanos())]);
    }
}

/// tshark 4.0 has no complaint about a datagram that ends too early, and shows nothing of it.
#[tokio::test]
async fn a_datagram_cut_short_is_missed_field_by_field() {
    let dir = RunDir::new().unwrap();
    let mut mad = [0; 256];
    mad[..4].copy_from_slice(&[1, 3, 2, 6]);
    let expected = [Expected {
        name: "infiniband.mad.method",
        offset: None,
        ours: "MadHeader.method".into(),
        value: vec![6],
    }];
    for (length, missing) in [(256 + 6, 0), (256, 1), (100, 1), (20, 1)] {
        let mut record = erf_record(&mad);
        record.truncate(16 + DATAGRAM_POSITION + length);
        let length = record.len() as u16;
        record[10..12].copy_from_slice(&length.to_be_bytes());
        record[14..16].copy_from_slice(&(length - 16).to_be_bytes());
        fs::write(dir.file("cut.pcap"), capture(ERF, &record)).unwrap();
        let capture = Capture::new(dir.file("cut.pcap"));
        assert_eq!(capture.malformed().await.unwrap(), 0);
        let dissections = capture.dissect().await.unwrap();
        let (_, differences) = compare(&dissections[0], &mad, &expected);
        let are_missing = differences.iter().filter(|it| matches!(it, Difference::Missing { .. }));
        assert_eq!(are_missing.count(), missing, "{length}");
    }
}
