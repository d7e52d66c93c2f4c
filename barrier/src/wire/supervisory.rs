//! The messages by which the ends agree on which paths are used. The layout is this project's own.

use zerocopy::big_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::{BufferTooSmall, DecodeError, Path};

/// What a supervisory message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SupervisoryKind {
    /// Requester: accept nothing more on the path.
    PathDown,
    /// Responder: nothing more is accepted on it.
    PathDownAcknowledge,
    /// Requester: accept requests on the path again.
    PathUp,
    /// Responder: requests are accepted on it.
    PathUpAcknowledge,
}

impl SupervisoryKind {
    const FIRST: u8 = 1;
    const LAST: u8 = 4;

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::PathDown),
            2 => Some(Self::PathDownAcknowledge),
            3 => Some(Self::PathUp),
            4 => Some(Self::PathUpAcknowledge),
            _ => None,
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::PathDown => 1,
            Self::PathDownAcknowledge => 2,
            Self::PathUp => 3,
            Self::PathUpAcknowledge => 4,
        }
    }
}

/// A supervisory message as it lies in a packet: kind (1 to 4), index of the path (0 to 3), two reserved bytes that are
/// zero and not looked at, and the message's number.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SupervisoryView {
    kind: u8,
    path: u8,
    reserved: [u8; 2],
    number: U32,
}

const _: () = assert!(size_of::<SupervisoryView>() == Supervisory::LENGTH);

impl SupervisoryView {
    /// What it says, unless that is newer than this crate.
    #[must_use]
    pub fn kind(&self) -> Option<SupervisoryKind> {
        SupervisoryKind::from_code(self.kind)
    }

    /// The path that it is about, if there is one with this index.
    #[must_use]
    pub fn path(&self) -> Option<Path> {
        Path::from_index(self.path.into())
    }

    /// Number of the message.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number.get()
    }
}

/// A message about a path between requester and responder.
///
/// Each message of the requester about a path has a number, the one after that of the message before it; its repetitions
/// and its acknowledgement have the same. Numbers count up and wrap around, as [`Incarnation`](crate::Incarnation)s do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Supervisory {
    /// What it says.
    pub kind: SupervisoryKind,
    /// The path that it is about.
    pub path: Path,
    /// Its number.
    pub number: u32,
}

impl Supervisory {
    /// Bytes of a message.
    pub const LENGTH: usize = 8;
    const NAME: &'static str = "supervisory message";

    /// Read a message.
    ///
    /// # Errors
    /// [`DecodeError::Length`] for other than 8 bytes, [`DecodeError::OutOfRange`] for a kind or a path that does not
    /// exist.
    pub fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        let view = SupervisoryView::ref_from_bytes(bytes).map_err(|_| DecodeError::Length {
            what: Self::NAME,
            needed: Self::LENGTH,
            got: bytes.len(),
        })?;
        let out_of_range = |field, offset, least: u8, most: u8, got: u8| DecodeError::OutOfRange {
            what: Self::NAME,
            field,
            offset,
            least: least.into(),
            most: most.into(),
            got: got.into(),
        };
        let (first, last) = (SupervisoryKind::FIRST, SupervisoryKind::LAST);
        let kind = view.kind().ok_or_else(|| out_of_range("kind", 0, first, last, view.kind))?;
        let path = view.path().ok_or_else(|| out_of_range("path", 1, 0, 3, view.path))?;
        Ok(Self { kind, path, number: view.number() })
    }

    /// Write the message to the start of `out` and return its length, always [`LENGTH`](Self::LENGTH).
    ///
    /// # Errors
    /// [`BufferTooSmall`]; `out` stays as it was.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
        let got = out.len();
        self.to_view().write_to_prefix(out).map(|()| Self::LENGTH).map_err(|_| BufferTooSmall {
            what: Self::NAME,
            needed: Self::LENGTH,
            got,
        })
    }

    fn to_view(self) -> SupervisoryView {
        // There are four paths: the fallback is never taken.
        let path = u8::try_from(self.path.index()).unwrap_or_default();
        SupervisoryView { kind: self.kind.code(), path, reserved: [0; 2], number: U32::new(self.number) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec::Vec;
    use quickcheck::quickcheck;

    #[test]
    fn bytes_are_where_the_layout_has_them() {
        for (code, kind) in [
            (1, SupervisoryKind::PathDown),
            (2, SupervisoryKind::PathDownAcknowledge),
            (3, SupervisoryKind::PathUp),
            (4, SupervisoryKind::PathUpAcknowledge),
        ] {
            let message = Supervisory { kind, path: Path::ALL[2], number: 0x0102_0304 };
            let mut out = [0xFF; 9];
            assert_eq!(message.emit(&mut out), Ok(8));
            assert_eq!(out, [code, 2, 0, 0, 1, 2, 3, 4, 0xFF]);
            assert_eq!(Supervisory::parse(&out[..8]), Ok(message));
        }
    }

    #[test]
    fn errors_name_the_place() {
        let text = |bytes: &[u8]| Supervisory::parse(bytes).expect_err("not a message").to_string();
        assert_eq!(text(&[1; 7]), "supervisory message has 8 bytes, 7 given");
        assert_eq!(text(&[1; 9]), "supervisory message has 8 bytes, 9 given");
        let kind = "supervisory message: kind at offset 0 is 5, expected 1 to 4";
        assert_eq!(text(&[5, 0, 0, 0, 0, 0, 0, 0]), kind);
        let path = "supervisory message: path at offset 1 is 4, expected 0 to 3";
        assert_eq!(text(&[1, 4, 0, 0, 0, 0, 0, 0]), path);
        let message = Supervisory::parse(&[1, 0, 0, 0, 0, 0, 0, 1]).expect("a message");
        let mut out = [0xFF; 7];
        let error = message.emit(&mut out).expect_err("too short");
        assert_eq!(error.to_string(), "supervisory message needs a buffer of 8 bytes, the one given has 7");
        assert_eq!(out, [0xFF; 7]);
    }

    quickcheck! {
        /// What is read is written as it came, but for the reserved bytes; anything else is an error.
        fn bytes_round_trip(bytes: Vec<u8>, kind: u8, path: u8, fits: bool) -> bool {
            let mut bytes = bytes;
            if fits {
                bytes.resize(8, 0xA5);
                (bytes[0], bytes[1]) = (kind % 6, path % 5);
            }
            let is_message = bytes.len() == 8 && (1..=4).contains(&bytes[0]) && bytes[1] < 4;
            let Ok(message) = Supervisory::parse(&bytes) else { return !is_message };
            let mut out = [0xFF; 8];
            message.emit(&mut out).expect("it fits");
            bytes[2..4].fill(0);
            is_message && bytes == out
        }
    }
}
