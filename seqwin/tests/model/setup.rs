use quickcheck::{Arbitrary, Gen};
use seqwin::{Sequence, SequenceBits};

/// What both ends are made with, and the number of packets before the first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) bits: u8,
    pub(crate) window: u32,
    pub(crate) before: u64,
    pub(crate) first_serial: u32,
    pub(crate) selective: bool,
    pub(crate) silent: bool,
}

impl Arbitrary for Setup {
    fn arbitrary(g: &mut Gen) -> Self {
        // Few bits wrap, many have to work as well.
        let bits = if bool::arbitrary(g) { 2 + u8::arbitrary(g) % 4 } else { 2 + u8::arbitrary(g) % 31 };
        let largest = 1u32 << (bits - 1);
        let window = if bool::arbitrary(g) { largest } else { 1 + u32::arbitrary(g) % largest.min(20) };
        let before = u64::from(u32::MAX) * 4 - u64::from(u8::arbitrary(g) % 16);
        let before = if bool::arbitrary(g) { before } else { u64::from(u32::arbitrary(g)) };
        let first_serial = u32::MAX - u32::from(u8::arbitrary(g) % 16);
        Self { bits, window, before, first_serial, selective: bool::arbitrary(g), silent: bool::arbitrary(g) }
    }
}

impl Setup {
    pub(crate) fn bits(&self) -> SequenceBits {
        SequenceBits::new(self.bits).unwrap()
    }

    /// The number that a packet carries.
    pub(crate) fn wrap(&self, number: u64) -> Sequence {
        Sequence((number % (1 << self.bits)) as u32)
    }
}
