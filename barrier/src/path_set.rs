use core::fmt;

use crate::Path;

/// A set of paths, one bit each: the vector of the paths on which requests are accepted, among others.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathSet(u8);

impl PathSet {
    /// No path.
    pub const EMPTY: Self = Self(0);
    /// All four paths.
    pub const ALL: Self = Self(0b1111);

    /// The paths whose indices are the set bits. The upper four bits mean nothing.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// Bit `path.index()` is set for each path that is in it.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Only this path.
    #[must_use]
    pub const fn only(path: Path) -> Self {
        Self(1 << path.index())
    }

    /// Whether the path is in it.
    #[must_use]
    pub const fn contains(self, path: Path) -> bool {
        self.0 & Self::only(path).0 != 0
    }

    /// Put the path in.
    pub const fn insert(&mut self, path: Path) {
        self.0 |= Self::only(path).0;
    }

    /// Take the path out.
    pub const fn remove(&mut self, path: Path) {
        self.0 &= !Self::only(path).0;
    }

    /// The paths that are in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The paths in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The paths that are in it and not in the other.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether it holds no path.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Number of paths, 0 to 4.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Its paths, in the order of their indices.
    pub fn iter(self) -> impl Iterator<Item = Path> {
        let mut left = self.0;
        core::iter::from_fn(move || {
            let path = Path::from_index(left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(path)
        })
    }
}

impl FromIterator<Path> for PathSet {
    fn from_iter<I: IntoIterator<Item = Path>>(paths: I) -> Self {
        let mut set = Self::EMPTY;
        paths.into_iter().for_each(|path| set.insert(path));
        set
    }
}

impl fmt::Debug for PathSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Short(Path);
        impl fmt::Debug for Short {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
        f.debug_set().entries(self.iter().map(Short)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::vec::Vec;
    use quickcheck::quickcheck;

    quickcheck! {
        fn is_a_set_of_paths(bits: u8, others: u8, index: u8) -> bool {
            let (set, other) = (PathSet::from_bits(bits), PathSet::from_bits(others));
            let path = Path::ALL[usize::from(index % 4)];
            let (mut with, mut without) = (set, set);
            with.insert(path);
            without.remove(path);
            let (both, left): (Vec<_>, Vec<_>) = set.iter().partition(|path| other.contains(*path));
            let either = Path::ALL.into_iter().filter(|path| set.contains(*path) || other.contains(*path));
            set.iter().eq(Path::ALL.into_iter().filter(|path| set.contains(*path)))
                && set.iter().collect::<PathSet>() == set
                && set.len() == set.iter().count()
                && set.is_empty() == set.iter().next().is_none()
                && with.contains(path) && !without.contains(path)
                && (if set.contains(path) { with == set } else { without == set })
                && set.intersection(other).iter().eq(both)
                && set.difference(other).iter().eq(left)
                && set.union(other).iter().eq(either)
        }
    }

    #[test]
    fn shows_its_paths() {
        assert_eq!(format!("{:?}", PathSet::from_bits(0b1010)), "{0-1, 1-1}");
        assert_eq!(PathSet::from_bits(0xFF), PathSet::ALL);
    }
}
