//! Merges the captures of several programs into one, by time.

use core::cmp::Ordering;

/// Bytes of a capture file before its first packet.
const FILE_HEADER: usize = 24;
/// Bytes of a packet's header.
const PACKET_HEADER: usize = 16;
/// First word of a file whose times are in microseconds, and of one with nanoseconds.
const MICROSECONDS: u32 = 0xa1b2_c3d4;
const NANOSECONDS: u32 = 0xa1b2_3c4d;

/// Why a file is no capture that can be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PcapError {
    #[error("no capture: it starts with {0:#010x}")]
    Magic(u32),
    #[error("ends within the record at offset {0}")]
    Truncated(usize),
    #[error("has link type {got}, the captures before it {expected}")]
    LinkType { expected: u32, got: u32 },
}

/// A packet: seconds and nanoseconds since the epoch, its length on the link, and what was captured of it.
struct Packet<'a> {
    seconds: u32,
    nanoseconds: u32,
    length: u32,
    bytes: &'a [u8],
}

impl Packet<'_> {
    fn by_time(&self, other: &Self) -> Ordering {
        (self.seconds, self.nanoseconds).cmp(&(other.seconds, other.nanoseconds))
    }
}

/// Reads one file in the byte order and with the unit of time that its first word tells.
struct Reader<'a> {
    file: &'a [u8],
    big_endian: bool,
}

impl<'a> Reader<'a> {
    fn word(&self, offset: usize) -> Result<u32, PcapError> {
        let bytes = self.bytes(offset, 4)?.first_chunk().ok_or(PcapError::Truncated(offset))?;
        Ok(if self.big_endian { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) })
    }

    fn bytes(&self, offset: usize, length: usize) -> Result<&'a [u8], PcapError> {
        let end = offset.checked_add(length).ok_or(PcapError::Truncated(offset))?;
        self.file.get(offset..end).ok_or(PcapError::Truncated(offset))
    }

    /// The link type and the packets.
    fn read(file: &'a [u8]) -> Result<(u32, Vec<Packet<'a>>), PcapError> {
        let mut reader = Self { file, big_endian: false };
        let magic = reader.word(0)?;
        let (big_endian, nanoseconds_per_unit) = match (magic, magic.swap_bytes()) {
            (MICROSECONDS, _) => (false, 1000),
            (NANOSECONDS, _) => (false, 1),
            (_, MICROSECONDS) => (true, 1000),
            (_, NANOSECONDS) => (true, 1),
            _ => return Err(PcapError::Magic(magic)),
        };
        reader.big_endian = big_endian;
        let link_type = reader.word(20)?;
        let mut packets = Vec::new();
        let mut offset = FILE_HEADER;
        while offset < file.len() {
            let captured =
                usize::try_from(reader.word(offset + 8)?).map_err(|_| PcapError::Truncated(offset))?;
            packets.push(Packet {
                seconds: reader.word(offset)?,
                nanoseconds: reader.word(offset + 4)?.saturating_mul(nanoseconds_per_unit),
                length: reader.word(offset + 12)?,
                bytes: reader.bytes(offset + PACKET_HEADER, captured)?,
            });
            offset += PACKET_HEADER + captured;
        }
        Ok((link_type, packets))
    }
}

/// One capture with the packets of all `files` by time, in nanoseconds; those of one time keep the files' order. The
/// error comes with the index of the file at fault.
pub(crate) fn merge(files: &[Vec<u8>]) -> Result<Vec<u8>, (usize, PcapError)> {
    let mut expected = None;
    let mut packets = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let (got, its_packets) = Reader::read(file).map_err(|error| (index, error))?;
        let expected = *expected.get_or_insert(got);
        if got != expected {
            return Err((index, PcapError::LinkType { expected, got }));
        }
        packets.extend(its_packets);
    }
    packets.sort_by(Packet::by_time);
    let mut merged = Vec::new();
    // Version 2.4, times in UTC, packets of up to 64 KiB.
    for word in [NANOSECONDS, 0x0004_0002, 0, 0, 0xffff, expected.unwrap_or(0)] {
        merged.extend(word.to_le_bytes());
    }
    for packet in packets {
        let captured = u32::try_from(packet.bytes.len()).unwrap_or(u32::MAX);
        for word in [packet.seconds, packet.nanoseconds, captured, packet.length] {
            merged.extend(word.to_le_bytes());
        }
        merged.extend(packet.bytes);
    }
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(magic: u32, big_endian: bool, packets: &[(u32, u32, &[u8])]) -> Vec<u8> {
        let bytes = |word: u32| if big_endian { word.to_be_bytes() } else { word.to_le_bytes() };
        let mut file = Vec::from_iter([magic, 0x0004_0002, 0, 0, 0xffff, 197].into_iter().flat_map(bytes));
        for (seconds, fraction, packet) in packets {
            let length = packet.len() as u32;
            file.extend([*seconds, *fraction, length, length + 1].into_iter().flat_map(bytes));
            file.extend(*packet);
        }
        file
    }

    #[test]
    fn packets_are_sorted_by_time_whatever_the_files_order_and_unit() {
        let one = capture(MICROSECONDS, false, &[(1, 2, b"b"), (3, 0, b"d")]);
        let other = capture(NANOSECONDS, true, &[(1, 1999, b"a"), (1, 2000, b"c"), (3, 1, b"ee")]);
        let merged = merge(&[one, other]).unwrap();
        let expected: &[(u32, u32, &[u8])] =
            &[(1, 1999, b"a"), (1, 2000, b"b"), (1, 2000, b"c"), (3, 0, b"d"), (3, 1, b"ee")];
        assert_eq!(merged, capture(NANOSECONDS, false, expected));
    }

    #[test]
    fn a_cut_file_a_wrong_one_and_another_link_type_are_named() {
        let whole = capture(MICROSECONDS, false, &[(1, 2, b"packet")]);
        for length in 0..whole.len() {
            let cut = merge(&[whole.clone(), whole[..length].to_vec()]);
            // A file may well end after its header.
            assert_eq!(cut.is_ok(), length == FILE_HEADER, "{length}");
        }
        let garbage = merge(&[b"#!/bin/sh".to_vec()]);
        assert_eq!(garbage, Err((0, PcapError::Magic(u32::from_le_bytes(*b"#!/b")))));
        let mut ethernet = whole.clone();
        ethernet[20] = 1;
        let error = PcapError::LinkType { expected: 197, got: 1 };
        assert_eq!(merge(&[whole, ethernet]), Err((1, error)));
        assert_eq!(merge(&[]).map(|file| file.len()), Ok(FILE_HEADER));
    }
}
