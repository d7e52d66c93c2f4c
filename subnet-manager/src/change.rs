use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use ib_mad::{Gid, Guid, Lid};

/// What a sweep changed, for those who depend on the subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SubnetChange {
    /// Ports that are in service now and were not before: each is worth a Notice 64.
    pub in_service: Vec<Gid>,
    /// Ports that are out of service now: each is worth a Notice 65, and what it subscribed to or joined is over.
    pub out_of_service: Vec<Gid>,
    /// Whose paths are others now.
    pub paths: PathChanges,
}

impl SubnetChange {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.in_service.is_empty() && self.out_of_service.is_empty() && self.paths == PathChanges::None
    }
}

/// Which end ports have a path record that is another one now: in service level or LID. What a fault does to
/// MTU and rate of a path is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum PathChanges {
    /// None. The first routing changes none either: no host can hold an older record.
    #[default]
    None,
    /// The ends of these paths, and no others.
    Ends(BTreeSet<Gid>),
}

/// A multicast group changed: its tree is to be built anew.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MulticastChange {
    /// The group's LID.
    pub lid: Lid,
    /// Ports that receive what is sent to the group, by port GUID; none when it is gone.
    pub receivers: BTreeSet<Guid>,
    /// Ports that send to it without receiving, by port GUID. Their switches forward to the tree.
    pub senders: BTreeSet<Guid>,
}
