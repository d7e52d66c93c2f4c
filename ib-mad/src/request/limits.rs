use core::time::Duration;

/// How long to wait, how often to repeat, and how much to have in flight.
///
/// A request is sent at most `1 + retries + busy_retries` times, and ends at the latest after
/// `(1 + retries) * timeout` and the delays of `busy_retries` back-offs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestLimits {
    /// Requests in flight to one node, at least 1 (with 0 none can start). Default 16: keeps a subnet manager busy
    /// without filling the queue of 512 datagrams that Linux keeps for a receiver.
    pub per_node: u16,
    /// Time from a transmission to its repetition, or to giving up. Default 1 s, what the diagnostic tools of
    /// infiniband-diags wait for an answer.
    pub timeout: Duration,
    /// Repetitions of a request that nobody answers. Default 3.
    pub retries: u8,
    /// Time to wait after the first busy answer; it doubles with each further one. Default 50 ms.
    pub busy_delay: Duration,
    /// The longest time to wait after a busy answer. Default 2 s.
    pub busy_delay_limit: Duration,
    /// Repetitions of a request that is answered with busy. Default 10: with the default delays 11 s in all.
    pub busy_retries: u8,
}

impl RequestLimits {
    /// The defaults, for constants.
    pub const DEFAULT: Self = Self {
        per_node: 16,
        timeout: Duration::from_secs(1),
        retries: 3,
        busy_delay: Duration::from_millis(50),
        busy_delay_limit: Duration::from_secs(2),
        busy_retries: 10,
    };

    /// Time to wait after the `count`-th busy answer to a request, from 1.
    pub(super) fn back_off_delay(&self, count: u8) -> Duration {
        let doublings = u32::from(count).saturating_sub(1);
        let factor = 1u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.busy_delay.saturating_mul(factor).min(self.busy_delay_limit)
    }
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_limit() {
        let limits = RequestLimits::default();
        let delays = [1, 2, 3, 6, 7, 10, 255].map(|count| limits.back_off_delay(count).as_millis());
        assert_eq!(delays, [50, 100, 200, 1600, 2000, 2000, 2000]);
    }

    #[test]
    fn default_back_offs_add_up_to_what_the_documentation_says() {
        let limits = RequestLimits::default();
        let sum: Duration = (1..=limits.busy_retries).map(|count| limits.back_off_delay(count)).sum();
        assert_eq!(sum.as_secs(), 11);
    }

    #[test]
    fn extreme_delays_saturate() {
        let limits = RequestLimits {
            busy_delay: Duration::MAX,
            busy_delay_limit: Duration::MAX,
            ..RequestLimits::DEFAULT
        };
        assert_eq!(limits.back_off_delay(255), Duration::MAX);
    }
}
