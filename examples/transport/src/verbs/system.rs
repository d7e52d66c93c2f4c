//! The calls of libibverbs, and what they need of the C library: all of this transport's unsafe code.
//!
//! Each object owns what the library gave for it and holds the objects that it was made from, so that all are freed in the
//! order that the library wants, on every path. The library's calls may be made from any thread.
#![expect(unsafe_code, reason = "libibverbs is a library in C")]

mod address_handle;
mod completion_queue;
mod context;
mod event;
mod limits;
mod pages;
mod protection_domain;
mod queue_pair;
mod region;
mod wait;

use core::ffi::c_int;
use core::ptr::NonNull;
use std::io;

pub(crate) use address_handle::RawAddressHandle;
pub(crate) use completion_queue::{RawCompletion, RawCompletionQueue};
pub(crate) use context::{DeviceLimits, GidEntry, RawContext, device_names};
pub(crate) use event::RawEvent;
pub(crate) use limits::locked_memory_limit;
pub(crate) use pages::Pages;
pub(crate) use protection_domain::RawProtectionDomain;
pub(crate) use queue_pair::{RawQueuePair, Segment, SendRequest, Target};
pub(crate) use region::RawRegion;
pub(crate) use wait::wait_readable;

/// A verb that the system refused.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The function of libibverbs.
    pub(crate) verb: &'static str,
    /// The system's error.
    pub(crate) source: io::Error,
}

impl Refused {
    fn last(verb: &'static str) -> Self {
        Self { verb, source: io::Error::last_os_error() }
    }
}

/// What a verb gave that returns an object, or null and an error number.
fn object<T>(verb: &'static str, pointer: *mut T) -> Result<NonNull<T>, Refused> {
    NonNull::new(pointer).ok_or_else(|| Refused::last(verb))
}

/// What a verb said that returns 0, or an error number, or -1 and an error number beside it.
fn done(verb: &'static str, returned: c_int) -> Result<(), Refused> {
    match returned {
        0 => Ok(()),
        -1 => Err(Refused::last(verb)),
        // Some providers return error numbers negated.
        number => Err(Refused { verb, source: io::Error::from_raw_os_error(number.saturating_abs()) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_numbers_are_read_in_every_form() {
        let number = |returned| done("ibv_modify_qp", returned).unwrap_err().source.raw_os_error();
        assert!(done("ibv_modify_qp", 0).is_ok());
        assert_eq!(number(libc::EINVAL), Some(libc::EINVAL));
        assert_eq!(number(-libc::ENOMEM), Some(libc::ENOMEM));
        // A call that sets the error number.
        std::fs::File::open("/proc/no-such-file").unwrap_err();
        assert_eq!(number(-1), Some(libc::ENOENT));
    }
}
