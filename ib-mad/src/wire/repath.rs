//! A Notice of UnPath or RePath with the path that it speaks of.
//!
//! The standard leaves the place of that PathRecord to "class trap specific data". It is taken here to follow the
//! Notice, at its offset 80, so that both fit one datagram of subnet administration.

use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Attribute, Notice, NoticeView, PathRecord, PathRecordView};
use crate::error::DecodeError;

/// The Notice and the record behind it as they lie in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct RepathNoticeView {
    notice: NoticeView,
    path_record: PathRecordView,
}

const _: () = assert!(size_of::<RepathNoticeView>() == 144);

impl RepathNoticeView {
    /// The Notice.
    #[inline]
    pub fn notice(&self) -> &NoticeView {
        &self.notice
    }
    /// The path; `None` if all its fields are zero, which is what an issuer leaves that knows nothing of it. Reserved
    /// bits do not count.
    #[inline]
    pub fn path_record(&self) -> Option<&PathRecordView> {
        let record = PathRecord::from_view(&self.path_record);
        (record != PathRecord::default()).then_some(&self.path_record)
    }
}

/// A Notice of UnPath or RePath and, if it tells, the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepathNotice {
    /// The Notice; [`trap`](Notice::trap) gives the mask of the components that count.
    pub notice: Notice,
    /// The path as it is now. A record of zeros travels like none, and is read as `None`.
    pub path_record: Option<PathRecord>,
}

impl Attribute for RepathNotice {
    type View = RepathNoticeView;
    const NAME: &'static str = "Notice with PathRecord";

    fn from_view(view: &RepathNoticeView) -> Self {
        Self {
            notice: Notice::from_view(&view.notice),
            path_record: view.path_record().map(PathRecord::from_view),
        }
    }

    fn to_view(&self) -> RepathNoticeView {
        RepathNoticeView {
            notice: self.notice.to_view(),
            path_record: self
                .path_record
                .as_ref()
                .map_or_else(PathRecordView::new_zeroed, Attribute::to_view),
        }
    }

    /// Read the Notice and, if `bytes` has it, the record behind it.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] when not even the Notice is there.
    fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        match Self::view(bytes) {
            Ok(view) => Ok(Self::from_view(view)),
            Err(_) => Ok(Self { notice: Notice::parse(bytes)?, path_record: None }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Lid, ServiceLevel};
    use crate::wire::{NoticeType, PathChange, PathRecordMask, ProducerType, TrapDetails};

    fn example() -> RepathNotice {
        let change = PathChange { component_mask: PathRecordMask::SERVICE_LEVEL, wait_for_repath: false };
        RepathNotice {
            notice: Notice::generic(
                NoticeType::SUBNET_MANAGEMENT,
                ProducerType::CLASS_MANAGER,
                &TrapDetails::RePath(change),
            ),
            path_record: Some(PathRecord {
                destination_lid: Lid(0x0102),
                service_level: ServiceLevel::from_low_bits(3),
                ..PathRecord::default()
            }),
        }
    }

    #[test]
    fn the_record_follows_the_issuers_gid() {
        let mut out = [0xFF; 144];
        assert_eq!(example().emit(&mut out), Ok(144));
        assert_eq!(out[..20], [0x83, 0, 0, 4, 0, 69, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0]);
        assert_eq!(out[80 + 40..80 + 42], [1, 2]);
        assert_eq!(out[80 + 53], 3);
        assert_eq!(RepathNotice::parse(&out), Ok(example()));
    }

    #[test]
    fn without_a_record_there_are_zeros_or_nothing() {
        let bare = RepathNotice { path_record: None, ..example() };
        let mut out = [0xFF; 144];
        assert_eq!(bare.emit(&mut out), Ok(144));
        assert_eq!(out[80..], [0; 64]);
        assert_eq!(RepathNotice::parse(&out), Ok(bare));
        assert_eq!(RepathNotice::parse(&out[..80]), Ok(bare));
        assert_eq!(
            RepathNotice::parse(&out[..79]),
            Err(DecodeError::Truncated { what: "Notice", needed: 80, got: 79 })
        );
    }

    #[test]
    fn reserved_bits_make_no_record() {
        let mut bytes = [0; 144];
        bytes[80 + 63] = 1;
        assert_eq!(RepathNotice::parse(&bytes).map(|repath| repath.path_record), Ok(None));
    }
}
