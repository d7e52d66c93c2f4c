//! Runs a state machine that does no IO over a channel and a clock.

use core::time::Duration;

use ib_mad::Transmit;
use ib_mad::wire::MAD_LENGTH;
use tokio::time::Instant;

use crate::channel::{Incoming, ManagementChannel, Outgoing};
use crate::error::ChannelError;
use crate::port::LocalPort;
use crate::tally::Tally;

/// Datagrams that are handed to the channel in one call.
const BATCH: usize = 64;

/// A state machine that is told what arrived and what time it is, and says what to send. `now` is the time since an
/// epoch of the driver's choice.
pub trait Machine {
    /// What it has to tell the program.
    type Event;

    /// A datagram arrived, or came back undelivered.
    fn handle_datagram(&mut self, now: Duration, incoming: &Incoming);

    /// Write the next datagram to send, if there is one.
    fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit>;

    /// The time that [`poll_timeout`](Self::poll_timeout) named has come.
    fn handle_timeout(&mut self, now: Duration);

    /// When [`handle_timeout`](Self::handle_timeout) is to be called next.
    fn poll_timeout(&self) -> Option<Duration>;

    /// The next thing that it has to tell.
    fn poll_event(&mut self, now: Duration) -> Option<Self::Event>;
}

impl<M: Machine + ?Sized> Machine for &mut M {
    type Event = M::Event;

    fn handle_datagram(&mut self, now: Duration, incoming: &Incoming) {
        (**self).handle_datagram(now, incoming);
    }
    fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        (**self).poll_transmit(now, buffer)
    }
    fn handle_timeout(&mut self, now: Duration) {
        (**self).handle_timeout(now);
    }
    fn poll_timeout(&self) -> Option<Duration> {
        (**self).poll_timeout()
    }
    fn poll_event(&mut self, now: Duration) -> Option<Self::Event> {
        (**self).poll_event(now)
    }
}

/// The time since the clock was made. It never goes back.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    epoch: Instant,
    /// How long before a deadline, and after a question, it is polled instead of slept.
    busy: Duration,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self { epoch: Instant::now(), busy: Duration::ZERO }
    }

    /// The same clock, but the last part of each wait is not slept through, so that it ends within some microseconds of its
    /// deadline instead of when the processor is awake: 50 to some hundreds of microseconds later. It costs as much of a
    /// processor's time for each deadline that comes, and nothing for those that are put off before. As long is what
    /// [`expects`](Self::expects) speaks of. Not for a clock of tokio that stands still.
    #[must_use]
    pub fn busy_waiting(self, busy: Duration) -> Self {
        Self { busy, ..self }
    }

    /// Something that was asked for just now should be here by then: until then one may [stay awake](Self::stay_awake). A
    /// processor that goes to sleep meanwhile costs both ends: the one that sleeps, and the one that has to wake it.
    pub fn expects(&self) -> Duration {
        self.now().saturating_add(self.busy)
    }

    /// Wait until `end` without sleeping, so that what the sockets receive meanwhile is noticed at once; for ever if it has
    /// passed.
    pub async fn stay_awake(&self, end: Duration) {
        match self.epoch.checked_add(end) {
            Some(end) if Instant::now() < end => crate::alarm::stay_awake(end).await,
            _ => core::future::pending().await,
        }
    }

    /// Time since the start.
    pub fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    /// Wait until `now` is `deadline`; for ever without one, or with one too far away to be represented.
    pub async fn wait_until(&self, deadline: Option<Duration>) {
        match deadline.and_then(|deadline| self.epoch.checked_add(deadline)) {
            Some(instant) => crate::alarm::wait_until(instant, self.busy).await,
            None => core::future::pending().await,
        }
    }
}

/// A channel, a clock and what passed through.
///
/// A machine is always drained in the same order: everything to send, then one event to the caller; when there is
/// none, wait for datagrams or the machine's deadline, hand in all that arrived, then the deadline if it has come.
#[derive(Debug)]
pub struct Driver<C> {
    channel: C,
    clock: Clock,
    tally: Tally,
    incoming: Vec<Incoming>,
    outgoing: Vec<Outgoing>,
}

impl<C: ManagementChannel> Driver<C> {
    /// Drive machines over `channel`, with a clock that starts now.
    pub fn new(channel: C) -> Self {
        Self {
            channel,
            clock: Clock::start(),
            tally: Tally::default(),
            incoming: Vec::new(),
            outgoing: Vec::with_capacity(BATCH),
        }
    }

    /// The clock that machines are told; all machines of one driver share it.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Time since the driver was made.
    pub fn now(&self) -> Duration {
        self.clock.now()
    }

    /// What was sent and received so far, by kind.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The channel's port as it is now.
    ///
    /// # Errors
    /// When the channel cannot tell.
    pub async fn port(&mut self) -> Result<LocalPort, ChannelError> {
        self.channel.port().await
    }

    /// A subnet manager runs behind the channel's port from now on.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn announce_manager(&mut self) -> Result<(), ChannelError> {
        self.channel.announce_manager().await
    }

    /// Run the machine until it has something to tell.
    ///
    /// The call may be dropped, as `tokio::select!` does, and made again: nothing that arrived is lost. What was
    /// being sent may be; a machine that expects an answer sends again after its own deadline.
    ///
    /// # Errors
    /// When the channel ends.
    pub async fn next<M: Machine>(&mut self, machine: &mut M) -> Result<M::Event, ChannelError> {
        loop {
            self.hand_in(machine);
            self.send(machine).await?;
            if let Some(event) = machine.poll_event(self.clock.now()) {
                return Ok(event);
            }
            tokio::select! {
                biased;
                received = self.channel.receive(&mut self.incoming) => received?,
                () = self.clock.wait_until(machine.poll_timeout()) => {}
            }
        }
    }

    /// Send all that the machine has to send, without waiting for anything: a last answer before the end.
    ///
    /// # Errors
    /// When the channel ends.
    pub async fn send<M: Machine>(&mut self, machine: &mut M) -> Result<(), ChannelError> {
        loop {
            self.outgoing.clear();
            let now = self.clock.now();
            while self.outgoing.len() < BATCH {
                let mut mad = [0; MAD_LENGTH];
                let Some(Transmit { to, service_level, qpn }) = machine.poll_transmit(now, &mut mad) else {
                    break;
                };
                self.tally.count_sent(&mad);
                self.outgoing.push(Outgoing { to, service_level, qpn, mad });
            }
            if self.outgoing.is_empty() {
                return Ok(());
            }
            self.channel.send(&self.outgoing).await?;
        }
    }

    /// What has arrived, and the deadline if it has come.
    fn hand_in<M: Machine>(&mut self, machine: &mut M) {
        let now = self.clock.now();
        for incoming in self.incoming.drain(..) {
            self.tally.count_received(&incoming);
            machine.handle_datagram(now, &incoming);
        }
        if machine.poll_timeout().is_some_and(|deadline| deadline <= now) {
            machine.handle_timeout(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Delivery;
    use async_trait::async_trait;
    use ib_mad::{Guid, Lid, Qpn, ServiceLevel};

    #[tokio::test]
    async fn who_expects_something_stays_awake_until_then_and_no_longer() {
        let clock = Clock::start().busy_waiting(Duration::from_millis(5));
        let (before, end) = (clock.now(), clock.expects());
        assert!(end >= before + Duration::from_millis(5));
        clock.stay_awake(end).await;
        assert!(clock.now() >= end);
        // What is past is nothing to wake up for.
        for past in [end, Duration::ZERO, Clock::start().expects()] {
            tokio::select! {
                biased;
                () = clock.stay_awake(past) => panic!("{past:?} is past"),
                () = tokio::task::yield_now() => {}
            }
        }
    }

    /// Returns what was sent, as its receiver would.
    #[derive(Default)]
    struct Loopback {
        queue: Vec<Outgoing>,
    }

    #[async_trait]
    impl ManagementChannel for Loopback {
        async fn port(&mut self) -> Result<LocalPort, ChannelError> {
            Ok(LocalPort::from_port_info(Guid(1), &[0; 64]))
        }
        async fn send(&mut self, batch: &[Outgoing]) -> Result<(), ChannelError> {
            self.queue.extend_from_slice(batch);
            Ok(())
        }
        async fn receive(&mut self, batch: &mut Vec<Incoming>) -> Result<(), ChannelError> {
            if self.queue.is_empty() {
                core::future::pending::<()>().await;
            }
            batch.extend(self.queue.drain(..).map(|outgoing| Incoming {
                from: outgoing.to,
                qpn: outgoing.qpn,
                source_qpn: outgoing.qpn,
                service_level: outgoing.service_level,
                delivery: Delivery::Received,
                mad: outgoing.mad,
            }));
            Ok(())
        }
    }

    /// Sends `to_send` datagrams, tells each that arrives, and tells its deadline.
    struct Echo {
        to_send: u32,
        deadline: Option<Duration>,
        events: Vec<&'static str>,
    }

    impl Machine for Echo {
        type Event = &'static str;

        fn handle_datagram(&mut self, _: Duration, _: &Incoming) {
            self.events.push("datagram");
        }
        fn poll_transmit(&mut self, _: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
            self.to_send = self.to_send.checked_sub(1)?;
            buffer[..4].copy_from_slice(&[1, 3, 2, 1]);
            Some(Transmit { to: Lid(1), service_level: ServiceLevel::default(), qpn: Qpn::GENERAL_SERVICES })
        }
        fn handle_timeout(&mut self, now: Duration) {
            assert!(self.deadline.take().unwrap() <= now);
            self.events.push("timeout");
        }
        fn poll_timeout(&self) -> Option<Duration> {
            self.deadline
        }
        fn poll_event(&mut self, _: Duration) -> Option<&'static str> {
            self.events.pop()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn everything_is_sent_then_handed_in_then_the_deadline_comes() {
        let mut driver = Driver::new(Loopback::default());
        let deadline = driver.now() + Duration::from_secs(5);
        let mut echo = Echo { to_send: 200, deadline: Some(deadline), events: Vec::new() };
        for _ in 0..200 {
            assert_eq!(driver.next(&mut echo).await.unwrap(), "datagram");
        }
        assert_eq!(driver.tally().sent(), 200);
        assert_eq!(driver.tally().received(), 200);
        assert_eq!(driver.next(&mut echo).await.unwrap(), "timeout");
        assert!(driver.now() >= deadline);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_was_dropped_loses_nothing() {
        let mut driver = Driver::new(Loopback::default());
        let mut echo = Echo { to_send: 0, deadline: None, events: Vec::new() };
        tokio::select! {
            _ = driver.next(&mut echo) => panic!("nothing was to happen"),
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        echo.to_send = 1;
        assert_eq!(driver.next(&mut echo).await.unwrap(), "datagram");
    }
}
