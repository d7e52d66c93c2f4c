//! tshark reads the captures that the programs write: ERF records of type InfiniBand, link type 197.

use std::fs;

use peers::{Capture, RunDir};

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
