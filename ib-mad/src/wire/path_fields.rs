//! Fields of several values that the records of paths and groups have in common.

use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::types::{Selector, ServiceLevel};

/// A selector in the upper two bits, and what it selects by in six.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(transparent)]
pub(crate) struct Selected(u8);

impl Selected {
    pub(crate) const fn new(selector: Selector, code: u8) -> Self {
        Self(selector.to_top_bits() | (code & 0x3F))
    }
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }
    #[inline]
    pub(super) const fn selector(self) -> Selector {
        Selector::from_top_bits(self.0)
    }
    #[inline]
    pub(super) const fn code(self) -> u8 {
        self.0 & 0x3F
    }
}

/// Whether packets are raw, in the upper bit; the flow label in 20 bits behind three that are reserved, and the hop limit in eight.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(transparent)]
pub(crate) struct RawFlowHops(U32);

impl RawFlowHops {
    pub(crate) fn new(is_raw: bool, flow_label: u32, hop_limit: u8) -> Self {
        Self(U32::new(u32::from(is_raw) << 31 | (flow_label & 0xF_FFFF) << 8 | u32::from(hop_limit)))
    }
    pub(crate) fn bits(self) -> u32 {
        self.0.get()
    }
    #[inline]
    pub(super) fn is_raw(self) -> bool {
        self.0.get() >> 31 != 0
    }
    #[inline]
    pub(super) fn flow_label(self) -> u32 {
        (self.0.get() >> 8) & 0xF_FFFF
    }
    #[inline]
    pub(super) fn hop_limit(self) -> u8 {
        let [.., hop_limit] = self.0.to_bytes();
        hop_limit
    }
}

/// Whether a path can be gone back, in the upper bit, and a number of paths in seven.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(transparent)]
pub(crate) struct ReversiblePaths(u8);

impl ReversiblePaths {
    pub(crate) fn new(is_reversible: bool, number_of_paths: u8) -> Self {
        Self(u8::from(is_reversible) << 7 | (number_of_paths & 0x7F))
    }
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }
    #[inline]
    pub(super) const fn is_reversible(self) -> bool {
        self.0 & 0x80 != 0
    }
    #[inline]
    pub(super) const fn number_of_paths(self) -> u8 {
        self.0 & 0x7F
    }
}

/// A quality of service class in 12 bits, and a service level in four.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(transparent)]
pub(super) struct QosServiceLevel(U16);

impl QosServiceLevel {
    pub(super) fn new(qos_class: u16, service_level: ServiceLevel) -> Self {
        Self(U16::new((qos_class << 4) | u16::from(service_level.get())))
    }
    #[inline]
    pub(super) fn qos_class(self) -> u16 {
        self.0.get() >> 4
    }
    #[inline]
    pub(super) fn service_level(self) -> ServiceLevel {
        let [_, low] = self.0.to_bytes();
        ServiceLevel::from_low_bits(low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_wider_than_their_bits_touch_no_others() {
        assert_eq!(Selected::new(Selector::LessThan, 0xFF).bits(), 0x7F);
        assert_eq!(RawFlowHops::new(false, u32::MAX, 0).bits(), 0x0FFF_FF00);
        assert_eq!(RawFlowHops::new(true, 0, 0x40).bits(), 0x8000_0040);
        assert_eq!(ReversiblePaths::new(false, 0xFF).bits(), 0x7F);
        let level = ServiceLevel::from_low_bits(3);
        assert_eq!(QosServiceLevel::new(0xFABC, level).as_bytes(), [0xAB, 0xC3]);
    }

    #[test]
    fn reserved_bits_are_ignored() {
        let word = RawFlowHops(U32::new(0x7000_0000));
        assert_eq!((word.is_raw(), word.flow_label(), word.hop_limit()), (false, 0, 0));
    }
}
