//! Responses: which packet they answer, and what is completed by them.

use core::time::Duration;

use super::{Matched, Requester};
use crate::packet::{Packet, State};
use crate::{Answer, Order, Response, TransactionType, UnmatchedReason};

impl<T, const N: usize> Requester<T, N> {
    /// Find the packet that a response answers. If it acknowledges the earliest packet, that and all acknowledged ones
    /// behind it are completed: each is given to `completed`, in the order of launch.
    #[inline]
    pub fn handle_response(&mut self, response: &Response, completed: impl FnMut(T)) -> Matched<'_, T> {
        self.handle_cumulative_response(response, |_, _| false, completed)
    }

    /// As [`handle_response`](Self::handle_response), but an acknowledgement also speaks for the ordered packets before
    /// its own that have none, where `is_covered` says so of their type and of what was launched: a responder that keeps
    /// nothing ahead of its turn has processed them. One that was lost then costs nothing. Not covered may be what is
    /// answered with data, such as a read.
    ///
    /// On a way that does not keep its order, a copy of a covered packet may still come, and pass for a new one once numbers
    /// come around: there the caller has to have what it launches from now on told from it.
    ///
    /// A requester with a selective configuration takes each acknowledgement for its own packet only. One whose responder is
    /// selective must not call this: what came ahead of its turn is acknowledged, and says nothing of what is missing.
    #[inline]
    pub fn handle_cumulative_response(
        &mut self,
        response: &Response,
        is_covered: impl FnMut(TransactionType, &T) -> bool,
        completed: impl FnMut(T),
    ) -> Matched<'_, T> {
        let offset = match self.find(response) {
            Ok(offset) => offset,
            Err(reason) => return Matched::Unmatched(reason),
        };
        match response.answer {
            Answer::Acknowledged => {
                Matched::Acknowledged { completed: self.acknowledge(offset, is_covered, completed) }
            }
            Answer::OutOfSequence => match self.packets.get(offset) {
                Some(packet) => Matched::Refused(&packet.item),
                None => Matched::Unmatched(UnmatchedReason::Serial),
            },
        }
    }

    /// What was launched of the packet that a response answers.
    ///
    /// # Errors
    /// It answers none.
    #[inline]
    pub fn answered_by(&self, response: &Response) -> Result<&T, UnmatchedReason> {
        let packet = self.packets.get(self.find(response)?);
        packet.map(|packet| &packet.item).ok_or(UnmatchedReason::Serial)
    }

    /// Where the packet is that all five values belong to.
    #[inline]
    fn find(&self, response: &Response) -> Result<usize, UnmatchedReason> {
        // Responses in order are all to the first packet: one look at all values, and one branch. That packet is never
        // acknowledged: it would be completed.
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
    fn acknowledge(
        &mut self,
        offset: usize,
        is_covered: impl FnMut(TransactionType, &T) -> bool,
        completed: impl FnMut(T),
    ) -> usize {
        if offset > 0 {
            return self.acknowledge_behind(offset, is_covered, completed);
        }
        if self.failed | self.disordered == 0 {
            return self.complete(completed);
        }
        self.forgive(0);
        self.complete_and_count(completed)
    }

    /// Note that a packet is acknowledged that is not the first, and what that says of those before it.
    #[inline(never)]
    fn acknowledge_behind(
        &mut self,
        offset: usize,
        mut is_covered: impl FnMut(TransactionType, &T) -> bool,
        completed: impl FnMut(T),
    ) -> usize {
        if !self.config.selective {
            for before in 0..offset {
                match self.packets.get(before) {
                    Some(packet) if packet.order == Order::Ordered => {
                        if !packet.is_acknowledged() && is_covered(packet.kind, &packet.item) {
                            self.note_acknowledged(before);
                        }
                    }
                    // Behind an unordered packet there are only others.
                    _ => break,
                }
            }
        }
        self.note_acknowledged(offset);
        if self.packets.get(0).is_some_and(Packet::is_acknowledged) {
            self.complete_and_count(completed)
        } else {
            0
        }
    }

    fn note_acknowledged(&mut self, offset: usize) {
        self.forgive(offset);
        if let Some(packet) = self.packets.get_mut(offset) {
            packet.state = State::Acknowledged;
        }
    }

    /// As [`complete`](Self::complete), while places are counted in.
    fn complete_and_count(&mut self, completed: impl FnMut(T)) -> usize {
        let count = self.complete(completed);
        self.first_failed = self.first_failed.saturating_sub(count);
        self.disordered = self.disordered.saturating_sub(count);
        count
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
}
