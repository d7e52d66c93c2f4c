//! Paths.

use ib_mad::wire::PathRecord;

use super::{Field, Layout, attribute, field, of};

pub(super) fn layouts() -> Vec<Layout> {
    vec![attribute!(PathRecord {
        service_id: 64,
        destination_gid: 128,
        source_gid: 128,
        destination_lid: 16,
        source_lid: 16,
        is_raw: 1,
        flow_label: 20,
        hop_limit: 8,
        traffic_class: 8,
        is_reversible: 1,
        number_of_paths: 7,
        p_key: 16,
        qos_class: 12,
        service_level: 4,
        mtu_selector: 2,
        mtu: 6,
        rate_selector: 2,
        rate: 6,
        packet_lifetime_selector: 2,
        packet_lifetime: 6,
        preference: 8,
    })]
}
