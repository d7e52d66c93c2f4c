//! Makes a topology of nodes and half links, and checks that they fit together.

use alloc::collections::BTreeMap;

use crate::error::{Mistake, TopologyError};
use crate::topology::{End, Node, NodeIndex, Topology};

/// As many nodes as a subnet has unicast LIDs.
pub(crate) const MAX_NODES: usize = 0xBFFF;
/// Ports of all nodes together: what bounds the memory.
pub(crate) const MAX_PORTS: usize = 1 << 20;
/// Ports of one node: 255 stands for none in a forwarding table.
pub(crate) const MAX_NODE_PORTS: u8 = 254;
/// What a client of ibsim can ask for.
pub(crate) const MAX_NAME: usize = 31;

/// One end of a link as the text has it.
#[derive(Clone, Debug)]
struct HalfLink {
    line: u32,
    column: u32,
    peer: Box<str>,
    peer_port: u32,
}

#[derive(Debug)]
struct Record {
    line: u32,
    node: Node,
    ports: Box<[Option<HalfLink>]>,
}

/// Where in the text something stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Place {
    fn error(self, mistake: Mistake) -> TopologyError {
        TopologyError::new(self.line, self.column, mistake)
    }
}

/// Nodes and half links, in the order in which they come.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    records: Vec<Record>,
    names: BTreeMap<Box<str>, NodeIndex>,
    ports: usize,
}

impl Assembly {
    /// Start a node. The half links that follow are its own.
    pub(crate) fn node(&mut self, place: Place, ports: u32, mut node: Node) -> Result<(), TopologyError> {
        if node.name.len() > MAX_NAME {
            let mistake = Mistake::NameTooLong { length: node.name.len(), limit: MAX_NAME };
            return Err(place.error(mistake));
        }
        node.ports = match u8::try_from(ports) {
            Ok(count @ 1..=MAX_NODE_PORTS) => count,
            _ => return Err(place.error(Mistake::PortCount { ports, limit: MAX_NODE_PORTS })),
        };
        if let Some(first) = self.names.get(&node.name) {
            let first_line = self.records[first.get()].line;
            return Err(place.error(Mistake::DuplicateNode { name: node.name, first_line }));
        }
        if self.records.len() >= MAX_NODES {
            return Err(place.error(Mistake::TooLarge { what: "nodes", limit: MAX_NODES }));
        }
        self.ports += usize::from(node.ports);
        if self.ports > MAX_PORTS {
            return Err(place.error(Mistake::TooLarge { what: "ports", limit: MAX_PORTS }));
        }
        self.names.insert(node.name.clone(), NodeIndex(self.records.len() as u32));
        let ports = vec![None; usize::from(node.ports)].into_boxed_slice();
        self.records.push(Record { line: place.line, node, ports });
        Ok(())
    }

    /// A half link of the last node.
    pub(crate) fn half_link(
        &mut self,
        place: Place,
        port: u32,
        peer: &str,
        peer_port: u32,
    ) -> Result<(), TopologyError> {
        let Some(record) = self.records.last_mut() else { return Err(place.error(Mistake::PortWithoutNode)) };
        let Some(slot) = slot(&mut record.ports, port) else {
            return Err(place.error(record.no_such_port(port)));
        };
        if let Some(first) = slot {
            let (node, first_line) = (record.node.name.clone(), first.line);
            return Err(place.error(Mistake::PortUsedTwice { node, port: port as u8, first_line }));
        }
        *slot = Some(HalfLink { line: place.line, column: place.column, peer: peer.into(), peer_port });
        Ok(())
    }

    /// Join the half links.
    pub(crate) fn finish(self) -> Result<Topology, TopologyError> {
        let mut peers = Vec::with_capacity(self.records.len());
        for (index, record) in (0..).map(NodeIndex).zip(&self.records) {
            let mut ends = Vec::with_capacity(record.ports.len());
            for (port, half) in (1..=u8::MAX).zip(&record.ports) {
                ends.push(match half {
                    Some(half) => Some(self.join(End { node: index, port }, half)?),
                    None => None,
                });
            }
            peers.push(ends.into_boxed_slice());
        }
        let names = with_descriptions(self.names, &self.records);
        let nodes = self.records.into_iter().map(|record| record.node).collect();
        Ok(Topology { nodes, peers, names })
    }

    /// The other end of a half link, if it agrees.
    fn join(&self, end: End, half: &HalfLink) -> Result<End, TopologyError> {
        let place = Place { line: half.line, column: half.column };
        let node = || self.records[end.node.get()].node.name.clone();
        let (port, peer) = (end.port, half.peer.clone());
        let Some(&peer_index) = self.names.get(&half.peer) else {
            return Err(place.error(Mistake::UnknownPeer { node: node(), port, peer }));
        };
        let record = &self.records[peer_index.get()];
        let Some(peer_port) =
            u8::try_from(half.peer_port).ok().filter(|port| (1..=record.node.ports).contains(port))
        else {
            return Err(place.error(record.no_such_port(half.peer_port)));
        };
        if (End { node: peer_index, port: peer_port }) == end {
            return Err(place.error(Mistake::LinkedWithItself { node: node(), port }));
        }
        let Some(back) = &record.ports[usize::from(peer_port) - 1] else {
            let peer_line = record.line;
            return Err(place.error(Mistake::Dangling { node: node(), port, peer, peer_port, peer_line }));
        };
        if back.peer_port != u32::from(port) || back.peer != node() {
            return Err(place.error(Mistake::Disagreeing {
                node: node(),
                port,
                peer,
                peer_port,
                other: back.peer.clone(),
                other_port: u8::try_from(back.peer_port).unwrap_or(u8::MAX),
                peer_line: back.line,
            }));
        }
        Ok(End { node: peer_index, port: peer_port })
    }
}

impl Record {
    fn no_such_port(&self, port: u32) -> Mistake {
        Mistake::NoSuchPort {
            node: self.node.name.clone(),
            ports: self.node.ports,
            port,
            node_line: self.line,
        }
    }
}

fn slot(ports: &mut [Option<HalfLink>], port: u32) -> Option<&mut Option<HalfLink>> {
    ports.get_mut(usize::try_from(port).ok()?.checked_sub(1)?)
}

/// Names, and those descriptions that mean one node.
fn with_descriptions(
    mut names: BTreeMap<Box<str>, NodeIndex>,
    records: &[Record],
) -> BTreeMap<Box<str>, NodeIndex> {
    let mut descriptions: BTreeMap<&str, Option<NodeIndex>> = BTreeMap::new();
    for (index, record) in (0..).map(NodeIndex).zip(records) {
        if let Some(description) = &record.node.description {
            descriptions.entry(description).and_modify(|other| *other = None).or_insert(Some(index));
        }
    }
    for (description, index) in descriptions {
        if let Some(index) = index {
            names.entry(description.into()).or_insert(index);
        }
    }
    names
}
