//! GUIDInfoRecord (IBTA volume 1, 15.2.5.18): a block of the GUIDs of one port.

use zerocopy::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Attribute, AttributeId, ComponentMask, GuidInfo, GuidInfoView, Query, Record};
use crate::types::{Guid, Lid};

/// The record as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct GuidInfoRecordView {
    lid: U16,
    block_number: u8,
    reserved: [u8; 5],
    guid_info: GuidInfoView,
}

const _: () = assert!(size_of::<GuidInfoRecordView>() == 72);

impl GuidInfoRecordView {
    /// LID of the port.
    #[inline]
    pub fn lid(&self) -> Lid {
        Lid(self.lid.get())
    }
    /// Number of the block, from 0.
    #[inline]
    pub fn block_number(&self) -> u8 {
        self.block_number
    }
    /// The block.
    #[inline]
    pub fn guid_info(&self) -> &GuidInfoView {
        &self.guid_info
    }
}

/// A block of the GUIDs of one port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuidInfoRecord {
    /// LID of the port.
    pub lid: Lid,
    /// Number of the block, from 0.
    pub block_number: u8,
    /// The block.
    pub guid_info: GuidInfo,
}

impl Attribute for GuidInfoRecord {
    type View = GuidInfoRecordView;
    const NAME: &'static str = "GUIDInfoRecord";

    fn from_view(view: &GuidInfoRecordView) -> Self {
        Self {
            lid: view.lid(),
            block_number: view.block_number(),
            guid_info: GuidInfo::from_view(&view.guid_info),
        }
    }

    fn to_view(&self) -> GuidInfoRecordView {
        GuidInfoRecordView {
            lid: U16::new(self.lid.0),
            block_number: self.block_number,
            reserved: [0; 5],
            guid_info: self.guid_info.to_view(),
        }
    }
}

/// Component mask of a GUIDInfoRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuidInfoRecordMask(pub u64);

impl GuidInfoRecordMask {
    /// LID.
    pub const LID: Self = Self(1);
    /// Number of the block.
    pub const BLOCK_NUMBER: Self = Self(1 << 1);
    /// All GUIDs of the block.
    pub const GUIDS: Self = Self(0xFF << 4);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for GuidInfoRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for blocks of GUIDs, by port and number.
pub type GuidInfoRecordQuery = Query<GuidInfoRecord>;

impl Record for GuidInfoRecord {
    type Mask = GuidInfoRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::GUID_INFO_RECORD;
}

impl GuidInfoRecordQuery {
    /// The blocks of the port with a LID.
    pub fn lid(self, lid: Lid) -> Self {
        self.with(GuidInfoRecordMask::LID, |record| record.lid = lid)
    }
    /// Blocks with a number.
    pub fn block_number(self, block: u8) -> Self {
        self.with(GuidInfoRecordMask::BLOCK_NUMBER, |record| record.block_number = block)
    }
    /// A GUID at a place of the block, 0 to 7 (a higher one changes nothing): to be set, or removed. A set one that is zero is
    /// chosen by the manager.
    pub fn guid(self, place: usize, guid: Guid) -> Self {
        const FIRST: u64 = 1 << 4;
        let bit =
            u32::try_from(place).ok().filter(|place| *place < 8).and_then(|place| FIRST.checked_shl(place));
        let Some(bit) = bit else { return self };
        self.with(GuidInfoRecordMask(bit), |record| {
            if let Some(at) = record.guid_info.guids.get_mut(place) {
                *at = guid;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let record = GuidInfoRecord {
            lid: Lid(0x0102),
            block_number: 3,
            guid_info: GuidInfo { guids: [Guid(0x0405_0607_0809_0A0B); 8] },
        };
        let mut out = [0xFF; 72];
        assert_eq!(record.emit(&mut out), Ok(72));
        assert_eq!(out[..10], [1, 2, 3, 0, 0, 0, 0, 0, 4, 5]);
        assert_eq!(out[70..], [0x0A, 0x0B]);
        assert_eq!(GuidInfoRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        assert_eq!(GuidInfoRecordQuery::new().component_mask(), 0);
        let query = GuidInfoRecordQuery::new().lid(Lid(3)).block_number(2);
        assert_eq!(query.component_mask(), 0b11);
        assert_eq!(
            *query.template(),
            GuidInfoRecord { lid: Lid(3), block_number: 2, ..GuidInfoRecord::default() }
        );
        let query = query.guid(7, Guid(9)).guid(8, Guid(10));
        assert_eq!(query.component_mask(), 0b1000_0000_0011);
        assert_eq!(query.template().guid_info.guids, [0, 0, 0, 0, 0, 0, 0, 9].map(Guid));
    }
}
