//! Pages of memory that an adapter or a peer may write at any time.
//!
//! No part of them is ever borrowed as a slice: bytes are copied in and out, word by word with atomic accesses, so that a
//! writer elsewhere is no data race in the language's sense. A copy may be torn between words; a word is not.

use core::ptr::NonNull;
use core::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::io;

const WORD: usize = size_of::<u64>();

/// Zeroed pages of this process, of a length in whole bytes that was asked for.
#[derive(Debug)]
pub(crate) struct Pages {
    pointer: NonNull<u8>,
    length: usize,
}

// SAFETY: the pages are accessed atomically only.
unsafe impl Send for Pages {}
// SAFETY: as above.
unsafe impl Sync for Pages {}

impl Pages {
    /// Map `length` bytes, at least one.
    pub(crate) fn map(length: usize) -> io::Result<Self> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: a new mapping at an address of the kernel's choice touches no other.
        let address = unsafe { libc::mmap(core::ptr::null_mut(), length, protection, flags, -1, 0) };
        if address == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let pages = Self { pointer: NonNull::new(address.cast()).ok_or(io::ErrorKind::OutOfMemory)?, length };
        // A forked child must not share them: the parent's next write would move its own to other frames than the
        // adapter's.
        // SAFETY: the mapping is this object's own.
        if unsafe { libc::madvise(address, length, libc::MADV_DONTFORK) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(pages)
    }

    pub(super) const fn as_ptr(&self) -> *mut u8 {
        self.pointer.as_ptr()
    }

    /// The address of the first byte in this process.
    pub(crate) fn address(&self) -> u64 {
        self.as_ptr().addr() as u64
    }

    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    fn check(&self, offset: usize, length: usize) {
        let fits = offset.checked_add(length).is_some_and(|end| end <= self.length);
        assert!(fits, "{length} bytes at {offset} are outside of {} bytes", self.length);
    }

    /// The byte at `offset`, which the caller has checked.
    fn byte(&self, offset: usize) -> &AtomicU8 {
        // SAFETY: the byte is inside the mapping, which lives as long as this, and is accessed atomically only.
        unsafe { AtomicU8::from_ptr(self.as_ptr().add(offset)) }
    }

    /// The word at `offset`, which the caller has checked and which is a multiple of eight.
    fn word(&self, offset: usize) -> &AtomicU64 {
        // SAFETY: the word is inside the mapping, which lives as long as this, and is accessed atomically only. Mappings begin
        // at a page, so that it is aligned.
        unsafe { AtomicU64::from_ptr(self.as_ptr().add(offset).cast()) }
    }

    /// Copy out `into.len()` bytes from `offset` on.
    ///
    /// # Panics
    /// When they are outside.
    pub(crate) fn read(&self, offset: usize, into: &mut [u8]) {
        self.check(offset, into.len());
        let head = offset.next_multiple_of(WORD).saturating_sub(offset).min(into.len());
        let (before, rest) = into.split_at_mut(head);
        let (words, after) = rest.as_chunks_mut::<WORD>();
        let last = offset + head + words.len() * WORD;
        for (at, byte) in (offset..).zip(before) {
            *byte = self.byte(at).load(Ordering::Relaxed);
        }
        for (at, word) in (offset + head..).step_by(WORD).zip(words) {
            *word = self.word(at).load(Ordering::Relaxed).to_ne_bytes();
        }
        for (at, byte) in (last..).zip(after) {
            *byte = self.byte(at).load(Ordering::Relaxed);
        }
    }

    /// Copy `bytes` to `offset`.
    ///
    /// # Panics
    /// When they do not fit.
    pub(crate) fn write(&self, offset: usize, bytes: &[u8]) {
        self.check(offset, bytes.len());
        let head = offset.next_multiple_of(WORD).saturating_sub(offset).min(bytes.len());
        let (before, rest) = bytes.split_at(head);
        let (words, after) = rest.as_chunks::<WORD>();
        let last = offset + head + words.len() * WORD;
        for (at, byte) in (offset..).zip(before) {
            self.byte(at).store(*byte, Ordering::Relaxed);
        }
        for (at, word) in (offset + head..).step_by(WORD).zip(words) {
            self.word(at).store(u64::from_ne_bytes(*word), Ordering::Relaxed);
        }
        for (at, byte) in (last..).zip(after) {
            self.byte(at).store(*byte, Ordering::Relaxed);
        }
    }

    /// The word at `offset` in the machine's order. What its writer wrote before it is seen after this.
    ///
    /// # Panics
    /// When it is outside, or `offset` is no multiple of eight.
    pub(crate) fn load(&self, offset: usize) -> u64 {
        self.check(offset, WORD);
        assert!(offset.is_multiple_of(WORD), "a word at {offset} is not aligned");
        self.word(offset).load(Ordering::Acquire)
    }

    /// Put a word to `offset` in the machine's order. Whoever sees it sees what this thread wrote before.
    ///
    /// # Panics
    /// When it is outside, or `offset` is no multiple of eight.
    pub(crate) fn store(&self, offset: usize, value: u64) {
        self.check(offset, WORD);
        assert!(offset.is_multiple_of(WORD), "a word at {offset} is not aligned");
        self.word(offset).store(value, Ordering::Release);
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the mapping is this object's own, and nobody uses it after this.
        unsafe { libc::munmap(self.as_ptr().cast(), self.length) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quickcheck::quickcheck;

    quickcheck! {
        /// Every alignment of both ends.
        fn what_is_copied_in_is_copied_out(offset: u8, bytes: Vec<u8>) -> bool {
            let offset = usize::from(offset);
            let pages = Pages::map(offset + bytes.len() + 1).unwrap();
            pages.write(offset, &bytes);
            let mut all = vec![0xFF; pages.length()];
            pages.read(0, &mut all);
            let mut expected = vec![0; offset];
            expected.extend(&bytes);
            expected.push(0);
            let mut part = vec![0xFF; bytes.len()];
            pages.read(offset, &mut part);
            all == expected && part == bytes
        }
    }

    #[test]
    fn words_have_the_machines_order() {
        let pages = Pages::map(24).unwrap();
        pages.store(8, 0x0102_0304_0506_0708);
        let mut bytes = [0; 8];
        pages.read(8, &mut bytes);
        assert_eq!(u64::from_ne_bytes(bytes), 0x0102_0304_0506_0708);
        assert_eq!([pages.load(0), pages.load(8), pages.load(16)], [0, 0x0102_0304_0506_0708, 0]);
    }

    #[test]
    #[should_panic(expected = "2 bytes at 7 are outside of 8 bytes")]
    fn what_is_outside_is_refused() {
        Pages::map(8).unwrap().write(7, &[1, 2]);
    }
}
