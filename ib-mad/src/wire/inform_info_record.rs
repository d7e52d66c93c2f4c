//! InformInfoRecord (IBTA volume 1, 15.2.5.12): one subscription that the subnet administration holds.

use zerocopy::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{
    Attribute, AttributeId, ComponentMask, InformInfo, InformInfoView, NoticeType, Producer, Query, Record,
};
use crate::types::{Gid, Lid, Qpn};

/// The record as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct InformInfoRecordView {
    subscriber_gid: [u8; 16],
    subscriber_enum: U16,
    reserved: [u8; 6],
    inform_info: InformInfoView,
    padding: [u8; 4],
}

const _: () = assert!(size_of::<InformInfoRecordView>() == 64);

impl InformInfoRecordView {
    /// Port that subscribed.
    #[inline]
    pub fn subscriber_gid(&self) -> Gid {
        Gid(self.subscriber_gid)
    }
    /// Number of the subscription among those of its port.
    #[inline]
    pub fn subscriber_enum(&self) -> u16 {
        self.subscriber_enum.get()
    }
    /// What it subscribed to.
    #[inline]
    pub fn inform_info(&self) -> &InformInfoView {
        &self.inform_info
    }
}

/// One subscription that the subnet administration holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InformInfoRecord {
    /// Port that subscribed.
    pub subscriber_gid: Gid,
    /// Number of the subscription among those of its port.
    pub subscriber_enum: u16,
    /// What it subscribed to.
    pub inform_info: InformInfo,
}

impl Attribute for InformInfoRecord {
    type View = InformInfoRecordView;
    const NAME: &'static str = "InformInfoRecord";

    fn from_view(view: &InformInfoRecordView) -> Self {
        Self {
            subscriber_gid: view.subscriber_gid(),
            subscriber_enum: view.subscriber_enum(),
            inform_info: InformInfo::from_view(&view.inform_info),
        }
    }

    fn to_view(&self) -> InformInfoRecordView {
        InformInfoRecordView {
            subscriber_gid: self.subscriber_gid.0,
            subscriber_enum: U16::new(self.subscriber_enum),
            reserved: [0; 6],
            inform_info: self.inform_info.to_view(),
            padding: [0; 4],
        }
    }
}
/// Component mask of a InformInfoRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InformInfoRecordMask(pub u64);

impl InformInfoRecordMask {
    /// Subscriber.
    pub const SUBSCRIBER_GID: Self = Self(1);
    /// Number among the subscriber's.
    pub const SUBSCRIBER_ENUM: Self = Self(1 << 1);
    /// Port whose events are meant.
    pub const GID: Self = Self(1 << 3);
    /// First LID.
    pub const LID_RANGE_BEGIN: Self = Self(1 << 4);
    /// Last LID.
    pub const LID_RANGE_END: Self = Self(1 << 5);
    /// Whether the standard or a vendor defines the events.
    pub const IS_GENERIC: Self = Self(1 << 7);
    /// Whether to begin or to end.
    pub const SUBSCRIBE: Self = Self(1 << 8);
    /// Type of event.
    pub const NOTICE_TYPE: Self = Self(1 << 9);
    /// Trap number, or device.
    pub const TRAP_NUMBER_OR_DEVICE_ID: Self = Self(1 << 10);
    /// Queue pair.
    pub const QPN: Self = Self(1 << 11);
    /// Response time.
    pub const RESPONSE_TIME_VALUE: Self = Self(1 << 13);
    /// Kind of producer, or vendor.
    pub const PRODUCER_TYPE_OR_VENDOR_ID: Self = Self(1 << 15);
    /// Who defines the events, and which: three components.
    pub const PRODUCER: Self = Self(1 << 7 | 1 << 10 | 1 << 15);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for InformInfoRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for subscriptions: each method adds what to match.
pub type InformInfoRecordQuery = Query<InformInfoRecord>;

impl Record for InformInfoRecord {
    type Mask = InformInfoRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::INFORM_INFO_RECORD;
}

impl InformInfoRecordQuery {
    /// Subscriptions of a port.
    pub fn subscriber_gid(self, gid: Gid) -> Self {
        self.with(InformInfoRecordMask::SUBSCRIBER_GID, |record| record.subscriber_gid = gid)
    }
    /// Subscriptions with a number.
    pub fn subscriber_enum(self, number: u16) -> Self {
        self.with(InformInfoRecordMask::SUBSCRIBER_ENUM, |record| record.subscriber_enum = number)
    }
    /// Subscriptions to a port's events.
    pub fn gid(self, gid: Gid) -> Self {
        self.with(InformInfoRecordMask::GID, |record| record.inform_info.gid = gid)
    }
    /// Subscriptions to events of LIDs that start here.
    pub fn lid_range_begin(self, lid: Lid) -> Self {
        self.with(InformInfoRecordMask::LID_RANGE_BEGIN, |record| record.inform_info.lid_range_begin = lid)
    }
    /// Subscriptions to events of LIDs that end here.
    pub fn lid_range_end(self, lid: Lid) -> Self {
        self.with(InformInfoRecordMask::LID_RANGE_END, |record| record.inform_info.lid_range_end = lid)
    }
    /// Subscriptions that begin, or that end.
    pub fn subscribe(self, subscribe: bool) -> Self {
        self.with(InformInfoRecordMask::SUBSCRIBE, |record| record.inform_info.subscribe = subscribe)
    }
    /// Subscriptions to a type of event.
    pub fn notice_type(self, kind: NoticeType) -> Self {
        self.with(InformInfoRecordMask::NOTICE_TYPE, |record| record.inform_info.notice_type = kind)
    }
    /// Subscriptions of a queue pair.
    pub fn qpn(self, qpn: Qpn) -> Self {
        self.with(InformInfoRecordMask::QPN, |record| record.inform_info.qpn = qpn)
    }
    /// Subscriptions with a response time (5 bits).
    pub fn response_time_value(self, value: u8) -> Self {
        self.with(InformInfoRecordMask::RESPONSE_TIME_VALUE, |record| {
            record.inform_info.response_time_value = value
        })
    }
    /// Subscriptions to the events of a producer.
    pub fn producer(self, producer: Producer) -> Self {
        self.with(InformInfoRecordMask::PRODUCER, |record| record.inform_info.producer = producer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::TrapNumber;

    #[test]
    fn fields_are_where_the_layout_says() {
        let inform_info = InformInfo { gid: Gid([8; 16]), ..InformInfo::subscribe_to(TrapNumber::REPATH) };
        let record = InformInfoRecord { subscriber_gid: Gid([7; 16]), subscriber_enum: 0x0102, inform_info };
        let mut out = [0xFF; 64];
        assert_eq!(record.emit(&mut out), Ok(64));
        assert_eq!(out[..16], [7; 16]);
        assert_eq!(out[16..24], [1, 2, 0, 0, 0, 0, 0, 0]);
        assert_eq!(out[24..40], [8; 16]);
        assert_eq!(out[56..], [0, 255, 255, 255, 0, 0, 0, 0]);
        assert_eq!(InformInfoRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        let producer = InformInfo::subscribe_to(TrapNumber::REPATH).producer;
        let query = InformInfoRecordQuery::new().subscriber_gid(Gid([7; 16])).producer(producer);
        assert_eq!(query.component_mask(), 1 | 1 << 7 | 1 << 10 | 1 << 15);
        assert_eq!(query.template().subscriber_gid, Gid([7; 16]));
        assert_eq!(query.template().inform_info.producer, producer);
    }
}
