//! MulticastForwardingTable (IBTA volume 1, 14.2.5.12): the ports that a switch sends multicast packets to.

use zerocopy::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct MulticastForwardingTableView {
    port_masks: [U16; 32],
}

const _: () = assert!(size_of::<MulticastForwardingTableView>() == 64);

impl MulticastForwardingTableView {
    /// For each LID of the block, a bit for each of the sixteen ports; the lowest bit is the first of them.
    #[inline]
    pub fn port_masks(&self) -> [u16; 32] {
        self.port_masks.map(|mask| mask.get())
    }
}

/// Sixteen ports of a switch for 32 multicast LIDs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MulticastForwardingTable {
    /// For each LID of the block, a bit for each of the sixteen ports; the lowest bit is the first of them.
    pub port_masks: [u16; 32],
}

impl Attribute for MulticastForwardingTable {
    type View = MulticastForwardingTableView;
    const NAME: &'static str = "MulticastForwardingTable";

    fn from_view(view: &MulticastForwardingTableView) -> Self {
        Self { port_masks: view.port_masks() }
    }

    fn to_view(&self) -> MulticastForwardingTableView {
        MulticastForwardingTableView { port_masks: self.port_masks.map(U16::new) }
    }
}

impl MulticastForwardingTable {
    /// Attribute modifier: `block` (9 bits) starts with the LID 0xC000 + 32 times its number, `position` (4 bits) with
    /// the port 16 times its number.
    pub const fn modifier(block: u16, position: u8) -> u32 {
        let [block_high, block_low] = block.to_be_bytes();
        u32::from_be_bytes([position << 4, 0, block_high & 0x1, block_low])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let attribute = MulticastForwardingTable { port_masks: core::array::from_fn(|i| 0x0100 + i as u16) };
        let mut out = [0xFF; 64];
        assert_eq!(attribute.emit(&mut out), Ok(64));
        assert_eq!(out[..4], [1, 0, 1, 1]);
        assert_eq!(out[62..], [1, 31]);
        assert_eq!(MulticastForwardingTable::parse(&out), Ok(attribute));
    }

    #[test]
    fn the_modifier_has_the_block_at_its_end_and_the_position_at_its_start() {
        assert_eq!(MulticastForwardingTable::modifier(0x1FF, 0xF), 0xF000_01FF);
        assert_eq!(MulticastForwardingTable::modifier(0xFE01, 0xF2), 0x2000_0001);
    }
}
