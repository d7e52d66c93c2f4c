//! VLArbitrationTable (IBTA volume 1, 14.2.5.9): how lanes share a link.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;
use crate::types::VirtualLane;

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct VlArbitrationView {
    entries: [[u8; 2]; 32],
}

const _: () = assert!(size_of::<VlArbitrationView>() == 64);

impl VlArbitrationView {
    /// The entries of the block, in the order in which the lanes take turns.
    #[inline]
    pub fn entries(&self) -> [VlArbitrationEntry; 32] {
        self.entries
            .map(|[lane, weight]| VlArbitrationEntry { lane: VirtualLane::from_low_bits(lane), weight })
    }
}

/// Half of a port's table of low or of high priority: 32 turns of lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VlArbitration {
    /// The entries of the block, in the order in which the lanes take turns.
    pub entries: [VlArbitrationEntry; 32],
}

impl Attribute for VlArbitration {
    type View = VlArbitrationView;
    const NAME: &'static str = "VLArbitrationTable";

    fn from_view(view: &VlArbitrationView) -> Self {
        Self { entries: view.entries() }
    }

    fn to_view(&self) -> VlArbitrationView {
        VlArbitrationView { entries: self.entries.map(|entry| [entry.lane.get(), entry.weight]) }
    }
}

/// One turn of a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VlArbitrationEntry {
    /// The lane.
    pub lane: VirtualLane,
    /// How much it may send in its turn, in units of 64 bytes; with 0 the entry is skipped.
    pub weight: u8,
}

impl VlArbitration {
    /// Block with the lower 32 entries of low priority.
    pub const LOW_FIRST: u8 = 1;
    /// Block with the upper 32 entries of low priority.
    pub const LOW_SECOND: u8 = 2;
    /// Block with the lower 32 entries of high priority.
    pub const HIGH_FIRST: u8 = 3;
    /// Block with the upper 32 entries of high priority.
    pub const HIGH_SECOND: u8 = 4;

    /// Attribute modifier for a block (1 to 4); `port` is 0 but for the external ports of a switch.
    pub const fn modifier(block: u8, port: u8) -> u32 {
        u32::from_be_bytes([0, block, 0, port])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let attribute = VlArbitration {
            entries: core::array::from_fn(|i| VlArbitrationEntry {
                lane: VirtualLane::from_low_bits(i as u8),
                weight: 0x80 + i as u8,
            }),
        };
        let mut out = [0xFF; 64];
        assert_eq!(attribute.emit(&mut out), Ok(64));
        assert_eq!(out[..4], [0, 0x80, 1, 0x81]);
        assert_eq!(out[62..], [15, 0x9F]);
        assert_eq!(VlArbitration::parse(&out), Ok(attribute));
    }

    #[test]
    fn the_upper_half_of_a_lanes_byte_is_reserved() {
        let entry = VlArbitration::parse(&[0xF3; 64]).unwrap().entries[0];
        assert_eq!((entry.lane.get(), entry.weight), (3, 0xF3));
    }

    #[test]
    fn the_modifier_has_the_block_above_the_port() {
        assert_eq!(VlArbitration::modifier(VlArbitration::HIGH_SECOND, 5), 0x0004_0005);
    }
}
