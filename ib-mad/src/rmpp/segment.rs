//! A segment as it lies in a datagram, and the headers that all segments of a transfer share.

use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use super::NotTakenReason;
use crate::error::DecodeError;
use crate::types::{Lid, Qpn, ServiceLevel, TransactionId};
use crate::wire::{
    Attribute, MAD_LENGTH, Mad, MadHeaderView, ManagementClass, Method, RmppFlags, RmppHeader,
    RmppHeaderView, RmppStatus, RmppType, SaHeader,
};

/// Bytes behind the header of the protocol in each segment, the class's own header included.
pub const SEGMENT_LENGTH: usize = 220;

/// Where the header of the protocol lies.
const RMPP_OFFSET: usize = 24;
/// Where what is behind it lies.
const DATA_OFFSET: usize = MAD_LENGTH - SEGMENT_LENGTH;
/// The longest header that a class puts there: device management's.
const LONGEST_CLASS_HEADER: usize = 28;

/// Bytes of the class's own header, which stands in every segment and counts in the payload length: 20 for subnet
/// administration, 4 for the vendor classes with this protocol (0x30 to 0x4F), 28 for device management, else none.
pub const fn class_header_length(class: ManagementClass) -> usize {
    match class.0 {
        0x03 => 20,
        0x06 => 28,
        0x30..=0x4F => 4,
        _ => 0,
    }
}

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RmppPeer {
    /// Its port.
    pub lid: Lid,
    /// Service level to reach it with.
    pub service_level: ServiceLevel,
    /// Its queue pair.
    pub qpn: Qpn,
}

/// What tells one transfer from another at its receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferKey {
    /// Who sends the data.
    pub peer: Lid,
    /// Class.
    pub class: ManagementClass,
    /// Transaction id.
    pub transaction_id: TransactionId,
    /// Method of the data: it tells the two directions of a double-sided transfer apart.
    pub method: Method,
}

/// A datagram of a class that segments.
#[derive(Clone, Copy, Debug, FromBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(super) struct SegmentView {
    pub(super) header: MadHeaderView,
    pub(super) rmpp: RmppHeaderView,
    pub(super) data: [u8; SEGMENT_LENGTH],
}

const _: () = assert!(size_of::<SegmentView>() == MAD_LENGTH);

impl SegmentView {
    /// View `bytes` as a segment.
    pub(super) fn new(bytes: &[u8]) -> Result<&Self, NotTakenReason> {
        Mad::new(bytes).map_err(NotTakenReason::Malformed)?;
        let Ok(segment) = Self::ref_from_bytes(bytes) else {
            return Err(NotTakenReason::Malformed(DecodeError::Truncated {
                what: "segment",
                needed: MAD_LENGTH,
                got: bytes.len(),
            }));
        };
        if segment.rmpp.flags().contains(RmppFlags::ACTIVE) {
            Ok(segment)
        } else {
            Err(NotTakenReason::NotActive)
        }
    }

    /// The transfer that it belongs to, if `peer` sent it and its data has its method.
    pub(super) fn key(&self, peer: Lid) -> TransferKey {
        TransferKey {
            peer,
            class: self.header.class(),
            transaction_id: self.header.transaction_id(),
            method: self.header.method(),
        }
    }

    /// Distance from record to record in bytes. Only subnet administration has records.
    pub(super) fn attribute_offset(&self) -> usize {
        if self.header.class() != ManagementClass::SUBNET_ADMINISTRATION {
            return 0;
        }
        SaHeader::view(&self.data).map_or(0, |sa| usize::from(sa.attribute_offset()) * 8)
    }
}

/// The headers of a transfer's segments: common and class's own. The one of the protocol between them differs from
/// segment to segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Headers([u8; DATA_OFFSET + LONGEST_CLASS_HEADER]);

/// A segment that carries no data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Control {
    Ack { segment: u32, window: u32 },
    Stop,
    Abort(RmppStatus),
}

impl Headers {
    /// Those of a datagram; what is behind them does not count.
    pub(super) fn new(mad: &[u8; MAD_LENGTH]) -> Self {
        let mut headers = [0; DATA_OFFSET + LONGEST_CLASS_HEADER];
        let length = DATA_OFFSET + class_header_length(ManagementClass(mad[1]));
        headers[..length].copy_from_slice(&mad[..length]);
        headers[RMPP_OFFSET..DATA_OFFSET].fill(0);
        Self(headers)
    }

    /// Those of what goes back to who sent `segment`: the method's response bit is turned.
    pub(super) fn reply_to(segment: &SegmentView) -> Self {
        let mut mad = [0; MAD_LENGTH];
        let class_header = class_header_length(segment.header.class());
        let header: &[u8; RMPP_OFFSET] = zerocopy::transmute_ref!(&segment.header);
        mad[..RMPP_OFFSET].copy_from_slice(header);
        mad[DATA_OFFSET..][..class_header].copy_from_slice(&segment.data[..class_header]);
        mad[3] ^= 0x80;
        Self::new(&mad)
    }

    pub(super) const fn class(&self) -> ManagementClass {
        ManagementClass(self.0[1])
    }

    pub(super) const fn method(&self) -> Method {
        Method(self.0[3])
    }

    pub(super) fn transaction_id(&self) -> TransactionId {
        let bytes = self.0[8..].first_chunk().copied().unwrap_or_default();
        TransactionId(u64::from_be_bytes(bytes))
    }

    /// Bytes of a segment that are left for the message.
    pub(super) const fn room(&self) -> usize {
        SEGMENT_LENGTH - class_header_length(self.class())
    }

    /// Write a segment; `payload` is what follows the class's header, no longer than there is room.
    pub(super) fn emit(&self, rmpp: &RmppHeader, payload: &[u8], buffer: &mut [u8; MAD_LENGTH]) {
        let start = DATA_OFFSET + class_header_length(self.class());
        buffer[..start].copy_from_slice(&self.0[..start]);
        // It cannot fail: there is room for twelve bytes.
        let _ = rmpp.emit(&mut buffer[RMPP_OFFSET..DATA_OFFSET]);
        let (data, rest) = buffer[start..].split_at_mut(payload.len().min(MAD_LENGTH - start));
        data.copy_from_slice(&payload[..data.len()]);
        rest.fill(0);
    }

    /// Write a segment without data.
    pub(super) fn emit_control(&self, control: Control, buffer: &mut [u8; MAD_LENGTH]) {
        let (kind, status, segment, window) = match control {
            Control::Ack { segment, window } => (RmppType::Ack, RmppStatus::NORMAL, segment, window),
            Control::Stop => (RmppType::Stop, RmppStatus::RESOURCES_EXHAUSTED, 0, 0),
            Control::Abort(status) => (RmppType::Abort, status, 0, 0),
        };
        let rmpp = RmppHeader {
            version: 1,
            kind,
            response_time: UNSPECIFIED_RESPONSE_TIME,
            flags: RmppFlags::ACTIVE,
            status,
            segment,
            length_or_window: window,
        };
        self.emit(&rmpp, &[], buffer);
    }
}

/// Response time of a sender that promises none.
pub(crate) const UNSPECIFIED_RESPONSE_TIME: u8 = 31;
