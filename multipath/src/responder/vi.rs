//! One virtual interface at the responder.

use seqwin::{ConfigError, Order, ResponderConfig as WindowConfig, Sequence, Verdict};

use crate::memory::{Memory, Received};
use crate::wire::{Header, Operation, OperationFlags, Packet, Refusal};

/// What comes of a packet whose path and addresses are permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    Done,
    Duplicate,
    Refused(Refusal),
    PassedOver,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ReceivingVi {
    window: seqwin::Responder,
    max_payload: u16,
    /// Bytes of the message that is coming in.
    received: u64,
    /// The latest ordered request that was acknowledged without data: that speaks for all before it.
    latest: Option<Request>,
}

/// What the acknowledgement of a request repeats of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Request {
    pub(super) operation: Operation,
    pub(super) flags: OperationFlags,
    pub(super) serial: u32,
    pub(super) sequence: u32,
}

impl ReceivingVi {
    pub(super) fn new(config: WindowConfig, max_payload: u16) -> Result<Self, ConfigError> {
        Ok(Self { window: seqwin::Responder::new(config)?, max_payload, received: 0, latest: None })
    }

    pub(super) fn accept(
        &mut self,
        header: &Header,
        packet: &Packet<'_>,
        memory: &mut impl Memory,
    ) -> Outcome {
        if header.length > self.max_payload {
            return Outcome::Refused(Refusal::Access);
        }
        let is_ordered = header.flags.contains(OperationFlags::ORDERED);
        if !is_ordered && header.operation == Operation::Send {
            return Outcome::Refused(Refusal::Access);
        }
        let order = if is_ordered { Order::Ordered } else { Order::Unordered };
        match self.window.receive(Sequence(header.sequence), order) {
            Verdict::Expected => self.commit(header, packet, memory),
            Verdict::Duplicate => {
                // The copy has another serial number than the packet had.
                self.note_latest(header);
                return Outcome::Duplicate;
            }
            Verdict::OutOfSequence { refuse: true } => return Outcome::Refused(Refusal::Sequence),
            // Nothing is kept ahead of a missing packet: the bytes of a message go where those before them end.
            Verdict::OutOfSequence { refuse: false } | Verdict::Ahead => return Outcome::PassedOver,
            Verdict::OutsideWindow => return Outcome::Refused(Refusal::OutsideWindow),
        }
        self.note_latest(header);
        Outcome::Done
    }

    fn note_latest(&mut self, header: &Header) {
        let Header { operation, flags, serial, sequence, .. } = *header;
        if flags.contains(OperationFlags::ORDERED) && operation != Operation::Read {
            self.latest = Some(Request { operation, flags, serial, sequence });
        }
    }

    /// The latest request whose acknowledgement speaks for all before it.
    pub(super) const fn latest(&self) -> Option<Request> {
        self.latest
    }

    fn commit(&mut self, header: &Header, packet: &Packet<'_>, memory: &mut impl Memory) {
        match (header.operation, packet.address) {
            (Operation::Send, _) => {
                if header.flags.contains(OperationFlags::FIRST) {
                    self.received = 0;
                }
                let is_last = header.flags.contains(OperationFlags::LAST);
                memory.receive(&Received {
                    vi: header.vi,
                    offset: self.received,
                    data: packet.payload,
                    is_last,
                    immediate: packet.immediate,
                });
                self.received = self.received.saturating_add(u64::from(header.length));
            }
            (Operation::Write, Some(address)) => {
                memory.write(header.vi, address, packet.payload, packet.immediate);
            }
            // What a read asks for is fetched when the response goes.
            _ => {}
        }
    }
}
