//! Queries for PortInfoRecords.

use super::{
    AttributeId, PortCapabilityMask, PortInfoRecord, PortInfoRecordMask, PortPhysicalState, PortState, Query,
    Record,
};
use crate::types::{Lid, MKey, Mtu, ServiceLevel};

/// A query for ports: each method adds one component to match.
///
/// ```
/// use ib_mad::wire::{PortInfoRecordQuery, PortState};
///
/// let query = PortInfoRecordQuery::new().port_state(PortState::ACTIVE);
/// assert_eq!(query.component_mask(), 1 << 15);
/// ```
pub type PortInfoRecordQuery = Query<PortInfoRecord>;

impl Record for PortInfoRecord {
    type Mask = PortInfoRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::PORT_INFO_RECORD;
}

impl PortInfoRecordQuery {
    /// The ports of the node with a LID.
    pub fn lid(self, lid: Lid) -> Self {
        self.with(PortInfoRecordMask::LID, |record| record.lid = lid)
    }
    /// Ports with a number.
    pub fn port_number(self, port: u8) -> Self {
        self.with(PortInfoRecordMask::PORT_NUMBER, |record| record.port_number = port)
    }
    /// Records with options.
    pub fn options(self, options: u8) -> Self {
        self.with(PortInfoRecordMask::OPTIONS, |record| record.options = options)
    }
    /// Ports with this [`m_key`](super::PortInfo::m_key).
    pub fn m_key(self, value: MKey) -> Self {
        self.with(PortInfoRecordMask::M_KEY, |record| record.port_info.m_key = value)
    }
    /// Ports with this [`gid_prefix`](super::PortInfo::gid_prefix).
    pub fn gid_prefix(self, value: u64) -> Self {
        self.with(PortInfoRecordMask::GID_PREFIX, |record| record.port_info.gid_prefix = value)
    }
    /// Ports with this [`lid`](super::PortInfo::lid).
    pub fn base_lid(self, value: Lid) -> Self {
        self.with(PortInfoRecordMask::BASE_LID, |record| record.port_info.lid = value)
    }
    /// Ports with this [`master_sm_lid`](super::PortInfo::master_sm_lid).
    pub fn master_sm_lid(self, value: Lid) -> Self {
        self.with(PortInfoRecordMask::MASTER_SM_LID, |record| record.port_info.master_sm_lid = value)
    }
    /// Ports with this [`capability_mask`](super::PortInfo::capability_mask).
    pub fn capability_mask(self, value: PortCapabilityMask) -> Self {
        self.with(PortInfoRecordMask::CAPABILITY_MASK, |record| record.port_info.capability_mask = value)
    }
    /// Ports with this [`diag_code`](super::PortInfo::diag_code).
    pub fn diag_code(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::DIAG_CODE, |record| record.port_info.diag_code = value)
    }
    /// Ports with this [`m_key_lease_period`](super::PortInfo::m_key_lease_period).
    pub fn m_key_lease_period(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::M_KEY_LEASE_PERIOD, |record| {
            record.port_info.m_key_lease_period = value
        })
    }
    /// Ports with this [`local_port_number`](super::PortInfo::local_port_number).
    pub fn local_port_number(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LOCAL_PORT_NUMBER, |record| record.port_info.local_port_number = value)
    }
    /// Ports with this [`link_width_enabled`](super::PortInfo::link_width_enabled).
    pub fn link_width_enabled(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_WIDTH_ENABLED, |record| {
            record.port_info.link_width_enabled = value
        })
    }
    /// Ports with this [`link_width_supported`](super::PortInfo::link_width_supported).
    pub fn link_width_supported(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_WIDTH_SUPPORTED, |record| {
            record.port_info.link_width_supported = value
        })
    }
    /// Ports with this [`link_width_active`](super::PortInfo::link_width_active).
    pub fn link_width_active(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_WIDTH_ACTIVE, |record| record.port_info.link_width_active = value)
    }
    /// Ports with this [`link_speed_supported`](super::PortInfo::link_speed_supported).
    pub fn link_speed_supported(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_SPEED_SUPPORTED, |record| {
            record.port_info.link_speed_supported = value
        })
    }
    /// Ports with this [`port_state`](super::PortInfo::port_state).
    pub fn port_state(self, value: PortState) -> Self {
        self.with(PortInfoRecordMask::PORT_STATE, |record| record.port_info.port_state = value)
    }
    /// Ports with this [`port_physical_state`](super::PortInfo::port_physical_state).
    pub fn port_physical_state(self, value: PortPhysicalState) -> Self {
        self.with(PortInfoRecordMask::PORT_PHYSICAL_STATE, |record| {
            record.port_info.port_physical_state = value
        })
    }
    /// Ports with this [`link_down_default_state`](super::PortInfo::link_down_default_state).
    pub fn link_down_default_state(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_DOWN_DEFAULT_STATE, |record| {
            record.port_info.link_down_default_state = value
        })
    }
    /// Ports with this [`m_key_protect_bits`](super::PortInfo::m_key_protect_bits).
    pub fn m_key_protect_bits(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::M_KEY_PROTECT_BITS, |record| {
            record.port_info.m_key_protect_bits = value
        })
    }
    /// Ports with this [`lmc`](super::PortInfo::lmc).
    pub fn lmc(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LMC, |record| record.port_info.lmc = value)
    }
    /// Ports with this [`link_speed_active`](super::PortInfo::link_speed_active).
    pub fn link_speed_active(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_SPEED_ACTIVE, |record| record.port_info.link_speed_active = value)
    }
    /// Ports with this [`link_speed_enabled`](super::PortInfo::link_speed_enabled).
    pub fn link_speed_enabled(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_SPEED_ENABLED, |record| {
            record.port_info.link_speed_enabled = value
        })
    }
    /// Ports with this [`neighbor_mtu`](super::PortInfo::neighbor_mtu).
    pub fn neighbor_mtu(self, value: Mtu) -> Self {
        self.with(PortInfoRecordMask::NEIGHBOR_MTU, |record| record.port_info.neighbor_mtu = value)
    }
    /// Ports with this [`master_sm_sl`](super::PortInfo::master_sm_sl).
    pub fn master_sm_sl(self, value: ServiceLevel) -> Self {
        self.with(PortInfoRecordMask::MASTER_SM_SL, |record| record.port_info.master_sm_sl = value)
    }
    /// Ports with this [`vl_cap`](super::PortInfo::vl_cap).
    pub fn vl_cap(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::VL_CAP, |record| record.port_info.vl_cap = value)
    }
    /// Ports with this [`init_type`](super::PortInfo::init_type).
    pub fn init_type(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::INIT_TYPE, |record| record.port_info.init_type = value)
    }
    /// Ports with this [`vl_high_limit`](super::PortInfo::vl_high_limit).
    pub fn vl_high_limit(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::VL_HIGH_LIMIT, |record| record.port_info.vl_high_limit = value)
    }
    /// Ports with this [`vl_arbitration_high_cap`](super::PortInfo::vl_arbitration_high_cap).
    pub fn vl_arbitration_high_cap(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::VL_ARBITRATION_HIGH_CAP, |record| {
            record.port_info.vl_arbitration_high_cap = value
        })
    }
    /// Ports with this [`vl_arbitration_low_cap`](super::PortInfo::vl_arbitration_low_cap).
    pub fn vl_arbitration_low_cap(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::VL_ARBITRATION_LOW_CAP, |record| {
            record.port_info.vl_arbitration_low_cap = value
        })
    }
    /// Ports with this [`init_type_reply`](super::PortInfo::init_type_reply).
    pub fn init_type_reply(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::INIT_TYPE_REPLY, |record| record.port_info.init_type_reply = value)
    }
    /// Ports with this [`mtu_cap`](super::PortInfo::mtu_cap).
    pub fn mtu_cap(self, value: Mtu) -> Self {
        self.with(PortInfoRecordMask::MTU_CAP, |record| record.port_info.mtu_cap = value)
    }
    /// Ports with this [`vl_stall_count`](super::PortInfo::vl_stall_count).
    pub fn vl_stall_count(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::VL_STALL_COUNT, |record| record.port_info.vl_stall_count = value)
    }
    /// Ports with this [`hoq_life`](super::PortInfo::hoq_life).
    pub fn hoq_life(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::HOQ_LIFE, |record| record.port_info.hoq_life = value)
    }
    /// Ports with this [`operational_vls`](super::PortInfo::operational_vls).
    pub fn operational_vls(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::OPERATIONAL_VLS, |record| record.port_info.operational_vls = value)
    }
    /// Ports with this [`partition_enforcement_inbound`](super::PortInfo::partition_enforcement_inbound).
    pub fn partition_enforcement_inbound(self, value: bool) -> Self {
        self.with(PortInfoRecordMask::PARTITION_ENFORCEMENT_INBOUND, |record| {
            record.port_info.partition_enforcement_inbound = value
        })
    }
    /// Ports with this [`partition_enforcement_outbound`](super::PortInfo::partition_enforcement_outbound).
    pub fn partition_enforcement_outbound(self, value: bool) -> Self {
        self.with(PortInfoRecordMask::PARTITION_ENFORCEMENT_OUTBOUND, |record| {
            record.port_info.partition_enforcement_outbound = value
        })
    }
    /// Ports with this [`filter_raw_inbound`](super::PortInfo::filter_raw_inbound).
    pub fn filter_raw_inbound(self, value: bool) -> Self {
        self.with(PortInfoRecordMask::FILTER_RAW_INBOUND, |record| {
            record.port_info.filter_raw_inbound = value
        })
    }
    /// Ports with this [`filter_raw_outbound`](super::PortInfo::filter_raw_outbound).
    pub fn filter_raw_outbound(self, value: bool) -> Self {
        self.with(PortInfoRecordMask::FILTER_RAW_OUTBOUND, |record| {
            record.port_info.filter_raw_outbound = value
        })
    }
    /// Ports with this [`m_key_violations`](super::PortInfo::m_key_violations).
    pub fn m_key_violations(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::M_KEY_VIOLATIONS, |record| record.port_info.m_key_violations = value)
    }
    /// Ports with this [`p_key_violations`](super::PortInfo::p_key_violations).
    pub fn p_key_violations(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::P_KEY_VIOLATIONS, |record| record.port_info.p_key_violations = value)
    }
    /// Ports with this [`q_key_violations`](super::PortInfo::q_key_violations).
    pub fn q_key_violations(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::Q_KEY_VIOLATIONS, |record| record.port_info.q_key_violations = value)
    }
    /// Ports with this [`guid_cap`](super::PortInfo::guid_cap).
    pub fn guid_cap(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::GUID_CAP, |record| record.port_info.guid_cap = value)
    }
    /// Ports with this [`client_reregister`](super::PortInfo::client_reregister).
    pub fn client_reregister(self, value: bool) -> Self {
        self.with(PortInfoRecordMask::CLIENT_REREGISTER, |record| record.port_info.client_reregister = value)
    }
    /// Ports with this [`subnet_timeout`](super::PortInfo::subnet_timeout).
    pub fn subnet_timeout(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::SUBNET_TIMEOUT, |record| record.port_info.subnet_timeout = value)
    }
    /// Ports with this [`response_time_value`](super::PortInfo::response_time_value).
    pub fn response_time_value(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::RESPONSE_TIME_VALUE, |record| {
            record.port_info.response_time_value = value
        })
    }
    /// Ports with this [`local_phy_errors`](super::PortInfo::local_phy_errors).
    pub fn local_phy_errors(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LOCAL_PHY_ERRORS, |record| record.port_info.local_phy_errors = value)
    }
    /// Ports with this [`overrun_errors`](super::PortInfo::overrun_errors).
    pub fn overrun_errors(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::OVERRUN_ERRORS, |record| record.port_info.overrun_errors = value)
    }
    /// Ports with this [`max_credit_hint`](super::PortInfo::max_credit_hint).
    pub fn max_credit_hint(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::MAX_CREDIT_HINT, |record| record.port_info.max_credit_hint = value)
    }
    /// Ports with this [`link_round_trip_latency`](super::PortInfo::link_round_trip_latency).
    pub fn link_round_trip_latency(self, value: u32) -> Self {
        self.with(PortInfoRecordMask::LINK_ROUND_TRIP_LATENCY, |record| {
            record.port_info.link_round_trip_latency = value
        })
    }
    /// Ports with this [`capability_mask2`](super::PortInfo::capability_mask2).
    pub fn capability_mask2(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::CAPABILITY_MASK2, |record| record.port_info.capability_mask2 = value)
    }
    /// Ports with this [`link_speed_ext_active`](super::PortInfo::link_speed_ext_active).
    pub fn link_speed_ext_active(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_SPEED_EXT_ACTIVE, |record| {
            record.port_info.link_speed_ext_active = value
        })
    }
    /// Ports with this [`link_speed_ext_supported`](super::PortInfo::link_speed_ext_supported).
    pub fn link_speed_ext_supported(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_SPEED_EXT_SUPPORTED, |record| {
            record.port_info.link_speed_ext_supported = value
        })
    }
    /// Ports with this [`link_speed_ext_enabled`](super::PortInfo::link_speed_ext_enabled).
    pub fn link_speed_ext_enabled(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_SPEED_EXT_ENABLED, |record| {
            record.port_info.link_speed_ext_enabled = value
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::PortInfo;

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        assert_eq!(PortInfoRecordQuery::new().component_mask(), 0);
        let query = PortInfoRecordQuery::new().lid(Lid(3)).base_lid(Lid(4)).link_speed_ext_enabled(8);
        assert_eq!(query.component_mask(), 1 | 1 << 5 | 1 << 57);
        let port_info = PortInfo { lid: Lid(4), link_speed_ext_enabled: 8, ..PortInfo::default() };
        assert_eq!(*query.template(), PortInfoRecord { lid: Lid(3), port_info, ..PortInfoRecord::default() });
    }
}
