//! A host's queue pairs: which path each is on, and which it is to move to.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use ib_mad::Qpn;
use ib_mad::wire::PathRecord;
use path_record::{ChangedFields, PathProperties};

use super::paths::PathId;

/// A connected queue pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QueuePair {
    /// Its number.
    pub number: Qpn,
    /// What its path is asked for by.
    pub path: PathId,
    /// The record that it was set up with; `None` to take the first answer for it.
    pub record: Option<PathRecord>,
}

/// Names one attempt to reconfigure a queue pair, so that a late completion is never taken for that of a newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId {
    /// The queue pair.
    pub queue_pair: Qpn,
    /// Which attempt on it, from 1.
    pub attempt: u32,
}

/// A queue pair is to move to another path record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reconfiguration {
    /// Give it back with the outcome.
    pub id: AttemptId,
    /// The record that the queue pair is on.
    pub old: PathRecord,
    /// The record that it is to move to.
    pub new: PathRecord,
    /// What differs.
    pub fields: ChangedFields,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Entry {
    path: PathId,
    record: Option<PathRecord>,
    /// The record that the attempt under way moves it to. There is one at a time: only its outcome tells where the
    /// queue pair is, and with that what to do next.
    target: Option<PathRecord>,
    attempt: u32,
    /// The last attempt failed, and none has begun since.
    has_failed: bool,
}

/// What comparing a queue pair with an answer found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Same,
    /// It had no record; now it has this one.
    Resolved(PathRecord),
    Differs(Reconfiguration),
}

fn changed(old: &PathRecord, new: &PathRecord) -> ChangedFields {
    ChangedFields::between(&PathProperties::of(old), &PathProperties::of(new))
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct QueuePairs {
    entries: BTreeMap<Qpn, Entry>,
    by_path: BTreeSet<(PathId, Qpn)>,
    /// Attempts whose outcome is not known.
    moving: usize,
    /// Queue pairs whose last attempt failed.
    failed: usize,
}

impl QueuePairs {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn contains(&self, number: Qpn) -> bool {
        self.entries.contains_key(&number)
    }

    /// Whether no queue pair is moving or has to be moved again.
    pub(super) fn is_settled(&self) -> bool {
        self.moving == 0 && self.failed == 0
    }

    pub(super) fn path_of(&self, number: Qpn) -> Option<PathId> {
        self.entries.get(&number).map(|entry| entry.path)
    }

    pub(super) fn record(&self, number: Qpn) -> Option<&PathRecord> {
        self.entries.get(&number)?.record.as_ref()
    }

    pub(super) fn unresolved(&self) -> usize {
        self.entries.values().filter(|entry| entry.record.is_none()).count()
    }

    pub(super) fn insert(&mut self, queue_pair: QueuePair) {
        let QueuePair { number, path, record } = queue_pair;
        self.entries.insert(number, Entry { path, record, target: None, attempt: 0, has_failed: false });
        self.by_path.insert((path, number));
    }

    pub(super) fn remove(&mut self, number: Qpn) -> Option<PathId> {
        let entry = self.entries.remove(&number)?;
        self.by_path.remove(&(entry.path, number));
        self.moving -= usize::from(entry.target.is_some());
        self.failed -= usize::from(entry.has_failed);
        Some(entry.path)
    }

    /// The queue pairs on a path.
    pub(super) fn users(&self, path: PathId) -> impl Iterator<Item = Qpn> + '_ {
        let first = Qpn::SUBNET_MANAGEMENT;
        self.by_path.range((path, first)..).take_while(move |(of, _)| *of == path).map(|(_, number)| *number)
    }

    /// Compare a queue pair with the newest answer for its path. One that is moving is left alone until it is known
    /// where it is.
    pub(super) fn compare(&mut self, number: Qpn, latest: &PathRecord) -> Comparison {
        let Some(entry) = self.entries.get_mut(&number) else { return Comparison::Same };
        let Some(old) = entry.record else {
            entry.record = Some(*latest);
            return Comparison::Resolved(*latest);
        };
        if entry.target.is_some() {
            return Comparison::Same;
        }
        self.failed -= usize::from(core::mem::take(&mut entry.has_failed));
        let fields = changed(&old, latest);
        if fields.is_empty() {
            return Comparison::Same;
        }
        entry.target = Some(*latest);
        entry.attempt = entry.attempt.wrapping_add(1);
        self.moving += 1;
        let id = AttemptId { queue_pair: number, attempt: entry.attempt };
        Comparison::Differs(Reconfiguration { id, old, new: *latest, fields })
    }

    /// The outcome of the attempt under way; `None` when it is another's, or the queue pair is gone.
    pub(super) fn complete(&mut self, id: AttemptId, moved: bool) -> Option<PathId> {
        let entry = self.entries.get_mut(&id.queue_pair)?;
        if entry.attempt != id.attempt {
            return None;
        }
        let target = entry.target.take()?;
        self.moving -= 1;
        if moved {
            entry.record = Some(target);
        } else {
            entry.has_failed = true;
            self.failed += 1;
        }
        Some(entry.path)
    }

    /// The path is gone: what could not be moved to it stays where it is.
    pub(super) fn give_up(&mut self, path: PathId) {
        let users: Vec<Qpn> = self.users(path).collect();
        for number in users {
            if let Some(entry) = self.entries.get_mut(&number) {
                self.failed -= usize::from(core::mem::take(&mut entry.has_failed));
            }
        }
    }

    pub(super) fn rebase(&mut self) {
        for entry in self.entries.values_mut().filter(|entry| entry.target.is_none()) {
            entry.attempt = 0;
        }
    }
}
