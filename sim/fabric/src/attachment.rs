//! What a program has behind an end port: queue pairs, groups, and packets that wait for it.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ib_mad::wire::{LocalChangeFlags, PortCapabilityMask};
use ib_mad::{Gid, PKey, QKey, Qpn};

use crate::drops::DropReason;
use crate::error::FabricError;
use crate::fabric::{EndPort, Fabric};
use crate::packet::Packet;
use crate::pool::PacketId;
use crate::port::PortId;

/// Queue pairs that one end port can have, and groups that one queue pair can be attached to.
const QUEUE_PAIRS: usize = 1 << 16;
const GROUPS: usize = 1 << 12;

/// Behind an end port that somebody uses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attachment {
    /// A subnet manager runs here.
    pub(crate) is_manager: bool,
    pub(crate) queue_pairs: BTreeMap<Qpn, QueuePair>,
    pub(crate) groups: BTreeMap<Gid, BTreeSet<Qpn>>,
    pub(crate) received: VecDeque<PacketId>,
}

/// What a queue pair admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QueuePair {
    /// Its partition, one of the port's.
    pub p_key: PKey,
    /// Its key.
    pub q_key: QKey,
}

impl Fabric {
    /// A subnet manager starts or stops behind a port. The port's capability IsSM follows, and the agent tells of it with
    /// trap 144. While it runs, it gets what is for a manager: traps, and requests for SMInfo.
    pub fn claim(&mut self, now: Duration, port: EndPort, is_manager: bool) {
        self.advance(now);
        let attachment = self.attachments.entry(port.0).or_default();
        if attachment.is_manager == is_manager {
            return;
        }
        attachment.is_manager = is_manager;
        let mask = &mut self.port_mut(port.0).info.capability_mask;
        let bit = PortCapabilityMask::SM.0;
        mask.0 = if is_manager { mask.0 | bit } else { mask.0 & !bit };
        self.raise_local_changes(port.0, LocalChangeFlags::default());
    }

    /// Make a queue pair, or change one. Queue pairs 0 and 1 are there already.
    ///
    /// # Errors
    /// When the port has very many already.
    pub fn open(&mut self, port: EndPort, qpn: Qpn, queue_pair: QueuePair) -> Result<(), FabricError> {
        let queue_pairs = &mut self.attachments.entry(port.0).or_default().queue_pairs;
        if queue_pairs.len() >= QUEUE_PAIRS && !queue_pairs.contains_key(&qpn) {
            return Err(FabricError::TooMany { what: "queue pairs", limit: QUEUE_PAIRS });
        }
        queue_pairs.insert(qpn, queue_pair);
        Ok(())
    }

    /// Take a queue pair away, and out of its groups.
    pub fn close(&mut self, port: EndPort, qpn: Qpn) {
        let Some(attachment) = self.attachments.get_mut(&port.0) else { return };
        attachment.queue_pairs.remove(&qpn);
        attachment.groups.retain(|_, members| {
            members.remove(&qpn);
            !members.is_empty()
        });
    }

    /// Attach a queue pair to a multicast group: the adapter's filter lets the group's packets through to it. That the
    /// switches send them here is the manager's work.
    ///
    /// # Errors
    /// When the port is in very many groups already.
    pub fn join(&mut self, port: EndPort, qpn: Qpn, mgid: Gid) -> Result<(), FabricError> {
        let groups = &mut self.attachments.entry(port.0).or_default().groups;
        if groups.len() >= GROUPS && !groups.contains_key(&mgid) {
            return Err(FabricError::TooMany { what: "groups", limit: GROUPS });
        }
        groups.entry(mgid).or_default().insert(qpn);
        Ok(())
    }

    /// Detach a queue pair from a group.
    pub fn leave(&mut self, port: EndPort, qpn: Qpn, mgid: Gid) {
        let Some(attachment) = self.attachments.get_mut(&port.0) else { return };
        if let Some(members) = attachment.groups.get_mut(&mgid) {
            members.remove(&qpn);
            if members.is_empty() {
                attachment.groups.remove(&mgid);
            }
        }
    }

    /// The next packet that arrived at an end port and that the node's own agent did not consume.
    pub fn receive(&mut self, port: EndPort) -> Option<Packet> {
        let id = self.attachments.get_mut(&port.0)?.received.pop_front()?;
        Some(self.packets.take(id))
    }

    /// An end port that received a packet, each time one did: call it until it returns `None`, and
    /// [`receive`](Self::receive) there.
    pub fn poll_ready(&mut self) -> Option<EndPort> {
        self.ready.pop_front()
    }

    /// Whether a manager runs behind a port.
    pub(crate) fn is_manager(&self, port: PortId) -> bool {
        self.attachments.get(&port).is_some_and(|attachment| attachment.is_manager)
    }

    /// Give a packet to the program behind an end port.
    pub(crate) fn hand_up(&mut self, port: PortId, id: PacketId) {
        let limit = self.settings.receive_limit;
        let received = &mut self.attachments.entry(port).or_default().received;
        if received.len() >= limit {
            self.discard(id, DropReason::ReceiveLimit);
            return;
        }
        let was_empty = received.is_empty();
        received.push_back(id);
        self.delivered = self.delivered.saturating_add(1);
        if was_empty {
            self.ready.push_back(EndPort(port));
        }
    }
}
