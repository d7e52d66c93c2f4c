//! Any management datagram, told apart by its class.

use zerocopy::FromBytes;

use super::{
    CmMadView, DirectedRouteSmpView, MadHeaderView, ManagementClass, PerformanceMadView, SaMadView, SmpView,
};
use crate::error::DecodeError;

/// Bytes of a management datagram.
pub const MAD_LENGTH: usize = 256;

/// A received datagram, by class.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Mad<'a> {
    /// Subnet management, LID routed.
    Smp(&'a SmpView),
    /// Subnet management, directed route.
    DirectedRoute(&'a DirectedRouteSmpView),
    /// Subnet administration.
    Sa(&'a SaMadView),
    /// Performance management.
    Performance(&'a PerformanceMadView),
    /// Communication management.
    Communication(&'a CmMadView),
    /// A class that this crate has no layout for: its common header, and the 232 bytes behind it.
    Other(&'a MadHeaderView, &'a [u8]),
}

impl<'a> Mad<'a> {
    /// View `bytes` as what their class says they are.
    ///
    /// # Errors
    /// When there are not exactly 256 bytes, or the versions are not those of the class.
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        const WHAT: &str = "MAD";
        if bytes.len() != MAD_LENGTH {
            return Err(check_length(WHAT, bytes.len()));
        }
        let Ok((header, rest)) = MadHeaderView::ref_from_prefix(bytes) else {
            return Err(DecodeError::Truncated { what: WHAT, needed: MAD_LENGTH, got: bytes.len() });
        };
        match header.class() {
            ManagementClass::SUBNET_LID_ROUTED => SmpView::new(bytes).map(Self::Smp),
            ManagementClass::SUBNET_DIRECTED_ROUTE => {
                DirectedRouteSmpView::new(bytes).map(Self::DirectedRoute)
            }
            ManagementClass::SUBNET_ADMINISTRATION => SaMadView::new(bytes).map(Self::Sa),
            ManagementClass::PERFORMANCE => PerformanceMadView::new(bytes).map(Self::Performance),
            ManagementClass::COMMUNICATION => CmMadView::new(bytes).map(Self::Communication),
            class => {
                check_header(WHAT, header, class, header.class_version())?;
                Ok(Self::Other(header, rest))
            }
        }
    }

    /// The header that every class has.
    pub fn header(&self) -> &'a MadHeaderView {
        match *self {
            Self::Smp(smp) => smp.header(),
            Self::DirectedRoute(smp) => smp.header(),
            Self::Sa(mad) => mad.header(),
            Self::Performance(mad) => mad.header(),
            Self::Communication(mad) => mad.header(),
            Self::Other(header, _) => header,
        }
    }
}

/// The error for a datagram of `got` bytes.
#[cold]
pub(super) fn check_length(what: &'static str, got: usize) -> DecodeError {
    if got < MAD_LENGTH {
        DecodeError::Truncated { what, needed: MAD_LENGTH, got }
    } else {
        DecodeError::Oversized { what, limit: MAD_LENGTH, got }
    }
}

/// Whether a header starts as datagrams of `class` do.
#[inline]
pub(super) fn check_header(
    what: &'static str,
    header: &MadHeaderView,
    class: ManagementClass,
    class_version: u8,
) -> Result<(), DecodeError> {
    // The three bytes are compared as one number, which takes one load and one branch.
    let expected = u32::from_le_bytes([1, class.0, class_version, 0]);
    if header.start() & 0x00FF_FFFF == expected {
        return Ok(());
    }
    Err(wrong_start(what, header, class, class_version))
}

#[cold]
fn wrong_start(
    what: &'static str,
    header: &MadHeaderView,
    class: ManagementClass,
    class_version: u8,
) -> DecodeError {
    let (field, offset, expected, got) = if header.base_version() != 1 {
        ("base version", 0, 1, header.base_version())
    } else if header.class() != class {
        ("class", 1, class.0, header.class().0)
    } else {
        ("class version", 2, class_version, header.class_version())
    };
    DecodeError::Unexpected { what, field, offset, expected: expected.into(), got: got.into() }
}
