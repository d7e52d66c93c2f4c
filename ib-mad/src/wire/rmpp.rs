//! Header of the reliable multi-packet protocol (IBTA volume 1, 13.6.2, figure 166). Its machines are in [`rmpp`](crate::rmpp).

use zerocopy::big_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;

/// Kind of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RmppType {
    /// Not a segment: the datagram stands alone.
    None,
    /// Part of a message.
    Data,
    /// Segments have arrived; the window may move on.
    Ack,
    /// The receiver cannot take more.
    Stop,
    /// The transfer ends here.
    Abort,
    /// A type that the standard leaves free.
    Other(u8),
}

impl From<u8> for RmppType {
    fn from(byte: u8) -> Self {
        match byte {
            0 => Self::None,
            1 => Self::Data,
            2 => Self::Ack,
            3 => Self::Stop,
            4 => Self::Abort,
            other => Self::Other(other),
        }
    }
}

impl From<RmppType> for u8 {
    fn from(kind: RmppType) -> Self {
        match kind {
            RmppType::None => 0,
            RmppType::Data => 1,
            RmppType::Ack => 2,
            RmppType::Stop => 3,
            RmppType::Abort => 4,
            RmppType::Other(other) => other,
        }
    }
}

/// Flags of a segment, 3 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RmppFlags(pub u8);

impl RmppFlags {
    /// The header is in use.
    pub const ACTIVE: Self = Self(1);
    /// First segment of a message.
    pub const FIRST: Self = Self(2);
    /// Last segment of a message.
    pub const LAST: Self = Self(4);

    /// Whether all flags of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Status of a segment (IBTA volume 1, 13.6.2.1, table 126).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RmppStatus(pub u8);

/// The header as it lies in a datagram, at offset 24.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct RmppHeaderView {
    version: u8,
    kind: u8,
    response_time_and_flags: u8,
    status: u8,
    segment: U32,
    length_or_window: U32,
}

const _: () = assert!(size_of::<RmppHeaderView>() == 12);

impl RmppHeaderView {
    /// Version of the protocol: 1, or 0 where it is not in use.
    #[inline]
    pub fn version(&self) -> u8 {
        self.version
    }
    /// Kind of the segment.
    #[inline]
    pub fn kind(&self) -> RmppType {
        self.kind.into()
    }
    /// How long the sender may take to answer: 4.096 µs times two to the power of this (31: unspecified).
    #[inline]
    pub fn response_time(&self) -> u8 {
        self.response_time_and_flags >> 3
    }
    /// Flags.
    #[inline]
    pub fn flags(&self) -> RmppFlags {
        RmppFlags(self.response_time_and_flags & 7)
    }
    /// Status.
    #[inline]
    pub fn status(&self) -> RmppStatus {
        RmppStatus(self.status)
    }
    /// Number of the segment, from 1.
    #[inline]
    pub fn segment(&self) -> u32 {
        self.segment.get()
    }
    /// Payload length of data, last segment of the window of an acknowledgement.
    #[inline]
    pub fn length_or_window(&self) -> u32 {
        self.length_or_window.get()
    }
}

/// The header of the reliable multi-packet protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RmppHeader {
    /// Version of the protocol: 1, or 0 where it is not in use.
    pub version: u8,
    /// Kind of the segment.
    pub kind: RmppType,
    /// How long the sender may take to answer: 4.096 µs times two to the power of this, 5 bits (31: unspecified).
    pub response_time: u8,
    /// Flags, 3 bits.
    pub flags: RmppFlags,
    /// Status.
    pub status: RmppStatus,
    /// Number of the segment, from 1.
    pub segment: u32,
    /// Payload length of data, last segment of the window of an acknowledgement.
    pub length_or_window: u32,
}

impl RmppHeader {
    /// The header of a datagram that stands alone: all zero.
    pub const INACTIVE: Self = Self {
        version: 0,
        kind: RmppType::None,
        response_time: 0,
        flags: RmppFlags(0),
        status: RmppStatus(0),
        segment: 0,
        length_or_window: 0,
    };
}

impl Attribute for RmppHeader {
    type View = RmppHeaderView;
    const NAME: &'static str = "RMPP header";

    fn from_view(view: &RmppHeaderView) -> Self {
        Self {
            version: view.version(),
            kind: view.kind(),
            response_time: view.response_time(),
            flags: view.flags(),
            status: view.status(),
            segment: view.segment(),
            length_or_window: view.length_or_window(),
        }
    }

    fn to_view(&self) -> RmppHeaderView {
        RmppHeaderView {
            version: self.version,
            kind: self.kind.into(),
            response_time_and_flags: (self.response_time << 3) | (self.flags.0 & 7),
            status: self.status.0,
            segment: U32::new(self.segment),
            length_or_window: U32::new(self.length_or_window),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_time_and_flags_share_a_byte() {
        let header = RmppHeader {
            version: 1,
            kind: RmppType::Data,
            response_time: 31,
            flags: RmppFlags(RmppFlags::ACTIVE.0 | RmppFlags::LAST.0),
            status: RmppStatus(118),
            segment: 0x0102_0304,
            length_or_window: 220,
        };
        let mut out = [0xFF; 12];
        assert_eq!(header.emit(&mut out), Ok(12));
        assert_eq!(out, [1, 1, 0xFD, 118, 1, 2, 3, 4, 0, 0, 0, 220]);
        assert_eq!(RmppHeader::parse(&out), Ok(header));
        assert!(header.flags.contains(RmppFlags::LAST) && !header.flags.contains(RmppFlags::FIRST));
    }

    #[test]
    fn types_round_trip() {
        for byte in 0..=u8::MAX {
            assert_eq!(u8::from(RmppType::from(byte)), byte);
        }
    }
}
