//! What a caller can get wrong.

/// Why a fabric cannot be made, or does not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FabricError {
    /// More ports than the simulation can number.
    #[error("the topology has {ports} ports, more than the {limit} that a fabric can have")]
    TooLarge {
        /// Ports that it has.
        ports: usize,
        /// Ports that it can have.
        limit: usize,
    },
    /// A setting that no port could have.
    #[error("{name} is {value}: {wanted}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// What it is.
        value: u32,
        /// What it has to be.
        wanted: &'static str,
    },
    /// A port that the node does not have.
    #[error("there is no port {port} at node {node}: it has {ports}")]
    NoSuchPort {
        /// Number of the node in its topology, from 0.
        node: usize,
        /// Number of the port.
        port: u8,
        /// Ports that the node has.
        ports: u8,
    },
    /// A port without a cable.
    #[error("port {port} of node {node} has no link in the topology")]
    NoLink {
        /// Number of the node in its topology, from 0.
        node: usize,
        /// Number of the port.
        port: u8,
    },
    /// An end port has as many queue pairs or groups as it may.
    #[error("the end port has {limit} {what} already")]
    TooMany {
        /// What there would be too many of.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
}
