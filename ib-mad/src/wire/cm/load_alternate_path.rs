//! LoadAlternatePath, LAP (IBTA volume 1, 12.8.1, table 115): take a path for the next migration of a connection.

use zerocopy::big_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{AlternatePathResponse, AlternatePathStatus, CmPath, LapPathView, PrivateData};
use crate::types::{CommunicationId, Qpn, TimeoutValue};
use crate::wire::Attribute;
use crate::wire::u24::U24;

/// The message as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct LoadAlternatePathView {
    local_communication_id: U32,
    remote_communication_id: U32,
    reserved8: U32,
    remote_qpn_eecn: U24,
    remote_cm_response_timeout: u8,
    reserved16: U32,
    alternate_path: LapPathView,
    private_data: PrivateData<168>,
}

impl LoadAlternatePathView {
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
    /// Within which time the receiver is to answer.
    #[inline]
    pub fn remote_cm_response_timeout(&self) -> TimeoutValue {
        TimeoutValue::from_top_bits(self.remote_cm_response_timeout)
    }
    /// Path to migrate to.
    #[inline]
    pub fn alternate_path(&self) -> &LapPathView {
        &self.alternate_path
    }
    /// What the users of the connection say.
    #[inline]
    pub fn private_data(&self) -> &PrivateData<168> {
        &self.private_data
    }
}

/// Take a path for the next migration of a connection.
///
/// The path is the sender's: `CmPath::from(&record)` makes it of the record of the path from the sender to the receiver. The
/// receiver turns it round with [`CmPath::way_back`], loads it into its queue pair, and answers:
///
/// ```
/// use ib_mad::wire::{AlternatePathStatus, CmMad, CmPath, LoadAlternatePath, PathRecord};
/// use ib_mad::{CommunicationId, Lid, Mtu, PKey, Qpn, TimeoutValue, TransactionId};
///
/// // A host learns of a new path for one of its connections, and tells the other end.
/// let record = PathRecord { source_lid: Lid(3), destination_lid: Lid(7), ..PathRecord::default() };
/// let load = LoadAlternatePath {
///     local_communication_id: CommunicationId(1),
///     remote_communication_id: CommunicationId(2),
///     remote_qpn_eecn: Qpn::new(0x48).expect("24 bits"),
///     remote_cm_response_timeout: TimeoutValue::new(20).expect("5 bits"), // 4.3 s
///     alternate_path: CmPath::from(&record),
///     ..LoadAlternatePath::default()
/// };
/// let sent = CmMad::send::<LoadAlternatePath>(TransactionId(9)).emit(&load)?;
/// assert_eq!(sent.len(), 256);
///
/// // The other end: the partition and the MTU are the connection's.
/// let back = load.alternate_path.way_back(PKey::DEFAULT_FULL, Mtu::B2048);
/// assert_eq!((back.source_lid, back.destination_lid), (Lid(7), Lid(3)));
/// let answer = load.answer(AlternatePathStatus::SUCCESS);
/// assert_eq!(answer.remote_communication_id, CommunicationId(1));
/// # Ok::<(), ib_mad::BufferTooSmall>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoadAlternatePath {
    /// The sender's handle of the connection.
    pub local_communication_id: CommunicationId,
    /// The receiver's handle of the connection.
    pub remote_communication_id: CommunicationId,
    /// The receiver's queue pair; of a reliable datagram channel, its end-to-end context.
    pub remote_qpn_eecn: Qpn,
    /// Within which time the receiver is to answer.
    pub remote_cm_response_timeout: TimeoutValue,
    /// Path to migrate to.
    pub alternate_path: CmPath,
    /// What the users of the connection say.
    pub private_data: PrivateData<168>,
}

impl LoadAlternatePath {
    /// The receiver's answer, without additional information and private data.
    pub fn answer(&self, status: AlternatePathStatus) -> AlternatePathResponse {
        AlternatePathResponse {
            local_communication_id: self.remote_communication_id,
            remote_communication_id: self.local_communication_id,
            status,
            ..AlternatePathResponse::default()
        }
    }
}

impl Attribute for LoadAlternatePath {
    type View = LoadAlternatePathView;
    const NAME: &'static str = "LoadAlternatePath";

    fn from_view(view: &LoadAlternatePathView) -> Self {
        Self {
            local_communication_id: view.local_communication_id(),
            remote_communication_id: view.remote_communication_id(),
            remote_qpn_eecn: view.remote_qpn_eecn(),
            remote_cm_response_timeout: view.remote_cm_response_timeout(),
            alternate_path: CmPath::from(&view.alternate_path),
            private_data: view.private_data,
        }
    }

    fn to_view(&self) -> LoadAlternatePathView {
        LoadAlternatePathView {
            local_communication_id: U32::new(self.local_communication_id.0),
            remote_communication_id: U32::new(self.remote_communication_id.0),
            reserved8: U32::ZERO,
            remote_qpn_eecn: U24::new(self.remote_qpn_eecn.get()),
            remote_cm_response_timeout: self.remote_cm_response_timeout.to_top_bits(),
            reserved16: U32::ZERO,
            alternate_path: LapPathView::from(&self.alternate_path),
            private_data: self.private_data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::path::tests::path;
    use super::*;

    fn message() -> LoadAlternatePath {
        LoadAlternatePath {
            local_communication_id: CommunicationId(0x0102_0304),
            remote_communication_id: CommunicationId(0x0506_0708),
            remote_qpn_eecn: Qpn::from_low_bits(0x0D_0E0F),
            remote_cm_response_timeout: TimeoutValue::from_top_bits(0xA8),
            alternate_path: path(),
            private_data: PrivateData([0x77; 168]),
        }
    }

    #[test]
    fn fields_are_where_the_layout_says() {
        let mut out = [0xFF; 232];
        assert_eq!(message().emit(&mut out), Ok(232));
        assert_eq!(out[..20], [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0x0D, 0x0E, 0x0F, 0xA8, 0, 0, 0, 0]);
        assert_eq!(out[20..64], *LapPathView::from(&path()).as_bytes());
        assert_eq!(out[64..], [0x77; 168]);
        assert_eq!(LoadAlternatePath::parse(&out), Ok(message()));
        // Reserved bits are ignored.
        out[15] |= 0x07;
        assert_eq!(LoadAlternatePath::parse(&out), Ok(message()));
    }

    #[test]
    fn an_answer_has_the_ids_the_other_way_round() {
        let answer = message().answer(AlternatePathStatus::IS_CURRENT);
        let expected = AlternatePathResponse {
            local_communication_id: CommunicationId(0x0506_0708),
            remote_communication_id: CommunicationId(0x0102_0304),
            status: AlternatePathStatus(5),
            ..AlternatePathResponse::default()
        };
        assert_eq!(answer, expected);
    }
}
