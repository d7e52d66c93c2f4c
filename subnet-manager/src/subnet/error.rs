use ib_mad::{Guid, Lid};

use super::EndPort;

/// Why a subnet does not take a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SubnetError {
    /// A node with this GUID is in the subnet already.
    #[error("there are two nodes with the GUID {0}: give one of them another")]
    DuplicateNode(Guid),
    /// A port with this GUID is in the subnet already.
    #[error("there are two ports with the GUID {0}: give one of them another")]
    DuplicatePort(Guid),
    /// The node has no such port, or there is no such node.
    #[error("there is no {0}")]
    NoSuchPort(EndPort),
    /// The port has another link already.
    #[error("{0} is linked already")]
    Linked(EndPort),
    /// A port linked to itself.
    #[error("{0} is linked to itself")]
    LinkedToItself(EndPort),
    /// No port can have so many LIDs from this one on.
    #[error(
        "2^{lmc} LIDs from {lid} on are not LIDs that a port can have: they start at a multiple of 2^{lmc}, from 1 to 49151"
    )]
    BadLid {
        /// The first.
        lid: Lid,
        /// The mask control.
        lmc: u8,
    },
    /// One of these LIDs is another port's.
    #[error("LID {lid} is {owner}'s")]
    LidTaken {
        /// The LID.
        lid: Lid,
        /// Who has it.
        owner: EndPort,
    },
}
