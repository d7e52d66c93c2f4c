//! NodeInfo (IBTA volume 1, 14.2.5.3): what a node is, and which of its ports answers.

use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;
use super::u24::U24;
use crate::types::Guid;

/// Kind of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeType {
    /// Channel adapter.
    ChannelAdapter,
    /// Switch.
    Switch,
    /// Router.
    Router,
    /// A kind that the standard leaves free.
    Other(u8),
}

impl Default for NodeType {
    fn default() -> Self {
        Self::Other(0)
    }
}

impl From<u8> for NodeType {
    fn from(byte: u8) -> Self {
        match byte {
            1 => Self::ChannelAdapter,
            2 => Self::Switch,
            3 => Self::Router,
            other => Self::Other(other),
        }
    }
}

impl From<NodeType> for u8 {
    fn from(kind: NodeType) -> Self {
        match kind {
            NodeType::ChannelAdapter => 1,
            NodeType::Switch => 2,
            NodeType::Router => 3,
            NodeType::Other(other) => other,
        }
    }
}

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NodeInfoView {
    base_version: u8,
    class_version: u8,
    node_type: u8,
    number_of_ports: u8,
    system_image_guid: U64,
    node_guid: U64,
    port_guid: U64,
    partition_capacity: U16,
    device_id: U16,
    revision: U32,
    local_port_number: u8,
    vendor_id: U24,
}

const _: () = assert!(size_of::<NodeInfoView>() == 40);

impl NodeInfoView {
    /// Version of the common header that the node supports: 1.
    #[inline]
    pub fn base_version(&self) -> u8 {
        self.base_version
    }
    /// Version of the subnet management class that the node supports: 1.
    #[inline]
    pub fn class_version(&self) -> u8 {
        self.class_version
    }
    /// Kind of node.
    #[inline]
    pub fn node_type(&self) -> NodeType {
        self.node_type.into()
    }
    /// Physical ports of the node; a switch's port 0 is not counted.
    #[inline]
    pub fn number_of_ports(&self) -> u8 {
        self.number_of_ports
    }
    /// System that the node is part of, 0 for none.
    #[inline]
    pub fn system_image_guid(&self) -> Guid {
        Guid(self.system_image_guid.get())
    }
    /// The node.
    #[inline]
    pub fn node_guid(&self) -> Guid {
        Guid(self.node_guid.get())
    }
    /// The port that answers; of a switch, its port 0.
    #[inline]
    pub fn port_guid(&self) -> Guid {
        Guid(self.port_guid.get())
    }
    /// Entries of the partition table of a channel adapter's or router's port, or of a switch's port 0.
    #[inline]
    pub fn partition_capacity(&self) -> u16 {
        self.partition_capacity.get()
    }
    /// Device, as its vendor numbers it.
    #[inline]
    pub fn device_id(&self) -> u16 {
        self.device_id.get()
    }
    /// Revision of the device.
    #[inline]
    pub fn revision(&self) -> u32 {
        self.revision.get()
    }
    /// Number of the port on which the request came in.
    #[inline]
    pub fn local_port_number(&self) -> u8 {
        self.local_port_number
    }
    /// Vendor of the device (IEEE OUI), 24 bits.
    #[inline]
    pub fn vendor_id(&self) -> u32 {
        self.vendor_id.get()
    }
}

/// What a node is, and which of its ports answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeInfo {
    /// Version of the common header that the node supports: 1.
    pub base_version: u8,
    /// Version of the subnet management class that the node supports: 1.
    pub class_version: u8,
    /// Kind of node.
    pub node_type: NodeType,
    /// Physical ports of the node; a switch's port 0 is not counted.
    pub number_of_ports: u8,
    /// System that the node is part of, 0 for none.
    pub system_image_guid: Guid,
    /// The node.
    pub node_guid: Guid,
    /// The port that answers; of a switch, its port 0.
    pub port_guid: Guid,
    /// Entries of the partition table of a channel adapter's or router's port, or of a switch's port 0.
    pub partition_capacity: u16,
    /// Device, as its vendor numbers it.
    pub device_id: u16,
    /// Revision of the device.
    pub revision: u32,
    /// Number of the port on which the request came in.
    pub local_port_number: u8,
    /// Vendor of the device (IEEE OUI), 24 bits.
    pub vendor_id: u32,
}

impl Attribute for NodeInfo {
    type View = NodeInfoView;
    const NAME: &'static str = "NodeInfo";

    fn from_view(view: &NodeInfoView) -> Self {
        Self {
            base_version: view.base_version(),
            class_version: view.class_version(),
            node_type: view.node_type(),
            number_of_ports: view.number_of_ports(),
            system_image_guid: view.system_image_guid(),
            node_guid: view.node_guid(),
            port_guid: view.port_guid(),
            partition_capacity: view.partition_capacity(),
            device_id: view.device_id(),
            revision: view.revision(),
            local_port_number: view.local_port_number(),
            vendor_id: view.vendor_id(),
        }
    }

    fn to_view(&self) -> NodeInfoView {
        NodeInfoView {
            base_version: self.base_version,
            class_version: self.class_version,
            node_type: self.node_type.into(),
            number_of_ports: self.number_of_ports,
            system_image_guid: U64::new(self.system_image_guid.0),
            node_guid: U64::new(self.node_guid.0),
            port_guid: U64::new(self.port_guid.0),
            partition_capacity: U16::new(self.partition_capacity),
            device_id: U16::new(self.device_id),
            revision: U32::new(self.revision),
            local_port_number: self.local_port_number,
            vendor_id: U24::new(self.vendor_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let info = NodeInfo {
            base_version: 1,
            class_version: 2,
            node_type: NodeType::Other(3 + 1),
            number_of_ports: 5,
            system_image_guid: Guid(0x0607_0809_0A0B_0C0D),
            node_guid: Guid(0x0E0F_1011_1213_1415),
            port_guid: Guid(0x1617_1819_1A1B_1C1D),
            partition_capacity: 0x1E1F,
            device_id: 0x2021,
            revision: 0x2223_2425,
            local_port_number: 0x26,
            vendor_id: 0x27_2829,
        };
        let mut out = [0xFF; 40];
        assert_eq!(info.emit(&mut out), Ok(40));
        assert_eq!(out[..3], [1, 2, 4]);
        for (i, byte) in out.iter().enumerate().skip(3) {
            assert_eq!(usize::from(*byte), i + if i < 3 { 1 } else { 2 }, "offset {i}");
        }
        assert_eq!(NodeInfo::parse(&out), Ok(info));
    }

    #[test]
    fn kinds_round_trip() {
        for byte in 0..=u8::MAX {
            assert_eq!(u8::from(NodeType::from(byte)), byte);
        }
    }
}
