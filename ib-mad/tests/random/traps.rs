//! Traps and Notices.

use ib_mad::Gid;
use ib_mad::wire::{
    Notice, PathRecord, Producer, ProducerType, RepathNotice, SmpNotice, TrapDetails, TrapNumber,
};
use quickcheck::Gen;

use super::value::structures;
use super::{Value, any};

impl Value for Producer {
    fn random(g: &mut Gen, _bits: u32) -> Self {
        if any(g) {
            Self::Generic {
                producer_type: ProducerType(u32::random(g, 24)),
                trap_number: TrapNumber::random(g, 16),
            }
        } else {
            Self::Vendor { vendor_id: u32::random(g, 24), device_id: any(g) }
        }
    }
}

impl Value for SmpNotice {
    fn random(g: &mut Gen, _bits: u32) -> Self {
        Self(Notice { issuer_gid: Gid::UNSPECIFIED, ..Notice::whole(g) })
    }
}

impl Value for RepathNotice {
    fn random(g: &mut Gen, _bits: u32) -> Self {
        let path_record =
            Some(PathRecord::whole(g)).filter(|record| any(g) && *record != PathRecord::default());
        Self { notice: Notice::whole(g), path_record }
    }
}

structures! {
    PathChange { component_mask, wait_for_repath }
    PortEvent { lid, port_number }
    LocalChanges { lid, other_local_changes, capability_mask, change_flags, capability_mask2 }
    MKeyViolation {
        source_lid, directed_route_source_lid, method, attribute_id, attribute_modifier, m_key,
        is_directed_route, is_path_truncated, hop_count: 6, return_path,
    }
    KeyViolation {
        source_lid, destination_lid, key, service_level, source_qpn, destination_qpn, source_gid,
        destination_gid,
    }
    SwitchPKeyViolation {
        data_valid, source_lid, destination_lid, p_key, service_level, source_qpn, destination_qpn, source_gid,
        destination_gid, switch_lid, port_number,
    }
}

impl Value for TrapDetails {
    fn random(g: &mut Gen, _bits: u32) -> Self {
        let (gid, lid) = (Value::whole(g), Value::whole(g));
        match any::<u8>(g) % 17 {
            0 => TrapDetails::GidInService { gid },
            1 => TrapDetails::GidOutOfService { gid },
            2 => TrapDetails::MulticastGroupCreated { mgid: gid },
            3 => TrapDetails::MulticastGroupDeleted { mgid: gid },
            4 => TrapDetails::UnPath(Value::whole(g)),
            5 => TrapDetails::RePath(Value::whole(g)),
            6 => TrapDetails::LinkStateChange { lid },
            7 => TrapDetails::LinkIntegrity(Value::whole(g)),
            8 => TrapDetails::BufferOverrun(Value::whole(g)),
            9 => TrapDetails::FlowControlWatchdog(Value::whole(g)),
            10 => TrapDetails::LocalChanges(Value::whole(g)),
            11 => TrapDetails::SystemImageGuidChange { lid, system_image_guid: Value::whole(g) },
            12 => TrapDetails::BadMKey(Value::whole(g)),
            13 => TrapDetails::BadPKey(Value::whole(g)),
            14 => TrapDetails::BadQKey(Value::whole(g)),
            15 => TrapDetails::BadPKeyAtSwitch(Value::whole(g)),
            _ => TrapDetails::Other {
                trap_number: TrapNumber(512 | any::<u16>(g)),
                data_details: Value::whole(g),
            },
        }
    }
}
