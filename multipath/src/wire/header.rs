//! What every packet begins with.

use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{AdaptiveControl, Format, Operation, OperationFlags, PortId, Transaction};

/// Bytes of the header.
pub const HEADER_LENGTH: usize = size_of::<HeaderView>();

/// The header as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct HeaderView {
    destination: [u8; 3],
    transaction: u8,
    source: [u8; 3],
    operation: u8,
    serial: U32,
    length: U16,
    vi: U16,
    sequence: U32,
    incarnation: U32,
    session: U64,
}

const _: () = assert!(HEADER_LENGTH == 32);

impl HeaderView {
    /// The header of a packet of which nothing is known to be valid; none if there are too few bytes.
    pub fn peek(bytes: &[u8]) -> Option<&Self> {
        Self::ref_from_prefix(bytes).ok().map(|(view, _)| view)
    }
    /// The port that the packet is for.
    pub fn destination(&self) -> PortId {
        PortId::new(upper_20_bits(self.destination))
    }
    /// How routers choose links for it.
    pub fn adaptive_control(&self) -> AdaptiveControl {
        AdaptiveControl::from_bits(self.destination[2] >> 1)
    }
    /// Which of the two fabrics it travels on.
    pub fn fabric(&self) -> bool {
        self.destination[2] & 1 != 0
    }
    /// Request or response.
    pub fn transaction(&self) -> Transaction {
        Transaction::from_bits(self.transaction)
    }
    /// The port that sent it.
    pub fn source(&self) -> PortId {
        PortId::new(upper_20_bits(self.source))
    }
    /// How much payload there can be.
    pub fn format(&self) -> Format {
        Format::from_bits(self.source[2])
    }
    /// What it does.
    pub fn operation(&self) -> Operation {
        Operation::from_bits(self.operation >> 4)
    }
    /// Ordered, immediate, first, last.
    pub fn flags(&self) -> OperationFlags {
        OperationFlags::from_bits(self.operation)
    }
    /// Transaction serial number: tells the responses to requests with the same sequence number apart.
    pub fn serial(&self) -> u32 {
        self.serial.get()
    }
    /// Bytes of payload; of a read request, bytes to read.
    pub fn length(&self) -> u16 {
        self.length.get()
    }
    /// Number of the virtual interface; 0 is the supervisory one.
    pub fn vi(&self) -> u16 {
        self.vi.get()
    }
    /// Sequence number of the VI.
    pub fn sequence(&self) -> u32 {
        self.sequence.get()
    }
    /// Incarnation of the path that the request was sent on.
    pub fn incarnation(&self) -> u32 {
        self.incarnation.get()
    }
    /// The requester's session.
    pub fn session(&self) -> u64 {
        self.session.get()
    }
}

/// A header to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// The port that the packet is for.
    pub destination: PortId,
    /// How routers choose links for it.
    pub adaptive_control: AdaptiveControl,
    /// Which of the two fabrics it travels on.
    pub fabric: bool,
    /// Request or response.
    pub transaction: Transaction,
    /// The port that sends it.
    pub source: PortId,
    /// How much payload there can be.
    pub format: Format,
    /// What it does.
    pub operation: Operation,
    /// Ordered, immediate, first, last.
    pub flags: OperationFlags,
    /// Transaction serial number.
    pub serial: u32,
    /// Bytes of payload; of a read request, bytes to read.
    pub length: u16,
    /// Number of the virtual interface; 0 is the supervisory one.
    pub vi: u16,
    /// Sequence number of the VI.
    pub sequence: u32,
    /// Incarnation of the path that the request is sent on.
    pub incarnation: u32,
    /// The requester's session.
    pub session: u64,
}

impl Header {
    /// Read every field.
    pub fn from_view(view: &HeaderView) -> Self {
        Self {
            destination: view.destination(),
            adaptive_control: view.adaptive_control(),
            fabric: view.fabric(),
            transaction: view.transaction(),
            source: view.source(),
            format: view.format(),
            operation: view.operation(),
            flags: view.flags(),
            serial: view.serial(),
            length: view.length(),
            vi: view.vi(),
            sequence: view.sequence(),
            incarnation: view.incarnation(),
            session: view.session(),
        }
    }

    /// Lay every field out.
    pub fn to_view(&self) -> HeaderView {
        let routing = self.adaptive_control.bits() << 1 | u8::from(self.fabric);
        HeaderView {
            destination: with_upper_20_bits(self.destination.get(), routing),
            transaction: self.transaction.bits(),
            source: with_upper_20_bits(self.source.get(), self.format.bits()),
            operation: self.operation.bits() << 4 | self.flags.bits(),
            serial: self.serial.into(),
            length: self.length.into(),
            vi: self.vi.into(),
            sequence: self.sequence.into(),
            incarnation: self.incarnation.into(),
            session: self.session.into(),
        }
    }

    /// The header of a response to this request: back to the port that asked, on the same lane.
    #[must_use]
    pub fn response(&self, transaction: Transaction, length: u16) -> Self {
        Self {
            destination: self.source,
            source: self.destination,
            transaction,
            length,
            format: Format::for_length(length),
            flags: OperationFlags::from_bits(self.flags.bits() & !OperationFlags::IMMEDIATE.bits()),
            ..*self
        }
    }

    /// Whether a packet with this header carries an address.
    pub fn has_address(&self) -> bool {
        self.transaction == Transaction::Request && self.operation.has_address()
    }

    /// Whether its length speaks of payload that the packet carries, not of what is asked for.
    pub fn has_payload(&self) -> bool {
        self.transaction != Transaction::Request || self.operation != Operation::Read
    }
}

fn upper_20_bits([high, middle, low]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, high, middle, low]) >> 4
}

fn with_upper_20_bits(number: u32, low_4_bits: u8) -> [u8; 3] {
    let [_, high, middle, low] = (number << 4 | u32::from(low_4_bits & 0xF)).to_be_bytes();
    [high, middle, low]
}
