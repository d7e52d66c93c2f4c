//! Traps: an agent tells the manager, and repeats itself until the manager says that it has heard.

use ib_mad::wire::{
    Attribute, AttributeId, LocalChangeFlags, LocalChanges, MadHeader, MadHeaderView, ManagementClass,
    Method, Notice, NoticeType, PortEvent, ProducerType, Smp, SmpNotice, TrapDetails, TrapNumber,
};
use ib_mad::{Guid, Lid, PacketLifetime, TransactionId};
use topology::NodeKind;

use crate::fabric::Fabric;
use crate::packet::Packet;
use crate::pool::PacketId;
use crate::port::PortId;
use crate::schedule::Timer;

/// Traps that a node repeats at a time; real agents have a handful of timers.
const PENDING: usize = 16;

/// The traps of a node that nobody has repressed yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traps {
    pending: Vec<Pending>,
}

#[derive(Clone, Debug)]
struct Pending {
    /// The port that sends it.
    port: PortId,
    /// The port that it is about.
    about: u8,
    trap: TrapNumber,
    notice: Notice,
    transaction: u64,
    /// Number of its timer.
    timer: u32,
}

/// An event at a port that its counters would show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortTrouble {
    /// Trap 129: too many errors of the link.
    LinkIntegrity,
    /// Trap 130: a buffer was overrun too often.
    BufferOverrun,
    /// Trap 131: the other end sends no flow control.
    FlowControlWatchdog,
}

impl Fabric {
    /// Have the agent behind a port send a trap, now and again. Without a manager to send it to there is none; with
    /// [`PENDING`] others, neither.
    pub(crate) fn raise(&mut self, port: PortId, about: u8, kind: NoticeType, details: &TrapDetails) {
        let info = &self.port(port).info;
        let node = self.port(port).node;
        if !info.master_sm_lid.is_unicast() || !info.lid.is_unicast() || !self.node(node).is_on {
            return;
        }
        let producer = match self.node(node).kind {
            NodeKind::Host => ProducerType::CHANNEL_ADAPTER,
            NodeKind::Switch => ProducerType::SWITCH,
            NodeKind::Router => ProducerType::ROUTER,
        };
        let notice = Notice { issuer_lid: info.lid, ..Notice::generic(kind, producer, details) };
        let trap = details.trap_number();
        self.trap_count = self.trap_count.wrapping_add(1);
        let (transaction, timer) = (self.trap_count, self.trap_count as u32);
        let pending = &mut self.node_mut(node).traps.pending;
        let same = |other: &&mut Pending| other.trap == trap && other.port == port && other.about == about;
        if let Some(waiting) = pending.iter_mut().find(same) {
            // It is sent when the one before would have been again.
            (waiting.notice, waiting.transaction) = (notice, transaction);
            return;
        }
        if pending.len() < PENDING {
            pending.push(Pending { port, about, trap, notice, transaction, timer });
            self.send_trap(node, timer);
        }
    }

    /// Send a trap that is still pending, and have it sent again.
    pub(crate) fn send_trap(&mut self, node: u32, timer: u32) {
        let pending = self.node(node).traps.pending.iter().find(|pending| pending.timer == timer);
        let Some(pending) = pending.cloned() else { return };
        let info = &self.port(pending.port).info;
        let header = MadHeader::request(
            ManagementClass::SUBNET_LID_ROUTED,
            Method::TRAP,
            AttributeId::NOTICE,
            0,
            TransactionId(pending.transaction),
        );
        let (to, level) = (info.master_sm_lid, info.master_sm_sl);
        let interval = PacketLifetime(info.subnet_timeout).duration().max(self.settings.trap_interval);
        if let Ok(mad) = (Smp { header, m_key: info.m_key }).emit(&SmpNotice(pending.notice))
            && to.is_unicast()
        {
            let packet = Packet { service_level: level, ..Packet::subnet_management(to, mad) };
            self.originate_new(pending.port, packet);
        }
        let again = self.now.after(interval);
        self.schedule.timer(again, Timer::Trap(node, timer));
    }

    /// A manager has heard of a trap.
    pub(crate) fn repress(&mut self, arrival: PortId, id: PacketId) {
        let node = self.port(arrival).node;
        let Some(transaction) = self.packets[id]
            .packet
            .mad()
            .and_then(|mad| MadHeader::view(mad).ok())
            .map(MadHeaderView::transaction_id)
        else {
            return;
        };
        self.node_mut(node).traps.pending.retain(|pending| pending.transaction != transaction.0);
    }

    /// Trap 128, if the port is one of a switch, whose state did not change because a manager wrote it.
    pub(crate) fn port_state_changed(&mut self, port: PortId) {
        let node = self.port(port).node;
        let first = self.node(node).first;
        let Some(switch) = &mut self.node_mut(node).switch else { return };
        switch.info.port_state_change = true;
        let lid = self.port(first).info.lid;
        self.raise(first, 0, NoticeType::URGENT, &TrapDetails::LinkStateChange { lid });
    }

    /// Traps 129 to 131.
    pub(crate) fn raise_trouble(&mut self, port: PortId, trouble: PortTrouble) {
        let (node, number) = (self.port(port).node, self.port(port).number);
        let via = self.node(node).end_port(number);
        let event = PortEvent { lid: self.port(via).info.lid, port_number: number };
        let details = match trouble {
            PortTrouble::LinkIntegrity => TrapDetails::LinkIntegrity(event),
            PortTrouble::BufferOverrun => TrapDetails::BufferOverrun(event),
            PortTrouble::FlowControlWatchdog => TrapDetails::FlowControlWatchdog(event),
        };
        self.raise(via, number, NoticeType::URGENT, &details);
    }

    /// Trap 144 from a port, or from all of a node's.
    pub(crate) fn raise_local_changes(&mut self, port: PortId, flags: LocalChangeFlags) {
        let info = &self.port(port).info;
        let changes = LocalChanges {
            lid: info.lid,
            other_local_changes: flags != LocalChangeFlags::default(),
            capability_mask: info.capability_mask,
            change_flags: flags,
            capability_mask2: info.capability_mask2,
        };
        self.raise(port, 0, NoticeType::INFORMATIONAL, &TrapDetails::LocalChanges(changes));
    }

    /// Trap 145.
    pub(crate) fn raise_system_change(&mut self, port: PortId, system_image_guid: Guid) {
        let lid: Lid = self.port(port).info.lid;
        let details = TrapDetails::SystemImageGuidChange { lid, system_image_guid };
        self.raise(port, 0, NoticeType::INFORMATIONAL, &details);
    }
}
