//! Data details of traps, by the names of OpenSM's `ib_types.h`, which no tool prints.

use super::meaning::{CAPABILITIES, CAPABILITIES2};
use super::value::{Value, secret};
use super::{Fields, Visit};
use crate::wire::{
    KeyViolation, LocalChanges, MKeyViolation, PathChange, PortEvent, SwitchPKeyViolation, TrapDetails,
};

impl Fields for TrapDetails {
    fn name(&self) -> &'static str {
        match self {
            Self::GidInService { .. } => "GID in service",
            Self::GidOutOfService { .. } => "GID out of service",
            Self::MulticastGroupCreated { .. } => "multicast group created",
            Self::MulticastGroupDeleted { .. } => "multicast group deleted",
            Self::UnPath(_) => "UnPath",
            Self::RePath(_) => "RePath",
            Self::LinkStateChange { .. } => "link state change",
            Self::LinkIntegrity(_) => "link integrity",
            Self::BufferOverrun(_) => "buffer overrun",
            Self::FlowControlWatchdog(_) => "flow control watchdog",
            Self::LocalChanges(_) => "local changes",
            Self::SystemImageGuidChange { .. } => "system image GUID change",
            Self::BadMKey(_) => "bad M_Key",
            Self::BadPKey(_) => "bad P_Key",
            Self::BadQKey(_) => "bad Q_Key",
            Self::BadPKeyAtSwitch(_) => "bad P_Key at a switch",
            Self::Other { .. } => "trap",
        }
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        match self {
            Self::GidInService { gid } | Self::GidOutOfService { gid } => visit("gid", (*gid).into()),
            Self::MulticastGroupCreated { mgid } | Self::MulticastGroupDeleted { mgid } => {
                visit("gid", (*mgid).into());
            }
            Self::UnPath(change) | Self::RePath(change) => path_change(change, visit),
            Self::LinkStateChange { lid } => visit("sw_lid", (*lid).into()),
            Self::LinkIntegrity(event) | Self::BufferOverrun(event) | Self::FlowControlWatchdog(event) => {
                port_event(event, visit);
            }
            Self::LocalChanges(changes) => local_changes(changes, visit),
            Self::SystemImageGuidChange { lid, system_image_guid } => {
                visit("lid", (*lid).into());
                visit("new_sys_guid", (*system_image_guid).into());
            }
            Self::BadMKey(violation) => bad_m_key(violation, visit),
            Self::BadPKey(violation) | Self::BadQKey(violation) => bad_key(violation, visit),
            Self::BadPKeyAtSwitch(violation) => bad_p_key_at_switch(violation, visit),
            Self::Other { trap_number, data_details } => {
                visit("trap_num", trap_number.0.into());
                visit("data_details", Value::Bytes(data_details));
            }
        }
    }
}

fn path_change(change: &PathChange, visit: &mut Visit<'_>) {
    visit("comp_mask", Value::wide_hex(change.component_mask.0, 16));
    visit("wait_for_repath", change.wait_for_repath.into());
}

fn port_event(event: &PortEvent, visit: &mut Visit<'_>) {
    visit("lid", event.lid.into());
    visit("port_num", event.port_number.into());
}

fn local_changes(changes: &LocalChanges, visit: &mut Visit<'_>) {
    let capabilities =
        Value::Flags { mask: changes.capability_mask.0.into(), digits: 8, names: CAPABILITIES };
    let capabilities2 =
        Value::Flags { mask: changes.capability_mask2.into(), digits: 4, names: CAPABILITIES2 };
    visit("lid", changes.lid.into());
    visit("local_changes", changes.other_local_changes.into());
    visit("new_cap_mask", capabilities);
    visit("change_flgs", Value::wide_hex(changes.change_flags.0, 4));
    visit("cap_mask2", capabilities2);
}

fn bad_m_key(violation: &MKeyViolation, visit: &mut Visit<'_>) {
    visit("lid", violation.source_lid.into());
    visit("dr_slid", violation.directed_route_source_lid.into());
    visit("method", Value::wide_hex(violation.method.0, 2));
    visit("attr_id", Value::wide_hex(violation.attribute_id.0, 4));
    visit("attr_mod", Value::wide_hex(violation.attribute_modifier, 8));
    secret(visit, "mkey", violation.m_key);
    visit("dr_notice", violation.is_directed_route.into());
    visit("dr_path_truncated", violation.is_path_truncated.into());
    visit("dr_hop_count", violation.hop_count.into());
    visit("dr_rtn_path", Value::Bytes(&violation.return_path));
}

fn bad_key(violation: &KeyViolation, visit: &mut Visit<'_>) {
    visit("lid1", violation.source_lid.into());
    visit("lid2", violation.destination_lid.into());
    secret(visit, "key", violation.key);
    visit("sl", violation.service_level.into());
    visit("qp1", violation.source_qpn.into());
    visit("qp2", violation.destination_qpn.into());
    visit("gid1", violation.source_gid.into());
    visit("gid2", violation.destination_gid.into());
}

fn bad_p_key_at_switch(violation: &SwitchPKeyViolation, visit: &mut Visit<'_>) {
    visit("data_valid", Value::wide_hex(violation.data_valid, 4));
    visit("lid1", violation.source_lid.into());
    visit("lid2", violation.destination_lid.into());
    visit("pkey", violation.p_key.into());
    visit("sl", violation.service_level.into());
    visit("qp1", violation.source_qpn.into());
    visit("qp2", violation.destination_qpn.into());
    visit("gid1", violation.source_gid.into());
    visit("gid2", violation.destination_gid.into());
    visit("sw_lid", violation.switch_lid.into());
    visit("port_no", violation.port_number.into());
}
