//! The end that asks.

mod event;
mod opening;
mod overtaken;
mod supervisor;
mod transmission;
mod vi;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use barrier::{Path, PathEvent, PathSet, PathState};
use seqwin::{Answer, Matched, Response, Sequence, SerialNumber, TransactionType};

use self::opening::Opening;
use self::overtaken::{Turn, Turns};
use self::supervisor::Supervisor;
use self::vi::{InFlight, PathChoice, SendingVi, kind};
use crate::descriptor::{Descriptor, DescriptorId, PostError};
use crate::discard::{Discard, Discards};
use crate::responder::{MAX_VIS, SUPERVISORY_VI};
use crate::wire::{
    Control, Header, OpenRefusal, OpenVi, Opened, Operation, OperationFlags, Packet, Refusal, Transaction,
};
use crate::{RequesterConfig, ViConfig};

pub use self::event::{BrokenReason, EndReason, ReadData, RequesterEvent, RequesterHandled};
pub use self::vi::MAX_WINDOW;

/// Number of the responder among the sources of responses: a requester has one.
const RESPONDER: u32 = 0;

/// Sends, writes and reads over the paths to one responder.
///
/// ```text
///                   ┌──── wait for a datagram, or until poll_timeout() ◀────┐
///                   ▼                                                       │
///   handle_datagram(now, path, bytes)   handle_timeout(now)                 │
///                   │                                                       │
///   while poll_transmit(now, buffer) is Some: send it                       │
///   while poll_event() is Some: act on it ──────────────────────────────────┘
/// ```
///
/// Each of its virtual interfaces has room for `WINDOW` outstanding packets; [`new`](Self::new) makes one with room for
/// [`MAX_WINDOW`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requester<const WINDOW: usize = MAX_WINDOW> {
    config: RequesterConfig,
    paths: Supervisor,
    /// Paths that were good when they were last looked at.
    good: PathSet,
    vis: Vec<SendingVi<WINDOW>>,
    openings: Vec<Opening>,
    /// The responder's instance, once a VI is open.
    instance: Option<u64>,
    /// The VI that is asked first for the next packet.
    next_vi: usize,
    /// Unordered packets on each path, in their order.
    turns: Turns,
    events: VecDeque<RequesterEvent>,
    discards: Discards,
    /// When something last came back, or work began.
    heard: Option<Duration>,
    end: Option<EndReason>,
    /// Packets sent again, by path.
    repeated: [u64; Path::COUNT],
    /// Nothing was sent for a while, since a path was questioned: somebody waits for the first packet.
    is_urgent: bool,
}

/// Why a virtual interface was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Its number is 0, which is the supervisory one's, or taken.
    #[error("virtual interface {vi} is taken: choose another number, from 1")]
    Taken {
        /// The number.
        vi: u16,
    },
    /// There can be no more.
    #[error("{limit} virtual interfaces are open, no more can be")]
    Full {
        /// How many there can be.
        limit: usize,
    },
    /// Packets without payload.
    #[error("packets need a payload of at least one byte")]
    NoPayload,
    /// It could send nothing.
    #[error(
        "virtual interface {vi} may use none of the session's paths: name one of them in ViConfig::paths, or all"
    )]
    NoPath {
        /// Its number.
        vi: u16,
    },
    /// Sequence bits or window that cannot be.
    #[error(transparent)]
    Window(#[from] seqwin::ConfigError),
}

impl Requester {
    /// A requester that has nothing to do yet.
    ///
    /// # Errors
    /// When there is no path, or lanes or time-outs cannot be.
    pub fn new(config: RequesterConfig) -> Result<Self, barrier::ConfigError> {
        Self::with_window(config)
    }
}

impl<const WINDOW: usize> Requester<WINDOW> {
    /// A requester with another room for outstanding packets.
    ///
    /// # Errors
    /// As of [`new`](Requester::new).
    pub fn with_window(config: RequesterConfig) -> Result<Self, barrier::ConfigError> {
        Ok(Self {
            paths: Supervisor::new(&config)?,
            good: config.paths.set(),
            config,
            vis: Vec::new(),
            openings: Vec::new(),
            instance: None,
            next_vi: 0,
            turns: Turns::default(),
            events: VecDeque::new(),
            discards: Discards::default(),
            heard: None,
            end: None,
            repeated: [0; Path::COUNT],
            is_urgent: false,
        })
    }

    /// Open a virtual interface. Descriptors can be posted to it at once.
    ///
    /// # Errors
    /// When its number is taken, its settings cannot be, it may use no path, or there are [`MAX_VIS`] already.
    pub fn open(&mut self, now: Duration, config: ViConfig) -> Result<(), OpenError> {
        if config.vi == SUPERVISORY_VI || self.vis.iter().any(|vi| vi.config().vi == config.vi) {
            return Err(OpenError::Taken { vi: config.vi });
        }
        if self.vis.len() >= MAX_VIS {
            return Err(OpenError::Full { limit: MAX_VIS });
        }
        if config.max_payload == 0 {
            return Err(OpenError::NoPayload);
        }
        let paths = config.paths.intersection(self.config.paths.set());
        if paths.is_empty() {
            return Err(OpenError::NoPath { vi: config.vi });
        }
        let vi = SendingVi::new(ViConfig { paths, ..config }, RESPONDER)?;
        self.hear_from(now);
        let open = OpenVi {
            vi: config.vi,
            sequence_bits: config.sequence_bits,
            window: config.window,
            first_sequence: config.first_sequence,
            max_payload: config.max_payload,
            paths: paths.bits(),
            instance: self.instance.unwrap_or_default(),
        };
        self.vis.push(vi);
        self.openings.push(Opening::new(open, now));
        Ok(())
    }

    /// Put a descriptor into the work queue of a virtual interface.
    ///
    /// # Errors
    /// When the queue is full, the VI not open or failed, the session over, or the descriptor cannot be.
    pub fn post(
        &mut self,
        now: Duration,
        vi: u16,
        descriptor: Descriptor,
    ) -> Result<DescriptorId, PostError> {
        if self.end.is_some() {
            return Err(PostError::Ended);
        }
        let limit = self.config.queue_length;
        let sending = self.vis.iter_mut().find(|sending| sending.config().vi == vi);
        let sending = sending.ok_or(PostError::UnknownVi { vi })?;
        if sending.is_broken {
            return Err(PostError::Broken { vi });
        }
        if sending.posted() >= limit {
            return Err(PostError::Full { vi, limit });
        }
        descriptor.check()?;
        let begins = sending.is_idle();
        let id = sending.post(descriptor);
        if begins {
            sending.begin_to_wait(now);
            self.hear_from(now);
        }
        Ok(id)
    }

    /// Descriptors that a virtual interface takes now.
    pub fn room(&self, vi: u16) -> usize {
        let sending = self.vis.iter().find(|sending| sending.config().vi == vi);
        sending.map_or(0, |sending| self.config.queue_length.saturating_sub(sending.posted()))
    }

    /// State of a path.
    pub fn path_state(&self, path: Path) -> PathState {
        self.paths.state(path)
    }

    /// Packets that were dropped.
    pub const fn discards(&self) -> &Discards {
        &self.discards
    }

    /// Packets that were sent again.
    pub fn repeated(&self) -> u64 {
        self.repeated.iter().sum()
    }

    /// Packets that were sent again on this path.
    pub const fn repeated_on(&self, path: Path) -> u64 {
        self.repeated[path.index()]
    }

    /// Whether everything that was posted is done, or the session is over.
    pub fn is_idle(&self) -> bool {
        self.end.is_some()
            || self.vis.iter().all(|vi| vi.is_idle() || vi.is_broken) && self.openings.is_empty()
    }

    /// Silence counts from now on: there was none to break, or it is broken.
    fn hear_from(&mut self, now: Duration) {
        self.heard = Some(self.heard.map_or(now, |heard| heard.max(now)));
    }

    /// Take a packet that came on `path`.
    pub fn handle_datagram<'a>(
        &mut self,
        now: Duration,
        path: Path,
        bytes: &'a [u8],
    ) -> RequesterHandled<'a> {
        match self.handle(now, path, bytes) {
            Ok(handled) => handled,
            Err(reason) => {
                self.discards.add(reason);
                RequesterHandled::Discarded(reason)
            }
        }
    }

    fn handle<'a>(
        &mut self,
        now: Duration,
        path: Path,
        bytes: &'a [u8],
    ) -> Result<RequesterHandled<'a>, Discard> {
        let ends = self.config.paths.ends(path).ok_or(Discard::UnknownPath)?;
        let packet = Packet::parse(bytes)?;
        let header = packet.header;
        ends.check(&header)?;
        if header.transaction == Transaction::Request {
            return Err(Discard::WrongDirection);
        }
        if header.session != self.config.session || self.end.is_some() {
            return Err(Discard::OtherSession);
        }
        if header.vi == SUPERVISORY_VI {
            return self.handle_supervisory(now, path, &header, &packet);
        }
        let handled = self.handle_response(path, &header, &packet)?;
        self.hear_from(now);
        Ok(handled)
    }

    fn handle_response<'a>(
        &mut self,
        path: Path,
        header: &Header,
        packet: &Packet<'a>,
    ) -> Result<RequesterHandled<'a>, Discard> {
        let vi = self.vis.iter_mut().find(|vi| vi.config().vi == header.vi && !vi.is_broken);
        let vi = vi.ok_or(Discard::UnknownVi)?;
        if !vi.config().paths.contains(path) {
            return Err(Discard::PathNotAccepted);
        }
        let response = Response {
            source: RESPONDER,
            vi: u32::from(header.vi),
            sequence: Sequence(header.sequence),
            kind: kind(header.operation),
            serial: SerialNumber(header.serial),
            answer: match header.transaction {
                Transaction::Acknowledge => Answer::Acknowledged,
                _ => Answer::OutOfSequence,
            },
        };
        let is_unordered = !header.flags.contains(OperationFlags::ORDERED);
        let turn =
            if is_unordered { Some(vi.window.answered_by(&response).map(|item| item.turn)) } else { None };
        // Acknowledged data are looked at before their descriptor may be gone.
        let read = vi.read_data(header, &response, packet.payload)?;
        let mut completed = None;
        // A responder keeps nothing ahead of its turn: what it acknowledges speaks for what was before. Not for reads, whose data
        // have not come.
        let mut covered = PathSet::EMPTY;
        let is_covered = |of: TransactionType, item: &InFlight| {
            let is_covered = of != kind(Operation::Read);
            if is_covered {
                covered.insert(item.path);
            }
            is_covered
        };
        let matched = vi.window.handle_cumulative_response(&response, is_covered, |item| {
            if item.is_last {
                completed = Some(item.descriptor);
            }
        });
        match (matched, header.transaction) {
            (Matched::Unmatched(_), _) => {
                if turn.is_some() {
                    self.judge(path, None);
                }
                return Err(Discard::Unmatched);
            }
            (_, Transaction::Refuse(Refusal::Sequence)) => {
                self.go_back(header.vi);
                return Ok(RequesterHandled::Refused);
            }
            (_, Transaction::Refuse(reason)) => {
                self.break_off(header.vi, reason);
                return Ok(RequesterHandled::Refused);
            }
            _ => {}
        }
        if let Some(last) = completed {
            let first = vi.first();
            vi.complete(last);
            for number in first.0..=last.0 {
                let descriptor = DescriptorId(number);
                self.events.push_back(RequesterEvent::Completed { vi: header.vi, descriptor });
            }
        }
        // Should a path not keep its order, a copy of what is covered may still be on the way: what is launched from now on is told
        // from it.
        vi.note_covered(covered);
        for path in covered.intersection(self.paths.usable()).iter() {
            self.paths.next_incarnation(path);
        }
        if let Some(Ok(turn)) = turn {
            self.judge(path, turn);
        }
        Ok(read.map_or(RequesterHandled::Acknowledged, RequesterHandled::Read))
    }

    /// See whether the answer to an unordered packet overtook others on its path: those are sent again. None is an answer
    /// that nobody waits for any more.
    fn judge(&mut self, path: Path, turn: Option<Turn>) {
        // On several lanes one may well overtake another. And what a questioned path brings late is no sign of disorder.
        if self.config.lanes > 1 || !self.paths.usable().contains(path) {
            return;
        }
        let Some(turn) = turn else { return self.turns.note_disorder(path) };
        if !self.turns.handle_answer(path, turn) {
            return;
        }
        let is_overtaken = |turn_of: Option<Turn>| turn_of.is_some_and(|of| of < turn);
        let mut has_failed = false;
        for vi in &mut self.vis {
            let before = vi.window.relaunch_pending();
            has_failed |= vi.window.fail(|item| item.path == path && is_overtaken(item.turn)) > before;
        }
        if has_failed {
            // Should the path not keep its order after all, the first copy is told from the second.
            self.paths.next_incarnation(path);
        }
    }

    /// A packet is missing at the responder: go back to the earliest that is not acknowledged. What was sent before is told
    /// apart by a new incarnation, should the path not keep its order.
    fn go_back(&mut self, vi: u16) {
        let Some(vi) = self.vis.iter_mut().find(|sending| sending.config().vi == vi) else { return };
        let failed: PathSet = vi.window.unacknowledged().map(|packet| packet.item.path).collect();
        vi.window.fail(|_| true);
        for path in failed.intersection(self.paths.usable()).iter() {
            self.paths.next_incarnation(path);
        }
    }

    fn break_off(&mut self, vi: u16, reason: Refusal) {
        if reason == Refusal::UnknownSession {
            return self.finish(EndReason::PeerRestarted);
        }
        if let Some(sending) = self.vis.iter_mut().find(|sending| sending.config().vi == vi) {
            sending.is_broken = true;
            self.events.push_back(RequesterEvent::Broken { vi, reason: BrokenReason::Refused(reason) });
        }
    }

    fn finish(&mut self, reason: EndReason) {
        self.end = Some(reason);
        self.events.push_back(RequesterEvent::Ended(reason));
    }

    fn handle_supervisory<'a>(
        &mut self,
        now: Duration,
        path: Path,
        header: &Header,
        packet: &Packet<'_>,
    ) -> Result<RequesterHandled<'a>, Discard> {
        if let Transaction::Refuse(Refusal::UnknownSession) = header.transaction {
            // Only an answer to something that waits for one ends the session.
            return if self.paths.is_awaited(path, header) {
                self.finish(EndReason::PeerRestarted);
                Ok(RequesterHandled::Supervisory)
            } else {
                Err(Discard::Unmatched)
            };
        }
        match Control::parse(packet.payload).filter(|_| header.operation == Operation::Send) {
            Some(Control::Opened(opened)) => self.handle_opened(now, &opened)?,
            Some(Control::Open(_)) => return Err(Discard::WrongDirection),
            Some(Control::Path(message)) => self.paths.handle_message(now, path, header, &message),
            None => self.paths.handle_response(now, path, header, packet.payload)?,
        }
        self.hear_from(now);
        self.follow_paths(now);
        Ok(RequesterHandled::Supervisory)
    }

    fn handle_opened(&mut self, now: Duration, opened: &Opened) -> Result<(), Discard> {
        let Some(place) = self.openings.iter().position(|opening| opening.vi() == opened.vi) else {
            // It was asked on every path: the first answer counts, the others are to be expected.
            let is_ours = self.vis.iter().any(|vi| vi.config().vi == opened.vi);
            return if is_ours { Ok(()) } else { Err(Discard::Unmatched) };
        };
        if opened.refusal == Some(OpenRefusal::Unconfirmed) {
            match self.instance {
                // One that opened before, and is another now.
                Some(instance) if instance != opened.instance => self.finish(EndReason::PeerRestarted),
                _ => self.openings[place].confirm(now, opened.instance),
            }
            return Ok(());
        }
        self.openings.remove(place);
        let Some(vi) = self.vis.iter_mut().find(|vi| vi.config().vi == opened.vi) else { return Ok(()) };
        self.events.push_back(match opened.refusal {
            None => {
                vi.is_open = true;
                self.instance = Some(opened.instance);
                RequesterEvent::Opened { vi: opened.vi }
            }
            Some(refusal) => {
                vi.is_broken = true;
                RequesterEvent::Broken { vi: opened.vi, reason: BrokenReason::NotOpened(refusal) }
            }
        });
        Ok(())
    }

    /// Act on what became of paths.
    fn follow_paths(&mut self, now: Duration) {
        let usable = self.paths.usable();
        for path in self.good.iter().filter(|path| !usable.contains(*path)) {
            self.events.push_back(RequesterEvent::PathQuestioned(path));
            // The barrier will flush what is outstanding on the path, whichever VI sent it.
            for vi in &mut self.vis {
                vi.window.fail(|item| item.path == path);
            }
        }
        self.good = usable;
        self.vis.iter_mut().for_each(|vi| vi.follow_paths(now, usable));
        while let Some(event) = self.paths.poll_event(now) {
            self.is_urgent |= matches!(event, PathEvent::Down(_) | PathEvent::Passed(_));
            self.events.push_back(match event {
                PathEvent::Passed(path) => RequesterEvent::PathRestored(path),
                PathEvent::Failed(path) => RequesterEvent::PathFailed(path),
                PathEvent::Down(path) => RequesterEvent::PathDown(path),
                PathEvent::Up(path) => RequesterEvent::PathUp(path),
            });
        }
    }

    /// Tell what time it is, at or after [`poll_timeout`](Self::poll_timeout).
    pub fn handle_timeout(&mut self, now: Duration) {
        if self.end.is_some() {
            return;
        }
        self.give_up_stranded(now);
        let is_waiting = !self.is_idle();
        if is_waiting && self.silence_ends().is_some_and(|end| end <= now) {
            return self.finish(EndReason::NoAnswer);
        }
        self.question(now);
        self.paths.handle_timeout(now);
        self.follow_paths(now);
    }

    /// Break what has waited too long for a path of its own. The session lives: another path is good.
    fn give_up_stranded(&mut self, now: Duration) {
        let patience = self.config.give_up_after;
        for vi in &mut self.vis {
            if vi.waits_since().is_some_and(|since| since.saturating_add(patience) <= now) {
                vi.is_broken = true;
                let reason = BrokenReason::NoPath;
                self.events.push_back(RequesterEvent::Broken { vi: vi.config().vi, reason });
            }
        }
    }

    /// Question every path on which a request had no answer in time.
    fn question(&mut self, now: Duration) {
        let mut late: [Option<Duration>; Path::COUNT] = [None; Path::COUNT];
        for vi in self.vis.iter().filter(|vi| !vi.is_broken) {
            if let (Some(item), Some(due)) = (vi.window.expired(now), vi.window.next_deadline()) {
                let earliest = &mut late[item.path.index()];
                *earliest = Some(earliest.map_or(due, |earlier| earlier.min(due)));
            }
        }
        for (path, due) in Path::ALL.into_iter().zip(late) {
            if let Some(due) = due {
                self.paths.handle_request_timeout(now, path, due);
            }
        }
    }

    fn silence_ends(&self) -> Option<Duration> {
        self.heard.map(|heard| heard.saturating_add(self.config.give_up_after))
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do, if nothing happens before.
    pub fn poll_timeout(&self) -> Option<Duration> {
        if self.end.is_some() {
            return None;
        }
        let silence = self.silence_ends().filter(|_| !self.is_idle());
        let packets = self.vis.iter().filter(|vi| !vi.is_broken).filter_map(|vi| vi.window.next_deadline());
        let openings = self.openings.iter().map(Opening::due);
        let stranded = self.vis.iter().filter_map(SendingVi::waits_since);
        let stranded = stranded.map(|since| since.saturating_add(self.config.give_up_after));
        packets.chain(openings).chain(stranded).chain(self.paths.poll_timeout()).chain(silence).min()
    }

    /// What happened, in order. After a packet or a time-out was handled, drain transmissions first, then events.
    pub fn poll_event(&mut self) -> Option<RequesterEvent> {
        self.events.pop_front()
    }

    /// Make every time earlier by `epoch`: two states that differ only in the time of day are the same state.
    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.heard = self.heard.map(|heard| heard.saturating_sub(epoch));
        self.paths.rebase(epoch);
        self.vis.iter_mut().for_each(|vi| vi.rebase(epoch));
        self.openings.iter_mut().for_each(|opening| opening.rebase(epoch));
    }
}
