//! Datagram of performance management (IBTA volume 1, 16.1.1): common header, data.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::mad::{check_header, check_length};
use super::{Attribute, MAD_LENGTH, MadHeader, MadHeaderView, ManagementClass};
use crate::error::{BufferTooSmall, DecodeError};

/// Bytes of data in a datagram of performance management.
pub const PERFORMANCE_DATA_LENGTH: usize = 192;

/// A datagram of performance management as it lies in memory.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PerformanceMadView {
    header: MadHeaderView,
    reserved: [u8; 40],
    data: [u8; PERFORMANCE_DATA_LENGTH],
}

const _: () = assert!(size_of::<PerformanceMadView>() == MAD_LENGTH);

impl PerformanceMadView {
    /// View `bytes` as a datagram of performance management.
    ///
    /// # Errors
    /// When there are not exactly 256 bytes, or base version, class or class version is another.
    #[inline]
    pub fn new(bytes: &[u8]) -> Result<&Self, DecodeError> {
        const WHAT: &str = "performance MAD";
        let Ok(mad) = Self::ref_from_bytes(bytes) else { return Err(check_length(WHAT, bytes.len())) };
        check_header(WHAT, &mad.header, ManagementClass::PERFORMANCE, 1)?;
        Ok(mad)
    }

    /// Common header.
    #[inline]
    pub fn header(&self) -> &MadHeaderView {
        &self.header
    }
    /// The attribute.
    #[inline]
    pub fn data(&self) -> &[u8; PERFORMANCE_DATA_LENGTH] {
        &self.data
    }
}

/// Header of a datagram of performance management; the attribute follows when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PerformanceMad {
    /// Common header.
    pub header: MadHeader,
}

impl PerformanceMad {
    /// Read the header of a view.
    pub fn from_view(view: &PerformanceMadView) -> Self {
        Self { header: MadHeader::from_view(&view.header) }
    }

    /// Write the whole datagram: header, `attribute`, and zeros up to its end.
    ///
    /// # Errors
    /// When the attribute has more than 192 bytes.
    pub fn emit<A: Attribute>(&self, attribute: &A) -> Result<[u8; MAD_LENGTH], BufferTooSmall> {
        let mut view = PerformanceMadView {
            header: self.header.to_view(),
            reserved: [0; 40],
            data: [0; PERFORMANCE_DATA_LENGTH],
        };
        attribute.emit(&mut view.data)?;
        Ok(zerocopy::transmute!(view))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::TransactionId;
    use crate::wire::{AttributeId, Method, PortCounters};

    #[test]
    fn data_are_where_the_layout_says() {
        let header = MadHeader::request(
            ManagementClass::PERFORMANCE,
            Method::GET,
            AttributeId::PORT_COUNTERS,
            0,
            TransactionId(9),
        );
        let counters =
            PortCounters { port_select: 3, port_xmit_wait: 0x0102_0304, ..PortCounters::default() };
        let bytes = PerformanceMad { header }.emit(&counters).unwrap();
        assert_eq!(bytes[..4], [1, 4, 1, 1]);
        assert_eq!(bytes[24..67], [&[0; 41][..], &[3, 0]].concat());
        assert_eq!(bytes[104..109], [1, 2, 3, 4, 0]);
        let view = PerformanceMadView::new(&bytes).unwrap();
        assert_eq!(PerformanceMad::from_view(view), PerformanceMad { header });
        assert_eq!(PortCounters::parse(view.data()), Ok(counters));
    }

    #[test]
    fn other_classes_and_lengths_are_refused() {
        let mut bytes = [0; MAD_LENGTH];
        bytes[..3].copy_from_slice(&[1, 4, 1]);
        assert!(PerformanceMadView::new(&bytes).is_ok());
        for offset in [0, 1, 2] {
            let mut bad = bytes;
            bad[offset] ^= 0x40;
            assert!(
                matches!(PerformanceMadView::new(&bad), Err(DecodeError::Unexpected { offset: at, .. }) if at == offset)
            );
        }
        assert!(matches!(
            PerformanceMadView::new(&bytes[1..]),
            Err(DecodeError::Truncated { needed: 256, got: 255, .. })
        ));
    }
}
