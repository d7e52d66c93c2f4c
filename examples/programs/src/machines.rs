//! The machines of `trap-signal`, as a driver runs them.

use core::time::Duration;
use std::collections::VecDeque;

use ib_mad::Transmit;
use ib_mad::sa::SaAddress;
use ib_mad::wire::MAD_LENGTH;
use transport::{Delivery, Incoming, Machine};
use trap_signal::host::{HostAgent, HostEvent};
use trap_signal::watch::{WatchEvent, Watcher};
use trap_signal::{EventListener, ListenerEvent};

/// A port as `trap-signal` wants to know it.
pub fn trap_signal_port(port: &transport::LocalPort) -> trap_signal::LocalPort {
    trap_signal::LocalPort {
        lid: port.lid,
        gid: port.gid,
        manager: SaAddress { lid: port.sm_lid, service_level: port.sm_service_level },
    }
}

/// A host's agent on a driver.
#[derive(Debug)]
pub struct Agent(pub HostAgent);

impl Machine for Agent {
    type Event = HostEvent;

    fn handle_datagram(&mut self, now: Duration, incoming: &Incoming) {
        // What came back undelivered is repeated when its deadline comes, like anything that is lost.
        if incoming.delivery == Delivery::Received {
            self.0.handle_datagram(now, incoming.from, &incoming.mad);
        }
    }
    fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        self.0.poll_transmit(now, buffer)
    }
    fn handle_timeout(&mut self, now: Duration) {
        self.0.handle_timeout(now);
    }
    fn poll_timeout(&self) -> Option<Duration> {
        self.0.poll_timeout()
    }
    fn poll_event(&mut self, now: Duration) -> Option<HostEvent> {
        self.0.poll_event(now)
    }
}

/// A subscriber on a driver.
#[derive(Debug)]
pub struct Listener {
    /// The subscriber.
    pub listener: EventListener<8>,
    heard: VecDeque<ListenerEvent>,
}

impl Listener {
    /// Drive `listener`.
    pub const fn new(listener: EventListener<8>) -> Self {
        Self { listener, heard: VecDeque::new() }
    }
}

impl Machine for Listener {
    type Event = ListenerEvent;

    fn handle_datagram(&mut self, now: Duration, incoming: &Incoming) {
        if incoming.delivery == Delivery::Received {
            self.heard.extend(self.listener.handle_datagram(now, incoming.from, &incoming.mad));
        }
    }
    fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        self.listener.poll_transmit(now, buffer)
    }
    fn handle_timeout(&mut self, now: Duration) {
        self.listener.handle_timeout(now);
    }
    fn poll_timeout(&self) -> Option<Duration> {
        self.listener.poll_timeout()
    }
    fn poll_event(&mut self, now: Duration) -> Option<ListenerEvent> {
        self.heard.pop_front().or_else(|| self.listener.poll_event(now))
    }
}

/// A watcher on a driver.
#[derive(Debug)]
pub struct Watch(pub Watcher);

impl Machine for Watch {
    type Event = WatchEvent;

    fn handle_datagram(&mut self, now: Duration, incoming: &Incoming) {
        if incoming.delivery == Delivery::Received {
            self.0.handle_datagram(now, incoming.from, &incoming.mad);
        }
    }
    fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        self.0.poll_transmit(now, buffer)
    }
    fn handle_timeout(&mut self, now: Duration) {
        self.0.handle_timeout(now);
    }
    fn poll_timeout(&self) -> Option<Duration> {
        self.0.poll_timeout()
    }
    fn poll_event(&mut self, now: Duration) -> Option<WatchEvent> {
        self.0.poll_event(now)
    }
}
