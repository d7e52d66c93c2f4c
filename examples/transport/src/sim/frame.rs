//! What passes between a program and the host of a fabric: frames of one length, on a stream.

use ib_mad::wire::MAD_LENGTH;
use ib_mad::{Guid, Lid, Qpn, ServiceLevel};
use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::shared::PortBytes;
use crate::channel::{Delivery, Incoming, Outgoing};

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// To the host, first of all: the name of the node, up to a NUL.
    Attach,
    /// To the host: a datagram.
    Send,
    /// To the host: what is the port like? The number comes back.
    AskPort,
    /// To the host: a manager runs behind the port from now on. The number comes back.
    AnnounceManager,
    /// From the host: attached.
    Attached,
    /// From the host: there is no such node.
    NoSuchNode,
    /// From the host: a datagram that arrived.
    Received,
    /// From the host: GUID and PortInfo of the port.
    Port,
    /// From the host: the manager was announced.
    Announced,
    /// From the host: there is another manager.
    Managed,
}

const KINDS: [(Kind, u8); 10] = [
    (Kind::Attach, 1),
    (Kind::Send, 2),
    (Kind::AskPort, 3),
    (Kind::AnnounceManager, 4),
    (Kind::Attached, 0x81),
    (Kind::NoSuchNode, 0x82),
    (Kind::Received, 0x83),
    (Kind::Port, 0x84),
    (Kind::Announced, 0x85),
    (Kind::Managed, 0x86),
];

/// A frame.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(super) struct Frame {
    kind: u8,
    service_level: u8,
    lid: U16,
    number: U32,
    /// Of what arrived: the queue pair that sent it.
    source_qpn: U32,
    pub(super) content: [u8; MAD_LENGTH],
}

/// Bytes of a frame.
pub(super) const FRAME: usize = size_of::<Frame>();

impl Frame {
    pub(super) fn new(kind: Kind, number: u32) -> Self {
        let kind = KINDS.iter().find(|(known, _)| *known == kind).map_or(0, |(_, byte)| *byte);
        Self { kind, number: U32::new(number), ..FromZeros::new_zeroed() }
    }

    /// `None` when the name is too long.
    pub(super) fn attach(node: &str) -> Option<Self> {
        let mut frame = Self::new(Kind::Attach, 0);
        frame
            .content
            .get_mut(..node.len())
            .filter(|_| node.len() < MAD_LENGTH)?
            .copy_from_slice(node.as_bytes());
        Some(frame)
    }

    pub(super) fn send(outgoing: &Outgoing) -> Self {
        Self {
            service_level: outgoing.service_level.get(),
            lid: U16::new(outgoing.to.0),
            content: outgoing.mad,
            ..Self::new(Kind::Send, outgoing.qpn.get())
        }
    }

    pub(super) fn received(incoming: &Incoming) -> Self {
        Self {
            service_level: incoming.service_level.get(),
            lid: U16::new(incoming.from.0),
            source_qpn: U32::new(incoming.source_qpn.get()),
            content: incoming.mad,
            ..Self::new(Kind::Received, incoming.qpn.get())
        }
    }

    /// The answer to a question for the port.
    pub(super) fn port(number: u32, port: &PortBytes) -> Self {
        let mut frame = Self::new(Kind::Port, number);
        frame.content[..8].copy_from_slice(&port.guid.0.to_be_bytes());
        frame.content[8..72].copy_from_slice(&port.info);
        frame.content[72..76].copy_from_slice(&port.reregistrations.to_be_bytes());
        frame
    }

    /// What is in [`Kind::Port`].
    pub(super) fn port_bytes(&self) -> PortBytes {
        let (mut guid, mut info, mut count) = ([0; 8], [0; 64], [0; 4]);
        guid.copy_from_slice(&self.content[..8]);
        info.copy_from_slice(&self.content[8..72]);
        count.copy_from_slice(&self.content[72..76]);
        let (guid, reregistrations) = (Guid(u64::from_be_bytes(guid)), u32::from_be_bytes(count));
        PortBytes { guid, info, reregistrations }
    }

    /// `None` for one of a kind that is not known.
    pub(super) fn kind(&self) -> Option<Kind> {
        KINDS.iter().find(|(_, byte)| *byte == self.kind).map(|(kind, _)| *kind)
    }

    pub(super) fn number(&self) -> u32 {
        self.number.get()
    }

    /// The name in [`Kind::Attach`].
    pub(super) fn node(&self) -> Option<&str> {
        let end = self.content.iter().position(|byte| *byte == 0)?;
        core::str::from_utf8(&self.content[..end]).ok()
    }

    /// What is in [`Kind::Send`]; `None` when its service level or queue pair is none.
    pub(super) fn outgoing(&self) -> Option<Outgoing> {
        Some(Outgoing {
            to: Lid(self.lid.get()),
            service_level: ServiceLevel::new(self.service_level)?,
            qpn: Qpn::new(self.number())?,
            mad: self.content,
        })
    }

    /// What is in [`Kind::Received`]; `None` when its service level or a queue pair is none.
    pub(super) fn incoming(&self) -> Option<Incoming> {
        Some(Incoming {
            from: Lid(self.lid.get()),
            qpn: Qpn::new(self.number())?,
            source_qpn: Qpn::new(self.source_qpn.get())?,
            service_level: ServiceLevel::new(self.service_level)?,
            delivery: Delivery::Received,
            mad: self.content,
        })
    }
}

/// Cuts a stream into frames.
#[derive(Debug, Default)]
pub(super) struct Frames {
    bytes: Vec<u8>,
    read: usize,
}

impl Frames {
    /// Where to read more bytes to.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        self.bytes.drain(..self.read);
        self.read = 0;
        &mut self.bytes
    }

    /// The next whole frame.
    pub(super) fn next(&mut self) -> Option<Frame> {
        let frame = Frame::read_from_bytes(self.bytes.get(self.read..self.read + FRAME)?).ok()?;
        self.read += FRAME;
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_as_they_went_in_however_the_stream_is_cut() {
        let outgoing = Outgoing {
            to: Lid(0x1234),
            service_level: ServiceLevel::new(5).unwrap(),
            qpn: Qpn::GENERAL_SERVICES,
            mad: [7; MAD_LENGTH],
        };
        let whole = [Frame::attach("H1").unwrap(), Frame::send(&outgoing)];
        let mut frames = Frames::default();
        let mut seen = Vec::new();
        for byte in whole.as_bytes() {
            frames.buffer().push(*byte);
            seen.extend(core::iter::from_fn(|| frames.next()));
        }
        assert_eq!((seen[0].kind(), seen[0].node()), (Some(Kind::Attach), Some("H1")));
        assert_eq!((seen[1].kind(), seen[1].outgoing()), (Some(Kind::Send), Some(outgoing)));
        assert_eq!(seen.len(), 2);
    }

    #[test]
    fn what_makes_no_sense_is_none() {
        let mut frame = Frame::new_zeroed();
        assert_eq!(frame.kind(), None);
        frame.service_level = 16;
        assert_eq!(frame.outgoing(), None);
        (frame.service_level, frame.number) = (0, U32::new(1 << 24));
        assert_eq!((frame.outgoing(), frame.incoming()), (None, None));
        frame.content.fill(0xFF);
        assert_eq!(frame.node(), None);
        assert!(Frame::attach(&"x".repeat(256)).is_none());
    }
}
