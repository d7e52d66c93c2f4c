use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::CmPath;
use crate::types::{Gid, Lid, Rate, ServiceLevel, TimeoutValue};

/// A path as it lies in a LoadAlternatePath: the fields of a [`CmPathView`](super::CmPathView), three of them in another
/// order.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct LapPathView {
    local_lid: U16,
    remote_lid: U16,
    local_gid: [u8; 16],
    remote_gid: [u8; 16],
    flow_label_traffic_class: U32,
    hop_limit: u8,
    packet_rate: u8,
    service_level_subnet_local: u8,
    local_ack_timeout: u8,
}

const _: () = assert!(size_of::<LapPathView>() == 44);

impl LapPathView {
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
        self.flow_label_traffic_class.get() >> 12
    }
    /// Traffic class of the global route.
    #[inline]
    pub fn traffic_class(&self) -> u8 {
        let [.., low] = self.flow_label_traffic_class.to_bytes();
        low
    }
    /// Hop limit of the global route.
    #[inline]
    pub fn hop_limit(&self) -> u8 {
        self.hop_limit
    }
    /// Rate to send with, 6 bits.
    #[inline]
    pub fn packet_rate(&self) -> Rate {
        Rate(self.packet_rate & 0x3F)
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

impl From<&LapPathView> for CmPath {
    fn from(view: &LapPathView) -> Self {
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
}

impl From<&CmPath> for LapPathView {
    fn from(path: &CmPath) -> Self {
        Self {
            local_lid: U16::new(path.local_lid.0),
            remote_lid: U16::new(path.remote_lid.0),
            local_gid: path.local_gid.0,
            remote_gid: path.remote_gid.0,
            flow_label_traffic_class: U32::new((path.flow_label << 12) | u32::from(path.traffic_class)),
            hop_limit: path.hop_limit,
            packet_rate: path.packet_rate.0 & 0x3F,
            service_level_subnet_local: (path.service_level.get() << 4) | (u8::from(path.subnet_local) << 3),
            local_ack_timeout: path.local_ack_timeout.to_top_bits(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::path::tests::path;
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let mut view = LapPathView::from(&path());
        let out = view.as_mut_bytes();
        assert_eq!(out[..4], [1, 2, 3, 4]);
        assert_eq!((&out[4..20], &out[20..36]), (&[0x11; 16][..], &[0x22; 16][..]));
        assert_eq!(out[36..], [0x50, 0x60, 0x70, 0x0C, 0x0D, 0x2B, 0xE8, 0x98]);
        // Reserved bits are ignored.
        for (place, bits) in [(38, 0x0F), (41, 0xC0), (42, 0x07), (43, 0x07)] {
            out[place] |= bits;
        }
        assert_eq!(CmPath::from(&view), path());
    }
}
