use core::time::Duration;

use ib_mad::sa::SaAddress;
use ib_mad::wire::{Attribute, MAD_LENGTH, SmpNotice, SmpView};
use path_record::Update;
use sim::{Faults, Link, LinkStep, Violation, Witness, World};
use trap_signal::LocalPort;
use trap_signal::watch::{WatchEvent, Watcher};

use super::manager::{Datagram, HOST, MANAGER, Manager, Route, Routes, WATCHER, gid};
use super::setting::{Disturbances, Setting};

/// Far from zero, so that a duration taken for a time shows.
const EPOCH: Duration = Duration::from_secs(1 << 40);
/// Deadlines further away than this never come.
const HORIZON: Duration = Duration::from_secs(1 << 39);
const LINK: usize = 16;

/// What must hold, by the name under which a violation tells of it.
pub mod rule {
    /// What has not changed is not signalled; one change is signalled twice at most, since a pass can see half of it.
    pub const CHANGES_ARE_SIGNALLED: &str =
        "a change is signalled once, or in two halves, and nothing else is";
}

/// A watcher and a manager over links that lose, repeat and delay. The manager comes to its new routing before anybody's
/// patience ends: the time for which a watcher goes on looking has to be set to that.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WatchWorld {
    now: Duration,
    setting: Setting,
    watcher: Watcher<4>,
    manager: Manager,
    up: Link<Datagram>,
    down: Link<Datagram>,
    left: Disturbances,
    /// Routings that changed something since the first pass began, and traps.
    changes: u32,
    signals: u32,
    /// Count of the newest trap.
    last_trap: Option<u16>,
    broken: Option<Violation>,
}

/// One thing that can happen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// On the link from the watcher to the manager.
    Up(LinkStep),
    /// On the link from the manager to the watcher.
    Down(LinkStep),
    /// The new routing comes into use.
    Install,
    /// Nothing is on the way: the next deadline passes.
    Wait,
    /// The next deadline passes while something is on the way.
    Impatience,
    /// A link fails, and the service levels will change.
    Reroute,
    /// A link fails that carries no path.
    VainReroute,
    /// The manager starts anew and tells nobody.
    Restart,
}

impl WatchWorld {
    /// A watcher that has just learnt of its manager.
    pub fn new(setting: Setting, left: Disturbances) -> Self {
        let mut watcher = Watcher::new(setting.config());
        let manager = SaAddress { lid: MANAGER, ..SaAddress::default() };
        watcher.handle_port(EPOCH, LocalPort { lid: WATCHER, gid: gid(WATCHER), manager });
        let mut world = Self {
            now: EPOCH,
            setting,
            watcher,
            manager: Manager::new(),
            up: Link::new(LINK),
            down: Link::new(LINK),
            left,
            changes: 0,
            signals: 0,
            last_trap: None,
            broken: None,
        };
        world.pump();
        world
    }

    /// Traps that the watcher sent, without repetitions and without those that nobody confirmed.
    pub fn signals(&self) -> u32 {
        self.signals
    }

    fn is_quiet(&self) -> bool {
        self.up.is_empty() && self.down.is_empty()
    }

    fn next_deadline(&self) -> Option<Duration> {
        let deadlines = [self.watcher.poll_timeout(), self.manager.poll_timeout()];
        deadlines.into_iter().flatten().min().filter(|at| *at < self.now.saturating_add(HORIZON))
    }

    /// Let both sides do all that they can now.
    fn pump(&mut self) {
        let mut out = Vec::new();
        self.manager.pump(self.now, &mut out);
        for mad in out.drain(..) {
            self.down.send(mad);
        }
        let mut buffer = [0; MAD_LENGTH];
        loop {
            let mut is_idle = true;
            while let Some(event) = self.watcher.poll_event(self.now) {
                is_idle = false;
                self.heed(&event);
            }
            while self.watcher.poll_transmit(self.now, &mut buffer).is_some() {
                is_idle = false;
                self.note_trap(&buffer);
                self.up.send(buffer);
            }
            if is_idle {
                return;
            }
        }
    }

    fn heed(&mut self, event: &WatchEvent) {
        match event {
            // What the first pass read is what nobody needs to be told.
            WatchEvent::Pass(pass) if pass.update == Update::Seeded => self.manager.told = self.read(),
            // It is repeated, and does not count twice.
            WatchEvent::SignalUnanswered { .. } => self.signals -= 1,
            _ => {}
        }
    }

    fn note_trap(&mut self, mad: &Datagram) {
        let Some(notice) = SmpView::new(mad).ok().and_then(|smp| SmpNotice::parse(smp.data()).ok()) else {
            return;
        };
        if self.last_trap.replace(notice.0.notice_count) != Some(notice.0.notice_count) {
            self.signals += 1;
        }
        if self.signals > self.changes.saturating_mul(2) {
            let detail = format!("{} signals, {} changes", self.signals, self.changes);
            self.broken.get_or_insert(Violation::new(rule::CHANGES_ARE_SIGNALLED, detail));
        }
    }

    /// The routes of the records that the watcher holds.
    fn read(&self) -> Option<Routes> {
        let table = self.watcher.distinguisher().table()?;
        let route = |from, to| {
            let entry = table.paths_between(gid(from), gid(to)).first()?;
            Some(((from, to), Route::of(entry.properties.service_level, entry.properties.packet_lifetime)))
        };
        Some([route(WATCHER, HOST), route(HOST, WATCHER)].into_iter().flatten().collect())
    }

    fn reroute(&mut self, step: u8) {
        let mut next = self.manager.next.take().unwrap_or_else(|| self.manager.routes.clone());
        for route in next.values_mut() {
            *route = route.after(step);
        }
        self.manager.reroute(next);
    }
}

impl World for WatchWorld {
    type Step = Step;

    fn steps(&self, out: &mut Vec<Step>) {
        if self.broken.is_some() {
            return;
        }
        let left = &self.left;
        out.extend(self.down.steps(&left.faults).map(Step::Down));
        out.extend(self.up.steps(&left.faults).map(Step::Up));
        let is_routed = self.manager.next.is_none();
        out.extend((!is_routed).then_some(Step::Install));
        // A watcher that starts while the manager reroutes finds out when it looks without being told to.
        let may_change = self.setting.looks_when_quiet || self.manager.told.is_some();
        out.extend((may_change && left.reroutes > 0).then_some(Step::Reroute));
        out.extend((left.vain_reroutes > 0).then_some(Step::VainReroute));
        out.extend((left.restarts > 0).then_some(Step::Restart));
        if is_routed && self.next_deadline().is_some() {
            if self.is_quiet() {
                out.push(Step::Wait);
            } else if left.impatience > 0 {
                out.push(Step::Impatience);
            }
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Up(step) => {
                if let Some(mad) = self.up.step(step, &mut self.left.faults) {
                    let mut out = Vec::new();
                    self.manager.receive(&mad, &mut out);
                    for mad in out {
                        self.down.send(mad);
                    }
                }
            }
            Step::Down(step) => {
                if let Some(mad) = self.down.step(step, &mut self.left.faults) {
                    self.watcher.handle_datagram(self.now, MANAGER, &mad);
                }
            }
            Step::Install => {
                if let Some(next) = self.manager.next.take() {
                    self.changes = self.changes.saturating_add(u32::from(next != self.manager.routes));
                    self.manager.routes = next;
                }
            }
            Step::Wait | Step::Impatience => {
                if *step == Step::Impatience {
                    Faults::spend(&mut self.left.impatience);
                }
                self.now = self.now.max(self.next_deadline().unwrap_or_default());
                self.watcher.handle_timeout(self.now);
            }
            Step::Reroute => {
                Faults::spend(&mut self.left.reroutes);
                self.reroute(1);
            }
            Step::VainReroute => {
                Faults::spend(&mut self.left.vain_reroutes);
                self.reroute(0);
            }
            Step::Restart => {
                Faults::spend(&mut self.left.restarts);
                self.manager.restart();
                self.up.cut();
            }
        }
        self.pump();
    }

    fn is_fault(step: &Step) -> bool {
        match step {
            Step::Up(step) | Step::Down(step) => step.is_fault(),
            Step::Install | Step::Wait => false,
            Step::Impatience | Step::Reroute | Step::VainReroute | Step::Restart => true,
        }
    }

    fn check(&self) -> Result<(), Violation> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    /// The watcher knows the records, and the subscribers were told of them.
    fn is_at_goal(&self) -> bool {
        let routes = Some(&self.manager.routes);
        self.is_quiet()
            && self.manager.next.is_none()
            && self.manager.pending() == 0
            && self.manager.knows_watcher()
            && self.read().as_ref() == routes
            && self.manager.told.as_ref() == routes
    }

    fn drain_bound(&self) -> usize {
        300 + 12 * self.manager.pending()
    }

    fn rebase(&mut self) {
        let epoch = core::mem::take(&mut self.now);
        self.manager.rebase(epoch);
        self.watcher.rebase(epoch);
    }

    fn witnesses() -> &'static [Witness<Self>] {
        &[
            Witness { name: "all is well", holds: |world| world.is_at_goal() },
            Witness { name: "a change was signalled", holds: |world| world.signals > 0 },
            Witness {
                name: "a change was signalled in two halves",
                holds: |world| world.signals > world.changes,
            },
        ]
    }
}
