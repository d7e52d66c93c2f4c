//! Writes the format that ibsim reads.

use core::fmt;

use crate::topology::{NodeKind, Topology};

impl fmt::Display for Topology {
    /// ibsim takes the line behind a node's last port for the record's end, whatever is in it: an empty one follows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, node) in self.nodes() {
            let (word, guid_word) = match node.kind {
                NodeKind::Switch => ("Switch", "switchguid"),
                NodeKind::Host => ("Ca", "caguid"),
                NodeKind::Router => ("Rt", "rtguid"),
            };
            if let Some(guid) = node.guid {
                writeln!(f, "{guid_word}=0x{guid:x}")?;
            }
            write!(f, "{word} {} \"{}\"", node.ports, node.name)?;
            if let Some(description) = &node.description {
                write!(f, " # \"{description}\"")?;
            }
            writeln!(f)?;
            for link in self.links_of(index) {
                writeln!(f, "[{}] \"{}\"[{}]", link.a.port, self[link.b.node].name, link.b.port)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Topology, mesh, torus};

    #[test]
    fn what_is_written_is_read_again() {
        for topology in [mesh(3, 2, 2).unwrap(), torus(4, 3, 1).unwrap()] {
            assert_eq!(Topology::parse(&topology.to_string()), Ok(topology));
        }
        let named = "switchguid=0x200000\nSwitch 8 \"S1\" # \"first\"\n[1] \"S1\"[2]\n[2] \"S1\"[1]\n\n\
            Rt 1 \"R1\"\n\n";
        assert_eq!(Topology::parse(named).unwrap().to_string(), named);
    }
}
