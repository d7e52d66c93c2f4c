//! Files of pcap and pcapng.

use core::fmt;
use core::time::Duration;
use std::io::Read;

use pcap_parser::pcapng::Block;
use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{LegacyPcapReader, PcapBlockOwned, PcapError, PcapNGReader};

use super::error::Unread;
use super::packet::CapturedDatagram;
use super::read::{Entry, Place};

/// Bytes of the largest record that can be read. Tools write packets of up to 262,144.
pub(super) const LARGEST_RECORD: usize = 1 << 20;

/// An interface of a pcapng file, or the one of a pcap file.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link_type: i32,
    /// Units of time in a second.
    resolution: u64,
    /// Seconds to add.
    offset: i64,
}

/// Interfaces that a file can have; more are not looked at.
const INTERFACES: usize = 1024;

/// Reads a file of either format.
pub(super) struct ContainerFile {
    reader: Box<dyn PcapReaderIterator + Send>,
    interfaces: Vec<Interface>,
    number: u64,
    offset: u64,
    /// The reader has asked for more bytes since it last had a block.
    has_asked: bool,
    has_ended: bool,
}

impl fmt::Debug for ContainerFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContainerFile").field("interfaces", &self.interfaces).finish_non_exhaustive()
    }
}

/// A packet's time, and its datagram.
type Packet = (Option<Duration>, Result<CapturedDatagram, Unread>);

impl ContainerFile {
    pub(super) fn pcap(file: impl Read + Send + 'static) -> Option<Self> {
        Some(Self::new(Box::new(LegacyPcapReader::new(LARGEST_RECORD, file).ok()?)))
    }

    pub(super) fn pcapng(file: impl Read + Send + 'static) -> Option<Self> {
        Some(Self::new(Box::new(PcapNGReader::new(LARGEST_RECORD, file).ok()?)))
    }

    fn new(reader: Box<dyn PcapReaderIterator + Send>) -> Self {
        Self { reader, interfaces: Vec::new(), number: 0, offset: 0, has_asked: false, has_ended: false }
    }

    pub(super) fn next(&mut self) -> Option<Entry> {
        while !self.has_ended {
            let place = Place::Offset(self.offset);
            let (time, datagram) = match self.step() {
                Ok(None) => continue,
                Ok(Some(packet)) => packet,
                Err(None) => break,
                Err(Some(error)) => {
                    self.has_ended = true;
                    (None, Err(error))
                }
            };
            self.number += 1;
            return Some(Entry { number: self.number, place, time, datagram });
        }
        None
    }

    /// Read a block; an error without a cause is the end of the file.
    fn step(&mut self) -> Result<Option<Packet>, Option<Unread>> {
        let outcome = match self.reader.next() {
            Ok((length, block)) => Ok((length, take(&mut self.interfaces, &block))),
            Err(PcapError::Incomplete(_)) => Err(None),
            Err(PcapError::Eof) => return Err(None),
            Err(PcapError::UnexpectedEof) => Err(Some(Unread::FileEnds)),
            Err(PcapError::BufferTooSmall) => Err(Some(Unread::TooLarge { limit: LARGEST_RECORD })),
            Err(PcapError::ReadError) => Err(Some(unreadable())),
            Err(_) => Err(Some(Unread::Damaged)),
        };
        match outcome {
            Ok((length, found)) => {
                self.has_asked = false;
                self.reader.consume(length);
                self.offset += length as u64;
                Ok(found)
            }
            Err(None) => self.ask(),
            // It expects one more block where the file ends.
            Err(Some(Unread::FileEnds)) if self.reader.data().is_empty() => Err(None),
            Err(error) => Err(error),
        }
    }

    /// Read more of the file.
    fn ask(&mut self) -> Result<Option<Packet>, Option<Unread>> {
        let had = self.reader.data().len();
        self.reader.refill().map_err(|_| Some(unreadable()))?;
        // Without more bytes, though the file goes on, there is no room for them.
        let is_stuck = self.has_asked && had == self.reader.data().len() && !self.reader.reader_exhausted();
        self.has_asked = true;
        if is_stuck { Err(Some(Unread::Damaged)) } else { Ok(None) }
    }
}

/// The library does not say why.
fn unreadable() -> Unread {
    Unread::Read(std::io::Error::other("the system reports an error"))
}

fn take(interfaces: &mut Vec<Interface>, block: &PcapBlockOwned<'_>) -> Option<Packet> {
    match block {
        PcapBlockOwned::LegacyHeader(header) => {
            let resolution = if header.is_nanosecond_precision() { 1_000_000_000 } else { 1_000_000 };
            // The upper bits are no part of the link type: they tell of checksums at the end of frames.
            interfaces.push(Interface { link_type: header.network.0 & 0xFFFF, resolution, offset: 0 });
            None
        }
        PcapBlockOwned::Legacy(packet) => {
            let interface = interfaces.first()?;
            let nanoseconds = u64::from(packet.ts_usec) * (1_000_000_000 / interface.resolution);
            let time = Duration::from_secs(packet.ts_sec.into()) + Duration::from_nanos(nanoseconds);
            Some((Some(time), CapturedDatagram::of_link(interface.link_type, packet.data)))
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => {
            interfaces.clear();
            None
        }
        PcapBlockOwned::NG(Block::InterfaceDescription(description)) => {
            if interfaces.len() < INTERFACES {
                interfaces.push(Interface {
                    link_type: description.linktype.0,
                    resolution: description.ts_resolution().filter(|units| *units > 0).unwrap_or(1_000_000),
                    offset: description.ts_offset(),
                });
            }
            None
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
            let interface = usize::try_from(packet.if_id).ok().and_then(|number| interfaces.get(number));
            let Some(interface) = interface else { return Some((None, Err(Unread::Damaged))) };
            let units = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
            let data = captured(packet.data, packet.caplen);
            Some((interface.time(units), CapturedDatagram::of_link(interface.link_type, data)))
        }
        PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
            let Some(interface) = interfaces.first() else {
                return Some((None, Err(Unread::Damaged)));
            };
            let data = captured(packet.data, packet.origlen);
            Some((None, CapturedDatagram::of_link(interface.link_type, data)))
        }
        PcapBlockOwned::NG(_) => None,
    }
}

/// Without the padding at its end.
fn captured(data: &[u8], length: u32) -> &[u8] {
    usize::try_from(length).ok().and_then(|length| data.get(..length)).unwrap_or(data)
}

impl Interface {
    /// Since 1970.
    fn time(&self, units: u64) -> Option<Duration> {
        let seconds = i64::try_from(units / self.resolution).ok()?.checked_add(self.offset)?;
        let rest = u128::from(units % self.resolution) * 1_000_000_000 / u128::from(self.resolution);
        Some(Duration::new(u64::try_from(seconds).ok()?, u32::try_from(rest).ok()?))
    }
}
