use core::time::Duration;

use ib_mad::wire::{AttributeId, MadHeader, ManagementClass, Method, RmppHeader, SaHeader, SaMad};
use ib_mad::{Lid, TransactionId};
use sim::{Faults, Link, LinkStep, Violation, Witness, World};

use super::host::{Datagram, Host};
use super::manager::{MANAGER, Manager, repath};
use super::setting::{Disturbances, Setting};

/// Far from zero, so that a duration taken for a time shows.
const EPOCH: Duration = Duration::from_secs(1 << 40);
/// Deadlines further away than this never come: an agent that verifies nothing has one at the end of time.
const HORIZON: Duration = Duration::from_secs(1 << 39);
/// Datagrams on the way from a port, and to it.
const LINK: usize = 8;
const STRANGER: Lid = Lid(99);
const FIRST_PORT: u16 = 11;

/// A manager and its hosts over links that lose, repeat and delay: the machines of `trap-signal` as they ship.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RepathWorld {
    now: Duration,
    setting: Setting,
    manager: Manager,
    hosts: Vec<Host>,
    to_manager: Vec<Link<Datagram>>,
    to_host: Vec<Link<Datagram>>,
    left: Disturbances,
    broken: Option<Violation>,
}

/// One thing that can happen. Hosts are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// On the link from the manager to a host.
    ToHost(usize, LinkStep),
    /// On the link from a host to the manager.
    ToManager(usize, LinkStep),
    /// A host's adapter moves a queue pair.
    Moved(usize),
    /// A host's adapter fails to.
    NotMoved(usize),
    /// Nothing is on the way: the next deadline passes.
    Wait,
    /// The next deadline passes while something is on the way.
    Impatience,
    /// The paths between two ports change.
    Reroute(Lid, Lid),
    /// The routing is computed anew and comes out as it was.
    VainReroute,
    /// Records that were signalled come into use (only when the manager signals too early).
    Install,
    /// A host gets a Report from a port that is not the manager's.
    Stranger(usize),
    /// The manager has no time for a host's next datagram.
    Busy(usize),
    /// The manager starts anew, and has the hosts register again.
    Restart,
    /// The manager starts anew and tells nobody.
    SilentRestart,
}

impl RepathWorld {
    /// Hosts that have just learnt of their manager.
    pub fn new(setting: Setting, left: Disturbances) -> Self {
        let ports: Vec<_> =
            (0..setting.hosts + setting.silent_ports).map(|port| Lid(FIRST_PORT + port)).collect();
        let verify_every = if setting.verifies { Duration::from_secs(60) } else { Duration::MAX };
        let hosts = ports.iter().take(setting.hosts.into()).map(|lid| {
            let peers: Vec<_> = ports.iter().copied().filter(|peer| peer != lid).collect();
            Host::new(EPOCH, *lid, &peers, setting.mutant, verify_every)
        });
        let links = || vec![Link::new(LINK); setting.hosts.into()];
        let mut world = Self {
            now: EPOCH,
            setting,
            manager: Manager::new(&ports, setting.mutant),
            hosts: hosts.collect(),
            to_manager: links(),
            to_host: links(),
            left,
            broken: None,
        };
        world.pump_all();
        world
    }

    fn ports(&self) -> impl Iterator<Item = Lid> + use<> {
        (0..self.setting.hosts + self.setting.silent_ports).map(|port| Lid(FIRST_PORT + port))
    }

    fn is_quiet(&self) -> bool {
        self.to_host.iter().chain(&self.to_manager).all(Link::is_empty)
            && self.hosts.iter().all(|host| host.operations.is_empty())
    }

    fn next_deadline(&self) -> Option<Duration> {
        let deadlines = self.hosts.iter().map(Host::poll_timeout).chain([self.manager.poll_timeout()]);
        deadlines.flatten().min().filter(|at| *at < self.now.saturating_add(HORIZON))
    }

    /// What a host sends goes on its link.
    fn with_host(
        &mut self,
        index: usize,
        act: impl FnOnce(&mut Host, Duration, &mut Vec<Datagram>) -> Result<(), Violation>,
    ) {
        let mut out = Vec::new();
        if let Err(violation) = act(&mut self.hosts[index], self.now, &mut out) {
            self.broken.get_or_insert(violation);
        }
        for mad in out {
            self.to_manager[index].send(mad);
        }
    }

    fn with_manager(&mut self, act: impl FnOnce(&mut Manager, &mut Vec<(Lid, Datagram)>)) {
        let mut out = Vec::new();
        act(&mut self.manager, &mut out);
        self.manager.pump(self.now, &mut out);
        for (to, mad) in out {
            if let Some(index) = self.hosts.iter().position(|host| host.lid == to) {
                self.to_host[index].send(mad);
            }
        }
    }

    fn pump_all(&mut self) {
        self.with_manager(|_, _| {});
        for index in 0..self.hosts.len() {
            self.with_host(index, |host, now, out| {
                host.handle_timeout(now);
                host.pump(now, out)
            });
        }
    }

    fn route(&mut self, between: Option<(Lid, Lid)>) {
        let levels = self.setting.levels;
        let mut outcome = Ok(());
        self.with_manager(|manager, _| outcome = manager.route(between, levels));
        self.broken = self.broken.take().or(outcome.err());
    }

    /// A manager takes longer to start than a datagram can be on its way: what was sent to the old one does not reach the
    /// new one. If it did, a subscription that was sent twice could come back to life after a silent restart without
    /// its host knowing that it had missed something.
    fn restart(&mut self) {
        self.manager.restart();
        self.to_manager.iter_mut().for_each(Link::cut);
    }

    fn take(&mut self, index: usize, is_busy: bool) {
        if let Some(mad) = self.to_manager[index].step(LinkStep::Deliver, &mut self.left.faults) {
            let from = self.hosts[index].lid;
            self.with_manager(|manager, out| manager.receive(from, &mad, is_busy, out));
        }
    }
}

/// A Report that the manager never sent.
fn forged() -> Datagram {
    let class = ManagementClass::SUBNET_ADMINISTRATION;
    let header = MadHeader::request(class, Method::REPORT, AttributeId::NOTICE, 0, TransactionId(0xBAD));
    let mad = SaMad { header, rmpp: RmppHeader::INACTIVE, sa: SaHeader::default() };
    mad.emit(&repath()).expect("a notice fits")
}

impl World for RepathWorld {
    type Step = Step;

    fn steps(&self, out: &mut Vec<Step>) {
        if self.broken.is_some() {
            return;
        }
        let left = &self.left;
        for (index, host) in self.hosts.iter().enumerate() {
            out.extend(self.to_host[index].steps(&left.faults).map(|step| Step::ToHost(index, step)));
            out.extend(self.to_manager[index].steps(&left.faults).map(|step| Step::ToManager(index, step)));
            if !host.operations.is_empty() {
                out.push(Step::Moved(index));
                out.extend((left.failed_moves > 0).then_some(Step::NotMoved(index)));
            }
            out.extend((left.strangers > 0).then_some(Step::Stranger(index)));
            out.extend((left.busy > 0 && !self.to_manager[index].is_empty()).then_some(Step::Busy(index)));
        }
        if self.manager.has_prepared() {
            out.push(Step::Install);
        } else if left.reroutes > 0 {
            for one in self.ports() {
                out.extend(self.ports().filter(|other| one < *other).map(|other| Step::Reroute(one, other)));
            }
        }
        out.extend((left.vain_reroutes > 0).then_some(Step::VainReroute));
        out.extend((left.restarts > 0).then_some(Step::Restart));
        out.extend((left.silent_restarts > 0).then_some(Step::SilentRestart));
        if self.next_deadline().is_some() {
            if self.is_quiet() {
                out.push(Step::Wait);
            } else if left.impatience > 0 {
                out.push(Step::Impatience);
            }
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::ToHost(index, step) => {
                if let Some(mad) = self.to_host[index].step(step, &mut self.left.faults) {
                    self.with_host(index, |host, now, out| host.receive(now, MANAGER, &mad, out));
                }
            }
            Step::ToManager(index, LinkStep::Deliver) => self.take(index, false),
            Step::ToManager(index, step) => {
                self.to_manager[index].step(step, &mut self.left.faults);
            }
            Step::Busy(index) => {
                Faults::spend(&mut self.left.busy);
                self.take(index, true);
            }
            Step::Moved(index) => self.with_host(index, |host, now, out| host.complete(now, true, out)),
            Step::NotMoved(index) => {
                Faults::spend(&mut self.left.failed_moves);
                self.with_host(index, |host, now, out| host.complete(now, false, out));
            }
            Step::Wait | Step::Impatience => {
                if *step == Step::Impatience {
                    Faults::spend(&mut self.left.impatience);
                }
                self.now = self.now.max(self.next_deadline().unwrap_or_default());
                self.pump_all();
            }
            Step::Reroute(one, other) => {
                Faults::spend(&mut self.left.reroutes);
                self.route(Some((one, other)));
            }
            Step::VainReroute => {
                Faults::spend(&mut self.left.vain_reroutes);
                self.route(None);
            }
            Step::Install => self.manager.install(),
            Step::Stranger(index) => {
                Faults::spend(&mut self.left.strangers);
                self.with_host(index, |host, now, out| host.receive(now, STRANGER, &forged(), out));
            }
            Step::Restart => {
                Faults::spend(&mut self.left.restarts);
                self.restart();
                for index in 0..self.hosts.len() {
                    self.with_host(index, |host, now, out| {
                        host.reregister(now);
                        host.pump(now, out)
                    });
                }
            }
            Step::SilentRestart => {
                Faults::spend(&mut self.left.silent_restarts);
                self.restart();
            }
        }
    }

    fn is_fault(step: &Step) -> bool {
        match step {
            Step::ToHost(_, step) | Step::ToManager(_, step) => step.is_fault(),
            Step::Moved(_) | Step::Wait | Step::Install => false,
            Step::NotMoved(_)
            | Step::Impatience
            | Step::Reroute(..)
            | Step::VainReroute
            | Step::Stranger(_)
            | Step::Busy(_)
            | Step::Restart
            | Step::SilentRestart => true,
        }
    }

    fn check(&self) -> Result<(), Violation> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    /// Every host is subscribed, and every queue pair on the newest record.
    fn is_at_goal(&self) -> bool {
        self.is_quiet()
            && self.manager.pending() == 0
            && self.hosts.iter().all(|host| {
                self.manager.knows(host.lid) && host.is_on(|peer| self.manager.latest(host.lid, peer))
            })
    }

    fn drain_bound(&self) -> usize {
        let hosts = usize::from(self.setting.hosts);
        60 + 60 * hosts * hosts + 12 * self.manager.pending()
    }

    fn rebase(&mut self) {
        let epoch = core::mem::take(&mut self.now);
        self.manager.rebase(epoch);
        self.hosts.iter_mut().for_each(|host| host.rebase(epoch));
    }

    fn witnesses() -> &'static [Witness<Self>] {
        &[
            Witness { name: "all is well", holds: |world| world.is_at_goal() },
            Witness { name: "a Report is on the way", holds: |world| world.manager.pending() > 0 },
            Witness {
                name: "a queue pair is about to move",
                holds: |world| world.hosts.iter().any(|host| !host.operations.is_empty()),
            },
            Witness {
                name: "a queue pair is about to move to a record that is old already",
                holds: |world| {
                    let is_old = |host: &Host| {
                        let newest = |peer| world.manager.latest(host.lid, peer);
                        host.operations
                            .iter()
                            .any(|move_to| newest(move_to.new.destination_gid) != Some(move_to.new))
                    };
                    world.hosts.iter().any(is_old)
                },
            },
        ]
    }
}
