//! The calls of the C library that a umad device takes: all of the crate's unsafe code.
//!
//! They go through the library's own symbols, neither through Rust's standard library nor as bare system calls, so that a
//! library that is loaded before it can take their place: ibsim's `libumad2sim.so` gives a program an emulated port in
//! this way. It knows `open`, `close`, `read`, `write`, `ioctl`, `poll` and `opendir`, and takes descriptors from 1024 on for its own.
#![expect(unsafe_code, reason = "a umad device is a descriptor")]

use core::ffi::{CStr, c_int};
use core::time::Duration;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::abi::{
    ENABLE_P_KEY, REGISTER_AGENT, REGISTER_AGENT_2, RegisterAgent, RegisterAgent2, UNREGISTER_AGENT,
};

/// The first descriptor that ibsim's library takes for its own.
const FIRST_EMULATED: c_int = 1024;

/// An open file, closed when this is dropped.
#[derive(Debug)]
pub(super) struct Descriptor(c_int);

impl Descriptor {
    /// Open to read.
    pub(super) fn open_to_read(path: &CStr) -> io::Result<Self> {
        Self::open(path, libc::O_RDONLY)
    }

    /// Open to read and write; reading does not wait.
    pub(super) fn open_device(path: &CStr) -> io::Result<Self> {
        Self::open(path, libc::O_RDWR | libc::O_NONBLOCK)
    }

    fn open(path: &CStr, flags: c_int) -> io::Result<Self> {
        // SAFETY: the path ends in a NUL and outlives the call; these flags take no mode.
        let descriptor = unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC) };
        if descriptor < 0 { Err(io::Error::last_os_error()) } else { Ok(Self(descriptor)) }
    }

    /// Whether it may be an emulated one, which waits for nothing but the device itself.
    pub(super) fn may_be_emulated(&self) -> bool {
        self.0 >= FIRST_EMULATED
    }

    /// Read into `buffer`.
    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        // SAFETY: the pointer and the length are those of a slice that is borrowed for the call.
        length(unsafe { libc::read(self.0, buffer.as_mut_ptr().cast(), buffer.len()) })
    }

    /// Write `bytes`.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        // SAFETY: the pointer and the length are those of a slice that is borrowed for the call.
        length(unsafe { libc::write(self.0, bytes.as_ptr().cast(), bytes.len()) })
    }

    pub(super) fn enable_p_key(&self) -> io::Result<()> {
        // SAFETY: the request takes no argument.
        done(unsafe { libc::ioctl(self.0, ENABLE_P_KEY) })
    }

    pub(super) fn register_agent(&self, request: &mut RegisterAgent) -> io::Result<()> {
        // SAFETY: the request's number has the size of the structure, which is borrowed for the call; the kernel writes
        // integers into it.
        done(unsafe { libc::ioctl(self.0, REGISTER_AGENT, core::ptr::from_mut(request)) })
    }

    pub(super) fn register_agent_2(&self, request: &mut RegisterAgent2) -> io::Result<()> {
        // SAFETY: as of the older request.
        done(unsafe { libc::ioctl(self.0, REGISTER_AGENT_2, core::ptr::from_mut(request)) })
    }

    pub(super) fn unregister_agent(&self, mut agent: u32) -> io::Result<()> {
        // SAFETY: the kernel reads the integer, which lives through the call.
        done(unsafe { libc::ioctl(self.0, UNREGISTER_AGENT, core::ptr::from_mut(&mut agent)) })
    }

    /// Wait until there is something to read, somebody wakes this thread, or `limit` is over.
    pub(super) fn wait(&self, wake: BorrowedFd<'_>, limit: Option<Duration>) -> io::Result<()> {
        let entry = |fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
        let mut entries = [entry(self.0), entry(wake.as_raw_fd())];
        let limit = limit.map_or(-1, |limit| c_int::try_from(limit.as_millis()).unwrap_or(c_int::MAX));
        // ibsim's library fails without a reason when it was woken for nothing.
        // SAFETY: the address of this thread's error number is valid while the thread lives.
        unsafe { *libc::__errno_location() = 0 };
        // SAFETY: the pointer and the number are those of an array that lives through the call.
        let ready = unsafe { libc::poll(entries.as_mut_ptr(), entries.len() as libc::nfds_t, limit) };
        if ready < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: the descriptor is this object's own, and nobody uses it after this.
        unsafe { libc::close(self.0) };
    }
}

fn length(returned: isize) -> io::Result<usize> {
    usize::try_from(returned).map_err(|_| match i32::try_from(returned) {
        // ibsim's library returns the error itself when there is nothing to read.
        Ok(error) if error < -1 => io::Error::from_raw_os_error(-error),
        _ => io::Error::last_os_error(),
    })
}

fn done(returned: c_int) -> io::Result<()> {
    if returned < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The names in a folder, `.` and `..` left out.
pub(super) fn names_in(folder: &CStr) -> io::Result<Vec<CString>> {
    // SAFETY: the path ends in a NUL and outlives the call.
    let stream = unsafe { libc::opendir(folder.as_ptr()) };
    if stream.is_null() {
        return Err(io::Error::last_os_error());
    }
    let mut names = Vec::new();
    loop {
        // SAFETY: the stream is open, and no other thread has it.
        let entry = unsafe { libc::readdir(stream) };
        if entry.is_null() {
            break;
        }
        // SAFETY: the entry stays valid until the next call on its stream, and its name ends in a NUL. Only the name's
        // address is taken: an entry may be shorter than its type.
        let name = unsafe { CStr::from_ptr((&raw const (*entry).d_name).cast()) };
        if !matches!(name.to_bytes(), b"." | b"..") {
            names.push(name.to_owned());
        }
    }
    // SAFETY: the stream is open, and nobody uses it after this.
    unsafe { libc::closedir(stream) };
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_read_and_errors_are_the_systems() {
        let system = Descriptor::open_to_read(c"/proc/self/comm").unwrap();
        let mut buffer = [0; 64];
        assert!(system.read(&mut buffer).unwrap() > 1);
        assert!(!system.may_be_emulated());
        assert!(names_in(c"/proc/self").unwrap().contains(&c"comm".to_owned()));
        let error = Descriptor::open_device(c"/proc/no-such-device").unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
        assert_eq!(names_in(c"/proc/self/comm").unwrap_err().raw_os_error(), Some(libc::ENOTDIR));
        assert_eq!(system.enable_p_key().unwrap_err().raw_os_error(), Some(libc::ENOTTY));
    }

    #[test]
    fn a_returned_error_is_told_from_a_stored_one() {
        assert_eq!(length(7).unwrap(), 7);
        assert_eq!(length(-11).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
