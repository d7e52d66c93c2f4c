//! What surrounds a datagram on a link (IBTA volume 1, 7.7, 8.3, 9.2 and 9.3.3), as it lies in a packet.

use ib_mad::{Gid, Lid, PKey, QKey, Qpn, ServiceLevel};
use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Unreliable datagram, send only.
pub(super) const OPCODE_UD_SEND_ONLY: u8 = 0x64;
/// Unreliable datagram, send only, with four bytes of immediate data.
pub(super) const OPCODE_UD_SEND_ONLY_WITH_IMMEDIATE: u8 = 0x65;
/// Invariant checksum, at the end of every packet.
pub(super) const INVARIANT_CHECKSUM: usize = 4;
/// Variant checksum, behind it on an InfiniBand link.
pub(super) const VARIANT_CHECKSUM: usize = 2;

/// What follows the local route header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextHeader {
    /// A raw packet of another protocol.
    Raw,
    /// Base transport header.
    Local,
    /// Global route header, and then the base transport header.
    Global,
}

/// Local route header.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(super) struct LocalRoute {
    lane_and_version: u8,
    level_and_next: u8,
    to: U16,
    /// In words of 4 bytes, without the variant checksum.
    words: U16,
    from: U16,
}

impl LocalRoute {
    /// Of a packet without a global route.
    pub(super) fn new(lane: u8, level: ServiceLevel, from: Lid, to: Lid, length: usize) -> Self {
        Self {
            lane_and_version: lane << 4,
            level_and_next: level.get() << 4 | 2,
            to: U16::new(to.0),
            words: U16::new(u16::try_from(length / 4).unwrap_or(u16::MAX)),
            from: U16::new(from.0),
        }
    }

    pub(super) fn service_level(&self) -> ServiceLevel {
        ServiceLevel::new(self.level_and_next >> 4).unwrap_or_default()
    }
    pub(super) fn next_header(&self) -> NextHeader {
        match self.level_and_next & 3 {
            3 => NextHeader::Global,
            2 => NextHeader::Local,
            _ => NextHeader::Raw,
        }
    }
    pub(super) fn from(&self) -> Lid {
        Lid(self.from.get())
    }
    pub(super) fn to(&self) -> Lid {
        Lid(self.to.get())
    }
    /// Bytes of the packet from this header to the invariant checksum.
    pub(super) fn length(&self) -> usize {
        usize::from(self.words.get() & 0x07FF) * 4
    }
}

/// Global route header.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(super) struct GlobalRoute {
    version_class_and_label: U32,
    payload_length: U16,
    next: u8,
    hop_limit: u8,
    from: [u8; 16],
    to: [u8; 16],
}

impl GlobalRoute {
    pub(super) fn from(&self) -> Gid {
        Gid(self.from)
    }
    pub(super) fn to(&self) -> Gid {
        Gid(self.to)
    }
    /// Bytes behind this header, the invariant checksum among them.
    pub(super) fn payload_length(&self) -> usize {
        usize::from(self.payload_length.get())
    }
    /// Whether InfiniBand's transport follows.
    pub(super) fn is_infiniband(&self) -> bool {
        self.next == 0x1B
    }
}

/// Base transport header, and the extended one of datagrams.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(super) struct Transport {
    opcode: u8,
    flags: u8,
    p_key: U16,
    to: U32,
    sequence: U32,
    q_key: U32,
    from: U32,
}

/// Both transport headers.
pub(super) const TRANSPORT: usize = size_of::<Transport>();

impl Transport {
    pub(super) fn new(p_key: PKey, sequence: u32, q_key: QKey, from: Qpn, to: Qpn) -> Self {
        Self {
            opcode: OPCODE_UD_SEND_ONLY,
            flags: 0,
            p_key: U16::new(p_key.0),
            to: U32::new(to.get()),
            sequence: U32::new(sequence & 0x00FF_FFFF),
            q_key: U32::new(q_key.0),
            from: U32::new(from.get()),
        }
    }

    /// Bytes of padding before the invariant checksum.
    pub(super) fn padding(&self) -> usize {
        usize::from(self.flags >> 4 & 3)
    }
    pub(super) fn p_key(&self) -> PKey {
        PKey(self.p_key.get())
    }
    pub(super) fn q_key(&self) -> QKey {
        QKey(self.q_key.get())
    }
    pub(super) fn from(&self) -> Qpn {
        queue_pair(self.from)
    }
    pub(super) fn to(&self) -> Qpn {
        queue_pair(self.to)
    }
}

fn queue_pair(word: U32) -> Qpn {
    Qpn::new(word.get() & 0x00FF_FFFF).unwrap_or_default()
}

const _: () = assert!(size_of::<LocalRoute>() == 8);
const _: () = assert!(size_of::<GlobalRoute>() == 40);
const _: () = assert!(TRANSPORT == 12 + 8);
