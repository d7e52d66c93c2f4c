//! Any descriptors over paths that lose packets, fail and return, against a model: memory to which they are done at once, one after the
//! other.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use alloc::collections::BTreeMap;

use multipath::{
    Descriptor, NextDescriptor, Ordering, Path, ReadData, Region, RequesterHandled, Transfer, ViConfig,
};
use quickcheck::{Arbitrary, Gen, QuickCheck};
use support::Pair;

const VI: u16 = 1;
/// Ordered writes go to the upper half. A read that is answered again has what is there then: it is of the lower half, where only
/// unordered writes go, which wait for it.
const HALF: usize = 256;

#[derive(Clone, Debug)]
struct Work(Descriptor);

impl Arbitrary for Work {
    fn arbitrary(g: &mut Gen) -> Self {
        let length = usize::from(u8::arbitrary(g) % 100);
        let address = usize::from(u8::arbitrary(g)) % (HALF - length);
        let data: Vec<u8> = (0..length).map(|_| u8::arbitrary(g)).collect();
        let read = Descriptor::read(address as u64, length as u32);
        Self(match u8::arbitrary(g) % 5 {
            0 => Descriptor::send(data),
            1 => Descriptor::write((HALF + address) as u64, data),
            2 => Descriptor::write(address as u64, data).unordered(),
            3 => read,
            _ => read.unordered(),
        })
    }
}

/// What is there when everything is done.
struct Model {
    memory: Vec<u8>,
    messages: Vec<Vec<u8>>,
    /// What each read brings, by its descriptor.
    reads: BTreeMap<u64, Vec<u8>>,
}

impl Model {
    fn new(works: &[Work]) -> Self {
        let mut model = Self { memory: vec![0; 2 * HALF], messages: Vec::new(), reads: BTreeMap::new() };
        for (number, Work(descriptor)) in (0..).zip(works) {
            match &descriptor.transfer {
                Transfer::Send { data } => model.messages.push(data.to_vec()),
                Transfer::Write { address, data } => {
                    let start = *address as usize;
                    model.memory[start..start + data.len()].copy_from_slice(data);
                }
                Transfer::Read { address, length } => {
                    let start = *address as usize;
                    let range = start..start + *length as usize;
                    model.reads.insert(number, model.memory[range].to_vec());
                }
            }
        }
        model
    }
}

fn pair(setting: u8, paths: usize) -> Pair {
    let is_set = |bit: u8| setting >> bit & 1 == 1;
    let sequence_bits = 2 + setting % 3;
    let mut pair = Pair::new(
        paths,
        ViConfig {
            sequence_bits,
            window: 1 << (sequence_bits - 1),
            next_descriptor: [NextDescriptor::AfterLaunch, NextDescriptor::AfterAcknowledgement]
                [usize::from(is_set(3))],
            ordering: [Ordering::OnePath, Ordering::OneOutstanding][usize::from(is_set(4))],
            ..ViConfig::new(VI).with_payload(16)
        },
    );
    let region = Region { start: 0, length: 2 * HALF as u64, is_writable: true, is_readable: true };
    pair.responder.open_region(VI, region).unwrap();
    pair
}

/// A response arrives, perhaps with data of a read.
fn deliver_back(pair: &mut Pair, path: usize, reads: &mut BTreeMap<u64, Vec<u8>>) -> bool {
    let Some(packet) = pair.back[path].packets.pop_front() else { return false };
    if let RequesterHandled::Read(ReadData { descriptor, offset, data, .. }) =
        pair.requester.handle_datagram(pair.now, Path::ALL[path], &packet)
    {
        let place = usize::try_from(offset).unwrap();
        reads.get_mut(&descriptor.0).unwrap()[place..place + data.len()].copy_from_slice(data);
    }
    pair.pump();
    true
}

fn wait(pair: &mut Pair) {
    pair.now = pair.now.max(pair.requester.poll_timeout().unwrap_or_default());
    pair.requester.handle_timeout(pair.now);
    pair.pump();
}

#[test]
fn what_was_asked_for_is_done_once_and_in_order() {
    fn property(setting: u8, works: Vec<Work>, choices: Vec<(u8, u8)>) -> bool {
        let works = &works[..works.len().min(40)];
        let model = Model::new(works);
        let count = 1 + usize::from(setting >> 5 & 3);
        let mut pair = pair(setting, count);
        let mut reads: BTreeMap<_, _> =
            model.reads.iter().map(|(number, data)| (*number, vec![0xFF; data.len()])).collect();
        for Work(descriptor) in works {
            pair.requester.post(pair.now, VI, descriptor.clone()).unwrap();
        }
        pair.pump();
        for (choice, path) in choices {
            let path = usize::from(path) % count;
            match choice % 16 {
                0..6 => drop(pair.deliver_there(path)),
                6..12 => drop(deliver_back(&mut pair, path, &mut reads)),
                12 => drop(pair.there[path].packets.pop_front()),
                13 => drop(pair.back[path].packets.pop_front()),
                14 => pair.cut(path, choice & 16 == 0),
                _ => wait(&mut pair),
            }
        }
        (0..count).for_each(|path| pair.cut(path, false));
        for _ in 0..10_000 {
            let moved = (0..count)
                .any(|path| pair.deliver_there(path).is_some() || deliver_back(&mut pair, path, &mut reads));
            if !moved && pair.requester.is_idle() {
                break;
            }
            if !moved {
                wait(&mut pair);
            }
        }
        assert!(pair.requester.is_idle(), "it does not end");
        assert_eq!(pair.memory.messages, model.messages);
        assert_eq!(pair.memory.bytes[..2 * HALF], model.memory);
        assert_eq!(reads, model.reads);
        true
    }
    let property = property as fn(u8, Vec<Work>, Vec<(u8, u8)>) -> bool;
    QuickCheck::new().tests(1000).quickcheck(property);
}
