use std::io;
use std::path::PathBuf;

/// Why a simulated fabric is not reached, or does not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// Nobody hosts a fabric there.
    #[error(
        "no simulated fabric at {}: start one (fabric --topology mesh:3x2), or name another with FABRIC_SIM or \
         sim:NODE?sock=NAME",
        path.display()
    )]
    NotRunning {
        /// Its socket.
        path: PathBuf,
    },
    /// Somebody hosts one there already.
    #[error("a simulated fabric is at {} already: end it, or give this one another --name", path.display())]
    AlreadyRunning {
        /// Its socket.
        path: PathBuf,
    },
    /// The fabric has no such node.
    #[error("the simulated fabric has no node \"{node}\" with a port: take a name of its topology")]
    UnknownNode {
        /// The name asked for.
        node: Box<str>,
    },
    /// Another program manages the subnet from the port.
    #[error("another program is a subnet manager at this port: give this one another node, or end that one")]
    Managed,
    /// The host ended.
    #[error("the simulated fabric at {} has ended: start it again, then this program", path.display())]
    Gone {
        /// Its socket.
        path: PathBuf,
    },
    /// Somebody else could get at the sockets.
    #[error("{} is not this user's alone: remove it, or name a socket elsewhere by its path", path.display())]
    NotPrivate {
        /// The folder.
        path: PathBuf,
    },
    /// The name makes no path for a socket.
    #[error("\"{name}\" names no socket: 1 to {limit} bytes, a path or a name without a slash")]
    BadName {
        /// The name.
        name: Box<str>,
        /// Bytes that a path can have.
        limit: usize,
    },
    /// There is no such topology.
    #[error(transparent)]
    Topology(Box<topology::LoadError>),
    /// The fabric cannot be made.
    #[error(transparent)]
    Fabric(fabric::FabricError),
    /// A call of the system failed.
    #[error("{what} {}: {source}", path.display())]
    Io {
        /// What was being done.
        what: &'static str,
        /// The socket or its folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}
