//! LinearForwardingTableRecord (IBTA volume 1, 15.2.5.6): the ports that one switch sends unicast packets to.

use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{
    Attribute, AttributeId, ComponentMask, LinearForwardingTable, LinearForwardingTableView, Query, Record,
};
use crate::types::Lid;

/// The record as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct LinearForwardingTableRecordView {
    lid: U16,
    block_number: U16,
    reserved: U32,
    linear_forwarding_table: LinearForwardingTableView,
}

const _: () = assert!(size_of::<LinearForwardingTableRecordView>() == 72);

impl LinearForwardingTableRecordView {
    /// LID of the switch.
    #[inline]
    pub fn lid(&self) -> Lid {
        Lid(self.lid.get())
    }
    /// Number of the block: its first LID is 64 times this.
    #[inline]
    pub fn block_number(&self) -> u16 {
        self.block_number.get()
    }
    /// The block.
    #[inline]
    pub fn linear_forwarding_table(&self) -> &LinearForwardingTableView {
        &self.linear_forwarding_table
    }
}

/// The ports of 64 LIDs at one switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinearForwardingTableRecord {
    /// LID of the switch.
    pub lid: Lid,
    /// Number of the block: its first LID is 64 times this.
    pub block_number: u16,
    /// The block.
    pub linear_forwarding_table: LinearForwardingTable,
}

impl Attribute for LinearForwardingTableRecord {
    type View = LinearForwardingTableRecordView;
    const NAME: &'static str = "LinearForwardingTableRecord";

    fn from_view(view: &LinearForwardingTableRecordView) -> Self {
        Self {
            lid: view.lid(),
            block_number: view.block_number(),
            linear_forwarding_table: LinearForwardingTable::from_view(&view.linear_forwarding_table),
        }
    }

    fn to_view(&self) -> LinearForwardingTableRecordView {
        LinearForwardingTableRecordView {
            lid: U16::new(self.lid.0),
            block_number: U16::new(self.block_number),
            reserved: U32::ZERO,
            linear_forwarding_table: self.linear_forwarding_table.to_view(),
        }
    }
}

/// Component mask of a LinearForwardingTableRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinearForwardingTableRecordMask(pub u64);

impl LinearForwardingTableRecordMask {
    /// LID.
    pub const LID: Self = Self(1);
    /// Number of the block.
    pub const BLOCK_NUMBER: Self = Self(1 << 1);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for LinearForwardingTableRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for unicast forwarding tables, by switch and block.
pub type LinearForwardingTableRecordQuery = Query<LinearForwardingTableRecord>;

impl Record for LinearForwardingTableRecord {
    type Mask = LinearForwardingTableRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::LINEAR_FORWARDING_TABLE_RECORD;
}

impl LinearForwardingTableRecordQuery {
    /// The blocks of the switch with a LID.
    pub fn lid(self, lid: Lid) -> Self {
        self.with(LinearForwardingTableRecordMask::LID, |record| record.lid = lid)
    }
    /// Blocks with a number.
    pub fn block_number(self, block: u16) -> Self {
        self.with(LinearForwardingTableRecordMask::BLOCK_NUMBER, |record| record.block_number = block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let record = LinearForwardingTableRecord {
            lid: Lid(0x0102),
            block_number: 0x0304,
            linear_forwarding_table: LinearForwardingTable { ports: [5; 64] },
        };
        let mut out = [0xFF; 72];
        assert_eq!(record.emit(&mut out), Ok(72));
        assert_eq!(out[..9], [1, 2, 3, 4, 0, 0, 0, 0, 5]);
        assert_eq!(out[71], 5);
        assert_eq!(LinearForwardingTableRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        assert_eq!(LinearForwardingTableRecordQuery::new().component_mask(), 0);
        let query = LinearForwardingTableRecordQuery::new().lid(Lid(3)).block_number(2);
        assert_eq!(query.component_mask(), 0b11);
        assert_eq!(
            *query.template(),
            LinearForwardingTableRecord {
                lid: Lid(3),
                block_number: 2,
                ..LinearForwardingTableRecord::default()
            }
        );
    }
}
