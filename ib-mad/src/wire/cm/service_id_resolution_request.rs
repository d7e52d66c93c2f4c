//! ServiceIDResReq, SIDR_REQ (IBTA volume 1, 12.11.1, table 119): which queue pair has a datagram service?

use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::PrivateData;
use crate::types::{CommunicationId, PKey};
use crate::wire::Attribute;

/// The message as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ServiceIdResolutionRequestView {
    request_id: U32,
    p_key: U16,
    reserved: U16,
    service_id: U64,
    private_data: PrivateData<216>,
}

impl ServiceIdResolutionRequestView {
    /// The sender's handle of the question.
    #[inline]
    pub fn request_id(&self) -> CommunicationId {
        CommunicationId(self.request_id.get())
    }
    /// Partition that the service is to be used in.
    #[inline]
    pub fn p_key(&self) -> PKey {
        PKey(self.p_key.get())
    }
    /// The service.
    #[inline]
    pub fn service_id(&self) -> u64 {
        self.service_id.get()
    }
    /// What the users of the service say.
    #[inline]
    pub fn private_data(&self) -> &PrivateData<216> {
        &self.private_data
    }
}

/// Which queue pair has a datagram service?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceIdResolutionRequest {
    /// The sender's handle of the question.
    pub request_id: CommunicationId,
    /// Partition that the service is to be used in.
    pub p_key: PKey,
    /// The service.
    pub service_id: u64,
    /// What the users of the service say.
    pub private_data: PrivateData<216>,
}

impl Attribute for ServiceIdResolutionRequest {
    type View = ServiceIdResolutionRequestView;
    const NAME: &'static str = "ServiceIDResReq";

    fn from_view(view: &ServiceIdResolutionRequestView) -> Self {
        Self {
            request_id: view.request_id(),
            p_key: view.p_key(),
            service_id: view.service_id(),
            private_data: view.private_data,
        }
    }

    fn to_view(&self) -> ServiceIdResolutionRequestView {
        ServiceIdResolutionRequestView {
            request_id: U32::new(self.request_id.0),
            p_key: U16::new(self.p_key.0),
            reserved: U16::ZERO,
            service_id: U64::new(self.service_id),
            private_data: self.private_data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let message = ServiceIdResolutionRequest {
            request_id: CommunicationId(0x0102_0304),
            p_key: PKey(0x0506),
            service_id: 0x090A_0B0C_0D0E_0F10,
            private_data: PrivateData([0x77; 216]),
        };
        let mut out = [0xFF; 232];
        assert_eq!(message.emit(&mut out), Ok(232));
        assert_eq!(out[..16], [1, 2, 3, 4, 5, 6, 0, 0, 9, 10, 11, 12, 13, 14, 15, 16]);
        assert_eq!(out[16..], [0x77; 216]);
        assert_eq!(ServiceIdResolutionRequest::parse(&out), Ok(message));
    }
}
