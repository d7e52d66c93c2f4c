//! Where the packets of a fabric lie.

use crate::packet::{Packet, Payload};
use crate::port::PortId;

/// Which packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PacketId(u32);

/// A packet on its way.
#[derive(Clone, Debug)]
pub(crate) struct Traveller {
    pub(crate) packet: Packet,
    /// Links that it passed.
    pub(crate) hops: u16,
    /// Lane of the link that it is on, or was on last.
    pub(crate) lane: u8,
    /// The input port that holds it, if lanes have credits.
    pub(crate) holds: Option<PortId>,
    /// What it waits for.
    pub(crate) waits: Option<Wait>,
}

/// A packet that waits for credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    /// The output port and the lane there.
    pub(crate) output: PortId,
    pub(crate) lane: u8,
    /// Tells this wait from others of the packet, or of another packet in its place.
    pub(crate) number: u32,
}

/// Packets in places that are used again: no packet of management is allocated.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    places: Vec<Traveller>,
    free: Vec<PacketId>,
    limit: usize,
}

impl Pool {
    pub(crate) fn new(limit: usize) -> Self {
        Self { places: Vec::new(), free: Vec::new(), limit: limit.min(u32::MAX as usize) }
    }

    /// Packets in it.
    pub(crate) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// `None` when there is no room.
    pub(crate) fn insert(&mut self, packet: Packet) -> Option<PacketId> {
        if let Some(id) = self.free.pop() {
            self.places[id.0 as usize] = Traveller { packet, hops: 0, lane: 0, holds: None, waits: None };
            return Some(id);
        }
        if self.places.len() >= self.limit {
            return None;
        }
        let id = PacketId(self.places.len() as u32);
        self.places.push(Traveller { packet, hops: 0, lane: 0, holds: None, waits: None });
        Some(id)
    }

    /// Another packet like this one.
    pub(crate) fn copy(&mut self, id: PacketId) -> Option<PacketId> {
        let original = &self.places[id.0 as usize];
        let (hops, packet) = (original.hops, original.packet.clone());
        let copy = self.insert(packet)?;
        self.places[copy.0 as usize].hops = hops;
        Some(copy)
    }

    pub(crate) fn take(&mut self, id: PacketId) -> Packet {
        let place = &mut self.places[id.0 as usize];
        let payload = core::mem::replace(&mut place.packet.payload, Payload::Bytes(Box::default()));
        self.free.push(id);
        Packet { payload, ..place.packet }
    }

    pub(crate) fn remove(&mut self, id: PacketId) {
        let payload = &mut self.places[id.0 as usize].packet.payload;
        if let Payload::Bytes(bytes) = payload {
            *bytes = Box::default();
        }
        self.free.push(id);
    }
}

impl core::ops::Index<PacketId> for Pool {
    type Output = Traveller;
    fn index(&self, id: PacketId) -> &Traveller {
        &self.places[id.0 as usize]
    }
}

impl core::ops::IndexMut<PacketId> for Pool {
    fn index_mut(&mut self, id: PacketId) -> &mut Traveller {
        &mut self.places[id.0 as usize]
    }
}
