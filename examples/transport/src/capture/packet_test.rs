//! Packets as they are on each kind of link.

use etherparse::PacketBuilder;
use ib_mad::wire::MAD_LENGTH;
use ib_mad::{Gid, Guid, Lid, PKey, QKey, Qpn, ServiceLevel};
use zerocopy::IntoBytes;

use super::error::{Foreign, Unread};
use super::headers::{GlobalRoute, LocalRoute, TRANSPORT, Transport};
use super::packet::{Addresses, CapturedDatagram};
use super::{LINK_TYPE_ERF, LINK_TYPE_ETHERNET, LINK_TYPE_INFINIBAND, erf};

/// A datagram of performance management with `mark` in it.
pub(super) fn mad(mark: u8) -> [u8; MAD_LENGTH] {
    let mut mad = [mark; MAD_LENGTH];
    mad[..4].copy_from_slice(&[1, 4, 1, 1]);
    mad
}

fn transport(opcode: u8, to: u32, q_key: u32, from: u32) -> Vec<u8> {
    let queue_pair = |number| Qpn::new(number).unwrap();
    let header = Transport::new(PKey(0x8001), 9, QKey(q_key), queue_pair(from), queue_pair(to));
    let mut bytes = header.as_bytes().to_vec();
    bytes[0] = opcode;
    bytes
}

/// From the base transport header on, with its checksum.
pub(super) fn packet() -> Vec<u8> {
    [transport(0x64, 1, 0x8001_0000, 1), mad(7).to_vec(), vec![0; 4]].concat()
}

fn infiniband(packet: &[u8]) -> Vec<u8> {
    let level = ServiceLevel::new(3).unwrap();
    let route = LocalRoute::new(0, level, Lid(0x11), Lid(0x22), 8 + packet.len());
    [route.as_bytes(), packet, &[0; 2]].concat()
}

/// A global route header in front of a packet of InfiniBand's transport.
fn global(packet: &[u8]) -> Vec<u8> {
    let mut header = vec![0; size_of::<GlobalRoute>()];
    header[0] = 0x60;
    header[4..6].copy_from_slice(&u16::try_from(packet.len()).unwrap().to_be_bytes());
    header[6] = 0x1B;
    header[8..24].copy_from_slice(&gid(1).0);
    header[24..40].copy_from_slice(&gid(2).0);
    [header, packet.to_vec()].concat()
}

fn gid(number: u64) -> Gid {
    Gid::new(Gid::DEFAULT_PREFIX, Guid(number))
}

fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    [&[2; 12], &ether_type.to_be_bytes()[..], payload].concat()
}

fn general() -> Addresses {
    Addresses {
        queue_pairs: Some((Qpn::GENERAL_SERVICES, Qpn::GENERAL_SERVICES)),
        p_key: Some(PKey(0x8001)),
        ..Addresses::default()
    }
}

fn on_infiniband() -> Addresses {
    Addresses { lids: Some((Lid(0x11), Lid(0x22))), service_level: ServiceLevel::new(3), ..general() }
}

#[track_caller]
fn check(link_type: i32, packet: &[u8], addresses: Addresses) {
    let datagram = CapturedDatagram::of_link(link_type, packet).unwrap();
    assert_eq!(datagram, CapturedDatagram { addresses, mad: mad(7) });
    // Cut anywhere, it is refused, unless only checksums and padding are missing.
    for length in 0..packet.len() {
        match CapturedDatagram::of_link(link_type, &packet[..length]) {
            Ok(cut) => assert_eq!(cut, datagram),
            Err(error) => {
                assert!(error.to_string().ends_with(" captured") || error.is_foreign(), "{error}")
            }
        }
    }
    assert!(CapturedDatagram::of_link(link_type, &packet[..packet.len() - 7]).is_err());
}

#[test]
fn infiniband_with_and_without_a_global_route() {
    check(LINK_TYPE_INFINIBAND, &infiniband(&packet()), on_infiniband());
    let mut routed = infiniband(&global(&packet()));
    routed[1] |= 3;
    check(LINK_TYPE_INFINIBAND, &routed, Addresses { gids: Some((gid(1), gid(2))), ..on_infiniband() });
}

#[test]
fn both_versions_of_roce_with_and_without_a_tag() {
    let version_1 = ethernet(0x8915, &global(&packet()));
    check(LINK_TYPE_ETHERNET, &version_1, Addresses { gids: Some((gid(1), gid(2))), ..general() });

    let mapped = |last| Gid([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, last]);
    let build =
        PacketBuilder::ethernet2([2; 6], [3; 6]).ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).udp(49152, 4791);
    let mut frame = Vec::new();
    build.write(&mut frame, &packet()).unwrap();
    check(LINK_TYPE_ETHERNET, &frame, Addresses { gids: Some((mapped(1), mapped(2))), ..general() });

    let build = PacketBuilder::ethernet2([2; 6], [3; 6])
        .single_vlan(etherparse::VlanId::try_new(5).unwrap())
        .ipv6(gid(1).0, gid(2).0, 64)
        .udp(49152, 4791);
    let mut frame = Vec::new();
    build.write(&mut frame, &packet()).unwrap();
    check(LINK_TYPE_ETHERNET, &frame, Addresses { gids: Some((gid(1), gid(2))), ..general() });
}

#[test]
fn endaces_records_of_both_links_with_extension_headers() {
    let record = |kind: u8, extensions: &[u8], payload: &[u8]| {
        let length = u16::try_from(16 + extensions.len() + payload.len()).unwrap();
        let mut header = vec![0; 16];
        header[8] = kind;
        header[10..12].copy_from_slice(&length.to_be_bytes());
        [&header, extensions, payload].concat()
    };
    check(LINK_TYPE_ERF, &record(21, &[], &infiniband(&packet())), on_infiniband());
    let extensions = [[0x83, 0, 0, 0, 0, 0, 0, 1], [0x03, 0, 0, 0, 0, 0, 0, 2]].concat();
    check(LINK_TYPE_ERF, &record(0x80 | 21, &extensions, &infiniband(&packet())), on_infiniband());
    let frame = [vec![0; 2], ethernet(0x8915, &global(&packet()))].concat();
    check(LINK_TYPE_ERF, &record(2, &[], &frame), Addresses { gids: Some((gid(1), gid(2))), ..general() });
    assert!(matches!(erf::record(&record(5, &[], &[])), Err(Unread::Foreign(Foreign::ErfType(5)))));
}

#[test]
fn immediate_data_and_other_queue_pairs_of_managers() {
    let packet = [transport(0x65, 0x99, 0x8001_0000, 1), vec![1; 4], mad(7).to_vec(), vec![0; 4]].concat();
    let pairs = (Qpn::GENERAL_SERVICES, Qpn::new(0x99).unwrap());
    check(
        LINK_TYPE_INFINIBAND,
        &infiniband(&packet),
        Addresses { queue_pairs: Some(pairs), ..on_infiniband() },
    );
}

#[track_caller]
fn check_foreign(link_type: i32, packet: &[u8], expected: Foreign) {
    match CapturedDatagram::of_link(link_type, packet) {
        Err(Unread::Foreign(foreign)) => assert_eq!(foreign, expected),
        other => panic!("{other:?}"),
    }
}

#[test]
fn other_packets_are_foreign() {
    let payload = |head: Vec<u8>| infiniband(&[head, mad(7).to_vec(), vec![0; 4]].concat());
    check_foreign(LINK_TYPE_INFINIBAND, &payload(transport(0x04, 1, 0, 1)), Foreign::Opcode(4));
    // An acknowledgement is shorter than the headers of a datagram.
    check_foreign(LINK_TYPE_INFINIBAND, &infiniband(&[0x11; 16]), Foreign::Opcode(0x11));
    check_foreign(LINK_TYPE_INFINIBAND, &payload(transport(0x64, 0x99, 0x1234, 5)), Foreign::QueuePair(0x99));
    let mut raw = payload(transport(0x64, 1, 0, 1));
    raw[1] &= 0xFC;
    check_foreign(LINK_TYPE_INFINIBAND, &raw, Foreign::Raw);
    check_foreign(LINK_TYPE_ETHERNET, &ethernet(0x0806, &[0; 28]), Foreign::NotRoce);
    let mut frame = Vec::new();
    let build = PacketBuilder::ethernet2([2; 6], [3; 6]).ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).udp(4791, 53);
    build.write(&mut frame, &packet()).unwrap();
    check_foreign(LINK_TYPE_ETHERNET, &frame, Foreign::NotRoce);
    check_foreign(113, &[0; 99], Foreign::LinkType(113));
}

#[test]
fn lengths_that_lie_and_datagrams_that_are_none_are_refused() {
    let mut short = infiniband(&packet());
    short[4..6].copy_from_slice(&[0, 3]);
    let error = CapturedDatagram::of_link(LINK_TYPE_INFINIBAND, &short).unwrap_err();
    assert_eq!(error.to_string(), "packet says 4 bytes, which cannot be");
    short[4..6].copy_from_slice(&[0, 1]);
    let error = CapturedDatagram::of_link(LINK_TYPE_INFINIBAND, &short).unwrap_err();
    assert_eq!(error.to_string(), "local route header says 4 bytes, which cannot be");
    short[4..6].copy_from_slice(&[0, 71]);
    let error = CapturedDatagram::of_link(LINK_TYPE_INFINIBAND, &short).unwrap_err();
    assert_eq!(error.to_string(), "MAD is cut short: 256 bytes needed, 252 given");
    let mut other = infiniband(&packet());
    other[8 + TRANSPORT] = 0x80;
    let error = CapturedDatagram::of_link(LINK_TYPE_INFINIBAND, &other).unwrap_err();
    assert!(error.to_string().contains("base version at offset 0 is 0x80"), "{error}");
}
