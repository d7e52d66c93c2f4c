//! The calls of the kernel that reservations take: all of this module's unsafe code.
#![expect(unsafe_code, reason = "a disk's reservations are ioctls")]

use core::ffi::c_int;
use core::ptr;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use super::abi::{
    CLEAR, Clear, PREEMPT, PREEMPT_ABORT, Preempt, Question, REGISTER, RELEASE, RESERVE, Registration,
    Reserve, SG_IO, SgIo,
};

/// How long a disk may take to answer.
const TIMEOUT_MS: u32 = 30_000;
/// "Data comes from the disk."
const FROM_DISK: c_int = -3;
/// Bytes of a sense that are kept.
const SENSE: usize = 64;

/// Status of a command, or the system's error.
pub(super) type Outcome = Result<u32, io::Error>;

pub(super) fn register(disk: &File, request: &Registration) -> Outcome {
    // SAFETY: the request's number has the size of the structure, which is borrowed for the call; the kernel only reads it.
    outcome(unsafe { libc::ioctl(disk.as_raw_fd(), REGISTER, ptr::from_ref(request)) })
}

pub(super) fn reserve(disk: &File, request: &Reserve) -> Outcome {
    // SAFETY: as of the registration.
    outcome(unsafe { libc::ioctl(disk.as_raw_fd(), RESERVE, ptr::from_ref(request)) })
}

pub(super) fn release(disk: &File, request: &Reserve) -> Outcome {
    // SAFETY: as of the registration.
    outcome(unsafe { libc::ioctl(disk.as_raw_fd(), RELEASE, ptr::from_ref(request)) })
}

pub(super) fn preempt(disk: &File, request: &Preempt, aborts: bool) -> Outcome {
    let number = if aborts { PREEMPT_ABORT } else { PREEMPT };
    // SAFETY: as of the registration; both numbers are of the same structure.
    outcome(unsafe { libc::ioctl(disk.as_raw_fd(), number, ptr::from_ref(request)) })
}

pub(super) fn clear(disk: &File, request: &Clear) -> Outcome {
    // SAFETY: as of the registration.
    outcome(unsafe { libc::ioctl(disk.as_raw_fd(), CLEAR, ptr::from_ref(request)) })
}

/// Ask the disk; the answer begins at the start of `answer`, whose rest is zero.
pub(super) fn ask(disk: &File, question: Question, answer: &mut [u8]) -> Outcome {
    answer.fill(0);
    let length = u16::try_from(answer.len()).unwrap_or(u16::MAX);
    let command = question.command(length);
    let mut sense = [0_u8; SENSE];
    let mut request = SgIo {
        interface: c_int::from(b'S'),
        direction: FROM_DISK,
        command_length: command.len() as u8,
        sense_limit: SENSE as u8,
        vectors: 0,
        data_length: length.into(),
        data: answer.as_mut_ptr().cast(),
        command: command.as_ptr(),
        sense: sense.as_mut_ptr(),
        timeout_ms: TIMEOUT_MS,
        flags: 0,
        pack_id: 0,
        user: ptr::null_mut(),
        status: 0,
        masked_status: 0,
        message_status: 0,
        sense_length: 0,
        host_status: 0,
        driver_status: 0,
        left_over: 0,
        duration_ms: 0,
        info: 0,
    };
    // SAFETY: the pointers in the request are of arrays that live through the call, with their own lengths; of the answer
    // no more than its length is written.
    let done = outcome(unsafe { libc::ioctl(disk.as_raw_fd(), SG_IO, ptr::from_mut(&mut request)) })?;
    match (done, request.status, request.host_status) {
        (0, 0, 0) => Ok(0),
        (0, 0, _) => Err(io::Error::from_raw_os_error(libc::ENOLINK)),
        (0, status, _) => Ok(status.into()),
        (status, _, _) => Ok(status),
    }
}

fn outcome(returned: c_int) -> Outcome {
    u32::try_from(returned).map_err(|_| io::Error::last_os_error())
}
