//! A path between the two ends of a connection, as a ConnectRequest carries two of them (IBTA volume 1, 12.6.5).

use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::types::{Gid, Lid, Mtu, PKey, PacketLifetime, Rate, Selector, ServiceLevel, TimeoutValue};
use crate::wire::{Attribute, PathRecord};

/// A path as it lies in a ConnectRequest. A LoadAlternatePath has another order: [`LapPathView`](super::LapPathView).
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct CmPathView {
    local_lid: U16,
    remote_lid: U16,
    local_gid: [u8; 16],
    remote_gid: [u8; 16],
    flow_label_packet_rate: U32,
    traffic_class: u8,
    hop_limit: u8,
    service_level_subnet_local: u8,
    /// Three bits behind the timeout are left: the message that the path lies in has a flag there.
    pub(super) local_ack_timeout: u8,
}

const _: () = assert!(size_of::<CmPathView>() == 44);

impl CmPathView {
    /// LID of the sender's port.
    #[inline]
    pub fn local_lid(&self) -> Lid {
        Lid(self.local_lid.get())
    }
    /// LID of the receiver's port.
    #[inline]
    pub fn remote_lid(&self) -> Lid {
        Lid(self.remote_lid.get())
    }
    /// GID of the sender's port.
    #[inline]
    pub fn local_gid(&self) -> Gid {
        Gid(self.local_gid)
    }
    /// GID of the receiver's port.
    #[inline]
    pub fn remote_gid(&self) -> Gid {
        Gid(self.remote_gid)
    }
    /// Flow label of the global route, 20 bits.
    #[inline]
    pub fn flow_label(&self) -> u32 {
        self.flow_label_packet_rate.get() >> 12
    }
    /// Rate to send with, 6 bits.
    #[inline]
    pub fn packet_rate(&self) -> Rate {
        let [.., low] = self.flow_label_packet_rate.to_bytes();
        Rate(low & 0x3F)
    }
    /// Traffic class of the global route.
    #[inline]
    pub fn traffic_class(&self) -> u8 {
        self.traffic_class
    }
    /// Hop limit of the global route.
    #[inline]
    pub fn hop_limit(&self) -> u8 {
        self.hop_limit
    }
    /// Service level to send with.
    #[inline]
    pub fn service_level(&self) -> ServiceLevel {
        ServiceLevel::from_low_bits(self.service_level_subnet_local >> 4)
    }
    /// Whether both ends are in one subnet, so that no global route is needed.
    #[inline]
    pub fn subnet_local(&self) -> bool {
        self.service_level_subnet_local & 0x08 != 0
    }
    /// How long the receiver is to wait for the sender's acknowledgements.
    #[inline]
    pub fn local_ack_timeout(&self) -> TimeoutValue {
        TimeoutValue::from_top_bits(self.local_ack_timeout)
    }
}

/// A path between the two ends of a connection. Unlike a [`PathRecord`] it names them *local* (the message's sender) and
/// *remote*, and has a time for acknowledgements in the place of the packet lifetime; partition and MTU are the connection's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CmPath {
    /// LID of the sender's port; 0 for no path, permissive if the path leaves the subnet.
    pub local_lid: Lid,
    /// LID of the receiver's port; permissive if the path leaves the subnet.
    pub remote_lid: Lid,
    /// GID of the sender's port.
    pub local_gid: Gid,
    /// GID of the receiver's port.
    pub remote_gid: Gid,
    /// Flow label of the global route, 20 bits.
    pub flow_label: u32,
    /// Rate to send with, 6 bits.
    pub packet_rate: Rate,
    /// Traffic class of the global route.
    pub traffic_class: u8,
    /// Hop limit of the global route.
    pub hop_limit: u8,
    /// Service level to send with.
    pub service_level: ServiceLevel,
    /// Whether both ends are in one subnet, so that no global route is needed.
    pub subnet_local: bool,
    /// How long the receiver is to wait for the sender's acknowledgements.
    pub local_ack_timeout: TimeoutValue,
}

impl CmPath {
    /// The path of a record, from its source (local) to its destination (remote), as Linux makes it (`cm_format_req`):
    ///
    /// - The timeout is `local_ca_ack_delay`, the time that the sender's adapter takes to acknowledge, plus twice the packet
    ///   lifetime, rounded to the nearest power of two; 31 at most.
    /// - A path of more than one hop leaves the subnet: its LIDs mean nothing at the other end, and become permissive.
    ///
    /// [`From`] takes an adapter that takes no time.
    pub fn new(record: &PathRecord, local_ca_ack_delay: TimeoutValue) -> Self {
        let subnet_local = record.hop_limit <= 1;
        let lid = |lid| if subnet_local { lid } else { Lid::PERMISSIVE };
        Self {
            local_lid: lid(record.source_lid),
            remote_lid: lid(record.destination_lid),
            local_gid: record.source_gid,
            remote_gid: record.destination_gid,
            flow_label: record.flow_label,
            packet_rate: record.rate,
            traffic_class: record.traffic_class,
            hop_limit: record.hop_limit,
            service_level: record.service_level,
            subnet_local,
            local_ack_timeout: ack_timeout(local_ca_ack_delay, record.packet_lifetime),
        }
    }

    /// The path as the receiver of the message uses it, back to the sender, as Linux makes it (`cm_format_paths_from_req`):
    /// half of the timeout is its packet lifetime. Partition and MTU are the connection's.
    pub fn way_back(&self, p_key: PKey, mtu: Mtu) -> PathRecord {
        PathRecord {
            destination_gid: self.local_gid,
            source_gid: self.remote_gid,
            destination_lid: self.local_lid,
            source_lid: self.remote_lid,
            flow_label: self.flow_label,
            hop_limit: self.hop_limit,
            traffic_class: self.traffic_class,
            is_reversible: true,
            p_key,
            service_level: self.service_level,
            mtu_selector: Selector::Exactly,
            mtu,
            rate_selector: Selector::Exactly,
            rate: self.packet_rate,
            packet_lifetime_selector: Selector::Exactly,
            packet_lifetime: PacketLifetime(self.local_ack_timeout.get().saturating_sub(1)),
            ..PathRecord::default()
        }
    }

    /// Whether there is a path at all: a ConnectRequest without an alternate path has zeros in its place.
    pub fn is_some(&self) -> bool {
        self.local_lid != Lid::UNASSIGNED
    }
}

impl From<&PathRecord> for CmPath {
    fn from(record: &PathRecord) -> Self {
        Self::new(record, TimeoutValue::default())
    }
}

/// The power of two that is nearest to `delay` plus twice `lifetime`.
fn ack_timeout(delay: TimeoutValue, lifetime: PacketLifetime) -> TimeoutValue {
    let (delay, twice) = (delay.get(), lifetime.0.saturating_add(1));
    // The smaller one tips the balance if it is at least half of the larger.
    let is_close = twice.abs_diff(delay) <= 1;
    let exponent = twice.max(delay).saturating_add(is_close.into());
    TimeoutValue::new(exponent).unwrap_or(TimeoutValue::MAX)
}

impl Attribute for CmPath {
    type View = CmPathView;
    const NAME: &'static str = "CM path";

    fn from_view(view: &CmPathView) -> Self {
        Self {
            local_lid: view.local_lid(),
            remote_lid: view.remote_lid(),
            local_gid: view.local_gid(),
            remote_gid: view.remote_gid(),
            flow_label: view.flow_label(),
            packet_rate: view.packet_rate(),
            traffic_class: view.traffic_class(),
            hop_limit: view.hop_limit(),
            service_level: view.service_level(),
            subnet_local: view.subnet_local(),
            local_ack_timeout: view.local_ack_timeout(),
        }
    }

    fn to_view(&self) -> CmPathView {
        CmPathView {
            local_lid: U16::new(self.local_lid.0),
            remote_lid: U16::new(self.remote_lid.0),
            local_gid: self.local_gid.0,
            remote_gid: self.remote_gid.0,
            flow_label_packet_rate: U32::new((self.flow_label << 12) | u32::from(self.packet_rate.0 & 0x3F)),
            traffic_class: self.traffic_class,
            hop_limit: self.hop_limit,
            service_level_subnet_local: (self.service_level.get() << 4) | (u8::from(self.subnet_local) << 3),
            local_ack_timeout: self.local_ack_timeout.to_top_bits(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::wire::cm) fn path() -> CmPath {
        CmPath {
            local_lid: Lid(0x0102),
            remote_lid: Lid(0x0304),
            local_gid: Gid([0x11; 16]),
            remote_gid: Gid([0x22; 16]),
            flow_label: 0x5_0607,
            packet_rate: Rate(0x2B),
            traffic_class: 0x0C,
            hop_limit: 0x0D,
            service_level: ServiceLevel::from_low_bits(0xE),
            subnet_local: true,
            local_ack_timeout: TimeoutValue::from_top_bits(0x98),
        }
    }

    #[test]
    fn fields_are_where_the_layout_says() {
        let mut out = [0xFF; 44];
        assert_eq!(path().emit(&mut out), Ok(44));
        assert_eq!(out[..4], [1, 2, 3, 4]);
        assert_eq!((&out[4..20], &out[20..36]), (&[0x11; 16][..], &[0x22; 16][..]));
        assert_eq!(out[36..], [0x50, 0x60, 0x70, 0x2B, 0x0C, 0x0D, 0xE8, 0x98]);
        assert_eq!(CmPath::parse(&out), Ok(path()));
    }

    #[test]
    fn reserved_bits_are_ignored() {
        let mut out = [0; 44];
        path().emit(&mut out).unwrap();
        out[38] |= 0x0F;
        out[39] |= 0xC0;
        out[42] |= 0x07;
        out[43] |= 0x07;
        assert_eq!(CmPath::parse(&out), Ok(path()));
    }

    #[test]
    fn the_timeout_is_the_nearest_power_of_two() {
        for delay in 0..32_u8 {
            for lifetime in 0..64_u8 {
                let sum = (1_u128 << delay) + (2_u128 << lifetime);
                // Of two that are as near, `min_by_key` takes the first: the larger.
                let nearest = (0..=66_u8).rev().min_by_key(|power| (1_u128 << power).abs_diff(sum)).unwrap();
                let ours = ack_timeout(TimeoutValue::new(delay).unwrap(), PacketLifetime(lifetime));
                assert_eq!(ours.get(), nearest.min(31), "{delay} {lifetime}");
            }
        }
    }

    #[test]
    fn a_record_there_and_back() {
        let record = PathRecord {
            destination_gid: Gid([2; 16]),
            source_gid: Gid([1; 16]),
            destination_lid: Lid(7),
            source_lid: Lid(3),
            flow_label: 9,
            traffic_class: 4,
            is_reversible: true,
            p_key: PKey(0x8001),
            service_level: ServiceLevel::from_low_bits(5),
            mtu_selector: Selector::Exactly,
            mtu: Mtu::B2048,
            rate_selector: Selector::Exactly,
            rate: Rate(16),
            packet_lifetime_selector: Selector::Exactly,
            packet_lifetime: PacketLifetime(18),
            ..PathRecord::default()
        };
        let path = CmPath::from(&record);
        assert!(path.subnet_local && path.is_some() && !CmPath::default().is_some());
        assert_eq!((path.local_lid, path.remote_lid, path.local_ack_timeout.get()), (Lid(3), Lid(7), 19));
        let back = path.way_back(record.p_key, record.mtu);
        let expected = PathRecord {
            destination_gid: record.source_gid,
            source_gid: record.destination_gid,
            destination_lid: record.source_lid,
            source_lid: record.destination_lid,
            ..record
        };
        assert_eq!(back, expected);

        let routed = CmPath::from(&PathRecord { hop_limit: 2, ..record });
        assert!(!routed.subnet_local);
        assert_eq!((routed.local_lid, routed.remote_lid), (Lid::PERMISSIVE, Lid::PERMISSIVE));
    }
}
