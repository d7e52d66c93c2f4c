use core::fmt;

use super::NodeDescription;

/// Name of a service: 64 bytes, UTF-8 with NULs behind it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceName(pub [u8; 64]);

impl ServiceName {
    /// `text`, padded with NULs; what is beyond 64 bytes is cut off, between two characters.
    pub fn new(text: &str) -> Self {
        Self(NodeDescription::new(text).0)
    }

    /// The text up to its first NUL or its first byte that is not UTF-8.
    pub fn text(&self) -> &str {
        super::node_description::text(&self.0)
    }
}

impl Default for ServiceName {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Debug for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceName({:?})", self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_at_its_first_nul() {
        assert_eq!(ServiceName::new("storage").text(), "storage");
        assert_eq!(
            ServiceName(*b"aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd").text().len(),
            64
        );
        assert_eq!(ServiceName::default().text(), "");
    }
}
