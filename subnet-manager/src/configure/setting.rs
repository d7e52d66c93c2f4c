use ib_mad::wire::AttributeId;

use crate::subnet::{EndPort, NodeIndex};

/// Something that a node is to be told. What exactly is in the subnet: a setting only says which part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Setting {
    /// A port's settings; a port that waits for its manager is armed too.
    Port(EndPort),
    /// An armed port is to carry data.
    Activate(EndPort),
    /// A block of a port's partition table.
    Keys(EndPort, u16),
    /// How far a switch's tables are in use.
    Switch(NodeIndex),
    /// A block of a forwarding table.
    Forwarding(NodeIndex, u16),
    /// A block of a multicast forwarding table, for sixteen ports.
    Multicast(NodeIndex, u16, u8),
    /// The lanes of packets from one port of a switch to another; of an adapter's port, both are that.
    Lanes {
        /// The node.
        node: NodeIndex,
        /// Where they come in.
        input: u8,
        /// Where they go out.
        output: u8,
    },
}

impl Setting {
    pub(crate) const fn attribute(self) -> AttributeId {
        match self {
            Self::Port(_) | Self::Activate(_) => AttributeId::PORT_INFO,
            Self::Keys(..) => AttributeId::P_KEY_TABLE,
            Self::Switch(_) => AttributeId::SWITCH_INFO,
            Self::Forwarding(..) => AttributeId::LINEAR_FORWARDING_TABLE,
            Self::Multicast(..) => AttributeId::MULTICAST_FORWARDING_TABLE,
            Self::Lanes { .. } => AttributeId::SL_TO_VL_MAPPING,
        }
    }

    pub(crate) const fn node(self) -> NodeIndex {
        match self {
            Self::Port(at) | Self::Activate(at) | Self::Keys(at, _) => at.node,
            Self::Switch(node) | Self::Forwarding(node, _) | Self::Multicast(node, ..) => node,
            Self::Lanes { node, .. } => node,
        }
    }
}
