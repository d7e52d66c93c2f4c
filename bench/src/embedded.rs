//! The subnet manager on the simulated fabric, both in this process: time is virtual, so that nothing waits but for the processor.

use core::time::Duration;
use std::time::Instant;

use fabric::{EndPort, Fabric, Packet};
use ib_mad::wire::MAD_LENGTH;
use ib_mad::{PKey, Qpn, ServiceLevel};
use subnet_manager::{Event, Manager, Received, RoutingEngine, Settings, SweepSummary};
use topology::{End, Topology};

/// Time begins here: not at zero, which a machine may take for never.
const EPOCH: Duration = Duration::from_secs(1);

/// A fabric with a manager behind its first host.
#[derive(Debug)]
pub struct Embedded {
    fabric: Fabric,
    manager: Manager,
    port: EndPort,
    now: Duration,
    /// When the last sweep had found everything, and when it had computed what to tell whom.
    planned: Option<(Instant, Instant)>,
}

/// How long the parts of a sweep took.
#[derive(Clone, Copy, Debug)]
pub struct Phases {
    /// To find everything.
    pub discovery: Duration,
    /// To compute LIDs, routes and what to tell whom.
    pub planning: Duration,
    /// To tell it.
    pub programming: Duration,
}

impl Embedded {
    /// A fabric that no manager has seen yet, and a manager that has not begun.
    ///
    /// # Panics
    /// When the fabric cannot be made, or has no host.
    pub fn new(topology: &Topology, routing: RoutingEngine) -> Self {
        let mut fabric = Fabric::new(topology, fabric::Settings::DEFAULT).expect("a fabric");
        let host = topology.hosts().next().expect("a host");
        let port = fabric.end_port_of(host, 1).expect("a host has a port");
        fabric.claim(EPOCH, port, true);
        let settings = Settings { routing, ..Settings::new(fabric.guid(port), 1) };
        Self { manager: Manager::new(settings), fabric, port, now: EPOCH, planned: None }
    }

    /// Let the manager begin, and go on until it has nothing more to do. What the first sweep did.
    ///
    /// # Panics
    /// When the subnet does not come up.
    pub fn bring_up(&mut self) -> SweepSummary {
        self.manager.handle_timeout(self.now);
        self.settle().expect("the subnet comes up")
    }

    /// [`bring_up`](Self::bring_up), and how long its parts took.
    ///
    /// # Panics
    /// When the subnet does not come up.
    pub fn bring_up_by_phases(&mut self) -> (SweepSummary, Phases) {
        let start = Instant::now();
        let summary = self.bring_up();
        let end = Instant::now();
        let (found, planned) = self.planned.expect("it has planned");
        let phases =
            Phases { discovery: found - start, planning: planned - found, programming: end - planned };
        (summary, phases)
    }

    /// Cut a link, and go on until the manager has nothing more to do. What the first sweep did that followed.
    ///
    /// # Panics
    /// When there is no such link, or no sweep follows.
    pub fn reroute(&mut self, cut: End) -> SweepSummary {
        self.fabric.cut(self.now, cut).expect("there is a link");
        self.settle().expect("a switch tells of the cut")
    }

    /// The fabric.
    pub fn fabric(&self) -> &Fabric {
        &self.fabric
    }

    /// The manager.
    pub fn manager(&self) -> &Manager {
        &self.manager
    }

    fn settle(&mut self) -> Option<SweepSummary> {
        let mut first = None;
        loop {
            let mut mad = [0; MAD_LENGTH];
            while let Some(transmit) = self.manager.poll_transmit(self.now, &mut mad) {
                let packet = match transmit.qpn {
                    Qpn::SUBNET_MANAGEMENT => Packet::subnet_management(transmit.to, mad),
                    _ => Packet::general_services(transmit.to, mad),
                };
                self.fabric.send(self.now, self.port, &packet);
            }
            while let Some(event) = self.manager.poll_event(self.now) {
                if let Event::SubnetUp(summary) = event {
                    first.get_or_insert(summary);
                }
            }
            if first.is_some() && self.manager.is_idle() && !self.fabric.is_moving() {
                return first;
            }
            let timeout = self.manager.poll_timeout();
            let next = [self.fabric.next_event(), timeout].into_iter().flatten().min()?;
            self.now = self.now.max(next);
            self.fabric.advance(self.now);
            while self.fabric.poll_ready().is_some() {
                self.receive();
            }
            if timeout.is_some_and(|due| due <= self.now) {
                self.manager.handle_timeout(self.now);
            }
        }
    }

    fn receive(&mut self) {
        while let Some(packet) = self.fabric.receive(self.port) {
            let Some(mad) = packet.mad() else { continue };
            let received = Received {
                from: packet.source_lid,
                service_level: ServiceLevel::default(),
                source_qpn: packet.source_qpn,
                p_key: PKey::DEFAULT_FULL,
                source_gid: None,
                mad,
            };
            // With the last answer of discovery the manager plans, which is the longest of its calls.
            let start = (self.manager.in_flight() == 1).then(Instant::now);
            self.manager.handle_datagram(self.now, &received);
            if let Some(start) = start {
                let call = (start, Instant::now());
                self.planned =
                    self.planned.filter(|(start, end)| *end - *start > call.1 - call.0).or(Some(call));
            }
        }
    }
}
