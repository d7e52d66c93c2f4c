use core::fmt;

use crate::ConfigError;

/// Sequence number of a packet, in the range that [`SequenceBits`] gives it.
///
/// It says which packet of a virtual interface (VI) this is. A packet that is sent again keeps it; unordered packets share
/// one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u32);

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How many bits a sequence number has, 2 to 32; numbers are counted modulo 2 to that power.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SequenceBits {
    /// The largest number: all bits set.
    last: u32,
}

impl SequenceBits {
    /// 8 bits, as in ServerNet II: a window of up to 128 packets.
    pub const DEFAULT: Self = Self::of(8);
    /// The smallest: two packets can be outstanding, and told from the two before.
    pub const MIN: Self = Self::of(2);
    /// The largest.
    pub const MAX: Self = Self::of(32);

    /// Numbers of this many bits.
    ///
    /// # Errors
    /// Fewer than 2 or more than 32.
    pub const fn new(bits: u8) -> Result<Self, ConfigError> {
        if bits < Self::MIN.get() || bits > Self::MAX.get() {
            return Err(ConfigError::Bits { bits });
        }
        Ok(Self::of(bits))
    }

    const fn of(bits: u8) -> Self {
        Self { last: u32::MAX >> (32 - bits) }
    }

    /// The number of bits.
    pub const fn get(self) -> u8 {
        self.last.count_ones() as u8
    }

    /// The largest number there is: behind it comes 0.
    #[inline]
    pub const fn last(self) -> Sequence {
        Sequence(self.last)
    }

    /// The largest window: half of all numbers. With more, a packet that was sent again could pass for a new one.
    pub const fn largest_window(self) -> u32 {
        (self.last >> 1) + 1
    }

    /// Whether the number has no more than these bits.
    pub const fn contains(self, sequence: Sequence) -> bool {
        sequence.0 <= self.last
    }

    /// The number that comes `count` packets after `sequence`.
    #[inline]
    pub const fn advance(self, sequence: Sequence, count: u32) -> Sequence {
        Sequence(sequence.0.wrapping_add(count) & self.last)
    }

    /// How many packets after `from` the number `to` comes, counting on through 0.
    #[inline]
    pub const fn distance(self, from: Sequence, to: Sequence) -> u32 {
        to.0.wrapping_sub(from.0) & self.last
    }
}

impl fmt::Debug for SequenceBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SequenceBits({})", self.get())
    }
}

impl Default for SequenceBits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_2_to_32_bits_are_taken() {
        for bits in 0..=u8::MAX {
            let new = SequenceBits::new(bits).map(SequenceBits::get);
            assert_eq!(new.ok(), (2..=32).contains(&bits).then_some(bits));
        }
    }

    #[test]
    fn numbers_wrap_at_their_bits() {
        for (bits, last) in [(2, 3), (8, 255), (31, u32::MAX >> 1), (32, u32::MAX)] {
            let bits = SequenceBits::new(bits).unwrap();
            assert_eq!(bits.last(), Sequence(last));
            assert_eq!(bits.advance(Sequence(last), 1), Sequence(0));
            assert_eq!(bits.distance(Sequence(last), Sequence(1)), 2);
            assert_eq!(u64::from(bits.largest_window()) * 2, u64::from(last) + 1);
            assert!(bits.contains(Sequence(last)));
            assert!(last == u32::MAX || !bits.contains(Sequence(last + 1)));
        }
    }

    quickcheck::quickcheck! {
        fn distance_undoes_advance(bits: u8, from: u32, count: u32) -> bool {
            let bits = SequenceBits::new(2 + bits % 31).unwrap();
            let (from, count) = (Sequence(from & bits.last().0), count & bits.last().0);
            let to = bits.advance(from, count);
            bits.contains(to) && bits.distance(from, to) == count
        }
    }
}
