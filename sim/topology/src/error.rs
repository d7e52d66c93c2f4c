//! What can be wrong with a topology.

use core::fmt;

use crate::limits::MAX_END_PORTS;

/// A mistake and where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct TopologyError {
    /// Line of the text, from 1; 0 when the mistake is not in a line.
    pub line: u32,
    /// Character of the line, from 1.
    pub column: u32,
    /// What is wrong.
    pub mistake: Mistake,
}

impl fmt::Display for TopologyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        self.mistake.fmt(f)
    }
}

/// What is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mistake {
    /// The line does not go on as its kind of line does.
    #[error("expected {expected}")]
    Expected {
        /// What has to be there.
        expected: &'static str,
    },
    /// A line of a kind that this crate does not read.
    #[error("\"{word}\" is an extension of ibsim that is not read here: write the nodes and links out")]
    Extension {
        /// The line's first word.
        word: &'static str,
    },
    /// A port's line before the first node.
    #[error("a port without a node: put a line like `Switch 8 \"S1\"` above it")]
    PortWithoutNode,
    /// A name that no client of ibsim could ask for.
    #[error("the name has {length} bytes, ibsim takes {limit}: shorten it")]
    NameTooLong {
        /// Bytes that it has.
        length: usize,
        /// Bytes that it can have.
        limit: usize,
    },
    /// Two nodes have one name.
    #[error("there is a node \"{name}\" in line {first_line} already: rename one of the two")]
    DuplicateNode {
        /// Their name.
        name: Box<str>,
        /// Line of the first one.
        first_line: u32,
    },
    /// A node with no port, or with more than a node can have.
    #[error("a node has 1 to {limit} ports, not {ports}")]
    PortCount {
        /// Ports that it is said to have.
        ports: u32,
        /// Ports that it can have.
        limit: u8,
    },
    /// A port number that the node does not have.
    #[error("\"{node}\" has the ports 1 to {ports}, not {port}: correct the number, or the count{}", InLine(*node_line))]
    NoSuchPort {
        /// The node.
        node: Box<str>,
        /// Ports that it has.
        ports: u8,
        /// The port.
        port: u32,
        /// Line in which the node is described.
        node_line: u32,
    },
    /// A port has two lines.
    #[error("port {port} of \"{node}\" has a link{} already: remove one of the two", InLine(*first_line))]
    PortUsedTwice {
        /// The node.
        node: Box<str>,
        /// The port.
        port: u8,
        /// Line of its first link.
        first_line: u32,
    },
    /// A link to a node that is not there.
    #[error(
        "\"{node}\"[{port}] leads to \"{peer}\", which has no record{}: add one, or remove this line",
        Others(*others)
    )]
    UnknownPeer {
        /// The node.
        node: Box<str>,
        /// Its port.
        port: u8,
        /// The node that the link leads to.
        peer: Box<str>,
        /// How many more links lead to nodes without a record.
        others: usize,
    },
    /// The text ends in the middle of a line, and what it names is missing.
    #[error(
        "the text ends in the middle of this line, and {missing} ports above lead to nodes that have no record: it \
         was cut off; get the rest of it"
    )]
    CutOff {
        /// Links to nodes that have no record.
        missing: usize,
    },
    /// Two nodes have one GUID.
    #[error(
        "\"{node}\" has the GUID 0x{guid:x}, which \"{first}\" in line {first_line} has already: each node has its own"
    )]
    DuplicateGuid {
        /// The second node.
        node: Box<str>,
        /// Their GUID.
        guid: u64,
        /// The first node.
        first: Box<str>,
        /// Line in which that is described.
        first_line: u32,
    },
    /// Two ports have one GUID.
    #[error(
        "port {port} of \"{node}\" has the GUID 0x{guid:x}, which port {first_port} of \"{first}\" in line {first_line} \
         has already: write another one in parentheses behind the port, like `[{port}](1234)`"
    )]
    DuplicatePortGuid {
        /// The second node.
        node: Box<str>,
        /// Its port, 0 for a switch.
        port: u8,
        /// The GUID.
        guid: u64,
        /// The first node.
        first: Box<str>,
        /// Its port, 0 for a switch.
        first_port: u8,
        /// Line in which that node is described.
        first_line: u32,
    },
    /// The two ends of a link give one of the ports different GUIDs.
    #[error(
        "this line gives port {peer_port} of \"{peer}\" the GUID 0x{said:x}, line {peer_line} 0x{guid:x}: make the two \
         lines agree"
    )]
    DisagreeingGuids {
        /// The node whose port it is.
        peer: Box<str>,
        /// The port.
        peer_port: u8,
        /// Its GUID by the other end's line.
        said: u64,
        /// Its GUID by its own line.
        guid: u64,
        /// That line.
        peer_line: u32,
    },
    /// The other end of a link is not written.
    #[error(
        "\"{node}\"[{port}] leads to \"{peer}\"[{peer_port}], but \"{peer}\" has no line for its port {peer_port}: \
         add `[{peer_port}] \"{node}\"[{port}]` below line {peer_line}"
    )]
    Dangling {
        /// The node.
        node: Box<str>,
        /// Its port.
        port: u8,
        /// The node that the link leads to.
        peer: Box<str>,
        /// The port that it leads to.
        peer_port: u8,
        /// Line in which that node is described.
        peer_line: u32,
    },
    /// The other end of a link leads elsewhere.
    #[error(
        "\"{node}\"[{port}] leads to \"{peer}\"[{peer_port}], but that leads to \"{other}\"[{other_port}] in line \
         {peer_line}: make the two lines agree"
    )]
    Disagreeing {
        /// The node.
        node: Box<str>,
        /// Its port.
        port: u8,
        /// The node that the link leads to.
        peer: Box<str>,
        /// The port that it leads to.
        peer_port: u8,
        /// The node that the other end leads to.
        other: Box<str>,
        /// The port that the other end leads to.
        other_port: u8,
        /// Line of the other end.
        peer_line: u32,
    },
    /// A port is linked with itself.
    #[error("port {port} of \"{node}\" is linked with itself: name the port that it leads to")]
    LinkedWithItself {
        /// The node.
        node: Box<str>,
        /// The port.
        port: u8,
    },
    /// Switches and degree of a random topology that no graph has.
    #[error("{switches} switches of degree {degree} each: {fix}")]
    Degree {
        /// Switches.
        switches: u32,
        /// Links of each to others.
        degree: u32,
        /// What there could be instead.
        fix: &'static str,
    },
    /// A dragonfly with more groups than can be joined.
    #[error(
        "{groups} groups with {global} links to others each: at most {global} + 1 groups, or more global links"
    )]
    TooManyGroups {
        /// Groups.
        groups: u32,
        /// Links to other groups that a group has.
        global: u32,
    },
    /// More than this crate reads, or than a subnet can have.
    #[error("the topology has more than {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there may be.
        limit: usize,
    },
}

/// Where something stands, unless it is in no line.
struct InLine(u32);

impl fmt::Display for InLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            line => write!(f, " in line {line}"),
        }
    }
}

/// How many more of something there are.
struct Others(usize);

impl fmt::Display for Others {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            more => write!(f, ", as {more} more links do: is the text whole?"),
        }
    }
}

impl Mistake {
    /// More end ports than a subnet has LIDs.
    pub(crate) fn end_ports() -> Self {
        Self::TooLarge { what: "end ports, which need a LID each", limit: MAX_END_PORTS }
    }
}

impl TopologyError {
    pub(crate) fn new(line: u32, column: u32, mistake: Mistake) -> Self {
        Self { line, column, mistake }
    }
}
