//! LinkRecord (IBTA volume 1, 15.2.5.13): a link, seen from one of its ends.

use zerocopy::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Attribute, AttributeId, ComponentMask, Query, Record};
use crate::types::Lid;

/// The record as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct LinkRecordView {
    from_lid: U16,
    from_port: u8,
    to_port: u8,
    to_lid: U16,
    padding: U16,
}

const _: () = assert!(size_of::<LinkRecordView>() == 8);

impl LinkRecordView {
    /// LID of the node at this end.
    #[inline]
    pub fn from_lid(&self) -> Lid {
        Lid(self.from_lid.get())
    }
    /// Port at this end.
    #[inline]
    pub fn from_port(&self) -> u8 {
        self.from_port
    }
    /// Port at the other end.
    #[inline]
    pub fn to_port(&self) -> u8 {
        self.to_port
    }
    /// LID of the node at the other end.
    #[inline]
    pub fn to_lid(&self) -> Lid {
        Lid(self.to_lid.get())
    }
}

/// A link, seen from one of its ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkRecord {
    /// LID of the node at this end.
    pub from_lid: Lid,
    /// Port at this end.
    pub from_port: u8,
    /// Port at the other end.
    pub to_port: u8,
    /// LID of the node at the other end.
    pub to_lid: Lid,
}

impl Attribute for LinkRecord {
    type View = LinkRecordView;
    const NAME: &'static str = "LinkRecord";

    fn from_view(view: &LinkRecordView) -> Self {
        Self {
            from_lid: view.from_lid(),
            from_port: view.from_port(),
            to_port: view.to_port(),
            to_lid: view.to_lid(),
        }
    }

    fn to_view(&self) -> LinkRecordView {
        LinkRecordView {
            from_lid: U16::new(self.from_lid.0),
            from_port: self.from_port,
            to_port: self.to_port,
            to_lid: U16::new(self.to_lid.0),
            padding: U16::ZERO,
        }
    }
}

/// Component mask of a LinkRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkRecordMask(pub u64);

impl LinkRecordMask {
    /// LID at this end.
    pub const FROM_LID: Self = Self(1);
    /// Port at this end.
    pub const FROM_PORT: Self = Self(1 << 1);
    /// Port at the other end.
    pub const TO_PORT: Self = Self(1 << 2);
    /// LID at the other end.
    pub const TO_LID: Self = Self(1 << 3);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for LinkRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for links, by their ends.
pub type LinkRecordQuery = Query<LinkRecord>;

impl Record for LinkRecord {
    type Mask = LinkRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::LINK_RECORD;
}

impl LinkRecordQuery {
    /// Links of the node with a LID.
    pub fn from_lid(self, lid: Lid) -> Self {
        self.with(LinkRecordMask::FROM_LID, |record| record.from_lid = lid)
    }
    /// Links from ports with a number.
    pub fn from_port(self, port: u8) -> Self {
        self.with(LinkRecordMask::FROM_PORT, |record| record.from_port = port)
    }
    /// Links to ports with a number.
    pub fn to_port(self, port: u8) -> Self {
        self.with(LinkRecordMask::TO_PORT, |record| record.to_port = port)
    }
    /// Links to the node with a LID.
    pub fn to_lid(self, lid: Lid) -> Self {
        self.with(LinkRecordMask::TO_LID, |record| record.to_lid = lid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let record = LinkRecord { from_lid: Lid(0x0102), from_port: 3, to_port: 4, to_lid: Lid(0x0506) };
        let mut out = [0xFF; 8];
        assert_eq!(record.emit(&mut out), Ok(8));
        assert_eq!(out, [1, 2, 3, 4, 5, 6, 0, 0]);
        assert_eq!(LinkRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        assert_eq!(LinkRecordQuery::new().component_mask(), 0);
        let query = LinkRecordQuery::new().from_lid(Lid(1)).to_port(2);
        assert_eq!(query.component_mask(), 0b101);
        assert_eq!(*query.template(), LinkRecord { from_lid: Lid(1), to_port: 2, ..LinkRecord::default() });
    }
}
