//! Memory that an adapter reads and writes.

use core::ptr::NonNull;
use std::sync::Arc;

use rdma_mummy_sys as ffi;

use super::{Pages, RawProtectionDomain, Refused, object};

/// Pages registered with an adapter. They are unmapped after the adapter has let go of them.
#[derive(Debug)]
pub(crate) struct RawRegion {
    pointer: NonNull<ffi::ibv_mr>,
    pages: Pages,
    // Held as long as the registration exists.
    _domain: Arc<RawProtectionDomain>,
}

// SAFETY: the keys and the length never change; the pages may be used from any thread.
unsafe impl Send for RawRegion {}
// SAFETY: as above.
unsafe impl Sync for RawRegion {}

impl RawRegion {
    /// Register `pages`: whoever names `address` means their first byte.
    pub(crate) fn new(
        domain: &Arc<RawProtectionDomain>,
        pages: Pages,
        address: u64,
        access: u32,
    ) -> Result<Self, Refused> {
        // SAFETY: the domain exists and is held as long as the region; the pages are this object's own, and are unmapped
        // after the registration has ended.
        let pointer = unsafe {
            ffi::ibv_reg_mr_iova2(domain.as_ptr(), pages.as_ptr().cast(), pages.length(), address, access)
        };
        let pointer = object("ibv_reg_mr_iova", pointer)?;
        Ok(Self { pointer, pages, _domain: Arc::clone(domain) })
    }

    pub(crate) const fn pages(&self) -> &Pages {
        &self.pages
    }

    pub(crate) fn local_key(&self) -> u32 {
        // SAFETY: the registration exists.
        unsafe { self.pointer.as_ref() }.lkey
    }

    pub(crate) fn remote_key(&self) -> u32 {
        // SAFETY: the registration exists.
        unsafe { self.pointer.as_ref() }.rkey
    }
}

impl Drop for RawRegion {
    fn drop(&mut self) {
        // SAFETY: queue pairs that were given work with the region held it and are gone; nobody uses it after this.
        unsafe { ffi::ibv_dereg_mr(self.pointer.as_ptr()) };
    }
}
