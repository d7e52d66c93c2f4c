//! Waiting for a descriptor.

use core::ffi::c_int;
use core::time::Duration;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Wait until the descriptor is readable or `limit` is over, and return whether it is.
pub(crate) fn wait_readable(descriptor: BorrowedFd<'_>, limit: Duration) -> io::Result<bool> {
    let mut entry = libc::pollfd { fd: descriptor.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // Rounded up: otherwise the last millisecond is spent in a busy loop.
    let milliseconds = limit.as_nanos().div_ceil(1_000_000);
    let milliseconds = c_int::try_from(milliseconds).unwrap_or(c_int::MAX);
    // SAFETY: one entry, which lives through the call.
    match unsafe { libc::poll(&raw mut entry, 1, milliseconds) } {
        0 => Ok(false),
        1.. => Ok(true),
        _ => match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::Interrupted => Ok(false),
            error => Err(error),
        },
    }
}

/// Have reads of the descriptor return at once when there is nothing.
pub(super) fn do_not_wait(descriptor: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the descriptor is open; the request takes no argument.
    let flags = unsafe { libc::fcntl(descriptor.as_raw_fd(), libc::F_GETFL) };
    if flags < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is open; the argument is a number.
    if unsafe { libc::fcntl(descriptor.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::fd::AsFd;

    #[test]
    fn a_descriptor_is_readable_when_something_is_in_it() {
        let (reader, mut writer) = io::pipe().unwrap();
        assert!(!wait_readable(reader.as_fd(), Duration::from_micros(1)).unwrap());
        writer.write_all(&[1]).unwrap();
        assert!(wait_readable(reader.as_fd(), Duration::from_secs(10)).unwrap());
    }
}
