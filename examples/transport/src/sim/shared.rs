//! A fabric that several programs of one process share, in real time.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fabric::{EndPort, Fabric, Packet, Payload};
use ib_mad::wire::{Attribute, MadHeader, Method};
use ib_mad::{Guid, QKey, Qpn};
use tokio::sync::Notify;

use super::channel::SimChannel;
use super::error::SimError;
use crate::channel::{Delivery, Incoming, Outgoing};
use crate::drive::Clock;
use crate::error::ChannelError;
use crate::port::LocalPort;

/// How far the fabric's time runs ahead of the clock, so that a packet arrives at once and not when a timer of the
/// system, a thousand times as coarse as a hop, says so.
const AHEAD: Duration = Duration::from_millis(1);

/// Datagrams that wait for a program.
const QUEUE: usize = 16_384;

/// A fabric that programs attach to; a clone is the same fabric.
#[derive(Clone, Debug)]
pub struct SharedFabric(Arc<Mutex<Hub>>);

#[derive(Debug)]
struct Hub {
    fabric: Fabric,
    clock: Clock,
    clients: BTreeMap<u32, Client>,
    /// Clients so far. The number is the upper half of the transaction ids of a client's requests.
    count: u32,
    /// When somebody will wake up to let the fabric go on.
    armed: Option<Duration>,
}

/// What a port is like, as it travels: GUID, PortInfo and [`LocalPort::reregistrations`].
#[derive(Clone, Copy, Debug)]
pub(super) struct PortBytes {
    pub(super) guid: Guid,
    pub(super) info: [u8; 64],
    pub(super) reregistrations: u32,
}

impl From<PortBytes> for LocalPort {
    fn from(port: PortBytes) -> Self {
        let PortBytes { guid, info, reregistrations } = port;
        Self { reregistrations, ..Self::from_port_info(guid, &info) }
    }
}

#[derive(Debug)]
struct Client {
    port: EndPort,
    inbox: VecDeque<Incoming>,
    overflowed: u64,
    is_manager: bool,
    wake: Arc<Notify>,
}

impl SharedFabric {
    /// Share a fabric whose time begins now.
    pub fn new(fabric: Fabric) -> Self {
        Self(Arc::new(Mutex::new(Hub {
            fabric,
            clock: Clock::start(),
            clients: BTreeMap::new(),
            count: 0,
            armed: None,
        })))
    }

    /// Attach to the first port of a host or a router, or to port 0 of a switch, by the node's name.
    ///
    /// Answers come to whom asked; what nobody asked for comes to the manager at the port, else to the first who attached.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn attach(&self, node: &str) -> Result<SimChannel, ChannelError> {
        let mut hub = self.lock();
        let port = hub.fabric.end_port(node, 1);
        let port = port.ok_or_else(|| SimError::UnknownNode { node: node.into() })?;
        hub.count = hub.count.wrapping_add(1).max(1);
        let (id, wake) = (hub.count, Arc::new(Notify::new()));
        let client = Client {
            port,
            inbox: VecDeque::new(),
            overflowed: 0,
            is_manager: false,
            wake: Arc::clone(&wake),
        };
        hub.clients.insert(id, client);
        Ok(SimChannel::new(self.clone(), id, wake))
    }

    /// Do something with the fabric, told the fabric's time, and let happen what follows from it.
    pub fn with<R>(&self, change: impl FnOnce(&mut Fabric, Duration) -> R) -> R {
        let mut hub = self.lock();
        let now = hub.clock.now();
        let outcome = change(&mut hub.fabric, now);
        hub.run();
        outcome
    }

    /// The clock of the fabric's time.
    pub(super) fn clock(&self) -> Clock {
        self.lock().clock
    }

    /// What a client's port is like.
    pub(super) fn port(&self, id: u32) -> Option<PortBytes> {
        let mut hub = self.lock();
        hub.run();
        let port = hub.clients.get(&id)?.port;
        Some(PortBytes {
            guid: hub.fabric.guid(port),
            info: zerocopy::transmute!(hub.fabric.port_info(port).to_view()),
            reregistrations: hub.fabric.reregistrations(port),
        })
    }

    pub(super) fn send(&self, id: u32, batch: &[Outgoing]) {
        let mut hub = self.lock();
        let Some(port) = hub.clients.get(&id).map(|client| client.port) else { return };
        let now = hub.clock.now();
        let p_key = hub.fabric.p_key(port, 0);
        for outgoing in batch {
            let mut mad = outgoing.mad;
            if asks(&mad) {
                mad[8..12].copy_from_slice(&id.to_be_bytes());
            }
            let is_subnet_management = outgoing.qpn == Qpn::SUBNET_MANAGEMENT;
            let source_qpn = if is_subnet_management { outgoing.qpn } else { Qpn::GENERAL_SERVICES };
            let packet = Packet {
                service_level: outgoing.service_level,
                source_qpn,
                destination_qpn: outgoing.qpn,
                p_key,
                q_key: if is_subnet_management { QKey(0) } else { QKey::GENERAL_SERVICES },
                ..Packet::subnet_management(outgoing.to, mad)
            };
            hub.fabric.send(now, port, &packet);
        }
        hub.run();
    }

    /// Take what has arrived for a client, and tell when the fabric wants to go on.
    pub(super) fn take(&self, id: u32, batch: &mut Vec<Incoming>) -> Option<Duration> {
        let mut hub = self.lock();
        hub.run();
        if let Some(client) = hub.clients.get_mut(&id) {
            batch.extend(client.inbox.drain(..));
            if client.overflowed > 0 {
                let overflowed = core::mem::take(&mut client.overflowed);
                tracing::warn!(overflowed, "datagrams were dropped: this program is too slow for them");
            }
        }
        hub.fabric.next_event()
    }

    /// A manager runs behind a client's port from now on; `false` when another client's does already.
    pub(super) fn announce_manager(&self, id: u32) -> bool {
        let mut hub = self.lock();
        let Some(port) = hub.clients.get(&id).map(|client| client.port) else { return false };
        let mut others = hub.clients.iter().filter(|(other, _)| **other != id);
        if others.any(|(_, client)| client.port == port && client.is_manager) {
            return false;
        }
        if let Some(client) = hub.clients.get_mut(&id) {
            client.is_manager = true;
        }
        hub.settle_manager(port);
        true
    }

    pub(super) fn detach(&self, id: u32) {
        let mut hub = self.lock();
        if let Some(client) = hub.clients.remove(&id)
            && client.is_manager
        {
            hub.settle_manager(client.port);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Hub> {
        // A panic elsewhere leaves nothing half done that the fabric would not stand.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// Let everything happen that happens by now and a moment more, and hand out what arrived.
    fn run(&mut self) {
        let now = self.clock.now();
        let end = now.saturating_add(AHEAD);
        self.fabric.advance(now);
        while let Some(next) = self.fabric.next_event().filter(|next| *next <= end) {
            self.fabric.advance(next);
        }
        while let Some(port) = self.fabric.poll_ready() {
            while let Some(packet) = self.fabric.receive(port) {
                self.hand_out(port, &packet);
            }
        }
        let next = self.fabric.next_event();
        let is_sooner = next.is_some_and(|next| self.armed.is_none_or(|armed| next < armed || armed <= now));
        self.armed = next;
        if is_sooner {
            self.clients.values().for_each(|client| client.wake.notify_one());
        }
    }

    fn hand_out(&mut self, port: EndPort, packet: &Packet) {
        let Payload::Mad(mad) = packet.payload else { return };
        let client = if asks(&mad) {
            self.receiver(port)
        } else {
            let [a, b, c, d] = [mad[8], mad[9], mad[10], mad[11]];
            self.clients.get_mut(&u32::from_be_bytes([a, b, c, d])).filter(|client| client.port == port)
        };
        // Whom an answer is for may have left.
        let Some(client) = client else { return };
        if client.inbox.len() >= QUEUE {
            client.overflowed = client.overflowed.saturating_add(1);
            return;
        }
        client.inbox.push_back(Incoming {
            from: packet.source_lid,
            qpn: packet.destination_qpn,
            source_qpn: packet.source_qpn,
            service_level: packet.service_level,
            delivery: Delivery::Received,
            mad,
        });
        client.wake.notify_one();
    }

    /// Who gets what nobody asked for: the manager, else who attached first.
    fn receiver(&mut self, port: EndPort) -> Option<&mut Client> {
        let mut here = self.clients.iter().filter(|(_, client)| client.port == port).peekable();
        let first = here.peek().map(|(id, _)| **id);
        let id = here.find(|(_, client)| client.is_manager).map(|(id, _)| *id).or(first)?;
        self.clients.get_mut(&id)
    }

    fn settle_manager(&mut self, port: EndPort) {
        let is_manager = self.clients.values().any(|client| client.port == port && client.is_manager);
        let now = self.clock.now();
        self.fabric.claim(now, port, is_manager);
        self.run();
    }
}

/// Whether a datagram is no answer. The repression of a trap is one: it has the trap's id.
fn asks(mad: &[u8; ib_mad::wire::MAD_LENGTH]) -> bool {
    MadHeader::view(mad)
        .is_ok_and(|header| !header.method().is_response() && header.method() != Method::TRAP_REPRESS)
}
