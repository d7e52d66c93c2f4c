//! GUIDInfo (IBTA volume 1, 14.2.5.5): a block of the GUIDs that a port has.

use zerocopy::big_endian::U64;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;
use crate::types::Guid;

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct GuidInfoView {
    guids: [U64; 8],
}

const _: () = assert!(size_of::<GuidInfoView>() == 64);

impl GuidInfoView {
    /// The GUIDs of the block, 0 where there is none. The first of block 0 is the one that the port was made with.
    #[inline]
    pub fn guids(&self) -> [Guid; 8] {
        self.guids.map(|guid| Guid(guid.get()))
    }
}

/// A block of eight GUIDs that a port has. The attribute modifier is the number of the block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuidInfo {
    /// The GUIDs of the block, 0 where there is none. The first of block 0 is the one that the port was made with.
    pub guids: [Guid; 8],
}

impl Attribute for GuidInfo {
    type View = GuidInfoView;
    const NAME: &'static str = "GUIDInfo";

    fn from_view(view: &GuidInfoView) -> Self {
        Self { guids: view.guids() }
    }

    fn to_view(&self) -> GuidInfoView {
        GuidInfoView { guids: self.guids.map(|guid| U64::new(guid.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let attribute = GuidInfo { guids: core::array::from_fn(|i| Guid(0x0102_0304_0506_0700 + i as u64)) };
        let mut out = [0xFF; 64];
        assert_eq!(attribute.emit(&mut out), Ok(64));
        assert_eq!(out[..9], [1, 2, 3, 4, 5, 6, 7, 0, 1]);
        assert_eq!(out[56..], [1, 2, 3, 4, 5, 6, 7, 7]);
        assert_eq!(GuidInfo::parse(&out), Ok(attribute));
    }
}
