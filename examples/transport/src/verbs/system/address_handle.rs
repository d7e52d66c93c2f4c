//! Address handles: where datagrams go.

use core::ptr::NonNull;
use std::sync::Arc;

use rdma_mummy_sys as ffi;

use super::queue_pair::address_vector;
use super::{RawProtectionDomain, Refused, object};
use crate::verbs::Route;

/// An address handle.
#[derive(Debug)]
pub(crate) struct RawAddressHandle {
    pointer: NonNull<ffi::ibv_ah>,
    // Held as long as the handle exists.
    _domain: Arc<RawProtectionDomain>,
}

// SAFETY: a handle never changes.
unsafe impl Send for RawAddressHandle {}
// SAFETY: as above.
unsafe impl Sync for RawAddressHandle {}

impl RawAddressHandle {
    pub(crate) fn new(domain: &Arc<RawProtectionDomain>, route: &Route) -> Result<Self, Refused> {
        let mut attributes = address_vector(route);
        // SAFETY: the domain exists and is held as long as the handle; the structure lives through the call.
        let pointer = unsafe { ffi::ibv_create_ah(domain.as_ptr(), &raw mut attributes) };
        Ok(Self { pointer: object("ibv_create_ah", pointer)?, _domain: Arc::clone(domain) })
    }

    pub(super) const fn as_ptr(&self) -> *mut ffi::ibv_ah {
        self.pointer.as_ptr()
    }
}

impl Drop for RawAddressHandle {
    fn drop(&mut self) {
        // SAFETY: the handle came from the library, and queue pairs with work for it hold it.
        unsafe { ffi::ibv_destroy_ah(self.as_ptr()) };
    }
}
