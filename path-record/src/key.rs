//! What tells one path of a subnet from another.

use core::fmt;

use ib_mad::wire::{PathRecord, PathRecordMask};
use ib_mad::{Gid, PKey};

/// Number of a partition, 15 bits: a P_Key without its membership bit.
///
/// Two ports share a partition when their P_Keys agree in these bits (IBTA volume 1, 10.9.3). Whether the path's source
/// is a full member is a property of the path, which may change while the path stays the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(u16);

impl Partition {
    /// The number, 0 to 0x7FFF.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl From<PKey> for Partition {
    fn from(key: PKey) -> Self {
        Self(key.partition())
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#06x}", self.0)
    }
}

/// Which of the paths between two ports, when there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathSelector {
    /// The path for a service, by its service id (not 0).
    Service(u64),
    /// The path between two of the LIDs of ports that have `2^lmc` of them each: the low `lmc` bits of either LID.
    PathBits {
        /// Low bits of the source LID, 0 to 127.
        source: u8,
        /// Low bits of the destination LID, 0 to 127.
        destination: u8,
    },
}

impl PathSelector {
    /// The one path between two ports that have one LID each.
    pub const ONLY: Self = Self::PathBits { source: 0, destination: 0 };
}

impl Default for PathSelector {
    fn default() -> Self {
        Self::ONLY
    }
}

impl fmt::Display for PathSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Service(id) => write!(f, "service {id:#018x}"),
            Self::PathBits { source, destination } => write!(f, "path bits {source}/{destination}"),
        }
    }
}

/// Name of a path. It stays the same while the subnet manager reroutes the path, or gives its ports other LIDs.
///
/// Keys are ordered by source, destination and selector, and by partition last: a path that moves to another
/// partition then stands next to where it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathKey {
    /// Port at the path's start.
    pub source: Gid,
    /// Port at the path's end.
    pub destination: Gid,
    /// Which of the paths between them.
    pub selector: PathSelector,
    /// Partition that the path is in.
    pub partition: Partition,
}

impl PathKey {
    /// The key of the path that a record describes.
    ///
    /// `source_lmc` and `destination_lmc` are the LID mask control values of the ports' PortInfo, 0 to 7 (a larger one
    /// counts as 7): a port answers to `2^lmc` consecutive LIDs, and each may have a path of its own. On most subnets
    /// both are 0. A record for a service is told apart by the service alone.
    pub fn of(record: &PathRecord, source_lmc: u8, destination_lmc: u8) -> Self {
        let selector = match record.service_id {
            0 => PathSelector::PathBits {
                source: record.source_lid.path_bits(source_lmc),
                destination: record.destination_lid.path_bits(destination_lmc),
            },
            id => PathSelector::Service(id),
        };
        Self {
            source: record.source_gid,
            destination: record.destination_gid,
            selector,
            partition: record.p_key.into(),
        }
    }

    /// Whether the path leads back to the port that it starts from. Such a path never counts as changed.
    pub fn is_loopback(&self) -> bool {
        self.source == self.destination
    }

    /// The components of a PathRecord that hold this key: what names the path in a query or in a trap.
    pub fn component_mask(&self) -> PathRecordMask {
        let selector = match self.selector {
            PathSelector::Service(_) => PathRecordMask::SERVICE_ID.0,
            PathSelector::PathBits { .. } => PathRecordMask::SOURCE_LID.0 | PathRecordMask::DESTINATION_LID.0,
        };
        PathRecordMask(
            PathRecordMask::SOURCE_GID.0
                | PathRecordMask::DESTINATION_GID.0
                | PathRecordMask::P_KEY.0
                | selector,
        )
    }

    /// The key without its partition: what a path that changed partition keeps.
    pub(crate) fn pair(&self) -> (Gid, Gid, PathSelector) {
        (self.source, self.destination, self.selector)
    }
}

impl fmt::Display for PathKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.source, self.destination)?;
        if self.selector != PathSelector::ONLY {
            write!(f, ", {}", self.selector)?;
        }
        write!(f, ", partition {}", self.partition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::{Guid, Lid};
    use std::format;

    fn gid(port: u64) -> Gid {
        Gid::new(Gid::DEFAULT_PREFIX, Guid(port))
    }

    fn record() -> PathRecord {
        PathRecord {
            source_gid: gid(1),
            destination_gid: gid(2),
            source_lid: Lid(0x15),
            destination_lid: Lid(0x2B),
            p_key: PKey::DEFAULT_FULL,
            ..PathRecord::default()
        }
    }

    #[test]
    fn path_bits_follow_each_ports_lmc() {
        let bits = |source, destination| PathSelector::PathBits { source, destination };
        assert_eq!(PathKey::of(&record(), 0, 0).selector, PathSelector::ONLY);
        assert_eq!(PathKey::of(&record(), 2, 3).selector, bits(1, 3));
        assert_eq!(PathKey::of(&record(), 3, 1).selector, bits(5, 1));
        assert_eq!(PathKey::of(&record(), 200, 7).selector, bits(0x15, 0x2B), "lmc has three bits");
    }

    #[test]
    fn a_service_takes_the_place_of_path_bits() {
        let record = PathRecord { service_id: 9, ..record() };
        assert_eq!(PathKey::of(&record, 2, 2).selector, PathSelector::Service(9));
    }

    #[test]
    fn membership_is_not_part_of_the_key() {
        let limited = PathRecord { p_key: PKey::DEFAULT_LIMITED, ..record() };
        assert_eq!(PathKey::of(&record(), 0, 0), PathKey::of(&limited, 0, 0));
    }

    #[test]
    fn partition_orders_last() {
        let key = |source, destination, bits, partition| PathKey {
            source: gid(source),
            destination: gid(destination),
            selector: PathSelector::PathBits { source: 0, destination: bits },
            partition: PKey(partition).into(),
        };
        let sorted = [key(1, 2, 0, 1), key(1, 2, 0, 9), key(1, 2, 1, 0), key(1, 3, 0, 0), key(2, 1, 0, 0)];
        assert!(sorted.is_sorted());
    }

    #[test]
    fn reads_well() {
        let key = PathKey::of(&record(), 0, 0);
        assert_eq!(format!("{key}"), "fe80::1 to fe80::2, partition 0x7fff");
        let key = PathKey::of(&record(), 1, 1);
        assert_eq!(format!("{key}"), "fe80::1 to fe80::2, path bits 1/1, partition 0x7fff");
    }
}
