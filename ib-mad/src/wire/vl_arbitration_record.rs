//! VLArbitrationTableRecord (IBTA volume 1, 15.2.5.9): how lanes share the link of one port.

use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Attribute, AttributeId, ComponentMask, Query, Record, VlArbitration, VlArbitrationView};
use crate::types::Lid;

/// The record as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct VlArbitrationRecordView {
    lid: U16,
    output_port: u8,
    block_number: u8,
    reserved: U32,
    vl_arbitration: VlArbitrationView,
}

const _: () = assert!(size_of::<VlArbitrationRecordView>() == 72);

impl VlArbitrationRecordView {
    /// LID of the port; of port 0, for a port of a switch.
    #[inline]
    pub fn lid(&self) -> Lid {
        Lid(self.lid.get())
    }
    /// Number of the port, on a switch.
    #[inline]
    pub fn output_port(&self) -> u8 {
        self.output_port
    }
    /// Number of the block, 1 to 4.
    #[inline]
    pub fn block_number(&self) -> u8 {
        self.block_number
    }
    /// The block.
    #[inline]
    pub fn vl_arbitration(&self) -> &VlArbitrationView {
        &self.vl_arbitration
    }
}

/// How lanes share the link of one port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VlArbitrationRecord {
    /// LID of the port; of port 0, for a port of a switch.
    pub lid: Lid,
    /// Number of the port, on a switch.
    pub output_port: u8,
    /// Number of the block, 1 to 4.
    pub block_number: u8,
    /// The block.
    pub vl_arbitration: VlArbitration,
}

impl Attribute for VlArbitrationRecord {
    type View = VlArbitrationRecordView;
    const NAME: &'static str = "VLArbitrationTableRecord";

    fn from_view(view: &VlArbitrationRecordView) -> Self {
        Self {
            lid: view.lid(),
            output_port: view.output_port(),
            block_number: view.block_number(),
            vl_arbitration: VlArbitration::from_view(&view.vl_arbitration),
        }
    }

    fn to_view(&self) -> VlArbitrationRecordView {
        VlArbitrationRecordView {
            lid: U16::new(self.lid.0),
            output_port: self.output_port,
            block_number: self.block_number,
            reserved: U32::ZERO,
            vl_arbitration: self.vl_arbitration.to_view(),
        }
    }
}

/// Component mask of a VLArbitrationTableRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VlArbitrationRecordMask(pub u64);

impl VlArbitrationRecordMask {
    /// LID.
    pub const LID: Self = Self(1);
    /// Number of the port.
    pub const OUTPUT_PORT: Self = Self(1 << 1);
    /// Number of the block.
    pub const BLOCK_NUMBER: Self = Self(1 << 2);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for VlArbitrationRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for arbitration tables, by port and block.
pub type VlArbitrationRecordQuery = Query<VlArbitrationRecord>;

impl Record for VlArbitrationRecord {
    type Mask = VlArbitrationRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::VL_ARBITRATION_RECORD;
}

impl VlArbitrationRecordQuery {
    /// The blocks of the node with a LID.
    pub fn lid(self, lid: Lid) -> Self {
        self.with(VlArbitrationRecordMask::LID, |record| record.lid = lid)
    }
    /// Blocks of a port of a switch.
    pub fn output_port(self, port: u8) -> Self {
        self.with(VlArbitrationRecordMask::OUTPUT_PORT, |record| record.output_port = port)
    }
    /// Blocks with a number.
    pub fn block_number(self, block: u8) -> Self {
        self.with(VlArbitrationRecordMask::BLOCK_NUMBER, |record| record.block_number = block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::VirtualLane;
    use crate::wire::VlArbitrationEntry;

    #[test]
    fn fields_are_where_the_layout_says() {
        let record = VlArbitrationRecord {
            lid: Lid(0x0102),
            output_port: 3,
            block_number: 4,
            vl_arbitration: VlArbitration {
                entries: [VlArbitrationEntry { lane: VirtualLane::from_low_bits(5), weight: 6 }; 32],
            },
        };
        let mut out = [0xFF; 72];
        assert_eq!(record.emit(&mut out), Ok(72));
        assert_eq!(out[..10], [1, 2, 3, 4, 0, 0, 0, 0, 5, 6]);
        assert_eq!(out[70..], [5, 6]);
        assert_eq!(VlArbitrationRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        assert_eq!(VlArbitrationRecordQuery::new().component_mask(), 0);
        let query = VlArbitrationRecordQuery::new().output_port(1).block_number(2);
        assert_eq!(query.component_mask(), 0b110);
        assert_eq!(
            *query.template(),
            VlArbitrationRecord { output_port: 1, block_number: 2, ..VlArbitrationRecord::default() }
        );
    }
}
