//! PathRecord (IBTA volume 1, 15.2.5.16, table 205): how one port reaches another.

use zerocopy::big_endian::{U16, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::path_fields::{QosServiceLevel, RawFlowHops, ReversiblePaths, Selected};
use super::{Attribute, AttributeId, ComponentMask, Query, Record};
use crate::types::{Gid, Lid, Mtu, PKey, PacketLifetime, Rate, Selector, ServiceLevel};

/// The record as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PathRecordView {
    service_id: U64,
    destination_gid: [u8; 16],
    source_gid: [u8; 16],
    destination_lid: U16,
    source_lid: U16,
    raw_flow_hops: RawFlowHops,
    traffic_class: u8,
    reversible_paths: ReversiblePaths,
    p_key: U16,
    qos_service_level: QosServiceLevel,
    mtu: Selected,
    rate: Selected,
    packet_lifetime: Selected,
    preference: u8,
    reserved: [u8; 6],
}

const _: () = assert!(size_of::<PathRecordView>() == 64);

impl PathRecordView {
    /// Service that the path is for, 0 for any.
    #[inline]
    pub fn service_id(&self) -> u64 {
        self.service_id.get()
    }
    /// Port at the path's end.
    #[inline]
    pub fn destination_gid(&self) -> Gid {
        Gid(self.destination_gid)
    }
    /// Port at the path's start.
    #[inline]
    pub fn source_gid(&self) -> Gid {
        Gid(self.source_gid)
    }
    /// LID at the path's end.
    #[inline]
    pub fn destination_lid(&self) -> Lid {
        Lid(self.destination_lid.get())
    }
    /// LID at the path's start.
    #[inline]
    pub fn source_lid(&self) -> Lid {
        Lid(self.source_lid.get())
    }
    /// Whether the path carries raw packets.
    #[inline]
    pub fn is_raw(&self) -> bool {
        self.raw_flow_hops.is_raw()
    }
    /// Flow label of the global route, 20 bits.
    #[inline]
    pub fn flow_label(&self) -> u32 {
        self.raw_flow_hops.flow_label()
    }
    /// Hop limit of the global route.
    #[inline]
    pub fn hop_limit(&self) -> u8 {
        self.raw_flow_hops.hop_limit()
    }
    /// Traffic class of the global route.
    #[inline]
    pub fn traffic_class(&self) -> u8 {
        self.traffic_class
    }
    /// Whether a reply may take the path back.
    #[inline]
    pub fn is_reversible(&self) -> bool {
        self.reversible_paths.is_reversible()
    }
    /// Paths that a query wants at most, 7 bits.
    #[inline]
    pub fn number_of_paths(&self) -> u8 {
        self.reversible_paths.number_of_paths()
    }
    /// Partition.
    #[inline]
    pub fn p_key(&self) -> PKey {
        PKey(self.p_key.get())
    }
    /// Quality of service class, 12 bits.
    #[inline]
    pub fn qos_class(&self) -> u16 {
        self.qos_service_level.qos_class()
    }
    /// Service level to send with.
    #[inline]
    pub fn service_level(&self) -> ServiceLevel {
        self.qos_service_level.service_level()
    }
    /// How a query compares the MTU.
    #[inline]
    pub fn mtu_selector(&self) -> Selector {
        self.mtu.selector()
    }
    /// Largest payload.
    #[inline]
    pub fn mtu(&self) -> Mtu {
        Mtu(self.mtu.code())
    }
    /// How a query compares the rate.
    #[inline]
    pub fn rate_selector(&self) -> Selector {
        self.rate.selector()
    }
    /// Rate of the slowest link.
    #[inline]
    pub fn rate(&self) -> Rate {
        Rate(self.rate.code())
    }
    /// How a query compares the lifetime.
    #[inline]
    pub fn packet_lifetime_selector(&self) -> Selector {
        self.packet_lifetime.selector()
    }
    /// How long a packet may be on the way.
    #[inline]
    pub fn packet_lifetime(&self) -> PacketLifetime {
        PacketLifetime(self.packet_lifetime.code())
    }
    /// Order among several paths, 0 first.
    #[inline]
    pub fn preference(&self) -> u8 {
        self.preference
    }
}

/// How one port reaches another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathRecord {
    /// Service that the path is for, 0 for any.
    pub service_id: u64,
    /// Port at the path's end.
    pub destination_gid: Gid,
    /// Port at the path's start.
    pub source_gid: Gid,
    /// LID at the path's end.
    pub destination_lid: Lid,
    /// LID at the path's start.
    pub source_lid: Lid,
    /// Whether the path carries raw packets.
    pub is_raw: bool,
    /// Flow label of the global route, 20 bits.
    pub flow_label: u32,
    /// Hop limit of the global route.
    pub hop_limit: u8,
    /// Traffic class of the global route.
    pub traffic_class: u8,
    /// Whether a reply may take the path back.
    pub is_reversible: bool,
    /// Paths that a query wants at most, 7 bits.
    pub number_of_paths: u8,
    /// Partition.
    pub p_key: PKey,
    /// Quality of service class, 12 bits.
    pub qos_class: u16,
    /// Service level to send with.
    pub service_level: ServiceLevel,
    /// How a query compares the MTU.
    pub mtu_selector: Selector,
    /// Largest payload.
    pub mtu: Mtu,
    /// How a query compares the rate.
    pub rate_selector: Selector,
    /// Rate of the slowest link.
    pub rate: Rate,
    /// How a query compares the lifetime.
    pub packet_lifetime_selector: Selector,
    /// How long a packet may be on the way.
    pub packet_lifetime: PacketLifetime,
    /// Order among several paths, 0 first.
    pub preference: u8,
}

impl Attribute for PathRecord {
    type View = PathRecordView;
    const NAME: &'static str = "PathRecord";

    fn from_view(view: &PathRecordView) -> Self {
        Self {
            service_id: view.service_id(),
            destination_gid: view.destination_gid(),
            source_gid: view.source_gid(),
            destination_lid: view.destination_lid(),
            source_lid: view.source_lid(),
            is_raw: view.is_raw(),
            flow_label: view.flow_label(),
            hop_limit: view.hop_limit(),
            traffic_class: view.traffic_class(),
            is_reversible: view.is_reversible(),
            number_of_paths: view.number_of_paths(),
            p_key: view.p_key(),
            qos_class: view.qos_class(),
            service_level: view.service_level(),
            mtu_selector: view.mtu_selector(),
            mtu: view.mtu(),
            rate_selector: view.rate_selector(),
            rate: view.rate(),
            packet_lifetime_selector: view.packet_lifetime_selector(),
            packet_lifetime: view.packet_lifetime(),
            preference: view.preference(),
        }
    }

    fn to_view(&self) -> PathRecordView {
        PathRecordView {
            service_id: U64::new(self.service_id),
            destination_gid: self.destination_gid.0,
            source_gid: self.source_gid.0,
            destination_lid: U16::new(self.destination_lid.0),
            source_lid: U16::new(self.source_lid.0),
            raw_flow_hops: RawFlowHops::new(self.is_raw, self.flow_label, self.hop_limit),
            traffic_class: self.traffic_class,
            reversible_paths: ReversiblePaths::new(self.is_reversible, self.number_of_paths),
            p_key: U16::new(self.p_key.0),
            qos_service_level: QosServiceLevel::new(self.qos_class, self.service_level),
            mtu: Selected::new(self.mtu_selector, self.mtu.0),
            rate: Selected::new(self.rate_selector, self.rate.0),
            packet_lifetime: Selected::new(self.packet_lifetime_selector, self.packet_lifetime.0),
            preference: self.preference,
            reserved: [0; 6],
        }
    }
}

/// Component mask of a PathRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathRecordMask(pub u64);

impl PathRecordMask {
    /// Service, both of its bits.
    pub const SERVICE_ID: Self = Self(0b11);
    /// Destination GID.
    pub const DESTINATION_GID: Self = Self(1 << 2);
    /// Source GID.
    pub const SOURCE_GID: Self = Self(1 << 3);
    /// Destination LID.
    pub const DESTINATION_LID: Self = Self(1 << 4);
    /// Source LID.
    pub const SOURCE_LID: Self = Self(1 << 5);
    /// Raw traffic.
    pub const RAW: Self = Self(1 << 6);
    /// Flow label.
    pub const FLOW_LABEL: Self = Self(1 << 8);
    /// Hop limit.
    pub const HOP_LIMIT: Self = Self(1 << 9);
    /// Traffic class.
    pub const TRAFFIC_CLASS: Self = Self(1 << 10);
    /// Reversible.
    pub const REVERSIBLE: Self = Self(1 << 11);
    /// Number of paths.
    pub const NUMBER_OF_PATHS: Self = Self(1 << 12);
    /// Partition.
    pub const P_KEY: Self = Self(1 << 13);
    /// Quality of service class.
    pub const QOS_CLASS: Self = Self(1 << 14);
    /// Service level.
    pub const SERVICE_LEVEL: Self = Self(1 << 15);
    /// MTU, selector and value.
    pub const MTU: Self = Self(0b11 << 16);
    /// Rate, selector and value.
    pub const RATE: Self = Self(0b11 << 18);
    /// Packet lifetime, selector and value.
    pub const PACKET_LIFETIME: Self = Self(0b11 << 20);
    /// Preference.
    pub const PREFERENCE: Self = Self(1 << 22);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for PathRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for path records: each method adds one component to match.
///
/// ```
/// use ib_mad::wire::{PathRecordMask, PathRecordQuery};
/// use ib_mad::{Gid, Guid};
///
/// let from = Gid::new(Gid::DEFAULT_PREFIX, Guid(0xd));
/// let to = Gid::new(Gid::DEFAULT_PREFIX, Guid(0x11));
/// let query = PathRecordQuery::new().source_gid(from).destination_gid(to).number_of_paths(1);
/// assert_eq!(query.component_mask(), 0x100c);
/// ```
pub type PathRecordQuery = Query<PathRecord>;

impl Record for PathRecord {
    type Mask = PathRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::PATH_RECORD;
}

impl PathRecordQuery {
    /// Paths for a service.
    pub fn service_id(self, id: u64) -> Self {
        self.with(PathRecordMask::SERVICE_ID, |record| record.service_id = id)
    }
    /// Paths to a port.
    pub fn destination_gid(self, gid: Gid) -> Self {
        self.with(PathRecordMask::DESTINATION_GID, |record| record.destination_gid = gid)
    }
    /// Paths from a port.
    pub fn source_gid(self, gid: Gid) -> Self {
        self.with(PathRecordMask::SOURCE_GID, |record| record.source_gid = gid)
    }
    /// Paths to a LID.
    pub fn destination_lid(self, lid: Lid) -> Self {
        self.with(PathRecordMask::DESTINATION_LID, |record| record.destination_lid = lid)
    }
    /// Paths from a LID.
    pub fn source_lid(self, lid: Lid) -> Self {
        self.with(PathRecordMask::SOURCE_LID, |record| record.source_lid = lid)
    }
    /// Paths for raw packets, or for others.
    pub fn raw(self, is_raw: bool) -> Self {
        self.with(PathRecordMask::RAW, |record| record.is_raw = is_raw)
    }
    /// Paths with a flow label (20 bits).
    pub fn flow_label(self, label: u32) -> Self {
        self.with(PathRecordMask::FLOW_LABEL, |record| record.flow_label = label)
    }
    /// Paths with a hop limit.
    pub fn hop_limit(self, limit: u8) -> Self {
        self.with(PathRecordMask::HOP_LIMIT, |record| record.hop_limit = limit)
    }
    /// Paths with a traffic class.
    pub fn traffic_class(self, class: u8) -> Self {
        self.with(PathRecordMask::TRAFFIC_CLASS, |record| record.traffic_class = class)
    }
    /// Paths that a reply may take back, or that it may not.
    pub fn reversible(self, is_reversible: bool) -> Self {
        self.with(PathRecordMask::REVERSIBLE, |record| record.is_reversible = is_reversible)
    }
    /// At most so many paths a pair (1 to 127).
    pub fn number_of_paths(self, paths: u8) -> Self {
        self.with(PathRecordMask::NUMBER_OF_PATHS, |record| record.number_of_paths = paths)
    }
    /// Paths in a partition.
    pub fn p_key(self, key: PKey) -> Self {
        self.with(PathRecordMask::P_KEY, |record| record.p_key = key)
    }
    /// Paths of a quality of service class (12 bits).
    pub fn qos_class(self, class: u16) -> Self {
        self.with(PathRecordMask::QOS_CLASS, |record| record.qos_class = class)
    }
    /// Paths with a service level.
    pub fn service_level(self, level: ServiceLevel) -> Self {
        self.with(PathRecordMask::SERVICE_LEVEL, |record| record.service_level = level)
    }
    /// Paths by their MTU.
    pub fn mtu(self, selector: Selector, mtu: Mtu) -> Self {
        self.with(PathRecordMask::MTU, |record| {
            record.mtu_selector = selector;
            record.mtu = mtu;
        })
    }
    /// Paths by their rate.
    pub fn rate(self, selector: Selector, rate: Rate) -> Self {
        self.with(PathRecordMask::RATE, |record| {
            record.rate_selector = selector;
            record.rate = rate;
        })
    }
    /// Paths by their packet lifetime.
    pub fn packet_lifetime(self, selector: Selector, lifetime: PacketLifetime) -> Self {
        self.with(PathRecordMask::PACKET_LIFETIME, |record| {
            record.packet_lifetime_selector = selector;
            record.packet_lifetime = lifetime;
        })
    }
    /// Paths with a preference.
    pub fn preference(self, preference: u8) -> Self {
        self.with(PathRecordMask::PREFERENCE, |record| record.preference = preference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Guid;

    #[test]
    fn fields_are_where_the_layout_says() {
        let record = PathRecord {
            service_id: 0x0102_0304_0506_0708,
            destination_gid: Gid::new(0xA000_0000_0000_0001, Guid(0xB000_0000_0000_0001)),
            source_gid: Gid::new(0xA000_0000_0000_0002, Guid(0xB000_0000_0000_0002)),
            destination_lid: Lid(0x1112),
            source_lid: Lid(0x1314),
            is_raw: true,
            flow_label: 0xA_BCDE,
            hop_limit: 0x40,
            traffic_class: 0x41,
            is_reversible: true,
            number_of_paths: 0x7E,
            p_key: PKey(0x8001),
            qos_class: 0xABC,
            service_level: ServiceLevel::from_low_bits(0xD),
            mtu_selector: Selector::Exactly,
            mtu: Mtu(4),
            rate_selector: Selector::LessThan,
            rate: Rate(3),
            packet_lifetime_selector: Selector::Best,
            packet_lifetime: PacketLifetime(18),
            preference: 9,
        };
        let mut out = [0xFF; 64];
        assert_eq!(record.emit(&mut out), Ok(64));
        assert_eq!(out[..8], [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!((out[8], out[23], out[24], out[39]), (0xA0, 1, 0xA0, 2));
        assert_eq!(
            out[40..],
            [
                0x11, 0x12, 0x13, 0x14, 0x8A, 0xBC, 0xDE, 0x40, 0x41, 0xFE, 0x80, 0x01, 0xAB, 0xCD, 0x84,
                0x43, 0xD2, 9, 0, 0, 0, 0, 0, 0
            ]
        );
        assert_eq!(PathRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        let query = PathRecordQuery::new()
            .destination_lid(Lid(5))
            .mtu(Selector::GreaterThan, Mtu::B2048)
            .preference(1)
            .service_id(7);
        assert_eq!(query.component_mask(), 1 << 4 | 0b11 << 16 | 1 << 22 | 0b11);
        let expected = PathRecord {
            destination_lid: Lid(5),
            mtu: Mtu::B2048,
            preference: 1,
            service_id: 7,
            ..PathRecord::default()
        };
        assert_eq!(*query.template(), expected);
    }
}
