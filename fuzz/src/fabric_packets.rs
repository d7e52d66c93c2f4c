use core::time::Duration;

use fabric::{Conduct, EndPort, Fabric, GlobalRoute, LinkFaults, Packet, Payload, QueuePair, Settings};
use ib_mad::wire::MAD_LENGTH;
use ib_mad::{Gid, Lid, PKey, QKey, Qpn, ServiceLevel};
use topology::{End, NodeIndex};

use crate::bytes::Bytes;

/// Packets that the fabric may hold.
const PACKETS: usize = 200;
/// What is done at most: a fuzzer's longer input tells nothing more.
const STEPS: usize = 400;
/// Of a switch's six ports and one that it does not have.
const PORTS: u8 = 8;

/// Packets of any content into a small fabric with credits, whose links and nodes fail meanwhile: nothing panics, no queue
/// outgrows its limit, and every packet is delivered, dropped or still there.
pub fn fabric_packets(data: &[u8]) {
    let mut bytes = Bytes(data);
    let settings = Settings {
        seed: u64::from(bytes.byte()),
        credits: bytes.byte().is_multiple_of(2).then_some(2),
        packet_limit: PACKETS,
        receive_limit: 20,
        hop_limit: 40,
        ..Settings::DEFAULT
    };
    let Ok(topology) = topology::torus(3, 1, 1) else { return };
    let Ok(mut fabric) = Fabric::new(&topology, settings) else { return };
    let nodes: Vec<NodeIndex> = topology.nodes().map(|(index, _)| index).collect();
    let ports: Vec<EndPort> = fabric.end_ports().collect();
    let mut now = Duration::from_secs(1000);
    for _ in 0..STEPS {
        if bytes.is_empty() {
            break;
        }
        let (what, which) = (bytes.byte(), usize::from(bytes.byte()));
        let (node, port) = (nodes[which % nodes.len()], ports[which % ports.len()]);
        let end = End { node, port: bytes.byte() % PORTS };
        match what % 16 {
            0..=6 => {
                let packet = packet(&mut bytes);
                fabric.send(now, port, &packet);
            }
            7 => now += Duration::from_millis(u64::from(bytes.byte())),
            8 => drop(fabric.cut(now, end)),
            9 => drop(fabric.restore(now, end)),
            10 => fabric.set_power(now, node, bytes.byte() % 2 == 0),
            11 => {
                drop(fabric.flap(now, end, Duration::from_micros(u64::from(bytes.byte())), which as u32 % 6))
            }
            12 => fabric.claim(now, port, bytes.byte() % 2 == 0),
            13 => {
                let per_million = 4000 * u32::from(bytes.byte());
                let faults = LinkFaults {
                    lose_per_million: per_million,
                    corrupt_per_million: per_million,
                    delay_per_million: per_million,
                    longest_delay: Duration::from_millis(1),
                };
                let _ = fabric.set_faults(end, faults);
            }
            14 => {
                let conducts = [
                    Conduct::Proper,
                    Conduct::Silent,
                    Conduct::WrongTransaction,
                    Conduct::Late(Duration::from_millis(2)),
                ];
                fabric.set_conduct(node, conducts[usize::from(bytes.byte() % 4)]);
            }
            _ => {
                let qpn = Qpn::new(u32::from(bytes.byte() % 4)).unwrap_or_default();
                let _ = fabric.open(port, qpn, QueuePair { p_key: PKey::DEFAULT_FULL, q_key: QKey(0) });
                let _ = fabric.join(port, qpn, Gid([0xFF; 16]));
            }
        }
        fabric.advance(now);
        assert!(fabric.in_flight() <= PACKETS, "{} packets", fabric.in_flight());
        let _ = fabric.deadlock();
    }
    // What is not waiting for its receiver or for credits is gone in the end.
    fabric.advance(now + Duration::from_secs(1));
    for port in &ports {
        while fabric.receive(*port).is_some() {}
    }
    assert!(fabric.waiting_for_credits() <= fabric.in_flight());
    if settings.credits.is_none() {
        assert_eq!(fabric.waiting_for_credits(), 0);
    }
}

/// A packet, more often than not one of subnet management that says what it is.
fn packet(bytes: &mut Bytes<'_>) -> Packet {
    let kind = bytes.byte();
    let mut mad = [0; MAD_LENGTH];
    // Base version, class, class version, method; attribute and modifier.
    mad[..4].copy_from_slice(&[1, if kind & 1 == 0 { 0x81 } else { 0x01 }, 1, 1 + (kind >> 1 & 1)]);
    mad[32..36].fill(0xFF);
    mad[17] = bytes.byte();
    mad[23] = bytes.byte();
    mad[7] = bytes.byte() % 5;
    for hop in mad.iter_mut().skip(129).take(4) {
        *hop = bytes.byte() % PORTS;
    }
    // And whatever else, anywhere.
    for _ in 0..bytes.byte() % 32 {
        mad[usize::from(bytes.byte())] = bytes.byte();
    }
    let to = match bytes.byte() {
        0 => Lid(0xC000 + u16::from(bytes.byte())),
        low @ 1..=100 => Lid(u16::from(low % 9)),
        _ => Lid::PERMISSIVE,
    };
    let mut packet = Packet::subnet_management(to, mad);
    if kind & 0xC0 == 0 {
        let long = if kind & 0x20 == 0 { 17 } else { 0 };
        packet.payload = Payload::Bytes(vec![kind; long * usize::from(bytes.byte())].into());
        packet.destination_qpn = Qpn::new(u32::from(bytes.byte())).unwrap_or_default();
        packet.service_level = ServiceLevel::new(bytes.byte() % 16).unwrap_or_default();
        packet.p_key = PKey(0x7FFF | u16::from(bytes.byte()) << 8);
        packet.global_route = Some(GlobalRoute {
            source_gid: Gid::UNSPECIFIED,
            destination_gid: Gid([bytes.byte() | 0xF0; 16]),
        });
    }
    packet
}
