//! ConnectReject, REJ (IBTA volume 1, 12.6.7, table 108): a connection is refused, or is given up before it stands.

use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::additional_information::used;
use super::{ADDITIONAL_INFORMATION_LENGTH, AdditionalInformation, PrivateData, RejectReason};
use crate::types::CommunicationId;
use crate::wire::Attribute;

/// Which message a [`ConnectReject`] answers, 2 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageRejected(pub u8);

impl MessageRejected {
    /// A ConnectRequest.
    pub const CONNECT_REQUEST: Self = Self(0);
    /// A ConnectReply.
    pub const CONNECT_REPLY: Self = Self(1);
    /// Another message, or none: a timeout.
    pub const OTHER: Self = Self(2);
}

/// The message as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ConnectRejectView {
    local_communication_id: U32,
    remote_communication_id: U32,
    message_rejected: u8,
    reject_info_length: u8,
    reason: U16,
    additional_reject_information: [u8; ADDITIONAL_INFORMATION_LENGTH],
    private_data: PrivateData<148>,
}

impl ConnectRejectView {
    /// The sender's handle of the connection; 0 if it has none.
    #[inline]
    pub fn local_communication_id(&self) -> CommunicationId {
        CommunicationId(self.local_communication_id.get())
    }
    /// The receiver's handle of the connection; 0 if it is not known.
    #[inline]
    pub fn remote_communication_id(&self) -> CommunicationId {
        CommunicationId(self.remote_communication_id.get())
    }
    /// The message that is refused, 2 bits.
    #[inline]
    pub fn message_rejected(&self) -> MessageRejected {
        MessageRejected(self.message_rejected >> 6)
    }
    /// Why.
    #[inline]
    pub fn reason(&self) -> RejectReason {
        RejectReason(self.reason.get())
    }
    /// How many bytes of additional information the message says that it has, 7 bits.
    #[inline]
    pub fn reject_info_length(&self) -> u8 {
        self.reject_info_length >> 1
    }
    /// What would have been accepted, as the reason has it: as many bytes as the message says, or all if there are fewer.
    #[inline]
    pub fn additional_reject_information(&self) -> &[u8] {
        used(self.reject_info_length(), &self.additional_reject_information)
    }
    /// What the users of the connection say.
    #[inline]
    pub fn private_data(&self) -> &PrivateData<148> {
        &self.private_data
    }
}

/// A connection is refused, or is given up before it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectReject {
    /// The sender's handle of the connection; 0 if it has none.
    pub local_communication_id: CommunicationId,
    /// The receiver's handle of the connection; 0 if it is not known.
    pub remote_communication_id: CommunicationId,
    /// The message that is refused, 2 bits.
    pub message_rejected: MessageRejected,
    /// Why.
    pub reason: RejectReason,
    /// What would have been accepted, as the reason has it; its length has 7 bits.
    pub additional_reject_information: AdditionalInformation,
    /// What the users of the connection say.
    pub private_data: PrivateData<148>,
}

impl Attribute for ConnectReject {
    type View = ConnectRejectView;
    const NAME: &'static str = "ConnectReject";

    fn from_view(view: &ConnectRejectView) -> Self {
        Self {
            local_communication_id: view.local_communication_id(),
            remote_communication_id: view.remote_communication_id(),
            message_rejected: view.message_rejected(),
            reason: view.reason(),
            additional_reject_information: AdditionalInformation {
                length: view.reject_info_length(),
                data: view.additional_reject_information,
            },
            private_data: view.private_data,
        }
    }

    fn to_view(&self) -> ConnectRejectView {
        ConnectRejectView {
            local_communication_id: U32::new(self.local_communication_id.0),
            remote_communication_id: U32::new(self.remote_communication_id.0),
            message_rejected: self.message_rejected.0 << 6,
            reject_info_length: self.additional_reject_information.length << 1,
            reason: U16::new(self.reason.0),
            additional_reject_information: self.additional_reject_information.data,
            private_data: self.private_data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let message = ConnectReject {
            local_communication_id: CommunicationId(0x0102_0304),
            remote_communication_id: CommunicationId(0x0506_0708),
            message_rejected: MessageRejected::OTHER,
            reason: RejectReason(0x0B0C),
            additional_reject_information: AdditionalInformation { length: 0x45, data: [0x66; 72] },
            private_data: PrivateData([0x77; 148]),
        };
        let mut out = [0xFF; 232];
        assert_eq!(message.emit(&mut out), Ok(232));
        assert_eq!(out[..12], [1, 2, 3, 4, 5, 6, 7, 8, 0x80, 0x8A, 0x0B, 0x0C]);
        assert_eq!((&out[12..84], &out[84..]), (&[0x66; 72][..], &[0x77; 148][..]));
        assert_eq!(ConnectReject::parse(&out), Ok(message));
        assert_eq!(ConnectReject::view(&out).unwrap().additional_reject_information(), [0x66; 69]);
        // Reserved bits are ignored.
        (out[8], out[9]) = (0xBF, 0x8B);
        assert_eq!(ConnectReject::parse(&out), Ok(message));
    }

    #[test]
    fn information_ends_where_the_message_does() {
        let mut out = [0; 232];
        out[9] = 0xFE;
        let view = ConnectReject::view(&out).unwrap();
        assert_eq!((view.reject_info_length(), view.additional_reject_information().len()), (127, 72));
    }
}
