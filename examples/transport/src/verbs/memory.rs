//! Registered memory: what adapters and peers read and write.

use core::ops::Range;
use std::sync::Arc;

use super::system::{Pages, RawProtectionDomain, RawRegion, Refused, Segment, locked_memory_limit};
use super::{Access, Port, VerbsError};

/// A key by which a peer names a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RemoteKey(pub u32);

/// Memory of a peer, as it was told: an address, a length, and the adapter's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RemoteRegion {
    /// Address of the first byte.
    pub address: u64,
    /// Bytes.
    pub length: u64,
    /// The adapter's key: each adapter chooses its own.
    pub key: RemoteKey,
}

impl RemoteRegion {
    /// The place of the byte at `offset`.
    ///
    /// # Errors
    /// [`VerbsError::Outside`] when `length` bytes from there are not all inside.
    pub fn at(&self, offset: u64, length: usize) -> Result<RemotePlace, VerbsError> {
        let fits = offset.checked_add(length as u64).is_some_and(|end| end <= self.length);
        let outside = || VerbsError::Outside {
            offset: usize::try_from(offset).unwrap_or(usize::MAX),
            length,
            region: usize::try_from(self.length).unwrap_or(usize::MAX),
        };
        let address = self.address.checked_add(offset).filter(|_| fits).ok_or_else(outside)?;
        Ok(RemotePlace { address, key: self.key })
    }
}

/// A place in a peer's memory. The peer's adapter checks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RemotePlace {
    /// The address.
    pub address: u64,
    /// The adapter's key.
    pub key: RemoteKey,
}

/// Memory that an adapter, and what its access allows peers too, read and write at any time. No part of it can be borrowed as
/// a slice: bytes are copied in and out. A copy may be torn where somebody writes meanwhile; an aligned word of eight
/// bytes is not.
#[derive(Debug)]
pub struct MemoryRegion {
    raw: RawRegion,
    address: u64,
    domain: Arc<RawProtectionDomain>,
}

impl MemoryRegion {
    pub(super) fn new(
        port: &Port,
        length: usize,
        address: Option<u64>,
        access: Access,
    ) -> Result<Self, VerbsError> {
        let domain = &port.shared.domain;
        let pages = Pages::map(length).map_err(|source| VerbsError::Memory { bytes: length, source })?;
        let address = address.unwrap_or_else(|| pages.address());
        let raw = RawRegion::new(domain, pages, address, access.bits()).map_err(|refused| {
            match (refused.source.raw_os_error(), locked_memory_limit()) {
                // The kernel counts all of the user's regions against it.
                (Some(libc::ENOMEM), Some(limit)) => {
                    let Refused { verb, source } = refused;
                    VerbsError::LockedMemory { bytes: length, limit, verb, source }
                }
                _ => VerbsError::verb(format!("port {}: a region of {length} bytes", port.name()))(refused),
            }
        })?;
        Ok(Self { raw, address, domain: Arc::clone(domain) })
    }

    /// Its length in bytes.
    pub fn length(&self) -> usize {
        self.raw.pages().length()
    }

    /// What a peer has to know to write or read it.
    pub fn remote(&self) -> RemoteRegion {
        RemoteRegion {
            address: self.address,
            length: self.length() as u64,
            key: RemoteKey(self.raw.remote_key()),
        }
    }

    fn check(&self, offset: usize, length: usize) -> Result<(), VerbsError> {
        let region = self.length();
        match offset.checked_add(length) {
            Some(end) if end <= region => Ok(()),
            _ => Err(VerbsError::Outside { offset, length, region }),
        }
    }

    /// Copy bytes in.
    ///
    /// # Errors
    /// [`VerbsError::Outside`] when they do not fit.
    pub fn write(&self, offset: usize, bytes: &[u8]) -> Result<(), VerbsError> {
        self.check(offset, bytes.len())?;
        self.raw.pages().write(offset, bytes);
        Ok(())
    }

    /// Copy bytes out.
    ///
    /// # Errors
    /// [`VerbsError::Outside`] when there are not so many.
    pub fn read(&self, offset: usize, into: &mut [u8]) -> Result<(), VerbsError> {
        self.check(offset, into.len())?;
        self.raw.pages().read(offset, into);
        Ok(())
    }

    /// The word at `offset`, a multiple of eight, in the machine's order. What was written before it by its writer is seen
    /// after this, as far as the adapter writes in order.
    ///
    /// # Errors
    /// [`VerbsError::Outside`] when it is outside, or `offset` is no multiple of eight.
    pub fn load(&self, offset: usize) -> Result<u64, VerbsError> {
        self.check_word(offset)?;
        Ok(self.raw.pages().load(offset))
    }

    /// Put a word to `offset`, a multiple of eight, in the machine's order.
    ///
    /// # Errors
    /// As of [`load`](Self::load).
    pub fn store(&self, offset: usize, value: u64) -> Result<(), VerbsError> {
        self.check_word(offset)?;
        self.raw.pages().store(offset, value);
        Ok(())
    }

    fn check_word(&self, offset: usize) -> Result<(), VerbsError> {
        self.check(offset, 8)?;
        if offset.is_multiple_of(8) {
            Ok(())
        } else {
            Err(VerbsError::Outside { offset, length: 8, region: self.length() })
        }
    }

    /// A part of it, to give work.
    ///
    /// # Errors
    /// [`VerbsError::Outside`] when the range is not inside.
    pub fn part(self: &Arc<Self>, range: Range<usize>) -> Result<LocalPart<'_>, VerbsError> {
        let length = range.len();
        self.check(range.start, length)?;
        let segment = Segment {
            address: self.address.wrapping_add(range.start as u64),
            length: u32::try_from(length).map_err(|_| VerbsError::Outside {
                offset: range.start,
                length,
                region: self.length(),
            })?,
            key: self.raw.local_key(),
        };
        Ok(LocalPart { region: self, segment })
    }

    /// Whether queue pairs of this domain can use it.
    pub(super) fn is_of(&self, domain: &Arc<RawProtectionDomain>) -> bool {
        Arc::ptr_eq(&self.domain, domain)
    }
}

/// A part of a region that work reads from or writes to.
#[derive(Clone, Copy, Debug)]
pub struct LocalPart<'a> {
    pub(super) region: &'a Arc<MemoryRegion>,
    pub(super) segment: Segment,
}
