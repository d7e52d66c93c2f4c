//! Batches of datagrams, in buffers that are made once.

use core::net::SocketAddr;
use core::ops::Range;

use super::Link;

/// Bytes that one call to the kernel sends or receives at most: the longest UDP datagram, or so many short ones.
pub(super) const SLOT: usize = 65_536;

/// Datagrams to send.
#[derive(Clone, Debug)]
pub struct Outbox {
    buffer: Vec<u8>,
    used: usize,
    entries: Vec<Entry>,
}

/// Datagrams on the same way, one behind the other.
#[derive(Clone, Copy, Debug)]
struct Entry {
    link: Link,
    start: usize,
    length: usize,
    /// Bytes of each but the last, which may be shorter.
    segment: usize,
}

impl Entry {
    fn range(&self) -> Range<usize> {
        self.start..self.start + self.length
    }
}

impl Outbox {
    /// Room for so many of the longest datagrams.
    pub fn new(longest: usize) -> Self {
        Self { buffer: vec![0; longest.max(1) * SLOT], used: 0, entries: Vec::new() }
    }

    /// Where the next datagrams are written to: none if there is no room for one of the longest.
    pub fn room(&mut self) -> Option<&mut [u8]> {
        let end = self.used + SLOT;
        self.buffer.get_mut(self.used..end)
    }

    /// What was written at the start of [`room`](Self::room): `length` bytes, of which every `segment` begin a datagram.
    pub fn push(&mut self, link: Link, length: usize, segment: usize) {
        self.entries.push(Entry { link, start: self.used, length, segment: segment.max(1) });
        self.used += length;
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forget everything.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.used = 0;
    }

    /// What is to be sent: the way, the datagrams, and the bytes of each but the last.
    pub fn entries(&self) -> impl Iterator<Item = (Link, &[u8], usize)> {
        self.entries.iter().map(|entry| (entry.link, &self.buffer[entry.range()], entry.segment))
    }

    /// Each datagram alone.
    pub fn datagrams(&self) -> impl Iterator<Item = (Link, &[u8])> {
        self.entries().flat_map(|(link, bytes, segment)| bytes.chunks(segment).map(move |one| (link, one)))
    }
}

/// Datagrams that arrived.
#[derive(Clone, Debug)]
pub struct Inbox {
    buffer: Vec<u8>,
    entries: Vec<Entry>,
}

impl Inbox {
    /// Room for so many of the longest datagrams.
    pub fn new(longest: usize) -> Self {
        Self { buffer: vec![0; longest.max(1) * SLOT], entries: Vec::new() }
    }

    /// Each datagram, in the order of its arrival.
    pub fn datagrams(&self) -> impl Iterator<Item = (Link, &[u8])> {
        let of = |entry: &Entry| self.buffer[entry.range()].chunks(entry.segment);
        self.entries.iter().flat_map(move |entry| of(entry).map(|one| (entry.link, one)))
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forget everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Take a datagram that arrived, and say whether there was room for it.
    pub fn push(&mut self, link: Link, bytes: &[u8]) -> bool {
        let place = self.free_slots().next().and_then(|slot| slot.get_mut(..bytes.len()));
        let Some(place) = place else { return false };
        place.copy_from_slice(bytes);
        self.fill(link.socket, link.peer, bytes.len(), bytes.len());
        true
    }

    /// The slots that nothing was received into yet.
    pub(super) fn free_slots(&mut self) -> impl Iterator<Item = &mut [u8]> {
        self.buffer.chunks_exact_mut(SLOT).skip(self.entries.len())
    }

    /// Something was received into the next free slot.
    pub(super) fn fill(&mut self, socket: usize, peer: SocketAddr, length: usize, segment: usize) {
        let start = self.entries.len() * SLOT;
        self.entries.push(Entry { link: Link { socket, peer }, start, length, segment: segment.max(1) });
    }

    /// Keep those datagrams for which `keeps` is true. Nothing can be received into the batch before it is cleared.
    pub(super) fn retain(&mut self, mut keeps: impl FnMut(Link) -> bool) {
        let mut kept = Vec::with_capacity(self.entries.len());
        for Entry { link, start, length, segment } in self.entries.drain(..) {
            for offset in (0..length).step_by(segment) {
                if keeps(link) {
                    let length = segment.min(length - offset);
                    kept.push(Entry { link, start: start + offset, length, segment });
                }
            }
        }
        self.entries = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: Link =
        Link { socket: 0, peer: SocketAddr::new(core::net::IpAddr::V4(core::net::Ipv4Addr::LOCALHOST), 9) };

    #[test]
    fn segments_come_out_as_datagrams() {
        let mut outbox = Outbox::new(2);
        outbox.room().unwrap()[..5].copy_from_slice(b"aabbc");
        outbox.push(LINK, 5, 2);
        outbox.room().unwrap()[..3].copy_from_slice(b"ddd");
        outbox.push(LINK, 3, 3);
        let datagrams: Vec<_> = outbox.datagrams().map(|(_, bytes)| bytes).collect();
        assert_eq!(datagrams, [&b"aa"[..], b"bb", b"c", b"ddd"]);
        outbox.clear();
        assert!(outbox.is_empty());
    }

    #[test]
    fn there_is_room_as_long_as_the_longest_datagram_fits() {
        let mut outbox = Outbox::new(1);
        assert_eq!(outbox.room().unwrap().len(), SLOT);
        outbox.push(LINK, 1, 1);
        assert!(outbox.room().is_none());
    }

    #[test]
    fn datagrams_are_taken_as_long_as_there_is_room() {
        let mut inbox = Inbox::new(2);
        assert!(!inbox.push(LINK, &[0; SLOT + 1]));
        assert!(inbox.push(LINK, b"aa") && inbox.push(LINK, b"b") && !inbox.push(LINK, b"c"));
        let datagrams: Vec<_> = inbox.datagrams().collect();
        assert_eq!(datagrams, [(LINK, &b"aa"[..]), (LINK, b"b")]);
        inbox.clear();
        assert!(inbox.is_empty() && inbox.push(LINK, b"c"));
    }

    #[test]
    fn a_datagram_is_lost_out_of_the_middle() {
        let mut inbox = Inbox::new(2);
        inbox.free_slots().next().unwrap()[..5].copy_from_slice(b"aabbc");
        inbox.fill(0, LINK.peer, 5, 2);
        inbox.free_slots().next().unwrap()[..1].copy_from_slice(b"d");
        inbox.fill(1, LINK.peer, 1, 1);
        let mut place = 0;
        inbox.retain(|_| {
            place += 1;
            place != 2
        });
        let datagrams: Vec<_> = inbox.datagrams().map(|(link, bytes)| (link.socket, bytes)).collect();
        assert_eq!(datagrams, [(0, &b"aa"[..]), (0, b"c"), (1, b"d")]);
    }
}
