//! What one call writes: packets of one path and, but for the last, of one length, no more than one system call takes; and what it does
//! when there is no room for the next.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use multipath::wire::BufferTooSmall;
use multipath::{Descriptor, Path, Region, Requester, RequesterConfig, ResponderHandled, Transmit, ViConfig};
use support::packets::VI;
use support::{Pair, paths};

const REGION: Region = Region { start: 0, length: 1 << 16, is_writable: true, is_readable: true };

/// The batches of the requester: of each the path, and the lengths of its packets. What they carry goes to the responder.
fn requests(pair: &mut Pair, room: usize) -> Vec<(usize, Vec<usize>)> {
    let mut buffer = vec![0; room];
    let mut batches = Vec::new();
    while let Some(transmit) = pair.requester.poll_transmit(pair.now, &mut buffer).unwrap() {
        for packet in transmit.packets(&buffer) {
            let handled = pair.responder.handle_datagram(transmit.path, packet, &mut pair.memory);
            assert_eq!(handled, ResponderHandled::Done);
        }
        batches.push(lengths(transmit, &buffer));
    }
    batches
}

/// The same of the responder.
fn responses(pair: &mut Pair, room: usize) -> Vec<(usize, Vec<usize>)> {
    let mut buffer = vec![0; room];
    let mut batches = Vec::new();
    while let Some(transmit) = pair.responder.poll_transmit(&pair.memory, &mut buffer).unwrap() {
        batches.push(lengths(transmit, &buffer));
    }
    batches
}

fn lengths(transmit: Transmit, buffer: &[u8]) -> (usize, Vec<usize>) {
    (transmit.path.index(), transmit.packets(buffer).map(<[u8]>::len).collect())
}

fn counts(batches: Vec<(usize, Vec<usize>)>) -> Vec<usize> {
    batches.into_iter().map(|(_, lengths)| lengths.len()).collect()
}

fn pair(count: usize, payload: u16) -> Pair {
    let mut pair = Pair::new(count, ViConfig::new(VI).with_payload(payload));
    pair.responder.open_region(VI, REGION).unwrap();
    pair
}

fn post(pair: &mut Pair, descriptor: Descriptor) {
    pair.requester.post(pair.now, VI, descriptor).unwrap();
}

#[test]
fn a_batch_has_64_packets_at_most() {
    let mut pair = pair(1, 512);
    post(&mut pair, Descriptor::send(vec![1; 100 * 512]));
    assert_eq!(counts(requests(&mut pair, 1 << 17)), [64, 36]);
    assert_eq!(counts(responses(&mut pair, 1 << 17)), [64, 36]);
}

#[test]
fn a_batch_fits_a_datagram() {
    let mut pair = pair(1, 9000);
    post(&mut pair, Descriptor::send(vec![1; 10 * 9000]));
    post(&mut pair, Descriptor::read(0, 63_000));
    // Packets of the message have 9036 bytes, as those with data have; what asks for data has 44, and ends a batch.
    assert_eq!(counts(requests(&mut pair, 1 << 17)), [7, 3 + 1, 6]);
    assert_eq!(counts(responses(&mut pair, 1 << 17)), [10, 7]);
}

#[test]
fn a_batch_fits_the_buffer() {
    let mut pair = pair(1, 512);
    post(&mut pair, Descriptor::send(vec![1; 10 * 512]));
    assert_eq!(counts(requests(&mut pair, 4 * 548 + 547)), [4, 4, 2]);
    assert_eq!(counts(responses(&mut pair, 4 * 36 + 35)), [4, 4, 2]);
}

/// A shorter packet is the last of a batch, and a longer one begins the next.
#[test]
fn only_the_last_packet_of_a_batch_is_shorter() {
    let mut pair = pair(1, 512);
    for length in [600, 600] {
        post(&mut pair, Descriptor::send(vec![1; length]));
    }
    assert_eq!(requests(&mut pair, 4096), [(0, vec![548, 124]), (0, vec![548, 124])]);
    responses(&mut pair, 4096);
    for length in [512 + 100, 50] {
        post(&mut pair, Descriptor::read(0, length));
    }
    requests(&mut pair, 4096);
    assert_eq!(responses(&mut pair, 4096), [(0, vec![548, 136]), (0, vec![86])]);
    for length in [10, 500] {
        post(&mut pair, Descriptor::read(0, length));
    }
    requests(&mut pair, 4096);
    assert_eq!(responses(&mut pair, 4096), [(0, vec![46]), (0, vec![536])]);
}

#[test]
fn a_batch_has_one_path() {
    let mut pair = pair(2, 512);
    post(&mut pair, Descriptor::write(0, vec![1; 3 * 512]).unordered());
    let each = [0, 1, 0].map(|path| (path, vec![556]));
    assert_eq!(requests(&mut pair, 4096), each);
    assert_eq!(responses(&mut pair, 4096), [0, 1, 0].map(|path| (path, vec![36])));
}

/// A call without room for a packet changes nothing: the next, with room, writes it.
#[test]
fn nothing_is_lost_for_want_of_room() {
    let mut pair = pair(1, 512);
    post(&mut pair, Descriptor::send(vec![1; 500]));
    let mut buffer = vec![0; 1000];
    let small = pair.requester.poll_transmit(pair.now, &mut buffer[..535]);
    assert_eq!(small, Err(BufferTooSmall { needed: 536, got: 535 }));
    assert_eq!(requests(&mut pair, 1000), [(0, vec![536])]);
    let small = pair.responder.poll_transmit(&pair.memory, &mut buffer[..35]);
    assert_eq!(small, Err(BufferTooSmall { needed: 36, got: 35 }));
    assert_eq!(responses(&mut pair, 1000), [(0, vec![36])]);
    // An opening, too, is asked for again, on each path.
    let mut requester: Requester = Requester::new(RequesterConfig::new(paths(2), 8, 1)).unwrap();
    requester.open(pair.now, ViConfig::new(VI)).unwrap();
    assert!(requester.poll_transmit(pair.now, &mut buffer[..50]).is_err());
    let mut opening =
        || requester.poll_transmit(pair.now, &mut buffer).unwrap().map(|transmit| transmit.path);
    assert_eq!([opening(), opening(), opening()], [Some(Path::ALL[0]), Some(Path::ALL[1]), None]);
}
