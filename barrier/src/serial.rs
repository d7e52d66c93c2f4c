//! Numbers that only ever count up, and may wrap around.

/// Whether `one` was counted before `other`, for numbers less than 2³¹ apart.
pub(crate) const fn is_older(one: u32, other: u32) -> bool {
    one != other && other.wrapping_sub(one) < 1 << 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_survives_the_wrap() {
        for start in [0, 5, i32::MAX as u32, u32::MAX - 1, u32::MAX] {
            for ahead in [1, 2, (1 << 31) - 1] {
                let later = start.wrapping_add(ahead);
                assert!(is_older(start, later) && !is_older(later, start), "{start} {ahead}");
            }
            assert!(!is_older(start, start));
        }
    }
}
