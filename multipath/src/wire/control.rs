//! What the two ends say to each other over the supervisory virtual interface: payloads of its Send packets.

use barrier::Supervisory;
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
    /// The responder's instance, as it was told; 0 before.
    pub instance: u64,
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
    /// Sequence bits, window or payload that it does not have.
    #[error("the other end cannot have such sequence bits, such a window or such a payload")]
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
    reserved: u8,
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
                instance,
            }),
            KIND_OPENED => Self::Opened(Opened { vi, refusal: None, instance }),
            KIND_REFUSED => {
                Self::Opened(Opened { vi, refusal: Some(OpenRefusal::from_bits(view.reason)), instance })
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
                reserved: 0,
                max_payload: open.max_payload.into(),
                window: open.window.into(),
                first_sequence: open.first_sequence.into(),
                instance: open.instance.into(),
            },
            Self::Opened(opened) => OpenView {
                kind: if opened.refusal.is_some() { KIND_REFUSED } else { KIND_OPENED },
                reason: opened.refusal.map_or(0, OpenRefusal::bits),
                vi: opened.vi.into(),
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
            Self::Other(bits) => bits,
        }
    }

    const fn from_bits(bits: u8) -> Self {
        match bits {
            1 => Self::Full,
            2 => Self::Unsuitable,
            3 => Self::Different,
            4 => Self::Busy,
            5 => Self::Unconfirmed,
            other => Self::Other(other),
        }
    }
}
