//! What a manager sends, sent again with nothing computed: how fast a simulator answers.

use core::error::Error;
use core::time::Duration;

use fabric::{Fabric, Packet};
use ib_mad::wire::{Attribute, MAD_LENGTH, MadHeader};
use ib_mad::{Lid, PKey, Qpn, ServiceLevel, Transmit};
use peers::{Ibsim, RunDir};
use subnet_manager::{Event, Manager, Received, Settings};
use tokio::time::timeout;
use topology::Topology;
use transport::{Delivery, Driver, IbsimChannel, Incoming, Machine};

use crate::on_ibsim::{Times, cut};
use crate::subnets::manager_host;
use crate::time;

/// Requests in flight, as many as the manager has by default.
const WINDOW: usize = 64;
/// How long nothing may be answered.
const PATIENCE: Duration = Duration::from_secs(10);
/// After so long without an event the manager has nothing more to do.
const SILENCE: Duration = Duration::from_millis(200);

type Mad = [u8; MAD_LENGTH];

/// The requests of a manager, in their order.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// Until the subnet is up.
    pub up: Vec<Mad>,
    /// After a link was cut.
    pub reroute: Vec<Mad>,
}

impl Requests {
    /// Those of our manager on ibsim.
    ///
    /// # Errors
    /// When ibsim is not installed, or fails.
    pub async fn record(topology: &Topology) -> Result<Self, Box<dyn Error>> {
        let dir = RunDir::new()?;
        let mut ibsim = Ibsim::start(&topology.to_string(), &dir).await?;
        let mut driver = Driver::new(attach(&ibsim, topology).await?);
        let port = driver.port().await?;
        driver.announce_manager().await?;
        let mut recorder =
            Recorder { manager: Box::new(Manager::new(Settings::new(port.guid, 1))), sent: Vec::new() };
        recorder.settle(&mut driver).await?;
        let up = core::mem::take(&mut recorder.sent);
        cut(&mut ibsim, topology).await?;
        recorder.settle(&mut driver).await?;
        Ok(Self { up, reroute: recorder.sent })
    }

    /// How long ibsim takes to answer them, with the same link cut in between.
    ///
    /// # Errors
    /// When ibsim is not installed, fails, or does not answer.
    pub async fn on_ibsim(&self, topology: &Topology) -> Result<Times, Box<dyn Error>> {
        let dir = RunDir::new()?;
        let mut ibsim = Ibsim::start(&topology.to_string(), &dir).await?;
        let mut driver = Driver::new(attach(&ibsim, topology).await?);
        let up = Replay::run(&self.up, &mut driver).await?;
        cut(&mut ibsim, topology).await?;
        let reroute = Replay::run(&self.reroute, &mut driver).await?;
        Ok(Times { up, reroute })
    }

    /// How long the simulated fabric takes to answer those of a bring-up.
    ///
    /// # Panics
    /// When the fabric cannot be made, or leaves one without an answer.
    pub fn on_fabric(&self, topology: &Topology) -> Duration {
        let mut fabric = Fabric::new(topology, fabric::Settings::DEFAULT).expect("a fabric");
        let host = topology.find(manager_host(topology)).expect("a host");
        let port = fabric.end_port_of(host, 1).expect("a host has a port");
        let mut now = Duration::from_secs(1);
        let (mut left, mut in_flight) = (self.up.iter(), 0);
        time(|| {
            loop {
                while in_flight < WINDOW
                    && let Some(mad) = left.next()
                {
                    fabric.send(now, port, &Packet::subnet_management(Lid::PERMISSIVE, *mad));
                    in_flight += 1;
                }
                if in_flight == 0 {
                    return;
                }
                now = now.max(fabric.next_event().expect("every request is answered"));
                fabric.advance(now);
                while fabric.poll_ready().is_some() {
                    while fabric.receive(port).is_some() {
                        in_flight -= 1;
                    }
                }
            }
        })
    }
}

async fn attach(ibsim: &Ibsim, topology: &Topology) -> Result<IbsimChannel, Box<dyn Error>> {
    Ok(IbsimChannel::connect(manager_host(topology), Some(ibsim.socket_name())).await?)
}

/// A manager of which it is noted what it sends.
struct Recorder {
    manager: Box<Manager>,
    sent: Vec<Mad>,
}

impl Recorder {
    async fn settle(&mut self, driver: &mut Driver<IbsimChannel>) -> Result<(), Box<dyn Error>> {
        while !matches!(timeout(PATIENCE, driver.next(self)).await??, Event::SubnetUp(_)) {}
        while let Ok(event) = timeout(SILENCE, driver.next(self)).await {
            event?;
        }
        Ok(())
    }
}

impl Machine for Recorder {
    type Event = Event;

    fn handle_datagram(&mut self, now: Duration, incoming: &Incoming) {
        if incoming.delivery != Delivery::Received {
            return;
        }
        let received = Received {
            from: incoming.from,
            service_level: ServiceLevel::default(),
            source_qpn: Qpn::GENERAL_SERVICES,
            p_key: PKey::DEFAULT_FULL,
            source_gid: None,
            mad: &incoming.mad,
        };
        self.manager.handle_datagram(now, &received);
    }

    fn poll_transmit(&mut self, now: Duration, buffer: &mut Mad) -> Option<Transmit> {
        let transmit = self.manager.poll_transmit(now, buffer)?;
        if transmit.to == Lid::PERMISSIVE {
            self.sent.push(*buffer);
        }
        Some(transmit)
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.manager.handle_timeout(now);
    }

    fn poll_timeout(&self) -> Option<Duration> {
        self.manager.poll_timeout()
    }

    fn poll_event(&mut self, now: Duration) -> Option<Event> {
        self.manager.poll_event(now)
    }
}

/// Sends requests as they are, and counts answers.
struct Replay<'r> {
    left: core::slice::Iter<'r, Mad>,
    in_flight: usize,
    is_over: bool,
}

impl<'r> Replay<'r> {
    async fn run(requests: &'r [Mad], driver: &mut Driver<IbsimChannel>) -> Result<Duration, Box<dyn Error>> {
        let mut replay = Self { left: requests.iter(), in_flight: 0, is_over: false };
        let start = driver.now();
        timeout(PATIENCE, driver.next(&mut replay)).await??;
        Ok(driver.now() - start)
    }
}

impl Machine for Replay<'_> {
    type Event = ();

    fn handle_datagram(&mut self, _: Duration, incoming: &Incoming) {
        let is_answer = MadHeader::view(&incoming.mad).is_ok_and(|header| header.method().is_response());
        self.in_flight -= usize::from(is_answer || incoming.delivery != Delivery::Received);
        self.is_over = self.in_flight == 0 && self.left.len() == 0;
    }

    fn poll_transmit(&mut self, _: Duration, buffer: &mut Mad) -> Option<Transmit> {
        if self.in_flight == WINDOW {
            return None;
        }
        *buffer = *self.left.next()?;
        self.in_flight += 1;
        Some(Transmit {
            to: Lid::PERMISSIVE,
            service_level: ServiceLevel::default(),
            qpn: Qpn::SUBNET_MANAGEMENT,
        })
    }

    fn handle_timeout(&mut self, _: Duration) {}

    fn poll_timeout(&self) -> Option<Duration> {
        None
    }

    fn poll_event(&mut self, _: Duration) -> Option<()> {
        core::mem::take(&mut self.is_over).then_some(())
    }
}
