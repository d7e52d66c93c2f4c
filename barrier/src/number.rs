//! Numbers that barriers write, and where they come from.

/// What a barrier writes to the peer and reads back: it must not come again while an earlier one can still be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BarrierNumber(pub u64);

/// Where barriers take their numbers from, out of a space so large that none comes again for a long time.
pub trait NumberSource {
    /// The next number.
    fn next_number(&mut self) -> BarrierNumber;
}

/// Numbers without a pattern (SplitMix64). One comes again after 2⁶⁴ others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The seed decides every number: take it from the configuration, a different one for each requester.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }
}

impl NumberSource for Random {
    fn next_number(&mut self) -> BarrierNumber {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        BarrierNumber(mixed ^ (mixed >> 31))
    }
}

/// The requester's id in the upper 32 bits, a counter in the lower: requesters never share a number. One comes again
/// after 2³² others of the same requester.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Counted {
    requester: u32,
    counter: u32,
}

impl Counted {
    /// Numbers of the requester with this id. The first has counter 1, so that memory full of zeros matches none.
    #[must_use]
    pub const fn new(requester: u32) -> Self {
        Self { requester, counter: 0 }
    }
}

impl NumberSource for Counted {
    fn next_number(&mut self) -> BarrierNumber {
        self.counter = self.counter.wrapping_add(1);
        BarrierNumber(u64::from(self.requester) << 32 | u64::from(self.counter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    fn distinct(source: &mut impl NumberSource, count: usize) -> bool {
        let drawn: BTreeSet<_> = (0..count).map(|_| source.next_number().0).collect();
        drawn.len() == count
    }

    #[test]
    fn no_number_comes_again_soon() {
        assert!(distinct(&mut Random::new(1), 10_000));
        assert!(distinct(&mut Counted::new(1), 10_000));
    }

    /// The first outputs of SplitMix64 for this seed, as its reference implementation gives them.
    #[test]
    fn random_is_splitmix64() {
        let mut source = Random::new(1_234_567);
        let drawn = [(); 3].map(|()| source.next_number().0);
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn counted_has_the_requester_above_the_counter() {
        let mut source = Counted { requester: 0xAABB_CCDD, counter: u32::MAX - 1 };
        assert_eq!(source.next_number(), BarrierNumber(0xAABB_CCDD_FFFF_FFFF));
        assert_eq!(source.next_number(), BarrierNumber(0xAABB_CCDD_0000_0000), "the id stays as it is");
        assert_eq!(Counted::new(2).next_number(), BarrierNumber(0x0000_0002_0000_0001));
    }
}
