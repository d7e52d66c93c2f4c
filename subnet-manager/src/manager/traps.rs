//! Traps: each is acknowledged, and some start a sweep.

use ib_mad::wire::{
    Attribute, LocalChangeFlags, MadHeader, Method, NodeDescription, Notice, Smp, SmpNotice, SmpView,
    TrapDetails,
};
use ib_mad::{Qpn, Transmit};

use super::Manager;
use crate::Received;
use crate::event::{Event, SweepReason};
use crate::standing::ManagerState;

impl Manager {
    pub(super) fn trap(&mut self, received: &Received<'_>, smp: &SmpView) {
        // Traps are for the master.
        if self.state() != ManagerState::Master {
            return;
        }
        let Ok(SmpNotice(notice)) = SmpNotice::parse(smp.data()) else { return };
        self.counters.traps += 1;
        self.repress(received, smp, notice);
        let gid = self.subnet().end_port(notice.issuer_lid).and_then(|at| self.subnet().gid(at));
        let notice = Notice { issuer_gid: gid.unwrap_or_default(), ..notice };
        match notice.trap() {
            Some(TrapDetails::LinkStateChange { .. } | TrapDetails::SystemImageGuidChange { .. }) => {
                self.ask_for_sweep(SweepReason::Trap);
            }
            Some(TrapDetails::LocalChanges(changes)) => {
                if changes.other_local_changes
                    && changes.change_flags.contains(LocalChangeFlags::NODE_DESCRIPTION)
                {
                    self.forget_name(changes.lid);
                }
                self.ask_for_sweep(SweepReason::Trap);
            }
            // Errors and violations are for people, and for those who subscribed.
            _ => {}
        }
        if self.is_up() {
            // What is made up, or comes from nowhere, is told to nobody; neither is it when too many Reports wait.
            let _ = self.administration.forward_trap(&self.current.subnet, received.from, &notice);
        }
        if self.events.len() < Self::EVENTS {
            self.events.push_back(Event::Trap(notice));
        }
    }

    /// The node need not repeat its trap.
    fn repress(&mut self, received: &Received<'_>, smp: &SmpView, notice: Notice) {
        if !received.from.is_unicast() {
            return;
        }
        let header = MadHeader { method: Method::TRAP_REPRESS, ..MadHeader::from_view(smp.header()) };
        let repress = Smp { header, m_key: self.settings.m_key }.emit(&SmpNotice(notice));
        if let Ok(mad) = repress {
            let transmit = Transmit {
                to: received.from,
                service_level: received.service_level,
                qpn: Qpn::SUBNET_MANAGEMENT,
            };
            self.send(transmit, mad);
        }
    }

    /// The next sweep asks for the node's name again.
    fn forget_name(&mut self, lid: ib_mad::Lid) {
        let subnet = &mut self.current.subnet;
        let node = subnet.end_port(lid).and_then(|at| subnet.node_mut(at.node));
        if let Some(node) = node {
            node.description = NodeDescription::default();
        }
    }
}
