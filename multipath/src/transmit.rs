use barrier::Path;

/// Where packets go that a machine wrote into the caller's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transmit {
    /// The path to send on.
    pub path: Path,
    /// Bytes written.
    pub length: usize,
    /// Bytes of each packet but the last, which may be shorter: every `segment` bytes begin a datagram. A sender that can
    /// hands all of them to the kernel in one call (generic segmentation offload).
    pub segment: usize,
}

impl Transmit {
    /// The packets in the buffer that was written to.
    pub fn packets<'a>(&self, buffer: &'a [u8]) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        buffer.get(..self.length).unwrap_or_default().chunks(self.segment.max(1))
    }
}

impl Transmit {
    /// Packets that the kernel takes in one call at most.
    const MAX_PACKETS: usize = 64;
    /// Bytes that it takes in one call at most: what fits one UDP datagram.
    const MAX_LENGTH: usize = 65_507;

    /// Whether another packet may follow.
    pub(crate) const fn has_room(&self) -> bool {
        self.length.saturating_add(self.segment) <= Self::MAX_LENGTH
            && self.length < self.segment.saturating_mul(Self::MAX_PACKETS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_no_more_than_one_call_takes() {
        let has_room = |length, segment| Transmit { path: Path::ALL[0], length, segment }.has_room();
        assert!(has_room(63 * 100, 100) && !has_room(64 * 100, 100));
        assert!(has_room(65_507 - 9000, 9000) && !has_room(65_507 - 8999, 9000));
    }
}
