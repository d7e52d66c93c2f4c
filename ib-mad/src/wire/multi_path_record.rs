//! MultiPathRecord (IBTA volume 1, 15.2.5.20): a question for paths from several ports to several ports. The GIDs of the
//! ports follow the fixed part, sources first; the layout is that of OpenSM's ib_types.h.

use zerocopy::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::path_fields::{QosServiceLevel, RawFlowHops, ReversiblePaths, Selected};
use super::{Attribute, ComponentMask};
use crate::error::DecodeError;
use crate::types::{Gid, Mtu, PKey, PacketLifetime, Rate, Selector, ServiceLevel};

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct MultiPathRecordView {
    raw_flow_hops: RawFlowHops,
    traffic_class: u8,
    reversible_paths: ReversiblePaths,
    p_key: U16,
    qos_service_level: QosServiceLevel,
    mtu: Selected,
    rate: Selected,
    packet_lifetime: Selected,
    service_id_high: u8,
    independence: u8,
    source_gid_count: u8,
    destination_gid_count: u8,
    service_id_low: [u8; 7],
}

const _: () = assert!(size_of::<MultiPathRecordView>() == 24);

impl MultiPathRecordView {
    /// Whether the paths carry raw packets.
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
    /// Whether replies may take the paths back.
    #[inline]
    pub fn is_reversible(&self) -> bool {
        self.reversible_paths.is_reversible()
    }
    /// Paths wanted at most, 7 bits.
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
    /// How the MTU is compared.
    #[inline]
    pub fn mtu_selector(&self) -> Selector {
        self.mtu.selector()
    }
    /// Largest payload.
    #[inline]
    pub fn mtu(&self) -> Mtu {
        Mtu(self.mtu.code())
    }
    /// How the rate is compared.
    #[inline]
    pub fn rate_selector(&self) -> Selector {
        self.rate.selector()
    }
    /// Rate of the slowest link.
    #[inline]
    pub fn rate(&self) -> Rate {
        Rate(self.rate.code())
    }
    /// How the lifetime is compared.
    #[inline]
    pub fn packet_lifetime_selector(&self) -> Selector {
        self.packet_lifetime.selector()
    }
    /// How long a packet may be on the way.
    #[inline]
    pub fn packet_lifetime(&self) -> PacketLifetime {
        PacketLifetime(self.packet_lifetime.code())
    }
    /// Service that the paths are for, 0 for any.
    #[inline]
    pub fn service_id(&self) -> u64 {
        let [b, c, d, e, f, g, h] = self.service_id_low;
        u64::from_be_bytes([self.service_id_high, b, c, d, e, f, g, h])
    }
    /// Whether the paths have to fail independently of each other, 2 bits.
    #[inline]
    pub fn independence(&self) -> u8 {
        self.independence >> 6
    }
    /// Source GIDs that follow.
    #[inline]
    pub fn source_gid_count(&self) -> u8 {
        self.source_gid_count
    }
    /// Destination GIDs that follow them.
    #[inline]
    pub fn destination_gid_count(&self) -> u8 {
        self.destination_gid_count
    }
}

/// A question for paths from several ports to several ports, without its GIDs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MultiPathRecord {
    /// Whether the paths carry raw packets.
    pub is_raw: bool,
    /// Flow label of the global route, 20 bits.
    pub flow_label: u32,
    /// Hop limit of the global route.
    pub hop_limit: u8,
    /// Traffic class of the global route.
    pub traffic_class: u8,
    /// Whether replies may take the paths back.
    pub is_reversible: bool,
    /// Paths wanted at most, 7 bits.
    pub number_of_paths: u8,
    /// Partition.
    pub p_key: PKey,
    /// Quality of service class, 12 bits.
    pub qos_class: u16,
    /// Service level to send with.
    pub service_level: ServiceLevel,
    /// How the MTU is compared.
    pub mtu_selector: Selector,
    /// Largest payload.
    pub mtu: Mtu,
    /// How the rate is compared.
    pub rate_selector: Selector,
    /// Rate of the slowest link.
    pub rate: Rate,
    /// How the lifetime is compared.
    pub packet_lifetime_selector: Selector,
    /// How long a packet may be on the way.
    pub packet_lifetime: PacketLifetime,
    /// Service that the paths are for, 0 for any.
    pub service_id: u64,
    /// Whether the paths have to fail independently of each other, 2 bits.
    pub independence: u8,
    /// Source GIDs that follow.
    pub source_gid_count: u8,
    /// Destination GIDs that follow them.
    pub destination_gid_count: u8,
}

impl Attribute for MultiPathRecord {
    type View = MultiPathRecordView;
    const NAME: &'static str = "MultiPathRecord";

    fn from_view(view: &MultiPathRecordView) -> Self {
        Self {
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
            service_id: view.service_id(),
            independence: view.independence(),
            source_gid_count: view.source_gid_count(),
            destination_gid_count: view.destination_gid_count(),
        }
    }

    fn to_view(&self) -> MultiPathRecordView {
        let [service_id_high, b, c, d, e, f, g, h] = self.service_id.to_be_bytes();
        MultiPathRecordView {
            raw_flow_hops: RawFlowHops::new(self.is_raw, self.flow_label, self.hop_limit),
            traffic_class: self.traffic_class,
            reversible_paths: ReversiblePaths::new(self.is_reversible, self.number_of_paths),
            p_key: U16::new(self.p_key.0),
            qos_service_level: QosServiceLevel::new(self.qos_class, self.service_level),
            mtu: Selected::new(self.mtu_selector, self.mtu.0),
            rate: Selected::new(self.rate_selector, self.rate.0),
            packet_lifetime: Selected::new(self.packet_lifetime_selector, self.packet_lifetime.0),
            service_id_high,
            independence: self.independence << 6,
            source_gid_count: self.source_gid_count,
            destination_gid_count: self.destination_gid_count,
            service_id_low: [b, c, d, e, f, g, h],
        }
    }
}

/// Component mask of a MultiPathRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MultiPathRecordMask(pub u64);

impl MultiPathRecordMask {
    /// Raw traffic.
    pub const RAW: Self = Self(1);
    /// Flow label.
    pub const FLOW_LABEL: Self = Self(1 << 2);
    /// Hop limit.
    pub const HOP_LIMIT: Self = Self(1 << 3);
    /// Traffic class.
    pub const TRAFFIC_CLASS: Self = Self(1 << 4);
    /// Reversible.
    pub const REVERSIBLE: Self = Self(1 << 5);
    /// Number of paths.
    pub const NUMBER_OF_PATHS: Self = Self(1 << 6);
    /// Partition.
    pub const P_KEY: Self = Self(1 << 7);
    /// Quality of service class.
    pub const QOS_CLASS: Self = Self(1 << 8);
    /// Service level.
    pub const SERVICE_LEVEL: Self = Self(1 << 9);
    /// MTU, selector and value.
    pub const MTU: Self = Self(0b11 << 10);
    /// Rate, selector and value.
    pub const RATE: Self = Self(0b11 << 12);
    /// Packet lifetime, selector and value.
    pub const PACKET_LIFETIME: Self = Self(0b11 << 14);
    /// Service, both of its bits.
    pub const SERVICE_ID: Self = Self(1 << 16 | 1 << 21);
    /// Independence.
    pub const INDEPENDENCE: Self = Self(1 << 17);
    /// Number of source GIDs.
    pub const SOURCE_GID_COUNT: Self = Self(1 << 19);
    /// Number of destination GIDs.
    pub const DESTINATION_GID_COUNT: Self = Self(1 << 20);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for MultiPathRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// The GIDs behind a MultiPathRecord.
#[derive(Clone, Copy, Debug)]
pub struct MultiPathGids<'a> {
    sources: &'a [[u8; 16]],
    destinations: &'a [[u8; 16]],
}

impl<'a> MultiPathGids<'a> {
    /// Read as many GIDs behind the record at the start of `bytes` as it says that there are.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] when there are fewer.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let record = MultiPathRecord::view(bytes)?;
        let (sources, destinations) =
            (usize::from(record.source_gid_count), usize::from(record.destination_gid_count));
        let behind = bytes.get(MultiPathRecord::LENGTH..).unwrap_or_default();
        let split =
            <[[u8; 16]]>::ref_from_prefix_with_elems(behind, sources).ok().and_then(|(sources, behind)| {
                let (destinations, _) =
                    <[[u8; 16]]>::ref_from_prefix_with_elems(behind, destinations).ok()?;
                Some(Self { sources, destinations })
            });
        split.ok_or(DecodeError::Truncated {
            what: MultiPathRecord::NAME,
            needed: length(sources.saturating_add(destinations)),
            got: bytes.len(),
        })
    }

    /// Ports at the start of paths.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = Gid> + 'a {
        self.sources.iter().copied().map(Gid)
    }
    /// Ports at the end of paths.
    pub fn destinations(&self) -> impl ExactSizeIterator<Item = Gid> + 'a {
        self.destinations.iter().copied().map(Gid)
    }
}

/// Length of a record with so many GIDs.
pub(super) fn length(gids: usize) -> usize {
    gids.saturating_mul(16).saturating_add(MultiPathRecord::LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let record = MultiPathRecord {
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
            service_id: 0x0102_0304_0506_0708,
            independence: 2,
            source_gid_count: 3,
            destination_gid_count: 5,
        };
        let mut out = [0xFF; 24];
        assert_eq!(record.emit(&mut out), Ok(24));
        assert_eq!(
            out,
            [
                0x8A, 0xBC, 0xDE, 0x40, 0x41, 0xFE, 0x80, 0x01, 0xAB, 0xCD, 0x84, 0x43, 0xD2, 1, 0x80, 3, 5,
                2, 3, 4, 5, 6, 7, 8
            ]
        );
        assert_eq!(MultiPathRecord::parse(&out), Ok(record));
    }

    #[test]
    fn gids_follow_as_many_as_the_record_says() {
        let record =
            MultiPathRecord { source_gid_count: 1, destination_gid_count: 2, ..MultiPathRecord::default() };
        let mut bytes = [0; 24 + 3 * 16 + 1];
        assert_eq!(record.emit(&mut bytes), Ok(24));
        for (i, gid) in bytes[24..72].chunks_mut(16).enumerate() {
            gid.fill(i as u8 + 1);
        }
        let gids = MultiPathGids::parse(&bytes).unwrap();
        assert!(gids.sources().eq([Gid([1; 16])]));
        assert!(gids.destinations().eq([Gid([2; 16]), Gid([3; 16])]));
        let error = DecodeError::Truncated { what: "MultiPathRecord", needed: 72, got: 71 };
        assert_eq!(MultiPathGids::parse(&bytes[..71]).map(|_| ()), Err(error));
        assert!(MultiPathGids::parse(&bytes[..72]).is_ok());
    }
}
