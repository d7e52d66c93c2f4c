//! The loop of the sending end.

use core::time::Duration;

use multipath::Path;
use transport::{Clock, DatagramChannel, Inbox, Link, Outbox};

use super::counters::{PathCounters, path_of};
use super::source::{Source, SourceItem};
use super::{INBOX, OUTBOX};
use crate::error::ProgramError;
use crate::interrupt::Interrupt;
use crate::transfer::{FileSender, SenderEvent};

/// What a sending end works with.
#[derive(Debug)]
pub struct Sending<C> {
    /// The sockets: path `n` is socket `n`.
    pub channel: C,
    /// Where each path leads.
    pub links: Vec<Link>,
    /// The transfer.
    pub sender: FileSender,
    /// The clock that the transfer is told.
    pub clock: Clock,
    /// What passed on each path.
    pub counters: [PathCounters; Path::COUNT],
}

/// Send what the source has, and tell each event with the time since the clock's start; the last is
/// [`Done`](SenderEvent::Done) or [`Failed`](SenderEvent::Failed).
///
/// # Errors
/// When the source cannot be read, the sockets are gone, or an event cannot be told: then no more is told, but the receiver hears
/// that the transfer is given up.
pub async fn send<C: DatagramChannel>(
    sending: &mut Sending<C>,
    source: &mut Source,
    interrupt: &mut Interrupt,
    mut tell: impl FnMut(Duration, &SenderEvent) -> Result<(), ProgramError>,
) -> Result<(), ProgramError> {
    let (mut inbox, mut outbox) = (Inbox::new(INBOX), Outbox::new(OUTBOX));
    // What keeps this end from going on.
    let mut obstacle = None;
    let mut awake = Duration::ZERO;
    loop {
        sending.transmit(&mut outbox).await?;
        while let Some(event) = sending.sender.poll_event() {
            if let SenderEvent::Path(event) = &event
                && let Some(path) = path_of(event)
            {
                sending.counters[path.index()].changes += 1;
                // Nothing is sent until the other end has answered.
                awake = sending.clock.expects();
            }
            if obstacle.is_none()
                && let Err(error) = tell(sending.clock.now(), &event)
            {
                obstacle = Some(error);
                sending.sender.abort(sending.clock.now());
            }
            if matches!(event, SenderEvent::Done | SenderEvent::Failed(_)) {
                let statistics = sending.channel.statistics();
                for path in Path::ALL {
                    let of_socket = statistics.get(path.index()).copied().unwrap_or_default();
                    let counters = &mut sending.counters[path.index()];
                    *counters = counters.with_statistics(of_socket);
                    counters.repeated = sending.sender.requester().repeated_on(path);
                }
                return obstacle.map_or(Ok(()), Err);
            }
        }
        let Sending { channel, links, sender, clock, counters } = sending;
        tokio::select! {
            biased;
            received = channel.receive(&mut inbox) => {
                received?;
                let now = clock.now();
                for (link, bytes) in inbox.datagrams() {
                    // What comes from elsewhere than where a path leads is nobody's.
                    let path = Path::from_index(link.socket).filter(|_| links.get(link.socket) == Some(&link));
                    if let Some(path) = path {
                        counters[path.index()].received(bytes);
                        sender.handle_datagram(now, path, bytes);
                    }
                }
            }
            item = source.next(), if sender.room() > 0 => {
                let now = clock.now();
                match item {
                    SourceItem::Block(data) => {
                        sender.push(now, data).map_err(|error| ProgramError::Other(error.to_string()))?;
                    }
                    SourceItem::End(summary) => sender.finish(now, summary),
                    SourceItem::Failed(source_error) => {
                        obstacle = Some(ProgramError::File { path: source.name().into(), source: source_error });
                        sender.abort(now);
                    }
                }
            }
            () = clock.stay_awake(awake) => {}
            () = clock.wait_until(sender.poll_timeout()) => {}
            // The first is a farewell, a second one ends it.
            () = interrupt.wait() => sender.abort(clock.now()),
        }
        // Also when something else came first: under load nothing else would.
        let now = sending.clock.now();
        if sending.sender.poll_timeout().is_some_and(|timeout| timeout <= now) {
            sending.sender.handle_timeout(now);
        }
    }
}

impl<C: DatagramChannel> Sending<C> {
    async fn transmit(&mut self, outbox: &mut Outbox) -> Result<(), ProgramError> {
        loop {
            let now = self.clock.now();
            while let Some(room) = outbox.room() {
                let transmit = self.sender.poll_transmit(now, room);
                let transmit = transmit.map_err(|error| ProgramError::Other(error.to_string()))?;
                let Some(transmit) = transmit else { break };
                let path = transmit.path.index();
                self.counters[path].sent(&transmit, room);
                if let Some(link) = self.links.get(path) {
                    outbox.push(*link, transmit.length, transmit.segment);
                }
            }
            if outbox.is_empty() {
                return Ok(());
            }
            self.channel.send(outbox).await?;
        }
    }
}
