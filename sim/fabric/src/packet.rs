//! What travels through a fabric.

use core::fmt;

use ib_mad::wire::{MAD_LENGTH, ManagementClass};
use ib_mad::{Gid, Lid, PKey, QKey, Qpn, ServiceLevel};

/// The largest payload of a packet, in bytes.
pub const MAX_PAYLOAD: usize = 4096;

/// A datagram with the addresses and keys of its headers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Packet {
    /// The port that sends it. Whoever sends chooses only its path bits: the fabric fills in the port's base LID.
    pub source_lid: Lid,
    /// The port, or the multicast group, that is to get it; [`Lid::PERMISSIVE`] for a directed route.
    pub destination_lid: Lid,
    /// Service level.
    pub service_level: ServiceLevel,
    /// Queue pair that sends it.
    pub source_qpn: Qpn,
    /// Queue pair that is to get it; of a multicast packet that arrived, the one that it was copied for.
    pub destination_qpn: Qpn,
    /// Partition; it does not count between queue pairs 0.
    pub p_key: PKey,
    /// Key of the queue pair that is to get it.
    pub q_key: QKey,
    /// Global route header; a multicast packet has one.
    pub global_route: Option<GlobalRoute>,
    /// What it carries.
    pub payload: Payload,
}

/// What counts of a global route header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GlobalRoute {
    /// The port that sends.
    pub source_gid: Gid,
    /// The port or the group that is to get it.
    pub destination_gid: Gid,
}

/// What a packet carries.
#[derive(Clone, PartialEq, Eq, Hash)]
#[expect(
    clippy::large_enum_variant,
    reason = "management is most of the traffic: its packets are not allocated"
)]
pub enum Payload {
    /// A management datagram.
    Mad([u8; MAD_LENGTH]),
    /// Anything else, at most [`MAX_PAYLOAD`] bytes.
    Bytes(Box<[u8]>),
}

/// Queue pair of multicast packets (IBTA volume 1, 9.6.1.3).
pub const MULTICAST_QPN: u32 = 0xFF_FFFF;

impl Packet {
    /// A subnet management packet to queue pair 0; along a directed route `to` is [`Lid::PERMISSIVE`].
    pub const fn subnet_management(to: Lid, mad: [u8; MAD_LENGTH]) -> Self {
        Self {
            source_lid: Lid::UNASSIGNED,
            destination_lid: to,
            service_level: match ServiceLevel::new(0) {
                Some(level) => level,
                None => unreachable!(),
            },
            source_qpn: Qpn::SUBNET_MANAGEMENT,
            destination_qpn: Qpn::SUBNET_MANAGEMENT,
            p_key: PKey::DEFAULT_FULL,
            q_key: QKey(0),
            global_route: None,
            payload: Payload::Mad(mad),
        }
    }

    /// A datagram of general services, between queue pairs 1.
    pub fn general_services(to: Lid, mad: [u8; MAD_LENGTH]) -> Self {
        Self {
            source_qpn: Qpn::GENERAL_SERVICES,
            destination_qpn: Qpn::GENERAL_SERVICES,
            q_key: QKey::GENERAL_SERVICES,
            ..Self::subnet_management(to, mad)
        }
    }

    /// The management datagram, if it is one.
    pub const fn mad(&self) -> Option<&[u8; MAD_LENGTH]> {
        match &self.payload {
            Payload::Mad(mad) => Some(mad),
            Payload::Bytes(_) => None,
        }
    }

    /// Whether it travels on the lane of subnet management.
    pub(crate) const fn is_subnet_management(&self) -> bool {
        self.destination_qpn.get() == 0
    }

    /// Whether it finds its own way from here.
    pub(crate) fn is_directed(&self) -> bool {
        self.is_subnet_management()
            && self.mad().is_some_and(|mad| mad[1] == ManagementClass::SUBNET_DIRECTED_ROUTE.0)
    }
}

impl Payload {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Mad(mad) => mad,
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A management datagram may hold keys.
        match self {
            Self::Mad(_) => f.write_str("Mad(..)"),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
        }
    }
}
