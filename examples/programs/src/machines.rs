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

/// A machine on a driver.
#[derive(Debug)]
pub struct Driven<M, E> {
    /// The machine.
    pub machine: M,
    /// What it said at once when it was given a datagram.
    said: VecDeque<E>,
}

/// A host's agent on a driver.
pub type Agent = Driven<HostAgent, HostEvent>;
/// A watcher on a driver.
pub type Watch = Driven<Watcher, WatchEvent>;
/// A subscriber on a driver.
pub type Listener = Driven<EventListener<8>, ListenerEvent>;

impl<M, E> Driven<M, E> {
    /// Drive `machine`.
    pub const fn new(machine: M) -> Self {
        Self { machine, said: VecDeque::new() }
    }
}

/// What a machine says at once about a datagram: an event, or nothing before it is asked.
trait Saying<E> {
    fn event(self) -> Option<E>;
}

impl<E> Saying<E> for () {
    fn event(self) -> Option<E> {
        None
    }
}

impl<E> Saying<E> for Option<E> {
    fn event(self) -> Option<E> {
        self
    }
}

/// The machines have the same methods, but no trait: they belong to a crate that knows of no driver.
macro_rules! driven {
    ($($machine:ty => $event:ty),+ $(,)?) => {$(
        impl Machine for Driven<$machine, $event> {
            type Event = $event;

            fn handle_datagram(&mut self, now: Duration, incoming: &Incoming) {
                // What came back undelivered is repeated when its deadline comes, like anything that is lost.
                if incoming.delivery == Delivery::Received {
                    let said = self.machine.handle_datagram(now, incoming.from, &incoming.mad);
                    self.said.extend(Saying::<$event>::event(said));
                }
            }
            fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
                self.machine.poll_transmit(now, buffer)
            }
            fn handle_timeout(&mut self, now: Duration) {
                self.machine.handle_timeout(now);
            }
            fn poll_timeout(&self) -> Option<Duration> {
                self.machine.poll_timeout()
            }
            fn poll_event(&mut self, now: Duration) -> Option<$event> {
                self.said.pop_front().or_else(|| self.machine.poll_event(now))
            }
        }
    )+};
}

driven! {
    HostAgent => HostEvent,
    Watcher => WatchEvent,
    EventListener<8> => ListenerEvent,
}
