//! Performance management.

use super::value::Value;
use super::{Fields, Visit};
use crate::wire::{Attribute, PortCounters, PortCountersExtended};

impl Fields for PortCounters {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("PortSelect", self.port_select.into());
        visit("CounterSelect", Value::wide_hex(self.counter_select, 4));
        visit("SymbolErrorCounter", self.symbol_error_counter.into());
        visit("LinkErrorRecoveryCounter", self.link_error_recovery_counter.into());
        visit("LinkDownedCounter", self.link_downed_counter.into());
        visit("PortRcvErrors", self.port_rcv_errors.into());
        visit("PortRcvRemotePhysicalErrors", self.port_rcv_remote_physical_errors.into());
        visit("PortRcvSwitchRelayErrors", self.port_rcv_switch_relay_errors.into());
        visit("PortXmitDiscards", self.port_xmit_discards.into());
        visit("PortXmitConstraintErrors", self.port_xmit_constraint_errors.into());
        visit("PortRcvConstraintErrors", self.port_rcv_constraint_errors.into());
        visit("CounterSelect2", Value::wide_hex(self.counter_select2, 2));
        visit("LocalLinkIntegrityErrors", self.local_link_integrity_errors.into());
        visit("ExcessiveBufferOverrunErrors", self.excessive_buffer_overrun_errors.into());
        visit("QP1Dropped", self.qp1_dropped.into());
        visit("VL15Dropped", self.vl15_dropped.into());
        visit("PortXmitData", self.port_xmit_data.into());
        visit("PortRcvData", self.port_rcv_data.into());
        visit("PortXmitPkts", self.port_xmit_pkts.into());
        visit("PortRcvPkts", self.port_rcv_pkts.into());
        visit("PortXmitWait", self.port_xmit_wait.into());
    }

    fn telling(&self) -> &'static [&'static str] {
        &["PortSelect", "SymbolErrorCounter", "LinkDownedCounter", "PortXmitData", "PortRcvData"]
    }
}

impl Fields for PortCountersExtended {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("PortSelect", self.port_select.into());
        visit("CounterSelect", Value::wide_hex(self.counter_select, 4));
        visit("CounterSelect2", Value::wide_hex(self.counter_select2, 8));
        visit("PortXmitData", self.port_xmit_data.into());
        visit("PortRcvData", self.port_rcv_data.into());
        visit("PortXmitPkts", self.port_xmit_pkts.into());
        visit("PortRcvPkts", self.port_rcv_pkts.into());
        visit("PortUnicastXmitPkts", self.port_unicast_xmit_pkts.into());
        visit("PortUnicastRcvPkts", self.port_unicast_rcv_pkts.into());
        visit("PortMulticastXmitPkts", self.port_multicast_xmit_pkts.into());
        visit("PortMulticastRcvPkts", self.port_multicast_rcv_pkts.into());
        visit("SymbolErrorCounter", self.symbol_error_counter.into());
        visit("LinkErrorRecoveryCounter", self.link_error_recovery_counter.into());
        visit("LinkDownedCounter", self.link_downed_counter.into());
        visit("PortRcvErrors", self.port_rcv_errors.into());
        visit("PortRcvRemotePhysicalErrors", self.port_rcv_remote_physical_errors.into());
        visit("PortRcvSwitchRelayErrors", self.port_rcv_switch_relay_errors.into());
        visit("PortXmitDiscards", self.port_xmit_discards.into());
        visit("PortXmitConstraintErrors", self.port_xmit_constraint_errors.into());
        visit("PortRcvConstraintErrors", self.port_rcv_constraint_errors.into());
        visit("LocalLinkIntegrityErrors", self.local_link_integrity_errors.into());
        visit("ExcessiveBufferOverrunErrors", self.excessive_buffer_overrun_errors.into());
        visit("VL15Dropped", self.vl15_dropped.into());
        visit("PortXmitWait", self.port_xmit_wait.into());
        visit("QP1Dropped", self.qp1_dropped.into());
    }

    fn telling(&self) -> &'static [&'static str] {
        &["PortSelect", "PortXmitData", "PortRcvData", "PortXmitPkts", "PortRcvPkts"]
    }
}
