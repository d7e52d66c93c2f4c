//! Endace's extensible record format, as Wireshark's `wiretap/erf.c` reads it.

use core::time::Duration;
use std::io::Read;

use zerocopy::big_endian::U16;
use zerocopy::little_endian::U64;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::error::{Foreign, Unread};
use super::packet::{CapturedDatagram, header};
use super::read::{Entry, Place, fill};

const TYPE_ETHERNET: u8 = 2;
const TYPE_INFINIBAND: u8 = 21;
/// Of a type, or of an extension header's: another extension header follows.
const MORE: u8 = 0x80;
/// Flags: records vary in length.
const VARYING_LENGTH: u8 = 4;

/// Header of a record.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(super) struct ErfHeader {
    /// Seconds, and 2^-32 seconds. Only this is in little-endian order.
    time: U64,
    kind: u8,
    flags: u8,
    record_length: U16,
    lost: U16,
    wire_length: U16,
}

const HEADER: usize = size_of::<ErfHeader>();
const _: () = assert!(HEADER == 16);

impl ErfHeader {
    /// Of an InfiniBand packet; `time` is since 1970.
    pub(super) fn infiniband(time: Duration, packet: usize) -> Self {
        let length = |bytes: usize| U16::new(u16::try_from(bytes).unwrap_or(u16::MAX));
        let fraction = (u64::from(time.subsec_nanos()) << 32) / 1_000_000_000;
        Self {
            time: U64::new(time.as_secs() << 32 | fraction),
            kind: TYPE_INFINIBAND,
            flags: VARYING_LENGTH,
            record_length: length(HEADER + packet),
            lost: U16::ZERO,
            wire_length: length(packet),
        }
    }

    fn time(&self) -> Duration {
        let time = self.time.get();
        let nanoseconds = ((time & 0xFFFF_FFFF) * 1_000_000_000) >> 32;
        Duration::new(time >> 32, u32::try_from(nanoseconds).unwrap_or_default())
    }

    /// Whether a file can start with it.
    fn is_plausible(&self) -> bool {
        (1..=48).contains(&(self.kind & !MORE)) && usize::from(self.record_length.get()) >= HEADER
    }
}

/// The datagram in a record, header and all.
pub(super) fn record(bytes: &[u8]) -> Result<CapturedDatagram, Unread> {
    let (head, mut rest) = header::<ErfHeader>("ERF header", bytes)?;
    let mut more = head.kind & MORE;
    while more != 0 {
        let (extension, behind) = header::<[u8; 8]>("ERF extension header", rest)?;
        more = extension[0] & MORE;
        rest = behind;
    }
    match head.kind & !MORE {
        TYPE_INFINIBAND => CapturedDatagram::of_infiniband(rest),
        TYPE_ETHERNET => {
            // An offset and a byte of padding.
            let (_, frame) = header::<[u8; 2]>("ERF record", rest)?;
            CapturedDatagram::of_ethernet(frame)
        }
        other => Err(Foreign::ErfType(other).into()),
    }
}

/// Whether a file that starts like this is one of records.
pub(super) fn is_file(start: &[u8]) -> bool {
    ErfHeader::read_from_prefix(start).is_ok_and(|(header, _)| header.is_plausible())
}

/// Reads a file of records.
#[derive(Debug)]
pub(super) struct ErfFile<R> {
    file: R,
    number: u64,
    offset: u64,
    has_ended: bool,
    record: Vec<u8>,
}

impl<R: Read> ErfFile<R> {
    pub(super) const fn new(file: R) -> Self {
        Self { file, number: 0, offset: 0, has_ended: false, record: Vec::new() }
    }

    pub(super) fn next(&mut self) -> Option<Entry> {
        if self.has_ended {
            return None;
        }
        let outcome = self.read().transpose()?;
        self.number += 1;
        let place = Place::Offset(self.offset);
        let (time, datagram) = match outcome {
            Ok(time) => (Some(time), record(&self.record)),
            Err(error) => {
                self.has_ended = true;
                (None, Err(error))
            }
        };
        self.offset += self.record.len() as u64;
        Some(Entry { number: self.number, place, time, datagram })
    }

    /// Read a record, and its time; `None` at the end.
    fn read(&mut self) -> Result<Option<Duration>, Unread> {
        self.record.resize(HEADER, 0);
        match fill(&mut self.file, &mut self.record)? {
            0 => return Ok(None),
            HEADER => {}
            _ => return Err(Unread::FileEnds),
        }
        let (head, _) = header::<ErfHeader>("ERF header", &self.record)?;
        let (time, length) = (head.time(), usize::from(head.record_length.get()));
        if !head.is_plausible() {
            return Err(Unread::Damaged);
        }
        self.record.resize(length, 0);
        if fill(&mut self.file, &mut self.record[HEADER..])? < length - HEADER {
            return Err(Unread::FileEnds);
        }
        Ok(Some(time))
    }
}
