//! The supervisory virtual interface: operations of barriers and messages about paths, as packets.

use core::time::Duration;

use barrier::{
    BarrierNumber, Completion, ConfigError, Incarnation, Lane, Op, OpId, Path, PathEvent, PathSet, PathState,
    Random, RequesterPaths, RequesterPathsConfig, Supervisory,
};

use super::vi::PathChoice;
use crate::config::PathEnds;
use crate::discard::Discard;
use crate::responder::SUPERVISORY_VI;
use crate::wire::{
    AdaptiveControl, BufferTooSmall, Control, Format, Header, Operation, OperationFlags, Transaction,
};
use crate::{RequesterConfig, wire};

/// How often a message about a path is repeated before the path is looked at again.
const TELL_ATTEMPTS: u8 = 8;

/// The agreed location of barriers: its address is not looked at, path and lane say which number is meant.
const LOCATION: u64 = 0;

/// An operation of a barrier that is on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Awaited {
    id: OpId,
    serial: u32,
    operation: Operation,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Supervisor {
    paths: RequesterPaths<Random>,
    /// The latest operation of each lane of each path.
    awaited: [[Option<Awaited>; Lane::COUNT]; Path::COUNT],
    /// The latest message that was sent on each path.
    told: [Option<u32>; Path::COUNT],
    serial: u32,
}

/// A packet of the supervisory virtual interface.
pub(super) struct SupervisoryPacket {
    pub(super) path: Path,
    lane: Lane,
    serial: u32,
    incarnation: Incarnation,
    content: Content,
}

enum Content {
    Write(BarrierNumber),
    Read,
    Control(Control),
}

impl Supervisor {
    pub(super) fn new(config: &RequesterConfig) -> Result<Self, ConfigError> {
        let paths = RequesterPaths::new(
            RequesterPathsConfig {
                paths: config.paths.set(),
                lanes: [config.lanes; 4],
                operation_timeout: config.operation_timeout,
                barrier_timeout: config.operation_timeout.saturating_mul(4),
                tell_timeout: config.operation_timeout,
                tell_attempts: TELL_ATTEMPTS,
                tell_ahead: config.tell_ahead,
                probe_interval: config.probe_interval,
            },
            Random::new(config.seed),
        )?;
        Ok(Self { paths, awaited: [[None; Lane::COUNT]; Path::COUNT], told: [None; Path::COUNT], serial: 0 })
    }

    pub(super) fn state(&self, path: Path) -> PathState {
        self.paths.state(path)
    }

    pub(super) fn incarnation(&self, path: Path) -> Incarnation {
        self.paths.incarnation(path)
    }

    pub(super) fn next_incarnation(&mut self, path: Path) -> Incarnation {
        self.paths.next_incarnation(path)
    }

    pub(super) fn handle_request_timeout(&mut self, now: Duration, path: Path, due: Duration) {
        self.paths.handle_request_timeout(now, path, due);
    }

    pub(super) fn handle_timeout(&mut self, now: Duration) {
        self.paths.handle_timeout(now);
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        self.paths.poll_timeout()
    }

    pub(super) fn poll_event(&mut self, now: Duration) -> Option<PathEvent> {
        self.paths.poll_event(now)
    }

    fn next_serial(&mut self) -> u32 {
        self.serial = self.serial.wrapping_add(1);
        self.serial
    }

    /// The next packet of a barrier, or about a path.
    pub(super) fn poll_packet(&mut self, now: Duration) -> Option<SupervisoryPacket> {
        let (id, op) = self.paths.poll_op(now)?;
        Some(match op {
            Op::Write { path, lane, number, incarnation } => {
                self.await_op(id, path, lane, Operation::Write, incarnation, Content::Write(number))
            }
            Op::Read { path, lane, incarnation } => {
                self.await_op(id, path, lane, Operation::Read, incarnation, Content::Read)
            }
            Op::Tell { via, message } => self.packet_with(via, Control::Path(message)),
        })
    }

    fn await_op(
        &mut self,
        id: OpId,
        path: Path,
        lane: Lane,
        operation: Operation,
        incarnation: Incarnation,
        content: Content,
    ) -> SupervisoryPacket {
        let serial = self.next_serial();
        self.awaited[path.index()][lane.index()] = Some(Awaited { id, serial, operation });
        SupervisoryPacket { path, lane, serial, incarnation, content }
    }

    /// A message that goes on `path`.
    pub(super) fn packet_with(&mut self, path: Path, control: Control) -> SupervisoryPacket {
        let serial = self.next_serial();
        self.told[path.index()] = Some(serial);
        let incarnation = self.paths.incarnation(path);
        SupervisoryPacket {
            path,
            lane: Lane::default(),
            serial,
            incarnation,
            content: Content::Control(control),
        }
    }

    /// Whether the response is to a request that waits for one.
    pub(super) fn is_awaited(&self, path: Path, header: &Header) -> bool {
        let lanes = &self.awaited[path.index()];
        self.told[path.index()] == Some(header.serial)
            || lanes.iter().flatten().any(|awaited| awaited.serial == header.serial)
    }

    /// An acknowledgement about a path, which its own number tells from a late one.
    pub(super) fn handle_message(
        &mut self,
        now: Duration,
        path: Path,
        header: &Header,
        message: &Supervisory,
    ) {
        if self.told[path.index()] == Some(header.serial) {
            self.told[path.index()] = None;
        }
        self.paths.handle_supervisory(now, message);
    }

    /// An answer to an operation of a barrier.
    pub(super) fn handle_response(
        &mut self,
        now: Duration,
        path: Path,
        header: &Header,
        payload: &[u8],
    ) -> Result<(), Discard> {
        let lane = header.adaptive_control.as_lane().ok_or(Discard::Unmatched)?;
        let lane = &mut self.awaited[path.index()][lane.index()];
        let awaited = lane
            .filter(|awaited| awaited.serial == header.serial && awaited.operation == header.operation)
            .ok_or(Discard::Unmatched)?;
        let result = match (header.transaction, awaited.operation) {
            (Transaction::Acknowledge, Operation::Write) => Ok(Completion::Written),
            (Transaction::Acknowledge, _) => {
                let number = payload.try_into().map_err(|_| Discard::Malformed)?;
                Ok(Completion::Read(BarrierNumber(u64::from_be_bytes(number))))
            }
            _ => Err(barrier::OpFailed),
        };
        *lane = None;
        self.paths.handle_completion(now, awaited.id, result);
        Ok(())
    }

    pub(super) fn rebase(&mut self, epoch: Duration) {
        self.paths.rebase(epoch);
    }
}

impl PathChoice for Supervisor {
    fn usable(&self) -> PathSet {
        self.paths.usable()
    }

    fn is_settled(&self, path: Path) -> bool {
        match self.paths.state(path) {
            PathState::Good | PathState::Bad | PathState::TellingUp => true,
            // What the responder refuses already may yet come back: its barrier decides.
            PathState::Questioned
            | PathState::Doubted
            | PathState::Suspended
            | PathState::Failed
            | PathState::TellingDown => false,
        }
    }
}

impl SupervisoryPacket {
    /// The most bytes that one has.
    pub(super) const MAX_LENGTH: usize = wire::MAX_OVERHEAD + Control::MAX_LENGTH;

    pub(super) fn emit(&self, ends: PathEnds, session: u64, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
        let (operation, length) = match &self.content {
            Content::Write(_) => (Operation::Write, 8),
            Content::Read => (Operation::Read, 8),
            Content::Control(control) => (Operation::Send, control.length()),
        };
        let length = u16::try_from(length).unwrap_or_default();
        let header = Header {
            destination: ends.remote,
            adaptive_control: AdaptiveControl::lane(self.lane),
            fabric: ends.fabric,
            transaction: Transaction::Request,
            source: ends.local,
            format: Format::Standard,
            operation,
            flags: OperationFlags::FIRST.with(OperationFlags::LAST, true),
            serial: self.serial,
            length,
            vi: SUPERVISORY_VI,
            sequence: 0,
            incarnation: self.incarnation.0,
            session,
        };
        header.emit(Some(LOCATION), None, out, |payload| match &self.content {
            Content::Write(number) => payload.copy_from_slice(&number.0.to_be_bytes()),
            Content::Read => {}
            Content::Control(control) => control.emit(payload),
        })
    }
}
