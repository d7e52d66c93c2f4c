//! Datagrams in hexadecimal, as people paste them.
//!
//! A dump is what stands between two empty lines. It may have several datagrams one behind the other. Its lines may
//! start with an offset and end with the same bytes as text, as `xxd`, `hexdump -C`, `od -Ax -tx1`, `tcpdump -X` and
//! Wireshark write them; bytes may be separated by spaces, commas, colons or nothing, and have `0x` in front. Lines that
//! start with `#` are no part of it.

use std::io::{BufRead, BufReader, Read};

use ib_mad::wire::MAD_LENGTH;

use super::error::{HexError, Unread};
use super::packet::{Addresses, CapturedDatagram};
use super::read::{Entry, Place};

/// Characters that a line can have.
const LONGEST_LINE: usize = 1 << 20;
/// Bytes that `hexdump` can leave out with a `*`: less than the zeros of one datagram.
const MOST_REPEATED: u64 = MAD_LENGTH as u64;

/// Reads dumps.
#[derive(Debug)]
pub(super) struct HexFile<R> {
    file: BufReader<R>,
    line: Vec<u8>,
    line_number: u64,
    number: u64,
    dump: Dump,
    /// A dump has an error: nothing of it counts up to the next empty line.
    skip: bool,
    /// Bytes of the current line that are to be taken.
    pending: Vec<u8>,
    taken: usize,
    has_ended: bool,
}

/// What of a dump has been read.
#[derive(Debug, Default)]
struct Dump {
    /// Its lines start with offsets; not known before the first.
    has_offsets: Option<bool>,
    /// Offset of its first line.
    first: u64,
    /// Bytes so far.
    bytes: u64,
    /// The last line's bytes.
    last: Vec<u8>,
    /// Lines were left out behind it.
    repeats: bool,
    /// The datagram that has begun, and where it did.
    datagram: Vec<u8>,
    start: u64,
}

impl<R: Read> HexFile<R> {
    pub(super) fn new(file: R) -> Self {
        Self {
            file: BufReader::new(file),
            line: Vec::new(),
            line_number: 0,
            number: 0,
            dump: Dump::default(),
            skip: false,
            pending: Vec::new(),
            taken: 0,
            has_ended: false,
        }
    }

    pub(super) fn next(&mut self) -> Option<Entry> {
        loop {
            if let Some((line, bytes)) = self.dump.take(&self.pending, &mut self.taken, self.line_number) {
                return Some(self.entry(line, CapturedDatagram::new(Addresses::default(), &bytes)));
            }
            if self.has_ended {
                return None;
            }
            let start = self.line_number;
            match self.read_line() {
                Ok(true) => {}
                Ok(false) => {
                    self.has_ended = true;
                    if let Some((line, error)) = self.end_of_dump() {
                        return Some(self.entry(line, Err(error.into())));
                    }
                    continue;
                }
                Err(error) => {
                    self.has_ended = true;
                    return Some(self.entry(start + 1, Err(error)));
                }
            }
            let line = core::mem::take(&mut self.line);
            let outcome = self.take_line(&line);
            self.line = line;
            match outcome {
                Ok(None) => {}
                Ok(Some((line, error))) => return Some(self.entry(line, Err(error.into()))),
                Err(error) => {
                    self.skip = true;
                    self.pending.clear();
                    self.taken = 0;
                    return Some(self.entry(self.line_number, Err(error.into())));
                }
            }
        }
    }

    fn entry(&mut self, line: u64, datagram: Result<CapturedDatagram, Unread>) -> Entry {
        self.number += 1;
        Entry { number: self.number, place: Place::Line(line), time: None, datagram }
    }

    /// Read a line without its end; false if there is none.
    fn read_line(&mut self) -> Result<bool, Unread> {
        self.line.clear();
        let length = self.file.by_ref().take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut self.line)?;
        self.line_number += 1;
        if length > LONGEST_LINE {
            return Err(HexError::LineTooLong { limit: LONGEST_LINE }.into());
        }
        while self.line.last().is_some_and(|byte| b"\r\n".contains(byte)) {
            self.line.pop();
        }
        Ok(length > 0)
    }

    /// Take a line; an empty one may end a datagram that is not whole.
    fn take_line(&mut self, line: &[u8]) -> Result<Option<(u64, HexError)>, HexError> {
        self.pending.clear();
        self.taken = 0;
        let text = line.trim_ascii();
        if text.is_empty() {
            return Ok(self.end_of_dump());
        }
        if self.skip || text[0] == b'#' {
            return Ok(None);
        }
        if text == b"*" && self.dump.has_offsets == Some(true) {
            self.dump.repeats = true;
            return Ok(None);
        }
        self.dump.read(line, &mut self.pending)?;
        Ok(None)
    }

    fn end_of_dump(&mut self) -> Option<(u64, HexError)> {
        let dump = core::mem::take(&mut self.dump);
        let is_cut_short = !dump.datagram.is_empty() && !core::mem::take(&mut self.skip);
        self.skip = false;
        self.pending.clear();
        self.taken = 0;
        is_cut_short.then_some((dump.start, HexError::CutShort { got: dump.datagram.len() }))
    }
}

impl Dump {
    /// Take bytes of a line until a datagram is whole: where it started, and its bytes.
    fn take(&mut self, line: &[u8], taken: &mut usize, line_number: u64) -> Option<(u64, Vec<u8>)> {
        let left = line.get(*taken..).unwrap_or_default();
        if left.is_empty() {
            return None;
        }
        if self.datagram.is_empty() {
            self.start = line_number;
        }
        let count = left.len().min(MAD_LENGTH - self.datagram.len());
        self.datagram.extend_from_slice(&left[..count]);
        *taken += count;
        (self.datagram.len() == MAD_LENGTH).then(|| (self.start, core::mem::take(&mut self.datagram)))
    }

    /// Read a line's bytes into `bytes`, with those that were left out before it.
    fn read(&mut self, line: &[u8], bytes: &mut Vec<u8>) -> Result<(), HexError> {
        let line = Line::new(line);
        let offset = line.offset(self.has_offsets);
        let has_offset = offset.is_some();
        self.has_offsets.get_or_insert(has_offset);
        if let Some((offset, _)) = offset {
            if self.bytes == 0 {
                self.first = offset;
            }
            self.repeat_up_to(offset.wrapping_sub(self.first), bytes)?;
        }
        let before = bytes.len();
        line.bytes(offset.map(|(_, behind)| behind), bytes)?;
        self.bytes += (bytes.len() - before) as u64;
        self.last.clear();
        self.last.extend_from_slice(&bytes[before..]);
        Ok(())
    }

    /// The last line stands for those that were left out.
    fn repeat_up_to(&mut self, offset: u64, bytes: &mut Vec<u8>) -> Result<(), HexError> {
        let missing = offset.wrapping_sub(self.bytes);
        let wrong = HexError::Offset {
            written: offset.wrapping_add(self.first),
            counted: self.bytes.wrapping_add(self.first),
        };
        if !core::mem::take(&mut self.repeats) {
            return if missing == 0 { Ok(()) } else { Err(wrong) };
        }
        if missing > MOST_REPEATED {
            return Err(HexError::Repeated { bytes: missing, limit: MOST_REPEATED });
        }
        let line = self.last.len() as u64;
        if line == 0 || !missing.is_multiple_of(line) {
            return Err(wrong);
        }
        for _ in 0..missing / line {
            bytes.extend_from_slice(&self.last);
        }
        self.bytes = offset;
        Ok(())
    }
}

/// A line of a dump.
struct Line<'a> {
    text: &'a [u8],
}

/// Where digits stand in a line.
#[derive(Clone, Copy)]
struct Token {
    start: usize,
    end: usize,
}

impl<'a> Line<'a> {
    const fn new(text: &'a [u8]) -> Self {
        Self { text }
    }

    /// The run of hexadecimal digits behind `from`, past what separates bytes.
    fn token(&self, from: usize) -> Option<Token> {
        let is_separator = |byte: &u8| byte.is_ascii_whitespace() || b",:;{}()[]\"'".contains(byte);
        let skipped = self.text.get(from..)?.iter().position(|byte| !is_separator(byte))?;
        let mut start = from + skipped;
        let prefix = self.text.get(start..start + 2);
        if prefix.is_some_and(|prefix| [b"0x", b"0X", b"\\x"].contains(&prefix.try_into().unwrap_or(b"  "))) {
            start += 2;
        }
        let digits = self.text[start..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        Some(Token { start, end: start + digits })
    }

    /// The offset that the line starts with, and where it ends.
    fn offset(&self, has_offsets: Option<bool>) -> Option<(u64, usize)> {
        if has_offsets == Some(false) {
            return None;
        }
        let token = self.token(0)?;
        let digits = self.text.get(token.start..token.end)?;
        if digits.len() < 4 || digits.len() > 16 {
            return None;
        }
        let number = u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
        let behind = self.text.get(token.end..).unwrap_or_default();
        let has_colon = behind.first() == Some(&b':');
        let is_alone = behind.trim_ascii() == b"" && has_offsets == Some(true);
        // Without a colon: no datagram starts with zeros, and no other line has a number of four digits before bytes.
        let is_first_zero = has_offsets.is_none() && number == 0;
        let is_before_bytes = self.token(token.end).is_some_and(|next| next.end - next.start == 2);
        let is_offset =
            has_colon || is_alone || is_first_zero || is_before_bytes || has_offsets == Some(true);
        is_offset.then_some((number, token.end + usize::from(has_colon)))
    }

    /// The bytes behind an offset, or of the whole line.
    fn bytes(&self, behind_offset: Option<usize>, bytes: &mut Vec<u8>) -> Result<(), HexError> {
        let mut at = behind_offset.unwrap_or(0);
        let end = behind_offset.map_or(self.text.len(), |behind| self.end_of_bytes(behind));
        let text = Self::new(&self.text[..end]);
        while let Some(token) = text.token(at) {
            let digits = &text.text[token.start..token.end];
            let has_prefix = token.start >= 2 && b"xX".contains(&text.text[token.start - 1]);
            let wrong = HexError::NotHex { column: token.end + 1 };
            match digits {
                [] => return Err(wrong),
                [digit] if has_prefix => bytes.push(value(*digit)),
                _ if digits.len().is_multiple_of(2) => {
                    bytes.extend(digits.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])));
                }
                _ => return Err(wrong),
            }
            at = token.end;
        }
        Ok(())
    }

    /// Where the same bytes as text begin: behind a gap. Between eight bytes and eight more, two spaces are
    /// none.
    fn end_of_bytes(&self, behind_offset: usize) -> usize {
        let text = self.text;
        let (mut at, mut count) = (behind_offset, 0);
        while let Some(token) = self.token(at).filter(|token| token.end > token.start) {
            (at, count) = (token.end, count + (token.end - token.start).div_ceil(2));
            let gap = text[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let is_middle = gap == 2 && count == 8 && is_row_of_bytes(&text[at + gap..]);
            if gap >= 2 && !is_middle {
                return at;
            }
        }
        text.len()
    }
}

/// Whether there are bytes of two digits each, one space between them, up to a gap or the end.
fn is_row_of_bytes(text: &[u8]) -> bool {
    let end = text.windows(2).position(|pair| pair == b"  ").unwrap_or(text.len());
    text[..end]
        .split(|byte| *byte == b' ')
        .all(|byte| byte.len() == 2 && byte.iter().all(u8::is_ascii_hexdigit))
}

fn value(digit: u8) -> u8 {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or_default()
}
