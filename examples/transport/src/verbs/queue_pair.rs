//! Queue pairs.

use core::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use ib_mad::{Gid, Lid, Psn, QKey, Qpn};

use super::in_flight::{Entry, InFlight};
use super::multicast::Membership;
use super::system::{RawAddressHandle, RawQueuePair, Refused, SendRequest, Target};
use super::{
    Attributes, CompletionQueue, LocalPart, MemoryRegion, Modification, Port, RemotePlace, Route, State,
    VerbsError, WorkId, WorkKind,
};

/// What a queue pair does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueuePairType {
    /// One peer: writes, reads and messages, each once and in order.
    ReliableConnection,
    /// Datagrams, to any peer and to multicast groups.
    UnreliableDatagram,
}

/// How much work a queue pair's queues hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Capacity {
    /// The send queue: writes, reads and sends.
    pub send: u32,
    /// The receive queue.
    pub receive: u32,
}

/// Bytes at the beginning of a received datagram that are its global route, or were left free for it.
pub const ROUTE_LENGTH: usize = 40;

/// Where datagrams go.
#[derive(Clone)]
pub struct AddressHandle(Arc<RawAddressHandle>);

impl AddressHandle {
    /// The handle of a route from `port`.
    ///
    /// # Errors
    /// When nobody has the address.
    pub fn new(port: &Port, route: &Route) -> Result<Self, VerbsError> {
        let of = |refused| VerbsError::verb(format!("port {}: {}", port.name(), route.destination))(refused);
        Ok(Self(Arc::new(RawAddressHandle::new(&port.shared.domain, route).map_err(of)?)))
    }
}

impl fmt::Debug for AddressHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressHandle")
    }
}

/// A queue pair. It keeps every region that it was given work with until it is gone.
#[derive(Debug)]
pub struct QueuePair {
    // Destroyed first; then what it used.
    raw: RawQueuePair,
    in_flight: Arc<InFlight>,
    capacity: Capacity,
    number: Qpn,
    regions: Mutex<Vec<Arc<MemoryRegion>>>,
    handles: Mutex<Vec<Arc<RawAddressHandle>>>,
    pub(super) memberships: Mutex<Vec<Membership>>,
    completions: Arc<CompletionQueue>,
}

impl QueuePair {
    /// Make a queue pair whose completions come to `completions`. It is in the state Reset.
    ///
    /// # Errors
    /// When the device has no room for it.
    pub fn new(
        completions: &Arc<CompletionQueue>,
        kind: QueuePairType,
        capacity: Capacity,
    ) -> Result<Self, VerbsError> {
        let port = completions.port();
        let of = |refused| VerbsError::verb(format!("port {}: a queue pair", port.name()))(refused);
        let raw = RawQueuePair::new(&port.shared.domain, &completions.raw, kind, capacity).map_err(of)?;
        let in_flight = Arc::new(InFlight::new(capacity.send, capacity.receive));
        // Numbers have 24 bits.
        let number = Qpn::new(raw.number() & 0xFF_FFFF).unwrap_or_default();
        completions.add(number.get(), &in_flight);
        Ok(Self {
            raw,
            in_flight,
            capacity,
            number,
            regions: Mutex::default(),
            handles: Mutex::default(),
            memberships: Mutex::default(),
            completions: Arc::clone(completions),
        })
    }

    /// Its number.
    pub const fn number(&self) -> Qpn {
        self.number
    }

    /// The port that it is on.
    pub fn port(&self) -> &Port {
        self.completions.port()
    }

    /// Where its completions come.
    pub const fn completions(&self) -> &Arc<CompletionQueue> {
        &self.completions
    }

    pub(super) const fn in_flight(&self) -> &Arc<InFlight> {
        &self.in_flight
    }

    fn refused(&self, refused: Refused) -> VerbsError {
        VerbsError::verb(format!("queue pair {}", self.number))(refused)
    }

    /// Change attributes: those that the modification names, and no others.
    ///
    /// # Errors
    /// [`VerbsError::Modify`] with the mask, when the adapter refuses; nothing is changed then.
    pub fn modify(&self, modification: &Modification) -> Result<(), VerbsError> {
        self.raw.modify(modification).map_err(|refused| VerbsError::Modify {
            queue_pair: self.number,
            mask: modification.mask(),
            source: refused.source,
        })
    }

    /// What the adapter says of it.
    ///
    /// # Errors
    /// When the device has failed.
    pub fn attributes(&self) -> Result<Attributes, VerbsError> {
        self.raw.query().map_err(|refused| self.refused(refused))
    }

    pub(super) fn state(&self) -> Result<Option<State>, VerbsError> {
        Ok(self.attributes()?.state())
    }

    /// Work that was posted to the send queue and whose completion was not polled.
    pub fn outstanding(&self) -> usize {
        self.in_flight.lock().sending()
    }

    /// Write bytes of `local` to the peer's memory.
    ///
    /// # Errors
    /// [`VerbsError::QueueFull`], or that the queue pair is not connected.
    pub fn write(&self, id: WorkId, local: LocalPart<'_>, remote: RemotePlace) -> Result<(), VerbsError> {
        let target = Target::Write { address: remote.address, key: remote.key.0 };
        self.post(id, WorkKind::Write, local, target)
    }

    /// Read the peer's memory into `local`.
    ///
    /// # Errors
    /// As of [`write`](Self::write).
    pub fn read(&self, id: WorkId, local: LocalPart<'_>, remote: RemotePlace) -> Result<(), VerbsError> {
        let target = Target::Read { address: remote.address, key: remote.key.0 };
        self.post(id, WorkKind::Read, local, target)
    }

    /// Send `local` to the peer's next receive.
    ///
    /// # Errors
    /// As of [`write`](Self::write).
    pub fn send(&self, id: WorkId, local: LocalPart<'_>) -> Result<(), VerbsError> {
        self.post(id, WorkKind::Send, local, Target::Receive)
    }

    /// Send `local` as a datagram.
    ///
    /// # Errors
    /// As of [`write`](Self::write).
    pub fn send_to(
        &self,
        id: WorkId,
        local: LocalPart<'_>,
        to: &AddressHandle,
        queue_pair: Qpn,
        key: QKey,
    ) -> Result<(), VerbsError> {
        keep(&self.handles, &to.0);
        let target = Target::Datagram { handle: &to.0, queue_pair: queue_pair.get(), key: key.0 };
        self.post(id, WorkKind::Send, local, target)
    }

    fn post(
        &self,
        id: WorkId,
        kind: WorkKind,
        local: LocalPart<'_>,
        target: Target<'_>,
    ) -> Result<(), VerbsError> {
        self.keep_region(local)?;
        let mut work = self.in_flight.lock_to_send();
        let full =
            || VerbsError::QueueFull { queue_pair: self.number, queue: "send", depth: self.capacity.send };
        let number = work.next(kind).ok_or_else(full)?;
        let request = SendRequest { id: number, local: local.segment, target };
        self.raw.post_send(&request).map_err(|refused| self.refused(refused))?;
        work.posted(Entry { id, kind });
        Ok(())
    }

    /// Give memory for a message of the peer. Of a datagram the first [`ROUTE_LENGTH`] bytes are its route.
    ///
    /// # Errors
    /// [`VerbsError::QueueFull`], or that the queue pair is in the state Reset.
    pub fn receive(&self, id: WorkId, local: LocalPart<'_>) -> Result<(), VerbsError> {
        self.keep_region(local)?;
        let mut work = self.in_flight.lock();
        let full = || VerbsError::QueueFull {
            queue_pair: self.number,
            queue: "receive",
            depth: self.capacity.receive,
        };
        let number = work.next(WorkKind::Receive).ok_or_else(full)?;
        self.raw.post_receive(number, local.segment).map_err(|refused| self.refused(refused))?;
        work.posted(Entry { id, kind: WorkKind::Receive });
        Ok(())
    }

    /// The adapter may use the region until this queue pair is gone.
    fn keep_region(&self, local: LocalPart<'_>) -> Result<(), VerbsError> {
        if !local.region.is_of(self.raw.domain()) {
            return Err(VerbsError::OtherDomain { queue_pair: self.number });
        }
        keep(&self.regions, local.region);
        Ok(())
    }

    /// Make a queue pair for datagrams ready to send and receive.
    ///
    /// # Errors
    /// When the adapter refuses.
    pub fn open_for_datagrams(&self, key: QKey, psn: Psn) -> Result<(), VerbsError> {
        let port = self.port().shared.number;
        self.modify(&Modification::to(State::Initialized).p_key_index(0).port(port).q_key(key))?;
        self.modify(&Modification::to(State::ReadyToReceive))?;
        self.modify(&Modification::to(State::ReadyToSend).send_psn(psn))
    }

    pub(super) fn attach_raw(&self, group: Gid, lid: Lid) -> Result<(), VerbsError> {
        self.raw.attach(group, lid.0).map_err(|refused| self.refused(refused))
    }

    pub(super) fn detach_raw(&self, group: Gid, lid: Lid) -> Result<(), VerbsError> {
        self.raw.detach(group, lid.0).map_err(|refused| self.refused(refused))
    }
}

/// Keep an object that the adapter may use. A queue pair uses few different ones, mostly the last.
fn keep<T>(kept: &Mutex<Vec<Arc<T>>>, object: &Arc<T>) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if !kept.iter().rev().any(|known| Arc::ptr_eq(known, object)) {
        kept.push(Arc::clone(object));
    }
}

impl Drop for QueuePair {
    fn drop(&mut self) {
        // A queue pair that is in a group cannot be destroyed.
        let memberships = core::mem::take(self.memberships.get_mut().unwrap_or_else(PoisonError::into_inner));
        for membership in memberships {
            let _ = self.detach_raw(membership.group, membership.lid);
        }
        // Nothing comes after this: what the adapter still does is done when the queue pair is destroyed, and what it
        // then says of an unknown number is thrown away.
        self.completions.remove(self.number);
        self.port().shared.events.forget(self.number);
    }
}
