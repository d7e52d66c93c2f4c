use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// An unsigned number of 24 bits in network order.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(transparent)]
#[allow(
    unreachable_pub,
    unnameable_types,
    reason = "KnownLayout names the last field of a public view in a public place"
)]
pub struct U24([u8; 3]);

impl U24 {
    /// The low 24 bits of `number`.
    pub(super) const fn new(number: u32) -> Self {
        let [_, high, middle, low] = number.to_be_bytes();
        Self([high, middle, low])
    }

    #[inline]
    pub(super) const fn get(self) -> u32 {
        let [high, middle, low] = self.0;
        u32::from_be_bytes([0, high, middle, low])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_24_bits_in_network_order() {
        assert_eq!(U24::new(0xFF01_0203).0, [1, 2, 3]);
        assert_eq!(U24([1, 2, 3]).get(), 0x01_0203);
    }
}
