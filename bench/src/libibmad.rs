//! What is needed of libibmad, the C library that infiniband-diags reads datagrams with.

use core::ffi::{c_int, c_uint, c_void};

/// The numbers that the installed header gives the fields.
#[allow(missing_docs, reason = "generated; the names are libibmad's")]
pub mod fields {
    include!(concat!(env!("OUT_DIR"), "/libibmad_fields.rs"));
}

mod ffi {
    use super::{c_int, c_uint, c_void};

    unsafe extern "C" {
        pub(super) fn mad_get_field(buffer: *mut c_void, base: c_int, field: c_uint) -> u32;
        pub(super) fn mad_get_field64(buffer: *mut c_void, base: c_int, field: c_uint) -> u64;
    }
}

/// A field of up to 32 bits, of the structure at offset `base`.
///
/// # Safety
/// `mad` points to bytes in which `field` lies when counted from `base`: the library checks nothing.
#[inline]
pub unsafe fn get_field(mad: *const u8, base: c_int, field: c_uint) -> u32 {
    // SAFETY: the library only reads, though it takes a pointer to write; where, the caller vouches for.
    unsafe { ffi::mad_get_field(mad.cast_mut().cast(), base, field) }
}

/// A field of 64 bits, of the structure at offset `base`.
///
/// # Safety
/// As for [`get_field`].
#[inline]
pub unsafe fn get_field64(mad: *const u8, base: c_int, field: c_uint) -> u64 {
    // SAFETY: as above.
    unsafe { ffi::mad_get_field64(mad.cast_mut().cast(), base, field) }
}
