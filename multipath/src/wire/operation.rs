//! What a packet does to its virtual interface.

/// Operation of a packet, 4 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// The next bytes of a message; the receiver decides where they go.
    Send,
    /// Bytes for the address that the packet carries.
    Write,
    /// Asks for bytes from the address that the packet carries.
    Read,
    /// A number without a meaning.
    Other(u8),
}

impl Operation {
    /// The number of the operation.
    pub const fn bits(self) -> u8 {
        match self {
            Self::Send => 0,
            Self::Write => 1,
            Self::Read => 2,
            Self::Other(bits) => bits & 0xF,
        }
    }

    /// From the low 4 bits.
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 0xF {
            0 => Self::Send,
            1 => Self::Write,
            2 => Self::Read,
            other => Self::Other(other),
        }
    }

    /// Whether its requests carry an address.
    pub const fn has_address(self) -> bool {
        matches!(self, Self::Write | Self::Read)
    }
}

/// Flags of an operation, 4 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationFlags(u8);

impl OperationFlags {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// The packet advances the sequence number of its VI.
    pub const ORDERED: Self = Self(8);
    /// Immediate data follow.
    pub const IMMEDIATE: Self = Self(4);
    /// First packet of a message.
    pub const FIRST: Self = Self(2);
    /// Last packet of a message.
    pub const LAST: Self = Self(1);

    /// From the low 4 bits.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 0xF)
    }

    /// The bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// These flags, and those of `other` if `condition` holds.
    #[must_use]
    pub const fn with(self, other: Self, condition: bool) -> Self {
        if condition { Self(self.0 | other.0) } else { self }
    }

    /// Whether all flags of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// How much payload the length field may speak of, 4 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Up to 512 bytes.
    #[default]
    Standard,
    /// An extension of this crate: up to [`MAX_JUMBO_PAYLOAD`](super::MAX_JUMBO_PAYLOAD) bytes.
    Jumbo,
    /// A number without a meaning.
    Other(u8),
}

impl Format {
    /// The number of the format.
    pub const fn bits(self) -> u8 {
        match self {
            Self::Standard => 0,
            Self::Jumbo => 1,
            Self::Other(bits) => bits & 0xF,
        }
    }

    /// From the low 4 bits.
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 0xF {
            0 => Self::Standard,
            1 => Self::Jumbo,
            other => Self::Other(other),
        }
    }

    /// The smallest format that has room for so many bytes.
    pub const fn for_length(length: u16) -> Self {
        if length > super::MAX_PAYLOAD { Self::Jumbo } else { Self::Standard }
    }

    /// The most bytes that its length may speak of.
    pub const fn limit(self) -> Option<u16> {
        match self {
            Self::Standard => Some(super::MAX_PAYLOAD),
            Self::Jumbo => Some(super::MAX_JUMBO_PAYLOAD),
            Self::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_the_bits_comes_back() {
        for bits in 0..16 {
            assert_eq!(Operation::from_bits(bits).bits(), bits);
            assert_eq!(OperationFlags::from_bits(bits).bits(), bits);
            assert_eq!(Format::from_bits(bits).bits(), bits);
        }
    }

    #[test]
    fn the_smallest_format_is_chosen() {
        assert_eq!(Format::for_length(512), Format::Standard);
        assert_eq!(Format::for_length(513), Format::Jumbo);
    }
}
