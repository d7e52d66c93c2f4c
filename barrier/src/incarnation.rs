use crate::serial::is_older;

/// Which life of a path a packet belongs to. A barrier begins a new one; packets of an older one are refused.
///
/// Where lanes keep order, the barrier itself drives out what is stale. UDP, and RoCE over several equal routes, may
/// reorder: there a packet can be overtaken by the barrier, and only its incarnation tells that it is stale.
///
/// Incarnations count up and wrap around; two are compared rightly while they are less than 2³¹ apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Incarnation(pub u32);

impl Incarnation {
    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// Whether it was counted before `other`.
    #[must_use]
    pub const fn is_older_than(self, other: Self) -> bool {
        is_older(self.0, other.0)
    }

    /// The newer of both.
    #[must_use]
    pub const fn newest(self, other: Self) -> Self {
        if self.is_older_than(other) { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_is_newer_even_after_the_last() {
        for incarnation in [Incarnation(0), Incarnation(u32::MAX)] {
            assert!(incarnation.is_older_than(incarnation.next()));
            assert_eq!(incarnation.newest(incarnation.next()), incarnation.next());
            assert_eq!(incarnation.next().newest(incarnation), incarnation.next());
        }
    }
}
