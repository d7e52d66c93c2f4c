//! AlternatePathResponse, APR (IBTA volume 1, 12.8.2, table 116): whether an alternate path was taken.

use core::fmt;
use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::additional_information::used;
use super::{ADDITIONAL_INFORMATION_LENGTH, AdditionalInformation, PrivateData};
use crate::types::CommunicationId;
use crate::wire::Attribute;

/// Whether an alternate path was taken, and why not. The codes are those of Linux's
/// `enum ib_cm_apr_status`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlternatePathStatus(pub u8);

impl AlternatePathStatus {
    /// It was taken.
    pub const SUCCESS: Self = Self(0);
    /// There is no connection with this communication id.
    pub const INVALID_COMMUNICATION_ID: Self = Self(1);
    /// The receiver does not migrate paths.
    pub const UNSUPPORTED: Self = Self(2);
    /// The receiver does not want it.
    pub const REJECTED: Self = Self(3);
    /// The receiver wants another one.
    pub const REDIRECT: Self = Self(4);
    /// It is the path that the connection uses.
    pub const IS_CURRENT: Self = Self(5);
    /// The connection has another queue pair or end-to-end context.
    pub const INVALID_QPN_EECN: Self = Self(6);
    /// The LID of the receiver is wrong.
    pub const INVALID_LID: Self = Self(7);
    /// The GID of the receiver is wrong.
    pub const INVALID_GID: Self = Self(8);
    /// The flow label is wrong.
    pub const INVALID_FLOW_LABEL: Self = Self(9);
    /// The traffic class is wrong.
    pub const INVALID_TRAFFIC_CLASS: Self = Self(10);
    /// The hop limit is wrong.
    pub const INVALID_HOP_LIMIT: Self = Self(11);
    /// The rate is wrong.
    pub const INVALID_PACKET_RATE: Self = Self(12);
    /// The service level is wrong.
    pub const INVALID_SERVICE_LEVEL: Self = Self(13);

    /// What the code says; `None` for one without a meaning.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::SUCCESS => "loaded",
            Self::INVALID_COMMUNICATION_ID => "invalid communication id",
            Self::UNSUPPORTED => "unsupported",
            Self::REJECTED => "rejected",
            Self::REDIRECT => "redirected",
            Self::IS_CURRENT => "is the current path",
            Self::INVALID_QPN_EECN => "invalid queue pair or end-to-end context",
            Self::INVALID_LID => "invalid LID",
            Self::INVALID_GID => "invalid GID",
            Self::INVALID_FLOW_LABEL => "invalid flow label",
            Self::INVALID_TRAFFIC_CLASS => "invalid traffic class",
            Self::INVALID_HOP_LIMIT => "invalid hop limit",
            Self::INVALID_PACKET_RATE => "invalid packet rate",
            Self::INVALID_SERVICE_LEVEL => "invalid service level",
            _ => return None,
        })
    }
}

impl fmt::Display for AlternatePathStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.name().unwrap_or("unknown status"))
    }
}

impl fmt::Debug for AlternatePathStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AlternatePathStatus({self})")
    }
}

/// The message as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct AlternatePathResponseView {
    local_communication_id: U32,
    remote_communication_id: U32,
    additional_information_length: u8,
    status: u8,
    reserved: U16,
    additional_information: [u8; ADDITIONAL_INFORMATION_LENGTH],
    private_data: PrivateData<148>,
}

impl AlternatePathResponseView {
    /// The sender's handle of the connection.
    #[inline]
    pub fn local_communication_id(&self) -> CommunicationId {
        CommunicationId(self.local_communication_id.get())
    }
    /// The receiver's handle of the connection.
    #[inline]
    pub fn remote_communication_id(&self) -> CommunicationId {
        CommunicationId(self.remote_communication_id.get())
    }
    /// How many bytes of additional information the message says that it has.
    #[inline]
    pub fn additional_information_length(&self) -> u8 {
        self.additional_information_length
    }
    /// Whether the path was taken.
    #[inline]
    pub fn status(&self) -> AlternatePathStatus {
        AlternatePathStatus(self.status)
    }
    /// What would have been taken, as the status has it: as many bytes as the message says, or all if there are fewer.
    #[inline]
    pub fn additional_information(&self) -> &[u8] {
        used(self.additional_information_length, &self.additional_information)
    }
    /// What the users of the connection say.
    #[inline]
    pub fn private_data(&self) -> &PrivateData<148> {
        &self.private_data
    }
}

/// Whether an alternate path was taken; [`LoadAlternatePath::answer`](super::LoadAlternatePath::answer) makes one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlternatePathResponse {
    /// The sender's handle of the connection.
    pub local_communication_id: CommunicationId,
    /// The receiver's handle of the connection.
    pub remote_communication_id: CommunicationId,
    /// Whether the path was taken.
    pub status: AlternatePathStatus,
    /// What would have been taken, as the status has it.
    pub additional_information: AdditionalInformation,
    /// What the users of the connection say.
    pub private_data: PrivateData<148>,
}

impl Attribute for AlternatePathResponse {
    type View = AlternatePathResponseView;
    const NAME: &'static str = "AlternatePathResponse";

    fn from_view(view: &AlternatePathResponseView) -> Self {
        Self {
            local_communication_id: view.local_communication_id(),
            remote_communication_id: view.remote_communication_id(),
            status: view.status(),
            additional_information: AdditionalInformation {
                length: view.additional_information_length,
                data: view.additional_information,
            },
            private_data: view.private_data,
        }
    }

    fn to_view(&self) -> AlternatePathResponseView {
        AlternatePathResponseView {
            local_communication_id: U32::new(self.local_communication_id.0),
            remote_communication_id: U32::new(self.remote_communication_id.0),
            additional_information_length: self.additional_information.length,
            status: self.status.0,
            reserved: U16::ZERO,
            additional_information: self.additional_information.data,
            private_data: self.private_data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let message = AlternatePathResponse {
            local_communication_id: CommunicationId(0x0102_0304),
            remote_communication_id: CommunicationId(0x0506_0708),
            status: AlternatePathStatus(0x0A),
            additional_information: AdditionalInformation { length: 9, data: [0x66; 72] },
            private_data: PrivateData([0x77; 148]),
        };
        let mut out = [0xFF; 232];
        assert_eq!(message.emit(&mut out), Ok(232));
        assert_eq!(out[..12], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0]);
        assert_eq!((&out[12..84], &out[84..]), (&[0x66; 72][..], &[0x77; 148][..]));
        assert_eq!(AlternatePathResponse::parse(&out), Ok(message));
        assert_eq!(AlternatePathResponse::view(&out).unwrap().additional_information(), [0x66; 9]);
    }

    #[test]
    fn statuses_are_named() {
        assert_eq!(alloc::format!("{}", AlternatePathStatus::IS_CURRENT), "5 is the current path");
        assert_eq!(alloc::format!("{:?}", AlternatePathStatus(14)), "AlternatePathStatus(14 unknown status)");
        assert_eq!((0..=u8::MAX).filter(|code| AlternatePathStatus(*code).name().is_some()).count(), 14);
    }
}
