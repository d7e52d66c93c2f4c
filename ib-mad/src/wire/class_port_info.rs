//! ClassPortInfo (IBTA volume 1, 13.4.8.1): what a class can do at a port, and where its requests and traps go.

use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;
use super::u24::U24;
use crate::types::{Gid, Lid, PKey, QKey, Qpn, ServiceLevel};

/// What a class can do. The low byte means the same in every class, the others are the class's own: here, those of
/// subnet administration (`SA_`: IBTA volume 1, 15.2.5.1) and of communication management (`CM_`: the bits are those that
/// OpenSM's ib_cm_types.h numbers).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassCapabilityMask(pub u16);

impl ClassCapabilityMask {
    /// IsTrapSupported: sends traps.
    pub const TRAP: Self = Self(1);
    /// IsGetSetNoticeSupported: its Notice can be read and written.
    pub const GET_SET_NOTICE: Self = Self(1 << 1);
    /// IsSubnetOptionalRecordsSupported: has the records that the standard leaves optional.
    pub const SA_OPTIONAL_RECORDS: Self = Self(1 << 8);
    /// IsUDMulticastSupported: manages multicast groups.
    pub const SA_UD_MULTICAST: Self = Self(1 << 9);
    /// IsMultiPathSupported: answers MultiPathRecord queries.
    pub const SA_MULTI_PATH: Self = Self(1 << 10);
    /// IsReliableConnectionCapable: makes reliable connections.
    pub const CM_RELIABLE_CONNECTION: Self = Self(1 << 9);
    /// IsReliableDatagramCapable: makes reliable datagram channels.
    pub const CM_RELIABLE_DATAGRAM: Self = Self(1 << 10);
    /// IsRawDatagramCapable: has raw datagrams.
    pub const CM_RAW_DATAGRAM: Self = Self(1 << 11);
    /// IsUnreliableConnectionCapable: makes unreliable connections.
    pub const CM_UNRELIABLE_CONNECTION: Self = Self(1 << 12);
    /// IsSIDRCapable: answers service ID resolution requests.
    pub const CM_SERVICE_ID_RESOLUTION: Self = Self(1 << 13);

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// More of what a class can do, 27 bits, all of them the class's own: here, those of subnet administration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassCapabilityMask2(pub u32);

impl ClassCapabilityMask2 {
    /// IsUnpathRepathSupported: sends traps 68 and 69.
    pub const SA_UNPATH_REPATH: Self = Self(1);
    /// IsQoSSupported: knows classes of service.
    pub const SA_QOS: Self = Self(1 << 1);
    /// SA: a port may be a full member of a group that only sends (Linux's `IB_SA_CAP_MASK2_SENDONLY_FULL_MEM_SUPPORT`).
    pub const SA_SEND_ONLY_FULL_MEMBER: Self = Self(1 << 12);

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ClassPortInfoView {
    base_version: u8,
    class_version: u8,
    capability_mask: U16,
    capability_mask2_and_response_time: U32,
    redirect_gid: [u8; 16],
    redirect_route: U32,
    redirect_lid: U16,
    redirect_p_key: U16,
    reserved: u8,
    redirect_qpn: U24,
    redirect_q_key: U32,
    trap_gid: [u8; 16],
    trap_route: U32,
    trap_lid: U16,
    trap_p_key: U16,
    trap_hop_limit: u8,
    trap_qpn: U24,
    trap_q_key: U32,
}

const _: () = assert!(size_of::<ClassPortInfoView>() == 72);

impl ClassPortInfoView {
    /// Largest version of the common header that is supported.
    #[inline]
    pub fn base_version(&self) -> u8 {
        self.base_version
    }
    /// Largest version of the class that is supported.
    #[inline]
    pub fn class_version(&self) -> u8 {
        self.class_version
    }
    /// What the class can do: the low byte is common to all classes.
    #[inline]
    pub fn capability_mask(&self) -> ClassCapabilityMask {
        ClassCapabilityMask(self.capability_mask.get())
    }
    /// More of what the class can do, 27 bits.
    #[inline]
    pub fn capability_mask2(&self) -> ClassCapabilityMask2 {
        ClassCapabilityMask2(self.capability_mask2_and_response_time.get() >> 5)
    }
    /// How long an answer may take: 4.096 µs times two to the power of this, 5 bits.
    #[inline]
    pub fn response_time_value(&self) -> u8 {
        let [.., low] = self.capability_mask2_and_response_time.to_bytes();
        low & 0x1F
    }
    /// Port that requests are to be sent to, unspecified if they are not redirected.
    #[inline]
    pub fn redirect_gid(&self) -> Gid {
        Gid(self.redirect_gid)
    }
    /// Traffic class of redirected requests.
    #[inline]
    pub fn redirect_traffic_class(&self) -> u8 {
        let [high, ..] = self.redirect_route.to_bytes();
        high
    }
    /// Service level of redirected requests.
    #[inline]
    pub fn redirect_service_level(&self) -> ServiceLevel {
        let [_, second, ..] = self.redirect_route.to_bytes();
        ServiceLevel::from_low_bits(second >> 4)
    }
    /// Flow label of redirected requests, 20 bits.
    #[inline]
    pub fn redirect_flow_label(&self) -> u32 {
        self.redirect_route.get() & 0xF_FFFF
    }
    /// LID that requests are to be sent to, or 0 if the GID counts.
    #[inline]
    pub fn redirect_lid(&self) -> Lid {
        Lid(self.redirect_lid.get())
    }
    /// Partition of redirected requests.
    #[inline]
    pub fn redirect_p_key(&self) -> PKey {
        PKey(self.redirect_p_key.get())
    }
    /// Queue pair that requests are to be sent to.
    #[inline]
    pub fn redirect_qpn(&self) -> Qpn {
        Qpn::from_low_bits(self.redirect_qpn.get())
    }
    /// Its key.
    #[inline]
    pub fn redirect_q_key(&self) -> QKey {
        QKey(self.redirect_q_key.get())
    }
    /// Port that traps are sent to, unspecified for none.
    #[inline]
    pub fn trap_gid(&self) -> Gid {
        Gid(self.trap_gid)
    }
    /// Traffic class of traps.
    #[inline]
    pub fn trap_traffic_class(&self) -> u8 {
        let [high, ..] = self.trap_route.to_bytes();
        high
    }
    /// Service level of traps.
    #[inline]
    pub fn trap_service_level(&self) -> ServiceLevel {
        let [_, second, ..] = self.trap_route.to_bytes();
        ServiceLevel::from_low_bits(second >> 4)
    }
    /// Flow label of traps, 20 bits.
    #[inline]
    pub fn trap_flow_label(&self) -> u32 {
        self.trap_route.get() & 0xF_FFFF
    }
    /// LID that traps are sent to, or 0.
    #[inline]
    pub fn trap_lid(&self) -> Lid {
        Lid(self.trap_lid.get())
    }
    /// Partition of traps.
    #[inline]
    pub fn trap_p_key(&self) -> PKey {
        PKey(self.trap_p_key.get())
    }
    /// Hop limit of traps.
    #[inline]
    pub fn trap_hop_limit(&self) -> u8 {
        self.trap_hop_limit
    }
    /// Queue pair that traps are sent to.
    #[inline]
    pub fn trap_qpn(&self) -> Qpn {
        Qpn::from_low_bits(self.trap_qpn.get())
    }
    /// Its key.
    #[inline]
    pub fn trap_q_key(&self) -> QKey {
        QKey(self.trap_q_key.get())
    }
}

/// What a class can do at a port, and where its requests and traps go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassPortInfo {
    /// Largest version of the common header that is supported.
    pub base_version: u8,
    /// Largest version of the class that is supported.
    pub class_version: u8,
    /// What the class can do: the low byte is common to all classes.
    pub capability_mask: ClassCapabilityMask,
    /// More of what the class can do, 27 bits.
    pub capability_mask2: ClassCapabilityMask2,
    /// How long an answer may take: 4.096 µs times two to the power of this, 5 bits.
    pub response_time_value: u8,
    /// Port that requests are to be sent to, unspecified if they are not redirected.
    pub redirect_gid: Gid,
    /// Traffic class of redirected requests.
    pub redirect_traffic_class: u8,
    /// Service level of redirected requests.
    pub redirect_service_level: ServiceLevel,
    /// Flow label of redirected requests, 20 bits.
    pub redirect_flow_label: u32,
    /// LID that requests are to be sent to, or 0 if the GID counts.
    pub redirect_lid: Lid,
    /// Partition of redirected requests.
    pub redirect_p_key: PKey,
    /// Queue pair that requests are to be sent to.
    pub redirect_qpn: Qpn,
    /// Its key.
    pub redirect_q_key: QKey,
    /// Port that traps are sent to, unspecified for none.
    pub trap_gid: Gid,
    /// Traffic class of traps.
    pub trap_traffic_class: u8,
    /// Service level of traps.
    pub trap_service_level: ServiceLevel,
    /// Flow label of traps, 20 bits.
    pub trap_flow_label: u32,
    /// LID that traps are sent to, or 0.
    pub trap_lid: Lid,
    /// Partition of traps.
    pub trap_p_key: PKey,
    /// Hop limit of traps.
    pub trap_hop_limit: u8,
    /// Queue pair that traps are sent to.
    pub trap_qpn: Qpn,
    /// Its key.
    pub trap_q_key: QKey,
}

impl Attribute for ClassPortInfo {
    type View = ClassPortInfoView;
    const NAME: &'static str = "ClassPortInfo";

    fn from_view(view: &ClassPortInfoView) -> Self {
        Self {
            base_version: view.base_version(),
            class_version: view.class_version(),
            capability_mask: view.capability_mask(),
            capability_mask2: view.capability_mask2(),
            response_time_value: view.response_time_value(),
            redirect_gid: view.redirect_gid(),
            redirect_traffic_class: view.redirect_traffic_class(),
            redirect_service_level: view.redirect_service_level(),
            redirect_flow_label: view.redirect_flow_label(),
            redirect_lid: view.redirect_lid(),
            redirect_p_key: view.redirect_p_key(),
            redirect_qpn: view.redirect_qpn(),
            redirect_q_key: view.redirect_q_key(),
            trap_gid: view.trap_gid(),
            trap_traffic_class: view.trap_traffic_class(),
            trap_service_level: view.trap_service_level(),
            trap_flow_label: view.trap_flow_label(),
            trap_lid: view.trap_lid(),
            trap_p_key: view.trap_p_key(),
            trap_hop_limit: view.trap_hop_limit(),
            trap_qpn: view.trap_qpn(),
            trap_q_key: view.trap_q_key(),
        }
    }

    fn to_view(&self) -> ClassPortInfoView {
        ClassPortInfoView {
            base_version: self.base_version,
            class_version: self.class_version,
            capability_mask: U16::new(self.capability_mask.0),
            capability_mask2_and_response_time: U32::new(
                (self.capability_mask2.0 << 5) | u32::from(self.response_time_value & 0x1F),
            ),
            redirect_gid: self.redirect_gid.0,
            redirect_route: U32::new(
                (u32::from(self.redirect_traffic_class) << 24)
                    | (u32::from(self.redirect_service_level.get()) << 20)
                    | (self.redirect_flow_label & 0xF_FFFF),
            ),
            redirect_lid: U16::new(self.redirect_lid.0),
            redirect_p_key: U16::new(self.redirect_p_key.0),
            reserved: 0,
            redirect_qpn: U24::new(self.redirect_qpn.get()),
            redirect_q_key: U32::new(self.redirect_q_key.0),
            trap_gid: self.trap_gid.0,
            trap_route: U32::new(
                (u32::from(self.trap_traffic_class) << 24)
                    | (u32::from(self.trap_service_level.get()) << 20)
                    | (self.trap_flow_label & 0xF_FFFF),
            ),
            trap_lid: U16::new(self.trap_lid.0),
            trap_p_key: U16::new(self.trap_p_key.0),
            trap_hop_limit: self.trap_hop_limit,
            trap_qpn: U24::new(self.trap_qpn.get()),
            trap_q_key: U32::new(self.trap_q_key.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let info = ClassPortInfo {
            base_version: 1,
            class_version: 2,
            capability_mask: ClassCapabilityMask(0x0304),
            capability_mask2: ClassCapabilityMask2(0x0400_0001),
            response_time_value: 0x12,
            redirect_gid: Gid([0x11; 16]),
            redirect_traffic_class: 5,
            redirect_service_level: ServiceLevel::from_low_bits(6),
            redirect_flow_label: 0x7_0809,
            redirect_lid: Lid(0x0A0B),
            redirect_p_key: PKey(0x0C0D),
            redirect_qpn: Qpn::from_low_bits(0x0E_0F10),
            redirect_q_key: QKey(0x1112_1314),
            trap_gid: Gid([0x22; 16]),
            trap_traffic_class: 0x15,
            trap_service_level: ServiceLevel::from_low_bits(1),
            trap_flow_label: 0x6_1718,
            trap_lid: Lid(0x191A),
            trap_p_key: PKey(0x1B1C),
            trap_hop_limit: 0x1D,
            trap_qpn: Qpn::from_low_bits(0x1E_1F20),
            trap_q_key: QKey(0x2122_2324),
        };
        let mut out = [0xFF; 72];
        assert_eq!(info.emit(&mut out), Ok(72));
        assert_eq!(out[..8], [1, 2, 3, 4, 0x80, 0, 0, 0x32]);
        assert_eq!(out[8..24], [0x11; 16]);
        assert_eq!(out[24..40], [5, 0x67, 8, 9, 10, 11, 12, 13, 0, 14, 15, 16, 17, 18, 19, 20]);
        assert_eq!(out[40..56], [0x22; 16]);
        assert_eq!(
            out[56..],
            [0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x24]
        );
        assert_eq!(ClassPortInfo::parse(&out), Ok(info));
        assert!(info.capability_mask2.contains(ClassCapabilityMask2::SA_UNPATH_REPATH));
    }
}
