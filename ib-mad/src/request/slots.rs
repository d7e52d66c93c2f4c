/// `N` places that values are put into and taken out of, with the number of times that each was used.
///
/// The place that has been free the longest is used next: so an id made of place and generation comes back as late as
/// possible.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Slots<T, const N: usize> {
    slots: [Slot<T>; N],
    /// Places that were never used start here. Those before it are taken, or in the list of free ones.
    first_unused: usize,
    /// Ends of the list of free places, linked through them; meaningless while it is empty.
    longest_free: usize,
    latest_free: usize,
    free_len: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Slot<T> {
    /// How many values have left this place, modulo `2^32`.
    generation: u32,
    state: State<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State<T> {
    Free { next: u16 },
    Taken(T),
}

impl<T, const N: usize> Slots<T, N> {
    /// So many places a `u16` can name, with one number left over for "none".
    const FITS: () = assert!(N >= 1 && N < u16::MAX as usize, "a table has 1 to 65534 places");

    pub(super) const fn new() -> Self {
        let () = Self::FITS;
        Self {
            slots: [const { Slot { generation: 0, state: State::Free { next: 0 } } }; N],
            first_unused: 0,
            longest_free: 0,
            latest_free: 0,
            free_len: 0,
        }
    }

    /// Values in all places together.
    pub(super) const fn len(&self) -> usize {
        self.first_unused - self.free_len
    }

    pub(super) const fn is_full(&self) -> bool {
        self.len() == N
    }

    /// How many values have left `place`.
    pub(super) const fn generation(&self, place: usize) -> u32 {
        self.slots[place].generation
    }

    pub(super) fn get(&self, place: usize) -> Option<&T> {
        match &self.slots.get(place)?.state {
            State::Taken(value) => Some(value),
            State::Free { .. } => None,
        }
    }

    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        match &mut self.slots.get_mut(place)?.state {
            State::Taken(value) => Some(value),
            State::Free { .. } => None,
        }
    }

    /// Put a value into a free place and return which; a full table hands the value back.
    pub(super) fn insert(&mut self, value: T) -> Result<usize, T> {
        let place = if self.first_unused < N {
            self.first_unused += 1;
            self.first_unused - 1
        } else if let Some(place) = self.take_longest_free() {
            place
        } else {
            return Err(value);
        };
        self.slots[place].state = State::Taken(value);
        Ok(place)
    }

    /// Take the value out of a place.
    pub(super) fn remove(&mut self, place: usize) -> Option<T> {
        let slot = self.slots.get_mut(place)?;
        if matches!(slot.state, State::Free { .. }) {
            return None;
        }
        slot.generation = slot.generation.wrapping_add(1);
        let taken = core::mem::replace(&mut slot.state, State::Free { next: 0 });
        if self.free_len == 0 {
            self.longest_free = place;
        } else {
            self.slots[self.latest_free].state = State::Free { next: place as u16 };
        }
        self.latest_free = place;
        self.free_len += 1;
        match taken {
            State::Taken(value) => Some(value),
            State::Free { .. } => None,
        }
    }

    fn take_longest_free(&mut self) -> Option<usize> {
        if self.free_len == 0 {
            return None;
        }
        let place = self.longest_free;
        self.free_len -= 1;
        self.longest_free = match self.slots[place].state {
            State::Free { next } if self.free_len > 0 => next.into(),
            // The list is empty: equal tables are to compare as equal.
            _ => 0,
        };
        if self.free_len == 0 {
            self.latest_free = 0;
        }
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn the_longest_free_place_is_used_next() {
        let mut slots = Slots::<u32, 3>::new();
        assert_eq!([1, 2, 3].map(|value| slots.insert(value)), [Ok(0), Ok(1), Ok(2)]);
        assert_eq!(slots.insert(4), Err(4));
        assert_eq!([2, 0, 1].map(|place| slots.remove(place)), [Some(3), Some(1), Some(2)]);
        assert_eq!(slots.remove(1), None, "it is free already");
        assert_eq!([5, 6].map(|value| slots.insert(value)), [Ok(2), Ok(0)]);
        slots.remove(0);
        assert_eq!([7, 8].map(|value| slots.insert(value)), [Ok(1), Ok(0)]);
        assert_eq!([0, 1, 2].map(|place| slots.generation(place)), [2, 1, 1]);
        assert!(slots.is_full());
    }

    quickcheck::quickcheck! {
        fn values_stay_where_they_were_put(steps: Vec<(bool, u8)>) -> bool {
            let mut slots = Slots::<usize, 5>::new();
            let mut model = [None; 5];
            for (number, (insert, place)) in steps.into_iter().enumerate() {
                if insert {
                    match slots.insert(number) {
                        Ok(place) if model[place].is_none() => model[place] = Some(number),
                        Err(back) if back == number && model.iter().all(Option::is_some) => {}
                        _ => return false,
                    }
                } else {
                    let place = usize::from(place) % 5;
                    if slots.remove(place) != model[place].take() {
                        return false;
                    }
                }
            }
            slots.len() == model.iter().flatten().count()
                && (0..5).all(|place| slots.get(place) == model[place].as_ref())
        }
    }
}
