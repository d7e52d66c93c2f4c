use alloc::collections::BTreeMap;
use core::ops::Index;

use crate::port::{Port, Rate};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// A switch.
    Switch,
    /// A channel adapter: a host.
    Host,
    /// A router to another subnet.
    Router,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub(crate) kind: NodeKind,
    pub(crate) name: Box<str>,
    pub(crate) description: Option<Box<str>>,
    pub(crate) ports: u8,
    pub(crate) identity: Identity,
}

/// What a dump says of a node's make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Node GUID.
    pub guid: Option<u64>,
    /// System image GUID: the same for all nodes in one enclosure.
    pub system_image_guid: Option<u64>,
    /// Vendor identifier: 24 bits.
    pub vendor: Option<u32>,
    /// Device identifier.
    pub device: Option<u16>,
    /// Port 0 of a switch is an enhanced one: it has performance counters and more virtual lanes.
    pub enhanced_port_zero: bool,
}

impl Node {
    /// What it is.
    pub fn kind(&self) -> NodeKind {
        self.kind
    }
    /// The name that links use, at most 31 bytes.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// Its node description, if the text has one.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }
    /// How many ports it has, 1 to 254; they are numbered from 1.
    pub fn ports(&self) -> u8 {
        self.ports
    }
    /// Its GUID, if the text has one; [`Topology::node_guid`] has one for every node.
    pub fn guid(&self) -> Option<u64> {
        self.identity.guid
    }
    /// What the text says of its make.
    pub fn identity(&self) -> Identity {
        self.identity
    }
}

/// Which node of a topology; nodes are numbered in the order of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeIndex(pub(crate) u32);

impl NodeIndex {
    /// The number, from 0.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// One end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct End {
    /// The node.
    pub node: NodeIndex,
    /// Its port, from 1.
    pub port: u8,
}

/// A link; `a` is the end that comes first in the order of nodes and ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// The end that comes first.
    pub a: End,
    /// The other end.
    pub b: End,
}

/// A whole and consistent topology.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    pub(crate) nodes: Vec<Node>,
    /// Of each node, of each port from 1: what it is linked with.
    pub(crate) peers: Vec<Box<[Option<End>]>>,
    /// Of each node, of each port from 0: what the text says of it. Empty where it says nothing.
    pub(crate) said: Vec<Box<[Port]>>,
    /// Of each node: its GUID.
    pub(crate) guids: Vec<u64>,
    /// By name, and by description where that is nobody's name and nobody else's description.
    pub(crate) names: BTreeMap<Box<str>, NodeIndex>,
}

impl Topology {
    /// Nodes and links that have been found to fit together, with the names that mean one node.
    pub(crate) fn of(
        nodes: Vec<Node>,
        peers: Vec<Box<[Option<End>]>>,
        said: Vec<Box<[Port]>>,
        guids: Vec<u64>,
    ) -> Self {
        let indexed = || (0..).map(NodeIndex).zip(&nodes);
        let mut names: BTreeMap<_, _> = indexed().map(|(index, node)| (node.name.clone(), index)).collect();
        let mut descriptions: BTreeMap<&str, Option<NodeIndex>> = BTreeMap::new();
        for (index, node) in indexed() {
            if let Some(description) = &node.description {
                descriptions.entry(description).and_modify(|other| *other = None).or_insert(Some(index));
            }
        }
        for (description, index) in descriptions {
            if let Some(index) = index {
                names.entry(description.into()).or_insert(index);
            }
        }
        Self { nodes, peers, said, guids, names }
    }

    /// All nodes, in the order of the text.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeIndex, &Node)> + '_ {
        (0..).map(NodeIndex).zip(&self.nodes)
    }

    /// The hosts, in the order of the text.
    pub fn hosts(&self) -> impl Iterator<Item = NodeIndex> + '_ {
        self.of_kind(NodeKind::Host)
    }

    /// The switches, in the order of the text.
    pub fn switches(&self) -> impl Iterator<Item = NodeIndex> + '_ {
        self.of_kind(NodeKind::Switch)
    }

    fn of_kind(&self, kind: NodeKind) -> impl Iterator<Item = NodeIndex> + '_ {
        self.nodes().filter(move |(_, node)| node.kind == kind).map(|(index, _)| index)
    }

    /// The node with this name, else the only one with this description.
    pub fn find(&self, name: &str) -> Option<NodeIndex> {
        self.names.get(name).copied()
    }

    /// All links, in the order of their first ends.
    pub fn links(&self) -> impl Iterator<Item = Link> + '_ {
        self.nodes().flat_map(|(index, _)| self.links_of(index)).filter(|link| link.a < link.b)
    }

    /// The links of a node in the order of its ports; `a` is the node's end.
    pub fn links_of(&self, node: NodeIndex) -> impl Iterator<Item = Link> + '_ {
        let peers = self.peers.get(node.get()).into_iter().flatten();
        (1..=u8::MAX)
            .zip(peers)
            .filter_map(move |(port, peer)| peer.map(|b| Link { a: End { node, port }, b }))
    }

    /// Links that join two switches.
    pub fn switch_links(&self) -> impl Iterator<Item = Link> + '_ {
        self.links().filter(|link| [link.a, link.b].iter().all(|end| self[end.node].kind == NodeKind::Switch))
    }

    /// Links that join `one` with `other`, seen from `one`.
    pub fn links_between(&self, one: NodeIndex, other: NodeIndex) -> impl Iterator<Item = Link> + '_ {
        self.links_of(one).filter(move |link| link.b.node == other)
    }

    /// What a port is linked with.
    pub fn peer(&self, end: End) -> Option<End> {
        let index = usize::from(end.port).checked_sub(1)?;
        *self.peers.get(end.node.get())?.get(index)?
    }

    /// The GUID of a node: the text's, else one like ibsim's, which counts switches from 0x200000 and leaves a host's
    /// ports room behind its own.
    ///
    /// # Panics
    /// When the index is of another, larger topology.
    pub fn node_guid(&self, node: NodeIndex) -> u64 {
        self.guids[node.get()]
    }

    /// The GUID of a port: the text's, else the node's for every port of a switch, and the node's and the port's
    /// number for others.
    ///
    /// # Panics
    /// When the node is of another, larger topology.
    pub fn port_guid(&self, end: End) -> u64 {
        let switch = self[end.node].kind == NodeKind::Switch;
        let port = if switch { 0 } else { end.port };
        let offset = u64::from(port);
        self.said(End { port, ..end }).guid.unwrap_or_else(|| self.node_guid(end.node).wrapping_add(offset))
    }

    /// What the text says of a port; port 0 is that of a switch itself.
    pub fn said(&self, end: End) -> Port {
        let said = self.said.get(end.node.get()).and_then(|ports| ports.get(usize::from(end.port)));
        said.copied().unwrap_or_default()
    }

    /// The rate that a link ran at, if the text says so at either end.
    pub fn rate(&self, link: Link) -> Option<Rate> {
        self.said(link.a).rate.or(self.said(link.b).rate)
    }

    /// How many ports need a LID: the switches' port 0, and the others' linked ones.
    pub fn end_ports(&self) -> usize {
        let of = |(index, node): (NodeIndex, &Node)| match node.kind {
            NodeKind::Switch => 1,
            NodeKind::Host | NodeKind::Router => self.links_of(index).count(),
        };
        self.nodes().map(of).sum()
    }

    /// The switch, and its port, that the first linked port of `host` leads to.
    pub fn switch_of(&self, host: NodeIndex) -> Option<End> {
        self.links_of(host).map(|link| link.b).find(|end| self[end.node].kind == NodeKind::Switch)
    }
}

impl Index<NodeIndex> for Topology {
    type Output = Node;

    /// # Panics
    /// When the index is of another, larger topology.
    fn index(&self, index: NodeIndex) -> &Node {
        &self.nodes[index.get()]
    }
}
