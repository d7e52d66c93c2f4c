//! Nodes and switches.

use super::meaning::node_type;
use super::value::Value;
use super::{Fields, Visit};
use crate::wire::{Attribute, NodeDescription, NodeInfo, NodeRecord, SwitchInfo, SwitchInfoRecord};

impl Fields for NodeDescription {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("NodeDesc", Value::Text(self.text()));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["NodeDesc"]
    }
}

impl Fields for NodeInfo {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("BaseVers", self.base_version.into());
        visit("ClassVers", self.class_version.into());
        visit("NodeType", (&node_type(self.node_type.into())).into());
        visit("NumPorts", self.number_of_ports.into());
        visit("SystemGuid", self.system_image_guid.into());
        visit("Guid", self.node_guid.into());
        visit("PortGuid", self.port_guid.into());
        visit("PartCap", self.partition_capacity.into());
        visit("DevId", Value::wide_hex(self.device_id, 4));
        visit("Revision", Value::wide_hex(self.revision, 8));
        visit("LocalPort", self.local_port_number.into());
        visit("VendorId", Value::wide_hex(self.vendor_id, 6));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["NodeType", "NumPorts", "Guid", "LocalPort"]
    }
}

impl Fields for NodeRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        let info = &self.node_info;
        visit("lid", self.lid.into());
        visit("base_version", Value::hex(info.base_version));
        visit("class_version", Value::hex(info.class_version));
        visit("node_type", (&node_type(info.node_type.into())).into());
        visit("num_ports", info.number_of_ports.into());
        visit("sys_guid", info.system_image_guid.into());
        visit("node_guid", info.node_guid.into());
        visit("port_guid", info.port_guid.into());
        visit("partition_cap", Value::hex(info.partition_capacity));
        visit("device_id", Value::hex(info.device_id));
        visit("revision", Value::hex(info.revision));
        visit("port_num", info.local_port_number.into());
        visit("vendor_id", Value::hex(info.vendor_id));
        visit("NodeDescription", Value::Text(self.node_description.text()));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["lid", "node_type", "port_guid", "NodeDescription"]
    }
}

impl Fields for SwitchInfo {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("LinearFdbCap", self.linear_fdb_capacity.into());
        visit("RandomFdbCap", self.random_fdb_capacity.into());
        visit("McastFdbCap", self.multicast_fdb_capacity.into());
        visit("LinearFdbTop", self.linear_fdb_top.into());
        visit("DefPort", self.default_port.into());
        visit("DefMcastPrimPort", self.default_multicast_primary_port.into());
        visit("DefMcastNotPrimPort", self.default_multicast_not_primary_port.into());
        visit("LifeTime", self.life_time_value.into());
        visit("StateChange", self.port_state_change.into());
        visit("OptSLtoVLMapping", self.optimized_sl_to_vl_mapping_programming.into());
        visit("LidsPerPort", self.lids_per_port.into());
        visit("PartEnforceCap", self.partition_enforcement_capacity.into());
        visit("InboundPartEnf", self.inbound_enforcement_capable.into());
        visit("OutboundPartEnf", self.outbound_enforcement_capable.into());
        visit("FilterRawInbound", self.filter_raw_inbound_capable.into());
        visit("FilterRawOutbound", self.filter_raw_outbound_capable.into());
        visit("EnhancedPort0", self.enhanced_port_0.into());
        visit("MulticastFDBTop", Value::wide_hex(self.multicast_fdb_top.0, 4));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["LinearFdbTop", "StateChange"]
    }
}

impl Fields for SwitchInfoRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        let info = &self.switch_info;
        let life_state = (info.life_time_value & 0x1F) << 3
            | u8::from(info.port_state_change) << 2
            | (info.optimized_sl_to_vl_mapping_programming & 3);
        let flags = u8::from(info.inbound_enforcement_capable) << 7
            | u8::from(info.outbound_enforcement_capable) << 6
            | u8::from(info.filter_raw_inbound_capable) << 5
            | u8::from(info.filter_raw_outbound_capable) << 4
            | u8::from(info.enhanced_port_0) << 3;
        visit("LID", self.lid.into());
        visit("LinearFDBCap", Value::hex(info.linear_fdb_capacity));
        visit("RandomFDBCap", Value::hex(info.random_fdb_capacity));
        visit("MulticastFDBCap", Value::hex(info.multicast_fdb_capacity));
        visit("LinearFDBTop", Value::hex(info.linear_fdb_top));
        visit("DefaultPort", info.default_port.into());
        visit("DefaultMulticastPrimaryPort", info.default_multicast_primary_port.into());
        visit("DefaultMulticastNotPrimaryPort", info.default_multicast_not_primary_port.into());
        visit("LifeTimeValue/PortStateChange/OpSL2VL", Value::hex(life_state));
        visit("LIDsPerPort", Value::hex(info.lids_per_port));
        visit("PartitionEnforcementCap", Value::hex(info.partition_enforcement_capacity));
        visit("flags", Value::hex(flags));
        visit("MulticastFDBTop", Value::hex(info.multicast_fdb_top.0));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["LID", "LinearFDBTop"]
    }
}
