//! What a path is like.

use ib_mad::wire::PathRecord;
use ib_mad::{Lid, Mtu, PKey, PacketLifetime, Rate, Selector, ServiceLevel};

use crate::{PathKey, PathSelector};

/// What a queue pair takes from a path record: when one of these changes, the queue pairs on the path must change with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathProperties {
    /// LID that the source sends from.
    pub source_lid: Lid,
    /// LID to send to.
    pub destination_lid: Lid,
    /// Service level to send with.
    pub service_level: ServiceLevel,
    /// Largest payload.
    pub mtu: Mtu,
    /// Rate of the slowest link.
    pub rate: Rate,
    /// How long a packet may be on the way.
    pub packet_lifetime: PacketLifetime,
    /// P_Key to send with: the partition, and whether the source is a full member of it.
    pub p_key: PKey,
}

impl PathProperties {
    /// What a record says of its path.
    pub fn of(record: &PathRecord) -> Self {
        Self {
            source_lid: record.source_lid,
            destination_lid: record.destination_lid,
            service_level: record.service_level,
            mtu: record.mtu,
            rate: record.rate,
            packet_lifetime: record.packet_lifetime,
            p_key: record.p_key,
        }
    }

    /// The record that says this of the path `key`, its MTU, rate and lifetime exact. What a table does not keep (the
    /// global route, quality of service class, preference) has its default.
    pub fn to_record(&self, key: &PathKey) -> PathRecord {
        PathRecord {
            service_id: match key.selector {
                PathSelector::Service(id) => id,
                PathSelector::PathBits { .. } => 0,
            },
            destination_gid: key.destination,
            source_gid: key.source,
            destination_lid: self.destination_lid,
            source_lid: self.source_lid,
            p_key: self.p_key,
            service_level: self.service_level,
            mtu_selector: Selector::Exactly,
            mtu: self.mtu,
            rate_selector: Selector::Exactly,
            rate: self.rate,
            packet_lifetime_selector: Selector::Exactly,
            packet_lifetime: self.packet_lifetime,
            ..PathRecord::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::{Gid, Guid};

    #[test]
    fn a_record_survives_the_round_trip() {
        let record = PathRecord {
            service_id: 0x1234,
            destination_gid: Gid::new(1, Guid(2)),
            source_gid: Gid::new(1, Guid(3)),
            destination_lid: Lid(4),
            source_lid: Lid(5),
            p_key: PKey(0x8006),
            service_level: ServiceLevel::new(7).unwrap(),
            mtu_selector: Selector::Exactly,
            mtu: Mtu::B4096,
            rate_selector: Selector::Exactly,
            rate: Rate(9),
            packet_lifetime_selector: Selector::Exactly,
            packet_lifetime: PacketLifetime(18),
            ..PathRecord::default()
        };
        assert_eq!(PathProperties::of(&record).to_record(&PathKey::of(&record, 0, 0)), record);
    }
}
