//! ReadyToUse, RTU (IBTA volume 1, 12.6.9, table 111): the ConnectReply has arrived.

use zerocopy::big_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::PrivateData;
use crate::types::CommunicationId;
use crate::wire::Attribute;

/// The message as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ReadyToUseView {
    local_communication_id: U32,
    remote_communication_id: U32,
    private_data: PrivateData<224>,
}

impl ReadyToUseView {
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
    /// What the users of the connection say.
    #[inline]
    pub fn private_data(&self) -> &PrivateData<224> {
        &self.private_data
    }
}

/// The ConnectReply has arrived, and the connection can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadyToUse {
    /// The sender's handle of the connection.
    pub local_communication_id: CommunicationId,
    /// The receiver's handle of the connection.
    pub remote_communication_id: CommunicationId,
    /// What the users of the connection say.
    pub private_data: PrivateData<224>,
}

impl Attribute for ReadyToUse {
    type View = ReadyToUseView;
    const NAME: &'static str = "ReadyToUse";

    fn from_view(view: &ReadyToUseView) -> Self {
        Self {
            local_communication_id: view.local_communication_id(),
            remote_communication_id: view.remote_communication_id(),
            private_data: view.private_data,
        }
    }

    fn to_view(&self) -> ReadyToUseView {
        ReadyToUseView {
            local_communication_id: U32::new(self.local_communication_id.0),
            remote_communication_id: U32::new(self.remote_communication_id.0),
            private_data: self.private_data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let message = ReadyToUse {
            local_communication_id: CommunicationId(0x0102_0304),
            remote_communication_id: CommunicationId(0x0506_0708),
            private_data: PrivateData([0x77; 224]),
        };
        let mut out = [0xFF; 232];
        assert_eq!(message.emit(&mut out), Ok(232));
        assert_eq!((&out[..8], &out[8..]), (&[1, 2, 3, 4, 5, 6, 7, 8][..], &[0x77; 224][..]));
        assert_eq!(ReadyToUse::parse(&out), Ok(message));
    }
}
