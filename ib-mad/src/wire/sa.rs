//! Subnet administration's datagram (IBTA volume 1, 15.2.1, figure 189): common header, RMPP header, its own header, data.

use zerocopy::big_endian::{U16, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::mad::{check_header, check_length};
use super::{Attribute, MAD_LENGTH, MadHeader, MadHeaderView, ManagementClass, RmppHeader, RmppHeaderView};
use crate::error::{BufferTooSmall, DecodeError};
use crate::types::SmKey;

/// Bytes of data in one datagram of subnet administration.
pub const SA_DATA_LENGTH: usize = 200;

/// The class's own header as it lies in a datagram, at offset 36.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SaHeaderView {
    sm_key: U64,
    attribute_offset: U16,
    reserved: U16,
    component_mask: U64,
}

const _: () = assert!(size_of::<SaHeaderView>() == 20);

impl SaHeaderView {
    /// Key of a requester that the manager trusts, zero for others.
    #[inline]
    pub fn sm_key(&self) -> SmKey {
        SmKey(self.sm_key.get())
    }
    /// Distance from record to record, in units of 8 bytes.
    #[inline]
    pub fn attribute_offset(&self) -> u16 {
        self.attribute_offset.get()
    }
    /// Which components of a query's record count.
    #[inline]
    pub fn component_mask(&self) -> u64 {
        self.component_mask.get()
    }
}

/// The class's own header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SaHeader {
    /// Key of a requester that the manager trusts, zero for others.
    pub sm_key: SmKey,
    /// Distance from record to record, in units of 8 bytes.
    pub attribute_offset: u16,
    /// Which components of a query's record count.
    pub component_mask: u64,
}

impl Attribute for SaHeader {
    type View = SaHeaderView;
    const NAME: &'static str = "SA header";

    fn from_view(view: &SaHeaderView) -> Self {
        Self {
            sm_key: view.sm_key(),
            attribute_offset: view.attribute_offset(),
            component_mask: view.component_mask(),
        }
    }

    fn to_view(&self) -> SaHeaderView {
        SaHeaderView {
            sm_key: U64::new(self.sm_key.0),
            attribute_offset: U16::new(self.attribute_offset),
            reserved: U16::ZERO,
            component_mask: U64::new(self.component_mask),
        }
    }
}

/// A datagram of subnet administration as it lies in memory.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SaMadView {
    header: MadHeaderView,
    rmpp: RmppHeaderView,
    sa: SaHeaderView,
    data: [u8; SA_DATA_LENGTH],
}

const _: () = assert!(size_of::<SaMadView>() == MAD_LENGTH);

impl SaMadView {
    /// View `bytes` as a datagram of subnet administration.
    ///
    /// # Errors
    /// When there are not exactly 256 bytes, or base version, class or class version is another.
    #[inline]
    pub fn new(bytes: &[u8]) -> Result<&Self, DecodeError> {
        const WHAT: &str = "SA MAD";
        let Ok(mad) = Self::ref_from_bytes(bytes) else { return Err(check_length(WHAT, bytes.len())) };
        check_header(WHAT, &mad.header, ManagementClass::SUBNET_ADMINISTRATION, 2)?;
        Ok(mad)
    }

    /// Common header.
    #[inline]
    pub fn header(&self) -> &MadHeaderView {
        &self.header
    }
    /// Header of the reliable multi-packet protocol.
    #[inline]
    pub fn rmpp(&self) -> &RmppHeaderView {
        &self.rmpp
    }
    /// Header of subnet administration.
    #[inline]
    pub fn sa(&self) -> &SaHeaderView {
        &self.sa
    }
    /// The attribute, or the records.
    #[inline]
    pub fn data(&self) -> &[u8; SA_DATA_LENGTH] {
        &self.data
    }
}

/// Headers of a datagram of subnet administration; the attribute follows when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SaMad {
    /// Common header.
    pub header: MadHeader,
    /// Header of the reliable multi-packet protocol.
    pub rmpp: RmppHeader,
    /// Header of subnet administration.
    pub sa: SaHeader,
}

impl SaMad {
    /// Read the headers of a view.
    pub fn from_view(view: &SaMadView) -> Self {
        Self {
            header: MadHeader::from_view(&view.header),
            rmpp: RmppHeader::from_view(&view.rmpp),
            sa: SaHeader::from_view(&view.sa),
        }
    }

    /// Write the whole datagram: headers, `attribute`, and zeros up to its end.
    ///
    /// # Errors
    /// When the attribute does not fit (none of this crate's is too large).
    pub fn emit<A: Attribute>(&self, attribute: &A) -> Result<[u8; MAD_LENGTH], BufferTooSmall> {
        let mut data = [0; SA_DATA_LENGTH];
        attribute.emit(&mut data)?;
        Ok(self.emit_data(&data))
    }

    /// Write the whole datagram: headers, and `data` as it is.
    pub fn emit_data(&self, data: &[u8; SA_DATA_LENGTH]) -> [u8; MAD_LENGTH] {
        zerocopy::transmute!(SaMadView {
            header: self.header.to_view(),
            rmpp: self.rmpp.to_view(),
            sa: self.sa.to_view(),
            data: *data,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::TransactionId;
    use crate::wire::{AttributeId, Method, PathRecord};

    fn example() -> [u8; MAD_LENGTH] {
        let mad = SaMad {
            header: MadHeader::request(
                ManagementClass::SUBNET_ADMINISTRATION,
                Method::GET,
                AttributeId::PATH_RECORD,
                0,
                TransactionId(7),
            ),
            rmpp: RmppHeader::INACTIVE,
            sa: SaHeader { sm_key: SmKey(0x0102_0304_0506_0708), attribute_offset: 8, component_mask: 0x0C },
        };
        mad.emit(&PathRecord::default()).unwrap()
    }

    #[test]
    fn headers_are_where_the_layout_says() {
        let mad = example();
        assert_eq!(mad[36..56], [1, 2, 3, 4, 5, 6, 7, 8, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0C]);
        let view = SaMadView::new(&mad).unwrap();
        assert_eq!(view.header().transaction_id(), TransactionId(7));
        assert_eq!(view.sa().component_mask(), 0x0C);
        assert_eq!(SaMad::from_view(view).emit(&PathRecord::default()), Ok(mad));
    }

    #[test]
    fn each_wrong_start_names_its_field() {
        let mad = example();
        for (offset, field) in [(0, "base version"), (1, "class"), (2, "class version")] {
            let mut bad = mad;
            bad[offset] ^= 0x40;
            match SaMadView::new(&bad) {
                Err(DecodeError::Unexpected { field: named, offset: at, .. }) => {
                    assert_eq!((named, at), (field, offset));
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(matches!(
            SaMadView::new(&mad[..255]),
            Err(DecodeError::Truncated { needed: 256, got: 255, .. })
        ));
        let mut long = [0; 257];
        long[..256].copy_from_slice(&mad);
        assert!(matches!(SaMadView::new(&long), Err(DecodeError::Oversized { limit: 256, got: 257, .. })));
    }
}
