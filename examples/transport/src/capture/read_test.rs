//! Files of every format.

use core::time::Duration;

use ib_mad::wire::MAD_LENGTH;
use ib_mad::{Lid, Qpn, ServiceLevel};
use quickcheck::quickcheck;

use super::container::LARGEST_RECORD;
use super::packet_test::{mad, packet};
use super::read::{CaptureReader, Entry, Place};
use super::{Addresses, CaptureFile, PacketAddresses, Unread};

fn entries(file: Vec<u8>) -> Vec<Entry> {
    CaptureReader::new(std::io::Cursor::new(file)).unwrap().collect()
}

/// A raw InfiniBand packet, from its local route header to its invariant checksum.
fn infiniband() -> Vec<u8> {
    let packet = packet();
    let words = u8::try_from((8 + packet.len()) / 4).unwrap();
    [vec![0, 0x32, 0, 0x22, 0, words, 0, 0x11], packet].concat()
}

/// A pcap file in either order.
fn pcap(big: bool, magic: u32, link_type: u32, packets: &[&[u8]]) -> Vec<u8> {
    let word = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let half = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let mut file =
        [&word(magic)[..], &half(2), &half(4), &word(0), &word(0), &word(0xFFFF), &word(link_type)].concat();
    for packet in packets {
        let length = u32::try_from(packet.len()).unwrap();
        file.extend([word(1_700_000_000), word(5), word(length), word(length)].concat());
        file.extend_from_slice(packet);
    }
    file
}

#[test]
fn pcap_in_both_orders_and_resolutions() {
    let packet = infiniband();
    for big in [false, true] {
        for (magic, nanoseconds) in [(0xA1B2_C3D4, 5000), (0xA1B2_3C4D, 5)] {
            let entries = entries(pcap(big, magic, 247, &[&packet, &packet]));
            assert_eq!(entries.len(), 2);
            for (number, entry) in entries.iter().enumerate() {
                let offset = 24 + number * (16 + packet.len());
                assert_eq!((entry.number, entry.place), (number as u64 + 1, Place::Offset(offset as u64)));
                assert_eq!(entry.time, Some(Duration::new(1_700_000_000, nanoseconds)));
                let datagram = entry.datagram.as_ref().unwrap();
                assert_eq!((datagram.addresses.lids, datagram.mad), (Some((Lid(0x11), Lid(0x22))), mad(7)));
            }
        }
    }
}

/// A block of a pcapng file.
fn block(big: bool, kind: u32, body: &[u8]) -> Vec<u8> {
    let word = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let padded = body.len().next_multiple_of(4);
    let length = u32::try_from(12 + padded).unwrap();
    let mut block = [&word(kind)[..], &word(length), body].concat();
    block.resize(8 + padded, 0);
    block.extend(word(length));
    block
}

#[test]
fn pcapng_in_both_orders_with_several_interfaces() {
    let packet = infiniband();
    for big in [false, true] {
        let word = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let half = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let section = [&word(0x1A2B_3C4D)[..], &half(1), &half(0), &[0xFF; 8]].concat();
        // Of the second one, times are in nanoseconds.
        let nanoseconds = [&half(9)[..], &half(1), &[9, 0, 0, 0], &[0; 4]].concat();
        let interface = |link: u16, options: &[u8]| [&half(link)[..], &half(0), &word(0), options].concat();
        let enhanced = |interface: u32, time: u64| {
            let length = word(u32::try_from(packet.len()).unwrap());
            let (high, low) = ((time >> 32) as u32, time as u32);
            [&word(interface)[..], &word(high), &word(low), &length, &length, &packet].concat()
        };
        let simple = [&word(u32::try_from(packet.len()).unwrap())[..], &packet].concat();
        let file = [
            block(big, 0x0A0D_0D0A, &section),
            block(big, 1, &interface(247, &[])),
            block(big, 1, &interface(247, &nanoseconds)),
            block(big, 6, &enhanced(0, 1_700_000_000_000_005)),
            block(big, 5, &[0; 12]),
            block(big, 6, &enhanced(1, 1_700_000_000_000_000_005)),
            block(big, 3, &simple),
            block(big, 6, &enhanced(2, 0)),
        ]
        .concat();
        let entries = entries(file);
        let times: Vec<_> = entries.iter().map(|entry| entry.time).collect();
        let time = |nanoseconds| Some(Duration::new(1_700_000_000, nanoseconds));
        assert_eq!(times, [time(5000), time(5), None, None]);
        for entry in &entries[..3] {
            assert_eq!(entry.datagram.as_ref().unwrap().mad, mad(7));
        }
        assert!(matches!(entries[3].datagram, Err(Unread::Damaged)), "there is no third interface");
    }
}

#[test]
fn endaces_own_files() {
    let packet = infiniband();
    let mut record = vec![0; 16];
    record[..8].copy_from_slice(&(0x6000_0000_8000_0000_u64).to_le_bytes());
    record[8] = 21;
    record[10..12].copy_from_slice(&u16::try_from(16 + packet.len()).unwrap().to_be_bytes());
    record.extend(&packet);
    let mut file = [record.clone(), record.clone()].concat();
    let read = entries(file.clone());
    assert_eq!(read.len(), 2);
    assert_eq!(read[1].place, Place::Offset(record.len() as u64));
    assert_eq!(read[1].time, Some(Duration::new(0x6000_0000, 500_000_000)));
    assert_eq!(read[1].datagram.as_ref().unwrap().mad, mad(7));

    file.pop();
    assert!(matches!(entries(file.clone())[1].datagram, Err(Unread::FileEnds)));
    file.truncate(record.len());
    file.extend([0; 16]);
    let read = entries(file);
    assert_eq!(read.len(), 2);
    assert!(matches!(read[1].datagram, Err(Unread::Damaged)));
}

#[test]
fn a_bad_packet_does_not_stop_the_others() {
    let packet = infiniband();
    let file = pcap(false, 0xA1B2_C3D4, 247, &[&packet, &packet[..100], &[0; 99], &packet]);
    let entries = entries(file);
    let outcomes: Vec<_> = entries.iter().map(|entry| entry.datagram.is_ok()).collect();
    assert_eq!(outcomes, [true, false, false, true]);
    assert!(entries[2].datagram.as_ref().is_err_and(Unread::is_foreign), "a raw packet");
}

#[test]
fn files_that_end_or_lie_say_so_and_stop() {
    let packet = infiniband();
    let whole = pcap(false, 0xA1B2_C3D4, 247, &[&packet, &packet]);
    for length in 4..whole.len() {
        let entries = entries(whole[..length].to_vec());
        let is_at_the_end_of_a_record = [24, 24 + 16 + packet.len()].contains(&length);
        let last_is_whole = entries.last().is_none_or(|entry| entry.datagram.is_ok());
        assert_eq!(last_is_whole, is_at_the_end_of_a_record, "{length}");
        assert!(entries.len() <= 2);
    }
    let mut large = whole[..24].to_vec();
    large.extend([0xFF; 16]);
    large.extend(vec![0; 2 * LARGEST_RECORD]);
    let entries = entries(large);
    assert_eq!(entries.len(), 1);
    assert!(matches!(entries[0].datagram, Err(Unread::TooLarge { .. })));
}

#[test]
fn a_file_longer_than_any_buffer_is_read_to_its_end() {
    let packet = infiniband();
    let packets = vec![packet.as_slice(); 10_000];
    let file = pcap(true, 0xA1B2_3C4D, 247, &packets);
    assert!(file.len() > 2 * LARGEST_RECORD);
    assert_eq!(entries(file).iter().filter(|entry| entry.datagram.is_ok()).count(), 10_000);
}

#[test]
fn an_empty_file_has_no_entry() {
    assert_eq!(entries(Vec::new()).len(), 0);
    assert_eq!(entries(pcap(false, 0xA1B2_C3D4, 247, &[])).len(), 0);
}

quickcheck! {
    fn what_is_written_is_read(packets: Vec<(u16, u16, u8, bool, u32, Vec<u8>)>) -> bool {
        let mut file = CaptureFile::new(Vec::new()).unwrap();
        let mut expected = Vec::new();
        for (from, to, level, management, nanoseconds, bytes) in packets {
            let mut mad = [0; MAD_LENGTH];
            mad.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
            mad[..3].copy_from_slice(&[1, 4, 1]);
            let qpn = if management { Qpn::SUBNET_MANAGEMENT } else { Qpn::GENERAL_SERVICES };
            let service_level = ServiceLevel::new(level % 16).unwrap();
            let time = Duration::new(1_700_000_000, nanoseconds % 1_000_000_000);
            file.write(time, &PacketAddresses { from: Lid(from), to: Lid(to), service_level, qpn }, &mad).unwrap();
            let addresses = Addresses {
                lids: Some((Lid(from), Lid(to))),
                service_level: Some(service_level),
                queue_pairs: Some((qpn, qpn)),
                p_key: Some(ib_mad::PKey::DEFAULT_FULL),
                gids: None,
            };
            expected.push((time, addresses, mad));
        }
        let read: Vec<_> = entries(file.into_inner())
            .into_iter()
            .map(|entry| {
                let datagram = entry.datagram.unwrap();
                (entry.time.unwrap(), datagram.addresses, datagram.mad)
            })
            .collect();
        read == expected
    }

    fn any_bytes_are_read_to_an_end(bytes: Vec<u8>, format: u8) -> bool {
        let magic: &[u8] = match format % 4 {
            0 => &[0xD4, 0xC3, 0xB2, 0xA1],
            1 => &[0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0, 0x4D, 0x3C, 0x2B, 0x1A],
            2 => &[0; 8],
            _ => b"0000: ",
        };
        let length = bytes.len() + magic.len();
        entries([magic, &bytes].concat()).len() <= length
    }
}
