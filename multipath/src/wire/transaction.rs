//! Request or response, and of which kind.

/// Why a responder does not do what a valid request asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Refusal {
    /// An earlier packet of the VI is missing: sequence error.
    #[error("an earlier packet is missing")]
    Sequence,
    /// The sequence number is in no window of the VI: the two ends began with different numbers.
    #[error("the sequence number is outside of both windows: the ends began with different numbers")]
    OutsideWindow,
    /// The address range is not open to this VI.
    #[error("the address range is not open to this virtual interface")]
    Access,
    /// No such VI in this session.
    #[error("the virtual interface is not open at the other end")]
    UnknownVi,
    /// No such session: the responder was restarted.
    #[error("the other end does not know the session: it was restarted")]
    UnknownSession,
    /// A supervisory request that the responder cannot read or does not do.
    #[error("the other end does not understand a supervisory request")]
    Supervisory,
    /// A number without a meaning here.
    #[error("refused for reason {0}, which is unknown here")]
    Other(u8),
}

impl Refusal {
    const fn bits(self) -> u8 {
        match self {
            Self::Sequence => 0,
            Self::OutsideWindow => 1,
            Self::Access => 2,
            Self::UnknownVi => 3,
            Self::UnknownSession => 4,
            Self::Supervisory => 5,
            Self::Other(bits) => bits & 0xF,
        }
    }

    const fn from_bits(bits: u8) -> Self {
        match bits & 0xF {
            0 => Self::Sequence,
            1 => Self::OutsideWindow,
            2 => Self::Access,
            3 => Self::UnknownVi,
            4 => Self::UnknownSession,
            5 => Self::Supervisory,
            other => Self::Other(other),
        }
    }
}

/// Type of a transaction's packet, 8 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transaction {
    /// Asks.
    Request,
    /// Positive acknowledgement (ACK): done, and committed to memory.
    Acknowledge,
    /// Negative acknowledgement (NACK): not done.
    Refuse(Refusal),
    /// A number without a meaning.
    Other(u8),
}

impl Transaction {
    /// The bits: kind above, reason below.
    pub const fn bits(self) -> u8 {
        match self {
            Self::Request => 0x00,
            Self::Acknowledge => 0x10,
            Self::Refuse(reason) => 0x20 | reason.bits(),
            Self::Other(bits) => bits,
        }
    }

    /// From the bits.
    pub const fn from_bits(bits: u8) -> Self {
        match bits {
            0x00 => Self::Request,
            0x10 => Self::Acknowledge,
            0x20..=0x2F => Self::Refuse(Refusal::from_bits(bits)),
            other => Self::Other(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_the_bits_comes_back() {
        for bits in 0..=255 {
            assert_eq!(Transaction::from_bits(bits).bits(), bits);
        }
    }
}
