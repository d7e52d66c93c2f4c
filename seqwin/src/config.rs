use crate::{ConfigError, Sequence, SequenceBits, SerialNumber};

/// How one end of a VI numbers its requests, and how many may be outstanding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequesterConfig {
    /// Bits of a sequence number. Default 8.
    pub bits: SequenceBits,
    /// Packets that may be outstanding, from 1 to half of all sequence numbers. Default 128. A requester with fewer
    /// places than that has at most as many outstanding as it has places.
    pub window: u32,
    /// The source that requests carry and responses bring back. Default 0.
    pub source: u32,
    /// Number of the VI. Default 0.
    pub vi: u32,
    /// Number of the first packet: the same as at the responder. Default 0.
    pub first_sequence: Sequence,
    /// Serial number of the first packet. Default 0. A program that starts again should take another one, so that it
    /// does not mistake a response from before.
    pub first_serial: SerialNumber,
    /// Whether acknowledged packets are left out when the sequence is gone back in. Pays when the responder keeps what
    /// comes ahead of its turn; default `false`.
    pub selective: bool,
}

impl RequesterConfig {
    /// The defaults, for constants.
    pub const DEFAULT: Self = Self {
        bits: SequenceBits::DEFAULT,
        window: SequenceBits::DEFAULT.largest_window(),
        source: 0,
        vi: 0,
        first_sequence: Sequence(0),
        first_serial: SerialNumber(0),
        selective: false,
    };
}

impl Default for RequesterConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What a responder does about a packet that is ahead of its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gap {
    /// Refuse it with a NACK: the requester goes back at once.
    Refuse,
    /// Say nothing: the requester goes back when a deadline passes.
    Silent,
}

/// How one end of a VI judges the numbers of incoming requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResponderConfig {
    /// Bits of a sequence number, as at the requester. Default 8.
    pub bits: SequenceBits,
    /// Window of the requester, from 1 to half of all sequence numbers. Default 128. The smaller it is, the more numbers
    /// are left that no correct requester can send.
    pub window: u32,
    /// Number of the first packet: the same as at the requester. Default 0.
    pub first_sequence: Sequence,
    /// What to do about a packet ahead of its turn. Default [`Gap::Refuse`].
    pub gap: Gap,
    /// Whether ordered packets ahead of their turn are kept. Default `false`.
    pub selective: bool,
}

impl ResponderConfig {
    /// The defaults, for constants.
    pub const DEFAULT: Self = Self {
        bits: SequenceBits::DEFAULT,
        window: SequenceBits::DEFAULT.largest_window(),
        first_sequence: Sequence(0),
        gap: Gap::Refuse,
        selective: false,
    };
}

impl Default for ResponderConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Whether a window and a first number fit the bits.
pub(crate) const fn check(bits: SequenceBits, window: u32, first: Sequence) -> Result<(), ConfigError> {
    let largest = bits.largest_window();
    if window == 0 || window > largest {
        return Err(ConfigError::Window { window, largest });
    }
    if !bits.contains(first) {
        return Err(ConfigError::FirstSequence { first, last: bits.last() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_at_most_half_of_the_numbers() {
        let bits = SequenceBits::new(3).unwrap();
        let check = |window| check(bits, window, Sequence(7));
        assert_eq!(check(0), Err(ConfigError::Window { window: 0, largest: 4 }));
        assert_eq!((check(1), check(4)), (Ok(()), Ok(())));
        assert_eq!(check(5), Err(ConfigError::Window { window: 5, largest: 4 }));
    }

    #[test]
    fn the_first_number_has_to_have_the_bits() {
        let error = ConfigError::FirstSequence { first: Sequence(256), last: Sequence(255) };
        assert_eq!(check(SequenceBits::DEFAULT, 128, Sequence(256)), Err(error));
    }
}
