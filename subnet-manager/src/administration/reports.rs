//! Reports of what happened: ports, groups and paths that administration knows of itself, and traps that nodes sent.

use alloc::collections::BTreeSet;

use ib_mad::wire::{Notice, NoticeType, PathChange, ProducerType, TrapDetails, TrapNumber};
use ib_mad::{Gid, Guid, Lid, MKey};
use trap_signal::SignallingMethod;
use trap_signal::manager::{ForwardError, Subscriber};

use super::administration::Administration;
use super::event::{AdministrationEvent, TrapError};
use super::multicast::Birth;
use super::query::may_talk;
use crate::subnet::{EndPort, Subnet};
use crate::{PathChanges, SubnetChange};

impl Administration {
    /// A sweep has found the subnet to be another one: tell those who subscribed, and forget the ports that are gone. Subscribers
    /// get their Reports where they are now.
    ///
    /// What is reported: 64 for every port in service, 65 for every one out of it, 67 for every group that ends with its last
    /// member, and 69 to the ends of changed paths (or to everyone, as the settings say).
    pub fn subnet_changed(&mut self, subnet: &Subnet, change: &SubnetChange) {
        self.signaller.relocate(|gid| {
            let port = subnet.port(subnet.end_port_by_gid(gid)?)?;
            Some((port.lid()?, port.info.master_sm_sl))
        });
        self.look_at_subscriptions();
        let gone: BTreeSet<Gid> = self
            .groups
            .iter()
            .flat_map(|group| group.members.keys().copied())
            .filter(|gid| subnet.end_port_by_gid(*gid).is_none())
            .collect();
        for gid in gone.into_iter().chain(change.out_of_service.iter().copied()) {
            self.groups.remove_port(gid);
        }
        for gid in &change.in_service {
            self.report_port(subnet, &TrapDetails::GidInService { gid: *gid }, *gid);
        }
        for gid in &change.out_of_service {
            self.report_port(subnet, &TrapDetails::GidOutOfService { gid: *gid }, *gid);
        }
        self.report_births(subnet);
        match &change.paths {
            PathChanges::None => {}
            PathChanges::Ends(_) => {
                self.report_paths(subnet, &change.paths, &TrapDetails::RePath(PathChange::default()));
            }
        }
    }

    /// Paths have failed, and other ones are being looked for: tell the ends of these by UnPath (68) not to use them until RePath
    /// follows. For a manager that knows so before it has routed anew.
    pub fn paths_failed(&mut self, subnet: &Subnet, ends: BTreeSet<Gid>) {
        let change = PathChange { wait_for_repath: true, ..PathChange::default() };
        self.report_paths(subnet, &PathChanges::Ends(ends), &TrapDetails::UnPath(change));
    }

    /// Report a trap that a node has sent to the manager; how many subscribers are told.
    ///
    /// # Errors
    /// When it is one of those that only administration raises, when its sender is no port of the subnet, or when too many
    /// Reports wait.
    pub fn forward_trap(&mut self, subnet: &Subnet, from: Lid, trap: &Notice) -> Result<usize, TrapError> {
        let own = TrapNumber::GID_IN_SERVICE.0..=TrapNumber::REPATH.0;
        if trap.trap_number().is_some_and(|number| own.contains(&number.0)) {
            return Err(TrapError::Forged);
        }
        let at = subnet.end_port(from).ok_or(TrapError::UnknownPort(from))?;
        let issuer_gid = subnet.gid(at).unwrap_or_default();
        let mut notice = Notice { issuer_lid: from, issuer_gid, ..*trap };
        if let Some(TrapDetails::BadMKey(mut violation)) = trap.trap() {
            // What somebody tried as a key may be almost one.
            violation.m_key = MKey(0);
            notice.data_details = TrapDetails::BadMKey(violation).to_data_details();
        }
        Ok(self.signaller.report_to(notice, |subscriber| may_know(subnet, subscriber, at))?)
    }

    /// Report the groups that began and ended.
    pub(super) fn report_births(&mut self, subnet: &Subnet) {
        while let Some(Birth { mgid, p_key, exists }) = self.groups.poll_birth() {
            let trap = if exists {
                TrapDetails::MulticastGroupCreated { mgid }
            } else {
                TrapDetails::MulticastGroupDeleted { mgid }
            };
            let in_partition = |subscriber: &Subscriber| {
                let port = subnet.end_port_by_gid(subscriber.gid).and_then(|at| subnet.port(at));
                port.is_some_and(|port| port.p_keys.iter().any(|key| key.partition() == p_key.partition()))
            };
            let notice = own_notice(subnet, &trap);
            let reported = self.signaller.report_to(notice, in_partition);
            self.note(reported);
        }
    }

    fn report_port(&mut self, subnet: &Subnet, trap: &TrapDetails, gid: Gid) {
        let at = subnet.end_port_by_gid(gid);
        let notice = own_notice(subnet, trap);
        // What is gone has no partition to keep it a secret in.
        let reported = self
            .signaller
            .report_to(notice, |subscriber| at.is_none_or(|at| may_know(subnet, subscriber, at)));
        self.note(reported);
    }

    fn report_paths(&mut self, subnet: &Subnet, paths: &PathChanges, trap: &TrapDetails) {
        let method = self.method;
        let is_meant = |subscriber: &Subscriber| match (method, paths) {
            (_, PathChanges::None) => false,
            (SignallingMethod::ThreeWayWildcard, PathChanges::Ends(_)) => true,
            (SignallingMethod::ThreeWayHybrid, PathChanges::Ends(ends)) => ends.contains(&subscriber.gid),
        };
        let reported = self.signaller.report_to(own_notice(subnet, trap), is_meant);
        self.note(reported);
    }

    fn note(&mut self, reported: Result<usize, ForwardError>) {
        if let Err(error) = reported {
            self.push_event(AdministrationEvent::Unreported(error));
        }
    }
}

/// A Notice of the manager's own port.
fn own_notice(subnet: &Subnet, trap: &TrapDetails) -> Notice {
    let own = subnet.manager_port;
    let issuer_lid = own.and_then(|at| subnet.port(at)?.lid()).unwrap_or_default();
    let issuer_gid = own.and_then(|at| subnet.gid(at)).unwrap_or(Gid::new(subnet.prefix(), Guid(0)));
    let notice = Notice::generic(NoticeType::SUBNET_MANAGEMENT, ProducerType::CLASS_MANAGER, trap);
    Notice { issuer_lid, issuer_gid, ..notice }
}

/// Whether a subscriber may hear of a port: one that it may talk to.
fn may_know(subnet: &Subnet, subscriber: &Subscriber, at: EndPort) -> bool {
    subnet.end_port_by_gid(subscriber.gid).is_some_and(|own| may_talk(subnet, own, at))
}
