//! A fabric, managers behind some of its ports, and a clock.

use alloc::collections::BTreeSet;
use core::time::Duration;

use fabric::{Fabric, Packet};
use ib_mad::wire::{Attribute, AttributeId, MAD_LENGTH, MadHeader, Method};
use ib_mad::{Guid, PKey, Qpn};
use subnet_manager::{Event, Manager, ManagerState, QueueLimits, Received, Settings};
use topology::{Link, NodeIndex, Topology};

use super::Mutant;

/// Not zero: a relative time taken for an absolute one shows.
const EPOCH: Duration = Duration::from_secs(1_000_000);
/// Exchanges without time passing that a sound manager never needs.
const PATIENCE: usize = 100_000;

/// A manager and its port.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) host: NodeIndex,
    pub(super) port: fabric::EndPort,
    pub(super) manager: Manager,
    pub(super) is_alive: bool,
    /// Blocks that were written once, for the mutant that writes none again.
    written: BTreeSet<Vec<u8>>,
}

/// A fabric with managers.
#[derive(Debug)]
pub struct Bed {
    pub(super) fabric: Fabric,
    pub(super) now: Duration,
    pub(super) seats: Vec<Seat>,
    pub(super) mutant: Mutant,
    pub(super) cut: BTreeSet<Link>,
    pub(super) off: BTreeSet<NodeIndex>,
    /// Packets that reached a host, by the port and the first bytes.
    pub(super) arrived: BTreeSet<(fabric::EndPort, u64)>,
    /// Every event, for those who look for one.
    events: Vec<Event>,
}

impl Bed {
    /// Managers on the first `managers` hosts, the last of which has the highest priority.
    ///
    /// # Panics
    /// When the topology has fewer hosts.
    pub fn new(topology: &Topology, managers: usize, seed: u64, mutant: Mutant) -> Self {
        let settings = fabric::Settings { seed, ..fabric::Settings::DEFAULT };
        Self::with(topology, managers, settings, mutant, |_| {})
    }

    /// The same with other settings of the fabric and, changed by `tune`, of the managers.
    ///
    /// # Panics
    /// When the topology has fewer hosts.
    pub fn with(
        topology: &Topology,
        managers: usize,
        settings: fabric::Settings,
        mutant: Mutant,
        tune: impl Fn(&mut Settings),
    ) -> Self {
        let mut fabric = Fabric::new(topology, settings).expect("the topology fits");
        let hosts: Vec<NodeIndex> = topology.hosts().take(managers).collect();
        assert_eq!(hosts.len(), managers, "a host for each manager");
        let seats = (0..).zip(hosts).map(|(number, host)| {
            let port = fabric.end_port_of(host, 1).expect("a host has a port");
            fabric.claim(EPOCH, port, true);
            let mut settings = settings_of(fabric.guid(port), number, mutant);
            tune(&mut settings);
            let manager = Manager::new(settings);
            Seat { host, port, manager, is_alive: true, written: BTreeSet::new() }
        });
        let seats = seats.collect();
        Self {
            fabric,
            now: EPOCH,
            seats,
            mutant,
            cut: BTreeSet::new(),
            off: BTreeSet::new(),
            arrived: BTreeSet::new(),
            events: Vec::new(),
        }
    }

    /// The fabric.
    pub fn fabric(&mut self) -> &mut Fabric {
        &mut self.fabric
    }

    /// The time.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// A manager, by its number.
    pub fn manager(&self, number: usize) -> &Manager {
        &self.seats[number].manager
    }

    /// What the managers have said so far, each event once.
    pub fn take_events(&mut self) -> Vec<Event> {
        core::mem::take(&mut self.events)
    }

    /// Whether a packet that begins with this number reached a program behind a port.
    pub fn has_arrived(&self, port: fabric::EndPort, number: u64) -> bool {
        self.arrived.contains(&(port, number))
    }

    /// Pull a cable, or plug it in.
    pub fn plug(&mut self, link: Link, is_in: bool) {
        let outcome = if is_in {
            self.cut.remove(&link);
            self.fabric.restore(self.now, link.a)
        } else {
            self.cut.insert(link);
            self.fabric.cut(self.now, link.a)
        };
        outcome.expect("the link is there");
    }

    /// Switch a node off, or on.
    pub fn power(&mut self, node: NodeIndex, is_on: bool) {
        if is_on {
            self.off.remove(&node)
        } else {
            self.off.insert(node)
        };
        self.fabric.set_power(self.now, node, is_on);
    }

    /// A manager's program dies.
    pub fn kill(&mut self, number: usize) {
        let seat = &mut self.seats[number];
        seat.is_alive = false;
        self.fabric.claim(self.now, seat.port, false);
    }

    /// Let time pass.
    ///
    /// # Panics
    /// When the managers never come to rest at one time.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.exchange();
            let timers = self.alive().filter_map(|seat| seat.manager.poll_timeout());
            let next = timers.chain(self.fabric.next_event()).min().unwrap_or(end).max(self.now);
            self.now = next.min(end);
            self.fabric.advance(self.now);
            for seat in self.seats.iter_mut().filter(|seat| seat.is_alive) {
                if seat.manager.poll_timeout().is_some_and(|due| due <= self.now) {
                    seat.manager.handle_timeout(self.now);
                }
            }
            if next > end {
                return;
            }
        }
    }

    /// Let time pass until some manager has brought its subnet up, and all have nothing under way; whether that came within `limit`.
    pub fn settle(&mut self, limit: Duration) -> bool {
        let end = self.now + limit;
        while self.now < end {
            self.run(Duration::from_millis(10));
            let is_at_rest = |seat: &Seat| match seat.manager.state() {
                ManagerState::Master => seat.manager.is_up() && seat.manager.is_idle(),
                ManagerState::Standby => true,
                ManagerState::Discovering | ManagerState::NotActive => false,
            };
            if self.alive().all(is_at_rest) {
                return true;
            }
        }
        false
    }

    pub(super) fn alive(&self) -> impl Iterator<Item = &Seat> {
        self.seats.iter().filter(|seat| seat.is_alive)
    }

    /// Everything that happens at this time.
    fn exchange(&mut self) {
        for _ in 0..PATIENCE {
            let mut is_quiet = true;
            for seat in self.seats.iter_mut().filter(|seat| seat.is_alive) {
                let mut mad = [0; MAD_LENGTH];
                while let Some(transmit) = seat.manager.poll_transmit(self.now, &mut mad) {
                    is_quiet = false;
                    if let Some(mad) = seat.tampered(mad, self.mutant) {
                        self.fabric.send(self.now, seat.port, &Packet::subnet_management(transmit.to, mad));
                    }
                }
                while let Some(event) = seat.manager.poll_event(self.now) {
                    self.events.push(event);
                }
            }
            while let Some(port) = self.fabric.poll_ready() {
                is_quiet = false;
                while let Some(packet) = self.fabric.receive(port) {
                    self.hand_over(port, &packet);
                }
            }
            if is_quiet {
                return;
            }
        }
        panic!("the managers never come to rest at {:?}", self.now);
    }

    fn hand_over(&mut self, port: fabric::EndPort, packet: &Packet) {
        let Some(mad) = packet.mad() else {
            let bytes = packet.payload.as_bytes().first_chunk().copied().unwrap_or_default();
            self.arrived.insert((port, u64::from_be_bytes(bytes)));
            return;
        };
        let seat = self.seats.iter_mut().find(|seat| seat.is_alive && seat.port == port);
        let Some(seat) = seat else { return };
        let Some(mad) = heard(*mad, self.mutant) else { return };
        let received = Received {
            from: packet.source_lid,
            service_level: packet.service_level,
            source_qpn: packet.source_qpn,
            p_key: PKey::DEFAULT_FULL,
            source_gid: None,
            mad: &mad,
        };
        seat.manager.handle_datagram(self.now, &received);
    }
}

impl Seat {
    /// What a mutant makes of what it would send.
    fn tampered(&mut self, mad: [u8; MAD_LENGTH], mutant: Mutant) -> Option<[u8; MAD_LENGTH]> {
        let header = MadHeader::parse(&mad).ok()?;
        let is_block =
            header.method == Method::SET && header.attribute_id == AttributeId::LINEAR_FORWARDING_TABLE;
        if mutant != Mutant::SkipsBlocks || !is_block {
            return Some(mad);
        }
        // A block of a switch that was written before is read instead: its answer looks alike.
        let key = [&mad[128..192], &mad[20..24]].concat();
        if self.written.insert(key) {
            return Some(mad);
        }
        let mut read = mad;
        read[3] = Method::GET.0;
        Some(read)
    }
}

/// What a mutant hears.
fn heard(mut mad: [u8; MAD_LENGTH], mutant: Mutant) -> Option<[u8; MAD_LENGTH]> {
    let header = MadHeader::parse(&mad).ok()?;
    if mutant == Mutant::Deaf {
        if header.method == Method::TRAP {
            return None;
        }
        if header.method == Method::GET_RESP && header.attribute_id == AttributeId::SWITCH_INFO {
            // PortStateChange.
            mad[64 + 11] &= !0x04;
        }
    }
    Some(mad)
}

fn settings_of(guid: Guid, number: u8, mutant: Mutant) -> Settings {
    let polling = if mutant == Mutant::NeverPolls { 1_000_000 } else { 1 };
    Settings {
        priority: number,
        requests: QueueLimits { timeout: Duration::from_millis(20), window: 32, ..QueueLimits::default() },
        light_sweep_interval: Duration::from_secs(1),
        retry_interval: Duration::from_millis(200),
        trap_hold_off: Duration::from_secs(1),
        polling_interval: Duration::from_secs(polling),
        polling_retries: 2,
        ..Settings::new(guid, u32::MAX - 5)
    }
}

/// Queue pair behind which hosts receive.
pub(super) const DATA: Qpn = match Qpn::new(0x40) {
    Some(qpn) => qpn,
    None => unreachable!(),
};
