use alloc::collections::BTreeMap;
use core::ops::Index;

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
    pub(crate) guid: Option<u64>,
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
    /// Its GUID, if the text has one.
    pub fn guid(&self) -> Option<u64> {
        self.guid
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
    /// By name, and by description where that is nobody's name and nobody else's description.
    pub(crate) names: BTreeMap<Box<str>, NodeIndex>,
}

impl Topology {
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
