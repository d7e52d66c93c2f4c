//! InformInfo (IBTA volume 1, 13.4.8.3): subscribe to events, or no longer.

use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::u24::U24;
use super::{Attribute, NoticeType, Producer, ProducerType, TrapNumber};
use crate::types::{Gid, Lid, Qpn};

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct InformInfoView {
    gid: [u8; 16],
    lid_range_begin: U16,
    lid_range_end: U16,
    reserved: U16,
    is_generic: u8,
    subscribe: u8,
    notice_type: U16,
    trap_number_or_device_id: U16,
    qpn_and_response_time: U32,
    reserved2: u8,
    producer_type_or_vendor_id: U24,
}

const _: () = assert!(size_of::<InformInfoView>() == 36);

impl InformInfoView {
    /// Port whose events are meant; unspecified if the LIDs count.
    #[inline]
    pub fn gid(&self) -> Gid {
        Gid(self.gid)
    }
    /// First LID whose events are meant; [`InformInfo::ALL_LIDS`] for all.
    #[inline]
    pub fn lid_range_begin(&self) -> Lid {
        Lid(self.lid_range_begin.get())
    }
    /// Last LID whose events are meant.
    #[inline]
    pub fn lid_range_end(&self) -> Lid {
        Lid(self.lid_range_end.get())
    }
    /// Whether to begin with reports, or to end.
    #[inline]
    pub fn subscribe(&self) -> bool {
        self.subscribe != 0
    }
    /// Events of which type.
    #[inline]
    pub fn notice_type(&self) -> NoticeType {
        NoticeType(self.notice_type.get())
    }
    /// Who defines the events, and which.
    #[inline]
    pub fn producer(&self) -> Producer {
        Producer::from_fields(
            self.is_generic != 0,
            self.producer_type_or_vendor_id.get(),
            self.trap_number_or_device_id.get(),
        )
    }
    /// Queue pair of the subscriber.
    #[inline]
    pub fn qpn(&self) -> Qpn {
        Qpn::from_low_bits(self.qpn_and_response_time.get() >> 8)
    }
    /// How long the subscriber may take to answer a Report: 4.096 µs times two to the power of this, 5 bits.
    #[inline]
    pub fn response_time_value(&self) -> u8 {
        let [.., low] = self.qpn_and_response_time.to_bytes();
        low & 0x1F
    }
}

/// Subscribe to events, or no longer.
///
/// ```
/// use ib_mad::wire::{InformInfo, TrapNumber};
///
/// let begin = InformInfo::subscribe_to(TrapNumber::REPATH);
/// let end = InformInfo { subscribe: false, ..begin };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InformInfo {
    /// Port whose events are meant; unspecified if the LIDs count.
    pub gid: Gid,
    /// First LID whose events are meant; [`ALL_LIDS`](Self::ALL_LIDS) for all.
    pub lid_range_begin: Lid,
    /// Last LID whose events are meant; nothing if the first one stands for all.
    pub lid_range_end: Lid,
    /// Whether to begin with reports, or to end. Received bytes other than 0 and 1 count as 1.
    pub subscribe: bool,
    /// Events of which type.
    pub notice_type: NoticeType,
    /// Who defines the events, and which. Received bytes other than 0 and 1 count as generic.
    pub producer: Producer,
    /// Queue pair of the subscriber.
    pub qpn: Qpn,
    /// How long the subscriber may take to answer a Report: 4.096 µs times two to the power of this, 5 bits.
    pub response_time_value: u8,
}

impl InformInfo {
    /// As first LID of the range: events of every port.
    pub const ALL_LIDS: Lid = Lid(0xFFFF);

    /// Subscription of a queue pair 1 to one event of the standard, whatever its type and whoever tells of it.
    pub const fn subscribe_to(trap_number: TrapNumber) -> Self {
        Self {
            gid: Gid::UNSPECIFIED,
            lid_range_begin: Self::ALL_LIDS,
            lid_range_end: Lid(0),
            subscribe: true,
            notice_type: NoticeType::ALL,
            producer: Producer::Generic { producer_type: ProducerType::ALL, trap_number },
            qpn: Qpn::GENERAL_SERVICES,
            // About a second, what infiniband-diags and the kernel ask for.
            response_time_value: 18,
        }
    }

    /// Number of the trap that is meant, [`TrapNumber::ALL`] for every one; `None` for a vendor's events.
    pub const fn trap_number(&self) -> Option<TrapNumber> {
        self.producer.trap_number()
    }
}

impl Default for InformInfo {
    /// Every field zero: a template to ask with.
    fn default() -> Self {
        Self {
            gid: Gid::UNSPECIFIED,
            lid_range_begin: Lid(0),
            lid_range_end: Lid(0),
            subscribe: false,
            notice_type: NoticeType(0),
            producer: Producer::Vendor { vendor_id: 0, device_id: 0 },
            qpn: Qpn::SUBNET_MANAGEMENT,
            response_time_value: 0,
        }
    }
}

impl Attribute for InformInfo {
    type View = InformInfoView;
    const NAME: &'static str = "InformInfo";

    fn from_view(view: &InformInfoView) -> Self {
        Self {
            gid: view.gid(),
            lid_range_begin: view.lid_range_begin(),
            lid_range_end: view.lid_range_end(),
            subscribe: view.subscribe(),
            notice_type: view.notice_type(),
            producer: view.producer(),
            qpn: view.qpn(),
            response_time_value: view.response_time_value(),
        }
    }

    fn to_view(&self) -> InformInfoView {
        let (is_generic, type_or_vendor, trap_or_device) = self.producer.to_fields();
        InformInfoView {
            gid: self.gid.0,
            lid_range_begin: U16::new(self.lid_range_begin.0),
            lid_range_end: U16::new(self.lid_range_end.0),
            reserved: U16::ZERO,
            is_generic: is_generic.into(),
            subscribe: self.subscribe.into(),
            notice_type: U16::new(self.notice_type.0),
            trap_number_or_device_id: U16::new(trap_or_device),
            qpn_and_response_time: U32::new(
                (self.qpn.get() << 8) | u32::from(self.response_time_value & 0x1F),
            ),
            reserved2: 0,
            producer_type_or_vendor_id: U24::new(type_or_vendor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let info = InformInfo {
            gid: Gid([9; 16]),
            lid_range_begin: Lid(0x0102),
            lid_range_end: Lid(0x0304),
            subscribe: true,
            notice_type: NoticeType(0x0506),
            producer: Producer::Generic {
                producer_type: ProducerType(0x07_0809),
                trap_number: TrapNumber(0x0A0B),
            },
            qpn: Qpn::from_low_bits(0x0C_0D0E),
            response_time_value: 0x1F,
        };
        let mut out = [0xFF; 36];
        assert_eq!(info.emit(&mut out), Ok(36));
        assert_eq!(out[..16], [9; 16]);
        assert_eq!(out[16..], [1, 2, 3, 4, 0, 0, 1, 1, 5, 6, 10, 11, 12, 13, 14, 0x1F, 0, 7, 8, 9]);
        assert_eq!(InformInfo::parse(&out), Ok(info));
        assert_eq!(info.trap_number(), Some(TrapNumber(0x0A0B)));

        let producer = Producer::Vendor { vendor_id: 0x07_0809, device_id: 0x0A0B };
        let info = InformInfo { subscribe: false, producer, ..info };
        assert_eq!(info.trap_number(), None);
        out.fill(0xFF);
        assert_eq!(info.emit(&mut out), Ok(36));
        assert_eq!(out[16..26], [1, 2, 3, 4, 0, 0, 0, 0, 5, 6]);
        assert_eq!(InformInfo::parse(&out), Ok(info));
    }

    #[test]
    fn a_subscription_to_one_trap_leaves_everything_else_open() {
        let mut out = [0xFF; 36];
        assert_eq!(InformInfo::subscribe_to(TrapNumber::REPATH).emit(&mut out), Ok(36));
        assert_eq!(out[16..], [255, 255, 0, 0, 0, 0, 1, 1, 255, 255, 0, 69, 0, 0, 1, 18, 0, 255, 255, 255]);
    }
}
