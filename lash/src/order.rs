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
    /// Of each channel: where it lies.
    around: Vec<Around>,
    /// Words of 64 bits that have a bit for each channel that leaves a switch.
    words: usize,
}

/// The switches at the ends of a channel, and the first channels that leave these.
#[derive(Clone, Copy, Debug)]
struct Around {
    head: u32,
    first_of_head: u32,
    tail: u32,
    first_of_tail: u32,
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
        let most = (0..channels.switch_count()).map(|switch| channels.of(switch).len()).max();
        let around = (0..channels.count()).map(|channel| {
            let (head, tail) = (channels.head(channel), channels.head(channels.reverse(channel)));
            let [first_of_head, first_of_tail] = [head, tail].map(|switch| channels.of(switch).start as u32);
            Around { head: head as u32, first_of_head, tail: tail as u32, first_of_tail }
        });
        let around = around.collect();
        Self { channels, first, waiting, around, words: most.unwrap_or(0).div_ceil(64).max(1) }
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
///
/// A search takes all channels that leave a switch together, as bits of a word.
#[derive(Clone, Debug)]
pub(crate) struct Acyclic {
    known: Vec<Known>,
    /// Of each channel: its place in the order.
    place: Vec<u32>,
    /// Of each place: the channel there.
    at: Vec<u32>,
    /// Of each channel, a bit for each channel that leaves its head: whether it waits for that one.
    after: Vec<u64>,
    /// Of each channel, a bit for each channel that leaves its tail: whether the one in the other direction waits for it.
    before: Vec<u64>,
    search: Search,
    /// Channels that searches have looked at.
    effort: u64,
}

/// Room for a search, empty between searches.
#[derive(Clone, Debug, Default)]
struct Search {
    ahead: Side,
    behind: Side,
    /// Of each channel, on which side it was found.
    found: Vec<Found>,
    /// A bit for each place.
    marked: Vec<u64>,
    both: Vec<u64>,
    in_order: Vec<u32>,
    tentative: Vec<u32>,
}

/// One side of a search.
#[derive(Clone, Debug, Default)]
struct Side {
    /// What was found, in the order in which it is looked at.
    channels: Vec<u32>,
    /// How many of these were looked at.
    read: usize,
    /// Of each switch, a bit for each channel that leaves it: whether it, or the one in the other direction, was met.
    seen: Vec<u64>,
    /// Words of these that are not zero.
    touched: Vec<u32>,
}

/// On which side of a search a channel was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Nowhere,
    Ahead,
    Behind,
}

/// What comes of looking at a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// There may be more.
    On,
    /// There was none left.
    Done,
    /// The other side is reached: a cycle.
    Met,
}

impl Acyclic {
    pub(crate) fn new(dependencies: &Dependencies<'_>) -> Self {
        let (count, words) = (dependencies.channels.count(), dependencies.words);
        let no_place = vec![0; count.div_ceil(64)];
        let no_channel = vec![0; dependencies.channels.switch_count() * words];
        Self {
            known: vec![Known::Open; dependencies.count()],
            place: (0..count as u32).collect(),
            at: (0..count as u32).collect(),
            after: vec![0; count * words],
            before: vec![0; count * words],
            search: Search {
                ahead: Side { seen: no_channel.clone(), ..Side::default() },
                behind: Side { seen: no_channel, ..Side::default() },
                found: vec![Found::Nowhere; count],
                marked: no_place.clone(),
                both: no_place,
                ..Search::default()
            },
            effort: 0,
        }
    }

    /// Take a dependency in, unless that would close a cycle. Whether it is in now.
    fn insert(&mut self, dependencies: &Dependencies<'_>, dependency: usize) -> bool {
        if self.known[dependency] == Known::Open {
            let (from, to) = dependencies.ends(dependency);
            let fits = self.place[from] < self.place[to] || self.reorder(dependencies, from, to);
            self.known[dependency] = if fits { Known::In } else { Known::Closing };
            if fits {
                self.turn(dependencies, from, to);
            }
        }
        self.known[dependency] == Known::In
    }

    /// Take a dependency out again.
    fn remove(&mut self, dependencies: &Dependencies<'_>, dependency: usize) {
        let (from, to) = dependencies.ends(dependency);
        self.known[dependency] = Known::Open;
        self.turn(dependencies, from, to);
    }

    /// Turn the bits of a dependency.
    fn turn(&mut self, dependencies: &Dependencies<'_>, from: usize, to: usize) {
        let Dependencies { channels, words, .. } = dependencies;
        let first = channels.of(channels.head(from)).start;
        let (after, before) = (to - first, channels.reverse(from) - first);
        self.after[from * words + after / 64] ^= 1 << (after % 64);
        self.before[to * words + before / 64] ^= 1 << (before % 64);
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
        for place in 0..self.search.tentative.len() {
            self.remove(dependencies, self.search.tentative[place] as usize);
        }
        self.known[refused] = Known::Open;
        if self.insert(dependencies, refused) {
            self.remove(dependencies, refused);
        }
    }

    /// Have `from` come before `to`. Not when `to` comes before `from` by what is in the set.
    fn reorder(&mut self, dependencies: &Dependencies<'_>, from: usize, to: usize) -> bool {
        let (first, last) = (self.place[to], self.place[from]);
        self.search.ahead.start(to, &mut self.search.found, Found::Ahead);
        self.search.behind.start(from, &mut self.search.found, Found::Behind);
        // A way from the one to the other is found from both ends; when one end leads no further, there is none.
        let is_cycle = loop {
            match self.look_ahead(dependencies, last) {
                Look::On => {}
                outcome => break outcome == Look::Met,
            }
            match self.look_behind(dependencies, first) {
                Look::On => {}
                outcome => break outcome == Look::Met,
            }
        };
        if !is_cycle {
            while self.look_ahead(dependencies, last) == Look::On {}
            while self.look_behind(dependencies, first) == Look::On {}
        }
        let Search { ahead, behind, found, .. } = &mut self.search;
        self.effort += (ahead.read + behind.read) as u64;
        ahead.stop(found);
        behind.stop(found);
        if is_cycle {
            ahead.channels.clear();
            behind.channels.clear();
        } else {
            self.share_places(first, last);
        }
        !is_cycle
    }

    /// Find the channels up to place `last` that the next one ahead waits for.
    fn look_ahead(&mut self, dependencies: &Dependencies<'_>, last: u32) -> Look {
        let Dependencies { around, words, .. } = dependencies;
        let Search { ahead, found, .. } = &mut self.search;
        let Some(channel) = ahead.next() else { return Look::Done };
        let Around { head, first_of_head, .. } = around[channel];
        for word in 0..*words {
            let mut new = ahead.see(head as usize * words + word, self.after[channel * words + word]);
            while new != 0 {
                let next = first_of_head as usize + word * 64 + new.trailing_zeros() as usize;
                new &= new - 1;
                if found[next] == Found::Behind {
                    return Look::Met;
                }
                if self.place[next] <= last {
                    ahead.add(next, found, Found::Ahead);
                }
            }
        }
        Look::On
    }

    /// Find the channels from place `first` on that wait for the next one behind.
    fn look_behind(&mut self, dependencies: &Dependencies<'_>, first: u32) -> Look {
        let Dependencies { channels, around, words, .. } = dependencies;
        let Search { behind, found, .. } = &mut self.search;
        let Some(channel) = behind.next() else { return Look::Done };
        let Around { tail, first_of_tail, .. } = around[channel];
        for word in 0..*words {
            let mut new = behind.see(tail as usize * words + word, self.before[channel * words + word]);
            while new != 0 {
                let back = first_of_tail as usize + word * 64 + new.trailing_zeros() as usize;
                let previous = channels.reverse(back);
                new &= new - 1;
                if found[previous] == Found::Ahead {
                    return Look::Met;
                }
                if self.place[previous] >= first {
                    behind.add(previous, found, Found::Behind);
                }
            }
        }
        Look::On
    }

    /// Give the places of all that was found, which lie between two, to what is behind, then to what is ahead, each in its order.
    fn share_places(&mut self, first: u32, last: u32) {
        let Self { place, at, search, .. } = self;
        let Search { ahead, behind, marked, both, in_order, .. } = search;
        let range = first as usize / 64..last as usize / 64 + 1;
        let (marked, both) = (&mut marked[range.clone()], &mut both[range.clone()]);
        let base = range.start * 64;
        for side in [behind, ahead] {
            for channel in side.channels.drain(..) {
                let place = place[channel as usize] as usize - base;
                marked[place / 64] |= 1 << (place % 64);
            }
            for (word, all) in marked.iter().zip(both.iter_mut()) {
                *all |= word;
            }
            in_order.extend(take_bits(marked).map(|place| at[base + place]));
        }
        for (channel, new) in in_order.drain(..).zip(take_bits(both)) {
            place[channel as usize] = (base + new) as u32;
            at[base + new] = channel;
        }
    }
}

impl Side {
    fn start(&mut self, channel: usize, found: &mut [Found], side: Found) {
        self.read = 0;
        self.add(channel, found, side);
    }

    fn add(&mut self, channel: usize, found: &mut [Found], side: Found) {
        found[channel] = side;
        self.channels.push(channel as u32);
    }

    fn next(&mut self) -> Option<usize> {
        let channel = *self.channels.get(self.read)?;
        self.read += 1;
        Some(channel as usize)
    }

    /// Of the channels of `mask` in a word those that were not seen yet.
    fn see(&mut self, word: usize, mask: u64) -> u64 {
        let seen = &mut self.seen[word];
        let new = mask & !*seen;
        if *seen == 0 && new != 0 {
            self.touched.push(word as u32);
        }
        *seen |= new;
        new
    }

    /// Forget all but what was found.
    fn stop(&mut self, found: &mut [Found]) {
        for &channel in &self.channels {
            found[channel as usize] = Found::Nowhere;
        }
        for word in self.touched.drain(..) {
            self.seen[word as usize] = 0;
        }
    }
}

/// The bits that are set, from the lowest. Then none is.
fn take_bits(words: &mut [u64]) -> impl Iterator<Item = usize> {
    words.iter_mut().enumerate().flat_map(|(place, word)| {
        let mut left = core::mem::take(word);
        core::iter::from_fn(move || {
            let bit = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (bit < 64).then_some(place * 64 + bit)
        })
    })
}

#[cfg(test)]
#[path = "order_test.rs"]
mod tests;
