//! The route of a path record.

use ib_mad::wire::PathRecord;
use transport::verbs::{Introduction, Port, Route};

/// The address vector that a path record gives, to a peer that has introduced itself.
///
/// On InfiniBand it is the record's. On Ethernet there are no LIDs, and the peer's GID is what it said: of the record there remain
/// the flow label, the traffic class, and the service level. Where the record has no traffic class, the service level becomes
/// its three highest bits (the class selector), which the kernel's connection manager turns into a priority.
#[must_use]
pub fn route_of(port: &Port, peer: &Introduction, record: &PathRecord) -> Route {
    let route = port.route_to(peer.gid, record.destination_lid).with_flow_label(record.flow_label);
    if port.is_ethernet() {
        let selector = (record.service_level.get() & 7) << 5;
        let class = if record.traffic_class == 0 { selector } else { record.traffic_class };
        return Route { lid: peer.lid, ..route.with_traffic_class(class) };
    }
    // The port's own LID has zeros where its others differ.
    let [_, path_bits] = (record.source_lid.0 ^ port.lid().0).to_be_bytes();
    Route {
        service_level: record.service_level,
        path_bits: path_bits & 0x7F,
        static_rate: record.rate.0,
        hop_limit: record.hop_limit,
        ..route.with_traffic_class(record.traffic_class)
    }
}
