//! A disk by one of its paths.

use std::fs::File;
use std::path::Path;

use super::abi::{self, Clear, Preempt, Question, Registration, Reserve};
use super::error::{ReservationError, ReservationStep};
use super::system::{self, Outcome};
use super::{ReservationKey, ReservationKind};

/// "Whatever key is registered": PR_FL_IGNORE_KEY.
const IGNORE_KEY: u32 = 1;
/// Keys that are read at first: more than a cluster has nodes and paths, as a rule.
const USUAL_KEYS: usize = 32;
/// The most that an answer can be asked for.
const LONGEST_ANSWER: usize = u16::MAX as usize;

/// SCSI's status of a command that was not done, for a reason that the disk tells.
const CHECK_CONDITION: u32 = 2;
/// How often a disk may have something to tell before it does a command.
const ATTENTIONS: usize = 8;

/// What becomes of commands that the disk has taken from the other node, and not done yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueuedCommands {
    /// They are done, before or after the preemption returns.
    Finish,
    /// They are dropped before the preemption returns.
    Abort,
}

/// The keys that are registered with a disk: one for each path of each node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registrations {
    /// Counts the changes of the disk's registrations.
    pub generation: u32,
    /// The keys, in the order of the disk.
    pub keys: Vec<ReservationKey>,
}

/// A reservation of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Its holder's key; zero where all that are registered hold it.
    pub key: ReservationKey,
    /// Who may do what.
    pub kind: ReservationKind,
}

/// A disk that several nodes share, by one of its paths. What is registered stays when this is dropped.
#[derive(Debug)]
pub struct SharedDisk {
    file: File,
    path: Box<str>,
}

impl SharedDisk {
    /// Open a disk, for example `/dev/sdb`.
    ///
    /// # Errors
    /// When it cannot be opened to read and write.
    pub fn open(path: &Path) -> Result<Self, ReservationError> {
        let name = path.to_string_lossy();
        match File::options().read(true).write(true).open(path) {
            Ok(file) => Ok(Self { file, path: name.into() }),
            Err(source) => Err(ReservationError::Open { path: name.into(), source }),
        }
    }

    /// Register a key by this path, in place of whichever was registered by it.
    ///
    /// # Errors
    /// Why the disk refuses.
    pub fn register(&self, key: ReservationKey) -> Result<(), ReservationError> {
        self.register_over(ReservationKey(0), key, IGNORE_KEY)
    }

    /// Register `new` in place of `old`, if that is the one that is registered by this path. A node that was preempted is refused.
    ///
    /// # Errors
    /// Why the disk refuses; [`ReservationError::Conflict`] when another key is registered, or none.
    pub fn change_key(&self, old: ReservationKey, new: ReservationKey) -> Result<(), ReservationError> {
        self.register_over(old, new, 0)
    }

    /// Take this path's key away. A reservation that it holds goes with it.
    ///
    /// # Errors
    /// Why the disk refuses; [`ReservationError::Conflict`] when another key is registered, or none.
    pub fn unregister(&self, key: ReservationKey) -> Result<(), ReservationError> {
        self.register_over(key, ReservationKey(0), 0)
    }

    fn register_over(
        &self,
        old: ReservationKey,
        new: ReservationKey,
        flags: u32,
    ) -> Result<(), ReservationError> {
        let request = Registration { old_key: old.0, new_key: new.0, flags, padding: 0 };
        self.checked(ReservationStep::Register, || system::register(&self.file, &request))
    }

    /// Reserve the disk. `key` is the one that is registered by this path. To reserve again what one holds changes nothing.
    ///
    /// # Errors
    /// Why the disk refuses; [`ReservationError::Conflict`] when another node holds a reservation.
    pub fn reserve(&self, key: ReservationKey, kind: ReservationKind) -> Result<(), ReservationError> {
        let request = Reserve { key: key.0, kind: kind.linux(), flags: 0 };
        self.checked(ReservationStep::Reserve, || system::reserve(&self.file, &request))
    }

    /// Give up the reservation that this path holds. The registration stays. Who holds none releases nothing, which is no error.
    ///
    /// # Errors
    /// Why the disk refuses; it does when the reservation is of another kind.
    pub fn release(&self, key: ReservationKey, kind: ReservationKind) -> Result<(), ReservationError> {
        let request = Reserve { key: key.0, kind: kind.linux(), flags: 0 };
        self.checked(ReservationStep::Release, || system::release(&self.file, &request))
    }

    /// Take away all registrations with the key `other`. Where that held the reservation, `own`, which is registered by this path, holds one of
    /// `kind` afterwards. With [`QueuedCommands::Abort`] nothing that the other node wrote is done after this returns.
    ///
    /// # Errors
    /// Why the disk refuses; [`ReservationError::Conflict`] when `other` is not registered, or `own` is not by this path.
    pub fn preempt(
        &self,
        own: ReservationKey,
        other: ReservationKey,
        kind: ReservationKind,
        queued: QueuedCommands,
    ) -> Result<(), ReservationError> {
        let request = Preempt { own_key: own.0, other_key: other.0, kind: kind.linux(), flags: 0 };
        let aborts = queued == QueuedCommands::Abort;
        self.checked(ReservationStep::Preempt, || system::preempt(&self.file, &request, aborts))
    }

    /// Take away the reservation and all registrations, one's own among them. `key` is the one that is registered by this path.
    ///
    /// # Errors
    /// Why the disk refuses.
    pub fn clear(&self, key: ReservationKey) -> Result<(), ReservationError> {
        let request = Clear { key: key.0, flags: 0, padding: 0 };
        self.checked(ReservationStep::Clear, || system::clear(&self.file, &request))
    }

    /// The keys that are registered. Nobody need be registered to read them.
    ///
    /// # Errors
    /// When the disk does not tell.
    pub fn keys(&self) -> Result<Registrations, ReservationError> {
        let step = ReservationStep::ReadKeys;
        let mut answer = vec![0; 8 + 8 * USUAL_KEYS];
        loop {
            self.checked(step, || system::ask(&self.file, Question::Keys, &mut answer))?;
            let read = abi::keys(&answer);
            let (registrations, length) =
                read.ok_or_else(|| ReservationError::Answer { path: self.path.clone(), step })?;
            // Others may register meanwhile; a disk that has more than can be asked for tells the first ones.
            if length <= answer.len() || answer.len() == LONGEST_ANSWER {
                return Ok(registrations);
            }
            answer.resize(length.min(LONGEST_ANSWER), 0);
        }
    }

    /// The reservation, if there is one. Nobody need be registered to read it.
    ///
    /// # Errors
    /// When the disk does not tell.
    pub fn reservation(&self) -> Result<Option<Reservation>, ReservationError> {
        let step = ReservationStep::ReadReservation;
        let mut answer = [0; 24];
        self.checked(step, || system::ask(&self.file, Question::Reservation, &mut answer))?;
        abi::reservation(&answer).ok_or_else(|| ReservationError::Answer { path: self.path.clone(), step })
    }

    /// Have the disk do a command. In place of doing one, a disk tells each path once of what has happened to it (unit attention):
    /// that its registration was preempted, for example. Then it is asked again.
    fn checked(
        &self,
        step: ReservationStep,
        mut command: impl FnMut() -> Outcome,
    ) -> Result<(), ReservationError> {
        let mut outcome = command();
        for _ in 0..ATTENTIONS {
            if !matches!(outcome, Ok(CHECK_CONDITION)) {
                break;
            }
            outcome = command();
        }
        ReservationError::of(&self.path, step, outcome).map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_disk_says_so() {
        let said = |path: &str| SharedDisk::open(path.as_ref()).unwrap_err().to_string();
        assert!(
            said("/dev/no-such-disk").starts_with("/dev/no-such-disk cannot be opened to read and write: ")
        );
        let disk = SharedDisk::open("/dev/null".as_ref()).unwrap();
        let text = disk.register(ReservationKey(1)).unwrap_err().to_string();
        assert!(
            text.starts_with("/dev/null refuses to register a key: it has no persistent reserv"),
            "{text}"
        );
        let text = disk.keys().unwrap_err().to_string();
        assert!(
            text.starts_with("/dev/null refuses to read its keys: it has no persistent reserv"),
            "{text}"
        );
    }
}
