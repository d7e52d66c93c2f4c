//! Data details of the traps that tell of wrong keys (256 to 259), laid out as in OpenSM's ib_types.h.

use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::notice::DATA_DETAILS_LENGTH;
use super::trap::details_layout;
use super::{AttributeId, Method};
use crate::types::{Gid, Lid, MKey, PKey, QKey, Qpn, ServiceLevel};

/// Bytes of a return path that a trap has room for.
pub const TRAP_RETURN_PATH_LENGTH: usize = 30;

/// A packet of subnet management came with a wrong M_Key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MKeyViolation {
    /// Sender of the packet; permissive if it came by directed route all the way.
    pub source_lid: Lid,
    /// Where its directed route started from, if it had one.
    pub directed_route_source_lid: Lid,
    /// Its method.
    pub method: Method,
    /// Its attribute.
    pub attribute_id: AttributeId,
    /// Its attribute modifier.
    pub attribute_modifier: u32,
    /// The wrong key.
    pub m_key: MKey,
    /// Whether it came by directed route: the path is valid then.
    pub is_directed_route: bool,
    /// Whether the path is longer than there is room for.
    pub is_path_truncated: bool,
    /// Hops of the path, 6 bits.
    pub hop_count: u8,
    /// The way back.
    pub return_path: [u8; TRAP_RETURN_PATH_LENGTH],
}

/// A packet came with a wrong P_Key or a wrong Q_Key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyViolation {
    /// Sender of the packet.
    pub source_lid: Lid,
    /// Its receiver.
    pub destination_lid: Lid,
    /// The wrong key; a P_Key is [`p_key`](Self::p_key). Not shown by `Debug`.
    pub key: QKey,
    /// Service level of the packet.
    pub service_level: ServiceLevel,
    /// Queue pair of the sender.
    pub source_qpn: Qpn,
    /// Queue pair of the receiver.
    pub destination_qpn: Qpn,
    /// Global identifier of the sender.
    pub source_gid: Gid,
    /// Global identifier of the receiver.
    pub destination_gid: Gid,
}

impl KeyViolation {
    /// The wrong P_Key, which the low 16 bits of the key are.
    pub const fn p_key(&self) -> PKey {
        let [.., high, low] = self.key.0.to_be_bytes();
        PKey(u16::from_be_bytes([high, low]))
    }
}

/// A switch found a wrong P_Key in a packet on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SwitchPKeyViolation {
    /// Which of the other fields are valid, a bit each.
    pub data_valid: u16,
    /// Sender of the packet.
    pub source_lid: Lid,
    /// Its receiver.
    pub destination_lid: Lid,
    /// The wrong key.
    pub p_key: PKey,
    /// Service level of the packet.
    pub service_level: ServiceLevel,
    /// Queue pair of the sender.
    pub source_qpn: Qpn,
    /// Queue pair of the receiver.
    pub destination_qpn: Qpn,
    /// Global identifier of the sender.
    pub source_gid: Gid,
    /// Global identifier of the receiver.
    pub destination_gid: Gid,
    /// The switch.
    pub switch_lid: Lid,
    /// The port of the switch.
    pub port_number: u8,
}

details_layout!(MKeyDetails {
    reserved: U16,
    source_lid: U16,
    directed_route_source_lid: U16,
    method: u8,
    reserved2: u8,
    attribute_id: U16,
    attribute_modifier: U32,
    m_key: U64,
    reserved3: u8,
    notice_truncated_hops: u8,
    return_path: [u8; TRAP_RETURN_PATH_LENGTH],
});
details_layout!(KeyDetails {
    reserved: U16,
    source_lid: U16,
    destination_lid: U16,
    key: U32,
    service_level_and_source_qpn: U32,
    destination_qpn: U32,
    source_gid: [u8; 16],
    destination_gid: [u8; 16],
    unused: [u8; 4],
});
details_layout!(SwitchPKeyDetails {
    data_valid: U16,
    source_lid: U16,
    destination_lid: U16,
    p_key: U16,
    service_level_and_source_qpn: U32,
    destination_qpn: U32,
    source_gid: [u8; 16],
    destination_gid: [u8; 16],
    switch_lid: U16,
    port_number: u8,
    unused: [u8; 3],
});

fn service_level(word: U32) -> ServiceLevel {
    let [high, ..] = word.to_bytes();
    ServiceLevel::from_low_bits(high >> 4)
}

fn level_and_qpn(level: ServiceLevel, qpn: Qpn) -> U32 {
    U32::new((u32::from(level.get()) << 28) | qpn.get())
}

impl MKeyViolation {
    pub(super) fn from_details(details: &[u8; DATA_DETAILS_LENGTH]) -> Self {
        let layout: &MKeyDetails = zerocopy::transmute_ref!(details);
        Self {
            source_lid: Lid(layout.source_lid.get()),
            directed_route_source_lid: Lid(layout.directed_route_source_lid.get()),
            method: Method(layout.method),
            attribute_id: AttributeId(layout.attribute_id.get()),
            attribute_modifier: layout.attribute_modifier.get(),
            m_key: MKey(layout.m_key.get()),
            is_directed_route: layout.notice_truncated_hops & 0x80 != 0,
            is_path_truncated: layout.notice_truncated_hops & 0x40 != 0,
            hop_count: layout.notice_truncated_hops & 0x3F,
            return_path: layout.return_path,
        }
    }

    pub(super) fn to_details(self) -> [u8; DATA_DETAILS_LENGTH] {
        let flags = u8::from(self.is_directed_route) << 7 | u8::from(self.is_path_truncated) << 6;
        zerocopy::transmute!(MKeyDetails {
            source_lid: U16::new(self.source_lid.0),
            directed_route_source_lid: U16::new(self.directed_route_source_lid.0),
            method: self.method.0,
            attribute_id: U16::new(self.attribute_id.0),
            attribute_modifier: U32::new(self.attribute_modifier),
            m_key: U64::new(self.m_key.0),
            notice_truncated_hops: flags | (self.hop_count & 0x3F),
            return_path: self.return_path,
            ..FromZeros::new_zeroed()
        })
    }
}

impl KeyViolation {
    pub(super) fn from_details(details: &[u8; DATA_DETAILS_LENGTH]) -> Self {
        let layout: &KeyDetails = zerocopy::transmute_ref!(details);
        Self {
            source_lid: Lid(layout.source_lid.get()),
            destination_lid: Lid(layout.destination_lid.get()),
            key: QKey(layout.key.get()),
            service_level: service_level(layout.service_level_and_source_qpn),
            source_qpn: Qpn::from_low_bits(layout.service_level_and_source_qpn.get()),
            destination_qpn: Qpn::from_low_bits(layout.destination_qpn.get()),
            source_gid: Gid(layout.source_gid),
            destination_gid: Gid(layout.destination_gid),
        }
    }

    pub(super) fn to_details(self) -> [u8; DATA_DETAILS_LENGTH] {
        zerocopy::transmute!(KeyDetails {
            source_lid: U16::new(self.source_lid.0),
            destination_lid: U16::new(self.destination_lid.0),
            key: U32::new(self.key.0),
            service_level_and_source_qpn: level_and_qpn(self.service_level, self.source_qpn),
            destination_qpn: U32::new(self.destination_qpn.get()),
            source_gid: self.source_gid.0,
            destination_gid: self.destination_gid.0,
            ..FromZeros::new_zeroed()
        })
    }
}

impl SwitchPKeyViolation {
    pub(super) fn from_details(details: &[u8; DATA_DETAILS_LENGTH]) -> Self {
        let layout: &SwitchPKeyDetails = zerocopy::transmute_ref!(details);
        Self {
            data_valid: layout.data_valid.get(),
            source_lid: Lid(layout.source_lid.get()),
            destination_lid: Lid(layout.destination_lid.get()),
            p_key: PKey(layout.p_key.get()),
            service_level: service_level(layout.service_level_and_source_qpn),
            source_qpn: Qpn::from_low_bits(layout.service_level_and_source_qpn.get()),
            destination_qpn: Qpn::from_low_bits(layout.destination_qpn.get()),
            source_gid: Gid(layout.source_gid),
            destination_gid: Gid(layout.destination_gid),
            switch_lid: Lid(layout.switch_lid.get()),
            port_number: layout.port_number,
        }
    }

    pub(super) fn to_details(self) -> [u8; DATA_DETAILS_LENGTH] {
        zerocopy::transmute!(SwitchPKeyDetails {
            data_valid: U16::new(self.data_valid),
            source_lid: U16::new(self.source_lid.0),
            destination_lid: U16::new(self.destination_lid.0),
            p_key: U16::new(self.p_key.0),
            service_level_and_source_qpn: level_and_qpn(self.service_level, self.source_qpn),
            destination_qpn: U32::new(self.destination_qpn.get()),
            source_gid: self.source_gid.0,
            destination_gid: self.destination_gid.0,
            switch_lid: U16::new(self.switch_lid.0),
            port_number: self.port_number,
            ..FromZeros::new_zeroed()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_m_key_is_told_with_the_way_back() {
        let violation = MKeyViolation {
            source_lid: Lid(0x0203),
            directed_route_source_lid: Lid(0x0405),
            method: Method::SET,
            attribute_id: AttributeId(0x0809),
            attribute_modifier: 0x0A0B_0C0D,
            m_key: MKey(0x0E0F_1011_1213_1415),
            is_directed_route: true,
            is_path_truncated: false,
            hop_count: 0x25,
            return_path: core::array::from_fn(|i| 0x18 + i as u8),
        };
        let mut expected: [u8; 54] = core::array::from_fn(|i| i as u8);
        (expected[0], expected[1], expected[6], expected[7]) = (0, 0, 2, 0);
        (expected[22], expected[23]) = (0, 0xA5);
        assert_eq!(violation.to_details(), expected);
        assert_eq!(MKeyViolation::from_details(&expected), violation);
        expected[23] = 0x40;
        assert!(MKeyViolation::from_details(&expected).is_path_truncated);
    }

    #[test]
    fn a_wrong_key_is_told_with_both_ends() {
        let violation = KeyViolation {
            source_lid: Lid(0x0203),
            destination_lid: Lid(0x0405),
            key: QKey(0x0607_0809),
            service_level: ServiceLevel::from_low_bits(0xC),
            source_qpn: Qpn::from_low_bits(0x0B_0C0D),
            destination_qpn: Qpn::from_low_bits(0x0F_1011),
            source_gid: Gid(core::array::from_fn(|i| 18 + i as u8)),
            destination_gid: Gid(core::array::from_fn(|i| 34 + i as u8)),
        };
        let mut expected: [u8; 54] = core::array::from_fn(|i| i as u8);
        (expected[0], expected[1], expected[10], expected[14]) = (0, 0, 0xC0, 0);
        expected[50..].fill(0);
        assert_eq!(violation.to_details(), expected);
        assert_eq!(KeyViolation::from_details(&expected), violation);
        assert_eq!(violation.p_key(), PKey(0x0809));
    }

    #[test]
    fn a_switch_tells_where_it_found_a_wrong_p_key() {
        let violation = SwitchPKeyViolation {
            data_valid: 1,
            source_lid: Lid(0x0203),
            destination_lid: Lid(0x0405),
            p_key: PKey(0x0607),
            service_level: ServiceLevel::from_low_bits(0xF),
            source_qpn: Qpn::from_low_bits(0x09_0A0B),
            destination_qpn: Qpn::from_low_bits(0x0D_0E0F),
            source_gid: Gid(core::array::from_fn(|i| 16 + i as u8)),
            destination_gid: Gid(core::array::from_fn(|i| 32 + i as u8)),
            switch_lid: Lid(0x3031),
            port_number: 50,
        };
        let mut expected: [u8; 54] = core::array::from_fn(|i| i as u8);
        (expected[8], expected[12]) = (0xF0, 0);
        expected[51..].fill(0);
        assert_eq!(violation.to_details(), expected);
        assert_eq!(SwitchPKeyViolation::from_details(&expected), violation);
    }

    #[cfg(feature = "std")]
    #[test]
    fn keys_stay_out_of_debug_output() {
        let text = std::format!(
            "{:?} {:?}",
            MKeyViolation { m_key: MKey(0xABCD), ..MKeyViolation::from_details(&[0; DATA_DETAILS_LENGTH]) },
            KeyViolation { key: QKey(0xABCD), ..KeyViolation::default() }
        );
        assert!(text.contains("MKey(..)") && text.contains("QKey(..)") && !text.contains("43981"), "{text}");
    }
}
