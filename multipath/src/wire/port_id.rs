//! Where a packet goes, and how freely.

use core::fmt;

use barrier::Lane;

/// Number of a port of an end node, 20 bits. Each port of a node has its own.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortId(u32);

impl PortId {
    /// The largest number.
    pub const MAX: Self = Self(0xF_FFFF);

    /// The port with this number, of which the low 20 bits count.
    pub const fn new(number: u32) -> Self {
        Self(number & Self::MAX.0)
    }

    /// Its number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for PortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#07x}", self.0)
    }
}

impl fmt::Debug for PortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PortId({self})")
    }
}

/// How routers choose among the links of a set that lead the same way, 3 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdaptiveControl {
    /// Deterministic: this lane, 0 to 3. What is sent on one lane of a path arrives in order, where routers keep it.
    #[default]
    Lane0,
    /// Lane 1.
    Lane1,
    /// Lane 2.
    Lane2,
    /// Lane 3.
    Lane3,
    /// Any lane: for packets whose order does not matter.
    Adaptive,
    /// A value without a meaning, 5 to 7; goes out as it came in.
    Other(u8),
}

impl AdaptiveControl {
    /// Deterministic on the lane.
    pub const fn lane(lane: Lane) -> Self {
        match lane.index() {
            0 => Self::Lane0,
            1 => Self::Lane1,
            2 => Self::Lane2,
            _ => Self::Lane3,
        }
    }

    /// The bits.
    pub const fn bits(self) -> u8 {
        match self {
            Self::Lane0 => 0,
            Self::Lane1 => 1,
            Self::Lane2 => 2,
            Self::Lane3 => 3,
            Self::Adaptive => 4,
            Self::Other(bits) => bits & 7,
        }
    }

    /// The lane, if it is one.
    pub fn as_lane(self) -> Option<Lane> {
        Lane::from_index(usize::from(self.bits()))
    }

    /// From the low 3 bits.
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 7 {
            0 => Self::Lane0,
            1 => Self::Lane1,
            2 => Self::Lane2,
            3 => Self::Lane3,
            4 => Self::Adaptive,
            other => Self::Other(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_the_bits_comes_back() {
        for bits in 0..8 {
            assert_eq!(AdaptiveControl::from_bits(bits).bits(), bits);
        }
    }

    #[test]
    fn a_port_has_20_bits() {
        assert_eq!(PortId::new(0xABF_FFFF), PortId::MAX);
    }
}
