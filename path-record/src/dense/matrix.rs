//! The matrix itself: its size, its cells, and how it goes over to another number of switches.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use ib_mad::ServiceLevel;

/// Service levels from each switch of a subnet to each other one, as a routing engine assigned them.
///
/// Switches go by their index, from 0; who owns the matrix decides which switch has which. The rows are the sources,
/// one after the other without gaps, one byte a pair: 10,000 switches take 100 MB. A subnet has fewer than 49,152
/// switches, one for each unicast LID at most, so an index has 16 bits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ServiceLevelMatrix {
    switches: u16,
    /// Row-major. A byte above 15 is no service level, and stands for a pair without a route.
    pub(super) levels: Vec<u8>,
}

/// The byte for a pair without a route.
const UNROUTED: u8 = 0xFF;

/// A pair of switches that a matrix does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("no pair of switches ({source_switch}, {destination_switch}) among {switches} switches")]
#[non_exhaustive]
pub struct NoSuchPair {
    /// Index of the source.
    pub source_switch: u16,
    /// Index of the destination.
    pub destination_switch: u16,
    /// Switches that there are.
    pub switches: u16,
}

impl ServiceLevelMatrix {
    /// A matrix for so many switches, no pair of which has a route. Takes the square of `switches` in bytes.
    pub fn new(switches: u16) -> Self {
        let side = usize::from(switches);
        Self { switches, levels: vec![UNROUTED; side * side] }
    }

    /// A matrix filled by a function of source and destination, which says `None` for a pair without a route.
    pub fn from_fn(switches: u16, mut level: impl FnMut(u16, u16) -> Option<ServiceLevel>) -> Self {
        let mut levels = Vec::with_capacity(usize::from(switches) * usize::from(switches));
        for source in 0..switches {
            levels.extend((0..switches).map(|destination| to_byte(level(source, destination))));
        }
        Self { switches, levels }
    }

    /// Number of switches.
    pub fn switches(&self) -> u16 {
        self.switches
    }

    /// Number of pairs that a comparison looks at: all but those of a switch with itself.
    pub fn pairs(&self) -> usize {
        let side = usize::from(self.switches);
        side * side.saturating_sub(1)
    }

    /// Service level from one switch to another; `None` when there is no route, or no such pair.
    pub fn get(&self, source: u16, destination: u16) -> Option<ServiceLevel> {
        self.offset(source, destination).ok().and_then(|offset| ServiceLevel::new(self.levels[offset]))
    }

    /// Assign the service level from one switch to another; `None` for no route.
    ///
    /// # Errors
    /// When either index is that of no switch.
    pub fn set(
        &mut self,
        source: u16,
        destination: u16,
        level: Option<ServiceLevel>,
    ) -> Result<(), NoSuchPair> {
        let offset = self.offset(source, destination)?;
        self.levels[offset] = to_byte(level);
        Ok(())
    }

    /// The rows, source by source: in each one byte a destination, above 15 where there is no route.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        // A chunk size of zero would panic; without switches there are no bytes to cut up either.
        self.levels.chunks_exact(usize::from(self.switches).max(1))
    }

    /// The same levels in the matrix of another set of switches, when some appeared, vanished or moved to another index.
    ///
    /// `old_index[i]` is the index here of the switch that has index `i` there, `None` for one that appeared; whoever
    /// numbers the switches finds it by their GUIDs. Pairs with such a switch have no route at first, and so count as
    /// changed by the [`update`](Self::update) that gives them one. Pairs with a switch that vanished are gone. Entries
    /// of `old_index` past the 65,535th are ignored.
    pub fn carried_over(&self, old_index: &[Option<u16>]) -> Self {
        let switches = u16::try_from(old_index.len()).unwrap_or(u16::MAX);
        Self::from_fn(switches, |source, destination| {
            let old_source = old_index[usize::from(source)]?;
            let old_destination = old_index[usize::from(destination)]?;
            self.get(old_source, old_destination)
        })
    }

    fn offset(&self, source_switch: u16, destination_switch: u16) -> Result<usize, NoSuchPair> {
        let switches = self.switches;
        if source_switch < switches && destination_switch < switches {
            Ok(usize::from(source_switch) * usize::from(switches) + usize::from(destination_switch))
        } else {
            Err(NoSuchPair { source_switch, destination_switch, switches })
        }
    }
}

impl fmt::Debug for ServiceLevelMatrix {
    /// The size only: a matrix can have a hundred million pairs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceLevelMatrix").field("switches", &self.switches).finish_non_exhaustive()
    }
}

fn to_byte(level: Option<ServiceLevel>) -> u8 {
    level.map_or(UNROUTED, ServiceLevel::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(level: u8) -> Option<ServiceLevel> {
        ServiceLevel::new(level)
    }

    #[test]
    fn rows_are_the_sources() {
        let mut matrix = ServiceLevelMatrix::new(3);
        matrix.set(1, 2, level(7)).unwrap();
        let rows: Vec<&[u8]> = matrix.rows().collect();
        assert_eq!(rows, [[255, 255, 255], [255, 255, 7], [255, 255, 255]]);
        assert_eq!((matrix.get(1, 2), matrix.get(2, 1)), (level(7), None));
        matrix.set(1, 2, None).unwrap();
        assert_eq!(matrix, ServiceLevelMatrix::new(3));
    }

    #[test]
    fn pairs_out_of_range_are_named() {
        let mut matrix = ServiceLevelMatrix::new(3);
        for (source, destination) in [(3, 0), (0, 3), (u16::MAX, u16::MAX)] {
            assert_eq!(matrix.get(source, destination), None);
            let error = matrix.set(source, destination, level(1)).unwrap_err();
            assert_eq!((error.source_switch, error.destination_switch), (source, destination));
        }
        assert_eq!(matrix, ServiceLevelMatrix::new(3), "nothing was written elsewhere");
    }

    #[test]
    fn no_switches_are_no_pairs() {
        let matrix = ServiceLevelMatrix::new(0);
        assert_eq!((matrix.pairs(), matrix.rows().count(), matrix.get(0, 0)), (0, 0, None));
    }

    #[test]
    fn switches_keep_their_levels_under_another_index() {
        let old =
            ServiceLevelMatrix::from_fn(3, |source, destination| level((source * 4 + destination) as u8));
        // Switch 1 vanished, switch 2 is the first now, one appeared between it and switch 0.
        let new = old.carried_over(&[Some(2), None, Some(0)]);
        let rows: Vec<&[u8]> = new.rows().collect();
        assert_eq!(rows, [[10, 255, 8], [255, 255, 255], [2, 255, 0]]);
    }
}
