use core::fmt;

use crate::types::TransactionId;

/// Name of a request: the lower 32 bits of its transaction id, which every transport leaves alone.
///
/// Ids count up from the table's first one. Inside the table an id says where its request lies and which use of that
/// place it is, so that an answer is matched without a search, and an answer to an earlier request in the same place
/// matches nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u32);

impl RequestId {
    /// The transaction id to send, its upper half zero; a transport may fill that half with its own.
    pub const fn transaction_id(self) -> TransactionId {
        TransactionId(self.0 as u64)
    }
}

impl From<TransactionId> for RequestId {
    /// The request that a response with this transaction id speaks of.
    fn from(id: TransactionId) -> Self {
        Self(id.low())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({self})")
    }
}

/// How the ids of a table with `N` places are made: `first + (generation << place bits | place)`, modulo `2^32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct IdScheme<const N: usize> {
    first: u32,
}

impl<const N: usize> IdScheme<N> {
    /// Bits that hold a place: as many as `N - 1` needs, at most 16.
    const PLACE_BITS: u32 = usize::BITS - (N - 1).leading_zeros();
    const PLACE_MASK: u32 = (1 << Self::PLACE_BITS) - 1;

    pub(super) const fn new(first: u32) -> Self {
        Self { first }
    }

    /// The id of the request that is the `generation`-th in `place`; of the generation only the bits above the
    /// place's count.
    pub(super) const fn encode(self, place: usize, generation: u32) -> RequestId {
        RequestId(self.first.wrapping_add((generation << Self::PLACE_BITS) | place as u32))
    }

    /// The place that an id speaks of, which may be beyond the last.
    pub(super) const fn place(self, id: RequestId) -> usize {
        (id.0.wrapping_sub(self.first) & Self::PLACE_MASK) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upper_half_of_a_transaction_id_does_not_count() {
        assert_eq!(RequestId::from(TransactionId(0xDEAD_BEEF_0000_0007)), RequestId(7));
        assert_eq!(RequestId(7).transaction_id(), TransactionId(7));
    }

    #[test]
    fn ids_count_up_from_the_first_and_wrap() {
        let scheme = IdScheme::<3>::new(u32::MAX - 1);
        let ids = [0, 1, 2].map(|place| scheme.encode(place, 0));
        assert_eq!(ids, [u32::MAX - 1, u32::MAX, 0].map(RequestId));
        assert_eq!(ids.map(|id| scheme.place(id)), [0, 1, 2]);
        assert_eq!(scheme.place(RequestId(1)), 3, "three places need two bits: the fourth code names none");
    }

    #[test]
    fn one_place_leaves_all_bits_to_the_generation() {
        let scheme = IdScheme::<1>::new(9);
        assert_eq!(scheme.encode(0, u32::MAX), RequestId(8));
        assert_eq!(scheme.place(RequestId(8)), 0);
    }
}
