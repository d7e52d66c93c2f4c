//! Meshes and tori.

use crate::assemble::{Assembly, Place};
use crate::error::{Mistake, TopologyError};
use crate::topology::{Node, NodeKind, Topology};

const EAST: u32 = 1;
const WEST: u32 = 2;
const SOUTH: u32 = 3;
const NORTH: u32 = 4;
/// The first port with a host.
const HOSTS: u32 = 5;

/// A mesh of `columns` × `rows` switches with `hosts` hosts each.
///
/// Switches are named S1, S2 … row by row, hosts H1, H2 … switch by switch. A switch's ports 1 to 4 lead east, west,
/// south and north, its hosts are at 5 and up.
///
/// # Errors
/// When a port number or the size is above what a topology can have.
pub fn mesh(columns: u32, rows: u32, hosts: u32) -> Result<Topology, TopologyError> {
    Grid { columns, rows, hosts, wraps: false }.build()
}

/// A torus of `columns` × `rows` switches with `hosts` hosts each, named and numbered like a [`mesh`]. A direction
/// with fewer than three switches does not wrap.
///
/// # Errors
/// When a port number or the size is above what a topology can have.
pub fn torus(columns: u32, rows: u32, hosts: u32) -> Result<Topology, TopologyError> {
    Grid { columns, rows, hosts, wraps: true }.build()
}

struct Grid {
    columns: u32,
    rows: u32,
    hosts: u32,
    wraps: bool,
}

impl Grid {
    fn build(&self) -> Result<Topology, TopologyError> {
        let place = Place { line: 0, column: 0 };
        let ports = self.hosts.saturating_add(HOSTS - 1);
        let Some(count) = self.columns.checked_mul(self.rows) else {
            let limit = crate::assemble::MAX_NODES;
            return Err(TopologyError::new(0, 0, Mistake::TooLarge { what: "nodes", limit }));
        };
        let mut assembly = Assembly::default();
        for switch in 0..count {
            assembly.node(place, ports, node(NodeKind::Switch, switch_name(switch)))?;
            for (port, peer_port) in [(EAST, WEST), (WEST, EAST), (SOUTH, NORTH), (NORTH, SOUTH)] {
                if let Some(peer) = self.neighbour(switch, port) {
                    assembly.half_link(place, port, &switch_name(peer), peer_port)?;
                }
            }
            for host in 0..self.hosts {
                assembly.half_link(place, HOSTS + host, &self.host_name(switch, host), 1)?;
            }
        }
        for switch in 0..count {
            for host in 0..self.hosts {
                assembly.node(place, 1, node(NodeKind::Host, self.host_name(switch, host)))?;
                assembly.half_link(place, 1, &switch_name(switch), HOSTS + host)?;
            }
        }
        assembly.finish()
    }

    fn neighbour(&self, switch: u32, direction: u32) -> Option<u32> {
        let (column, row) = (switch % self.columns, switch / self.columns);
        let (column, row) = match direction {
            EAST => (self.step(column, self.columns, true)?, row),
            WEST => (self.step(column, self.columns, false)?, row),
            SOUTH => (column, self.step(row, self.rows, true)?),
            _ => (column, self.step(row, self.rows, false)?),
        };
        Some(row * self.columns + column)
    }

    /// The next position in a direction of `length` switches, or the one before.
    fn step(&self, position: u32, length: u32, forward: bool) -> Option<u32> {
        let wraps = self.wraps && length > 2;
        match (forward, position) {
            (true, last) if last + 1 == length => wraps.then_some(0),
            (true, position) => Some(position + 1),
            (false, 0) => wraps.then(|| length - 1),
            (false, position) => Some(position - 1),
        }
    }

    fn host_name(&self, switch: u32, host: u32) -> String {
        format!("H{}", u64::from(switch) * u64::from(self.hosts) + u64::from(host) + 1)
    }
}

fn switch_name(switch: u32) -> String {
    format!("S{}", switch + 1)
}

fn node(kind: NodeKind, name: String) -> Node {
    Node { kind, name: name.into(), description: None, ports: 0, guid: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meshes_and_tori_have_the_links_that_they_should() {
        for (columns, rows, hosts) in [(1, 1, 0), (3, 2, 2), (4, 4, 1), (8, 8, 3), (2, 5, 1)] {
            let size = columns * rows;
            let mesh = mesh(columns, rows, hosts).unwrap();
            assert_eq!(mesh.switches().count(), size as usize);
            assert_eq!(mesh.hosts().count(), (size * hosts) as usize);
            let straight = (columns - 1) * rows + columns * (rows - 1);
            assert_eq!(mesh.switch_links().count(), straight as usize);
            let torus = torus(columns, rows, hosts).unwrap();
            let wraps = if columns > 2 { rows } else { 0 } + if rows > 2 { columns } else { 0 };
            assert_eq!(torus.switch_links().count(), (straight + wraps) as usize);
            assert_eq!(torus.links().count(), (straight + wraps + size * hosts) as usize);
        }
    }

    #[test]
    fn neighbours_are_row_by_row() {
        let mesh = mesh(3, 2, 1).unwrap();
        let named = |name: &str| mesh.find(name).unwrap();
        assert_eq!(mesh.links_between(named("S2"), named("S5")).count(), 1);
        assert_eq!(mesh.links_between(named("S3"), named("S4")).count(), 0);
        assert_eq!(mesh.switch_of(named("H6")).unwrap().node, named("S6"));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (columns, rows, hosts) in
            [(1, 1, 251), (300, 300, 0), (u32::MAX, 2, 0), (200, 200, 250), (1, 1, u32::MAX)]
        {
            assert!(mesh(columns, rows, hosts).is_err(), "{columns} {rows} {hosts}");
        }
        assert!(mesh(1, 1, 250).is_ok());
        assert_eq!(mesh(0, 5, 1).unwrap().nodes().count(), 0);
    }
}
