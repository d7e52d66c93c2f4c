/// One of up to four parallel lanes of a path. Each keeps the order of what it carries; there is none between lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(u8);

impl Lane {
    /// The most lanes that a path has.
    pub const COUNT: usize = 4;

    /// Every lane.
    pub const ALL: [Self; Self::COUNT] = [Self(0), Self(1), Self(2), Self(3)];

    /// The lane with this index, 0 to 3.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// Place in [`ALL`](Self::ALL).
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_go_from_0_to_3() {
        for (index, lane) in Lane::ALL.into_iter().enumerate() {
            assert_eq!((Lane::from_index(index), lane.index()), (Some(lane), index));
        }
        assert_eq!(Lane::from_index(Lane::COUNT), None);
    }
}
