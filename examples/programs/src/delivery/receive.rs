//! The loop of the receiving end.

use core::time::Duration;
use std::io;

use multipath::{
    Discard, Listener, ListenerHandled, Path, Paths, ResponderConfig, ResponderHandled, Transmit,
};
use transport::{Clock, DatagramChannel, Inbox, Link, Outbox};

use super::counters::PathCounters;
use super::sink::{Sink, SinkReport};
use super::{INBOX, OUTBOX};
use crate::error::ProgramError;
use crate::transfer::{Failure, FileReceiver, Offer, ReceiverAction, State, Summary, carries_data};

/// How long bytes are held back at most, to be written together.
const HELD_BACK: Duration = Duration::from_millis(10);

/// Something happened to a transfer.
#[derive(Debug)]
pub enum ReceptionEvent {
    /// A sender offers a file: [`accept`](Reception::accept) or [`refuse`](Reception::refuse) it.
    Offered(Offer),
    /// The file is written, and has the sender's hash.
    Done(Summary),
    /// The transfer failed; the sender hears of it.
    Failed(Failure, Option<io::Error>),
    /// The sender gave up, or is no sender of ours.
    Aborted,
    /// The sender has said nothing for so long.
    Vanished(Duration),
}

/// The receiving end of one transfer after another.
#[derive(Debug)]
pub struct Reception<C> {
    channel: C,
    clock: Clock,
    listener: Listener<Link>,
    receiver: FileReceiver,
    /// Bytes of the socket's buffer that senders may fill.
    receive_buffer: usize,
    /// How long a sender may be silent.
    patience: Duration,
    sink: Option<Sink>,
    /// What the sender says that it sent.
    summary: Option<Summary>,
    /// When something last came of the transfer that is under way.
    heard: Option<Duration>,
    /// When something last came at all.
    latest: Option<Duration>,
    /// Until then the sender should have sent more.
    awake: Duration,
    counters: [PathCounters; Path::COUNT],
    /// Paths of the latest transfer.
    paths: usize,
    /// The socket that each path leads to.
    sockets: [usize; Path::COUNT],
    inbox: Inbox,
    outbox: Outbox,
}

impl<C: DatagramChannel> Reception<C> {
    /// Receive through `channel`, and go by `clock`.
    pub fn new(channel: C, clock: Clock, receive_buffer: usize, patience: Duration) -> Self {
        Self {
            channel,
            clock,
            listener: Listener::new(ResponderConfig::new(Paths::default(), crate::random_u64())),
            receiver: FileReceiver::new(receive_buffer),
            receive_buffer,
            patience,
            sink: None,
            summary: None,
            heard: None,
            latest: None,
            awake: Duration::ZERO,
            counters: [PathCounters::default(); Path::COUNT],
            paths: 0,
            sockets: [0; Path::COUNT],
            inbox: Inbox::new(INBOX),
            outbox: Outbox::new(OUTBOX),
        }
    }

    /// What passed on each path of the latest transfer.
    pub fn counters(&self) -> Vec<PathCounters> {
        let statistics = self.channel.statistics();
        let of_socket = |socket: &usize| statistics.get(*socket).copied().unwrap_or_default();
        let counters = self.counters.iter().zip(&self.sockets).take(self.paths);
        counters.map(|(counters, socket)| counters.with_statistics(of_socket(socket))).collect()
    }

    /// Packets that were dropped since the latest session began, by reason.
    pub fn discards(&self) -> Vec<(Discard, u64)> {
        let of_session = self.listener.responder().into_iter().flat_map(|it| it.discards().iter());
        self.listener.discards().iter().chain(of_session).collect()
    }

    /// Bytes of the file so far.
    pub const fn received(&self) -> u64 {
        self.receiver.status().received
    }

    /// Take the offered file into `sink`.
    pub fn accept(&mut self, offer: &Offer, sink: Sink, is_discarded: bool) {
        let opened = self.listener.responder_mut().map(|responder| FileReceiver::open_file(responder, offer));
        if is_discarded {
            self.receiver = core::mem::take(&mut self.receiver).discarding();
        }
        match opened {
            Some(Ok(())) => {
                self.sink = Some(sink);
                self.receiver.set_state(State::Receiving);
            }
            _ => self.refuse(),
        }
    }

    /// Tell the sender that the file cannot be taken.
    pub fn refuse(&mut self) {
        self.end(State::Failed(Failure::Output));
    }

    fn end(&mut self, state: State) {
        self.receiver.set_state(state);
        self.listener.finish();
        self.sink = None;
        self.heard = None;
    }

    /// Serve until something happens to a transfer. Dropping the future loses nothing but time.
    ///
    /// # Errors
    /// When the sockets are gone.
    pub async fn next(&mut self) -> Result<ReceptionEvent, ProgramError> {
        loop {
            if let Some(event) = self.act() {
                self.transmit().await?;
                return Ok(event);
            }
            self.transmit().await?;
            let vanishes = self.heard.map(|heard| heard.saturating_add(self.patience));
            let writes = self.receiver.holds_back().then(|| self.clock.now().saturating_add(HELD_BACK));
            let report = async {
                match &mut self.sink {
                    Some(sink) => sink.report().await,
                    None => core::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                received = self.channel.receive(&mut self.inbox) => {
                    received?;
                    self.take();
                }
                report = report => {
                    if let Some(event) = self.hear(report) {
                        return Ok(event);
                    }
                }
                () = self.clock.stay_awake(self.awake) => {}
                () = self.clock.wait_until(writes), if writes.is_some() => self.receiver.flush(),
                () = self.clock.wait_until(vanishes) => {
                    self.end(State::Failed(Failure::Ended));
                    return Ok(ReceptionEvent::Vanished(self.patience));
                }
            }
        }
    }

    /// Whether a transfer is under way.
    pub const fn is_busy(&self) -> bool {
        self.heard.is_some()
    }

    /// Whether anything has come for that long: the sender of a transfer that is over may still ask how it ended.
    pub fn was_heard_within(&self, silence: Duration) -> bool {
        self.latest.is_some_and(|latest| self.clock.now() <= latest.saturating_add(silence))
    }

    /// Give the transfer that is under way up. Its sender asks once a second, and is told so while this end
    /// [lingers](Self::linger).
    pub fn give_up(&mut self) {
        self.end(State::Failed(Failure::Ended));
    }

    /// Answer the requests of a finished transfer until its sender has been silent for so long: it may not have heard.
    /// Its first request may take `first`.
    ///
    /// # Errors
    /// When the sockets are gone.
    pub async fn linger(&mut self, first: Duration, silence: Duration) -> Result<(), ProgramError> {
        let mut end = self.clock.now().saturating_add(first);
        loop {
            self.transmit().await?;
            tokio::select! {
                received = self.channel.receive(&mut self.inbox) => {
                    received?;
                    let before = self.latest;
                    self.take();
                    // What strangers send is no question.
                    if self.latest != before {
                        end = self.clock.now().saturating_add(silence);
                    }
                }
                () = self.clock.wait_until(Some(end)) => return Ok(()),
            }
        }
    }

    /// Hand in what came.
    fn take(&mut self) {
        let now = self.clock.now();
        let is_full = self.sink.as_ref().is_some_and(Sink::is_full);
        self.receiver.set_full(is_full);
        for (link, bytes) in self.inbox.datagrams() {
            // Packets of the file that cannot be written are lost: their sender repeats them.
            if is_full && carries_data(bytes) {
                continue;
            }
            let handled = self.listener.handle_datagram(link, bytes, &mut self.receiver);
            let ListenerHandled::Served(path, handled) = handled else { continue };
            if handled == ResponderHandled::Supervised {
                // The sender waits for the answer, and goes on at once.
                self.awake = self.clock.expects();
            }
            if handled == ResponderHandled::SessionOpened {
                self.receiver = FileReceiver::new(self.receive_buffer);
                self.counters = [PathCounters::default(); Path::COUNT];
                self.paths = self.listener.paths().map_or(0, |paths| paths.set().len());
                (self.sink, self.summary, self.heard) = (None, None, Some(now));
                if let Some(responder) = self.listener.responder_mut() {
                    // A responder that is new has room.
                    let _ = FileReceiver::open_status(responder);
                }
            }
            self.latest = Some(now);
            self.sockets[path.index()] = link.socket;
            self.counters[path.index()].received(bytes);
            if self.heard.is_some() {
                self.heard = Some(now);
            }
        }
    }

    /// Do what the requests came to.
    fn act(&mut self) -> Option<ReceptionEvent> {
        while let Some(action) = self.receiver.poll_action() {
            match action {
                ReceiverAction::Begin(offer) => return Some(ReceptionEvent::Offered(offer)),
                ReceiverAction::Write(chunk) => {
                    if let Some(sink) = &mut self.sink {
                        sink.write(chunk);
                    }
                }
                ReceiverAction::End(summary) => {
                    self.summary = Some(summary);
                    if let Some(sink) = &mut self.sink {
                        sink.finish();
                    }
                }
                ReceiverAction::Abort => {
                    self.end(State::Failed(Failure::Ended));
                    return Some(ReceptionEvent::Aborted);
                }
            }
        }
        None
    }

    /// What the thread that writes says.
    fn hear(&mut self, report: SinkReport) -> Option<ReceptionEvent> {
        match report {
            SinkReport::Wrote => None,
            SinkReport::Failed(error) => {
                self.end(State::Failed(Failure::Output));
                Some(ReceptionEvent::Failed(Failure::Output, Some(error)))
            }
            SinkReport::Finished(hash) => {
                let summary = self.summary?;
                let is_same = self.received() >= summary.length && hash == summary.hash;
                self.end(if is_same { State::Done } else { State::Failed(Failure::Hash) });
                Some(if is_same {
                    ReceptionEvent::Done(summary)
                } else {
                    ReceptionEvent::Failed(Failure::Hash, None)
                })
            }
        }
    }

    async fn transmit(&mut self) -> Result<(), ProgramError> {
        loop {
            while let Some(room) = self.outbox.room() {
                let polled = self.listener.poll_transmit(&self.receiver, room);
                let polled = polled.map_err(|error| ProgramError::Other(error.to_string()))?;
                let Some((link, transmit)) = polled else { break };
                let Transmit { path, length, segment } = transmit;
                self.counters[path.index()].sent(&transmit, room);
                self.outbox.push(link, length, segment);
            }
            if self.outbox.is_empty() {
                return Ok(());
            }
            self.channel.send(&mut self.outbox).await?;
        }
    }
}
