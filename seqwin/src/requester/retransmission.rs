//! What is sent again, and when that is found out.

use core::time::Duration;

use super::{Relaunched, Requester};
use crate::Order;
use crate::packet::{Packet, State, Unacknowledged};

impl<T, const N: usize> Requester<T, N> {
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
        let offset = self.earliest_failed()?;
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

    /// The packet that [`relaunch`](Self::relaunch) would launch.
    #[inline]
    pub fn next_relaunch(&self) -> Option<Unacknowledged<'_, T>> {
        Unacknowledged::of(self.packets.get(self.earliest_failed()?)?)
    }

    #[inline]
    fn earliest_failed(&self) -> Option<usize> {
        if self.failed == 0 {
            return None;
        }
        let is_failed = |&offset: &usize| self.packets.get(offset).is_some_and(Packet::is_failed);
        (self.first_failed..self.packets.len()).find(is_failed)
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
}
