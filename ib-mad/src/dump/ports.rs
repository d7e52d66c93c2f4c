//! Ports and classes.

use super::meaning::{
    CAPABILITIES, CAPABILITIES2, enabled_extended_link_speeds, extended_link_speed, extended_link_speeds,
    link_down_default_state, link_speed, link_speeds, link_width, link_widths, mtu,
    operational_virtual_lanes, port_physical_state, port_state, supported_link_widths, virtual_lanes,
};
use super::value::{Value, secret};
use super::{Fields, Visit};
use crate::types::ServiceLevel;
use crate::wire::{Attribute, ClassPortInfo, ExtPortInfo, PortInfo, PortInfoRecord};

impl Fields for PortInfo {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        secret(visit, "Mkey", self.m_key);
        visit("GidPrefix", Value::wide_hex(self.gid_prefix, 16));
        visit("Lid", self.lid.into());
        visit("SMLid", self.master_sm_lid.into());
        let mask = self.capability_mask.0.into();
        visit("CapMask", Value::Flags { mask, digits: 1, names: CAPABILITIES });
        visit("DiagCode", Value::wide_hex(self.diag_code, 4));
        visit("MkeyLeasePeriod", self.m_key_lease_period.into());
        visit("LocalPort", self.local_port_number.into());
        visit("LinkWidthEnabled", (&link_widths(self.link_width_enabled)).into());
        visit("LinkWidthSupported", (&supported_link_widths(self.link_width_supported)).into());
        visit("LinkWidthActive", (&link_width(self.link_width_active)).into());
        visit("LinkSpeedSupported", (&link_speeds(self.link_speed_supported)).into());
        visit("LinkState", (&port_state(self.port_state.0)).into());
        visit("PhysLinkState", (&port_physical_state(self.port_physical_state.0)).into());
        visit("LinkDownDefState", (&link_down_default_state(self.link_down_default_state)).into());
        visit("ProtectBits", self.m_key_protect_bits.into());
        visit("LMC", self.lmc.into());
        visit("LinkSpeedActive", (&link_speed(self.link_speed_active)).into());
        visit("LinkSpeedEnabled", (&link_speeds(self.link_speed_enabled)).into());
        visit("NeighborMTU", (&mtu(self.neighbor_mtu.0)).into());
        visit("SMSL", self.master_sm_sl.into());
        visit("VLCap", (&virtual_lanes(self.vl_cap)).into());
        visit("InitType", Value::wide_hex(self.init_type, 2));
        visit("VLHighLimit", self.vl_high_limit.into());
        visit("VLArbHighCap", self.vl_arbitration_high_cap.into());
        visit("VLArbLowCap", self.vl_arbitration_low_cap.into());
        visit("InitReply", Value::wide_hex(self.init_type_reply, 2));
        visit("MtuCap", (&mtu(self.mtu_cap.0)).into());
        visit("VLStallCount", self.vl_stall_count.into());
        visit("HoqLife", self.hoq_life.into());
        visit("OperVLs", (&operational_virtual_lanes(self.operational_vls)).into());
        visit("PartEnforceInb", self.partition_enforcement_inbound.into());
        visit("PartEnforceOutb", self.partition_enforcement_outbound.into());
        visit("FilterRawInb", self.filter_raw_inbound.into());
        visit("FilterRawOutb", self.filter_raw_outbound.into());
        visit("MkeyViolations", self.m_key_violations.into());
        visit("PkeyViolations", self.p_key_violations.into());
        visit("QkeyViolations", self.q_key_violations.into());
        visit("GuidCap", self.guid_cap.into());
        visit("ClientReregister", self.client_reregister.into());
        visit("McastPkeyTrapSuppressionEnabled", self.multicast_p_key_trap_suppression_enabled.into());
        visit("SubnetTimeout", self.subnet_timeout.into());
        visit("RespTimeVal", self.response_time_value.into());
        visit("LocalPhysErr", self.local_phy_errors.into());
        visit("OverrunErr", self.overrun_errors.into());
        visit("MaxCreditHint", self.max_credit_hint.into());
        visit("RoundTrip", self.link_round_trip_latency.into());
        let mask = self.capability_mask2.into();
        visit("CapabilityMask2", Value::Flags { mask, digits: 1, names: CAPABILITIES2 });
        visit("LinkSpeedExtActive", (&extended_link_speed(self.link_speed_ext_active)).into());
        visit("LinkSpeedExtSupported", (&extended_link_speeds(self.link_speed_ext_supported)).into());
        visit("LinkSpeedExtEnabled", (&enabled_extended_link_speeds(self.link_speed_ext_enabled)).into());
    }

    fn telling(&self) -> &'static [&'static str] {
        &["Lid", "LocalPort", "LinkState", "SMLid"]
    }
}

impl Fields for PortInfoRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("EndPortLid", self.lid.into());
        visit("PortNum", self.port_number.into());
        visit("Options", Value::hex(self.options));
        self.port_info.fields(visit);
    }

    fn telling(&self) -> &'static [&'static str] {
        &["EndPortLid", "PortNum", "LinkState"]
    }
}

impl Fields for ExtPortInfo {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("StateChangeEnable", Value::wide_hex(self.state_change_enable, 2));
        visit("LinkSpeedSupported", Value::wide_hex(self.link_speed_supported, 2));
        visit("LinkSpeedEnabled", Value::wide_hex(self.link_speed_enabled, 2));
        visit("LinkSpeedActive", Value::wide_hex(self.link_speed_active, 2));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["LinkSpeedActive"]
    }
}

/// The word of traffic class, service level and flow label.
fn route(traffic_class: u8, level: ServiceLevel, flow_label: u32) -> Value<'static> {
    let word = u32::from(traffic_class) << 24 | u32::from(level.get()) << 20 | (flow_label & 0xF_FFFF);
    Value::wide_hex(word, 8)
}

impl Fields for ClassPortInfo {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("Base version", self.base_version.into());
        visit("Class version", self.class_version.into());
        visit("Capability mask", Value::wide_hex(self.capability_mask.0, 4));
        visit("Capability mask 2", Value::wide_hex(self.capability_mask2.0, 8));
        visit("Response time value", Value::wide_hex(self.response_time_value, 2));
        visit("Redirect GID", self.redirect_gid.into());
        visit(
            "Redirect TC/SL/FL",
            route(self.redirect_traffic_class, self.redirect_service_level, self.redirect_flow_label),
        );
        visit("Redirect LID", self.redirect_lid.into());
        visit("Redirect PKey", self.redirect_p_key.into());
        visit("Redirect QP", Value::wide_hex(self.redirect_qpn.get(), 8));
        secret(visit, "Redirect QKey", self.redirect_q_key);
        visit("Trap GID", self.trap_gid.into());
        visit("Trap TC/SL/FL", route(self.trap_traffic_class, self.trap_service_level, self.trap_flow_label));
        visit("Trap LID", self.trap_lid.into());
        visit("Trap PKey", self.trap_p_key.into());
        let hop_limit_and_qpn = u32::from(self.trap_hop_limit) << 24 | self.trap_qpn.get();
        visit("Trap HL/QP", Value::wide_hex(hop_limit_and_qpn, 8));
        secret(visit, "Trap QKey", self.trap_q_key);
    }

    fn telling(&self) -> &'static [&'static str] {
        &["Class version", "Capability mask", "Redirect LID"]
    }
}
