//! Switches in the order of their hops to a destination.

use alloc::vec::Vec;

use crate::distances::UNREACHABLE;

/// Sorts switches by their hops; keeps its room between uses.
#[derive(Debug, Default)]
pub(crate) struct HopsOrder {
    order: Vec<u16>,
}

impl HopsOrder {
    /// The nearest first, without the one at 0 hops and those that cannot reach the destination.
    pub(crate) fn nearest_first(&mut self, hops: &[u8]) -> &[u16] {
        let mut starts = [0_usize; 257];
        for &hops in hops {
            starts[usize::from(hops) + 1] += 1;
        }
        for hops in 1..starts.len() {
            starts[hops] += starts[hops - 1];
        }
        let others = starts[1]..starts[usize::from(UNREACHABLE)];
        self.order.resize(hops.len(), 0);
        for (switch, &hops) in hops.iter().enumerate() {
            let place = &mut starts[usize::from(hops)];
            self.order[*place] = switch as u16;
            *place += 1;
        }
        &self.order[others]
    }
}
