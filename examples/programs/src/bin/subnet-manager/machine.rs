use core::time::Duration;

use ib_mad::wire::MAD_LENGTH;
use ib_mad::{PKey, Transmit};
use subnet_manager::{Event, Manager, Received};
use transport::{Delivery, Incoming, Machine};

/// The manager, as a driver runs it.
#[derive(Debug)]
pub(crate) struct Managed {
    manager: Box<Manager>,
}

impl Managed {
    pub(crate) fn new(manager: Manager) -> Self {
        Self { manager: Box::new(manager) }
    }

    pub(crate) fn manager(&self) -> &Manager {
        &self.manager
    }
}

impl Machine for Managed {
    type Event = Event;

    fn handle_datagram(&mut self, now: Duration, incoming: &Incoming) {
        // What came back undelivered is repeated when its deadline comes, like anything that is lost.
        if incoming.delivery != Delivery::Received {
            return;
        }
        let received = Received {
            from: incoming.from,
            service_level: incoming.service_level,
            source_qpn: incoming.source_qpn,
            p_key: PKey::DEFAULT_FULL,
            source_gid: None,
            mad: &incoming.mad,
        };
        self.manager.handle_datagram(now, &received);
    }
    fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        self.manager.poll_transmit(now, buffer)
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
