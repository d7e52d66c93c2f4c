//! SCSI-3 persistent reservations: a disk that two nodes share refuses the writes of the one that lost it.
//!
//! Each node registers a key with the disk, by each of its paths. One reserves the disk for those that are registered. Who takes over
//! preempts the other's key: from then on the disk itself refuses what the other writes, whatever the other believes, and also if it was
//! paused meanwhile.
//!
//! ```no_run
//! # fn example() -> Result<(), transport::scsi_reservation::ReservationError> {
//! use transport::scsi_reservation::{QueuedCommands, ReservationKey, ReservationKind, SharedDisk};
//!
//! let kind = ReservationKind::WriteExclusiveRegistrantsOnly;
//! let (own, other) = (ReservationKey(0xA), ReservationKey(0xB));
//! let disk = SharedDisk::open("/dev/sdb".as_ref())?;
//! disk.register(own)?;
//! disk.preempt(own, other, kind, QueuedCommands::Abort)?;
//! assert!(!disk.keys()?.keys.contains(&other));
//! # Ok(())
//! # }
//! ```
//!
//! # What is refused, and what is not
//!
//! - Every write that reaches the disk after the preemption is refused (`EBADE` for direct writes). Buffered writes are refused when the
//!   kernel writes them back: the error comes from `fsync` (`EIO`), or to nobody. Who wants to know writes directly (`O_DIRECT`), or calls `fsync`.
//! - Writes that the disk had taken into its queue **before** the preemption are another matter. With [`QueuedCommands::Finish`] they may still
//!   be done after it returned: who takes over cannot take what it reads then for the last. It either waits until none can be left (longer than the other
//!   node's kernel waits for a command, `/sys/block/sdX/device/timeout`, 30 s as a rule), or has what is written say of which owner it is, so that
//!   a late write is known for what it is. With [`QueuedCommands::Abort`] the disk drops them before it answers, and who takes over reads
//!   only then: that is what a takeover asks for, where the disk can do it.
//! - A write that the other side queued in its own kernel counts from when it reaches the disk.
//! - A node that was preempted is not registered any more. It must not register again by itself: with its registration it may write again.
//! - Reservations are for each path (an I_T nexus): a disk with several paths is registered by each.
//!
//! Source: SPC-4, PERSISTENT RESERVE IN and OUT; Linux's `include/uapi/linux/pr.h`, `drivers/scsi/sd.c` and `include/scsi/sg.h`. The calls take
//! CAP_SYS_ADMIN. Keys and reservations are read by SG_IO: Linux 6.1 has no calls of its own for that.

mod abi;
mod disk;
mod error;
mod system;

pub use disk::{QueuedCommands, Registrations, Reservation, SharedDisk};
pub use error::{ReservationError, ReservationStep};

use core::fmt;

/// What a node is known by to the disk. Zero stands for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReservationKey(pub u64);

impl fmt::Display for ReservationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}", self.0)
    }
}

/// Who may do what while a disk is reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ReservationKind {
    /// The holder writes; everybody reads.
    WriteExclusive,
    /// The holder writes and reads; nobody else does.
    ExclusiveAccess,
    /// Whoever is registered writes; everybody reads. It goes with the registration of its holder.
    WriteExclusiveRegistrantsOnly,
    /// Whoever is registered writes and reads; nobody else does. It goes with the registration of its holder.
    ExclusiveAccessRegistrantsOnly,
    /// Whoever is registered holds it and writes; everybody reads.
    WriteExclusiveAllRegistrants,
    /// Whoever is registered holds it, writes and reads; nobody else does.
    ExclusiveAccessAllRegistrants,
}

impl ReservationKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::WriteExclusive,
        Self::ExclusiveAccess,
        Self::WriteExclusiveRegistrantsOnly,
        Self::ExclusiveAccessRegistrantsOnly,
        Self::WriteExclusiveAllRegistrants,
        Self::ExclusiveAccessAllRegistrants,
    ];

    /// Whether everybody may read.
    pub const fn lets_read(self) -> bool {
        matches!(
            self,
            Self::WriteExclusive | Self::WriteExclusiveRegistrantsOnly | Self::WriteExclusiveAllRegistrants
        )
    }

    /// Whether whoever is registered may do what the holder may.
    pub const fn lets_registrants_in(self) -> bool {
        !matches!(self, Self::WriteExclusive | Self::ExclusiveAccess)
    }

    /// The number that Linux has for it.
    const fn linux(self) -> u32 {
        match self {
            Self::WriteExclusive => 1,
            Self::ExclusiveAccess => 2,
            Self::WriteExclusiveRegistrantsOnly => 3,
            Self::ExclusiveAccessRegistrantsOnly => 4,
            Self::WriteExclusiveAllRegistrants => 5,
            Self::ExclusiveAccessAllRegistrants => 6,
        }
    }

    /// The kind that a disk names by a number of SCSI's.
    const fn of_scsi(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::WriteExclusive,
            3 => Self::ExclusiveAccess,
            5 => Self::WriteExclusiveRegistrantsOnly,
            6 => Self::ExclusiveAccessRegistrantsOnly,
            7 => Self::WriteExclusiveAllRegistrants,
            8 => Self::ExclusiveAccessAllRegistrants,
            _ => return None,
        })
    }
}
