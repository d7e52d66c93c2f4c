use core::time::Duration;

use super::segment::{Control, Headers, SegmentView, UNSPECIFIED_RESPONSE_TIME};
use super::{NotTakenReason, RmppFailure, RmppPeer, SEGMENT_LENGTH, SenderLimits};
use crate::transmit::Transmit;
use crate::types::Lid;
use crate::wire::{MAD_LENGTH, RmppFlags, RmppHeader, RmppHeaderView, RmppStatus, RmppType};

/// Sends one message, segment by segment, as the receiver's window allows. `D` holds the message: a slice, or
/// something that owns one.
///
/// ```text
///          segments of the window, again from the last acknowledged one after a time-out
///         ┌──▶ Sending ────────────────────────────────────────────▶ Delivered
///         └──────┘ │            the last segment is acknowledged     (answers repeated ACKs of a
///                  │                                                  double-sided transfer)
///                  └──▶ Failed: stop or abort of the receiver, a fault of the receiver, too many
///                       retries, total time
/// ```
///
/// Responses are matched by the lower half of the transaction id: a transport may own the upper.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sender<D> {
    limits: SenderLimits,
    to: RmppPeer,
    headers: Headers,
    message: D,
    is_double_sided: bool,
    /// How many there are, and the payload length of all of them.
    segments: u32,
    announced: u32,
    state: State,
    /// The segment to send next, and the highest that was sent.
    next: u32,
    sent: u32,
    acknowledged: u32,
    /// The last segment that may be sent.
    window: u32,
    retries: u8,
    /// The latest time seen.
    now: Duration,
    ack_deadline: Duration,
    total_deadline: Duration,
    reply: Option<Control>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Sending,
    Delivered,
    Failed,
}

/// What a datagram was to a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum SenderHandled {
    /// The receiver has more of the message, or allows more of it.
    Progress,
    /// The receiver has the whole message.
    Delivered,
    /// The transfer has failed.
    Failed(RmppFailure),
    /// Nothing for this machine, or nothing new. Nothing changed.
    NotTaken(NotTakenReason),
}

/// A message of more bytes than the protocol can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("a message of {length} bytes is longer than the protocol can count")]
pub struct MessageTooLong {
    /// Its length.
    pub length: usize,
}

impl<D: AsRef<[u8]>> Sender<D> {
    /// A sender of `message` to `to`. Of `template` the common header and the class's own count, which each segment
    /// will have; for records the attribute offset in it says how far they are from each other.
    ///
    /// # Errors
    /// When the message, with the class's header in each segment, has more than `2^32 - 1` bytes.
    pub fn new(
        now: Duration,
        limits: SenderLimits,
        to: RmppPeer,
        template: &[u8; MAD_LENGTH],
        message: D,
    ) -> Result<Self, MessageTooLong> {
        let headers = Headers::new(template);
        let length = message.as_ref().len();
        let segments = length.div_ceil(headers.room()).max(1);
        let total = segments.checked_mul(SEGMENT_LENGTH).and_then(|total| u32::try_from(total).ok());
        let Some(total) = total else { return Err(MessageTooLong { length }) };
        let padding = segments * headers.room() - length;
        Ok(Self {
            limits,
            to,
            headers,
            message,
            is_double_sided: false,
            segments: segments as u32,
            announced: total - padding as u32,
            state: State::Sending,
            next: 1,
            sent: 0,
            acknowledged: 0,
            window: 1,
            retries: 0,
            now,
            ack_deadline: now.saturating_add(limits.ack_timeout),
            total_deadline: now.saturating_add(limits.total_time),
            reply: None,
        })
    }

    /// The message is a request whose answer may have several segments: when the last segment is acknowledged the
    /// direction turns, with an acknowledgement of segment 0 that opens a window of one.
    #[must_use]
    pub fn double_sided(mut self) -> Self {
        self.is_double_sided = true;
        self
    }

    /// Begin with a window of `window` segments, at least 1, as the receiver gave it when the transfer turned. Only for
    /// the answer in a double-sided transfer ([`Receivers::reply_window`](super::Receivers::reply_window)).
    #[must_use]
    pub fn with_window(mut self, window: u32) -> Self {
        self.window = window.max(1);
        self
    }

    /// Take a datagram that `from` sent.
    pub fn handle_segment(&mut self, now: Duration, from: Lid, bytes: &[u8]) -> SenderHandled {
        self.advance(now);
        let segment = match SegmentView::new(bytes) {
            Ok(segment) => segment,
            Err(reason) => return SenderHandled::NotTaken(reason),
        };
        if !self.is_mine(from, segment) {
            return SenderHandled::NotTaken(NotTakenReason::NoTransfer);
        }
        match self.state {
            State::Sending => self.handle_reply(&segment.rmpp),
            State::Delivered => {
                let is_final =
                    segment.rmpp.kind() == RmppType::Ack && segment.rmpp.segment() == self.segments;
                if is_final {
                    self.turn();
                }
                SenderHandled::NotTaken(NotTakenReason::Ended)
            }
            State::Failed => SenderHandled::NotTaken(NotTakenReason::Ended),
        }
    }

    /// Whether a segment speaks of this transfer. Data with the response's method is the answer to it.
    fn is_mine(&self, from: Lid, segment: &SegmentView) -> bool {
        let header = &segment.header;
        from == self.to.lid
            && header.class() == self.headers.class()
            && header.transaction_id().low() == self.headers.transaction_id().low()
            && header.method().0 == self.headers.method().0 ^ 0x80
            && segment.rmpp.kind() != RmppType::Data
    }

    fn handle_reply(&mut self, rmpp: &RmppHeaderView) -> SenderHandled {
        if rmpp.version() != 1 {
            return self.abort(RmppStatus::UNSUPPORTED_VERSION);
        }
        match rmpp.kind() {
            RmppType::Ack => self.handle_ack(rmpp),
            RmppType::Stop if rmpp.status() == RmppStatus::RESOURCES_EXHAUSTED => {
                self.end_by_peer(rmpp.status())
            }
            RmppType::Abort if rmpp.status().is_abort() => self.end_by_peer(rmpp.status()),
            RmppType::Stop | RmppType::Abort => self.abort(RmppStatus::ILLEGAL_STATUS),
            RmppType::Data | RmppType::None | RmppType::Other(_) => self.abort(RmppStatus::BAD_TYPE),
        }
    }

    fn handle_ack(&mut self, rmpp: &RmppHeaderView) -> SenderHandled {
        let (segment, window) = (rmpp.segment(), rmpp.length_or_window());
        if rmpp.status() != RmppStatus::NORMAL {
            return self.abort(RmppStatus::ILLEGAL_STATUS);
        }
        // A receiver's window never shrinks: what acknowledges more has a window at least as large.
        if window < segment || (segment > self.acknowledged && window < self.window) {
            return self.abort(RmppStatus::NEW_WINDOW_LAST_TOO_SMALL);
        }
        if segment > self.sent {
            return self.abort(RmppStatus::SEGMENT_NUMBER_TOO_BIG);
        }
        let is_old = segment < self.acknowledged || window < self.window;
        if is_old || (segment, window) == (self.acknowledged, self.window) {
            return SenderHandled::NotTaken(NotTakenReason::OldAck);
        }
        if segment > self.acknowledged {
            self.acknowledged = segment;
            self.retries = 0;
            self.ack_deadline = self.now.saturating_add(self.limits.ack_timeout);
        }
        self.window = window;
        self.next = self.next.max(segment + 1);
        if segment == self.segments {
            self.state = State::Delivered;
            self.turn();
            return SenderHandled::Delivered;
        }
        SenderHandled::Progress
    }

    /// Tell the receiver that its answer may come.
    fn turn(&mut self) {
        if self.is_double_sided {
            self.reply = Some(Control::Ack { segment: 0, window: 1 });
        }
    }

    /// The answer to the message has begun to arrive: the receiver has it, though its last acknowledgement was lost.
    /// Whether this ended the transfer.
    pub fn answered(&mut self) -> bool {
        let ends = self.is_sending();
        if ends {
            self.state = State::Delivered;
            self.acknowledged = self.segments;
        }
        ends
    }

    /// End the transfer and tell the receiver so. Nothing happens when it has ended already.
    pub fn abort_with(&mut self, status: RmppStatus) {
        if self.is_sending() {
            let _ = self.abort(status);
        }
    }

    fn abort(&mut self, status: RmppStatus) -> SenderHandled {
        self.state = State::Failed;
        self.reply = Some(Control::Abort(status));
        SenderHandled::Failed(RmppFailure::Here(status))
    }

    fn end_by_peer(&mut self, status: RmppStatus) -> SenderHandled {
        self.state = State::Failed;
        SenderHandled::Failed(RmppFailure::ByPeer(status))
    }

    /// Write the next datagram to send into `buffer`, all of it. Call it until it returns `None`.
    pub fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        self.advance(now);
        if let Some(reply) = self.reply.take() {
            self.headers.emit_control(reply, buffer);
            return Some(self.address());
        }
        if !self.is_sending() || self.now >= self.total_deadline {
            return None;
        }
        if !self.may_send() {
            if self.now < self.ack_deadline || self.retries >= self.limits.retries {
                return None;
            }
            self.retries += 1;
            // A window that ends with what is acknowledged stays shut: the last segment, sent again, asks for more.
            self.next = (self.acknowledged + 1).min(self.window);
        }
        self.emit(buffer);
        self.sent = self.sent.max(self.next);
        self.next += 1;
        self.ack_deadline = self.now.saturating_add(self.limits.ack_timeout);
        Some(self.address())
    }

    fn emit(&self, buffer: &mut [u8; MAD_LENGTH]) {
        let message = self.message.as_ref();
        let room = self.headers.room();
        let start = (self.next as usize - 1) * room;
        let payload = &message[start.min(message.len())..message.len().min(start + room)];
        let class_header = (SEGMENT_LENGTH - room) as u32;
        let (mut flags, mut length) = (RmppFlags::ACTIVE, 0);
        if self.next == 1 {
            flags.0 |= RmppFlags::FIRST.0;
            length = self.announced;
        }
        if self.next == self.segments {
            flags.0 |= RmppFlags::LAST.0;
            length = payload.len() as u32 + class_header;
        }
        let rmpp = RmppHeader {
            version: 1,
            kind: RmppType::Data,
            response_time: UNSPECIFIED_RESPONSE_TIME,
            flags,
            status: RmppStatus::NORMAL,
            segment: self.next,
            length_or_window: length,
        };
        self.headers.emit(&rmpp, payload, buffer);
    }

    /// The failure of a transfer that nobody acknowledged, or that took longer than it may; it is reported once.
    pub fn poll_event(&mut self, now: Duration) -> Option<RmppFailure> {
        self.advance(now);
        let status = if !self.is_sending() {
            return None;
        } else if self.now >= self.total_deadline {
            RmppStatus::TOTAL_TIME_TOO_LONG
        } else if self.now >= self.ack_deadline && !self.may_send() && self.retries >= self.limits.retries {
            RmppStatus::TOO_MANY_RETRIES
        } else {
            return None;
        };
        let _ = self.abort(status);
        Some(RmppFailure::Here(status))
    }

    /// When to poll again; a time in the past means at once. `None` once the transfer has ended.
    pub fn poll_timeout(&self) -> Option<Duration> {
        if self.reply.is_some() || (self.is_sending() && self.may_send()) {
            return Some(self.now);
        }
        self.is_sending().then(|| self.ack_deadline.min(self.total_deadline))
    }

    /// Whether the transfer still runs. A double-sided one should be kept after it, until its answer has come: the
    /// receiver may ask again for the turn.
    pub fn is_sending(&self) -> bool {
        self.state == State::Sending
    }

    /// Segments of the message, and how many of them the receiver has acknowledged.
    pub const fn progress(&self) -> (u32, u32) {
        (self.segments, self.acknowledged)
    }

    /// Make every deadline earlier by `epoch`, as if the clock had been set back by as much.
    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        for time in [&mut self.now, &mut self.ack_deadline, &mut self.total_deadline] {
            *time = time.saturating_sub(epoch);
        }
    }

    fn may_send(&self) -> bool {
        self.next <= self.window.min(self.segments)
    }

    fn advance(&mut self, now: Duration) {
        self.now = self.now.max(now);
    }

    const fn address(&self) -> Transmit {
        Transmit { to: self.to.lid, service_level: self.to.service_level, qpn: self.to.qpn }
    }
}
