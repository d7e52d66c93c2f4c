//! Protection domains: regions and queue pairs of one work together.

use core::ptr::NonNull;
use std::sync::Arc;

use rdma_mummy_sys as ffi;

use super::{RawContext, Refused, object};

/// A protection domain.
#[derive(Debug)]
pub(crate) struct RawProtectionDomain {
    pointer: NonNull<ffi::ibv_pd>,
    // Held as long as the domain exists.
    _context: Arc<RawContext>,
}

// SAFETY: the library's calls on a protection domain lock what they share.
unsafe impl Send for RawProtectionDomain {}
// SAFETY: as above.
unsafe impl Sync for RawProtectionDomain {}

impl RawProtectionDomain {
    pub(crate) fn new(context: &Arc<RawContext>) -> Result<Self, Refused> {
        // SAFETY: the context is open, and is held as long as the domain exists.
        let pointer = object("ibv_alloc_pd", unsafe { ffi::ibv_alloc_pd(context.as_ptr()) })?;
        Ok(Self { pointer, _context: Arc::clone(context) })
    }

    pub(super) const fn as_ptr(&self) -> *mut ffi::ibv_pd {
        self.pointer.as_ptr()
    }
}

impl Drop for RawProtectionDomain {
    fn drop(&mut self) {
        // SAFETY: everything made from the domain held it and is gone; nobody uses it after this.
        unsafe { ffi::ibv_dealloc_pd(self.as_ptr()) };
    }
}
