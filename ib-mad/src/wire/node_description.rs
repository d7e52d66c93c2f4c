//! NodeDescription (IBTA volume 1, 14.2.5.2): what people call a node.

use core::fmt;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;

/// Bytes of a NodeDescription.
const LENGTH: usize = 64;

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(transparent)]
pub struct NodeDescriptionView([u8; LENGTH]);

const _: () = assert!(size_of::<NodeDescriptionView>() == 64);

impl NodeDescriptionView {
    /// The bytes: UTF-8, by the standard, and no NUL at the end if all are in use.
    #[inline]
    pub fn bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }
    /// The text up to its first NUL or its first byte that is not UTF-8.
    pub fn text(&self) -> &str {
        text(&self.0)
    }
}

pub(super) fn text(bytes: &[u8; LENGTH]) -> &str {
    let end = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    end.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}

/// What people call a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeDescription(pub [u8; LENGTH]);

impl NodeDescription {
    /// `text`, padded with NULs; what is beyond 64 bytes is cut off, between two characters.
    pub fn new(text: &str) -> Self {
        let mut bytes = [0; LENGTH];
        let text = (0..=LENGTH).rev().find_map(|end| text.get(..end)).unwrap_or_default();
        for (to, from) in bytes.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        Self(bytes)
    }

    /// The text up to its first NUL or its first byte that is not UTF-8.
    pub fn text(&self) -> &str {
        text(&self.0)
    }
}

impl Default for NodeDescription {
    fn default() -> Self {
        Self([0; LENGTH])
    }
}

impl fmt::Display for NodeDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Debug for NodeDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeDescription({:?})", self.text())
    }
}

impl Attribute for NodeDescription {
    type View = NodeDescriptionView;
    const NAME: &'static str = "NodeDescription";

    fn from_view(view: &NodeDescriptionView) -> Self {
        Self(view.0)
    }

    fn to_view(&self) -> NodeDescriptionView {
        NodeDescriptionView(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_ends_at_the_first_byte_that_is_none() {
        assert_eq!(NodeDescription::new("S1 mlx5_0").text(), "S1 mlx5_0");
        assert_eq!(NodeDescription([b'x'; 64]).text().len(), 64);
        let mut bytes = [b'a'; 64];
        bytes[2] = 0xFF;
        assert_eq!(NodeDescription(bytes).text(), "aa");
        bytes[1] = 0;
        assert_eq!(NodeDescription(bytes).text(), "a");
        assert_eq!(NodeDescription([0x80; 64]).text(), "");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let long = "é".repeat(31) + "aéé";
        let cut = NodeDescription::new(&long);
        assert_eq!(cut.text(), "é".repeat(31) + "a");
        let mut out = [0xFF; 64];
        assert_eq!(cut.emit(&mut out), Ok(64));
        assert_eq!(out[..2], [0xC3, 0xA9]);
        assert_eq!(out[61..], [0xA9, b'a', 0]);
        assert_eq!(NodeDescription::parse(&out), Ok(cut));
    }
}
