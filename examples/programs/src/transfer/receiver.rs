//! The receiver's memory: takes messages and the file, and shows the status.

use std::collections::VecDeque;

use multipath::{Memory, Received, Region, RegionError, Responder};

use super::chunk::Chunk;
use super::message::{Message, Offer, State, Status, Summary};
use super::{CONTROL_VI, DATA_VIS, STATUS_ADDRESS};

/// What a receiver is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiverAction {
    /// Open the output.
    Begin(Offer),
    /// Write.
    Write(Chunk),
    /// Everything has come: compare.
    End(Summary),
    /// The sender gave up.
    Abort,
}

/// What comes of a sender's requests: the [`Memory`] of a responder. Its actions are to be done in their order.
#[derive(Clone, Debug, Default)]
pub struct FileReceiver {
    status: Status,
    /// The message that is coming in.
    message: Vec<u8>,
    chunk: Chunk,
    /// Bytes of the file came as ordered sends.
    sent: u64,
    actions: VecDeque<ReceiverAction>,
    /// Whether the file's bytes are of no interest.
    discards: bool,
}

impl FileReceiver {
    /// A receiver that lets the sender fill so many bytes of its socket's buffer.
    pub fn new(receive_buffer: usize) -> Self {
        let receive_buffer = u32::try_from(receive_buffer).unwrap_or(u32::MAX);
        Self { status: Status { receive_buffer, ..Status::default() }, ..Self::default() }
    }

    /// The same, but the file's bytes are counted only.
    #[must_use]
    pub fn discarding(self) -> Self {
        Self { discards: true, ..self }
    }

    /// How far it is.
    pub const fn status(&self) -> &Status {
        &self.status
    }

    /// Say how far it is.
    pub fn set_state(&mut self, state: State) {
        self.status.state = state;
    }

    /// Say whether the output takes no more for now.
    pub fn set_full(&mut self, is_full: bool) {
        self.status.is_full = is_full;
    }

    /// Open to a session's sender what it has to reach: the status.
    ///
    /// # Errors
    /// When the responder has no room for it.
    pub fn open_status(responder: &mut Responder) -> Result<(), RegionError> {
        let length = Status::LENGTH as u64;
        let region = Region { start: STATUS_ADDRESS, length, is_writable: false, is_readable: true };
        responder.open_region(CONTROL_VI, region)
    }

    /// Open the file to writes, if it comes unordered. It may be longer than announced: others may write it while it is sent.
    ///
    /// # Errors
    /// When the responder has no room for it.
    pub fn open_file(responder: &mut Responder, offer: &Offer) -> Result<(), RegionError> {
        if !offer.is_unordered {
            return Ok(());
        }
        // Files end where a signed number does.
        let length = i64::MAX as u64;
        let region = Region { start: 0, length, is_writable: true, is_readable: false };
        DATA_VIS.into_iter().try_for_each(|vi| responder.open_region(vi, region))
    }

    /// The next thing to do. Bytes are held back until there are many; [`flush`](Self::flush) gives out all.
    pub fn poll_action(&mut self) -> Option<ReceiverAction> {
        self.actions.pop_front()
    }

    /// Whether bytes are held back.
    pub fn holds_back(&self) -> bool {
        !self.chunk.is_empty()
    }

    /// Give out the bytes that are held back.
    pub fn flush(&mut self) {
        if !self.chunk.is_empty() {
            self.actions.push_back(ReceiverAction::Write(core::mem::take(&mut self.chunk)));
        }
    }

    fn take(&mut self, offset: u64, data: &[u8]) {
        self.status.received = self.status.received.saturating_add(data.len() as u64);
        if self.discards || self.status.state != State::Receiving {
            return;
        }
        if self.chunk.is_full_for(data.len()) {
            self.flush();
        }
        self.chunk.push(offset, data);
    }

    fn take_message(&mut self, part: &Received<'_>) {
        if part.offset == 0 {
            self.message.clear();
        }
        if self.message.len() + part.data.len() <= Message::MAX_LENGTH {
            self.message.extend_from_slice(part.data);
        }
        if !part.is_last {
            return;
        }
        let message = part.immediate.and_then(|immediate| Message::parse(immediate, &self.message));
        self.flush();
        let action = match (message, self.status.state) {
            (Some(Message::Begin(offer)), State::Waiting) => ReceiverAction::Begin(offer),
            (Some(Message::End(summary)), State::Receiving) => {
                self.status.state = State::Checking;
                ReceiverAction::End(summary)
            }
            // Whoever says something else is no sender of ours.
            _ => ReceiverAction::Abort,
        };
        self.actions.push_back(action);
    }
}

impl Memory for FileReceiver {
    fn receive(&mut self, part: &Received<'_>) {
        if part.vi == CONTROL_VI {
            return self.take_message(part);
        }
        let offset = self.sent;
        self.sent = self.sent.saturating_add(part.data.len() as u64);
        self.take(offset, part.data);
    }

    fn write(&mut self, _vi: u16, address: u64, data: &[u8], _immediate: Option<u32>) {
        self.take(address, data);
    }

    fn read(&self, _vi: u16, address: u64, out: &mut [u8]) {
        let status = self.status.to_bytes();
        let start = usize::try_from(address.wrapping_sub(STATUS_ADDRESS)).unwrap_or(usize::MAX);
        if let Some(part) = status.get(start..).and_then(|part| part.get(..out.len())) {
            out.copy_from_slice(part);
        }
    }
}
