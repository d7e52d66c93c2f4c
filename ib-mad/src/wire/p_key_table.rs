//! P_KeyTable (IBTA volume 1, 14.2.5.7): a block of the partitions that a port is in.

use zerocopy::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;
use crate::types::PKey;

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PKeyTableView {
    p_keys: [U16; 32],
}

const _: () = assert!(size_of::<PKeyTableView>() == 64);

impl PKeyTableView {
    /// The keys of the block; partition number 0 where there is none.
    #[inline]
    pub fn p_keys(&self) -> [PKey; 32] {
        self.p_keys.map(|key| PKey(key.get()))
    }
}

/// A block of 32 partition keys of a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PKeyTable {
    /// The keys of the block; partition number 0 where there is none.
    pub p_keys: [PKey; 32],
}

impl Attribute for PKeyTable {
    type View = PKeyTableView;
    const NAME: &'static str = "P_KeyTable";

    fn from_view(view: &PKeyTableView) -> Self {
        Self { p_keys: view.p_keys() }
    }

    fn to_view(&self) -> PKeyTableView {
        PKeyTableView { p_keys: self.p_keys.map(|key| U16::new(key.0)) }
    }
}

impl PKeyTable {
    /// Attribute modifier for a block (from 0); `port` is 0 but for the external ports of a switch.
    pub const fn modifier(block: u16, port: u16) -> u32 {
        let ([block_high, block_low], [port_high, port_low]) = (block.to_be_bytes(), port.to_be_bytes());
        u32::from_be_bytes([port_high, port_low, block_high, block_low])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let attribute = PKeyTable { p_keys: core::array::from_fn(|i| PKey(0x8100 + i as u16)) };
        let mut out = [0xFF; 64];
        assert_eq!(attribute.emit(&mut out), Ok(64));
        assert_eq!(out[..4], [0x81, 0, 0x81, 1]);
        assert_eq!(out[62..], [0x81, 31]);
        assert_eq!(PKeyTable::parse(&out), Ok(attribute));
    }

    #[test]
    fn the_modifier_has_the_port_above_the_block() {
        assert_eq!(PKeyTable::modifier(0x0102, 0x0304), 0x0304_0102);
    }
}
