//! What the two ends say to each other over the supervisory virtual interface: payloads of its Send packets.

use barrier::{PathSet, Supervisory};
use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Bytes of an opening, or of its answer.
const OPEN_LENGTH: usize = size_of::<OpenView>();

const KIND_OPEN: u8 = 0x10;
const KIND_OPENED: u8 = 0x11;
const KIND_REFUSED: u8 = 0x12;

/// Payload of a supervisory packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// Open a virtual interface, and the session if it is new.
    Open(OpenVi),
    /// It is open, or why it is not.
    Opened(Opened),
    /// A path is down or up again, or that was understood.
    Path(Supervisory),
}

/// A virtual interface that a requester asks a responder to open. Repeating it changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpenVi {
    /// Number of the VI, from 1.
    pub vi: u16,
    /// Bits of its sequence numbers.
    pub sequence_bits: u8,
    /// Packets that may be outstanding.
    pub window: u32,
    /// The first sequence number.
    pub first_sequence: u32,
    /// Payload of its packets, in bytes, at most.
    pub max_payload: u16,
    /// Paths on which its packets may go, as the bits of a [`PathSet`]: at least one. The upper four are 0.
    pub paths: u8,
    /// The responder's instance, as it was told; 0 before.
    pub instance: u64,
}

impl OpenVi {
    /// The paths on which its packets may go, unless there is none or a bit without meaning is set.
    pub fn path_set(&self) -> Option<PathSet> {
        let paths = PathSet::from_bits(self.paths);
        (paths.bits() == self.paths && !paths.is_empty()).then_some(paths)
    }
}

/// Answer to an opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Opened {
    /// Number of the VI.
    pub vi: u16,
    /// Why it is not open.
    pub refusal: Option<OpenRefusal>,
    /// The responder's instance: an opening has to repeat it.
    pub instance: u64,
}

impl Opened {
    /// The opening has to be repeated with this instance.
    pub(crate) const fn unconfirmed(vi: u16, instance: u64) -> Self {
        Self { vi, refusal: Some(OpenRefusal::Unconfirmed), instance }
    }
}

/// Why a responder does not open a virtual interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum OpenRefusal {
    /// It has no room for another.
    #[error("the other end has no room for another virtual interface")]
    Full,
    /// Sequence bits, window or payload that it does not have, or none of its paths.
    #[error(
        "the other end cannot have such sequence bits, such a window or such a payload, or has none of these paths"
    )]
    Unsuitable,
    /// It is open with other settings.
    #[error("the virtual interface is open with other settings")]
    Different,
    /// The opening names another instance of the responder, or none: it is to be repeated with the right one. What was
    /// on the way since before a restart opens nothing.
    #[error("the other end wants its instance confirmed")]
    Unconfirmed,
    /// It serves another requester.
    #[error("the other end serves another requester: try again when that is done")]
    Busy,
    /// The opening asks for more paths than it [permits](crate::Responder::permit_paths) the virtual interface.
    #[error(
        "the other end permits the virtual interface no other paths than {paths:?}: open it with these, or some of them"
    )]
    NotPermitted {
        /// Those that it permits.
        paths: PathSet,
    },
    /// A number without a meaning here.
    #[error("refused for reason {0}, which is unknown here")]
    Other(u8),
}

#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct OpenView {
    kind: u8,
    /// Of an answer: why not.
    reason: u8,
    vi: U16,
    sequence_bits: u8,
    /// Of an opening: those that its packets may go on. Of an answer: those that it could have had, with that reason.
    paths: u8,
    max_payload: U16,
    window: U32,
    first_sequence: U32,
    instance: U64,
}

const _: () = assert!(OPEN_LENGTH == 24);

impl Control {
    /// The most bytes that one has.
    pub const MAX_LENGTH: usize =
        if OPEN_LENGTH > Supervisory::LENGTH { OPEN_LENGTH } else { Supervisory::LENGTH };

    /// Read a payload; none if it has no meaning.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let Ok(view) = OpenView::read_from_bytes(bytes) else {
            return Supervisory::parse(bytes).ok().map(Self::Path);
        };
        let (vi, instance) = (view.vi.get(), view.instance.get());
        Some(match view.kind {
            KIND_OPEN => Self::Open(OpenVi {
                vi,
                sequence_bits: view.sequence_bits,
                window: view.window.get(),
                first_sequence: view.first_sequence.get(),
                max_payload: view.max_payload.get(),
                paths: view.paths,
                instance,
            }),
            KIND_OPENED => Self::Opened(Opened { vi, refusal: None, instance }),
            KIND_REFUSED => {
                let refusal = OpenRefusal::from_bits(view.reason, PathSet::from_bits(view.paths));
                Self::Opened(Opened { vi, refusal: Some(refusal), instance })
            }
            _ => return None,
        })
    }

    /// Bytes that it has.
    pub const fn length(&self) -> usize {
        match self {
            Self::Open(_) | Self::Opened(_) => OPEN_LENGTH,
            Self::Path(_) => Supervisory::LENGTH,
        }
    }

    /// Write it over the whole of `out`, which has [`length`](Self::length) bytes; other room stays as it was.
    pub fn emit(&self, out: &mut [u8]) {
        let view = match self {
            Self::Path(message) => {
                // With room for it, it cannot fail.
                let _ = message.emit(out);
                return;
            }
            Self::Open(open) => OpenView {
                kind: KIND_OPEN,
                reason: 0,
                vi: open.vi.into(),
                sequence_bits: open.sequence_bits,
                paths: open.paths,
                max_payload: open.max_payload.into(),
                window: open.window.into(),
                first_sequence: open.first_sequence.into(),
                instance: open.instance.into(),
            },
            Self::Opened(opened) => OpenView {
                kind: if opened.refusal.is_some() { KIND_REFUSED } else { KIND_OPENED },
                reason: opened.refusal.map_or(0, OpenRefusal::bits),
                vi: opened.vi.into(),
                paths: opened.refusal.map_or(PathSet::EMPTY, OpenRefusal::paths).bits(),
                instance: opened.instance.into(),
                ..OpenView::new_zeroed()
            },
        };
        let _ = view.write_to(out);
    }
}

impl OpenRefusal {
    const fn bits(self) -> u8 {
        match self {
            Self::Full => 1,
            Self::Unsuitable => 2,
            Self::Different => 3,
            Self::Busy => 4,
            Self::Unconfirmed => 5,
            Self::NotPermitted { .. } => 6,
            Self::Other(bits) => bits,
        }
    }

    /// Those that go with the reason.
    const fn paths(self) -> PathSet {
        match self {
            Self::NotPermitted { paths } => paths,
            Self::Full
            | Self::Unsuitable
            | Self::Different
            | Self::Busy
            | Self::Unconfirmed
            | Self::Other(_) => PathSet::EMPTY,
        }
    }

    const fn from_bits(bits: u8, paths: PathSet) -> Self {
        match bits {
            1 => Self::Full,
            2 => Self::Unsuitable,
            3 => Self::Different,
            4 => Self::Busy,
            5 => Self::Unconfirmed,
            6 => Self::NotPermitted { paths },
            other => Self::Other(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use barrier::{Path, SupervisoryKind};
    use quickcheck::quickcheck;

    const OPEN: OpenVi = OpenVi {
        vi: 0x0102,
        sequence_bits: 8,
        window: 128,
        first_sequence: 9,
        max_payload: 512,
        paths: 0b0110,
        instance: 5,
    };

    fn written(control: &Control) -> [u8; Control::MAX_LENGTH] {
        let mut out = [0xFF; Control::MAX_LENGTH];
        control.emit(&mut out[..control.length()]);
        out
    }

    fn comes_back(control: Control) -> bool {
        Control::parse(&written(&control)[..control.length()]) == Some(control)
    }

    #[test]
    fn each_field_has_its_place() {
        let bytes = [0x10, 0, 1, 2, 8, 0b0110, 2, 0, 0, 0, 0, 128, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 5];
        assert_eq!(written(&Control::Open(OPEN)), bytes);
        let refusal = Some(OpenRefusal::NotPermitted { paths: PathSet::from_bits(0b1001) });
        let refused = Control::Opened(Opened { vi: 0x0102, refusal, instance: 5 });
        let bytes = [0x12, 6, 1, 2, 0, 0b1001, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5];
        assert_eq!(written(&refused), bytes);
    }

    #[test]
    fn a_set_of_paths_is_not_empty_and_has_no_other_bits() {
        for paths in 0..=u8::MAX {
            let set = OpenVi { paths, ..OPEN }.path_set();
            assert_eq!(set.map(PathSet::bits), (1..16).contains(&paths).then_some(paths));
        }
    }

    #[test]
    fn messages_about_paths_come_back_as_they_were() {
        for kind in [SupervisoryKind::PathDown, SupervisoryKind::PathUpAcknowledge] {
            assert!(comes_back(Control::Path(Supervisory { kind, path: Path::ALL[2], number: 7 })));
        }
    }

    quickcheck! {
        /// Also what has no meaning.
        fn openings_come_back_as_they_were(
            numbers: (u16, u32, u32, u16, u64), sequence_bits: u8, paths: u8
        ) -> bool {
            let (vi, window, first_sequence, max_payload, instance) = numbers;
            let open = OpenVi { vi, sequence_bits, window, first_sequence, max_payload, paths, instance };
            comes_back(Control::Open(open))
        }

        fn answers_come_back_as_they_were(vi: u16, reason: Option<u8>, paths: u8, instance: u64) -> bool {
            let refusal = reason.map(|reason| OpenRefusal::from_bits(reason, PathSet::from_bits(paths)));
            comes_back(Control::Opened(Opened { vi, refusal, instance }))
        }

        fn no_bytes_are_too_strange(words: (u64, u64, u64), kind: u8) -> bool {
            let mut view = OpenView::new_zeroed();
            let words = [words.0.to_be_bytes(), words.1.to_be_bytes(), words.2.to_be_bytes()];
            view.as_mut_bytes().copy_from_slice(words.as_flattened());
            view.kind = KIND_OPEN + kind % 4;
            Control::parse(view.as_bytes()).is_none_or(comes_back)
        }
    }
}
