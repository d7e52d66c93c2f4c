//! The paths that a host's queue pairs use: which of them have to be asked for, and which have been.

use core::time::Duration;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use ib_mad::request::RequestId;
use ib_mad::wire::{PathRecord, PathRecordQuery};
use ib_mad::{Gid, PKey};

/// What a path is asked for by, from the host's own port. Queue pairs with the same path share one query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathId {
    /// The port at the other end.
    pub destination: Gid,
    /// The partition, when the queue pair has to stay in one.
    pub p_key: Option<PKey>,
    /// The service, when the path is to suit one.
    pub service_id: Option<u64>,
}

impl PathId {
    /// Any path to the port `destination`.
    pub const fn to(destination: Gid) -> Self {
        Self { destination, p_key: None, service_id: None }
    }

    /// The query for this path from the port `source`.
    pub fn query(&self, source: Gid) -> PathRecordQuery {
        let query =
            PathRecordQuery::new().source_gid(source).destination_gid(self.destination).number_of_paths(1);
        let query = self.p_key.map_or(query, |key| query.p_key(key));
        self.service_id.map_or(query, |id| query.service_id(id))
    }
}

/// Counts what makes earlier answers stale: Reports, a new manager, a renewed subscription.
pub(super) type Generation = u64;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PathState {
    /// Queue pairs that use it.
    users: usize,
    /// The newest answer; `None` before the first, and while the manager knows no such path.
    latest: Option<PathRecord>,
    /// Generation of the newest answer.
    answered: Generation,
    /// The query under way.
    asking: Option<(RequestId, Generation)>,
    /// When to ask again after a failure.
    retry: Option<Duration>,
}

/// The paths, by what has to be done for each. Every path that is not up to date is in exactly one of: the queue to
/// ask, the requests under way, the retries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Paths {
    paths: BTreeMap<PathId, PathState>,
    to_ask: VecDeque<PathId>,
    asking: BTreeMap<RequestId, PathId>,
    retries: BTreeSet<(Duration, PathId)>,
    generation: Generation,
    /// Paths whose newest answer is older than the generation.
    behind: usize,
}

impl Paths {
    pub(super) fn generation(&self) -> Generation {
        self.generation
    }

    /// Whether every path has been answered since the last signal.
    pub(super) fn is_current(&self) -> bool {
        self.behind == 0
    }

    pub(super) fn latest(&self, path: &PathId) -> Option<&PathRecord> {
        self.paths.get(path)?.latest.as_ref()
    }

    /// One more queue pair uses the path.
    pub(super) fn add_user(&mut self, path: PathId) {
        if let Some(state) = self.paths.get_mut(&path) {
            state.users += 1;
            return;
        }
        // Behind even in generation 0: it has never been asked for.
        let generation = self.generation.max(1);
        self.generation = generation;
        let state = PathState { users: 1, latest: None, answered: generation - 1, asking: None, retry: None };
        self.paths.insert(path, state);
        self.behind += 1;
        self.to_ask.push_back(path);
    }

    /// One queue pair fewer uses the path; the request to cancel, when it was the last and is being asked for.
    pub(super) fn remove_user(&mut self, path: &PathId) -> Option<RequestId> {
        let state = self.paths.get_mut(path)?;
        state.users -= 1;
        if state.users > 0 {
            return None;
        }
        let state = self.paths.remove(path)?;
        if state.answered < self.generation {
            self.behind -= 1;
        }
        if let Some(at) = state.retry {
            self.retries.remove(&(at, *path));
        }
        self.to_ask.retain(|waiting| waiting != path);
        let (id, _) = state.asking?;
        self.asking.remove(&id);
        Some(id)
    }

    /// Every answer so far is stale: ask for every path again.
    pub(super) fn signal(&mut self) {
        self.generation += 1;
        self.behind = self.paths.len();
        self.retries.clear();
        self.to_ask.clear();
        for (path, state) in &mut self.paths {
            state.retry = None;
            // One under way is asked again when its answer is in: the answer may be older than the signal.
            if state.asking.is_none() {
                self.to_ask.push_back(*path);
            }
        }
    }

    /// The next path to ask for.
    pub(super) fn next_to_ask(&self) -> Option<PathId> {
        self.to_ask.front().copied()
    }

    /// The next path is being asked for now.
    pub(super) fn asked(&mut self, id: RequestId) {
        let Some(path) = self.to_ask.pop_front() else { return };
        if let Some(state) = self.paths.get_mut(&path) {
            state.asking = Some((id, self.generation));
            self.asking.insert(id, path);
        }
    }

    /// The manager's answer: a record, or that there is none. Returns the path that was asked for.
    pub(super) fn answered(&mut self, id: RequestId, latest: Option<PathRecord>) -> Option<PathId> {
        let path = self.asking.remove(&id)?;
        let state = self.paths.get_mut(&path)?;
        let (_, asked) = state.asking.take()?;
        state.latest = latest;
        if asked < self.generation {
            self.to_ask.push_back(path);
        } else if state.answered < self.generation {
            state.answered = self.generation;
            self.behind -= 1;
        }
        Some(path)
    }

    /// Ask again at `at`: the manager did not answer, or knew no such path, or the queue pair could not be moved.
    pub(super) fn retry(&mut self, at: Duration, path: PathId) {
        if let Some(state) = self.paths.get_mut(&path)
            && state.asking.is_none()
            && state.retry.is_none()
            && !self.to_ask.contains(&path)
        {
            state.retry = Some(at);
            self.retries.insert((at, path));
        }
    }

    /// The query failed without an answer: returns the path that was asked for.
    pub(super) fn failed(&mut self, id: RequestId) -> Option<PathId> {
        let path = self.asking.remove(&id)?;
        let state = self.paths.get_mut(&path)?;
        let (_, asked) = state.asking.take()?;
        if asked < self.generation {
            self.to_ask.push_back(path);
        }
        Some(path)
    }

    /// Move the retries whose time has come to the queue.
    pub(super) fn handle_timeout(&mut self, now: Duration) {
        while let Some((at, path)) = self.retries.first().copied()
            && at <= now
        {
            self.retries.remove(&(at, path));
            if let Some(state) = self.paths.get_mut(&path) {
                state.retry = None;
                self.to_ask.push_back(path);
            }
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        self.retries.first().map(|(at, _)| *at)
    }

    pub(super) fn rebase(&mut self, epoch: Duration) {
        self.retries = self.retries.iter().map(|(at, path)| (at.saturating_sub(epoch), *path)).collect();
        for state in self.paths.values_mut() {
            state.retry = state.retry.map(|at| at.saturating_sub(epoch));
            // Only the distance to the generation matters: without this a search over signals has no end.
            state.answered = u64::from(state.answered >= self.generation);
            state.asking = state.asking.map(|(id, asked)| (id, u64::from(asked >= self.generation)));
        }
        self.generation = 1;
    }
}
