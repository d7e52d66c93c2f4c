//! A whole packet: header, address, immediate data, payload and checksum.

use zerocopy::{FromBytes, IntoBytes};

use super::{HEADER_LENGTH, Header, HeaderView, Operation, OperationFlags, Transaction};

/// Bytes of payload in a packet of the standard format.
pub const MAX_PAYLOAD: u16 = 512;

/// Bytes of payload in a packet of the jumbo format: with everything else it fits one UDP datagram.
pub const MAX_JUMBO_PAYLOAD: u16 = 65_440;

/// The most that a packet has besides its payload, in bytes.
pub const MAX_OVERHEAD: usize = HEADER_LENGTH + ADDRESS + IMMEDIATE + CHECKSUM;

const ADDRESS: usize = 8;
const IMMEDIATE: usize = 4;
const CHECKSUM: usize = 4;

/// Why bytes are not a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Fewer bytes than the header and the checksum have.
    #[error("a packet has at least {needed} bytes, this one {got}")]
    Truncated {
        /// Bytes that are needed.
        needed: usize,
        /// Bytes that there are.
        got: usize,
    },
    /// The transaction type at offset 3 has no meaning.
    #[error("transaction type {0:#04x} at offset 3 has no meaning")]
    Transaction(u8),
    /// The operation at offset 7 has no meaning.
    #[error("operation {0} at offset 7 has no meaning")]
    Operation(u8),
    /// The format at offset 6 has no meaning.
    #[error("format {0} at offset 6 has no meaning")]
    Format(u8),
    /// The length field speaks of more than the format allows.
    #[error("length {got} at offset 12 is more than the {limit} bytes of the format")]
    Length {
        /// The most that the format allows.
        limit: u16,
        /// What the field says.
        got: u16,
    },
    /// The fields speak of another number of bytes than there are.
    #[error("the fields speak of {expected} bytes, the packet has {got}")]
    Size {
        /// What the fields speak of.
        expected: usize,
        /// Bytes that there are.
        got: usize,
    },
    /// The checksum is not that of the bytes.
    #[error("the checksum is {got:#010x}, the bytes have {expected:#010x}")]
    Checksum {
        /// Of the bytes.
        expected: u32,
        /// In the packet.
        got: u32,
    },
}

/// The caller's buffer cannot take a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("a packet of {needed} bytes needs a larger buffer than one of {got}")]
pub struct BufferTooSmall {
    /// Bytes of the packet.
    pub needed: usize,
    /// Bytes of the buffer.
    pub got: usize,
}

/// A received packet whose fields agree with each other and with its checksum.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Its header.
    pub header: Header,
    /// Where to write or read, in RDMA requests.
    pub address: Option<u64>,
    /// Immediate data.
    pub immediate: Option<u32>,
    /// Payload.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Read a packet that is all of `bytes`.
    ///
    /// # Errors
    /// The first thing that is wrong with it; the checksum is looked at last.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let needed = HEADER_LENGTH + CHECKSUM;
        let truncated = DecodeError::Truncated { needed, got: bytes.len() };
        if bytes.len() < needed {
            return Err(truncated);
        }
        let (view, rest) = HeaderView::ref_from_prefix(bytes).map_err(|_| truncated)?;
        let header = Header::from_view(view);
        let expected = checked_length(&header)?;
        if expected != bytes.len() {
            return Err(DecodeError::Size { expected, got: bytes.len() });
        }
        let (mut body, checksum) = rest.split_last_chunk::<CHECKSUM>().ok_or(truncated)?;
        let mut take = |present: bool, length: usize| {
            let (taken, rest) = body.split_at_checked(if present { length } else { 0 }).unwrap_or_default();
            body = rest;
            taken
        };
        let address = take(header.has_address(), ADDRESS).try_into().ok().map(u64::from_be_bytes);
        let has_immediate = header.flags.contains(OperationFlags::IMMEDIATE);
        let immediate = take(has_immediate, IMMEDIATE).try_into().ok().map(u32::from_be_bytes);
        let covered = bytes.get(..bytes.len().saturating_sub(CHECKSUM)).unwrap_or_default();
        let (expected, got) = (crc32fast::hash(covered), u32::from_be_bytes(*checksum));
        if expected != got {
            return Err(DecodeError::Checksum { expected, got });
        }
        Ok(Self { header, address, immediate, payload: body })
    }
}

/// Bytes that a packet with this header has, if the header can be understood.
fn checked_length(header: &Header) -> Result<usize, DecodeError> {
    if let Transaction::Other(kind) = header.transaction {
        return Err(DecodeError::Transaction(kind));
    }
    if let Operation::Other(number) = header.operation {
        return Err(DecodeError::Operation(number));
    }
    let limit = header.format.limit().ok_or(DecodeError::Format(header.format.bits()))?;
    if header.length > limit {
        return Err(DecodeError::Length { limit, got: header.length });
    }
    Ok(header.packet_length())
}

impl Header {
    /// Bytes of a packet with this header, all told.
    pub fn packet_length(&self) -> usize {
        let mut length = HEADER_LENGTH + CHECKSUM;
        for (present, part) in [
            (self.has_address(), ADDRESS),
            (self.flags.contains(OperationFlags::IMMEDIATE), IMMEDIATE),
            (self.has_payload(), usize::from(self.length)),
        ] {
            length = length.saturating_add(if present { part } else { 0 });
        }
        length
    }

    /// Write a packet at the start of `out` and return how long it is. `fill` writes the payload: it is given as many bytes
    /// as the header speaks of. An address or immediate data that the header asks for and that are not given are zero.
    ///
    /// # Errors
    /// When `out` is too small; it is then left as it was.
    pub fn emit(
        &self,
        address: Option<u64>,
        immediate: Option<u32>,
        out: &mut [u8],
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<usize, BufferTooSmall> {
        let needed = self.packet_length();
        let got = out.len();
        let packet = out.get_mut(..needed).ok_or(BufferTooSmall { needed, got })?;
        let mut rest = &mut *packet;
        put(&mut rest, self.to_view().as_bytes());
        if self.has_address() {
            put(&mut rest, &address.unwrap_or_default().to_be_bytes());
        }
        if self.flags.contains(OperationFlags::IMMEDIATE) {
            put(&mut rest, &immediate.unwrap_or_default().to_be_bytes());
        }
        if let Some((payload, _)) = rest.split_last_chunk_mut::<CHECKSUM>() {
            fill(payload);
        }
        if let Some((covered, checksum)) = packet.split_last_chunk_mut::<CHECKSUM>() {
            *checksum = crc32fast::hash(covered).to_be_bytes();
        }
        Ok(needed)
    }
}

/// Write `bytes` at the start of `rest`, which is then what follows them. There is room: the length was reckoned with them.
fn put(rest: &mut &mut [u8], bytes: &[u8]) {
    if let Some((place, after)) = core::mem::take(rest).split_at_mut_checked(bytes.len()) {
        place.copy_from_slice(bytes);
        *rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{AdaptiveControl, Format, PortId, Refusal};
    use alloc::vec::Vec;
    use quickcheck::quickcheck;

    fn header() -> Header {
        Header {
            destination: PortId::new(0x12345),
            adaptive_control: AdaptiveControl::Lane2,
            fabric: true,
            transaction: Transaction::Request,
            source: PortId::new(0xABCDE),
            format: Format::Standard,
            operation: Operation::Write,
            flags: OperationFlags::ORDERED
                .with(OperationFlags::IMMEDIATE, true)
                .with(OperationFlags::LAST, true),
            serial: 0x0102_0304,
            length: 3,
            vi: 0x0506,
            sequence: 0x0708_090A,
            incarnation: 0x0B0C_0D0E,
            session: 0x0F10_1112_1314_1516,
        }
    }

    fn emitted(header: &Header, payload: &[u8]) -> Vec<u8> {
        let mut out = [0xFF; 4096];
        let length = header
            .emit(Some(0x1718_191A_1B1C_1D1E), Some(0x1F20_2122), &mut out, |place| {
                place.copy_from_slice(payload)
            })
            .unwrap();
        out[..length].to_vec()
    }

    #[test]
    fn every_field_has_its_place() {
        let bytes = emitted(&header(), b"abc");
        let expected = [
            0x12, 0x34, 0x55, 0x00, 0xAB, 0xCD, 0xE0, 0x1D, 1, 2, 3, 4, 0, 3, 5, 6, 7, 8, 9, 0xA, 0xB, 0xC,
            0xD, 0xE, 0xF, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C,
            0x1D, 0x1E, 0x1F, 0x20, 0x21, 0x22, b'a', b'b', b'c',
        ];
        assert_eq!(bytes[..bytes.len() - 4], expected);
        assert_eq!(bytes[bytes.len() - 4..], crc32fast::hash(&expected).to_be_bytes());
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!(packet.header, header());
        assert_eq!((packet.address, packet.immediate), (Some(0x1718_191A_1B1C_1D1E), Some(0x1F20_2122)));
        assert_eq!(packet.payload, b"abc");
    }

    #[test]
    fn a_read_request_carries_no_payload_and_its_response_does() {
        let request =
            Header { operation: Operation::Read, flags: OperationFlags::LAST, length: 500, ..header() };
        assert_eq!(emitted(&request, b"").len(), 32 + 8 + 4);
        let response = request.response(Transaction::Acknowledge, 500);
        assert_eq!((response.destination, response.source), (request.source, request.destination));
        assert_eq!(response.adaptive_control, request.adaptive_control);
        let bytes = emitted(&response, &[7; 500]);
        assert_eq!(Packet::parse(&bytes).unwrap().payload, [7; 500]);
    }

    #[test]
    fn a_response_repeats_no_immediate_data() {
        let response = header().response(Transaction::Acknowledge, 0);
        assert_eq!(response.flags, OperationFlags::ORDERED.with(OperationFlags::LAST, true));
        assert_eq!(emitted(&response, b"").len(), HEADER_LENGTH + CHECKSUM);
    }

    /// Seals bytes again after a change, so that what is behind the checksum is looked at.
    fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
        let covered = bytes.len() - 4;
        let checksum = crc32fast::hash(&bytes[..covered]).to_be_bytes();
        bytes[covered..].copy_from_slice(&checksum);
        bytes
    }

    fn refused(change: impl FnOnce(&mut Vec<u8>)) -> DecodeError {
        let mut bytes = emitted(&header(), b"abc");
        change(&mut bytes);
        Packet::parse(&sealed(bytes)).unwrap_err()
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(Packet::parse(&[0; 35]).unwrap_err(), DecodeError::Truncated { needed: 36, got: 35 });
        assert_eq!(refused(|bytes| bytes[3] = 0x99), DecodeError::Transaction(0x99));
        assert_eq!(refused(|bytes| bytes[7] = 0x70), DecodeError::Operation(7));
        assert_eq!(refused(|bytes| bytes[6] = 0xEF), DecodeError::Format(15));
        assert_eq!(refused(|bytes| bytes[12] = 2), DecodeError::Length { limit: 512, got: 515 });
        assert_eq!(refused(|bytes| bytes[13] = 2), DecodeError::Size { expected: 50, got: 51 });
        assert_eq!(refused(|bytes| bytes.push(0)), DecodeError::Size { expected: 51, got: 52 });
        let mut bytes = emitted(&header(), b"abc");
        bytes[45] ^= 1;
        assert!(matches!(Packet::parse(&bytes), Err(DecodeError::Checksum { .. })));
    }

    #[test]
    fn a_small_buffer_stays_as_it_was() {
        let mut out = [0xFF; 50];
        let error = header().emit(None, None, &mut out, |_| panic!("nothing to fill")).unwrap_err();
        assert_eq!(error, BufferTooSmall { needed: 51, got: 50 });
        assert_eq!(out, [0xFF; 50]);
    }

    #[test]
    fn the_largest_packet_fits_a_datagram() {
        const UDP_OVER_IPV4: usize = 65_535 - 20 - 8;
        assert!(MAX_OVERHEAD + usize::from(MAX_JUMBO_PAYLOAD) <= UDP_OVER_IPV4);
    }

    quickcheck! {
        fn any_bytes_are_read_or_refused_and_go_out_as_they_came(bytes: Vec<u8>, seal: bool) -> bool {
            let bytes = if seal && bytes.len() >= 4 { sealed(bytes) } else { bytes };
            let Ok(packet) = Packet::parse(&bytes) else { return true };
            let mut out = [0xFF; 4096];
            let length = packet.header
                .emit(packet.address, packet.immediate, &mut out, |place| place.copy_from_slice(packet.payload))
                .unwrap();
            out[..length] == bytes
        }

        fn headers_come_back(bits: [u8; 9], numbers: (u32, u32, u32, u64)) -> bool {
            let header = Header {
                destination: PortId::new(numbers.0),
                adaptive_control: AdaptiveControl::from_bits(bits[0]),
                fabric: bits[1] & 1 != 0,
                transaction: [Transaction::Acknowledge, Transaction::Refuse(Refusal::Access)][usize::from(bits[2] & 1)],
                source: PortId::new(numbers.1),
                format: Format::Jumbo,
                operation: Operation::from_bits(bits[4] % 3),
                flags: OperationFlags::from_bits(bits[5]),
                serial: numbers.2,
                length: u16::from(bits[6]),
                vi: u16::from_be_bytes([bits[7], bits[8]]),
                sequence: numbers.0,
                incarnation: numbers.1,
                session: numbers.3,
            };
            let mut out = [0xFF; 1024];
            let length = header.emit(None, Some(1), &mut out, |place| place.fill(9)).unwrap();
            Packet::parse(&out[..length]).unwrap().header == header
        }
    }
}
