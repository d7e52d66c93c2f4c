//! DisconnectRequest, DREQ (IBTA volume 1, 12.6.10, table 112): end a connection.

use zerocopy::big_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::PrivateData;
use crate::types::{CommunicationId, Qpn};
use crate::wire::Attribute;
use crate::wire::u24::U24;

/// The message as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DisconnectRequestView {
    local_communication_id: U32,
    remote_communication_id: U32,
    remote_qpn_eecn: U24,
    reserved: u8,
    private_data: PrivateData<220>,
}

impl DisconnectRequestView {
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
    /// The receiver's queue pair; of a reliable datagram channel, its end-to-end context.
    #[inline]
    pub fn remote_qpn_eecn(&self) -> Qpn {
        Qpn::from_low_bits(self.remote_qpn_eecn.get())
    }
    /// What the users of the connection say.
    #[inline]
    pub fn private_data(&self) -> &PrivateData<220> {
        &self.private_data
    }
}

/// End a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DisconnectRequest {
    /// The sender's handle of the connection.
    pub local_communication_id: CommunicationId,
    /// The receiver's handle of the connection.
    pub remote_communication_id: CommunicationId,
    /// The receiver's queue pair; of a reliable datagram channel, its end-to-end context.
    pub remote_qpn_eecn: Qpn,
    /// What the users of the connection say.
    pub private_data: PrivateData<220>,
}

impl Attribute for DisconnectRequest {
    type View = DisconnectRequestView;
    const NAME: &'static str = "DisconnectRequest";

    fn from_view(view: &DisconnectRequestView) -> Self {
        Self {
            local_communication_id: view.local_communication_id(),
            remote_communication_id: view.remote_communication_id(),
            remote_qpn_eecn: view.remote_qpn_eecn(),
            private_data: view.private_data,
        }
    }

    fn to_view(&self) -> DisconnectRequestView {
        DisconnectRequestView {
            local_communication_id: U32::new(self.local_communication_id.0),
            remote_communication_id: U32::new(self.remote_communication_id.0),
            remote_qpn_eecn: U24::new(self.remote_qpn_eecn.get()),
            reserved: 0,
            private_data: self.private_data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let message = DisconnectRequest {
            local_communication_id: CommunicationId(0x0102_0304),
            remote_communication_id: CommunicationId(0x0506_0708),
            remote_qpn_eecn: Qpn::from_low_bits(0x09_0A0B),
            private_data: PrivateData([0x77; 220]),
        };
        let mut out = [0xFF; 232];
        assert_eq!(message.emit(&mut out), Ok(232));
        assert_eq!(out[..12], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0]);
        assert_eq!(out[12..], [0x77; 220]);
        assert_eq!(DisconnectRequest::parse(&out), Ok(message));
    }
}
