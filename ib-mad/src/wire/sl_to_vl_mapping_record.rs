//! SLtoVLMappingTableRecord (IBTA volume 1, 15.2.5.4): the lanes of packets from one port to another.

use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Attribute, AttributeId, ComponentMask, Query, Record, SlToVlMapping, SlToVlMappingView};
use crate::types::Lid;

/// The record as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SlToVlMappingRecordView {
    lid: U16,
    input_port: u8,
    output_port: u8,
    reserved: U32,
    sl_to_vl_mapping: SlToVlMappingView,
}

const _: () = assert!(size_of::<SlToVlMappingRecordView>() == 16);

impl SlToVlMappingRecordView {
    /// LID of the port; of port 0, for a port of a switch.
    #[inline]
    pub fn lid(&self) -> Lid {
        Lid(self.lid.get())
    }
    /// Port of a switch that packets come from.
    #[inline]
    pub fn input_port(&self) -> u8 {
        self.input_port
    }
    /// Port of a switch that they go to.
    #[inline]
    pub fn output_port(&self) -> u8 {
        self.output_port
    }
    /// The lanes.
    #[inline]
    pub fn sl_to_vl_mapping(&self) -> &SlToVlMappingView {
        &self.sl_to_vl_mapping
    }
}

/// The lanes of packets from one port to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlToVlMappingRecord {
    /// LID of the port; of port 0, for a port of a switch.
    pub lid: Lid,
    /// Port of a switch that packets come from.
    pub input_port: u8,
    /// Port of a switch that they go to.
    pub output_port: u8,
    /// The lanes.
    pub sl_to_vl_mapping: SlToVlMapping,
}

impl Attribute for SlToVlMappingRecord {
    type View = SlToVlMappingRecordView;
    const NAME: &'static str = "SLtoVLMappingTableRecord";

    fn from_view(view: &SlToVlMappingRecordView) -> Self {
        Self {
            lid: view.lid(),
            input_port: view.input_port(),
            output_port: view.output_port(),
            sl_to_vl_mapping: SlToVlMapping::from_view(&view.sl_to_vl_mapping),
        }
    }

    fn to_view(&self) -> SlToVlMappingRecordView {
        SlToVlMappingRecordView {
            lid: U16::new(self.lid.0),
            input_port: self.input_port,
            output_port: self.output_port,
            reserved: U32::ZERO,
            sl_to_vl_mapping: self.sl_to_vl_mapping.to_view(),
        }
    }
}

/// Component mask of an SLtoVLMappingTableRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlToVlMappingRecordMask(pub u64);

impl SlToVlMappingRecordMask {
    /// LID.
    pub const LID: Self = Self(1);
    /// Port that packets come from.
    pub const INPUT_PORT: Self = Self(1 << 1);
    /// Port that they go to.
    pub const OUTPUT_PORT: Self = Self(1 << 2);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for SlToVlMappingRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for lanes, by the ports of a switch.
pub type SlToVlMappingRecordQuery = Query<SlToVlMappingRecord>;

impl Record for SlToVlMappingRecord {
    type Mask = SlToVlMappingRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::SL_TO_VL_MAPPING_RECORD;
}

impl SlToVlMappingRecordQuery {
    /// The tables of the node with a LID.
    pub fn lid(self, lid: Lid) -> Self {
        self.with(SlToVlMappingRecordMask::LID, |record| record.lid = lid)
    }
    /// Tables of packets from a port.
    pub fn input_port(self, port: u8) -> Self {
        self.with(SlToVlMappingRecordMask::INPUT_PORT, |record| record.input_port = port)
    }
    /// Tables of packets to a port.
    pub fn output_port(self, port: u8) -> Self {
        self.with(SlToVlMappingRecordMask::OUTPUT_PORT, |record| record.output_port = port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::VirtualLane;

    #[test]
    fn fields_are_where_the_layout_says() {
        let record = SlToVlMappingRecord {
            lid: Lid(0x0102),
            input_port: 3,
            output_port: 4,
            sl_to_vl_mapping: SlToVlMapping { lanes: [VirtualLane::from_low_bits(5); 16] },
        };
        let mut out = [0xFF; 16];
        assert_eq!(record.emit(&mut out), Ok(16));
        assert_eq!(out[..9], [1, 2, 3, 4, 0, 0, 0, 0, 0x55]);
        assert_eq!(out[15], 0x55);
        assert_eq!(SlToVlMappingRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        assert_eq!(SlToVlMappingRecordQuery::new().component_mask(), 0);
        let query = SlToVlMappingRecordQuery::new().input_port(1).output_port(2);
        assert_eq!(query.component_mask(), 0b110);
        assert_eq!(
            *query.template(),
            SlToVlMappingRecord { input_port: 1, output_port: 2, ..SlToVlMappingRecord::default() }
        );
    }
}
