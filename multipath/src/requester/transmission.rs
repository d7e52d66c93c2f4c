//! What a requester sends next, and how it is laid out.

use core::time::Duration;

use seqwin::Order;

use super::Requester;
use super::supervisor::SupervisoryPacket;
use super::vi::Planned;
use crate::Transmit;
use crate::descriptor::Descriptor;
use crate::wire::{AdaptiveControl, BufferTooSmall, Control, Format, Header, Transaction};

/// A packet that may be sent now.
struct NextPacket {
    /// Whose it is.
    place: usize,
    planned: Planned,
    /// Without the numbers that it gets when it is launched.
    header: Header,
    /// Bytes of all of it.
    length: usize,
}

impl<const WINDOW: usize> Requester<WINDOW> {
    /// Write packets into `buffer`: as many of the same length as go the same way, but a single one when a path was questioned and it
    /// goes on now: the first is waited for, and need not wait itself until others are written. Send them before the next are asked for.
    ///
    /// # Errors
    /// When `buffer` has no room for a single packet; nothing is lost by it.
    pub fn poll_transmit(
        &mut self,
        now: Duration,
        buffer: &mut [u8],
    ) -> Result<Option<Transmit>, BufferTooSmall> {
        if self.end.is_some() {
            return Ok(None);
        }
        if let Some(transmit) = self.transmit_supervisory(now, buffer)? {
            return Ok(Some(transmit));
        }
        let is_urgent = core::mem::take(&mut self.is_urgent);
        let Some(mut next) = self.plan() else { return Ok(None) };
        let mut transmit = Transmit { path: next.planned.path, length: 0, segment: next.length };
        loop {
            let rest = buffer.get_mut(transmit.length..).unwrap_or_default();
            let length = self.emit(now, &next, rest)?;
            transmit.length += length;
            if length < transmit.segment || !transmit.has_room() || is_urgent {
                break;
            }
            let Some(following) = self.plan() else { break };
            let has_room = buffer.len().saturating_sub(transmit.length) >= following.length;
            if following.planned.path != transmit.path || following.length > transmit.segment || !has_room {
                break;
            }
            next = following;
        }
        Ok(Some(transmit))
    }

    /// The next packet of a virtual interface, each of which has its turn.
    fn plan(&self) -> Option<NextPacket> {
        let (behind, first) = self.vis.split_at_checked(self.next_vi).unwrap_or((&[], &self.vis));
        let places = (self.next_vi..).zip(first).chain((0..).zip(behind));
        let mut open = places.filter(|(_, vi)| !vi.is_broken);
        let (place, planned) = open.find_map(|(place, vi)| Some((place, vi.plan(&self.paths)?)))?;
        let header = self.header(place, &planned);
        Some(NextPacket { place, planned, length: header.packet_length(), header })
    }

    fn header(&self, place: usize, planned: &Planned) -> Header {
        let vi = &self.vis[place];
        let ends = self.config.paths.ends(planned.path).unwrap_or_default();
        let is_free = planned.order == Order::Unordered && self.config.lanes > 1;
        Header {
            destination: ends.remote,
            adaptive_control: if is_free { AdaptiveControl::Adaptive } else { AdaptiveControl::Lane0 },
            fabric: ends.fabric,
            transaction: Transaction::Request,
            source: ends.local,
            format: Format::for_length(planned.length),
            operation: planned.operation,
            flags: planned.flags,
            // Both are given at the launch.
            serial: 0,
            sequence: 0,
            length: planned.length,
            vi: vi.config().vi,
            incarnation: self.paths.incarnation(planned.path).0,
            session: self.config.session,
        }
    }

    fn emit(&mut self, now: Duration, next: &NextPacket, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
        let NextPacket { place, planned, length: needed, mut header } = *next;
        let got = out.len();
        if got < needed {
            return Err(BufferTooSmall { needed, got });
        }
        let deadline = now.saturating_add(self.config.request_timeout);
        let vi = &mut self.vis[place];
        let turn = match planned.order {
            Order::Ordered => None,
            Order::Unordered => Some(self.turns.take(planned.path)),
        };
        // The plan was made from the window that is launched from: it takes the packet.
        let Ok(stamp) = vi.launch(&planned, turn, deadline) else { return Ok(0) };
        (header.sequence, header.serial) = (stamp.sequence.0, stamp.serial.0);
        self.next_vi = place;
        self.repeated[planned.path.index()] += u64::from(planned.is_repeated);
        let descriptor = vi.descriptor(planned.descriptor);
        let address =
            descriptor.and_then(Descriptor::address).map(|address| address.wrapping_add(planned.offset));
        let immediate = descriptor.and_then(|descriptor| descriptor.immediate);
        header.emit(address, immediate, out, |payload| {
            if let Some(descriptor) = descriptor {
                descriptor.fill(planned.offset, payload);
            }
        })
    }

    fn transmit_supervisory(
        &mut self,
        now: Duration,
        buffer: &mut [u8],
    ) -> Result<Option<Transmit>, BufferTooSmall> {
        let needed = SupervisoryPacket::MAX_LENGTH;
        if buffer.len() < needed {
            return Err(BufferTooSmall { needed, got: buffer.len() });
        }
        let opening = self.openings.iter_mut().find_map(|opening| {
            let path = opening.poll(now, self.config.operation_timeout, self.config.paths.set())?;
            Some((path, Control::Open(*opening.message())))
        });
        let packet = match opening {
            Some((path, control)) => Some(self.paths.packet_with(path, control)),
            None => self.paths.poll_packet(now),
        };
        let Some(packet) = packet else { return Ok(None) };
        let ends = self.config.paths.ends(packet.path).unwrap_or_default();
        let length = packet.emit(ends, self.config.session, buffer)?;
        Ok(Some(Transmit { path: packet.path, length, segment: length }))
    }
}
