use core::time::Duration;

use multipath::wire::{
    AdaptiveControl, Format, Header, Operation, OperationFlags, Packet, PortId, Transaction,
};
use multipath::{
    Descriptor, Memory, Path, PathEnds, Paths, Received, Region, Requester, RequesterConfig, Responder,
    ResponderConfig, ViConfig,
};

use crate::bytes::Bytes;

const RESPONSES: usize = 16;

/// Memory of which nothing outside of the open region may be touched.
struct Guarded;

impl Memory for Guarded {
    fn receive(&mut self, part: &Received<'_>) {
        assert!(part.data.len() <= 512 && part.vi != 0);
    }

    fn write(&mut self, vi: u16, address: u64, data: &[u8], _immediate: Option<u32>) {
        assert!(vi == 1 && address >= 100 && address + data.len() as u64 <= 200);
    }

    fn read(&self, vi: u16, address: u64, out: &mut [u8]) {
        assert!(vi == 1 && address >= 100 && address + out.len() as u64 <= 200);
        out.fill(0);
    }
}

/// Both ends are given any bytes, and packets with any fields and a right checksum: nothing but the open region is
/// touched, no queue grows beyond its limit, and what was accepted as a packet goes out as it came in.
pub fn multipath_input(data: &[u8]) {
    let mut choices = Bytes(data);
    let ends =
        |local, remote| PathEnds { local: PortId::new(local), remote: PortId::new(remote), fabric: false };
    let paths = Paths::new([ends(1, 11), ends(2, 12)]);
    let mut now = Duration::from_secs(1 << 40);
    let mut requester = Requester::new(RequesterConfig::new(paths, 7, 1)).expect("the settings can be");
    let mut responder = Responder::new(ResponderConfig {
        response_queue: RESPONSES,
        ..ResponderConfig::new(paths.reversed(), 5)
    });
    responder
        .open_region(1, Region { start: 100, length: 100, is_writable: true, is_readable: true })
        .expect("there is room");
    requester.open(now, ViConfig { window: 8, ..ViConfig::new(1) }).expect("the settings can be");
    let mut memory = Guarded;
    let mut buffer = vec![0; 1 << 16];
    while !choices.is_empty() {
        let path = Path::ALL[usize::from(choices.below(4))];
        match choices.below(8) {
            0 => {
                let bytes = choices.take(64);
                check_identity(bytes);
                let _ = responder.handle_datagram(path, bytes, &mut memory);
                let _ = requester.handle_datagram(now, path, bytes);
            }
            1 => {
                now += Duration::from_millis(u64::from(choices.byte()) * 4);
                requester.handle_timeout(now);
            }
            2 => {
                let descriptor = match choices.below(3) {
                    0 => Descriptor::send(vec![7; usize::from(choices.byte()) * 8]),
                    1 => Descriptor::write(100, vec![7; usize::from(choices.byte())]).unordered(),
                    _ => Descriptor::read(100, u32::from(choices.byte())),
                };
                let _ = requester.post(now, 1, descriptor);
            }
            3 => {
                // What goes from one to the other, as on a path that works.
                while let Some(transmit) = requester.poll_transmit(now, &mut buffer).expect("there is room") {
                    for bytes in transmit.packets(&buffer) {
                        let _ = responder.handle_datagram(transmit.path, bytes, &mut memory);
                    }
                }
            }
            4 => {
                let mut count = 0;
                while let Some(transmit) =
                    responder.poll_transmit(&memory, &mut buffer).expect("there is room")
                {
                    for bytes in transmit.packets(&buffer) {
                        count += 1;
                        let _ = requester.handle_datagram(now, transmit.path, bytes);
                    }
                }
                assert!(count <= RESPONSES);
            }
            5.. => {
                let bytes = made(&mut choices);
                check_identity(&bytes);
                let _ = responder.handle_datagram(path, &bytes, &mut memory);
                let _ = requester.handle_datagram(now, path, &bytes);
            }
        }
        while requester.poll_event().is_some() {}
    }
}

/// A packet with fields that are mostly near to right ones.
fn made(choices: &mut Bytes<'_>) -> Vec<u8> {
    let port = choices.byte();
    let mut header = Header {
        destination: PortId::new(u32::from(port & 3) + 10 * u32::from(port >> 2 & 1)),
        adaptive_control: AdaptiveControl::from_bits(port >> 5),
        fabric: false,
        transaction: Transaction::from_bits(choices.byte() & 0x3F),
        source: PortId::new(u32::from(port & 3) + 10 * u32::from(!port >> 2 & 1)),
        format: Format::from_bits(choices.byte() & 1),
        operation: Operation::from_bits(choices.byte() & 3),
        flags: OperationFlags::from_bits(choices.byte()),
        serial: u32::from(choices.byte()),
        length: u16::from(choices.byte()),
        vi: choices.below(3),
        sequence: u32::from(choices.byte()),
        incarnation: u32::from(choices.byte()),
        session: 6 + u64::from(choices.below(3)),
    };
    if choices.below(16) == 0 {
        header.length = u16::MAX;
    }
    let address = 90 + u64::from(choices.byte());
    let payload = choices.take(24);
    let mut out = vec![0xFF; header.packet_length()];
    let filled = header.emit(Some(address), Some(1), &mut out, |place| {
        place.fill(0);
        let length = payload.len().min(place.len());
        place[..length].copy_from_slice(&payload[..length]);
    });
    filled.expect("it has its length");
    out
}

fn check_identity(bytes: &[u8]) {
    let Ok(packet) = Packet::parse(bytes) else { return };
    let mut out = vec![0xFF; bytes.len()];
    let length = packet
        .header
        .emit(packet.address, packet.immediate, &mut out, |place| place.copy_from_slice(packet.payload))
        .expect("it came with this length");
    assert_eq!(out[..length], *bytes);
}
