//! What can go wrong with a disk's reservations. Each message is one line that names the disk and the fix.

use core::fmt;
use std::io;

/// What was asked of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReservationStep {
    /// A key was to be registered, changed or taken away.
    Register,
    /// The disk was to be reserved.
    Reserve,
    /// The reservation was to be given up.
    Release,
    /// Another's key was to be taken away.
    Preempt,
    /// All keys and the reservation were to be taken away.
    Clear,
    /// The keys were to be read.
    ReadKeys,
    /// The reservation was to be read.
    ReadReservation,
}

impl fmt::Display for ReservationStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Register => "to register a key",
            Self::Reserve => "to reserve it",
            Self::Release => "to release it",
            Self::Preempt => "to preempt a key",
            Self::Clear => "to clear it",
            Self::ReadKeys => "to read its keys",
            Self::ReadReservation => "to read its reservation",
        })
    }
}

/// Why a disk's reservations cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReservationError {
    /// The disk cannot be opened.
    #[error("{path} cannot be opened to read and write: {source}")]
    Open {
        /// The disk.
        path: Box<str>,
        /// The system's error.
        source: io::Error,
    },
    /// The file is no disk, or the disk has no persistent reservations.
    #[error(
        "{path} refuses {step}: it has no persistent reservations; it takes a whole SCSI disk (not a partition)"
    )]
    Unsupported {
        /// The disk.
        path: Box<str>,
        /// What was asked.
        step: ReservationStep,
    },
    /// This program may not do it.
    #[error("{path} may not be asked {step}: run this as root (CAP_SYS_ADMIN)")]
    Permission {
        /// The disk.
        path: Box<str>,
        /// What was asked.
        step: ReservationStep,
    },
    /// Another's reservation is in the way, or the key is not the one that is registered: this node may have been preempted.
    #[error(
        "{path} refuses {step}: another node holds it, or the key is not registered by this path; read its keys, and \
         do not register again unasked"
    )]
    Conflict {
        /// The disk.
        path: Box<str>,
        /// What was asked.
        step: ReservationStep,
    },
    /// The disk refuses for another reason.
    #[error("{path} refuses {step} (SCSI status {status:#x}): is its key registered by this path?")]
    Refused {
        /// The disk.
        path: Box<str>,
        /// What was asked.
        step: ReservationStep,
        /// Status of the command; 2 is "check condition".
        status: u32,
    },
    /// The disk's answer is not one.
    #[error("{path} was asked {step}, and its answer is not understood")]
    Answer {
        /// The disk.
        path: Box<str>,
        /// What was asked.
        step: ReservationStep,
    },
    /// The disk is gone, or its path is dead.
    #[error("{path} does not answer {step} any more: {source}; is its path alive?")]
    Gone {
        /// The disk.
        path: Box<str>,
        /// What was asked.
        step: ReservationStep,
        /// The system's error.
        source: io::Error,
    },
    /// It failed for another reason.
    #[error("{path} fails {step}: {source}")]
    Io {
        /// The disk.
        path: Box<str>,
        /// What was asked.
        step: ReservationStep,
        /// The system's error.
        source: io::Error,
    },
}

/// SCSI's status "reservation conflict", in the lowest byte of what the kernel gives back.
const CONFLICT: u32 = 0x18;

impl ReservationError {
    /// What the kernel gave back: an error of the system, or the command's status.
    pub(super) fn of(path: &str, step: ReservationStep, outcome: Result<u32, io::Error>) -> Option<Self> {
        let path = path.into();
        Some(match outcome {
            Ok(0) => return None,
            // Linux puts its own marks above the status.
            Ok(status) if status & 0xFF == CONFLICT => Self::Conflict { path, step },
            Ok(status) => Self::Refused { path, step, status },
            Err(source) => match source.raw_os_error() {
                Some(libc::ENOTTY | libc::EOPNOTSUPP | libc::EINVAL) => Self::Unsupported { path, step },
                Some(libc::EPERM | libc::EACCES) => Self::Permission { path, step },
                Some(libc::EBADE) => Self::Conflict { path, step },
                Some(libc::ENODEV | libc::ENXIO | libc::ENOLINK | libc::ETIMEDOUT) => {
                    Self::Gone { path, step, source }
                }
                _ => Self::Io { path, step, source },
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_gives_back_is_told_apart() {
        let said = |outcome| {
            let error = ReservationError::of("/dev/sdb", ReservationStep::Reserve, outcome);
            error.map(|error| error.to_string())
        };
        let system = |error| Err(io::Error::from_raw_os_error(error));
        assert_eq!(said(Ok(0)), None);
        for (outcome, part) in [
            // As Linux 6.1 gives it, and as later ones do.
            (Ok(0x118), "another node holds it"),
            (Ok(0x18), "another node holds it"),
            (Ok(2), "(SCSI status 0x2)"),
            (system(libc::ENOTTY), "it has no persistent reservations"),
            (system(libc::EPERM), "run this as root"),
            (system(libc::ENODEV), "is its path alive?"),
            (system(libc::ENOMEM), "/dev/sdb fails to reserve it"),
        ] {
            let text = said(outcome).unwrap();
            assert!(text.contains(part) && text.starts_with("/dev/sdb") && !text.contains('\n'), "{text}");
        }
    }
}
