//! Any file of datagrams.

use core::fmt;
use core::time::Duration;
use std::io::{self, Cursor, Read};

use super::container::ContainerFile;
use super::erf::{self, ErfFile};
use super::error::Unread;
use super::hex::HexFile;
use super::packet::CapturedDatagram;

/// Where in a file a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In bytes from its start.
    Offset(u64),
    /// A line of text, from 1.
    Line(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset(offset) => write!(f, "offset {offset:#x}"),
            Self::Line(line) => write!(f, "line {line}"),
        }
    }
}

/// One packet of a file, or the place where it cannot be read on.
#[derive(Debug)]
pub struct Entry {
    /// Its number, from 1.
    pub number: u64,
    /// Where it starts.
    pub place: Place,
    /// When it was captured, since 1970.
    pub time: Option<Duration>,
    /// The datagram, or why there is none.
    pub datagram: Result<CapturedDatagram, Unread>,
}

/// Reads the datagrams of a file, one at a time: pcap (either byte order, micro- or nanoseconds) and pcapng with packets
/// of InfiniBand, ERF and RoCE; ERF; or datagrams in hexadecimal, in about any layout. It finds out which it is.
///
/// ```
/// use transport::{CaptureReader, Place};
///
/// let text = "# nothing but zeros is no datagram\n0000: 00 00\n";
/// let entries: Vec<_> = CaptureReader::new(text.as_bytes())?.collect();
/// assert_eq!((entries.len(), entries[0].place), (1, Place::Line(2)));
/// assert!(entries[0].datagram.is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct CaptureReader {
    format: Format,
}

type Rest = io::Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>;

enum Format {
    Container(ContainerFile),
    Erf(ErfFile<Rest>),
    Hex(HexFile<Rest>),
    /// It starts like a container, and has no more than that.
    Broken(Option<Unread>),
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Container(_) => "Container",
            Self::Erf(_) => "Erf",
            Self::Hex(_) => "Hex",
            Self::Broken(_) => "Broken",
        })
    }
}

/// What a file starts with.
const PCAPNG: [u8; 4] = [0x0A, 0x0D, 0x0D, 0x0A];
const PCAP: [[u8; 4]; 5] = [
    [0xA1, 0xB2, 0xC3, 0xD4],
    [0xD4, 0xC3, 0xB2, 0xA1],
    [0xA1, 0xB2, 0x3C, 0x4D],
    [0x4D, 0x3C, 0xB2, 0xA1],
    [0x34, 0xCD, 0xB2, 0xA1],
];
/// Bytes of a pcap file's header.
const PCAP_HEADER: usize = 24;
/// Bytes of a pcapng section header that are read before the library is called.
const SECTION_HEADER: usize = 1 << 16;

impl CaptureReader {
    /// Look at the start of a file. More is read when entries are asked for.
    ///
    /// # Errors
    /// The system's.
    pub fn new(file: impl Read + Send + 'static) -> io::Result<Self> {
        let mut file: Box<dyn Read + Send> = Box::new(file);
        let mut start = vec![0; PCAP_HEADER];
        let length = fill(&mut file, &mut start)?;
        start.truncate(length);
        let magic = start.first_chunk::<4>().copied().unwrap_or_default();
        if magic == PCAPNG {
            // The library wants a section header in one piece.
            let length = section_header(&start).clamp(start.len(), SECTION_HEADER);
            let had = start.len();
            start.resize(length, 0);
            let got = fill(&mut file, &mut start[had..])?;
            start.truncate(had + got);
        }
        let is_text =
            start.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace() || *byte >= 0x80);
        let is_erf = erf::is_file(&start);
        let rest = Cursor::new(start).chain(file);
        let container = |file: Option<ContainerFile>| {
            file.map_or(Format::Broken(Some(Unread::Damaged)), Format::Container)
        };
        let format = if magic == PCAPNG {
            container(ContainerFile::pcapng(rest))
        } else if PCAP.contains(&magic) {
            container(ContainerFile::pcap(rest))
        } else if !is_text && is_erf {
            Format::Erf(ErfFile::new(rest))
        } else {
            Format::Hex(HexFile::new(rest))
        };
        Ok(Self { format })
    }
}

impl Iterator for CaptureReader {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        match &mut self.format {
            Format::Container(file) => file.next(),
            Format::Erf(file) => file.next(),
            Format::Hex(file) => file.next(),
            Format::Broken(error) => {
                let datagram = Err(error.take()?);
                Some(Entry { number: 1, place: Place::Offset(0), time: None, datagram })
            }
        }
    }
}

/// Length of the section header that `start` begins.
fn section_header(start: &[u8]) -> usize {
    let Some(&[a, b, c, d, ref order @ ..]) = start.get(4..12) else { return 0 };
    let length = if order == [0x1A, 0x2B, 0x3C, 0x4D] {
        u32::from_be_bytes([a, b, c, d])
    } else {
        u32::from_le_bytes([a, b, c, d])
    };
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// Read until `buffer` is full, or the file ends; how many bytes there were.
pub(super) fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
