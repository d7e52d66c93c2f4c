//! NodeRecord (IBTA volume 1, 15.2.5.2): a node, seen through one of its ports.

use zerocopy::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{
    Attribute, AttributeId, ComponentMask, NodeDescription, NodeDescriptionView, NodeInfo, NodeInfoView,
    NodeType, Query, Record,
};
use crate::types::{Guid, Lid};

/// The record as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NodeRecordView {
    lid: U16,
    reserved: U16,
    node_info: NodeInfoView,
    node_description: NodeDescriptionView,
    padding: [u8; 4],
}

const _: () = assert!(size_of::<NodeRecordView>() == 112);

impl NodeRecordView {
    /// LID of the port.
    #[inline]
    pub fn lid(&self) -> Lid {
        Lid(self.lid.get())
    }
    /// What the node is.
    #[inline]
    pub fn node_info(&self) -> &NodeInfoView {
        &self.node_info
    }
    /// What people call it.
    #[inline]
    pub fn node_description(&self) -> &NodeDescriptionView {
        &self.node_description
    }
}

/// A node, seen through one of its ports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeRecord {
    /// LID of the port.
    pub lid: Lid,
    /// What the node is.
    pub node_info: NodeInfo,
    /// What people call it.
    pub node_description: NodeDescription,
}

impl Attribute for NodeRecord {
    type View = NodeRecordView;
    const NAME: &'static str = "NodeRecord";

    fn from_view(view: &NodeRecordView) -> Self {
        Self {
            lid: view.lid(),
            node_info: NodeInfo::from_view(&view.node_info),
            node_description: NodeDescription::from_view(&view.node_description),
        }
    }

    fn to_view(&self) -> NodeRecordView {
        NodeRecordView {
            lid: U16::new(self.lid.0),
            reserved: U16::ZERO,
            node_info: self.node_info.to_view(),
            node_description: self.node_description.to_view(),
            padding: [0; 4],
        }
    }
}
/// Component mask of a NodeRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeRecordMask(pub u64);

impl NodeRecordMask {
    /// LID.
    pub const LID: Self = Self(1);
    /// Base version.
    pub const BASE_VERSION: Self = Self(1 << 2);
    /// Class version.
    pub const CLASS_VERSION: Self = Self(1 << 3);
    /// Kind of node.
    pub const NODE_TYPE: Self = Self(1 << 4);
    /// Number of ports.
    pub const NUMBER_OF_PORTS: Self = Self(1 << 5);
    /// System.
    pub const SYSTEM_IMAGE_GUID: Self = Self(1 << 6);
    /// Node.
    pub const NODE_GUID: Self = Self(1 << 7);
    /// Port.
    pub const PORT_GUID: Self = Self(1 << 8);
    /// Partition table.
    pub const PARTITION_CAPACITY: Self = Self(1 << 9);
    /// Device.
    pub const DEVICE_ID: Self = Self(1 << 10);
    /// Revision of the device.
    pub const REVISION: Self = Self(1 << 11);
    /// Number of the port.
    pub const LOCAL_PORT_NUMBER: Self = Self(1 << 12);
    /// Vendor.
    pub const VENDOR_ID: Self = Self(1 << 13);
    /// Description.
    pub const NODE_DESCRIPTION: Self = Self(1 << 14);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for NodeRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for nodes: each method adds one component to match.
///
/// ```
/// use ib_mad::wire::{NodeRecordQuery, NodeType};
///
/// let query = NodeRecordQuery::new().node_type(NodeType::Switch);
/// assert_eq!(query.component_mask(), 0x10);
/// ```
pub type NodeRecordQuery = Query<NodeRecord>;

impl Record for NodeRecord {
    type Mask = NodeRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::NODE_RECORD;
}

impl NodeRecordQuery {
    /// The port with a LID.
    pub fn lid(self, lid: Lid) -> Self {
        self.with(NodeRecordMask::LID, |record| record.lid = lid)
    }
    /// Nodes with a version of the common header.
    pub fn base_version(self, version: u8) -> Self {
        self.with(NodeRecordMask::BASE_VERSION, |record| record.node_info.base_version = version)
    }
    /// Nodes with a version of subnet management.
    pub fn class_version(self, version: u8) -> Self {
        self.with(NodeRecordMask::CLASS_VERSION, |record| record.node_info.class_version = version)
    }
    /// Nodes of a kind.
    pub fn node_type(self, kind: NodeType) -> Self {
        self.with(NodeRecordMask::NODE_TYPE, |record| record.node_info.node_type = kind)
    }
    /// Nodes with so many ports.
    pub fn number_of_ports(self, ports: u8) -> Self {
        self.with(NodeRecordMask::NUMBER_OF_PORTS, |record| record.node_info.number_of_ports = ports)
    }
    /// Nodes of a system.
    pub fn system_image_guid(self, guid: Guid) -> Self {
        self.with(NodeRecordMask::SYSTEM_IMAGE_GUID, |record| record.node_info.system_image_guid = guid)
    }
    /// The ports of a node.
    pub fn node_guid(self, guid: Guid) -> Self {
        self.with(NodeRecordMask::NODE_GUID, |record| record.node_info.node_guid = guid)
    }
    /// A port.
    pub fn port_guid(self, guid: Guid) -> Self {
        self.with(NodeRecordMask::PORT_GUID, |record| record.node_info.port_guid = guid)
    }
    /// Nodes with a partition table of so many entries.
    pub fn partition_capacity(self, entries: u16) -> Self {
        self.with(NodeRecordMask::PARTITION_CAPACITY, |record| record.node_info.partition_capacity = entries)
    }
    /// Nodes of a device.
    pub fn device_id(self, id: u16) -> Self {
        self.with(NodeRecordMask::DEVICE_ID, |record| record.node_info.device_id = id)
    }
    /// Nodes of a revision.
    pub fn revision(self, revision: u32) -> Self {
        self.with(NodeRecordMask::REVISION, |record| record.node_info.revision = revision)
    }
    /// Ports with a number.
    pub fn local_port_number(self, port: u8) -> Self {
        self.with(NodeRecordMask::LOCAL_PORT_NUMBER, |record| record.node_info.local_port_number = port)
    }
    /// Nodes of a vendor (24 bits).
    pub fn vendor_id(self, id: u32) -> Self {
        self.with(NodeRecordMask::VENDOR_ID, |record| record.node_info.vendor_id = id)
    }
    /// Nodes with a description.
    pub fn node_description(self, description: NodeDescription) -> Self {
        self.with(NodeRecordMask::NODE_DESCRIPTION, |record| record.node_description = description)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let record = NodeRecord {
            lid: Lid(0x0102),
            node_info: NodeInfo { base_version: 3, vendor_id: 0x04_0506, ..NodeInfo::default() },
            node_description: NodeDescription([7; 64]),
        };
        let mut out = [0xFF; 112];
        assert_eq!(record.emit(&mut out), Ok(112));
        assert_eq!(out[..6], [1, 2, 0, 0, 3, 0]);
        assert_eq!(out[41..45], [4, 5, 6, 7]);
        assert_eq!(out[107..], [7, 0, 0, 0, 0]);
        assert_eq!(NodeRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        let query = NodeRecordQuery::new().port_guid(Guid(7)).node_description(NodeDescription::new("H1"));
        assert_eq!(query.component_mask(), 1 << 8 | 1 << 14);
        assert!(
            query.mask().contains(NodeRecordMask::PORT_GUID) && !query.mask().contains(NodeRecordMask::LID)
        );
        let expected = NodeRecord {
            node_info: NodeInfo { port_guid: Guid(7), ..NodeInfo::default() },
            node_description: NodeDescription::new("H1"),
            ..NodeRecord::default()
        };
        assert_eq!(*query.template(), expected);
    }
}
