//! Dependencies of channels that never make a cycle.

use alloc::vec::Vec;

use crate::channels::Channels;

/// The dependencies that a graph can have: of each channel on each channel that leaves its head. Each has a number.
#[derive(Clone, Debug)]
pub(crate) struct Dependencies<'c> {
    channels: &'c Channels,
    /// Of each channel: its first dependency. One more entry ends the last.
    first: Vec<u32>,
    /// Of each dependency: the channel that waits.
    waiting: Vec<u32>,
}

impl<'c> Dependencies<'c> {
    pub(crate) fn new(channels: &'c Channels) -> Self {
        let mut first = Vec::with_capacity(channels.count() + 1);
        let mut waiting = Vec::new();
        for channel in 0..channels.count() {
            first.push(waiting.len() as u32);
            let count = channels.neighbours(channels.head(channel)).len();
            waiting.resize(waiting.len() + count, channel as u32);
        }
        first.push(waiting.len() as u32);
        Self { channels, first, waiting }
    }

    pub(crate) fn channels(&self) -> &'c Channels {
        self.channels
    }

    pub(crate) fn count(&self) -> usize {
        self.waiting.len()
    }

    /// The dependency of a channel on the one with this place among those that leave its head.
    pub(crate) fn of(&self, channel: usize, place: usize) -> usize {
        self.first[channel] as usize + place
    }

    /// The channel that waits, and the one that it waits for.
    fn ends(&self, dependency: usize) -> (usize, usize) {
        let channel = self.waiting[dependency] as usize;
        let place = dependency - self.first[channel] as usize;
        (channel, self.channels.of(self.channels.head(channel)).start + place)
    }
}

/// What is known of a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Nothing.
    Open,
    /// It is in the set.
    In,
    /// It would close a cycle of dependencies that stay: it always will.
    Closing,
}

/// A growing set of dependencies without a cycle.
///
/// It keeps an order of the channels in which each comes before those that it waits for, and moves channels when a dependency
/// disagrees: D. J. Pearce and P. H. J. Kelly, "A dynamic topological sort algorithm for directed acyclic graphs", 2007. What agrees
/// with the order costs nothing, the rest a search among the channels between the two ends. And nothing is searched for
/// twice: what closed a cycle once does so for ever.
#[derive(Clone, Debug)]
pub(crate) struct Acyclic {
    known: Vec<Known>,
    /// Of each channel: its place in the order.
    place: Vec<u32>,
    search: Search,
    /// Channels that searches have looked at.
    effort: u64,
}

/// Room for a search, empty between searches.
#[derive(Clone, Debug, Default)]
struct Search {
    visited: Vec<bool>,
    stack: Vec<u32>,
    ahead: Vec<u32>,
    behind: Vec<u32>,
    places: Vec<u32>,
    tentative: Vec<u32>,
}

impl Acyclic {
    pub(crate) fn new(dependencies: &Dependencies<'_>) -> Self {
        let count = dependencies.channels.count();
        Self {
            known: vec![Known::Open; dependencies.count()],
            place: (0..count as u32).collect(),
            search: Search { visited: vec![false; count], ..Search::default() },
            effort: 0,
        }
    }

    /// Take a dependency in, unless that would close a cycle. Whether it is in now.
    fn insert(&mut self, dependencies: &Dependencies<'_>, dependency: usize) -> bool {
        if self.known[dependency] == Known::Open {
            let (from, to) = dependencies.ends(dependency);
            let fits = self.place[from] < self.place[to] || self.reorder(dependencies, from, to);
            self.known[dependency] = if fits { Known::In } else { Known::Closing };
        }
        self.known[dependency] == Known::In
    }

    /// How many channels searches have looked at: a measure of the time that does not depend on the machine.
    pub(crate) fn effort(&self) -> u64 {
        self.effort
    }

    /// Whether a dependency is in, or agrees with the order: all of these together make no cycle.
    pub(crate) fn admits(&self, dependencies: &Dependencies<'_>, dependency: usize) -> bool {
        let (from, to) = dependencies.ends(dependency);
        self.place[from] < self.place[to]
    }

    /// Take all of these in, or, when they would close a cycle, none. Whether they are in now.
    pub(crate) fn insert_all(&mut self, dependencies: &Dependencies<'_>, wanted: &[u32]) -> bool {
        if wanted.iter().any(|&dependency| self.known[dependency as usize] == Known::Closing) {
            return false;
        }
        self.search.tentative.clear();
        for &dependency in wanted {
            let known = self.known[dependency as usize];
            if known == Known::In {
                continue;
            }
            if !self.insert(dependencies, dependency as usize) {
                self.undo(dependencies, dependency as usize);
                return false;
            }
            self.search.tentative.push(dependency);
        }
        true
    }

    /// Take out what was taken in before `refused` was found to close a cycle; find out whether it does without them.
    fn undo(&mut self, dependencies: &Dependencies<'_>, refused: usize) {
        if self.search.tentative.is_empty() {
            return;
        }
        for &dependency in &self.search.tentative {
            self.known[dependency as usize] = Known::Open;
        }
        self.known[refused] = Known::Open;
        if self.insert(dependencies, refused) {
            self.known[refused] = Known::Open;
        }
    }

    /// Have `from` come before `to`. Not when `to` comes before `from` by what is in the set.
    fn reorder(&mut self, dependencies: &Dependencies<'_>, from: usize, to: usize) -> bool {
        let channels = dependencies.channels;
        let Self { known, place, search, effort } = self;
        let (first, last) = (place[to], place[from]);
        search.start(to);
        while let Some(channel) = search.stack.pop() {
            search.ahead.push(channel);
            *effort += 1;
            let channel = channel as usize;
            for (offset, next) in channels.of(channels.head(channel)).enumerate() {
                if known[dependencies.of(channel, offset)] != Known::In || place[next] > last {
                    continue;
                }
                if next == from {
                    search.give_up();
                    return false;
                }
                search.visit(next);
            }
        }
        search.start(from);
        while let Some(channel) = search.stack.pop() {
            search.behind.push(channel);
            *effort += 1;
            let channel = channel as usize;
            let tail = channels.head(channels.reverse(channel));
            let offset = channel - channels.of(tail).start;
            for back in channels.of(tail) {
                let previous = channels.reverse(back);
                if known[dependencies.of(previous, offset)] == Known::In && place[previous] >= first {
                    search.visit(previous);
                }
            }
        }
        search.share_places(place);
        true
    }
}

impl Search {
    fn start(&mut self, channel: usize) {
        self.visited[channel] = true;
        self.stack.push(channel as u32);
    }

    fn visit(&mut self, channel: usize) {
        if !self.visited[channel] {
            self.start(channel);
        }
    }

    fn give_up(&mut self) {
        for channel in self.ahead.drain(..).chain(self.stack.drain(..)) {
            self.visited[channel as usize] = false;
        }
    }

    /// Give the places of all that was found to what is behind, then to what is ahead, each in its order.
    fn share_places(&mut self, place: &mut [u32]) {
        self.behind.sort_unstable_by_key(|&channel| place[channel as usize]);
        self.ahead.sort_unstable_by_key(|&channel| place[channel as usize]);
        self.behind.append(&mut self.ahead);
        self.places.clear();
        self.places.extend(self.behind.iter().map(|&channel| place[channel as usize]));
        self.places.sort_unstable();
        for (channel, &new) in self.behind.drain(..).zip(&self.places) {
            place[channel as usize] = new;
            self.visited[channel as usize] = false;
        }
    }
}

#[cfg(test)]
#[path = "order_test.rs"]
mod tests;
