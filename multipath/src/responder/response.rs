//! A response that waits to be sent.

use barrier::{Path, SupervisoryKind};

use crate::memory::Memory;
use crate::wire::{BufferTooSmall, Control, Header, Operation, Refusal, Transaction};

/// The header is made when the request comes; data that were asked for are read when the response goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Response {
    pub(super) path: Path,
    header: Header,
    payload: Payload,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Payload {
    None,
    /// From the memory that belongs to the program.
    Memory {
        address: u64,
    },
    /// A number that a barrier wrote.
    Number(u64),
    Control(Control),
}

/// Bytes of a number that a barrier writes.
pub(super) const NUMBER_LENGTH: u16 = 8;

impl Response {
    /// The request was done. A read is answered with data.
    pub(super) fn acknowledge(path: Path, request: &Header, address: Option<u64>) -> Self {
        let (length, payload) = match (request.operation, address) {
            (Operation::Read, Some(address)) => (request.length, Payload::Memory { address }),
            _ => (0, Payload::None),
        };
        Self { path, header: request.response(Transaction::Acknowledge, length), payload }
    }

    pub(super) fn number(path: Path, request: &Header, number: u64) -> Self {
        let header = request.response(Transaction::Acknowledge, NUMBER_LENGTH);
        Self { path, header, payload: Payload::Number(number) }
    }

    pub(super) fn control(path: Path, request: &Header, control: &Control) -> Self {
        let length = u16::try_from(control.length()).unwrap_or_default();
        let header = request.response(Transaction::Acknowledge, length);
        Self { path, header, payload: Payload::Control(*control) }
    }

    pub(super) fn refuse(path: Path, request: &Header, reason: Refusal) -> Self {
        Self { path, header: request.response(Transaction::Refuse(reason), 0), payload: Payload::None }
    }

    /// Whether it acknowledges that a path is down.
    pub(super) fn disables_a_path(&self) -> bool {
        let Payload::Control(Control::Path(message)) = &self.payload else { return false };
        message.kind == SupervisoryKind::PathDownAcknowledge
    }

    pub(super) fn packet_length(&self) -> usize {
        self.header.packet_length()
    }

    pub(super) fn emit(&self, memory: &impl Memory, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
        self.header.emit(None, None, out, |place| match &self.payload {
            Payload::None => {}
            Payload::Memory { address } => memory.read(self.header.vi, *address, place),
            Payload::Number(number) => place.copy_from_slice(&number.to_be_bytes()),
            Payload::Control(control) => control.emit(place),
        })
    }
}
