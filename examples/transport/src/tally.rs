//! Counts datagrams by kind.

use core::fmt;
use std::collections::BTreeMap;

use ib_mad::wire::{Attribute, AttributeId, MAD_LENGTH, MadHeader, MadHeaderView, ManagementClass, Method};

use crate::channel::{Delivery, Incoming};

/// Kinds that are counted apart; a peer that sends random datagrams makes no more.
const KINDS: usize = 256;

/// Where a datagram went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Sent by this port.
    Sent,
    /// Received by it.
    Received,
    /// Sent by it, and returned by the fabric.
    Undeliverable,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Undeliverable => "undeliverable",
        })
    }
}

/// What tells datagrams apart in a [`Tally`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// Where it went.
    pub direction: Direction,
    /// Its class.
    pub class: ManagementClass,
    /// Its method.
    pub method: Method,
    /// Its attribute.
    pub attribute: AttributeId,
}

/// How many datagrams of each kind passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    kinds: BTreeMap<Kind, u64>,
    /// Those that were not counted apart.
    others: BTreeMap<Direction, u64>,
}

impl Tally {
    pub(crate) fn count_sent(&mut self, mad: &[u8; MAD_LENGTH]) {
        self.count(Direction::Sent, mad);
    }

    pub(crate) fn count_received(&mut self, incoming: &Incoming) {
        let direction = match incoming.delivery {
            Delivery::Received => Direction::Received,
            Delivery::Undeliverable => Direction::Undeliverable,
        };
        self.count(direction, &incoming.mad);
    }

    fn count(&mut self, direction: Direction, mad: &[u8; MAD_LENGTH]) {
        let full = self.kinds.len() >= KINDS;
        let kind = MadHeader::view(mad).ok().map(|header: &MadHeaderView| Kind {
            direction,
            class: header.class(),
            method: header.method(),
            attribute: header.attribute_id(),
        });
        let counter = match kind {
            Some(kind) if !full || self.kinds.contains_key(&kind) => self.kinds.entry(kind).or_default(),
            _ => self.others.entry(direction).or_default(),
        };
        *counter = counter.saturating_add(1);
    }

    /// Every kind seen, and how often.
    pub fn kinds(&self) -> impl Iterator<Item = (Kind, u64)> + '_ {
        self.kinds.iter().map(|(kind, count)| (*kind, *count))
    }

    /// All that was sent.
    pub fn sent(&self) -> u64 {
        self.sum(Direction::Sent)
    }

    /// All that was received; what the fabric returned is not among it.
    pub fn received(&self) -> u64 {
        self.sum(Direction::Received)
    }

    fn sum(&self, direction: Direction) -> u64 {
        let kinds = self.kinds.iter().filter(|(kind, _)| kind.direction == direction).map(|(_, count)| count);
        kinds.chain(self.others.get(&direction)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_datagrams_take_bounded_memory_and_are_all_counted() {
        let mut tally = Tally::default();
        let mut mad = [0; MAD_LENGTH];
        for number in 0..10_000_u16 {
            mad[16..18].copy_from_slice(&number.to_be_bytes());
            tally.count_sent(&mad);
        }
        assert_eq!(tally.kinds().count(), KINDS);
        assert_eq!((tally.sent(), tally.received()), (10_000, 0));
    }
}
