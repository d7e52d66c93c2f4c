//! What virtual interfaces may reach in memory.

use alloc::vec::Vec;

use crate::memory::Region;
use crate::wire::{Header, Operation};

/// Regions that a responder can have open at once.
const MAX_REGIONS: usize = 256;

/// Why a region was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RegionError {
    /// There is no room for another.
    #[error("{limit} regions are open, no more can be: close some")]
    Full {
        /// How many there can be.
        limit: usize,
    },
    /// It does not end within 64 bits.
    #[error("a region at {start:#x} of {length} bytes goes beyond the address space")]
    Range {
        /// First address.
        start: u64,
        /// Bytes.
        length: u64,
    },
}

/// The open regions, each with the VI that it is open to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Regions(Vec<(u16, Region)>);

impl Regions {
    pub(super) fn open(&mut self, vi: u16, region: Region) -> Result<(), RegionError> {
        let Region { start, length, .. } = region;
        // The last address has to exist; the one after it need not.
        if length > 0 && start.checked_add(length - 1).is_none() {
            return Err(RegionError::Range { start, length });
        }
        if self.0.len() >= MAX_REGIONS {
            return Err(RegionError::Full { limit: MAX_REGIONS });
        }
        self.0.push((vi, region));
        Ok(())
    }

    pub(super) fn close(&mut self, vi: u16) {
        self.0.retain(|(owner, _)| *owner != vi);
    }

    /// Whether the request may reach its addresses. A send has none: the receiver decides where it goes.
    pub(super) fn permits(&self, header: &Header, address: Option<u64>) -> bool {
        let (Some(address), length) = (address, u64::from(header.length)) else { return true };
        self.0.iter().any(|(vi, region)| {
            let is_allowed = match header.operation {
                Operation::Write => region.is_writable,
                Operation::Read => region.is_readable,
                Operation::Send | Operation::Other(_) => false,
            };
            *vi == header.vi && is_allowed && region.contains(address, length)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: Region = Region { start: 1, length: 1, is_writable: true, is_readable: true };

    #[test]
    fn there_is_a_most() {
        let mut regions = Regions::default();
        for _ in 0..MAX_REGIONS {
            regions.open(1, REGION).unwrap();
        }
        assert_eq!(regions.open(2, REGION), Err(RegionError::Full { limit: MAX_REGIONS }));
        regions.close(1);
        regions.open(2, REGION).unwrap();
    }

    #[test]
    fn a_region_ends_within_the_address_space() {
        let mut regions = Regions::default();
        regions.open(1, Region { start: u64::MAX, length: 1, ..REGION }).unwrap();
        let error = regions.open(1, Region { start: u64::MAX, length: 2, ..REGION }).unwrap_err();
        assert_eq!(error, RegionError::Range { start: u64::MAX, length: 2 });
    }
}
