mod responses;
mod retransmission;

use core::time::Duration;

use crate::config::{self, RequesterConfig};
use crate::packet::{Packet, State, Unacknowledged};
use crate::ring::Ring;
use crate::{
    ConfigError, LaunchError, Order, Sequence, SerialNumber, Stamp, TransactionType, UnmatchedReason,
};

/// What a response was to a requester.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Matched<'a, T> {
    /// It acknowledges a packet.
    Acknowledged {
        /// Packets completed by it. None while one before the packet is not acknowledged.
        completed: usize,
    },
    /// The responder lacks a packet that was sent before this one: call [`fail`](Requester::fail).
    Refused(&'a T),
    /// It belongs to no outstanding packet. Nothing has changed.
    Unmatched(UnmatchedReason),
}

/// A packet that is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Relaunched<'a, T> {
    /// Its sequence number, as before, and a new serial number.
    pub stamp: Stamp,
    /// Whether it takes a place in the sequence.
    pub order: Order,
    /// What it asks for.
    pub kind: TransactionType,
    /// What the caller launched, as revised.
    pub item: &'a T,
}

/// The sending end of a VI: at most `N` outstanding packets, in the order of their launch.
///
/// `T` is what the caller needs to make a packet again and to report its completion: a descriptor, a byte offset, a path.
/// The rules are those of US 6,545,981 B1, columns 9 to 12.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requester<T, const N: usize> {
    config: RequesterConfig,
    /// Ordered packets, and unordered ones behind them: no ordered one is launched while an unordered one is outstanding.
    packets: Ring<Packet<T>, N>,
    /// The last of them is unordered.
    ends_unordered: bool,
    sequence: Sequence,
    serial: SerialNumber,
    /// No deadline is before that of an earlier launch, so that mostly the first packet has the next one.
    latest_deadline: Duration,
    /// Packets to be launched again.
    failed: usize,
    /// No packet before this one is to be launched again; 0 when none is at all.
    first_failed: usize,
    /// Among so many from the front, a later packet may have an earlier deadline.
    disordered: usize,
}

impl<T, const N: usize> Requester<T, N> {
    /// A requester with nothing outstanding.
    ///
    /// # Errors
    /// The window or the first number does not fit the bits.
    pub fn new(config: RequesterConfig) -> Result<Self, ConfigError> {
        config::check(config.bits, config.window, config.first_sequence)?;
        Ok(Self {
            config,
            packets: Ring::new(usize::try_from(config.window).unwrap_or(N)),
            ends_unordered: false,
            sequence: config.first_sequence,
            serial: config.first_serial,
            latest_deadline: Duration::ZERO,
            failed: 0,
            first_failed: 0,
            disordered: 0,
        })
    }

    /// Take note of a packet that is being sent, and tell what it has to carry. Its response is due at `deadline`, or at
    /// the deadline of an earlier packet if that is later.
    ///
    /// # Errors
    /// It must not be sent now.
    #[inline]
    pub fn launch(
        &mut self,
        order: Order,
        kind: TransactionType,
        item: T,
        deadline: Duration,
    ) -> Result<Stamp, LaunchError> {
        self.check_order(order)?;
        let stamp = Stamp { sequence: self.sequence, serial: self.serial };
        let deadline = deadline.max(self.latest_deadline);
        if !self.packets.push(Packet { stamp, order, kind, state: State::InFlight, deadline, item }) {
            return Err(LaunchError::WindowFull);
        }
        self.latest_deadline = deadline;
        self.serial = self.serial.next();
        match order {
            Order::Ordered => self.sequence = self.config.bits.advance(self.sequence, 1),
            Order::Unordered => self.ends_unordered = true,
        }
        Ok(stamp)
    }

    /// Whether [`launch`](Self::launch) would take a packet.
    #[inline]
    pub fn can_launch(&self, order: Order) -> bool {
        self.check_order(order).is_ok() && !self.packets.is_full()
    }

    #[inline]
    fn check_order(&self, order: Order) -> Result<(), LaunchError> {
        // Mostly neither is so.
        if (self.failed == 0) & !self.ends_unordered {
            return Ok(());
        }
        if self.failed > 0 {
            return Err(LaunchError::RelaunchPending);
        }
        if order == Order::Ordered && self.ends_unordered {
            return Err(LaunchError::UnorderedOutstanding);
        }
        Ok(())
    }

    /// Outstanding packets that are not acknowledged, in the order of launch.
    pub fn unacknowledged(&self) -> impl Iterator<Item = Unacknowledged<'_, T>> {
        self.packets.iter().filter_map(Unacknowledged::of)
    }

    /// Whether nothing is outstanding.
    #[inline]
    pub const fn is_idle(&self) -> bool {
        self.packets.is_empty()
    }

    /// Packets that are not acknowledged, or behind one that is not.
    #[inline]
    pub const fn outstanding(&self) -> usize {
        self.packets.len()
    }

    /// Packets that are to be launched again.
    #[inline]
    pub const fn relaunch_pending(&self) -> usize {
        self.failed
    }

    /// Number that the next packet carries.
    #[inline]
    pub const fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// Serial number of the next transmission.
    #[inline]
    pub const fn next_serial(&self) -> SerialNumber {
        self.serial
    }

    /// What it was made with.
    pub const fn config(&self) -> &RequesterConfig {
        &self.config
    }

    /// Make every deadline earlier by `epoch`, as if the clock had been set back by as much. States that differ in
    /// nothing but when they were reached become equal, which keeps an exhaustive search finite.
    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.latest_deadline = self.latest_deadline.saturating_sub(epoch);
        for packet in self.packets.iter_mut() {
            packet.deadline = match packet.state {
                State::InFlight => packet.deadline.saturating_sub(epoch),
                State::Acknowledged | State::Failed => Duration::ZERO,
            };
        }
    }

    /// Give every serial number another, which nothing but equality with those on the way tells apart. States that differ
    /// in nothing but how often was sent before become equal.
    #[doc(hidden)]
    pub fn renumber(&mut self, next: SerialNumber, number: impl Fn(SerialNumber) -> SerialNumber) {
        self.serial = next;
        self.packets.iter_mut().for_each(|packet| packet.stamp.serial = number(packet.stamp.serial));
    }
}
