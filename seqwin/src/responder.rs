use crate::config::{self, Gap, ResponderConfig};
use crate::{ConfigError, Order, Sequence};

/// What a responder does about a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is the one expected: process and acknowledge it. An ordered one advances
    /// [`expected`](Responder::expected), beyond those that were kept too.
    Expected,
    /// It was processed before: acknowledge it again, and discard it. A read is answered with its data again.
    Duplicate,
    /// One before it is missing: discard it.
    OutOfSequence {
        /// Whether to answer with a NACK; otherwise say nothing.
        refuse: bool,
    },
    /// Selective only: it is ahead of its turn and new. Keep it until [`expected`](Responder::expected) has passed its
    /// number, and acknowledge it now.
    Ahead,
    /// No requester that began with the same number can send it now: the two ends disagree. Discard it, say nothing,
    /// and report it.
    OutsideWindow,
}

/// The receiving end of a VI: judges the sequence number of each request that passed all other checks.
///
/// A verdict is a commitment: the packet counts as processed. Everything that could still refuse a packet has to be
/// looked at before. The rules are those of US 6,545,981 B1, columns 9 and 10.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Responder {
    config: ResponderConfig,
    expected: Sequence,
    /// Bit `n` is set when the packet `n + 1` after the expected one is kept.
    kept: u128,
}

impl Responder {
    /// How far ahead of the expected one a packet can be kept: those beyond are out of sequence.
    pub const REACH: u32 = u128::BITS;

    /// A responder that expects the first packet.
    ///
    /// # Errors
    /// The window or the first number does not fit the bits.
    pub const fn new(config: ResponderConfig) -> Result<Self, ConfigError> {
        match config::check(config.bits, config.window, config.first_sequence) {
            Ok(()) => Ok(Self { config, expected: config.first_sequence, kept: 0 }),
            Err(error) => Err(error),
        }
    }

    /// Judge a packet, and advance if it is the ordered one that was expected.
    #[inline]
    pub fn receive(&mut self, sequence: Sequence, order: Order) -> Verdict {
        if sequence != self.expected {
            return self.receive_unexpected(sequence, order);
        }
        match order {
            Order::Ordered => self.advance(),
            // All unordered packets of this number are still to come or come again: nobody can tell.
            Order::Unordered => {}
        }
        Verdict::Expected
    }

    /// Number of the next ordered packet: all before it were processed.
    #[inline]
    pub const fn expected(&self) -> Sequence {
        self.expected
    }

    /// What it was made with.
    pub const fn config(&self) -> &ResponderConfig {
        &self.config
    }

    #[inline]
    fn advance(&mut self) {
        if self.kept == 0 {
            self.expected = self.config.bits.advance(self.expected, 1);
        } else {
            let run = self.kept.trailing_ones() + 1;
            self.expected = self.config.bits.advance(self.expected, run);
            self.kept = self.kept.checked_shr(run).unwrap_or(0);
        }
    }

    fn receive_unexpected(&mut self, sequence: Sequence, order: Order) -> Verdict {
        let ResponderConfig { bits, window, gap, selective, .. } = self.config;
        if !bits.contains(sequence) {
            return Verdict::OutsideWindow;
        }
        let ahead = bits.distance(self.expected, sequence);
        let behind = bits.distance(sequence, self.expected);
        if behind <= window {
            return Verdict::Duplicate;
        }
        if ahead >= window {
            return Verdict::OutsideWindow;
        }
        // An unordered packet has no number of its own to be remembered by.
        if selective && order == Order::Ordered && ahead <= Self::REACH {
            let bit = 1 << (ahead - 1);
            if self.kept & bit != 0 {
                return Verdict::Duplicate;
            }
            self.kept |= bit;
            return Verdict::Ahead;
        }
        Verdict::OutOfSequence { refuse: gap == Gap::Refuse }
    }
}
