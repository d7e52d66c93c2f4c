//! SLtoVLMappingTable (IBTA volume 1, 14.2.5.8): the lane that a packet goes out on.

use zerocopy::big_endian::U64;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;
use crate::types::{ServiceLevel, VirtualLane};

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SlToVlMappingView {
    lanes: U64,
}

const _: () = assert!(size_of::<SlToVlMappingView>() == 8);

impl SlToVlMappingView {
    /// The lane of each service level; packets of a level on lane 15 are dropped.
    #[inline]
    pub fn lanes(&self) -> [VirtualLane; 16] {
        let mut bits = self.lanes.get();
        [(); 16].map(|()| {
            bits = bits.rotate_left(4);
            let [.., low] = bits.to_be_bytes();
            VirtualLane::from_low_bits(low)
        })
    }
}

/// The lane that a packet goes out on, by its service level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlToVlMapping {
    /// The lane of each service level; packets of a level on lane 15 are dropped.
    pub lanes: [VirtualLane; 16],
}

impl Attribute for SlToVlMapping {
    type View = SlToVlMappingView;
    const NAME: &'static str = "SLtoVLMappingTable";

    fn from_view(view: &SlToVlMappingView) -> Self {
        Self { lanes: view.lanes() }
    }

    fn to_view(&self) -> SlToVlMappingView {
        let bits = self.lanes.iter().fold(0, |bits, lane| (bits << 4) | u64::from(lane.get()));
        SlToVlMappingView { lanes: U64::new(bits) }
    }
}

impl SlToVlMapping {
    /// The lane of one service level.
    pub fn lane(&self, level: ServiceLevel) -> VirtualLane {
        self.lanes.get(usize::from(level.get())).copied().unwrap_or_default()
    }

    /// Attribute modifier for packets from one port of a switch to another; 0 on a channel adapter.
    pub const fn modifier(input_port: u8, output_port: u8) -> u32 {
        u32::from_be_bytes([0, 0, input_port, output_port])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let attribute = SlToVlMapping {
            lanes: core::array::from_fn(|level| VirtualLane::from_low_bits(15 - level as u8)),
        };
        let mut out = [0xFF; 8];
        assert_eq!(attribute.emit(&mut out), Ok(8));
        assert_eq!(out, [0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10]);
        assert_eq!(SlToVlMapping::parse(&out), Ok(attribute));
    }

    #[test]
    fn a_level_has_its_lane_and_two_ports_their_modifier() {
        let mapping =
            SlToVlMapping { lanes: core::array::from_fn(|level| VirtualLane::from_low_bits(level as u8)) };
        for level in 0..16 {
            assert_eq!(mapping.lane(ServiceLevel::from_low_bits(level)).get(), level);
        }
        assert_eq!(SlToVlMapping::modifier(0x12, 0x34), 0x1234);
    }
}
