//! Writes the format that ibnetdiscover writes, and what ibsim reads of it.

use core::fmt;

use crate::topology::{End, Link, Node, NodeIndex, NodeKind, Topology};

impl fmt::Display for Topology {
    /// The format of ibnetdiscover, with everything that is known, and no more.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, node) in self.nodes() {
            self.write_header(f, index, node)?;
            let switch = node.kind == NodeKind::Switch;
            write!(f, "{}\t{} \"{}\"", Words::of(node.kind).node, node.ports, node.name)?;
            let port_zero = self.said(End { node: index, port: 0 });
            let enhanced = node.identity.enhanced_port_zero;
            // What is told of port 0 stands behind a description: an empty one is none.
            if node.description.is_some() || enhanced || port_zero.lid.is_some() || port_zero.lmc > 0 {
                write!(f, "\t\t# \"{}\"", node.description.as_deref().unwrap_or_default())?;
            }
            if switch && (enhanced || port_zero.lid.is_some() || port_zero.lmc > 0) {
                let (kind, lid) = (if enhanced { "enhanced" } else { "base" }, port_zero.lid.unwrap_or(0));
                write!(f, " {kind} port 0 lid {lid} lmc {}", port_zero.lmc)?;
            }
            writeln!(f)?;
            for link in self.links_of(index) {
                self.write_link(f, link)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl Topology {
    /// The text for ibsim, which takes a name from the lines of nodes and a LID or an option from whatever looks like one:
    /// no more than it needs.
    pub fn for_ibsim(&self) -> impl fmt::Display + '_ {
        ForIbsim(self)
    }

    fn write_header(&self, f: &mut fmt::Formatter<'_>, index: NodeIndex, node: &Node) -> fmt::Result {
        let identity = node.identity;
        if let Some(vendor) = identity.vendor {
            writeln!(f, "vendid=0x{vendor:x}")?;
        }
        if let Some(device) = identity.device {
            writeln!(f, "devid=0x{device:x}")?;
        }
        if let Some(guid) = identity.system_image_guid {
            writeln!(f, "sysimgguid=0x{guid:x}")?;
        }
        let port_guid = self.said(End { node: index, port: 0 }).guid;
        if identity.guid.is_none() && port_guid.is_none() {
            return Ok(());
        }
        write!(f, "{}=0x{:x}", Words::of(node.kind).guid, identity.guid.unwrap_or(0))?;
        match port_guid {
            Some(guid) => writeln!(f, "({guid:x})"),
            None => writeln!(f),
        }
    }

    fn write_link(&self, f: &mut fmt::Formatter<'_>, link: Link) -> fmt::Result {
        let (own, other) = (self.said(link.a), self.said(link.b));
        let (node, peer) = (&self[link.a.node], &self[link.b.node]);
        write!(f, "[{}]", link.a.port)?;
        if let Some(guid) = own.guid {
            write!(f, "({guid:x}) ")?;
        }
        write!(f, "\t\"{}\"[{}]", peer.name, link.b.port)?;
        if let Some(guid) = other.guid {
            write!(f, "({guid:x}) ")?;
        }
        let of_switch = |end: End| End { port: 0, ..end };
        let peer_lid = match peer.kind {
            NodeKind::Switch => self.said(of_switch(link.b)).lid,
            NodeKind::Host | NodeKind::Router => other.lid,
        };
        let own_lid = (node.kind != NodeKind::Switch && (own.lid.is_some() || own.lmc > 0))
            .then(|| (own.lid.unwrap_or(0), own.lmc));
        if own_lid.is_some() || own.rate.is_some() || peer_lid.is_some() {
            write!(f, "\t\t#")?;
            if let Some((lid, lmc)) = own_lid {
                write!(f, " lid {lid} lmc {lmc}")?;
            }
            write!(f, " \"{}\"", peer.description.as_deref().unwrap_or(&peer.name))?;
            if let Some(lid) = peer_lid {
                write!(f, " lid {lid}")?;
            }
            if let Some(rate) = own.rate {
                write!(f, " {rate}")?;
            }
        }
        writeln!(f)
    }
}

struct ForIbsim<'a>(&'a Topology);

impl fmt::Display for ForIbsim<'_> {
    /// ibsim takes the line behind a node's last port for the record's end, whatever is in it: an empty one follows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, node) in self.0.nodes() {
            let words = Words::of(node.kind);
            if let Some(guid) = node.identity.guid {
                writeln!(f, "{}=0x{guid:x}", words.guid)?;
            }
            write!(f, "{} {} \"{}\"", words.node, node.ports, node.name)?;
            if let Some(description) = &node.description {
                write!(f, " # \"{description}\"")?;
            }
            writeln!(f)?;
            for link in self.0.links_of(index) {
                writeln!(f, "[{}] \"{}\"[{}]", link.a.port, self.0[link.b.node].name, link.b.port)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// How the format names a kind of node.
struct Words {
    node: &'static str,
    guid: &'static str,
}

impl Words {
    fn of(kind: NodeKind) -> Self {
        match kind {
            NodeKind::Switch => Self { node: "Switch", guid: "switchguid" },
            NodeKind::Host => Self { node: "Ca", guid: "caguid" },
            NodeKind::Router => Self { node: "Rt", guid: "rtguid" },
        }
    }
}
