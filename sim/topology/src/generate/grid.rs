//! Meshes, tori and rings.

use super::{hosts, product, switches};
use crate::builder::Builder;
use crate::error::TopologyError;
use crate::topology::Topology;

/// A mesh of `columns` × `rows` switches with `hosts` hosts each.
///
/// Switches are named S1, S2 … row by row, hosts H1, H2 … switch by switch. A switch's ports 1 to 4 lead east, west,
/// south and north, its hosts are at 5 and up.
///
/// # Errors
/// When a port number or the size is above what a topology can have.
pub fn mesh(columns: u32, rows: u32, hosts: u32) -> Result<Topology, TopologyError> {
    grid(&[columns, rows], hosts, false)
}

/// A torus of `columns` × `rows` switches with `hosts` hosts each, named and numbered like a [`mesh`]. A direction
/// with fewer than three switches does not wrap.
///
/// # Errors
/// When a port number or the size is above what a topology can have.
pub fn torus(columns: u32, rows: u32, hosts: u32) -> Result<Topology, TopologyError> {
    grid(&[columns, rows], hosts, true)
}

/// A ring: the first port of each switch leads to the next one, the second to the one before.
pub(crate) fn ring(length: u32, hosts: u32) -> Result<Topology, TopologyError> {
    grid(&[length], hosts, true)
}

/// Switches in a grid of any number of dimensions, numbered along the first one first. Two ports for each dimension lead
/// forward and backward, in the order of the dimensions, hosts are behind them.
pub(crate) fn grid(lengths: &[u32], hosts_each: u32, wraps: bool) -> Result<Topology, TopologyError> {
    let count = product(lengths.iter().copied())?;
    let links = 2 * lengths.len() as u32;
    let mut builder = Builder::default();
    let nodes = switches(&mut builder, count, links.saturating_add(hosts_each))?;
    for switch in 0..count {
        let mut stride = 1;
        for (forward, &length) in (1..).step_by(2).zip(lengths) {
            let last = switch / stride % length + 1 == length;
            let next = match (last, wraps && length > 2) {
                (false, _) => Some(switch + stride),
                (true, true) => Some(switch - (length - 1) * stride),
                (true, false) => None,
            };
            if let Some(next) = next {
                builder.link((nodes[switch as usize], forward), (nodes[next as usize], forward + 1))?;
            }
            stride *= length;
        }
    }
    hosts(&mut builder, &nodes, links + 1, hosts_each)?;
    builder.build()
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
        let south = mesh.links_between(named("S2"), named("S5")).next().unwrap();
        assert_eq!((south.a.port, south.b.port), (3, 4));
    }

    #[test]
    fn a_torus_of_three_dimensions_has_six_neighbours_everywhere() {
        let torus = grid(&[4, 3, 5], 2, true).unwrap();
        assert_eq!((torus.switches().count(), torus.hosts().count()), (60, 120));
        assert_eq!(torus.switch_links().count(), 3 * 60);
        for switch in torus.switches() {
            let mut peers: Vec<_> = torus.links_of(switch).map(|link| link.b.node).collect();
            peers.sort();
            peers.dedup();
            assert_eq!(peers.len(), 8);
        }
        let [first, above] = ["S1", "S13"].map(|name| torus.find(name).unwrap());
        assert_eq!(torus.links_between(first, above).count(), 1);
    }

    #[test]
    fn a_ring_is_closed_and_a_line_is_not() {
        assert_eq!(ring(6, 1).unwrap().switch_links().count(), 6);
        assert_eq!(grid(&[6], 1, false).unwrap().switch_links().count(), 5);
        assert_eq!(ring(2, 0).unwrap().switch_links().count(), 1);
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
