//! ServiceIDResReqResp, SIDR_REP (IBTA volume 1, 12.11.2, table 120): the queue pair of a datagram service.

use core::fmt;
use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::additional_information::used;
use super::{ADDITIONAL_INFORMATION_LENGTH, AdditionalInformation, PrivateData};
use crate::types::{CommunicationId, QKey, Qpn};
use crate::wire::Attribute;
use crate::wire::u24::U24;

/// Whether a service was found. The codes are those of Linux's `enum ib_cm_sidr_status`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceIdResolutionStatus(pub u8);

impl ServiceIdResolutionStatus {
    /// It was found; queue pair and Q_Key are valid.
    pub const SUCCESS: Self = Self(0);
    /// The sender has no such service.
    pub const UNSUPPORTED: Self = Self(1);
    /// The service does not want this user.
    pub const REJECTED: Self = Self(2);
    /// No queue pair is left.
    pub const NO_QP: Self = Self(3);
    /// Another port has the service.
    pub const REDIRECT: Self = Self(4);
    /// The class version is another one.
    pub const UNSUPPORTED_VERSION: Self = Self(5);

    /// What the code says; `None` for one without a meaning.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::SUCCESS => "found",
            Self::UNSUPPORTED => "service not supported",
            Self::REJECTED => "rejected by the service",
            Self::NO_QP => "no queue pair",
            Self::REDIRECT => "redirected",
            Self::UNSUPPORTED_VERSION => "class version not supported",
            _ => return None,
        })
    }
}

impl fmt::Display for ServiceIdResolutionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.name().unwrap_or("unknown status"))
    }
}

impl fmt::Debug for ServiceIdResolutionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceIdResolutionStatus({self})")
    }
}

/// The message as it lies in a datagram.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ServiceIdResolutionResponseView {
    request_id: U32,
    status: u8,
    additional_information_length: u8,
    vendor_id_high: U16,
    qpn: U24,
    vendor_id_low: u8,
    service_id: U64,
    q_key: U32,
    additional_information: [u8; ADDITIONAL_INFORMATION_LENGTH],
    private_data: PrivateData<136>,
}

impl ServiceIdResolutionResponseView {
    /// The receiver's handle of its question.
    #[inline]
    pub fn request_id(&self) -> CommunicationId {
        CommunicationId(self.request_id.get())
    }
    /// Whether the service was found.
    #[inline]
    pub fn status(&self) -> ServiceIdResolutionStatus {
        ServiceIdResolutionStatus(self.status)
    }
    /// How many bytes of additional information the message says that it has.
    #[inline]
    pub fn additional_information_length(&self) -> u8 {
        self.additional_information_length
    }
    /// Whose options the attribute modifier tells of, 24 bits; 0 for none.
    #[inline]
    pub fn vendor_id(&self) -> u32 {
        (u32::from(self.vendor_id_high.get()) << 8) | u32::from(self.vendor_id_low)
    }
    /// Queue pair of the service.
    #[inline]
    pub fn qpn(&self) -> Qpn {
        Qpn::from_low_bits(self.qpn.get())
    }
    /// The service.
    #[inline]
    pub fn service_id(&self) -> u64 {
        self.service_id.get()
    }
    /// Key of the queue pair.
    #[inline]
    pub fn q_key(&self) -> QKey {
        QKey(self.q_key.get())
    }
    /// Where else to ask, as the status has it: as many bytes as the message says, or all if there are fewer.
    #[inline]
    pub fn additional_information(&self) -> &[u8] {
        used(self.additional_information_length, &self.additional_information)
    }
    /// What the users of the service say.
    #[inline]
    pub fn private_data(&self) -> &PrivateData<136> {
        &self.private_data
    }
}

/// The queue pair of a datagram service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceIdResolutionResponse {
    /// The receiver's handle of its question.
    pub request_id: CommunicationId,
    /// Whether the service was found.
    pub status: ServiceIdResolutionStatus,
    /// Whose options the attribute modifier tells of, 24 bits; 0 for none.
    pub vendor_id: u32,
    /// Queue pair of the service.
    pub qpn: Qpn,
    /// The service.
    pub service_id: u64,
    /// Key of the queue pair.
    pub q_key: QKey,
    /// Where else to ask, as the status has it.
    pub additional_information: AdditionalInformation,
    /// What the users of the service say.
    pub private_data: PrivateData<136>,
}

impl Attribute for ServiceIdResolutionResponse {
    type View = ServiceIdResolutionResponseView;
    const NAME: &'static str = "ServiceIDResReqResp";

    fn from_view(view: &ServiceIdResolutionResponseView) -> Self {
        Self {
            request_id: view.request_id(),
            status: view.status(),
            vendor_id: view.vendor_id(),
            qpn: view.qpn(),
            service_id: view.service_id(),
            q_key: view.q_key(),
            additional_information: AdditionalInformation {
                length: view.additional_information_length,
                data: view.additional_information,
            },
            private_data: view.private_data,
        }
    }

    fn to_view(&self) -> ServiceIdResolutionResponseView {
        let [_, high, middle, vendor_id_low] = self.vendor_id.to_be_bytes();
        ServiceIdResolutionResponseView {
            request_id: U32::new(self.request_id.0),
            status: self.status.0,
            additional_information_length: self.additional_information.length,
            vendor_id_high: U16::from_bytes([high, middle]),
            qpn: U24::new(self.qpn.get()),
            vendor_id_low,
            service_id: U64::new(self.service_id),
            q_key: U32::new(self.q_key.0),
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
        let message = ServiceIdResolutionResponse {
            request_id: CommunicationId(0x0102_0304),
            status: ServiceIdResolutionStatus(5),
            vendor_id: 0x07_080C,
            qpn: Qpn::from_low_bits(0x09_0A0B),
            service_id: 0x0D0E_0F10_1112_1314,
            q_key: QKey(0x1516_1718),
            additional_information: AdditionalInformation { length: 6, data: [0x66; 72] },
            private_data: PrivateData([0x77; 136]),
        };
        let mut out = [0xFF; 232];
        assert_eq!(message.emit(&mut out), Ok(232));
        assert_eq!(out[..24], core::array::from_fn::<u8, 24, _>(|i| i as u8 + 1));
        assert_eq!((&out[24..96], &out[96..]), (&[0x66; 72][..], &[0x77; 136][..]));
        assert_eq!(ServiceIdResolutionResponse::parse(&out), Ok(message));
        assert_eq!(ServiceIdResolutionResponse::view(&out).unwrap().additional_information(), [0x66; 6]);
    }

    #[test]
    fn statuses_are_named() {
        let shown = alloc::format!("{:?}", ServiceIdResolutionStatus::NO_QP);
        assert_eq!(shown, "ServiceIdResolutionStatus(3 no queue pair)");
        assert_eq!(alloc::format!("{}", ServiceIdResolutionStatus(6)), "6 unknown status");
    }
}
