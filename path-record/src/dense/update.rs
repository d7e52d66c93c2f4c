//! The comparison: Algorithm 2 of US 2013/0124910 A1 over a matrix, at the speed of memory.

use ib_mad::ServiceLevel;

use super::ServiceLevelMatrix;

/// Two matrices are not of the same size: switches appeared or vanished between the two routings.
///
/// An index may then name another switch than before, so nothing can be compared place by place. Either carry the old
/// levels over with [`ServiceLevelMatrix::carried_over`], by the switches' GUIDs, and compare with that; or seed anew
/// ([`DenseDistinguisher::reseed`](super::DenseDistinguisher::reseed)) and signal every host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error(
    "the matrix has {old} switches and the next one {new}: carry the levels over by the switches' GUIDs, or seed anew and signal every host"
)]
#[non_exhaustive]
pub struct SizeMismatch {
    /// Switches of the old matrix.
    pub old: u16,
    /// Switches of the new one.
    pub new: u16,
}

/// Bytes that are looked at together. A block that is equal is read once; one that is not is read again, to count and
/// copy, from the first-level cache, in which two blocks have ample room.
const BLOCK: usize = 4096;

impl ServiceLevelMatrix {
    /// Take over the levels of `next` and return in how many pairs of switches they differ.
    ///
    /// A switch's level to itself is neither compared nor taken over. Every byte of both matrices is compared each time.
    ///
    /// # Errors
    /// [`SizeMismatch`] when `next` has another number of switches; this matrix is then as it was.
    pub fn update(&mut self, next: &Self) -> Result<usize, SizeMismatch> {
        let mut changes = 0;
        for (_, old, new) in self.differing_blocks(next)? {
            changes += count_differing(old, new);
            old.copy_from_slice(new);
        }
        Ok(changes)
    }

    /// Like [`update`](Self::update), and call `changed` with the source, the destination, the old and the new level of
    /// each pair that differs, in the order of the rows. A level is `None` where there is no route.
    ///
    /// # Errors
    /// [`SizeMismatch`] when `next` has another number of switches; this matrix is then as it was.
    pub fn update_with(
        &mut self,
        next: &Self,
        mut changed: impl FnMut(u16, u16, Option<ServiceLevel>, Option<ServiceLevel>),
    ) -> Result<usize, SizeMismatch> {
        let side = self.switches();
        let mut changes = 0;
        for (start, old, new) in self.differing_blocks(next)? {
            for (offset, (old, new)) in old.iter_mut().zip(new).enumerate() {
                if old != new {
                    let (source, destination) = pair_at(start + offset, side);
                    changed(source, destination, ServiceLevel::new(*old), ServiceLevel::new(*new));
                    *old = *new;
                    changes += 1;
                }
            }
        }
        Ok(changes)
    }

    /// The blocks in which `next` differs: where each starts, its old bytes and its new ones.
    ///
    /// In a row-major matrix of side n the diagonal is every (n + 1)th byte from the first, so that between two of its
    /// bytes lie n others in one piece. That is what makes long comparisons possible that leave the diagonal out.
    fn differing_blocks<'a>(
        &'a mut self,
        next: &'a Self,
    ) -> Result<impl Iterator<Item = (usize, &'a mut [u8], &'a [u8])>, SizeMismatch> {
        if self.switches() != next.switches() {
            return Err(SizeMismatch { old: self.switches(), new: next.switches() });
        }
        let side = usize::from(self.switches());
        let old_runs = self.levels.get_mut(1..).unwrap_or_default().chunks_exact_mut(side + 1);
        let new_runs = next.levels.get(1..).unwrap_or_default().chunks_exact(side + 1);
        let runs = old_runs.zip(new_runs).enumerate();
        Ok(runs.flat_map(move |(run, (old, new))| {
            let start = 1 + run * (side + 1);
            let blocks = old[..side].chunks_mut(BLOCK).zip(new[..side].chunks(BLOCK)).enumerate();
            blocks
                .filter(|(_, (old, new))| *old != *new)
                .map(move |(block, (old, new))| (start + block * BLOCK, old, new))
        }))
    }
}

/// The pair of switches whose level lies at `offset` of a matrix with `side` switches.
fn pair_at(offset: usize, side: u16) -> (u16, u16) {
    let side = usize::from(side);
    let index = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
    (index(offset / side), index(offset % side))
}

/// Number of places in which two slices of one length differ.
fn count_differing(old: &[u8], new: &[u8]) -> usize {
    // A counter of one byte for each piece lets the compiler compare 16 or more places at a time; it cannot overflow.
    const PIECE: usize = 255;
    old.chunks(PIECE)
        .zip(new.chunks(PIECE))
        .map(|(old, new)| {
            usize::from(old.iter().zip(new).fold(0u8, |count, (old, new)| count + u8::from(old != new)))
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    const UP: u8 = 0xFF;

    fn matrix<const N: usize>(rows: [[u8; N]; N]) -> ServiceLevelMatrix {
        ServiceLevelMatrix::from_fn(N as u16, |source, destination| {
            ServiceLevel::new(rows[usize::from(source)][usize::from(destination)])
        })
    }

    fn rows(matrix: &ServiceLevelMatrix) -> Vec<Vec<u8>> {
        matrix.rows().map(<[u8]>::to_vec).collect()
    }

    /// A ring of four switches after a link was lost: step by step as the algorithm goes.
    #[test]
    fn the_algorithm_step_by_step() {
        let mut old = matrix([[0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]]);
        let new = matrix([[7, 0, 1, 2], [0, 7, 0, 1], [1, 3, 7, UP], [0, 1, 0, 7]]);
        let mut steps = Vec::new();
        let changes = old.update_with(&new, |source, destination, was, is| {
            steps.push((source, destination, was.map(ServiceLevel::get), is.map(ServiceLevel::get)));
        });
        assert_eq!(changes, Ok(3));
        assert_eq!(steps, [(0, 3, Some(0), Some(2)), (2, 1, Some(0), Some(3)), (2, 3, Some(0), None)]);
        // Every pair was taken over, but not a switch's level to itself.
        assert_eq!(rows(&old), [[0, 0, 1, 2], [0, 0, 0, 1], [1, 3, 0, UP], [0, 1, 0, 0]]);
        assert_eq!(old.update(&new), Ok(0), "the second time there is nothing left to take over");
    }

    #[test]
    fn counting_and_listing_leave_the_same_behind() {
        let old = matrix([[0, 1, 2], [3, 4, 5], [6, 7, 8]]);
        let new = matrix([[9, 1, 9], [9, 9, 5], [6, 7, 9]]);
        let (mut counted, mut listed) = (old.clone(), old);
        assert_eq!(counted.update(&new), Ok(2));
        assert_eq!(listed.update_with(&new, |_, _, _, _| {}), Ok(2));
        assert_eq!(rows(&counted), [[0, 1, 9], [9, 4, 5], [6, 7, 8]]);
        assert_eq!(counted, listed);
    }

    #[test]
    fn the_smallest_matrices_have_nothing_to_compare() {
        for switches in [0, 1] {
            let mut old = ServiceLevelMatrix::new(switches);
            let new = ServiceLevelMatrix::from_fn(switches, |_, _| ServiceLevel::new(1));
            assert_eq!((old.update(&new), old.pairs()), (Ok(0), 0));
            assert_eq!(old, ServiceLevelMatrix::new(switches));
        }
    }

    #[test]
    fn another_size_is_refused_and_changes_nothing() {
        let mut old = matrix([[0, 1], [2, 3]]);
        let before = old.clone();
        let new = ServiceLevelMatrix::new(3);
        assert_eq!(old.update(&new), Err(SizeMismatch { old: 2, new: 3 }));
        assert_eq!(old.update_with(&new, |_, _, _, _| {}), Err(SizeMismatch { old: 2, new: 3 }));
        assert_eq!(old, before);
    }

    #[test]
    fn a_counter_holds_a_piece_that_differs_throughout() {
        for length in [0, 1, 254, 255, 256, 510, 511, BLOCK] {
            assert_eq!(count_differing(&vec![0; length], &vec![1; length]), length);
        }
    }
}
