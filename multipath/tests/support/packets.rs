//! Packets as an end would send them, but for what a test changes in them.

use barrier::{Supervisory, SupervisoryKind};
use multipath::wire::{Control, Header, OpenVi, Operation, Packet, Transaction};
use multipath::{Descriptor, Path, RequesterEvent, ViConfig};

use super::Pair;

/// The virtual interface that they are of.
pub const VI: u16 = 1;

/// An opening over the first path, as the responder of a [`Pair`] takes it.
pub const OPEN: OpenVi =
    OpenVi { vi: 2, sequence_bits: 8, window: 1, first_sequence: 0, max_payload: 1, paths: 1, instance: 5 };

/// A request that waits on path 0, changed, with a right checksum.
pub fn altered(pair: &Pair, change: impl FnOnce(&mut Header)) -> Vec<u8> {
    let packet = Packet::parse(&pair.there[0].packets[0]).unwrap();
    let mut header = packet.header;
    change(&mut header);
    let mut out = vec![0; header.packet_length()];
    header
        .emit(packet.address, packet.immediate, &mut out, |place| {
            let length = place.len().min(packet.payload.len());
            place[..length].copy_from_slice(&packet.payload[..length]);
        })
        .unwrap();
    out
}

pub fn sending(count: usize) -> Pair {
    let mut pair = Pair::new(count, ViConfig::new(VI));
    pair.requester.post(pair.now, VI, Descriptor::send(vec![7; 2000])).unwrap();
    pair.pump();
    pair
}

/// A supervisory packet as it would have to be, but for what `change` does to it.
pub fn supervisory(
    pair: &Pair,
    from_requester: bool,
    control: Control,
    change: impl FnOnce(&mut Header),
) -> Vec<u8> {
    let request = Packet::parse(&pair.there[0].packets[0]).unwrap().header;
    let length = u16::try_from(control.length()).unwrap();
    let mut header =
        if from_requester { request } else { request.response(Transaction::Acknowledge, length) };
    (header.vi, header.operation, header.length) = (0, Operation::Send, length);
    change(&mut header);
    let mut out = vec![0; header.packet_length()];
    header.emit(None, None, &mut out, |place| control.emit(place)).unwrap();
    out
}

pub fn about(kind: SupervisoryKind) -> Control {
    Control::Path(Supervisory { kind, path: Path::ALL[0], number: 1000 })
}

pub fn completed(pair: &Pair) -> usize {
    pair.events.iter().filter(|event| matches!(event, RequesterEvent::Completed { .. })).count()
}

/// The answer to the request that waits on path 0, changed. It stays on the way as it was, too.
pub fn altered_answer(pair: &mut Pair, change: impl FnOnce(&mut Header)) -> Vec<u8> {
    pair.deliver_there(0);
    let packet = Packet::parse(&pair.back[0].packets[0]).unwrap();
    let mut header = packet.header;
    change(&mut header);
    let mut bytes = vec![0; header.packet_length()];
    let copy = |place: &mut [u8]| {
        let length = place.len().min(packet.payload.len());
        place[..length].copy_from_slice(&packet.payload[..length]);
    };
    header.emit(None, None, &mut bytes, copy).unwrap();
    bytes
}
