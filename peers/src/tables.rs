//! OpenSM's forwarding tables, and the graph of a topology that they are judged on.

use std::collections::BTreeMap;
use std::fs;

use lash::{DestinationIndex, Graph, GraphError, SwitchIndex};
use topology::{NodeKind, Topology};

use crate::{PeerError, RunDir};

/// The file that OpenSM leaves behind when it logs what it routes.
const DUMP: &str = "opensm-lfts.dump";

/// A topology as the routers see it. Destinations are the switches, in the topology's order, and then the linked ports of all
/// other nodes.
#[derive(Clone, Debug)]
pub struct RoutedGraph {
    /// The switches, their links, and the destinations.
    pub graph: Graph,
    switches: BTreeMap<Box<str>, SwitchIndex>,
    destinations: BTreeMap<Box<str>, DestinationIndex>,
}

impl RoutedGraph {
    /// The graph of a topology; links from a switch to itself are left out. Switches are numbered in the topology's order.
    ///
    /// # Errors
    /// When it has more switches or ports than a graph can have.
    pub fn new(topology: &Topology) -> Result<Self, GraphError> {
        let mut builder = Graph::builder();
        let (mut switches, mut destinations) = (BTreeMap::new(), BTreeMap::new());
        for node in topology.switches() {
            let switch = builder.add_switch(topology[node].ports())?;
            switches.insert(topology[node].name().into(), switch);
            destinations.insert(topology[node].name().into(), builder.attach(switch, 0)?);
        }
        for link in topology.links().filter(|link| link.a.node != link.b.node) {
            let ends = [link.a, link.b].map(|end| (switches.get(topology[end.node].name()), end));
            match ends {
                [(Some(&one), a), (Some(&other), b)] => builder.link((one, a.port), (other, b.port))?,
                [(Some(&switch), at), (None, end)] | [(None, end), (Some(&switch), at)] => {
                    debug_assert!(topology[end.node].kind() != NodeKind::Switch);
                    let destination = builder.attach(switch, at.port)?;
                    destinations.insert(topology[end.node].name().into(), destination);
                }
                [(None, _), (None, _)] => {}
            }
        }
        Ok(Self { graph: builder.build(), switches, destinations })
    }

    /// The switch with this name.
    pub fn switch(&self, name: &str) -> Option<SwitchIndex> {
        self.switches.get(name).copied()
    }

    /// The destination that a node with this name is; the last one, if it has several ports.
    pub fn destination(&self, name: &str) -> Option<DestinationIndex> {
        self.destinations.get(name).copied()
    }
}

/// The forwarding tables that OpenSM wrote, and the LIDs that it gave.
#[derive(Clone, Debug)]
pub struct OpenSmTables {
    ports: Vec<Vec<Option<u8>>>,
    lids: BTreeMap<u16, DestinationIndex>,
}

impl OpenSmTables {
    /// The arguments with which OpenSM leaves its tables in its folder: errors, news, and what it routes.
    pub const ARGUMENTS: [&str; 2] = ["-D", "0x43"];

    /// Read the tables of an OpenSM that was started with [`ARGUMENTS`](Self::ARGUMENTS), once its sweep is over.
    ///
    /// # Errors
    /// When there is no such file, or it speaks of switches or nodes that the graph has not.
    pub fn read(dir: &RunDir, graph: &RoutedGraph) -> Result<Self, PeerError> {
        let path = dir.file(DUMP);
        let text = fs::read_to_string(&path).map_err(|source| PeerError::File { path, source })?;
        Self::parse(&text, graph)
    }

    fn parse(text: &str, graph: &RoutedGraph) -> Result<Self, PeerError> {
        let none = vec![None; graph.graph.destinations().len()];
        let mut tables = Self { ports: vec![none; graph.graph.switch_count()], lids: BTreeMap::new() };
        let mut of: Option<SwitchIndex> = None;
        for line in text.lines() {
            let missing =
                |what| PeerError::Answer { name: "opensm", command: DUMP.into(), what, answer: line.into() };
            if line.starts_with("Unicast lids") {
                let name = quoted(line).ok_or_else(|| missing("name"))?;
                of = Some(graph.switch(name).ok_or_else(|| missing("switch of the topology"))?);
            } else if let Some((lid, rest)) = line.strip_prefix("0x").and_then(|entry| entry.split_once(' '))
            {
                let lid = u16::from_str_radix(lid, 16).map_err(|_| missing("LID"))?;
                let port = rest.get(..3).and_then(|port| port.parse().ok()).ok_or_else(|| missing("port"))?;
                let name = quoted(line).ok_or_else(|| missing("name"))?;
                let to = graph.destination(name).ok_or_else(|| missing("node of the topology"))?;
                let switch = of.ok_or_else(|| missing("switch before it"))?;
                tables.ports[switch.get()][to.get()] = Some(port);
                tables.lids.insert(lid, to);
            }
        }
        Ok(tables)
    }

    /// The port of a switch to a destination.
    pub fn port(&self, switch: SwitchIndex, destination: DestinationIndex) -> Option<u8> {
        *self.ports.get(switch.get())?.get(destination.get())?
    }

    /// The LIDs that it gave, and what has them.
    pub fn lids(&self) -> impl Iterator<Item = (u16, DestinationIndex)> + '_ {
        self.lids.iter().map(|(&lid, &destination)| (lid, destination))
    }
}

/// The last text in single quotes.
fn quoted(line: &str) -> Option<&str> {
    let (before, _) = line.rsplit_once('\'')?;
    Some(before.rsplit_once('\'')?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
Unicast lids [0-3] of switch Lid 2 guid 0x0000000000200000 ('S1'):
0x0001 005 # Channel Adapter portguid 0x0000000000100001: 'H1'
0x0002 000 # Switch portguid 0x0000000000200000: 'S1'
0x0003 001 # Switch portguid 0x0000000000200001: 'S2'
3 lids dumped
";

    #[test]
    fn a_table_is_read_by_the_names_in_it() {
        let graph = RoutedGraph::new(&topology::mesh(2, 1, 1).unwrap()).unwrap();
        let tables = OpenSmTables::parse(TEXT, &graph).unwrap();
        let switch = graph.switch("S1").unwrap();
        let port = |name| tables.port(switch, graph.destination(name).unwrap());
        assert_eq!(["H1", "S1", "S2", "H2"].map(port), [Some(5), Some(0), Some(1), None]);
        assert_eq!(tables.lids().next(), graph.destination("H1").map(|host| (1, host)));
        assert!(OpenSmTables::parse(&TEXT.replace("'S2'", "'S9'"), &graph).is_err());
        assert!(OpenSmTables::parse(&TEXT.replace("005", "00x"), &graph).is_err());
    }
}
