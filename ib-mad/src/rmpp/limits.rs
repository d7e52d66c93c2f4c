use core::time::Duration;

/// How long a sender waits, and how often it repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SenderLimits {
    /// Time from the last segment sent to its repetition, or to giving up. Default 2 s, the longest that Linux waits.
    pub ack_timeout: Duration,
    /// Repetitions without progress; an acknowledgement of something new gives all of them back. Default 3.
    pub retries: u8,
    /// Time for the whole transfer. Default 40 s, what Linux's receiver allows.
    pub total_time: Duration,
}

impl SenderLimits {
    /// The defaults, for constants.
    pub const DEFAULT: Self =
        Self { ack_timeout: Duration::from_secs(2), retries: 3, total_time: Duration::from_secs(40) };
}

impl Default for SenderLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What a receiver takes, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReceiverLimits {
    /// Segments by which the window opens each time, at least 1 (0 counts as 1). Default 64: an eighth of the 512 datagrams that
    /// Linux queues for a receiver, as Linux does.
    pub window: u32,
    /// Longest message in bytes, the class's header in each segment included. A longer one is stopped. Default 256 MiB:
    /// nothing is gathered here, so the limit protects who gathers.
    pub max_length: u32,
    /// Time for the whole transfer, from its first segment. Default 40 s, as in Linux.
    pub total_time: Duration,
    /// How long an ended transfer is remembered, so that repeated segments are acknowledged (or aborted) again and not
    /// taken for a new transfer. Default 10 s, as in Linux.
    pub linger: Duration,
}

impl ReceiverLimits {
    /// The defaults, for constants.
    pub const DEFAULT: Self = Self {
        window: 64,
        max_length: 256 << 20,
        total_time: Duration::from_secs(40),
        linger: Duration::from_secs(10),
    };
}

impl Default for ReceiverLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
