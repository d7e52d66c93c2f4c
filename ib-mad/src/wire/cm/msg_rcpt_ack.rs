//! MsgRcptAck, MRA (IBTA volume 1, 12.6.6, table 107): a message has arrived, and its answer takes longer.

use zerocopy::big_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::PrivateData;
use crate::types::{CommunicationId, TimeoutValue};
use crate::wire::Attribute;

/// Which message a [`MsgRcptAck`] acknowledges, 2 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageMraed(pub u8);

impl MessageMraed {
    /// A ConnectRequest.
    pub const CONNECT_REQUEST: Self = Self(0);
    /// A ConnectReply.
    pub const CONNECT_REPLY: Self = Self(1);
    /// A LoadAlternatePath.
    pub const LOAD_ALTERNATE_PATH: Self = Self(2);
}

/// The message as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct MsgRcptAckView {
    local_communication_id: U32,
    remote_communication_id: U32,
    message_mraed: u8,
    service_timeout: u8,
    private_data: PrivateData<222>,
}

impl MsgRcptAckView {
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
    /// The message that has arrived, 2 bits.
    #[inline]
    pub fn message_mraed(&self) -> MessageMraed {
        MessageMraed(self.message_mraed >> 6)
    }
    /// How long its answer may take.
    #[inline]
    pub fn service_timeout(&self) -> TimeoutValue {
        TimeoutValue::from_top_bits(self.service_timeout)
    }
    /// What the users of the connection say.
    #[inline]
    pub fn private_data(&self) -> &PrivateData<222> {
        &self.private_data
    }
}

/// A message has arrived, and its answer takes longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MsgRcptAck {
    /// The sender's handle of the connection.
    pub local_communication_id: CommunicationId,
    /// The receiver's handle of the connection.
    pub remote_communication_id: CommunicationId,
    /// The message that has arrived, 2 bits.
    pub message_mraed: MessageMraed,
    /// How long its answer may take.
    pub service_timeout: TimeoutValue,
    /// What the users of the connection say.
    pub private_data: PrivateData<222>,
}

impl Attribute for MsgRcptAck {
    type View = MsgRcptAckView;
    const NAME: &'static str = "MsgRcptAck";

    fn from_view(view: &MsgRcptAckView) -> Self {
        Self {
            local_communication_id: view.local_communication_id(),
            remote_communication_id: view.remote_communication_id(),
            message_mraed: view.message_mraed(),
            service_timeout: view.service_timeout(),
            private_data: view.private_data,
        }
    }

    fn to_view(&self) -> MsgRcptAckView {
        MsgRcptAckView {
            local_communication_id: U32::new(self.local_communication_id.0),
            remote_communication_id: U32::new(self.remote_communication_id.0),
            message_mraed: self.message_mraed.0 << 6,
            service_timeout: self.service_timeout.to_top_bits(),
            private_data: self.private_data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let message = MsgRcptAck {
            local_communication_id: CommunicationId(0x0102_0304),
            remote_communication_id: CommunicationId(0x0506_0708),
            message_mraed: MessageMraed::LOAD_ALTERNATE_PATH,
            service_timeout: TimeoutValue::from_top_bits(0xA8),
            private_data: PrivateData([0x77; 222]),
        };
        let mut out = [0xFF; 232];
        assert_eq!(message.emit(&mut out), Ok(232));
        assert_eq!(out[..10], [1, 2, 3, 4, 5, 6, 7, 8, 0x80, 0xA8]);
        assert_eq!(out[10..], [0x77; 222]);
        assert_eq!(MsgRcptAck::parse(&out), Ok(message));
        // Reserved bits are ignored.
        (out[8], out[9]) = (0xBF, 0xAF);
        assert_eq!(MsgRcptAck::parse(&out), Ok(message));
    }
}
