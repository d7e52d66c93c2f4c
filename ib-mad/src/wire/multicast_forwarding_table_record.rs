//! MulticastForwardingTableRecord (IBTA volume 1, 15.2.5.8): the ports that one switch sends multicast packets to.

use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{
    Attribute, AttributeId, ComponentMask, MulticastForwardingTable, MulticastForwardingTableView, Query,
    Record,
};
use crate::types::Lid;

/// The record as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct MulticastForwardingTableRecordView {
    lid: U16,
    position_and_block: U16,
    reserved: U32,
    multicast_forwarding_table: MulticastForwardingTableView,
}

const _: () = assert!(size_of::<MulticastForwardingTableRecordView>() == 72);

impl MulticastForwardingTableRecordView {
    /// LID of the switch.
    #[inline]
    pub fn lid(&self) -> Lid {
        Lid(self.lid.get())
    }
    /// Position of the ports, 4 bits: the first of them is 16 times this.
    #[inline]
    pub fn position(&self) -> u8 {
        let [high, _] = self.position_and_block.to_bytes();
        high >> 4
    }
    /// Number of the block, 9 bits: its first LID is 0xC000 + 32 times this.
    #[inline]
    pub fn block_number(&self) -> u16 {
        self.position_and_block.get() & 0x1FF
    }
    /// The block.
    #[inline]
    pub fn multicast_forwarding_table(&self) -> &MulticastForwardingTableView {
        &self.multicast_forwarding_table
    }
}

/// Sixteen ports of one switch for 32 multicast LIDs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MulticastForwardingTableRecord {
    /// LID of the switch.
    pub lid: Lid,
    /// Position of the ports, 4 bits: the first of them is 16 times this.
    pub position: u8,
    /// Number of the block, 9 bits: its first LID is 0xC000 + 32 times this.
    pub block_number: u16,
    /// The block.
    pub multicast_forwarding_table: MulticastForwardingTable,
}

impl Attribute for MulticastForwardingTableRecord {
    type View = MulticastForwardingTableRecordView;
    const NAME: &'static str = "MulticastForwardingTableRecord";

    fn from_view(view: &MulticastForwardingTableRecordView) -> Self {
        Self {
            lid: view.lid(),
            position: view.position(),
            block_number: view.block_number(),
            multicast_forwarding_table: MulticastForwardingTable::from_view(&view.multicast_forwarding_table),
        }
    }

    fn to_view(&self) -> MulticastForwardingTableRecordView {
        MulticastForwardingTableRecordView {
            lid: U16::new(self.lid.0),
            position_and_block: U16::new((u16::from(self.position) << 12) | (self.block_number & 0x1FF)),
            reserved: U32::ZERO,
            multicast_forwarding_table: self.multicast_forwarding_table.to_view(),
        }
    }
}

/// Component mask of a MulticastForwardingTableRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MulticastForwardingTableRecordMask(pub u64);

impl MulticastForwardingTableRecordMask {
    /// LID.
    pub const LID: Self = Self(1);
    /// Position of the ports.
    pub const POSITION: Self = Self(1 << 1);
    /// Number of the block.
    pub const BLOCK_NUMBER: Self = Self(1 << 3);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for MulticastForwardingTableRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for multicast forwarding tables, by switch, ports and block.
pub type MulticastForwardingTableRecordQuery = Query<MulticastForwardingTableRecord>;

impl Record for MulticastForwardingTableRecord {
    type Mask = MulticastForwardingTableRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::MULTICAST_FORWARDING_TABLE_RECORD;
}

impl MulticastForwardingTableRecordQuery {
    /// The blocks of the switch with a LID.
    pub fn lid(self, lid: Lid) -> Self {
        self.with(MulticastForwardingTableRecordMask::LID, |record| record.lid = lid)
    }
    /// Blocks of a position (4 bits).
    pub fn position(self, position: u8) -> Self {
        self.with(MulticastForwardingTableRecordMask::POSITION, |record| record.position = position)
    }
    /// Blocks with a number (9 bits).
    pub fn block_number(self, block: u16) -> Self {
        self.with(MulticastForwardingTableRecordMask::BLOCK_NUMBER, |record| record.block_number = block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let record = MulticastForwardingTableRecord {
            lid: Lid(0x0102),
            position: 0xA,
            block_number: 0x1BC,
            multicast_forwarding_table: MulticastForwardingTable { port_masks: [0x0506; 32] },
        };
        let mut out = [0xFF; 72];
        assert_eq!(record.emit(&mut out), Ok(72));
        assert_eq!(out[..10], [1, 2, 0xA1, 0xBC, 0, 0, 0, 0, 5, 6]);
        assert_eq!(out[70..], [5, 6]);
        assert_eq!(MulticastForwardingTableRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        assert_eq!(MulticastForwardingTableRecordQuery::new().component_mask(), 0);
        let query = MulticastForwardingTableRecordQuery::new().position(1).block_number(2);
        assert_eq!(query.component_mask(), 0b1010);
        assert_eq!(
            *query.template(),
            MulticastForwardingTableRecord {
                position: 1,
                block_number: 2,
                ..MulticastForwardingTableRecord::default()
            }
        );
    }
}
