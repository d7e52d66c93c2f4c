use core::fmt;

/// Transaction id of a datagram; a response carries that of its request.
///
/// A transport may own part of it: Linux's umad device overwrites the upper 32 bits of a request, ibsim finds a
/// client by the upper 16. Whoever matches responses should rely on [`low`](Self::low) only.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(pub u64);

impl TransactionId {
    /// The lower 32 bits, which every transport leaves alone.
    pub const fn low(self) -> u32 {
        (self.0 & 0xFFFF_FFFF) as u32
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}", self.0)
    }
}

impl fmt::Debug for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransactionId({self})")
    }
}
