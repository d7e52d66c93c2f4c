//! Makes a topology of nodes and half links, and checks that they fit together.

use alloc::collections::BTreeMap;

use crate::error::{Mistake, TopologyError};
use crate::guids::Guids;
use crate::limits::{MAX_END_PORTS, MAX_NAME, MAX_NODE_PORTS, MAX_NODES, MAX_PORTS};
use crate::port::Port;
use crate::topology::{End, Node, NodeIndex, NodeKind, Topology};

/// One end of a link as the text has it.
#[derive(Clone, Debug)]
pub(crate) struct HalfLink<'a> {
    pub(crate) port: u32,
    pub(crate) said: Port,
    pub(crate) peer: &'a str,
    pub(crate) peer_port: u32,
    pub(crate) peer_guid: Option<u64>,
}

/// A half link, and the line that has it.
#[derive(Clone, Debug)]
struct PlacedLink<'a> {
    place: Place,
    link: HalfLink<'a>,
}

#[derive(Debug)]
struct Record<'a> {
    line: u32,
    node: Node,
    port_zero: Port,
    links: Box<[Option<PlacedLink<'a>>]>,
}

/// Where in the text something stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Place {
    pub(crate) fn error(self, mistake: Mistake) -> TopologyError {
        TopologyError::new(self.line, self.column, mistake)
    }
}

/// Nodes and half links, in the order in which they come.
#[derive(Debug, Default)]
pub(crate) struct Assembly<'a> {
    records: Vec<Record<'a>>,
    names: BTreeMap<&'a str, NodeIndex>,
    ports: usize,
}

impl<'a> Assembly<'a> {
    /// Start a node. The half links that follow are its own.
    pub(crate) fn node(
        &mut self,
        place: Place,
        (ports, name): (u32, &'a str),
        mut node: Node,
        port_zero: Port,
    ) -> Result<(), TopologyError> {
        if name.len() > MAX_NAME {
            return Err(place.error(Mistake::NameTooLong { length: name.len(), limit: MAX_NAME }));
        }
        node.ports = port_count(ports).map_err(|mistake| place.error(mistake))?;
        if let Some(first) = self.names.get(name) {
            let first_line = self.records[first.get()].line;
            return Err(place.error(Mistake::DuplicateNode { name: name.into(), first_line }));
        }
        if self.records.len() >= MAX_NODES {
            return Err(place.error(Mistake::TooLarge { what: "nodes", limit: MAX_NODES }));
        }
        self.ports += usize::from(node.ports);
        if self.ports > MAX_PORTS {
            return Err(place.error(Mistake::TooLarge { what: "ports", limit: MAX_PORTS }));
        }
        self.names.insert(name, NodeIndex(self.records.len() as u32));
        let links = vec![None; usize::from(node.ports)].into_boxed_slice();
        self.records.push(Record { line: place.line, node, port_zero, links });
        Ok(())
    }

    /// A half link of the last node.
    pub(crate) fn half_link(&mut self, place: Place, link: HalfLink<'a>) -> Result<(), TopologyError> {
        let Some(record) = self.records.last_mut() else { return Err(place.error(Mistake::PortWithoutNode)) };
        let port = link.port;
        let Some(slot) = slot(&mut record.links, port) else {
            return Err(place.error(record.no_such_port(port)));
        };
        if let Some(first) = slot {
            let (node, first_line) = (record.node.name.clone(), first.place.line);
            return Err(place.error(Mistake::PortUsedTwice { node, port: port as u8, first_line }));
        }
        *slot = Some(PlacedLink { place, link });
        Ok(())
    }

    /// Join the half links.
    pub(crate) fn finish(self) -> Result<Topology, TopologyError> {
        let mut peers = Vec::with_capacity(self.records.len());
        for (index, record) in (0..).map(NodeIndex).zip(&self.records) {
            let mut ends = Vec::with_capacity(record.links.len());
            for (port, half) in (1..=u8::MAX).zip(&record.links) {
                ends.push(match half {
                    Some(half) => Some(self.join(End { node: index, port }, half)?),
                    None => None,
                });
            }
            peers.push(ends.into_boxed_slice());
        }
        let end_ports = self.records.iter().map(Record::end_ports).sum::<usize>();
        if end_ports > MAX_END_PORTS {
            return Err(Place { line: 0, column: 0 }.error(Mistake::end_ports()));
        }
        let said = self.records.iter().map(|record| self.said(record)).collect();
        let lines: Vec<u32> = self.records.iter().map(|record| record.line).collect();
        let nodes: Vec<Node> = self.records.into_iter().map(|record| record.node).collect();
        let guids = Guids::assign(&nodes, &lines)?;
        let topology = Topology::of(nodes, peers, said, guids);
        crate::guids::check_ports(&topology, &lines)?;
        Ok(topology)
    }

    /// How many links lead to nodes that have no record.
    pub(crate) fn links_to_nowhere(&self) -> usize {
        let links = self.records.iter().flat_map(|record| record.links.iter().flatten());
        links.filter(|half| !self.names.contains_key(half.link.peer)).count()
    }

    /// The other end of a half link, if it agrees.
    fn join(&self, end: End, half: &PlacedLink<'_>) -> Result<End, TopologyError> {
        let (place, link) = (half.place, &half.link);
        let name = &*self.records[end.node.get()].node.name;
        let node = || Box::<str>::from(name);
        let (port, peer) = (end.port, || Box::<str>::from(link.peer));
        let Some(&peer_index) = self.names.get(link.peer) else {
            let others = self.links_to_nowhere() - 1;
            return Err(place.error(Mistake::UnknownPeer { node: node(), port, peer: peer(), others }));
        };
        let record = &self.records[peer_index.get()];
        let Some(peer_port) =
            u8::try_from(link.peer_port).ok().filter(|port| (1..=record.node.ports).contains(port))
        else {
            return Err(place.error(record.no_such_port(link.peer_port)));
        };
        if (End { node: peer_index, port: peer_port }) == end {
            return Err(place.error(Mistake::LinkedWithItself { node: node(), port }));
        }
        let Some(back) = &record.links[usize::from(peer_port) - 1] else {
            let peer_line = record.line;
            let mistake = Mistake::Dangling { node: node(), port, peer: peer(), peer_port, peer_line };
            return Err(place.error(mistake));
        };
        if back.link.peer_port != u32::from(port) || back.link.peer != name {
            return Err(place.error(Mistake::Disagreeing {
                node: node(),
                port,
                peer: peer(),
                peer_port,
                other: back.link.peer.into(),
                other_port: u8::try_from(back.link.peer_port).unwrap_or(u8::MAX),
                peer_line: back.place.line,
            }));
        }
        if let (Some(said), Some(guid)) = (link.peer_guid, back.link.said.guid)
            && said != guid
        {
            let (peer, peer_line) = (peer(), back.place.line);
            return Err(place.error(Mistake::DisagreeingGuids { peer, peer_port, said, guid, peer_line }));
        }
        Ok(End { node: peer_index, port: peer_port })
    }

    /// What the text says of a node's ports; a GUID may stand at the other end of a link only.
    fn said(&self, record: &Record<'_>) -> Box<[Port]> {
        let links = record.links.iter().map(|half| {
            let Some(PlacedLink { link, .. }) = half else { return Port::default() };
            let peer = self.names.get(link.peer).map(|index| &self.records[index.get()]);
            let back = peer.and_then(|peer| peer.links.get(link.peer_port as usize - 1)?.as_ref());
            match record.node.kind {
                NodeKind::Switch => Port { rate: link.said.rate, ..Port::default() },
                NodeKind::Host | NodeKind::Router => {
                    let guid = link.said.guid.or_else(|| back.and_then(|back| back.link.peer_guid));
                    Port { guid, ..link.said }
                }
            }
        });
        let said: Vec<Port> = core::iter::once(record.port_zero).chain(links).collect();
        if said.iter().all(|port| *port == Port::default()) { Box::default() } else { said.into() }
    }
}

impl Record<'_> {
    fn no_such_port(&self, port: u32) -> Mistake {
        Mistake::NoSuchPort {
            node: self.node.name.clone(),
            ports: self.node.ports,
            port,
            node_line: self.line,
        }
    }

    fn end_ports(&self) -> usize {
        match self.node.kind {
            NodeKind::Switch => 1,
            NodeKind::Host | NodeKind::Router => self.links.iter().flatten().count(),
        }
    }
}

/// A number of ports that a node can have.
pub(crate) fn port_count(ports: u32) -> Result<u8, Mistake> {
    match u8::try_from(ports) {
        Ok(count @ 1..=MAX_NODE_PORTS) => Ok(count),
        _ => Err(Mistake::PortCount { ports, limit: MAX_NODE_PORTS }),
    }
}

fn slot<T>(ports: &mut [T], port: u32) -> Option<&mut T> {
    ports.get_mut(usize::try_from(port).ok()?.checked_sub(1)?)
}
