//! Where packets go: the address vector of a queue pair or of an address handle.

use ib_mad::{Gid, Lid, ServiceLevel};

/// An address vector (volume 1, section 11.2.2.1).
///
/// A queue pair's packets keep their order as long as they take one way. Switches that share traffic out over equal routes
/// (ECMP) choose by the addresses and the source port of UDP. Adapters derive that port from the queue pairs' numbers
/// or, where a flow label is set and the adapter's driver heeds it, from the label, by [`udp_source_port`]. So
/// queue pairs that are lanes of one path have the same flow label, and those of different paths different ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Route {
    /// The own port, from 1.
    pub port: u8,
    /// The own GID, by its place in the port's table.
    pub source_gid_index: u8,
    /// The peer's GID.
    pub destination: Gid,
    /// Whether packets carry a global route header: always on Ethernet, on InfiniBand between subnets.
    pub is_global: bool,
    /// The peer's LID; 0 on Ethernet.
    pub lid: Lid,
    /// Service level.
    pub service_level: ServiceLevel,
    /// The lowest bits of the own LID.
    pub path_bits: u8,
    /// Rate that packets are slowed down to, as path records code it; 0 for the port's.
    pub static_rate: u8,
    /// Traffic class: what was the type of service of IPv4.
    pub traffic_class: u8,
    /// Flow label, 20 bits; 0 for none.
    pub flow_label: u32,
    /// Routers that a packet may pass.
    pub hop_limit: u8,
}

impl Route {
    /// The same with another traffic class.
    #[must_use]
    pub const fn with_traffic_class(self, traffic_class: u8) -> Self {
        Self { traffic_class, ..self }
    }

    /// The same with another flow label; its lower 20 bits are taken.
    #[must_use]
    pub const fn with_flow_label(self, flow_label: u32) -> Self {
        Self { flow_label: flow_label & 0xF_FFFF, ..self }
    }
}

/// The source port of UDP that packets with a flow label have over RoCE version 2, always 49152 or more: annex A17, as
/// Linux computes it (`rdma_flow_label_to_udp_sport` in `include/rdma/ib_verbs.h`).
#[must_use]
pub const fn udp_source_port(flow_label: u32) -> u16 {
    let low = (flow_label & 0x3FFF) as u16;
    let high = ((flow_label & 0xF_C000) >> 14) as u16;
    (low ^ high) | 0xC000
}

#[cfg(test)]
mod tests {
    use super::*;
    use quickcheck::quickcheck;

    quickcheck! {
        fn source_ports_are_dynamic_ones(flow_label: u32) -> bool {
            udp_source_port(flow_label) >= 0xC000
                && udp_source_port(flow_label) == udp_source_port(flow_label & 0xF_FFFF)
        }
    }

    #[test]
    fn every_bit_of_a_label_counts() {
        let none = udp_source_port(0);
        assert_eq!(none, 0xC000);
        assert!((0..20).all(|bit| udp_source_port(1 << bit) != none));
        assert_eq!(udp_source_port(0x1_2345), 0xC000 | (0x2345 ^ 0x0004));
        assert_eq!(Route::default().with_flow_label(u32::MAX).flow_label, 0xF_FFFF);
    }
}
