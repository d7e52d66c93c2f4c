//! P_KeyTableRecord (IBTA volume 1, 15.2.5.11): a block of the partitions of one port.

use zerocopy::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Attribute, AttributeId, ComponentMask, PKeyTable, PKeyTableView, Query, Record};
use crate::types::Lid;

/// The record as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PKeyTableRecordView {
    lid: U16,
    block_number: U16,
    port_number: u8,
    reserved: [u8; 3],
    p_key_table: PKeyTableView,
}

const _: () = assert!(size_of::<PKeyTableRecordView>() == 72);

impl PKeyTableRecordView {
    /// LID of the port; of port 0, for a port of a switch.
    #[inline]
    pub fn lid(&self) -> Lid {
        Lid(self.lid.get())
    }
    /// Number of the block, from 0.
    #[inline]
    pub fn block_number(&self) -> u16 {
        self.block_number.get()
    }
    /// Number of the port, on a switch.
    #[inline]
    pub fn port_number(&self) -> u8 {
        self.port_number
    }
    /// The block.
    #[inline]
    pub fn p_key_table(&self) -> &PKeyTableView {
        &self.p_key_table
    }
}

/// A block of the partitions of one port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PKeyTableRecord {
    /// LID of the port; of port 0, for a port of a switch.
    pub lid: Lid,
    /// Number of the block, from 0.
    pub block_number: u16,
    /// Number of the port, on a switch.
    pub port_number: u8,
    /// The block.
    pub p_key_table: PKeyTable,
}

impl Attribute for PKeyTableRecord {
    type View = PKeyTableRecordView;
    const NAME: &'static str = "P_KeyTableRecord";

    fn from_view(view: &PKeyTableRecordView) -> Self {
        Self {
            lid: view.lid(),
            block_number: view.block_number(),
            port_number: view.port_number(),
            p_key_table: PKeyTable::from_view(&view.p_key_table),
        }
    }

    fn to_view(&self) -> PKeyTableRecordView {
        PKeyTableRecordView {
            lid: U16::new(self.lid.0),
            block_number: U16::new(self.block_number),
            port_number: self.port_number,
            reserved: [0; 3],
            p_key_table: self.p_key_table.to_view(),
        }
    }
}

/// Component mask of a P_KeyTableRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PKeyTableRecordMask(pub u64);

impl PKeyTableRecordMask {
    /// LID.
    pub const LID: Self = Self(1);
    /// Number of the block.
    pub const BLOCK_NUMBER: Self = Self(1 << 1);
    /// Number of the port.
    pub const PORT_NUMBER: Self = Self(1 << 2);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for PKeyTableRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for blocks of partition keys, by port and number.
pub type PKeyTableRecordQuery = Query<PKeyTableRecord>;

impl Record for PKeyTableRecord {
    type Mask = PKeyTableRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::P_KEY_TABLE_RECORD;
}

impl PKeyTableRecordQuery {
    /// The blocks of the node with a LID.
    pub fn lid(self, lid: Lid) -> Self {
        self.with(PKeyTableRecordMask::LID, |record| record.lid = lid)
    }
    /// Blocks with a number.
    pub fn block_number(self, block: u16) -> Self {
        self.with(PKeyTableRecordMask::BLOCK_NUMBER, |record| record.block_number = block)
    }
    /// Blocks of a port of a switch.
    pub fn port_number(self, port: u8) -> Self {
        self.with(PKeyTableRecordMask::PORT_NUMBER, |record| record.port_number = port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::PKey;

    #[test]
    fn fields_are_where_the_layout_says() {
        let record = PKeyTableRecord {
            lid: Lid(0x0102),
            block_number: 0x0304,
            port_number: 5,
            p_key_table: PKeyTable { p_keys: [PKey(0x0607); 32] },
        };
        let mut out = [0xFF; 72];
        assert_eq!(record.emit(&mut out), Ok(72));
        assert_eq!(out[..10], [1, 2, 3, 4, 5, 0, 0, 0, 6, 7]);
        assert_eq!(out[70..], [6, 7]);
        assert_eq!(PKeyTableRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        assert_eq!(PKeyTableRecordQuery::new().component_mask(), 0);
        let query = PKeyTableRecordQuery::new().block_number(2).port_number(7);
        assert_eq!(query.component_mask(), 0b110);
        assert_eq!(
            *query.template(),
            PKeyTableRecord { block_number: 2, port_number: 7, ..PKeyTableRecord::default() }
        );
    }
}
