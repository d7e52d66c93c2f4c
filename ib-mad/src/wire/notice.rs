//! Notice (IBTA volume 1, 13.4.8.2, table 121): something happened. What exactly, its data details tell: [`TrapDetails`].

use core::fmt;
use zerocopy::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::u24::U24;
use super::{Attribute, TrapDetails};
use crate::types::{Gid, Lid};

/// How grave an event is. Seven bits in a Notice, 16 in a subscription.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoticeType(pub u16);

impl NoticeType {
    /// Something no longer works.
    pub const FATAL: Self = Self(0);
    /// Something needs attention now.
    pub const URGENT: Self = Self(1);
    /// Somebody presented a wrong key.
    pub const SECURITY: Self = Self(2);
    /// The subnet changed; from its manager.
    pub const SUBNET_MANAGEMENT: Self = Self(3);
    /// Good to know.
    pub const INFORMATIONAL: Self = Self(4);
    /// No event: the answer to a Get when there is none.
    pub const EMPTY: Self = Self(0x7F);
    /// In a subscription: every type.
    pub const ALL: Self = Self(0xFFFF);
}

/// Number of a generic event.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrapNumber(pub u16);

impl TrapNumber {
    /// A port came into service.
    pub const GID_IN_SERVICE: Self = Self(64);
    /// A port went out of service.
    pub const GID_OUT_OF_SERVICE: Self = Self(65);
    /// A multicast group was created.
    pub const MULTICAST_GROUP_CREATED: Self = Self(66);
    /// A multicast group was deleted.
    pub const MULTICAST_GROUP_DELETED: Self = Self(67);
    /// Paths are no longer valid.
    pub const UNPATH: Self = Self(68);
    /// Paths have changed.
    pub const REPATH: Self = Self(69);
    /// A link of a switch changed its state.
    pub const LINK_STATE_CHANGE: Self = Self(128);
    /// A link has too many errors.
    pub const LINK_INTEGRITY: Self = Self(129);
    /// A buffer was overrun too often.
    pub const BUFFER_OVERRUN: Self = Self(130);
    /// The other end of a link sends no flow control.
    pub const FLOW_CONTROL_WATCHDOG: Self = Self(131);
    /// A port's capabilities, or other settings of its own, changed.
    pub const LOCAL_CHANGES: Self = Self(144);
    /// A node became part of another system.
    pub const SYSTEM_IMAGE_GUID_CHANGE: Self = Self(145);
    /// A packet had a wrong M_Key.
    pub const BAD_M_KEY: Self = Self(256);
    /// A packet had a wrong P_Key.
    pub const BAD_P_KEY: Self = Self(257);
    /// A packet had a wrong Q_Key.
    pub const BAD_Q_KEY: Self = Self(258);
    /// A packet had a wrong P_Key when it passed a switch.
    pub const BAD_P_KEY_AT_SWITCH: Self = Self(259);
    /// In a subscription: every event.
    pub const ALL: Self = Self(0xFFFF);
}

impl fmt::Display for TrapNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for TrapNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrapNumber({self})")
    }
}

/// Kind of node that an event comes from, 24 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProducerType(pub u32);

impl ProducerType {
    /// A channel adapter.
    pub const CHANNEL_ADAPTER: Self = Self(1);
    /// A switch.
    pub const SWITCH: Self = Self(2);
    /// A router.
    pub const ROUTER: Self = Self(3);
    /// A manager of a class: the subnet manager, say.
    pub const CLASS_MANAGER: Self = Self(4);
    /// In a subscription: every kind.
    pub const ALL: Self = Self(0xFF_FFFF);
}

/// Who defines an event: the standard or a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Producer {
    /// An event of the standard.
    Generic {
        /// Kind of node that it comes from.
        producer_type: ProducerType,
        /// Which event.
        trap_number: TrapNumber,
    },
    /// An event of a vendor.
    Vendor {
        /// The vendor (IEEE OUI), 24 bits.
        vendor_id: u32,
        /// The device, as its vendor numbers it.
        device_id: u16,
    },
}

impl Producer {
    /// Number of the trap; `None` if it is a vendor's.
    pub const fn trap_number(self) -> Option<TrapNumber> {
        match self {
            Self::Generic { trap_number, .. } => Some(trap_number),
            Self::Vendor { .. } => None,
        }
    }

    /// From the two fields that have another meaning with a vendor's event.
    pub(super) const fn from_fields(is_generic: bool, type_or_vendor: u32, trap_or_device: u16) -> Self {
        if is_generic {
            Self::Generic {
                producer_type: ProducerType(type_or_vendor),
                trap_number: TrapNumber(trap_or_device),
            }
        } else {
            Self::Vendor { vendor_id: type_or_vendor, device_id: trap_or_device }
        }
    }

    /// Whether the event is one of the standard, and the two fields.
    pub(super) const fn to_fields(self) -> (bool, u32, u16) {
        match self {
            Self::Generic { producer_type, trap_number } => (true, producer_type.0, trap_number.0),
            Self::Vendor { vendor_id, device_id } => (false, vendor_id, device_id),
        }
    }
}

/// Bytes of a Notice that tell about the event.
pub const DATA_DETAILS_LENGTH: usize = 54;

/// What a subnet management packet can carry of a Notice: all but the issuer's GID, since it has 64 bytes of data.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SmpNoticeView {
    generic_and_type: u8,
    producer_type_or_vendor_id: U24,
    trap_number_or_device_id: U16,
    issuer_lid: U16,
    toggle_and_count: U16,
    data_details: [u8; DATA_DETAILS_LENGTH],
}

const _: () = assert!(size_of::<SmpNoticeView>() == 64);

impl SmpNoticeView {
    /// Who defines the event, and which it is.
    #[inline]
    pub fn producer(&self) -> Producer {
        Producer::from_fields(
            self.generic_and_type & 0x80 != 0,
            self.producer_type_or_vendor_id.get(),
            self.trap_number_or_device_id.get(),
        )
    }
    /// How grave it is.
    #[inline]
    pub fn notice_type(&self) -> NoticeType {
        NoticeType(u16::from(self.generic_and_type & 0x7F))
    }
    /// Port that tells of it.
    #[inline]
    pub fn issuer_lid(&self) -> Lid {
        Lid(self.issuer_lid.get())
    }
    /// Flips each time a new event takes the place of the last one in the issuer's Notice.
    #[inline]
    pub fn notice_toggle(&self) -> bool {
        self.toggle_and_count.get() & 0x8000 != 0
    }
    /// Events that the issuer has waiting, 15 bits.
    #[inline]
    pub fn notice_count(&self) -> u16 {
        self.toggle_and_count.get() & 0x7FFF
    }
    /// About the event.
    #[inline]
    pub fn data_details(&self) -> &[u8; DATA_DETAILS_LENGTH] {
        &self.data_details
    }
}

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NoticeView {
    start: SmpNoticeView,
    issuer_gid: [u8; 16],
}

const _: () = assert!(size_of::<NoticeView>() == 80);

impl NoticeView {
    /// Everything but the issuer's GID.
    #[inline]
    pub fn start(&self) -> &SmpNoticeView {
        &self.start
    }
    /// Port that tells of the event; a manager that forwards it fills this in.
    #[inline]
    pub fn issuer_gid(&self) -> Gid {
        Gid(self.issuer_gid)
    }
}

/// Something happened.
///
/// ```
/// use ib_mad::Lid;
/// use ib_mad::wire::{Notice, NoticeType, ProducerType, TrapDetails};
///
/// let trap = TrapDetails::LinkStateChange { lid: Lid(7) };
/// let notice = Notice { issuer_lid: Lid(7), ..Notice::generic(NoticeType::URGENT, ProducerType::SWITCH, &trap) };
/// assert_eq!(notice.trap(), Some(trap));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Notice {
    /// Who defines the event, and which it is.
    pub producer: Producer,
    /// How grave it is; only the low 7 bits travel.
    pub notice_type: NoticeType,
    /// Port that tells of it.
    pub issuer_lid: Lid,
    /// Flips each time a new event takes the place of the last one in the issuer's Notice.
    pub notice_toggle: bool,
    /// Events that the issuer has waiting, 15 bits.
    pub notice_count: u16,
    /// About the event.
    pub data_details: [u8; DATA_DETAILS_LENGTH],
    /// Port that tells of the event; a manager that forwards it fills this in.
    pub issuer_gid: Gid,
}

impl Notice {
    /// Notice of an event of the standard, without its issuer.
    pub fn generic(notice_type: NoticeType, producer_type: ProducerType, trap: &TrapDetails) -> Self {
        Self {
            producer: Producer::Generic { producer_type, trap_number: trap.trap_number() },
            notice_type,
            issuer_lid: Lid::UNASSIGNED,
            notice_toggle: false,
            notice_count: 0,
            data_details: trap.to_data_details(),
            issuer_gid: Gid::UNSPECIFIED,
        }
    }

    /// Number of the trap; `None` if it is a vendor's.
    pub const fn trap_number(&self) -> Option<TrapNumber> {
        self.producer.trap_number()
    }

    /// What happened; `None` if only the vendor can tell.
    pub fn trap(&self) -> Option<TrapDetails> {
        self.trap_number().map(|number| TrapDetails::from_data_details(number, &self.data_details))
    }

    fn from_start(start: &SmpNoticeView, issuer_gid: Gid) -> Self {
        Self {
            producer: start.producer(),
            notice_type: start.notice_type(),
            issuer_lid: start.issuer_lid(),
            notice_toggle: start.notice_toggle(),
            notice_count: start.notice_count(),
            data_details: *start.data_details(),
            issuer_gid,
        }
    }

    fn to_start(self) -> SmpNoticeView {
        let (is_generic, type_or_vendor, trap_or_device) = self.producer.to_fields();
        let [_, notice_type] = self.notice_type.0.to_be_bytes();
        SmpNoticeView {
            generic_and_type: (u8::from(is_generic) << 7) | (notice_type & 0x7F),
            producer_type_or_vendor_id: U24::new(type_or_vendor),
            trap_number_or_device_id: U16::new(trap_or_device),
            issuer_lid: U16::new(self.issuer_lid.0),
            toggle_and_count: U16::new((u16::from(self.notice_toggle) << 15) | (self.notice_count & 0x7FFF)),
            data_details: self.data_details,
        }
    }
}

/// Its details by what they say, in which keys are redacted, where that is known.
impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trap = self.trap();
        let details: &dyn fmt::Debug = match &trap {
            Some(trap) => trap,
            None => &self.data_details,
        };
        f.debug_struct("Notice")
            .field("producer", &self.producer)
            .field("notice_type", &self.notice_type)
            .field("issuer_lid", &self.issuer_lid)
            .field("notice_toggle", &self.notice_toggle)
            .field("notice_count", &self.notice_count)
            .field("data_details", details)
            .field("issuer_gid", &self.issuer_gid)
            .finish()
    }
}

impl Attribute for Notice {
    type View = NoticeView;
    const NAME: &'static str = "Notice";

    fn from_view(view: &NoticeView) -> Self {
        Self::from_start(view.start(), view.issuer_gid())
    }

    fn to_view(&self) -> NoticeView {
        NoticeView { start: self.to_start(), issuer_gid: self.issuer_gid.0 }
    }
}

/// A Notice as a trap of subnet management carries it: its issuer's GID does not fit and is lost. OpenSM finds it by
/// the issuer's LID before it forwards the Notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SmpNotice(pub Notice);

impl Attribute for SmpNotice {
    type View = SmpNoticeView;
    const NAME: &'static str = "Notice";

    fn from_view(view: &SmpNoticeView) -> Self {
        Self(Notice::from_start(view, Gid::UNSPECIFIED))
    }

    fn to_view(&self) -> SmpNoticeView {
        self.0.to_start()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Guid;

    fn example() -> Notice {
        Notice {
            producer: Producer::Generic {
                producer_type: ProducerType(0x01_0203),
                trap_number: TrapNumber(0x0405),
            },
            notice_type: NoticeType::SUBNET_MANAGEMENT,
            issuer_lid: Lid(0x0607),
            notice_toggle: true,
            notice_count: 0x0809,
            data_details: core::array::from_fn(|i| 10 + i as u8),
            issuer_gid: Gid::new(0x1111_1111_1111_1111, Guid(0x2222_2222_2222_2222)),
        }
    }

    #[test]
    fn fields_are_where_the_layout_says() {
        let mut out = [0xFF; 80];
        assert_eq!(example().emit(&mut out), Ok(80));
        assert_eq!(out[..12], [0x83, 1, 2, 3, 4, 5, 6, 7, 0x88, 9, 10, 11]);
        assert_eq!(out[63..], [63, 17, 17, 17, 17, 17, 17, 17, 17, 34, 34, 34, 34, 34, 34, 34, 34]);
        assert_eq!(Notice::parse(&out), Ok(example()));
    }

    #[test]
    fn vendors_have_the_same_fields_without_the_top_bit() {
        let notice = Notice {
            producer: Producer::Vendor { vendor_id: 0xAB_CDEF, device_id: 0x1234 },
            notice_type: NoticeType::EMPTY,
            ..example()
        };
        let mut out = [0xFF; 80];
        assert_eq!(notice.emit(&mut out), Ok(80));
        assert_eq!(out[..6], [0x7F, 0xAB, 0xCD, 0xEF, 0x12, 0x34]);
        assert_eq!(Notice::parse(&out), Ok(notice));
        assert_eq!(notice.trap(), None);
    }

    #[test]
    fn a_trap_of_subnet_management_loses_the_issuers_gid() {
        let mut whole = [0xFF; 80];
        let mut short = [0xFF; 64];
        assert_eq!(example().emit(&mut whole), Ok(80));
        assert_eq!(SmpNotice(example()).emit(&mut short), Ok(64));
        assert_eq!(short, whole[..64]);
        let read = SmpNotice::parse(&short).unwrap().0;
        assert_eq!(read, Notice { issuer_gid: Gid::UNSPECIFIED, ..example() });
    }
}
