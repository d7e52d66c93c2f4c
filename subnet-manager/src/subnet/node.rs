use core::fmt;

use alloc::vec::Vec;
use ib_mad::wire::{NodeDescription, NodeInfo, NodeType};

use super::{Port, Switch};

/// Place of a node in its [`Subnet`](super::Subnet), from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeIndex(pub u32);

impl fmt::Display for NodeIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {}", self.0)
    }
}

/// A switch, a channel adapter or a router.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// What it says of itself.
    pub info: NodeInfo,
    /// Its name.
    pub description: NodeDescription,
    /// What only a switch has.
    pub switch: Option<Switch>,
    /// By number: a switch's from 0, another node's from 1.
    ports: Vec<Port>,
}

impl Node {
    /// A node of which nothing else is known yet: its ports are down, its tables empty.
    pub fn new(info: NodeInfo, description: NodeDescription) -> Self {
        let is_switch = info.node_type == NodeType::Switch;
        let first = if is_switch { 0 } else { 1 };
        let ports = (first..=info.number_of_ports).map(Port::down).collect();
        Self { info, description, switch: is_switch.then(Switch::default), ports }
    }

    /// Whether it is a switch.
    pub fn is_switch(&self) -> bool {
        self.switch.is_some()
    }

    /// Its ports, in the order of their numbers: a switch's start with port 0.
    pub fn ports(&self) -> &[Port] {
        &self.ports
    }

    /// A port by its number.
    pub fn port(&self, number: u8) -> Option<&Port> {
        self.ports.get(self.place(number)?)
    }

    /// A port by its number, to change it. LIDs and links are better changed through the subnet, which finds ports by them.
    pub fn port_mut(&mut self, number: u8) -> Option<&mut Port> {
        let place = self.place(number)?;
        self.ports.get_mut(place)
    }

    /// The ports that have LIDs: a switch's port 0, every other node's ports.
    pub fn end_ports(&self) -> &[Port] {
        if self.is_switch() { &self.ports[..1] } else { &self.ports }
    }

    fn place(&self, number: u8) -> Option<usize> {
        if self.is_switch() { Some(number.into()) } else { usize::from(number).checked_sub(1) }
    }
}
