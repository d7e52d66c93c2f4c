//! SwitchInfoRecord (IBTA volume 1, 15.2.5.5): SwitchInfo of one switch.

use zerocopy::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Attribute, AttributeId, ComponentMask, Query, Record, SwitchInfo, SwitchInfoView};
use crate::types::Lid;

/// The record as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SwitchInfoRecordView {
    lid: U16,
    reserved: U16,
    switch_info: SwitchInfoView,
}

const _: () = assert!(size_of::<SwitchInfoRecordView>() == 24);

impl SwitchInfoRecordView {
    /// LID of the switch.
    #[inline]
    pub fn lid(&self) -> Lid {
        Lid(self.lid.get())
    }
    /// Its tables.
    #[inline]
    pub fn switch_info(&self) -> &SwitchInfoView {
        &self.switch_info
    }
}

/// SwitchInfo of one switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SwitchInfoRecord {
    /// LID of the switch.
    pub lid: Lid,
    /// Its tables.
    pub switch_info: SwitchInfo,
}

impl Attribute for SwitchInfoRecord {
    type View = SwitchInfoRecordView;
    const NAME: &'static str = "SwitchInfoRecord";

    fn from_view(view: &SwitchInfoRecordView) -> Self {
        Self { lid: view.lid(), switch_info: SwitchInfo::from_view(&view.switch_info) }
    }

    fn to_view(&self) -> SwitchInfoRecordView {
        SwitchInfoRecordView {
            lid: U16::new(self.lid.0),
            reserved: U16::ZERO,
            switch_info: self.switch_info.to_view(),
        }
    }
}
/// Component mask of a SwitchInfoRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SwitchInfoRecordMask(pub u64);

impl SwitchInfoRecordMask {
    /// LID.
    pub const LID: Self = Self(1);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for SwitchInfoRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for switches: by LID, or all of them. The standard has no other component to ask by.
pub type SwitchInfoRecordQuery = Query<SwitchInfoRecord>;

impl Record for SwitchInfoRecord {
    type Mask = SwitchInfoRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::SWITCH_INFO_RECORD;
}

impl SwitchInfoRecordQuery {
    /// The switch with a LID.
    pub fn lid(self, lid: Lid) -> Self {
        self.with(SwitchInfoRecordMask::LID, |record| record.lid = lid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let switch_info = SwitchInfo {
            linear_fdb_capacity: 0x0304,
            multicast_fdb_top: Lid(0xC005),
            ..SwitchInfo::default()
        };
        let record = SwitchInfoRecord { lid: Lid(0x0102), switch_info };
        let mut out = [0xFF; 24];
        assert_eq!(record.emit(&mut out), Ok(24));
        assert_eq!(out[..6], [1, 2, 0, 0, 3, 4]);
        assert_eq!(out[22..], [0xC0, 5]);
        assert_eq!(SwitchInfoRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        assert_eq!(SwitchInfoRecordQuery::new().component_mask(), 0);
        let query = SwitchInfoRecordQuery::new().lid(Lid(3));
        assert_eq!(query.component_mask(), 1);
        assert_eq!(*query.template(), SwitchInfoRecord { lid: Lid(3), ..SwitchInfoRecord::default() });
    }
}
