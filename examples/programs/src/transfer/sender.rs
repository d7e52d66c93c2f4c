//! The sender of a file: from the opening of the session to the receiver's verdict.

use core::time::Duration;
use std::collections::VecDeque;

use bytes::Bytes;
use multipath::wire::BufferTooSmall;
use multipath::{
    BrokenReason, Descriptor, DescriptorId, EndReason, MAX_WINDOW, OpenError, Path, PathState, PostError,
    Requester, RequesterConfig, RequesterEvent, RequesterHandled, Transmit, ViConfig,
};

use super::message::{Failure, Message, Offer, State, Status, Summary};
use super::standstill::{Finding, Standstill};
use super::{CONTROL_VI, DATA_VIS, STATUS_ADDRESS};

/// How often the receiver is asked how far it is, so that neither end takes the other for gone.
const ASK_INTERVAL: Duration = Duration::from_secs(1);
/// How often it is asked while it opens its output, or compares.
const ASK_AGAIN: Duration = Duration::from_millis(20);
/// How long the receiver may take to hear that the transfer is given up.
const FAREWELL: Duration = Duration::from_secs(3);
/// Bytes that are posted at most.
const POSTED: usize = 16 << 20;
/// What the system counts for a datagram besides its bytes, about.
const OVERHEAD: usize = 512;
const SEQUENCE_BITS: u8 = 32;

/// Settings of a sender.
#[derive(Clone, Debug)]
pub struct FileSenderConfig {
    /// Of its requester.
    pub requester: RequesterConfig,
    /// Bytes of payload of a packet.
    pub payload: u16,
    /// What it sends.
    pub offer: Offer,
}

/// Why a transfer failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// The session could not be.
    #[error(transparent)]
    Paths(#[from] multipath::ConfigError),
    /// A virtual interface could not be.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A descriptor could not be posted.
    #[error(transparent)]
    Post(#[from] PostError),
    /// A virtual interface failed.
    #[error(transparent)]
    Broken(BrokenReason),
    /// The session ended.
    #[error(transparent)]
    Ended(EndReason),
    /// The receiver says so.
    #[error(transparent)]
    Receiver(Failure),
    /// The receiver says what makes no sense.
    #[error(
        "the other end answers with something else than a status: is it a receiver of this program's version?"
    )]
    Status,
    /// A path answers, and there is no other, but nothing of the file comes through.
    #[error("path {} answers, but packets with {payload} bytes of payload do not come through", path.index() + 1)]
    Standstill {
        /// The path.
        path: Path,
        /// Bytes of payload of its packets.
        payload: u16,
        /// How long that was so.
        stood: Duration,
    },
    /// This end gave up.
    #[error("interrupted")]
    Aborted,
}

/// Something happened to the transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderEvent {
    /// The receiver is ready; so many packets may be outstanding.
    Accepted {
        /// The window.
        window: u32,
    },
    /// A path changed: one of the requester's path events.
    Path(RequesterEvent),
    /// Nothing of the file has come through on the path for so long, although it answers, and there is no other.
    Stands(Path, Duration),
    /// The same, but there are others: the path is used no more, unless those fail.
    LeftOut(Path, Duration),
    /// The receiver's output has taken nothing for so long. That is waited for.
    ReceiverFull(Duration),
    /// The receiver acknowledged so many more bytes.
    Acknowledged(u64),
    /// The receiver has everything, and its hash is the same.
    Done,
    /// The transfer failed.
    Failed(TransferError),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// BEGIN is sent; the receiver opens its output.
    Calling,
    Sending,
    /// Everything was handed in; END follows when all of it is acknowledged.
    Draining(Summary),
    /// END is sent; the receiver compares.
    Checking,
    /// ABORT is sent; it is waited for its acknowledgement until then.
    Aborting(Duration),
    Over,
}

/// Sends a file. Drained as a [`Requester`] is; blocks are handed in with [`push`](Self::push) as long as there is
/// [`room`](Self::room), then [`finish`](Self::finish) says what they were.
#[derive(Clone, Debug)]
pub struct FileSender {
    requester: Requester,
    payload: u16,
    is_unordered: bool,
    phase: Phase,
    /// Blocks that are not acknowledged, with the virtual interface of each.
    blocks: VecDeque<(u16, DescriptorId, usize)>,
    posted: usize,
    offset: u64,
    /// The reading of the status that is under way.
    asked: Option<DescriptorId>,
    /// When the status is to be read next.
    ask: Duration,
    /// The farewell.
    abort: Option<DescriptorId>,
    /// Why it says farewell, unless it was asked to.
    obstacle: Option<TransferError>,
    /// Whether anything has come from the receiver.
    is_heard: bool,
    standstill: Standstill,
    events: VecDeque<SenderEvent>,
}

impl FileSender {
    /// A sender that calls its receiver.
    ///
    /// # Errors
    /// When the paths or time-outs cannot be.
    pub fn new(now: Duration, config: FileSenderConfig) -> Result<Self, TransferError> {
        let mut sender = Self {
            standstill: Standstill::new(now, &config.requester),
            requester: Requester::new(config.requester)?,
            payload: config.payload,
            is_unordered: config.offer.is_unordered,
            phase: Phase::Calling,
            blocks: VecDeque::new(),
            posted: 0,
            offset: 0,
            asked: None,
            ask: now,
            abort: None,
            obstacle: None,
            is_heard: false,
            events: VecDeque::new(),
        };
        let control = ViConfig { sequence_bits: SEQUENCE_BITS, ..ViConfig::new(CONTROL_VI) };
        sender.requester.open(now, control)?;
        sender.tell(now, &Message::Begin(config.offer))?;
        sender.ask(now)?;
        Ok(sender)
    }

    fn tell(&mut self, now: Duration, message: &Message) -> Result<DescriptorId, PostError> {
        let descriptor = Descriptor::send(message.to_bytes()).with_immediate(message.immediate());
        self.requester.post(now, CONTROL_VI, descriptor)
    }

    fn ask(&mut self, now: Duration) -> Result<(), PostError> {
        let read = Descriptor::read(STATUS_ADDRESS, Status::LENGTH as u32);
        self.asked = Some(self.requester.post(now, CONTROL_VI, read)?);
        Ok(())
    }

    /// The requester, to look at.
    pub const fn requester(&self) -> &Requester {
        &self.requester
    }

    /// Bytes that it takes now.
    pub fn room(&self) -> usize {
        let vis = if self.is_unordered { &DATA_VIS[..] } else { &DATA_VIS[..1] };
        let has_place = vis.iter().all(|vi| self.requester.room(*vi) > 0);
        if self.phase == Phase::Sending && has_place { POSTED.saturating_sub(self.posted) } else { 0 }
    }

    /// Send the next bytes of the file.
    ///
    /// # Errors
    /// When they are handed in without room, or the session has failed.
    pub fn push(&mut self, now: Duration, data: Bytes) -> Result<(), PostError> {
        let length = data.len();
        let (vi, descriptor) = if self.is_unordered {
            // In turn: after an unordered block its virtual interface waits, while the other goes on.
            let last = self.blocks.back().map(|(vi, ..)| *vi);
            let vi = if last == Some(DATA_VIS[0]) { DATA_VIS[1] } else { DATA_VIS[0] };
            (vi, Descriptor::write(self.offset, data).unordered())
        } else {
            (DATA_VIS[0], Descriptor::send(data))
        };
        let id = self.requester.post(now, vi, descriptor)?;
        self.blocks.push_back((vi, id, length));
        self.posted += length;
        self.offset = self.offset.saturating_add(length as u64);
        Ok(())
    }

    /// Everything was handed in.
    pub fn finish(&mut self, now: Duration, summary: Summary) {
        if self.phase == Phase::Sending {
            self.phase = Phase::Draining(summary);
            self.proceed(now);
        }
    }

    /// Tell the receiver, if it has ever answered, that no more comes. Asked a second time, it no longer waits until the receiver has
    /// heard.
    pub fn abort(&mut self, now: Duration) {
        match self.phase {
            _ if !self.is_heard => return self.fail(TransferError::Aborted),
            Phase::Over => return,
            Phase::Aborting(_) => return self.fail(TransferError::Aborted),
            Phase::Calling | Phase::Sending | Phase::Draining(_) | Phase::Checking => {}
        }
        match self.tell(now, &Message::Abort) {
            Ok(id) => {
                self.abort = Some(id);
                self.phase = Phase::Aborting(now.saturating_add(FAREWELL));
            }
            Err(_) => self.fail(TransferError::Aborted),
        }
    }

    /// End because of this, when the receiver has heard of it.
    fn give_up(&mut self, now: Duration, error: TransferError) {
        if !matches!(self.phase, Phase::Aborting(_) | Phase::Over) {
            self.obstacle = Some(error);
            self.abort(now);
        }
    }

    fn fail(&mut self, error: TransferError) {
        if self.phase != Phase::Over {
            self.phase = Phase::Over;
            let error = if error == TransferError::Aborted { self.obstacle.unwrap_or(error) } else { error };
            self.events.push_back(SenderEvent::Failed(error));
        }
    }

    /// Do what the phase lets be done.
    fn proceed(&mut self, now: Duration) {
        if let Phase::Draining(summary) = self.phase
            && self.blocks.is_empty()
        {
            self.phase = Phase::Checking;
            let told = self.tell(now, &Message::End(summary));
            self.ask = now;
            if let Err(error) = told {
                self.fail(error.into());
            }
        }
    }

    /// Take a packet that came on `path`.
    pub fn handle_datagram(&mut self, now: Duration, path: Path, bytes: &[u8]) {
        if self.standstill.is_left_out(path) {
            return;
        }
        let handled = self.requester.handle_datagram(now, path, bytes);
        self.is_heard |= !matches!(handled, RequesterHandled::Discarded(_));
        match handled {
            RequesterHandled::Read(read) if self.asked == Some(read.descriptor) && read.vi == CONTROL_VI => {
                match Status::parse(read.data) {
                    Some(status) => self.hear(now, &status),
                    None => self.fail(TransferError::Status),
                }
            }
            RequesterHandled::Acknowledged => self.standstill.acknowledge(now, path),
            _ => {}
        }
        self.follow(now);
    }

    /// The receiver said how far it is.
    fn hear(&mut self, now: Duration, status: &Status) {
        self.asked = None;
        self.ask = now.saturating_add(ASK_INTERVAL);
        let full = self.standstill.hear(now, status.is_full);
        self.events.extend(full.map(SenderEvent::ReceiverFull));
        match (status.state, self.phase) {
            // It has heard: the answer to a question overtook the acknowledgement.
            (State::Failed(_), Phase::Aborting(_)) => self.fail(TransferError::Aborted),
            (State::Failed(failure), _) => self.fail(TransferError::Receiver(failure)),
            (State::Waiting, Phase::Calling) | (State::Receiving | State::Checking, Phase::Checking) => {
                self.ask = now.saturating_add(ASK_AGAIN);
            }
            (State::Receiving, Phase::Calling) => self.begin(now, status.receive_buffer),
            (State::Done, Phase::Checking) => {
                self.phase = Phase::Over;
                self.events.push_back(SenderEvent::Done);
            }
            _ => {}
        }
    }

    /// Open the way of the file.
    fn begin(&mut self, now: Duration, receive_buffer: u32) {
        let vis = if self.is_unordered { &DATA_VIS[..] } else { &DATA_VIS[..1] };
        let in_buffer = receive_buffer as usize / (usize::from(self.payload) + OVERHEAD) / vis.len();
        // At most MAX_WINDOW.
        let window = in_buffer.clamp(1, MAX_WINDOW) as u32;
        for vi in vis {
            let config = ViConfig { sequence_bits: SEQUENCE_BITS, window, ..ViConfig::new(*vi) }
                .with_payload(self.payload);
            if let Err(error) = self.requester.open(now, config) {
                return self.fail(error.into());
            }
        }
        self.phase = Phase::Sending;
        self.events.push_back(SenderEvent::Accepted { window });
    }

    /// Act on what the requester has to tell.
    fn follow(&mut self, now: Duration) {
        while let Some(event) = self.requester.poll_event() {
            match event {
                RequesterEvent::Opened { .. } => {}
                RequesterEvent::Completed { vi: CONTROL_VI, descriptor } => {
                    if self.abort == Some(descriptor) {
                        self.fail(TransferError::Aborted);
                    }
                }
                RequesterEvent::Completed { vi, descriptor } => self.acknowledge(vi, descriptor),
                // What stands in the way of messages keeps the receiver from hearing of it.
                RequesterEvent::Broken { vi: CONTROL_VI, reason } => self.fail(TransferError::Broken(reason)),
                RequesterEvent::Broken { reason, .. } => self.give_up(now, TransferError::Broken(reason)),
                RequesterEvent::Ended(reason) => self.fail(TransferError::Ended(reason)),
                path => {
                    self.events.push_back(SenderEvent::Path(path));
                    self.follow_standstill(now, &path);
                }
            }
        }
        self.proceed(now);
    }

    fn follow_standstill(&mut self, now: Duration, event: &RequesterEvent) {
        match self.standstill.handle_event(now, event) {
            None => {}
            Some(Finding::Stands(path, stood)) => self.events.push_back(SenderEvent::Stands(path, stood)),
            Some(Finding::LeftOut(path, stood)) => self.events.push_back(SenderEvent::LeftOut(path, stood)),
            Some(Finding::GivenUp(path, stood)) => {
                self.give_up(now, TransferError::Standstill { path, payload: self.payload, stood });
            }
        }
    }

    fn acknowledge(&mut self, vi: u16, descriptor: DescriptorId) {
        let place = self.blocks.iter().position(|(of, id, _)| (*of, *id) == (vi, descriptor));
        if let Some((_, _, length)) = place.and_then(|place| self.blocks.remove(place)) {
            self.posted -= length;
            self.events.push_back(SenderEvent::Acknowledged(length as u64));
        }
    }

    /// Tell what time it is, at or after [`poll_timeout`](Self::poll_timeout).
    pub fn handle_timeout(&mut self, now: Duration) {
        self.requester.handle_timeout(now);
        self.follow(now);
        match self.phase {
            Phase::Over => {}
            Phase::Aborting(end) if end <= now => self.fail(TransferError::Aborted),
            Phase::Aborting(_) => {}
            Phase::Calling | Phase::Sending | Phase::Draining(_) | Phase::Checking => {
                if self.asked.is_none()
                    && self.ask <= now
                    && let Err(error) = self.ask(now)
                {
                    self.fail(error.into());
                }
            }
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do, if nothing happens before.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let own = match self.phase {
            Phase::Over => return None,
            Phase::Aborting(end) => Some(end),
            Phase::Calling | Phase::Sending | Phase::Draining(_) | Phase::Checking => {
                self.asked.is_none().then_some(self.ask)
            }
        };
        self.requester.poll_timeout().into_iter().chain(own).min()
    }

    /// Write packets into `buffer`.
    ///
    /// # Errors
    /// When `buffer` has no room for a packet.
    pub fn poll_transmit(
        &mut self,
        now: Duration,
        buffer: &mut [u8],
    ) -> Result<Option<Transmit>, BufferTooSmall> {
        while self.phase != Phase::Over {
            match self.requester.poll_transmit(now, buffer)? {
                // For the session it is lost.
                Some(transmit) if self.standstill.is_left_out(transmit.path) => {}
                transmit => return Ok(transmit),
            }
        }
        Ok(None)
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<SenderEvent> {
        self.events.pop_front()
    }

    /// State of a path.
    pub fn path_state(&self, path: Path) -> PathState {
        self.requester.path_state(path)
    }
}
