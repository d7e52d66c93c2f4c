//! Bytes of the file that are written together.

/// Bytes that are handed on together.
const LENGTH: usize = 1 << 20;
/// Parts of them at most.
const PARTS: usize = 4096;

/// Bytes of the file: a part of it, or several, when they came in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    data: Vec<u8>,
    /// Where each part belongs, and where it ends in `data`.
    parts: Vec<(u64, usize)>,
}

impl Chunk {
    /// Where each part belongs, and its bytes.
    pub fn parts(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let starts = core::iter::once(0).chain(self.parts.iter().map(|(_, end)| *end));
        let parts = self.parts.iter().zip(starts);
        parts.map(|((offset, end), start)| (*offset, self.data.get(start..*end).unwrap_or_default()))
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Whether so many bytes more are to go into another chunk.
    pub(super) const fn is_full_for(&self, length: usize) -> bool {
        !self.is_empty() && (self.data.len() + length > LENGTH || self.parts.len() >= PARTS)
    }

    pub(super) fn push(&mut self, offset: u64, data: &[u8]) {
        if self.is_empty() {
            self.data.reserve_exact(LENGTH.max(data.len()));
        }
        let start = self.data.len();
        self.data.extend_from_slice(data);
        let end = self.data.len();
        let before = self.parts.len().checked_sub(2).and_then(|place| self.parts.get(place));
        let begin = before.map_or(0, |(_, end)| *end);
        match self.parts.last_mut() {
            Some((last, last_end)) if last.checked_add((start - begin) as u64) == Some(offset) => {
                *last_end = end;
            }
            _ => self.parts.push((offset, end)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_one_part_with_what_it_follows() {
        let mut chunk = Chunk::default();
        for (offset, data) in [(10, &b"ab"[..]), (12, b"c"), (5, b"xyz"), (8, b"!"), (13, b"d"), (13, b"e")] {
            chunk.push(offset, data);
        }
        let parts: Vec<_> = chunk.parts().collect();
        assert_eq!(parts, [(10, &b"abc"[..]), (5, b"xyz!"), (13, b"d"), (13, b"e")]);
    }

    #[test]
    fn a_chunk_ends_before_it_is_too_long() {
        let mut chunk = Chunk::default();
        assert!(!chunk.is_full_for(2 * LENGTH));
        chunk.push(0, &[1; LENGTH - 1]);
        assert!(!chunk.is_full_for(1) && chunk.is_full_for(2));
        let mut scattered = Chunk::default();
        for part in 0..PARTS as u64 {
            assert!(!scattered.is_full_for(1));
            scattered.push(2 * part, &[1]);
        }
        assert!(scattered.is_full_for(1));
    }
}
