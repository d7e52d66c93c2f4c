//! A requester and a responder of `seqwin`, a lossy lane each way.

mod mutant;
pub mod rule;
mod traffic;
mod world;

pub use mutant::Mutant;
pub use traffic::Stray;
pub use world::{Disturbances, SeqwinWorld, Setting, Step, Way};

use crate::bytes::Bytes;

/// Numbers of a storm have 2 to 4 bits: few, so that they wrap often.
const BITS: u32 = 3;

/// A setting chosen by a number, in which everything goes wrong.
pub fn storm(choice: u32) -> Setting {
    let bits = 2 + (choice % BITS) as u8;
    let largest = 1 << (bits - 1);
    Setting {
        bits,
        window: largest - (choice >> 2) % largest,
        packets: 20,
        // Five in eight are ordered; runs of both.
        unordered: 0b0011_1000_0101_1000u16.rotate_left(choice >> 8 & 15),
        selective: choice & 0x10 != 0,
        silent: choice & 0x20 != 0,
        cumulative: choice & 0x40 != 0,
        // Where they are ordered: one in four.
        reads: 0b0100_0001_0010_0010,
        lane: 12,
        mutant: Mutant::None,
    }
}

/// Steps through a storm: four bytes choose the setting, each further one what happens next.
pub fn seqwin(data: &[u8]) {
    let mut bytes = Bytes(data);
    let world = SeqwinWorld::new(storm(bytes.u32()), Disturbances::UNLIMITED);
    if let Err(counterexample) = sim::walk_bytes(world, bytes.0) {
        panic!("{counterexample}");
    }
}
