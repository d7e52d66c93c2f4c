use core::array;

/// A queue of at most `N` entries, addressed by their distance from its front.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ring<T, const N: usize> {
    /// Vacant places are `None`, so that equal queues at the same place are equal values.
    places: [Option<T>; N],
    front: usize,
    length: usize,
}

impl<T, const N: usize> Ring<T, N> {
    pub(crate) fn new() -> Self {
        Self { places: array::from_fn(|_| None), front: 0, length: 0 }
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
        if place < N { place } else { place - N }
    }

    /// Put an entry at the end; `false` when there is no place.
    #[inline]
    pub(crate) fn push(&mut self, entry: T) -> bool {
        if self.length >= N {
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
        let entry = self.places[self.front].take();
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

    #[inline]
    pub(crate) fn last(&self) -> Option<&T> {
        self.get(self.length.checked_sub(1)?)
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
        let mut ring = Ring::<u8, 0>::new();
        assert!(!ring.push(1) && ring.pop().is_none() && ring.iter().next().is_none());
        assert_eq!((ring.len(), ring.last(), ring.get(0)), (0, None, None));
    }

    quickcheck::quickcheck! {
        fn does_what_a_bounded_deque_does(operations: Vec<Option<u8>>) -> bool {
            let (mut ring, mut model) = (Ring::<u8, 5>::new(), VecDeque::new());
            operations.into_iter().all(|operation| {
                let same = match operation {
                    Some(entry) => ring.push(entry) == (model.len() < 5 && { model.push_back(entry); true }),
                    None => ring.pop() == model.pop_front(),
                };
                ring.iter_mut().zip(&mut model).for_each(|(one, other)| { *one ^= 1; *other ^= 1; });
                same && ring.iter().eq(&model)
                    && (0..7).all(|offset| ring.get(offset) == model.get(offset))
                    && (0..7).all(|offset| ring.get_mut(offset) == model.get_mut(offset))
                    && ring.last() == model.back() && ring.len() == model.len()
            })
        }
    }
}
