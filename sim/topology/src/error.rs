//! What can be wrong with a topology's text.

/// A mistake and where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {mistake}")]
pub struct TopologyError {
    /// Line of the text, from 1; 0 when the mistake is not in a line.
    pub line: u32,
    /// Character of the line, from 1.
    pub column: u32,
    /// What is wrong.
    pub mistake: Mistake,
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
    #[error(
        "\"{node}\" has the ports 1 to {ports}, not {port}: correct the number, or the count in line {node_line}"
    )]
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
    #[error("port {port} of \"{node}\" has a link in line {first_line} already: remove one of the two")]
    PortUsedTwice {
        /// The node.
        node: Box<str>,
        /// The port.
        port: u8,
        /// Line of its first link.
        first_line: u32,
    },
    /// A link to a node that is not there.
    #[error("\"{node}\"[{port}] leads to \"{peer}\", which has no record: add one, or remove this line")]
    UnknownPeer {
        /// The node.
        node: Box<str>,
        /// Its port.
        port: u8,
        /// The node that the link leads to.
        peer: Box<str>,
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
    /// More than this crate reads.
    #[error("the topology has more than {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there may be.
        limit: usize,
    },
}

impl TopologyError {
    pub(crate) fn new(line: u32, column: u32, mistake: Mistake) -> Self {
        Self { line, column, mistake }
    }
}
