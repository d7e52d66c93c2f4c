//! The responder's memory, which belongs to the program.

/// What a responder does to memory on behalf of a peer. Only ranges that were [opened](crate::Responder::open_region) to the
/// VI are written or read.
pub trait Memory {
    /// The next bytes of a message that comes in on the VI.
    fn receive(&mut self, part: &Received<'_>);

    /// Write `data` from `address` on. The write is acknowledged after this call: it must be done when it returns.
    fn write(&mut self, vi: u16, address: u64, data: &[u8], immediate: Option<u32>);

    /// Fill `out` with what is at `address`.
    fn read(&self, vi: u16, address: u64, out: &mut [u8]);
}

/// Part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received<'a> {
    /// Number of the virtual interface.
    pub vi: u16,
    /// Bytes of the message that came before.
    pub offset: u64,
    /// The bytes.
    pub data: &'a [u8],
    /// Whether the message is whole with them.
    pub is_last: bool,
    /// Immediate data, in the last part.
    pub immediate: Option<u32>,
}

/// Addresses from `start` on that a virtual interface may write or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// First address.
    pub start: u64,
    /// Bytes.
    pub length: u64,
    /// Whether it may be written.
    pub is_writable: bool,
    /// Whether it may be read.
    pub is_readable: bool,
}

impl Region {
    /// Whether all of the range lies in the region.
    pub(crate) fn contains(&self, address: u64, length: u64) -> bool {
        let offset = address.checked_sub(self.start);
        offset.and_then(|offset| offset.checked_add(length)).is_some_and(|end| end <= self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_lies_in_a_region_or_not() {
        let region = Region { start: 100, length: 10, is_writable: true, is_readable: true };
        assert!(region.contains(100, 10) && region.contains(109, 1) && region.contains(110, 0));
        assert!(!region.contains(99, 1) && !region.contains(100, 11) && !region.contains(110, 1));
        assert!(!region.contains(u64::MAX, u64::MAX) && !region.contains(105, u64::MAX));
        let top = Region { start: u64::MAX, length: 1, ..region };
        assert!(top.contains(u64::MAX, 1) && !top.contains(u64::MAX, 2));
    }
}
