//! Paths and multicast groups.

use super::value::Value;
use super::{Fields, Visit};
use crate::types::{QKey, Selector};
use crate::wire::path_fields::{RawFlowHops, ReversiblePaths, Selected};
use crate::wire::{Attribute, McMemberRecord, MultiPathGids, MultiPathRecord, PathRecord};

/// A byte of a selector of 2 bits and a code of 6.
fn selected(selector: Selector, code: u8) -> Value<'static> {
    Value::hex(Selected::new(selector, code).bits())
}

/// The word of the raw bit, the flow label and the hop limit.
fn hop_flow_raw(is_raw: bool, flow_label: u32, hop_limit: u8) -> Value<'static> {
    Value::hex(RawFlowHops::new(is_raw, flow_label, hop_limit).bits())
}

/// The byte of the reversible bit and the number of paths.
fn number_and_reversible(number_of_paths: u8, is_reversible: bool) -> Value<'static> {
    Value::hex(ReversiblePaths::new(is_reversible, number_of_paths).bits())
}

impl Fields for PathRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("service_id", Value::wide_hex(self.service_id, 16));
        visit("dgid", self.destination_gid.into());
        visit("sgid", self.source_gid.into());
        visit("dlid", self.destination_lid.into());
        visit("slid", self.source_lid.into());
        visit("hop_flow_raw", hop_flow_raw(self.is_raw, self.flow_label, self.hop_limit));
        visit("tclass", Value::hex(self.traffic_class));
        visit("num_path_revers", number_and_reversible(self.number_of_paths, self.is_reversible));
        visit("pkey", Value::hex(self.p_key.0));
        visit("qos_class", Value::hex(self.qos_class));
        visit("sl", Value::hex(self.service_level.get()));
        visit("mtu", selected(self.mtu_selector, self.mtu.0));
        visit("rate", selected(self.rate_selector, self.rate.0));
        visit("pkt_life", selected(self.packet_lifetime_selector, self.packet_lifetime.0));
        visit("preference", Value::hex(self.preference));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["slid", "dlid", "sgid", "dgid", "sl"]
    }
}

impl Fields for MultiPathRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("hop_flow_raw", hop_flow_raw(self.is_raw, self.flow_label, self.hop_limit));
        visit("tclass", Value::hex(self.traffic_class));
        visit("num_path_revers", number_and_reversible(self.number_of_paths, self.is_reversible));
        visit("pkey", Value::hex(self.p_key.0));
        visit("qos_class", Value::hex(self.qos_class));
        visit("sl", Value::hex(self.service_level.get()));
        visit("mtu", selected(self.mtu_selector, self.mtu.0));
        visit("rate", selected(self.rate_selector, self.rate.0));
        visit("pkt_life", selected(self.packet_lifetime_selector, self.packet_lifetime.0));
        visit("service_id", Value::wide_hex(self.service_id, 16));
        visit("independence", Value::hex(self.independence));
        visit("sgid_count", self.source_gid_count.into());
        visit("dgid_count", self.destination_gid_count.into());
    }

    fn telling(&self) -> &'static [&'static str] {
        &["sgid_count", "dgid_count"]
    }
}

impl Fields for MultiPathGids<'_> {
    fn name(&self) -> &'static str {
        "MultiPathRecord GIDs"
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("sgids", Value::List(&|item| self.sources().for_each(|gid| item(gid.into()))));
        visit("dgids", Value::List(&|item| self.destinations().for_each(|gid| item(gid.into()))));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["sgids", "dgids"]
    }
}

impl Fields for McMemberRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("MGID", self.mgid.into());
        visit("PortGid", self.port_gid.into());
        // Without leading zeros, unlike in other structures.
        let q_key = Value::hex(self.q_key.0);
        let is_secret = self.q_key != QKey::GENERAL_SERVICES;
        visit("qkey", if is_secret { Value::Secret(&q_key) } else { q_key });
        visit("mlid", Value::hex(self.mlid.0));
        visit("mtu", selected(self.mtu_selector, self.mtu.0));
        visit("TClass", Value::hex(self.traffic_class));
        visit("pkey", Value::hex(self.p_key.0));
        visit("rate", selected(self.rate_selector, self.rate.0));
        visit("pkt_life", selected(self.packet_lifetime_selector, self.packet_lifetime.0));
        visit("SL", Value::hex(self.service_level.get()));
        visit("FlowLabel", Value::hex(self.flow_label & 0xF_FFFF));
        visit("HopLimit", Value::hex(self.hop_limit));
        visit("Scope", Value::hex(self.scope & 0xF));
        visit("JoinState", Value::hex(self.join_state.0 & 0xF));
        visit("ProxyJoin", Value::hex(u8::from(self.proxy_join)));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["MGID", "PortGid", "mlid", "JoinState"]
    }
}
