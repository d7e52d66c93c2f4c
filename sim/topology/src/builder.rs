//! Topologies out of numbers instead of text.

use crate::assemble::port_count;
use crate::error::{Mistake, TopologyError};
use crate::guids::{self, Guids};
use crate::limits::{MAX_END_PORTS, MAX_NODES, MAX_PORTS};
use crate::topology::{End, Identity, Node, NodeIndex, NodeKind, Topology};

/// Makes a topology node by node and link by link. Switches are named S1, S2 …, hosts H1, H2 … in the order in which they
/// come.
///
/// ```
/// # fn main() -> Result<(), topology::TopologyError> {
/// let mut builder = topology::Builder::default();
/// let (switch, host) = (builder.switch(8)?, builder.host(1)?);
/// builder.link((switch, 3), (host, 1))?;
/// assert_eq!(builder.build()?.to_string(), "Switch\t8 \"S1\"\n[3]\t\"H1\"[1]\n\nCa\t1 \"H1\"\n[1]\t\"S1\"[3]\n\n");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Builder {
    nodes: Vec<Node>,
    peers: Vec<Box<[Option<End>]>>,
    switches: u32,
    hosts: u32,
    ports: usize,
}

impl Builder {
    /// Add a switch.
    ///
    /// # Errors
    /// When it has no port or more than 254, or the topology gets too large.
    pub fn switch(&mut self, ports: u32) -> Result<NodeIndex, TopologyError> {
        self.switches += 1;
        self.node(NodeKind::Switch, format!("S{}", self.switches), ports)
    }

    /// Add a host.
    ///
    /// # Errors
    /// When it has no port or more than 254, or the topology gets too large.
    pub fn host(&mut self, ports: u32) -> Result<NodeIndex, TopologyError> {
        self.hosts += 1;
        self.node(NodeKind::Host, format!("H{}", self.hosts), ports)
    }

    fn node(&mut self, kind: NodeKind, name: String, ports: u32) -> Result<NodeIndex, TopologyError> {
        let count = port_count(ports).map_err(nowhere)?;
        if self.nodes.len() >= MAX_NODES {
            return Err(nowhere(Mistake::TooLarge { what: "nodes", limit: MAX_NODES }));
        }
        self.ports += usize::from(count);
        if self.ports > MAX_PORTS {
            return Err(nowhere(Mistake::TooLarge { what: "ports", limit: MAX_PORTS }));
        }
        let index = NodeIndex(self.nodes.len() as u32);
        let identity = Identity::default();
        self.nodes.push(Node { kind, name: name.into(), description: None, ports: count, identity });
        self.peers.push(vec![None; usize::from(count)].into());
        Ok(index)
    }

    /// Link two ports.
    ///
    /// # Errors
    /// When one of them is not there, has a link, or is the other.
    pub fn link(&mut self, one: (NodeIndex, u32), other: (NodeIndex, u32)) -> Result<(), TopologyError> {
        let (one, other) = (self.free(one)?, self.free(other)?);
        if one == other {
            let node = self.nodes[one.node.get()].name.clone();
            return Err(nowhere(Mistake::LinkedWithItself { node, port: one.port }));
        }
        self.peers[one.node.get()][usize::from(one.port) - 1] = Some(other);
        self.peers[other.node.get()][usize::from(other.port) - 1] = Some(one);
        Ok(())
    }

    /// A port that is there and has no link.
    ///
    /// # Panics
    /// When the node is another builder's.
    fn free(&self, (node, port): (NodeIndex, u32)) -> Result<End, TopologyError> {
        let made = &self.nodes[node.get()];
        let in_range = u8::try_from(port).ok().filter(|port| (1..=made.ports).contains(port));
        let name = || made.name.clone();
        let Some(port) = in_range else {
            let mistake = Mistake::NoSuchPort { node: name(), ports: made.ports, port, node_line: 0 };
            return Err(nowhere(mistake));
        };
        match self.peers[node.get()][usize::from(port) - 1] {
            None => Ok(End { node, port }),
            Some(_) => Err(nowhere(Mistake::PortUsedTwice { node: name(), port, first_line: 0 })),
        }
    }

    /// The topology.
    ///
    /// # Errors
    /// When it has more end ports than a subnet has LIDs.
    pub fn build(self) -> Result<Topology, TopologyError> {
        let lines = vec![0; self.nodes.len()];
        let guids = Guids::assign(&self.nodes, &lines)?;
        let said = self.nodes.iter().map(|_| Box::default()).collect();
        let topology = Topology::of(self.nodes, self.peers, said, guids);
        if topology.end_ports() > MAX_END_PORTS {
            return Err(nowhere(Mistake::end_ports()));
        }
        guids::check_ports(&topology, &lines)?;
        Ok(topology)
    }
}

/// A mistake that is in no line.
pub(crate) fn nowhere(mistake: Mistake) -> TopologyError {
    TopologyError::new(0, 0, mistake)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut builder = Builder::default();
        let (one, other) = (builder.switch(4).unwrap(), builder.switch(4).unwrap());
        builder.link((one, 1), (other, 1)).unwrap();
        for (link, part) in [
            (((one, 1), (other, 2)), "port 1 of \"S1\" has a link"),
            (((one, 2), (other, 5)), "\"S2\" has the ports 1 to 4, not 5"),
            (((one, 0), (other, 2)), "\"S1\" has the ports 1 to 4, not 0"),
            (((one, 2), (one, 2)), "port 2 of \"S1\" is linked with itself"),
        ] {
            let message = builder.link(link.0, link.1).unwrap_err().to_string();
            assert!(message.starts_with(part), "{message}");
            assert!(!message.contains("line"), "{message}");
        }
        for ports in [0, 255, u32::MAX] {
            assert!(builder.host(ports).is_err());
        }
    }
}
