use core::time::Duration;

use crate::config::{self, RequesterConfig};
use crate::packet::{Packet, State, Unacknowledged};
use crate::ring::Ring;
use crate::{
    Answer, ConfigError, LaunchError, Order, Response, Sequence, SerialNumber, Stamp, TransactionType,
    UnmatchedReason,
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

    /// Find the packet that a response answers. If it acknowledges the earliest packet, that and all acknowledged ones
    /// behind it are completed: each is given to `completed`, in the order of launch.
    #[inline]
    pub fn handle_response(&mut self, response: &Response, completed: impl FnMut(T)) -> Matched<'_, T> {
        let offset = match self.find(response) {
            Ok(offset) => offset,
            Err(reason) => return Matched::Unmatched(reason),
        };
        match response.answer {
            Answer::Acknowledged => Matched::Acknowledged { completed: self.acknowledge(offset, completed) },
            Answer::OutOfSequence => match self.packets.get(offset) {
                Some(packet) => Matched::Refused(&packet.item),
                None => Matched::Unmatched(UnmatchedReason::Serial),
            },
        }
    }

    /// Where the packet is that all five values belong to.
    #[inline]
    fn find(&self, response: &Response) -> Result<usize, UnmatchedReason> {
        // Responses in order are all to the first packet: one look at all values, and one branch.
        let is_to_vi = (response.source == self.config.source) & (response.vi == self.config.vi);
        match self.packets.get(0) {
            Some(first) if is_to_vi & first.is_answered_by(response) => Ok(0),
            _ => self.find_or_tell(*response),
        }
    }

    /// As [`find`](Self::find), value by value: tells which one fits nothing.
    #[inline(never)]
    fn find_or_tell(&self, response: Response) -> Result<usize, UnmatchedReason> {
        if response.source != self.config.source {
            return Err(UnmatchedReason::Source);
        }
        if response.vi != self.config.vi {
            return Err(UnmatchedReason::Vi);
        }
        let has_serial = |packet: &Packet<T>| packet.stamp.serial == response.serial;
        // Serial numbers follow each other, unless single packets were launched again.
        let first = self.packets.get(0).ok_or(UnmatchedReason::Serial)?.stamp.serial;
        let guess = response.serial.0.wrapping_sub(first.0) as usize;
        if let Some(packet) = self.packets.get(guess).filter(|packet| has_serial(packet)) {
            return packet.check(&response).map(|()| guess);
        }
        let mut packets = self.packets.iter().enumerate();
        let (offset, packet) =
            packets.find(|(_, packet)| has_serial(packet)).ok_or(UnmatchedReason::Serial)?;
        packet.check(&response).map(|()| offset)
    }

    /// Note that a packet is acknowledged, and complete what is complete by that.
    #[inline]
    fn acknowledge(&mut self, offset: usize, completed: impl FnMut(T)) -> usize {
        if offset > 0 {
            self.acknowledge_behind(offset);
            return 0;
        }
        if self.failed | self.disordered == 0 {
            return self.complete(completed);
        }
        self.forgive(0);
        let count = self.complete(completed);
        self.first_failed = self.first_failed.saturating_sub(count);
        self.disordered = self.disordered.saturating_sub(count);
        count
    }

    #[inline(never)]
    fn acknowledge_behind(&mut self, offset: usize) {
        self.forgive(offset);
        if let Some(packet) = self.packets.get_mut(offset) {
            packet.state = State::Acknowledged;
        }
    }

    /// Take the first packet out, and all behind it that are acknowledged.
    #[inline]
    fn complete(&mut self, mut completed: impl FnMut(T)) -> usize {
        let mut count = 0;
        while let Some(packet) = self.packets.pop() {
            completed(packet.item);
            count += 1;
            if !self.packets.get(0).is_some_and(Packet::is_acknowledged) {
                break;
            }
        }
        if self.packets.is_empty() {
            self.ends_unordered = false;
            self.latest_deadline = Duration::ZERO;
        }
        count
    }

    /// A late response came: the packet need not be launched again.
    #[inline(never)]
    fn forgive(&mut self, offset: usize) {
        if self.packets.get(offset).is_some_and(Packet::is_failed) {
            self.failed -= 1;
            if self.failed == 0 {
                self.first_failed = 0;
            }
        }
    }

    /// Give up the transmissions for which `is_failed` says so: their packets are to be launched again, and have no
    /// deadline until then. It is asked about packets that are in flight, in the order of launch.
    ///
    /// When an ordered packet fails, every ordered one behind it fails too, also those that are acknowledged: the sequence
    /// is gone back in. Not so in a selective configuration: there only the packets fail that `is_failed` names. A late
    /// response still counts until its packet is launched again.
    ///
    /// Returns how many packets are to be launched again.
    pub fn fail(&mut self, mut is_failed: impl FnMut(&T) -> bool) -> usize {
        let selective = self.config.selective;
        let mut goes_back = false;
        let mut first_failed = None;
        let mut disordered = false;
        let mut failed = 0;
        for (offset, packet) in self.packets.iter_mut().enumerate() {
            let is_ordered = packet.order == Order::Ordered;
            let fails = match packet.state {
                State::Failed => true,
                State::Acknowledged => is_ordered && goes_back,
                State::InFlight if is_ordered && goes_back => true,
                State::InFlight => {
                    let fails = is_failed(&packet.item);
                    goes_back |= fails && is_ordered && !selective;
                    fails
                }
            };
            if fails {
                packet.state = State::Failed;
                failed += 1;
                first_failed = first_failed.or(Some(offset));
            }
            disordered |= first_failed.is_some() && packet.is_in_flight();
        }
        self.failed = failed;
        self.first_failed = first_failed.unwrap_or(0);
        if disordered {
            self.disordered = self.packets.len();
        }
        failed
    }

    /// Launch the earliest failed packet again, after `revise` changed what is to be changed in it, such as its path.
    /// `None` when none is left. Its deadline counts as in [`launch`](Self::launch).
    pub fn relaunch(&mut self, deadline: Duration, revise: impl FnOnce(&mut T)) -> Option<Relaunched<'_, T>> {
        if self.failed == 0 {
            return None;
        }
        let is_failed = |&offset: &usize| self.packets.get(offset).is_some_and(Packet::is_failed);
        let offset = (self.first_failed..self.packets.len()).find(is_failed)?;
        let packet = self.packets.get_mut(offset)?;
        self.latest_deadline = self.latest_deadline.max(deadline);
        packet.deadline = self.latest_deadline;
        packet.state = State::InFlight;
        packet.stamp.serial = self.serial;
        self.serial = self.serial.next();
        self.failed -= 1;
        self.first_failed = if self.failed > 0 { offset + 1 } else { 0 };
        revise(&mut packet.item);
        Some(Relaunched { stamp: packet.stamp, order: packet.order, kind: packet.kind, item: &packet.item })
    }

    /// Outstanding packets that are not acknowledged, in the order of launch.
    pub fn unacknowledged(&self) -> impl Iterator<Item = Unacknowledged<'_, T>> {
        self.packets.iter().filter_map(Unacknowledged::of)
    }

    /// When the next response is due.
    #[inline]
    pub fn next_deadline(&self) -> Option<Duration> {
        self.next_due().map(|packet| packet.deadline)
    }

    /// The packet whose response is due first, if that time has come. Of those due at one time it is the earliest launched.
    pub fn expired(&self, now: Duration) -> Option<&T> {
        self.next_due().filter(|packet| packet.deadline <= now).map(|packet| &packet.item)
    }

    #[inline]
    fn next_due(&self) -> Option<&Packet<T>> {
        let mut in_flight = self.packets.iter().filter(|packet| packet.is_in_flight());
        if self.disordered == 0 { in_flight.next() } else { in_flight.min_by_key(|packet| packet.deadline) }
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
