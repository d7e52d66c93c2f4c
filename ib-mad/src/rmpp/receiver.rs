use core::time::Duration;

use super::records::RecordCutter;
use super::segment::{Control, Headers, SegmentView, class_header_length};
use super::{NotTakenReason, ReceiverLimits, Records, RmppFailure, RmppPeer, SEGMENT_LENGTH, TransferKey};
use crate::transmit::Transmit;
use crate::wire::{MAD_LENGTH, RmppFlags, RmppHeaderView, RmppStatus, RmppType};

/// Takes one message, segment by segment, and hands its records on as they become whole. It keeps no segment: `CARRY`
/// bytes, the longest distance from record to record, are all that it remembers of the message.
///
/// ```text
///           segments in order: Received::Data               LAST, and all lengths agree
///         ┌──▶ Receiving ─────────────────────────────────────────────────▶ Complete ──┐ linger
///         └──────┘  │                                                   repeats the ACK │
///                   │ stop or abort of the peer, a fault of the peer, total time        ▼
///                   └─────────────────────────────────────────────▶ Failed ─────────▶ over
///                                                         repeats the ABORT    linger
/// ```
///
/// A segment that comes before its turn is not kept; the sender repeats it, as it does after a loss. Linux's sender repeats
/// everything from the first missing segment in any case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receiver<const CARRY: usize = 256> {
    limits: ReceiverLimits,
    peer: RmppPeer,
    key: TransferKey,
    /// Of what goes back.
    headers: Headers,
    state: State,
    /// The last segment before the first missing one.
    received: u32,
    /// The segment that was acknowledged last.
    acknowledged: u32,
    /// The last segment that may be sent.
    window: u32,
    /// Payload length of the whole message as the first segment gives it; 0: it does not.
    announced: u32,
    /// The transfer's end while it runs, then the end of what is remembered of it.
    deadline: Duration,
    reply: Option<Control>,
    /// Window that the peer opened for the way back.
    reply_window: u32,
    records: RecordCutter<CARRY>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Receiving,
    Complete,
    /// What the peer is told, again and again; nothing when it was the peer who ended the transfer.
    Failed(Option<Control>),
}

/// What a segment was: decided before anything is handed on, so that the machine's state is known while the caller
/// still reads.
pub(super) enum Verdict {
    /// The next in order. Its payload, the class's header included, has `length` bytes.
    Data {
        length: usize,
        is_last: bool,
    },
    Other(Received<'static>),
}

/// What a datagram was to a receiver.
#[derive(Clone, Debug)]
#[must_use]
pub enum Received<'a> {
    /// The next part of a message, for the first time.
    Data(Delivery<'a>),
    /// A segment that was there before. What it needs is sent again.
    Repeated,
    /// A segment before its turn: the sender will repeat it.
    Early,
    /// The transfer turns: the peer waits for the answer to its message, and begins with this window.
    Turned {
        /// Segments that may be sent before the first acknowledgement, at least 1.
        window: u32,
    },
    /// The transfer has failed.
    Failed(RmppFailure),
    /// A transfer that there is no room for: its sender is told to stop.
    Refused,
    /// Nothing for this machine. Nothing changed.
    NotTaken(NotTakenReason),
}

/// A part of a message.
#[derive(Clone, Debug)]
pub struct Delivery<'a> {
    /// The transfer.
    pub key: TransferKey,
    /// The bytes behind the class's header, which follow those of the delivery before.
    pub payload: &'a [u8],
    /// The records that `payload` completes. The first may have begun in an earlier segment.
    pub records: Records<'a>,
    /// Distance from record to record in bytes, 0 for none.
    pub attribute_offset: usize,
    /// Whether the message is whole with this.
    pub is_last: bool,
}

impl<const CARRY: usize> Receiver<CARRY> {
    /// A receiver of the transfer that `first`, which `peer` sent, belongs to. That segment is not taken yet: give it to
    /// [`handle_segment`](Self::handle_segment) next.
    ///
    /// # Errors
    /// When `first` is not data with segment number 1.
    pub fn new(
        now: Duration,
        limits: ReceiverLimits,
        peer: RmppPeer,
        first: &[u8],
    ) -> Result<Self, NotTakenReason> {
        let segment = SegmentView::new(first)?;
        if segment.rmpp.kind() != RmppType::Data || segment.rmpp.segment() != 1 {
            return Err(NotTakenReason::NoTransfer);
        }
        Ok(Self::begin(now, limits, peer, segment))
    }

    pub(super) fn begin(
        now: Duration,
        limits: ReceiverLimits,
        peer: RmppPeer,
        segment: &SegmentView,
    ) -> Self {
        Self {
            limits,
            peer,
            key: segment.key(peer.lid),
            headers: Headers::reply_to(segment),
            state: State::Receiving,
            received: 0,
            acknowledged: 0,
            window: 1,
            announced: 0,
            deadline: now.saturating_add(limits.total_time),
            reply: None,
            reply_window: 1,
            records: RecordCutter::new(),
        }
    }

    /// Take a datagram that the peer sent.
    pub fn handle_segment<'a>(&'a mut self, now: Duration, bytes: &'a [u8]) -> Received<'a> {
        match SegmentView::new(bytes) {
            Ok(segment) if segment.key(self.peer.lid) == self.key => {
                let verdict = self.judge(now, segment);
                self.deliver(verdict, segment)
            }
            Ok(_) => Received::NotTaken(NotTakenReason::NoTransfer),
            Err(reason) => Received::NotTaken(reason),
        }
    }

    /// Take a segment that has this transfer's key; [`deliver`](Self::deliver) then hands on what it brings.
    pub(super) fn judge(&mut self, now: Duration, segment: &SegmentView) -> Verdict {
        let is_data = segment.rmpp.kind() == RmppType::Data;
        match self.state {
            State::Receiving => self.receive(now, segment),
            State::Complete if is_data => {
                self.reply = Some(self.ack());
                Verdict::Other(Received::Repeated)
            }
            State::Complete if is_turn(&segment.rmpp) => {
                self.reply_window = segment.rmpp.length_or_window().max(1);
                Verdict::Other(Received::Turned { window: self.reply_window })
            }
            State::Failed(told) if is_data => {
                self.reply = told;
                Verdict::Other(Received::Repeated)
            }
            State::Complete | State::Failed(_) => Verdict::Other(Received::NotTaken(NotTakenReason::Ended)),
        }
    }

    fn receive(&mut self, now: Duration, segment: &SegmentView) -> Verdict {
        let rmpp = &segment.rmpp;
        if rmpp.version() != 1 {
            return self.abort(now, RmppStatus::UNSUPPORTED_VERSION);
        }
        match rmpp.kind() {
            RmppType::Data => self.receive_data(now, segment),
            // It speaks of the way back: a sender's matter.
            RmppType::Ack => Verdict::Other(Received::NotTaken(NotTakenReason::NoTransfer)),
            RmppType::Stop if rmpp.status() == RmppStatus::RESOURCES_EXHAUSTED => {
                self.fail(now, RmppFailure::ByPeer(rmpp.status()))
            }
            RmppType::Abort if rmpp.status().is_abort() => self.fail(now, RmppFailure::ByPeer(rmpp.status())),
            RmppType::Stop | RmppType::Abort => self.abort(now, RmppStatus::ILLEGAL_STATUS),
            RmppType::None | RmppType::Other(_) => self.abort(now, RmppStatus::BAD_TYPE),
        }
    }

    fn receive_data(&mut self, now: Duration, segment: &SegmentView) -> Verdict {
        let rmpp = &segment.rmpp;
        let number = rmpp.segment();
        if rmpp.status() != RmppStatus::NORMAL {
            return self.abort(now, RmppStatus::ILLEGAL_STATUS);
        }
        if number == 0 || rmpp.flags().contains(RmppFlags::FIRST) != (number == 1) {
            return self.abort(now, RmppStatus::INCONSISTENT_FIRST_AND_SEGMENT);
        }
        if number > self.window || (self.announced > 0 && number > segments_of(self.announced)) {
            return self.abort(now, RmppStatus::SEGMENT_NUMBER_TOO_BIG);
        }
        if number <= self.received {
            if number <= self.acknowledged {
                self.reply = Some(self.ack());
            }
            return Verdict::Other(Received::Repeated);
        }
        if number > self.received + 1 {
            // The gap costs the sender a time-out: let it know what it need not repeat then.
            if self.received > self.acknowledged {
                self.reply = Some(self.ack());
            }
            return Verdict::Other(Received::Early);
        }
        match self.check_next(segment) {
            Ok(length) => self.accept(now, segment.rmpp.flags().contains(RmppFlags::LAST), length),
            Err(failure) => self.fail(now, failure),
        }
    }

    /// The payload length of the next segment in order, if it fits what came before it.
    fn check_next(&mut self, segment: &SegmentView) -> Result<usize, RmppFailure> {
        const INCONSISTENT: RmppFailure = RmppFailure::Here(RmppStatus::INCONSISTENT_LAST_AND_LENGTH);
        const FULL: u32 = SEGMENT_LENGTH as u32;
        let (number, length) = (segment.rmpp.segment(), segment.rmpp.length_or_window());
        let is_last = segment.rmpp.flags().contains(RmppFlags::LAST);
        let class_header = class_header_length(self.key.class);
        // A first segment that announces nothing (0) is taken: a sender may not know yet.
        let announced = if number == 1 && !is_last { length } else { self.announced };
        let before = u64::from(number - 1) * u64::from(FULL);
        let own = if is_last { length } else { FULL };
        let until = before + u64::from(own);
        if u64::from(announced).max(until) > self.limits.max_length.into() {
            return Err(RmppFailure::Here(RmppStatus::RESOURCES_EXHAUSTED));
        }
        let is_length = own <= FULL && own as usize >= class_header && (own > 0 || number == 1);
        let is_place =
            announced == 0 || if is_last { until == announced.into() } else { until < announced.into() };
        if !is_length || !is_place {
            return Err(INCONSISTENT);
        }
        let offset = segment.attribute_offset();
        if number == 1 {
            self.announced = announced;
            self.records.begin(offset).map_err(RmppFailure::Records)?;
        }
        self.records.check(offset, own as usize - class_header, is_last).map_err(RmppFailure::Records)?;
        Ok(own as usize)
    }

    fn accept(&mut self, now: Duration, is_last: bool, length: usize) -> Verdict {
        self.received += 1;
        if is_last {
            self.state = State::Complete;
            self.deadline = now.saturating_add(self.limits.linger);
            self.reply = Some(self.ack());
        } else if self.received == self.window {
            self.window = self.window.saturating_add(self.limits.window.max(1));
            self.reply = Some(self.ack());
        }
        Verdict::Data { length, is_last }
    }

    /// What the caller gets of a segment that was judged.
    pub(super) fn deliver<'a>(&'a mut self, verdict: Verdict, segment: &'a SegmentView) -> Received<'a> {
        match verdict {
            Verdict::Data { length, is_last } => {
                let payload = &segment.data[class_header_length(self.key.class)..length];
                Received::Data(Delivery {
                    key: self.key,
                    payload,
                    records: self.records.cut(payload),
                    attribute_offset: segment.attribute_offset(),
                    is_last,
                })
            }
            Verdict::Other(received) => received,
        }
    }

    fn ack(&mut self) -> Control {
        self.acknowledged = self.received;
        Control::Ack { segment: self.received, window: self.window }
    }

    /// End the transfer: what was delivered cannot be used, for a reason that only the caller sees. Nothing happens
    /// when it has ended already.
    pub fn abort_with(&mut self, now: Duration, status: RmppStatus) {
        if self.is_receiving() {
            let _ = self.abort(now, status);
        }
    }

    fn abort(&mut self, now: Duration, status: RmppStatus) -> Verdict {
        self.fail(now, RmppFailure::Here(status))
    }

    fn fail(&mut self, now: Duration, failure: RmppFailure) -> Verdict {
        let told = match failure {
            RmppFailure::ByPeer(_) => None,
            RmppFailure::Here(RmppStatus::RESOURCES_EXHAUSTED) => Some(Control::Stop),
            RmppFailure::Here(status) => Some(Control::Abort(status)),
            RmppFailure::Records(_) => Some(Control::Abort(RmppStatus::UNSPECIFIED)),
        };
        self.state = State::Failed(told);
        self.reply = told;
        self.deadline = now.saturating_add(self.limits.linger);
        Verdict::Other(Received::Failed(failure))
    }

    /// Write the next datagram to send into `buffer`, all of it. Call it until it returns `None`.
    pub fn poll_transmit(&mut self, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        let reply = self.reply.take()?;
        self.headers.emit_control(reply, buffer);
        Some(Transmit { to: self.peer.lid, service_level: self.peer.service_level, qpn: self.peer.qpn })
    }

    /// The failure of a transfer that took longer than it may; it is reported once.
    pub fn poll_event(&mut self, now: Duration) -> Option<RmppFailure> {
        if !self.is_receiving() || now < self.deadline {
            return None;
        }
        let failure = RmppFailure::Here(RmppStatus::TOTAL_TIME_TOO_LONG);
        let _ = self.fail(now, failure);
        Some(failure)
    }

    /// When to poll again; a time in the past means at once.
    pub const fn poll_timeout(&self) -> Duration {
        if self.reply.is_some() { Duration::ZERO } else { self.deadline }
    }

    /// Whether the machine has nothing more to do: the transfer has ended, and it is no longer worth remembering.
    pub fn is_over(&self, now: Duration) -> bool {
        !self.is_receiving() && self.reply.is_none() && now >= self.deadline
    }

    /// Whether the transfer still runs.
    pub fn is_receiving(&self) -> bool {
        self.state == State::Receiving
    }

    /// The transfer.
    pub const fn key(&self) -> TransferKey {
        self.key
    }

    /// Segments that an answer to this message may begin with, for [`Sender::with_window`](super::Sender::with_window):
    /// 1, unless the peer said another number when the transfer turned.
    pub const fn reply_window(&self) -> u32 {
        self.reply_window
    }

    pub(super) const fn has_reply(&self) -> bool {
        self.reply.is_some()
    }

    pub(super) const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Make every deadline earlier by `epoch`, as if the clock had been set back by as much.
    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.deadline = self.deadline.saturating_sub(epoch);
    }
}

/// Segments that a message of this payload length has.
const fn segments_of(length: u32) -> u32 {
    length.div_ceil(SEGMENT_LENGTH as u32)
}

/// Whether a segment turns the direction: an acknowledgement of segment 0.
fn is_turn(rmpp: &RmppHeaderView) -> bool {
    rmpp.version() == 1
        && rmpp.kind() == RmppType::Ack
        && rmpp.status() == RmppStatus::NORMAL
        && rmpp.segment() == 0
}
