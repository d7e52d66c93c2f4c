//! GUIDs of nodes that bring none, and that no two nodes or ports share one.

use alloc::collections::BTreeMap;

use crate::assemble::Place;
use crate::error::{Mistake, TopologyError};
use crate::topology::{End, Node, NodeKind, Topology};

/// Where ibsim starts to count hosts and switches; it has no start for routers.
const HOSTS: u64 = 0x10_0000;
const SWITCHES: u64 = 0x20_0000;
const ROUTERS: u64 = 0x30_0000;

/// The next GUID of each kind of node.
pub(crate) struct Guids {
    hosts: u64,
    switches: u64,
    routers: u64,
}

impl Guids {
    /// A GUID for every node. As with ibsim, the next one without follows one that brings its own.
    pub(crate) fn assign(nodes: &[Node], lines: &[u32]) -> Result<Vec<u64>, TopologyError> {
        let mut owners: BTreeMap<u64, usize> = BTreeMap::new();
        for (index, node) in nodes.iter().enumerate() {
            let Some(guid) = node.identity.guid else { continue };
            if let Some(first) = owners.insert(guid, index) {
                return Err(Place { line: lines[index], column: 1 }.error(Mistake::DuplicateGuid {
                    node: node.name.clone(),
                    guid,
                    first: nodes[first].name.clone(),
                    first_line: lines[first],
                }));
            }
        }
        let mut next = Self { hosts: HOSTS, switches: SWITCHES, routers: ROUTERS };
        Ok(nodes.iter().map(|node| next.guid(node, &owners)).collect())
    }

    fn guid(&mut self, node: &Node, taken: &BTreeMap<u64, usize>) -> u64 {
        let (next, size) = match node.kind {
            NodeKind::Switch => (&mut self.switches, 1),
            NodeKind::Host => (&mut self.hosts, u64::from(node.ports) + 1),
            NodeKind::Router => (&mut self.routers, u64::from(node.ports) + 1),
        };
        let guid = node.identity.guid.unwrap_or_else(|| {
            let mut guid = *next;
            // Each round passes one of the GUIDs that the text brings.
            while let Some((last, _)) = taken.range(guid..guid.saturating_add(size)).next_back() {
                guid = last.wrapping_add(1);
            }
            guid
        });
        *next = guid.wrapping_add(size);
        guid
    }
}

/// No two end ports that are in use have one GUID.
pub(crate) fn check_ports(topology: &Topology, lines: &[u32]) -> Result<(), TopologyError> {
    let linked = topology.links().flat_map(|link| [link.a, link.b]);
    let linked = linked.filter(|end| topology[end.node].kind != NodeKind::Switch);
    let ends = topology.switches().map(|node| End { node, port: 0 }).chain(linked);
    let mut guids: Vec<(u64, End)> = ends.map(|end| (topology.port_guid(end), end)).collect();
    guids.sort_unstable();
    for pair in guids.windows(2) {
        let [(guid, first), (other, second)] = *pair else { continue };
        if guid == other {
            return Err(Place { line: lines[second.node.get()], column: 1 }.error(
                Mistake::DuplicatePortGuid {
                    node: topology[second.node].name.clone(),
                    port: second.port,
                    guid,
                    first: topology[first.node].name.clone(),
                    first_port: first.port,
                    first_line: lines[first.node.get()],
                },
            ));
        }
    }
    Ok(())
}
