use core::array;

/// A queue of at most `limit` entries, in `N` places, addressed by their distance from its front.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ring<T, const N: usize> {
    /// Vacant places are `None`, so that equal queues at the same place are equal values.
    places: [Option<T>; N],
    front: usize,
    length: usize,
    /// At most `N`.
    limit: usize,
}

impl<T, const N: usize> Ring<T, N> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { places: array::from_fn(|_| None), front: 0, length: 0, limit: limit.min(N) }
    }

    #[inline]
    pub(crate) const fn is_full(&self) -> bool {
        self.length >= self.limit
    }

    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.length == 0
    }

    #[inline]
    const fn place(&self, offset: usize) -> usize {
        let place = self.front + offset;
        // Where N is known, one of these is left.
        if N.is_power_of_two() {
            place & (N - 1)
        } else if place < N {
            place
        } else {
            place - N
        }
    }

    /// Put an entry at the end; `false` when there is no place.
    #[inline]
    pub(crate) fn push(&mut self, entry: T) -> bool {
        if self.is_full() {
            return false;
        }
        let place = self.place(self.length);
        self.places[place] = Some(entry);
        self.length += 1;
        true
    }

    /// Take the front entry.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        if self.length == 0 {
            return None;
        }
        let entry = self.places[self.place(0)].take();
        self.front = self.place(1);
        self.length -= 1;
        entry
    }

    #[inline]
    pub(crate) fn get(&self, offset: usize) -> Option<&T> {
        if offset < self.length { self.places[self.place(offset)].as_ref() } else { None }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, offset: usize) -> Option<&mut T> {
        if offset < self.length { self.places[self.place(offset)].as_mut() } else { None }
    }

    /// All entries, from the front.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let (behind, ahead) = self.places.split_at(self.front);
        ahead.iter().chain(behind).flatten()
    }

    /// All entries, from the front.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        let (behind, ahead) = self.places.split_at_mut(self.front);
        ahead.iter_mut().chain(behind).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::VecDeque;
    use alloc::vec::Vec;

    #[test]
    fn a_ring_without_places_is_full_and_empty() {
        let mut ring = Ring::<u8, 0>::new(7);
        assert!(!ring.push(1) && ring.pop().is_none() && ring.iter().next().is_none());
        assert_eq!((ring.len(), ring.get(0)), (0, None));
    }

    quickcheck::quickcheck! {
        fn does_what_a_bounded_deque_does(operations: Vec<Option<u8>>) -> bool {
            follows::<5>(5, &operations) && follows::<5>(3, &operations) && follows::<8>(9, &operations)
        }
    }

    fn follows<const N: usize>(limit: usize, operations: &[Option<u8>]) -> bool {
        let (mut ring, mut model) = (Ring::<u8, N>::new(limit), VecDeque::new());
        operations.iter().all(|&operation| {
            let same = match operation {
                Some(entry) => {
                    ring.push(entry)
                        == (model.len() < N.min(limit) && {
                            model.push_back(entry);
                            true
                        })
                }
                None => ring.pop() == model.pop_front(),
            };
            ring.iter_mut().zip(&mut model).for_each(|(one, other)| {
                *one ^= 1;
                *other ^= 1;
            });
            same && ring.iter().eq(&model)
                && (0..9).all(|offset| ring.get(offset) == model.get(offset))
                && (0..9).all(|offset| ring.get_mut(offset) == model.get_mut(offset))
                && ring.len() == model.len()
        })
    }
}
