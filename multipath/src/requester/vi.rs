//! One virtual interface at the requester: its work queue, and what is outstanding.

use alloc::collections::VecDeque;
use core::time::Duration;

use barrier::{Path, PathSet};
use seqwin::{
    LaunchError, Order, RequesterConfig as WindowConfig, Response, Sequence, SequenceBits, SerialNumber,
    Stamp, TransactionType,
};

use super::event::ReadData;
use super::overtaken::Turn;
use crate::config::{NextDescriptor, Ordering, ViConfig};
use crate::descriptor::{Descriptor, DescriptorId};
use crate::discard::Discard;
use crate::wire::{Header, Operation, OperationFlags, Transaction};

/// Packets that a virtual interface can have outstanding, unless its requester is made with other room.
pub const MAX_WINDOW: usize = 128;

/// Whether, and on which path, a packet may be launched.
pub(super) trait PathChoice {
    /// Paths that requests may go on now.
    fn usable(&self) -> PathSet;
    /// Whether what was outstanding on the path can no longer arrive: it came back from its barrier, or the responder
    /// accepts nothing from it.
    fn is_settled(&self, path: Path) -> bool;
}

/// A packet that is on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct InFlight {
    pub(super) descriptor: DescriptorId,
    pub(super) offset: u64,
    pub(super) length: u16,
    pub(super) path: Path,
    pub(super) is_last: bool,
    /// Of an unordered one.
    pub(super) turn: Option<Turn>,
}

/// A packet that is about to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    pub(super) path: Path,
    pub(super) is_repeated: bool,
    pub(super) descriptor: DescriptorId,
    pub(super) offset: u64,
    pub(super) length: u16,
    pub(super) order: Order,
    pub(super) operation: Operation,
    pub(super) flags: OperationFlags,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Posted {
    descriptor: Descriptor,
    /// Bytes that were launched.
    launched: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct SendingVi<const WINDOW: usize> {
    config: ViConfig,
    pub(super) window: seqwin::Requester<InFlight, WINDOW>,
    queue: VecDeque<Posted>,
    /// Number of the first descriptor in the queue.
    first: DescriptorId,
    /// Place in the queue of the descriptor to launch from.
    launching: usize,
    /// The path of ordered packets.
    path: Option<Path>,
    /// Where the search for a path of the next unordered packet begins.
    turn: usize,
    /// Where copies may be of packets that a later acknowledgement spoke for. On a path that does not keep its order one may still
    /// come, and with few sequence numbers pass for a new packet, unless the responder has had a later incarnation on that path.
    lingering: PathSet,
    /// Since when none of its paths has been usable, while another is.
    stranded: Option<Duration>,
    pub(super) is_open: bool,
    pub(super) is_broken: bool,
}

impl<const WINDOW: usize> SendingVi<WINDOW> {
    pub(super) fn new(config: ViConfig, source: u32) -> Result<Self, seqwin::ConfigError> {
        let bits = SequenceBits::new(config.sequence_bits)?;
        let window = match config.ordering {
            Ordering::OnePath => config.window,
            Ordering::OneOutstanding => config.window.min(1),
        };
        let window = seqwin::Requester::new(WindowConfig {
            bits,
            window,
            source,
            vi: u32::from(config.vi),
            first_sequence: Sequence(config.first_sequence),
            first_serial: SerialNumber(0),
            selective: false,
        })?;
        Ok(Self {
            config,
            window,
            queue: VecDeque::new(),
            first: DescriptorId(0),
            launching: 0,
            path: None,
            turn: 0,
            lingering: PathSet::EMPTY,
            stranded: None,
            is_open: false,
            is_broken: false,
        })
    }

    pub(super) const fn config(&self) -> &ViConfig {
        &self.config
    }

    pub(super) fn posted(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn post(&mut self, descriptor: Descriptor) -> DescriptorId {
        let id = self.id_at(self.queue.len());
        self.queue.push_back(Posted { descriptor, launched: 0 });
        id
    }

    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }

    /// Take note of which paths are usable. One of its own puts an end to waiting; while there is none at all, that is the
    /// session's matter.
    pub(super) fn follow_paths(&mut self, now: Duration, usable: PathSet) {
        if !usable.intersection(self.config.paths).is_empty() {
            self.stranded = None;
        } else if !usable.is_empty() {
            self.stranded.get_or_insert(now);
        }
    }

    /// It has had nothing to wait with until now.
    pub(super) fn begin_to_wait(&mut self, now: Duration) {
        self.stranded = self.stranded.map(|since| since.max(now));
    }

    /// Since when its work has waited for one of its paths, while another is usable.
    pub(super) fn waits_since(&self) -> Option<Duration> {
        self.stranded.filter(|_| self.is_open && !self.is_broken && !self.is_idle())
    }

    fn id_at(&self, place: usize) -> DescriptorId {
        DescriptorId(self.first.0.saturating_add(place as u64))
    }

    fn posted_with(&self, id: DescriptorId) -> Option<&Posted> {
        let place = id.0.checked_sub(self.first.0)?;
        self.queue.get(usize::try_from(place).ok()?)
    }

    pub(super) fn descriptor(&self, id: DescriptorId) -> Option<&Descriptor> {
        self.posted_with(id).map(|posted| &posted.descriptor)
    }

    /// The data that an acknowledgement brings, if a read waits for them: as many as it asked for, or the read would be done without
    /// its data.
    pub(super) fn read_data<'a>(
        &self,
        header: &Header,
        response: &Response,
        data: &'a [u8],
    ) -> Result<Option<ReadData<'a>>, Discard> {
        if header.operation != Operation::Read || header.transaction != Transaction::Acknowledge {
            return Ok(None);
        }
        let Ok(InFlight { descriptor, offset, length, .. }) = self.window.answered_by(response) else {
            return Ok(None);
        };
        if usize::from(*length) != data.len() {
            return Err(Discard::Malformed);
        }
        Ok(Some(ReadData { vi: header.vi, descriptor: *descriptor, offset: *offset, data }))
    }

    /// An acknowledgement spoke for packets on these paths, on which a later incarnation begins now.
    pub(super) fn note_covered(&mut self, paths: PathSet) {
        self.lingering = self.lingering.union(paths);
    }

    /// Number of the earliest descriptor that is not done.
    pub(super) const fn first(&self) -> DescriptorId {
        self.first
    }

    /// The descriptor is done: its last packet, and every one before, is acknowledged.
    pub(super) fn complete(&mut self, id: DescriptorId) {
        while self.first <= id && self.queue.pop_front().is_some() {
            self.first.0 = self.first.0.saturating_add(1);
            self.launching = self.launching.saturating_sub(1);
        }
    }

    /// The packet to send next, if there is one and it may be sent.
    pub(super) fn plan(&self, paths: &impl PathChoice) -> Option<Planned> {
        if !self.is_open {
            return None;
        }
        match self.window.next_relaunch() {
            Some(failed) => self.plan_repetition(failed.item, failed.order, paths),
            None => self.plan_launch(paths),
        }
    }

    fn plan_repetition(
        &self,
        in_flight: &InFlight,
        order: Order,
        paths: &impl PathChoice,
    ) -> Option<Planned> {
        let usable = self.usable(paths);
        let path = if usable.contains(in_flight.path) && order == Order::Unordered {
            in_flight.path
        } else if !paths.is_settled(in_flight.path) {
            return None;
        } else if order == Order::Unordered {
            self.next_path(usable)?
        } else {
            self.ordered_path(paths)?
        };
        let posted = self.posted_with(in_flight.descriptor)?;
        Some(Planned {
            path,
            is_repeated: true,
            descriptor: in_flight.descriptor,
            offset: in_flight.offset,
            length: in_flight.length,
            order,
            operation: posted.descriptor.operation(),
            flags: flags(&posted.descriptor, in_flight.offset, in_flight.is_last),
        })
    }

    fn plan_launch(&self, paths: &impl PathChoice) -> Option<Planned> {
        let posted = self.queue.get(self.launching)?;
        let order = posted.descriptor.order;
        let begins = posted.launched == 0;
        if begins && !self.may_begin(order) || !self.window.can_launch(order) {
            return None;
        }
        let path = match (order, self.config.ordering) {
            (Order::Unordered, _) | (Order::Ordered, Ordering::OneOutstanding) => {
                self.next_path(self.usable(paths))?
            }
            (Order::Ordered, Ordering::OnePath) => self.ordered_path(paths)?,
        };
        let left = posted.descriptor.length().saturating_sub(posted.launched);
        let length = u16::try_from(left).unwrap_or(u16::MAX).min(self.config.max_payload);
        let is_last = u64::from(length) == left;
        Some(Planned {
            path,
            is_repeated: false,
            descriptor: self.id_at(self.launching),
            offset: posted.launched,
            length,
            order,
            operation: posted.descriptor.operation(),
            flags: flags(&posted.descriptor, posted.launched, is_last),
        })
    }

    /// Whether a descriptor may begin while others are not acknowledged. An ordered one behind an unordered one may not either:
    /// the window launches nothing ordered while unordered packets are outstanding.
    fn may_begin(&self, order: Order) -> bool {
        let after_acknowledgement = self.config.next_descriptor == NextDescriptor::AfterAcknowledgement;
        // Unordered packets take paths on which they would overtake the ordered ones before them.
        let follows = after_acknowledgement || order == Order::Unordered;
        !follows || self.window.is_idle()
    }

    /// Its own among the paths that requests may go on now.
    fn usable(&self, paths: &impl PathChoice) -> PathSet {
        paths.usable().intersection(self.config.paths)
    }

    /// The path of ordered packets, which they keep as long as it is usable. What was outstanding on one that is not has failed, and is
    /// repeated before anything else is launched. Nor is another taken as long as a copy may linger on the one before.
    fn ordered_path(&self, paths: &impl PathChoice) -> Option<Path> {
        let usable = self.usable(paths);
        let path = self.path.filter(|path| usable.contains(*path)).or_else(|| usable.iter().next())?;
        self.lingering.iter().all(|lingering| paths.is_settled(lingering)).then_some(path)
    }

    /// The usable paths in turn.
    fn next_path(&self, usable: PathSet) -> Option<Path> {
        (0..Path::ALL.len())
            .map(|step| Path::ALL[(self.turn + step) % Path::ALL.len()])
            .find(|path| usable.contains(*path))
    }

    /// Number the planned packet, and count it as outstanding.
    pub(super) fn launch(
        &mut self,
        planned: &Planned,
        turn: Option<Turn>,
        deadline: Duration,
    ) -> Result<Stamp, LaunchError> {
        let is_last = planned.flags.contains(OperationFlags::LAST);
        let stamp = if planned.is_repeated {
            let repeated =
                self.window.relaunch(deadline, |item| (item.path, item.turn) = (planned.path, turn));
            repeated.ok_or(LaunchError::WindowFull)?.stamp
        } else {
            let item = InFlight {
                descriptor: planned.descriptor,
                offset: planned.offset,
                length: planned.length,
                path: planned.path,
                is_last,
                turn,
            };
            let stamp = self.window.launch(planned.order, kind(planned.operation), item, deadline)?;
            if let Some(posted) = self.queue.get_mut(self.launching) {
                posted.launched = posted.launched.saturating_add(u64::from(planned.length));
            }
            self.launching += usize::from(is_last);
            stamp
        };
        if planned.order == Order::Ordered {
            self.path = Some(planned.path);
            // It has the later incarnation. Either it arrives, and drives the copies on its path out, or it stays outstanding there,
            // and nothing goes elsewhere before that path is settled. The others are.
            self.lingering = PathSet::EMPTY;
        }
        self.turn = planned.path.index() + 1;
        Ok(stamp)
    }

    pub(super) fn rebase(&mut self, epoch: Duration) {
        self.stranded = self.stranded.map(|since| since.saturating_sub(epoch));
        self.window.rebase(epoch);
    }
}

/// First, last, ordered and immediate, as the place of a packet in its descriptor has it.
fn flags(descriptor: &Descriptor, offset: u64, is_last: bool) -> OperationFlags {
    OperationFlags::NONE
        .with(OperationFlags::FIRST, offset == 0)
        .with(OperationFlags::LAST, is_last)
        .with(OperationFlags::ORDERED, descriptor.order == Order::Ordered)
        .with(OperationFlags::IMMEDIATE, is_last && descriptor.immediate.is_some())
}

/// What a response has to repeat of the operation.
pub(super) fn kind(operation: Operation) -> TransactionType {
    TransactionType(operation.bits())
}
