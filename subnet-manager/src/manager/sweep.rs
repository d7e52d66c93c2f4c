//! Sweeps: when they start, and what follows on what.

use core::time::Duration;

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use ib_mad::Guid;
use ib_mad::wire::PortState;

use super::changes::changes;
use super::task::Task;
use super::{Manager, Phase};
use crate::configure::{Plan, PlanInput, Setting, multicast_settings};
use crate::discovery::Draft;
use crate::event::{Event, Fault, SweepReason, SweepSummary};
use crate::standing::{Found, ManagerState, Rank, Request, Verdict};
use crate::subnet::{EndPort, KnownManager, Subnet};
use crate::{PathChanges, SubnetChange};

/// The first of the waits between sweeps that traps asked for in vain.
const FIRST_HOLD_OFF: Duration = Duration::from_millis(50);

/// A sweep under way, and what is left of the last one.
#[derive(Clone, Debug, Default)]
pub(super) struct Sweep {
    reason: Option<SweepReason>,
    started: Duration,
    discovered: Duration,
    pub(super) answered: u64,
    activate: Vec<EndPort>,
    pub(super) reregister: BTreeSet<EndPort>,
    settings: usize,
    forwarding_blocks: u32,
    lanes: u8,
    has_new_lids: bool,
    /// To whom to hand over when the subnet is up.
    heir: Option<Guid>,
    /// Somebody who outranks this manager is about to stand by.
    is_for_now: bool,
    /// Switches that did not take all that they were told.
    pub(super) untold: BTreeSet<Guid>,
    /// A light sweep saw something.
    pub(super) has_seen_change: bool,
}

/// When what is due.
#[derive(Clone, Debug)]
pub(super) struct Timers {
    sweep: Option<(Duration, SweepReason)>,
    light: Option<Duration>,
    poll: Option<Duration>,
    /// The next sweep that a trap asks for starts no sooner.
    trap_floor: Duration,
    hold_off: Duration,
    retry: Duration,
}

impl Timers {
    /// A sweep at once.
    pub(super) fn at_start() -> Self {
        Self {
            sweep: Some((Duration::ZERO, SweepReason::Start)),
            light: None,
            poll: None,
            trap_floor: Duration::ZERO,
            hold_off: Duration::ZERO,
            retry: Duration::ZERO,
        }
    }

    pub(super) fn sweep(&self) -> Option<Duration> {
        self.sweep.map(|(due, _)| due)
    }

    pub(super) fn next(&self) -> Option<Duration> {
        [self.sweep(), self.light, self.poll].into_iter().flatten().min()
    }

    pub(super) fn set_poll(&mut self, due: Option<Duration>) {
        self.poll = due;
    }

    pub(super) fn stop(&mut self) {
        (self.sweep, self.light, self.poll) = (None, None, None);
    }

    /// A sweep at `due`, unless one is due before.
    fn ask(&mut self, due: Duration, reason: SweepReason) {
        if self.sweep.is_none_or(|(other, _)| due < other) {
            self.sweep = Some((due, reason));
        }
    }
}

impl Manager {
    /// Ask for a sweep. What traps ask for waits when the last ones asked in vain; while a sweep is under way, the next one follows it.
    pub(super) fn ask_for_sweep(&mut self, reason: SweepReason) {
        let due = match reason {
            SweepReason::Trap => self.now.max(self.timers.trap_floor),
            _ => self.now,
        };
        if self.state() != ManagerState::NotActive {
            self.timers.ask(due, reason);
        }
    }

    pub(super) fn timers_due(&mut self) {
        if self.phase != Phase::Idle {
            return;
        }
        if self.timers.poll.is_some_and(|due| due <= self.now) {
            self.timers.poll = None;
            self.poll_master();
        }
        if self.timers.light.is_some_and(|due| due <= self.now) {
            self.timers.light = None;
            self.start_looking();
        }
    }

    /// Go on as far as can be without an answer.
    pub(super) fn step(&mut self) {
        while self.queue.is_idle() {
            match self.phase {
                Phase::Idle if self.timers.sweep.is_some_and(|(due, _)| due <= self.now) => {
                    self.start_sweep()
                }
                Phase::Idle if !self.changed_groups.is_empty() && self.is_up() => self.program_groups(),
                Phase::Idle => return,
                Phase::Looking => self.finish_looking(),
                Phase::Discovering => self.finish_discovery(),
                Phase::Configuring => self.start_activating(),
                Phase::Activating => self.finish_sweep(),
            }
        }
    }

    fn start_looking(&mut self) {
        if self.state() != ManagerState::Master || !self.queue.is_idle() {
            self.timers.light = Some(self.now.saturating_add(self.settings.light_sweep_interval));
            return;
        }
        self.counters.light_sweeps += 1;
        self.phase = Phase::Looking;
        self.sweep.has_seen_change = false;
        for place in 0..self.current.subnet.switches().len() {
            let node = self.current.subnet.switches()[place];
            self.queue.push(node.0, Task::Look(node));
        }
    }

    fn finish_looking(&mut self) {
        self.phase = Phase::Idle;
        self.timers.light = Some(self.now.saturating_add(self.settings.light_sweep_interval));
        if core::mem::take(&mut self.sweep.has_seen_change) {
            self.ask_for_sweep(SweepReason::LightSweep);
        }
    }

    fn start_sweep(&mut self) {
        let Some((_, reason)) = self.timers.sweep.take() else { return };
        self.timers.light = None;
        self.counters.sweeps += 1;
        self.activity = self.activity.wrapping_add(1);
        let untold = core::mem::take(&mut self.sweep.untold);
        self.sweep = Sweep { reason: Some(reason), started: self.now, untold, ..Sweep::default() };
        self.draft = Some(Draft::new(self.settings.prefix, self.settings.port_guid));
        self.phase = Phase::Discovering;
        self.events.push_back(Event::SweepStarted(reason));
        self.ask_on();
    }

    fn finish_discovery(&mut self) {
        self.sweep.discovered = self.now;
        let Some(draft) = &mut self.draft else {
            self.phase = Phase::Idle;
            return;
        };
        draft.connect();
        let own = draft.subnet.manager_port;
        let others: Vec<Found> = draft
            .subnet
            .managers
            .iter()
            .filter(|known| Some(known.port) != own)
            .map(|known| Found { rank: Rank::of(&known.info), state: known.info.state })
            .collect();
        let before = self.state();
        let verdict = if own.is_some() { Some(self.standing.discovered(&others)) } else { None };
        self.note_state(before);
        match verdict {
            // Not even the own node answers.
            None => self.give_up(),
            Some(Verdict::Watch(_)) => {
                self.current = self.draft.take().unwrap_or_else(|| self.current.clone());
                self.phase = Phase::Idle;
                self.is_up = false;
                self.forget_registrations();
                self.watch_on();
            }
            Some(Verdict::Manage) => self.configure(before != ManagerState::Master),
            Some(Verdict::ManageForNow) => {
                self.sweep.is_for_now = true;
                self.configure(before != ManagerState::Master);
            }
            Some(Verdict::ManageAndHandOver(heir)) => {
                self.sweep.heir = Some(heir);
                self.configure(before != ManagerState::Master);
            }
        }
    }

    /// Nothing can be done now.
    fn give_up(&mut self) {
        let faults = self.draft.take().map(|draft| draft.faults).unwrap_or_default();
        self.tell_faults(faults);
        self.phase = Phase::Idle;
        self.retry();
    }

    fn configure(&mut self, is_new_master: bool) {
        let own_info = self.own_info();
        if is_new_master {
            // What was known is what another manager left, or nothing.
            self.is_up = false;
            self.take_registrations();
        }
        let Some(draft) = &mut self.draft else { return };
        if let Some(port) = draft.subnet.manager_port {
            draft.subnet.managers.push(KnownManager { port, info: own_info });
        }
        for node in &self.sweep.untold {
            forget_tables(&mut self.current.subnet, *node);
        }
        self.sweep.untold.clear();
        let groups: Vec<_> = self.groups.values().cloned().collect();
        let input = PlanInput {
            settings: &self.settings,
            before: &self.current.subnet,
            is_new_master: !self.is_up,
            groups: &groups,
        };
        let plan = Plan::new(draft, &mut self.book, &mut self.lanes, &mut self.routing, &input);
        self.changed_groups.clear();
        self.groups.retain(|_, group| !group.receivers.is_empty());
        self.sweep.activate = plan.activate;
        self.sweep.reregister = plan.reregister;
        self.sweep.settings = plan.settings.len();
        self.sweep.forwarding_blocks = plan.forwarding_blocks;
        self.sweep.lanes = plan.lanes;
        self.sweep.has_new_lids = plan.has_new_lids;
        for setting in plan.settings {
            self.queue.push(setting.node().0, Task::Set(setting));
        }
        self.phase = Phase::Configuring;
    }

    /// Everything is set: the armed ports may carry data.
    fn start_activating(&mut self) {
        self.phase = Phase::Activating;
        for at in core::mem::take(&mut self.sweep.activate) {
            let is_armed =
                self.frame().subnet.port(at).is_some_and(|port| port.info.port_state == PortState::ARMED);
            if is_armed {
                self.push(at, Task::Set(Setting::Activate(at)));
            }
        }
    }

    fn finish_sweep(&mut self) {
        self.phase = Phase::Idle;
        let Some(mut draft) = self.draft.take() else { return };
        let faults = core::mem::take(&mut draft.faults);
        let was_up = core::mem::replace(&mut self.is_up, true);
        let change = changes(was_up.then_some(&self.current.subnet), &draft.subnet);
        self.current = draft;
        let summary = self.summary(faults.len());
        let is_retried = self.sweep.is_for_now || faults.iter().any(may_pass);
        let is_in_vain = change.is_empty() && self.sweep.settings == 0;
        self.tell_faults(faults);
        if self.sweep.has_new_lids {
            self.events.push_back(Event::LidsChanged);
        }
        if was_up || self.administration.subscription_count() == 0 {
            self.administration.subnet_changed(&self.current.subnet, &change);
        } else {
            // Who subscribed before a restart may have missed anything since: all paths may be others.
            let paths = PathChanges::Ends(change.in_service.iter().copied().collect());
            self.administration
                .subnet_changed(&self.current.subnet, &SubnetChange { paths, ..change.clone() });
        }
        self.hear_administration();
        if !change.is_empty() {
            self.counters.path_changes += u64::from(change.paths != PathChanges::None);
            self.events.push_back(Event::Changed(Box::new(change)));
        }
        self.events.push_back(Event::SubnetUp(summary));
        self.after_sweep(is_retried, is_in_vain);
    }

    fn after_sweep(&mut self, is_retried: bool, is_in_vain: bool) {
        self.timers.light = Some(self.now.saturating_add(self.settings.light_sweep_interval));
        if is_retried {
            self.retry();
        } else {
            self.timers.retry = Duration::ZERO;
        }
        self.timers.hold_off = match (self.sweep.reason, is_in_vain) {
            (Some(SweepReason::Trap), true) => {
                self.timers.hold_off.saturating_mul(2).max(FIRST_HOLD_OFF).min(self.settings.trap_hold_off)
            }
            _ => Duration::ZERO,
        };
        self.timers.trap_floor = self.now.saturating_add(self.timers.hold_off);
        if let Some((due, SweepReason::Trap)) = &mut self.timers.sweep {
            *due = (*due).max(self.timers.trap_floor);
        }
        if let Some(heir) = self.sweep.heir.take()
            && let Some(at) = self.manager_port(heir)
        {
            self.events.push_back(Event::HandingOver(heir));
            self.push(at, Task::Tell(at, Request::Handover));
        }
    }

    /// Sweep again after a while, which grows as long as nothing gets better.
    fn retry(&mut self) {
        let limit = self.settings.light_sweep_interval.max(self.settings.retry_interval);
        self.timers.retry = self.timers.retry.saturating_mul(2).clamp(self.settings.retry_interval, limit);
        self.timers.ask(self.now.saturating_add(self.timers.retry), SweepReason::Retry);
    }

    fn summary(&self, faults: usize) -> SweepSummary {
        let subnet = &self.current.subnet;
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        SweepSummary {
            nodes: count(subnet.nodes().len()),
            switches: count(subnet.switches().len()),
            end_ports: count(subnet.lids().count()),
            lanes: self.sweep.lanes,
            answered: self.sweep.answered,
            forwarding_blocks: self.sweep.forwarding_blocks,
            duration: self.now.saturating_sub(self.sweep.started),
            discovery: self.sweep.discovered.saturating_sub(self.sweep.started),
            faults: count(faults),
        }
    }

    /// Tell of faults that are new, and of those that are gone.
    fn tell_faults(&mut self, faults: BTreeSet<Fault>) {
        let new = faults.difference(&self.faults).map(|fault| Event::Fault(*fault));
        let gone = self.faults.difference(&faults).map(|fault| Event::Mended(*fault));
        self.events.extend(new.chain(gone));
        self.faults = faults;
    }

    /// Program the groups that changed since the last sweep.
    fn program_groups(&mut self) {
        for lid in core::mem::take(&mut self.changed_groups) {
            let Some(group) = self.groups.get(&lid).cloned() else { continue };
            let draft = &mut self.current;
            for setting in multicast_settings(&mut draft.subnet, &group, &mut draft.faults) {
                self.queue.push(setting.node().0, Task::Set(setting));
            }
            if group.receivers.is_empty() {
                self.groups.remove(&lid);
            }
        }
        let faults = core::mem::take(&mut self.current.faults);
        for fault in faults {
            if self.faults.insert(fault) {
                self.events.push_back(Event::Fault(fault));
            }
        }
    }
}

/// Whether another sweep may find the fault gone without anybody having done something.
fn may_pass(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Silent { .. } | Fault::Unset { .. } | Fault::Refused { .. } | Fault::DuplicateGuid { .. }
    )
}

/// A switch is to be told everything again.
fn forget_tables(subnet: &mut Subnet, guid: Guid) {
    let node = subnet.node_by_guid(guid).and_then(|node| subnet.node_mut(node));
    if let Some(switch) = node.and_then(|node| node.switch.as_mut()) {
        switch.forwarding.clear();
        switch.multicast.clear();
    }
}
