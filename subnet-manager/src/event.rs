use core::time::Duration;

use alloc::boxed::Box;
use ib_mad::wire::{AttributeId, Notice, Status};
use ib_mad::{Guid, Lid};

use crate::SubnetChange;
use crate::administration::AdministrationEvent;
use crate::standing::ManagerState;

/// A port as people find it: by its node's GUID and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortName {
    /// GUID of the node.
    pub node: Guid,
    /// Number of the port.
    pub port: u8,
}

impl core::fmt::Display for PortName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "port {} of {}", self.port, self.node)
    }
}

/// Something in the subnet that is not as it should be. The rest of the subnet goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A node does not answer a question.
    #[error("the node behind {near} does not answer {}: its link is not used", name(*attribute))]
    Silent {
        /// The port that leads to it; of the manager's own node, that node's.
        near: PortName,
        /// What was asked for.
        attribute: AttributeId,
    },
    /// A node refuses a question or a setting.
    #[error("{node} answers {} with status {status}", name(*attribute))]
    Refused {
        /// The node.
        node: Guid,
        /// What was asked for, or set.
        attribute: AttributeId,
        /// How it was answered.
        status: Status,
    },
    /// A node took no setting: it stopped answering, or its ports are protected by another manager's M_Key.
    #[error("{node} does not answer when {} is set: is another M_Key in force there?", name(*attribute))]
    Unset {
        /// The node.
        node: Guid,
        /// What was to be set.
        attribute: AttributeId,
    },
    /// Two nodes have one GUID: only the first one found is used.
    #[error(
        "the node behind {second} has the GUID {guid} of the one behind {first}: give one of them another"
    )]
    DuplicateGuid {
        /// The GUID.
        guid: Guid,
        /// A port that leads to the one that is used.
        first: PortName,
        /// A port that leads to the other.
        second: PortName,
    },
    /// A cable leads from a node to the same node: the link is not used.
    #[error("a cable leads from {port} to port {other} of the same node: unplug it")]
    SelfLoop {
        /// One end.
        port: PortName,
        /// The other end.
        other: u8,
    },
    /// A node says something that cannot be.
    #[error("the node behind {near} says what cannot be in {}: update its firmware", name(*attribute))]
    Implausible {
        /// The port that leads to it.
        near: PortName,
        /// In which attribute.
        attribute: AttributeId,
    },
    /// A node is further away than a directed route reaches.
    #[error(
        "what is behind {near} is further away than 63 hops: run the manager nearer to the subnet's middle"
    )]
    TooFar {
        /// The port that leads to it.
        near: PortName,
    },
    /// There are more nodes than a subnet can have.
    #[error("there are more than {limit} nodes: split the subnet")]
    TooManyNodes {
        /// So many can there be.
        limit: u32,
    },
    /// No LIDs are left: the port stays out of service.
    #[error("no LIDs are left for the port {port}: lower the LMC, or split the subnet")]
    OutOfLids {
        /// GUID of the port.
        port: Guid,
    },
    /// A switch's forwarding table is too small: packets to the LIDs beyond it are dropped there.
    #[error("the forwarding table of {switch} ends at {capacity} entries, and LIDs go up to {last}")]
    TableTooSmall {
        /// The switch.
        switch: Guid,
        /// Entries that it can have.
        capacity: u16,
        /// The last LID in use.
        last: Lid,
    },
    /// A switch's multicast forwarding table is too small for this group: it is not forwarded there.
    #[error(
        "the multicast forwarding table of {switch} ends at {capacity} entries: the group {group} has no place there"
    )]
    MulticastTableTooSmall {
        /// The switch.
        switch: Guid,
        /// Entries that it can have.
        capacity: u16,
        /// LID of the group.
        group: Lid,
    },
    /// A port is in more partitions than its table has room for: the last ones are left out.
    #[error("the port {port} is in more partitions than the {capacity} that its table has room for")]
    TooManyPartitions {
        /// GUID of the port.
        port: Guid,
        /// Keys that it can have.
        capacity: u16,
    },
    /// The topology needs more virtual lanes than its links have: it is routed up and down instead.
    #[error(
        "the routing needs more than the {lanes} virtual lanes that every link has: routed up/down instead"
    )]
    TooFewLanes {
        /// Lanes that every link has.
        lanes: u8,
    },
    /// The subnet cannot be routed at all.
    #[error("the subnet cannot be routed")]
    Unroutable,
}

/// The name of an attribute of subnet management.
fn name(attribute: AttributeId) -> &'static str {
    attribute.name(ib_mad::wire::ManagementClass::SUBNET_LID_ROUTED).unwrap_or("an attribute")
}

/// Why a sweep was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SweepReason {
    /// The manager has just been started, or is to take over.
    Start,
    /// A trap told of a change.
    Trap,
    /// A switch told of a change when it was asked, or did not answer.
    LightSweep,
    /// The last sweep left something undone.
    Retry,
    /// The program asked for it.
    Requested,
    /// Another manager asked for it.
    OtherManager,
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SweepSummary {
    /// Nodes found.
    pub nodes: u32,
    /// Switches among them.
    pub switches: u32,
    /// End ports with LIDs.
    pub end_ports: u32,
    /// Virtual lanes that the routing uses.
    pub lanes: u8,
    /// Requests that were answered.
    pub answered: u64,
    /// Blocks of forwarding tables that were written.
    pub forwarding_blocks: u32,
    /// How long it took.
    pub duration: Duration,
    /// How long discovery took of it.
    pub discovery: Duration,
    /// Faults that it found.
    pub faults: u32,
}

/// What a [`Manager`](crate::Manager) has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The manager is in another state now.
    State(ManagerState),
    /// A sweep began.
    SweepStarted(SweepReason),
    /// Something is not as it should be. Told once, and again when it comes back.
    Fault(Fault),
    /// What a sweep found wrong before is no longer so.
    Mended(Fault),
    /// The subnet is up: every port that can be is in service.
    SubnetUp(SweepSummary),
    /// What the sweep before [`SubnetUp`](Self::SubnetUp) changed.
    Changed(Box<SubnetChange>),
    /// Ports have LIDs that they did not have: keep [`Manager::lids`](crate::Manager::lids) for the next start.
    LidsChanged,
    /// Nodes have registered something or withdrawn it: keep [`Manager::registrations`](crate::Manager::registrations) for the
    /// next start.
    RegistrationsChanged,
    /// A node sent a trap, and was told not to repeat it.
    Trap(Notice),
    /// Subnet administration has something to tell.
    Administration(Box<AdministrationEvent>),
    /// Another manager is offered the mastership.
    HandingOver(Guid),
}
