//! Queries for PortInfoRecords.

use super::{
    AttributeId, ComponentMask, PortCapabilityMask, PortInfoRecord, PortInfoRecordMask, PortPhysicalState,
    PortState, RecordQuery,
};
use crate::types::{Lid, MKey, Mtu, ServiceLevel};

/// A query for ports: each method adds one component to match.
///
/// ```
/// use ib_mad::wire::{PortInfoRecordQuery, PortState, RecordQuery};
///
/// let query = PortInfoRecordQuery::new().port_state(PortState::ACTIVE);
/// assert_eq!(query.component_mask(), 1 << 15);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[must_use]
pub struct PortInfoRecordQuery {
    template: PortInfoRecord,
    mask: PortInfoRecordMask,
}

impl PortInfoRecordQuery {
    /// A query that every record matches.
    pub fn new() -> Self {
        Self::default()
    }

    fn with(mut self, component: PortInfoRecordMask, set: impl FnOnce(&mut PortInfoRecord)) -> Self {
        self.mask.0 |= component.0;
        set(&mut self.template);
        self
    }

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
    /// Ports by this component: M_Key.
    pub fn m_key(self, value: MKey) -> Self {
        self.with(PortInfoRecordMask::M_KEY, |record| record.port_info.m_key = value)
    }
    /// Ports by this component: subnet prefix.
    pub fn gid_prefix(self, value: u64) -> Self {
        self.with(PortInfoRecordMask::GID_PREFIX, |record| record.port_info.gid_prefix = value)
    }
    /// Ports by this component: base of the port's LIDs.
    pub fn base_lid(self, value: Lid) -> Self {
        self.with(PortInfoRecordMask::BASE_LID, |record| record.port_info.lid = value)
    }
    /// Ports by this component: LID of the master manager.
    pub fn master_sm_lid(self, value: Lid) -> Self {
        self.with(PortInfoRecordMask::MASTER_SM_LID, |record| record.port_info.master_sm_lid = value)
    }
    /// Ports by this component: capabilities.
    pub fn capability_mask(self, value: PortCapabilityMask) -> Self {
        self.with(PortInfoRecordMask::CAPABILITY_MASK, |record| record.port_info.capability_mask = value)
    }
    /// Ports by this component: diagnostic code.
    pub fn diag_code(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::DIAG_CODE, |record| record.port_info.diag_code = value)
    }
    /// Ports by this component: lease period of the M_Key.
    pub fn m_key_lease_period(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::M_KEY_LEASE_PERIOD, |record| {
            record.port_info.m_key_lease_period = value
        })
    }
    /// Ports by this component: port that the request came in on.
    pub fn local_port_number(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LOCAL_PORT_NUMBER, |record| record.port_info.local_port_number = value)
    }
    /// Ports by this component: link width enabled.
    pub fn link_width_enabled(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_WIDTH_ENABLED, |record| {
            record.port_info.link_width_enabled = value
        })
    }
    /// Ports by this component: link width supported.
    pub fn link_width_supported(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_WIDTH_SUPPORTED, |record| {
            record.port_info.link_width_supported = value
        })
    }
    /// Ports by this component: link width active.
    pub fn link_width_active(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_WIDTH_ACTIVE, |record| record.port_info.link_width_active = value)
    }
    /// Ports by this component: link speed supported.
    pub fn link_speed_supported(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_SPEED_SUPPORTED, |record| {
            record.port_info.link_speed_supported = value
        })
    }
    /// Ports by this component: port state.
    pub fn port_state(self, value: PortState) -> Self {
        self.with(PortInfoRecordMask::PORT_STATE, |record| record.port_info.port_state = value)
    }
    /// Ports by this component: port physical state.
    pub fn port_physical_state(self, value: PortPhysicalState) -> Self {
        self.with(PortInfoRecordMask::PORT_PHYSICAL_STATE, |record| {
            record.port_info.port_physical_state = value
        })
    }
    /// Ports by this component: link down default state.
    pub fn link_down_default_state(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_DOWN_DEFAULT_STATE, |record| {
            record.port_info.link_down_default_state = value
        })
    }
    /// Ports by this component: protection by the M_Key.
    pub fn m_key_protect_bits(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::M_KEY_PROTECT_BITS, |record| {
            record.port_info.m_key_protect_bits = value
        })
    }
    /// Ports by this component: LMC.
    pub fn lmc(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LMC, |record| record.port_info.lmc = value)
    }
    /// Ports by this component: link speed active.
    pub fn link_speed_active(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_SPEED_ACTIVE, |record| record.port_info.link_speed_active = value)
    }
    /// Ports by this component: link speed enabled.
    pub fn link_speed_enabled(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_SPEED_ENABLED, |record| {
            record.port_info.link_speed_enabled = value
        })
    }
    /// Ports by this component: MTU of the link.
    pub fn neighbor_mtu(self, value: Mtu) -> Self {
        self.with(PortInfoRecordMask::NEIGHBOR_MTU, |record| record.port_info.neighbor_mtu = value)
    }
    /// Ports by this component: service level to the master manager.
    pub fn master_sm_sl(self, value: ServiceLevel) -> Self {
        self.with(PortInfoRecordMask::MASTER_SM_SL, |record| record.port_info.master_sm_sl = value)
    }
    /// Ports by this component: data lanes that the port has.
    pub fn vl_cap(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::VL_CAP, |record| record.port_info.vl_cap = value)
    }
    /// Ports by this component: initialisation asked for.
    pub fn init_type(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::INIT_TYPE, |record| record.port_info.init_type = value)
    }
    /// Ports by this component: limit of high priority.
    pub fn vl_high_limit(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::VL_HIGH_LIMIT, |record| record.port_info.vl_high_limit = value)
    }
    /// Ports by this component: entries of high priority.
    pub fn vl_arbitration_high_cap(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::VL_ARBITRATION_HIGH_CAP, |record| {
            record.port_info.vl_arbitration_high_cap = value
        })
    }
    /// Ports by this component: entries of low priority.
    pub fn vl_arbitration_low_cap(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::VL_ARBITRATION_LOW_CAP, |record| {
            record.port_info.vl_arbitration_low_cap = value
        })
    }
    /// Ports by this component: initialisation done.
    pub fn init_type_reply(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::INIT_TYPE_REPLY, |record| record.port_info.init_type_reply = value)
    }
    /// Ports by this component: MTU that the port can take.
    pub fn mtu_cap(self, value: Mtu) -> Self {
        self.with(PortInfoRecordMask::MTU_CAP, |record| record.port_info.mtu_cap = value)
    }
    /// Ports by this component: packets dropped before a lane stalls.
    pub fn vl_stall_count(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::VL_STALL_COUNT, |record| record.port_info.vl_stall_count = value)
    }
    /// Ports by this component: time at the head of a lane.
    pub fn hoq_life(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::HOQ_LIFE, |record| record.port_info.hoq_life = value)
    }
    /// Ports by this component: data lanes in use.
    pub fn operational_vls(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::OPERATIONAL_VLS, |record| record.port_info.operational_vls = value)
    }
    /// Ports by this component: partition enforcement inbound.
    pub fn partition_enforcement_inbound(self, value: bool) -> Self {
        self.with(PortInfoRecordMask::PARTITION_ENFORCEMENT_INBOUND, |record| {
            record.port_info.partition_enforcement_inbound = value
        })
    }
    /// Ports by this component: partition enforcement outbound.
    pub fn partition_enforcement_outbound(self, value: bool) -> Self {
        self.with(PortInfoRecordMask::PARTITION_ENFORCEMENT_OUTBOUND, |record| {
            record.port_info.partition_enforcement_outbound = value
        })
    }
    /// Ports by this component: filter raw inbound.
    pub fn filter_raw_inbound(self, value: bool) -> Self {
        self.with(PortInfoRecordMask::FILTER_RAW_INBOUND, |record| {
            record.port_info.filter_raw_inbound = value
        })
    }
    /// Ports by this component: filter raw outbound.
    pub fn filter_raw_outbound(self, value: bool) -> Self {
        self.with(PortInfoRecordMask::FILTER_RAW_OUTBOUND, |record| {
            record.port_info.filter_raw_outbound = value
        })
    }
    /// Ports by this component: violations of the M_Key.
    pub fn m_key_violations(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::M_KEY_VIOLATIONS, |record| record.port_info.m_key_violations = value)
    }
    /// Ports by this component: violations of a P_Key.
    pub fn p_key_violations(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::P_KEY_VIOLATIONS, |record| record.port_info.p_key_violations = value)
    }
    /// Ports by this component: violations of a Q_Key.
    pub fn q_key_violations(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::Q_KEY_VIOLATIONS, |record| record.port_info.q_key_violations = value)
    }
    /// Ports by this component: number of GUIDs.
    pub fn guid_cap(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::GUID_CAP, |record| record.port_info.guid_cap = value)
    }
    /// Ports by this component: registration asked for again.
    pub fn client_reregister(self, value: bool) -> Self {
        self.with(PortInfoRecordMask::CLIENT_REREGISTER, |record| record.port_info.client_reregister = value)
    }
    /// Ports by this component: timeout of the subnet.
    pub fn subnet_timeout(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::SUBNET_TIMEOUT, |record| record.port_info.subnet_timeout = value)
    }
    /// Ports by this component: response time.
    pub fn response_time_value(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::RESPONSE_TIME_VALUE, |record| {
            record.port_info.response_time_value = value
        })
    }
    /// Ports by this component: threshold of symbol errors.
    pub fn local_phy_errors(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LOCAL_PHY_ERRORS, |record| record.port_info.local_phy_errors = value)
    }
    /// Ports by this component: threshold of overruns.
    pub fn overrun_errors(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::OVERRUN_ERRORS, |record| record.port_info.overrun_errors = value)
    }
    /// Ports by this component: hint at credits.
    pub fn max_credit_hint(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::MAX_CREDIT_HINT, |record| record.port_info.max_credit_hint = value)
    }
    /// Ports by this component: latency of the link.
    pub fn link_round_trip_latency(self, value: u32) -> Self {
        self.with(PortInfoRecordMask::LINK_ROUND_TRIP_LATENCY, |record| {
            record.port_info.link_round_trip_latency = value
        })
    }
    /// Ports by this component: more capabilities.
    pub fn capability_mask2(self, value: u16) -> Self {
        self.with(PortInfoRecordMask::CAPABILITY_MASK2, |record| record.port_info.capability_mask2 = value)
    }
    /// Ports by this component: link speed ext active.
    pub fn link_speed_ext_active(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_SPEED_EXT_ACTIVE, |record| {
            record.port_info.link_speed_ext_active = value
        })
    }
    /// Ports by this component: link speed ext supported.
    pub fn link_speed_ext_supported(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_SPEED_EXT_SUPPORTED, |record| {
            record.port_info.link_speed_ext_supported = value
        })
    }
    /// Ports by this component: link speed ext enabled.
    pub fn link_speed_ext_enabled(self, value: u8) -> Self {
        self.with(PortInfoRecordMask::LINK_SPEED_EXT_ENABLED, |record| {
            record.port_info.link_speed_ext_enabled = value
        })
    }

    /// The components given so far.
    pub fn mask(&self) -> PortInfoRecordMask {
        self.mask
    }
}

impl RecordQuery for PortInfoRecordQuery {
    type Record = PortInfoRecord;
    const ATTRIBUTE: AttributeId = AttributeId::PORT_INFO_RECORD;

    fn template(&self) -> &PortInfoRecord {
        &self.template
    }
    fn component_mask(&self) -> u64 {
        self.mask.bits()
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
