//! What can go wrong with a umad device. Each message is one line that names the place and the fix.

use std::io;

use ib_mad::wire::{ManagementClass, PortState};
use ib_mad::{Lid, PKey, TransactionId};

/// Why a port of this machine cannot be used, or not any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UmadError {
    /// The kernel knows no RDMA device.
    #[error(
        "this machine has no RDMA device (/sys/class/infiniband is empty): load its driver, for example \
         `modprobe mlx5_ib`"
    )]
    NoDevice,
    /// The device asked for is not there.
    #[error("there is no RDMA device \"{device}\": there is {known}")]
    UnknownDevice {
        /// The name asked for.
        device: Box<str>,
        /// The names that there are.
        known: Box<str>,
    },
    /// The device does not have the port asked for.
    #[error("the RDMA device {device} has no port {port}: it has {known}")]
    UnknownPort {
        /// The device.
        device: Box<str>,
        /// The number asked for.
        port: u8,
        /// The ports that there are.
        known: Box<str>,
    },
    /// No port is active.
    #[error("no port of {of} has a link: there is {known}; plug in a cable, or name a port")]
    NoActivePort {
        /// Where it was looked for.
        of: Box<str>,
        /// The ports that there are, each with its state.
        known: Box<str>,
    },
    /// The port has no link.
    #[error(
        "port {device}/{port} is {state} (physical state {physical_state}): check its cable and the port at the other \
         end"
    )]
    PortDown {
        /// The device.
        device: Box<str>,
        /// The port.
        port: u8,
        /// State of the link in words.
        state: Box<str>,
        /// State of the physical link in words.
        physical_state: Box<str>,
    },
    /// The kernel offers no umad device for the port.
    #[error("no umad device belongs to port {device}/{port}: load the kernel's module (`modprobe ib_umad`)")]
    NoUmad {
        /// The device.
        device: Box<str>,
        /// The port.
        port: u8,
    },
    /// The kernel's interface is another version.
    #[error(
        "the kernel speaks version {found} of the umad interface, and this program version {spoken}: update it"
    )]
    Version {
        /// The kernel's.
        found: u32,
        /// This crate's.
        spoken: u32,
    },
    /// The device may not be opened.
    #[error(
        "{path} may not be opened: run this as root, or give its group to this user (`chgrp` and `chmod g+rw`)"
    )]
    Permission {
        /// The device.
        path: Box<str>,
    },
    /// The kernel has the device, but the file is not there.
    #[error(
        "{path} is missing, though the kernel has the device: is udev running, or /dev of a container incomplete?"
    )]
    NoNode {
        /// The device.
        path: Box<str>,
    },
    /// The device cannot be opened for another reason.
    #[error("{path} cannot be opened: {source}")]
    Open {
        /// The device.
        path: Box<str>,
        /// The system's error.
        source: io::Error,
    },
    /// A value of a device or port cannot be read.
    #[error("{path} cannot be read: {source}: was the device removed?")]
    Unreadable {
        /// The file.
        path: Box<str>,
        /// The system's error.
        source: io::Error,
    },
    /// A value of a device or port is not what it should be.
    #[error("{path} says \"{text}\", which is not understood: please report this with the kernel's version")]
    Value {
        /// The file.
        path: Box<str>,
        /// What is in it.
        text: Box<str>,
    },
    /// The port's table of P_Keys does not have this one.
    #[error("port {device}/{port} is not in the partition of P_Key {p_key}: have the subnet manager add it")]
    NoPartition {
        /// The key.
        p_key: PKey,
        /// The device.
        device: Box<str>,
        /// The port.
        port: u8,
    },
    /// The kernel is too old to send with another P_Key than the first.
    #[error("port {port}: this kernel sends with the first P_Key of the table only: use Linux 3.18 or newer")]
    NoPKeyIndex {
        /// The port as `DEVICE/PORT`.
        port: Box<str>,
    },
    /// Somebody else gets the requests that this program wants.
    #[error(
        "another program already receives requests of class {class} on port {port}: end that one, or use another port{}",
        taken_by_kernel(*class)
    )]
    Taken {
        /// The class.
        class: ManagementClass,
        /// The port as `DEVICE/PORT`.
        port: Box<str>,
    },
    /// The port does not do this class.
    #[error("port {port} does not do class {class}{}", subnet_management(*class))]
    Unsupported {
        /// The class.
        class: ManagementClass,
        /// The port as `DEVICE/PORT`.
        port: Box<str>,
    },
    /// The descriptor has no room for another agent.
    #[error("port {port} takes no further agent for class {class}: one opening has 32, open it again")]
    TooManyAgents {
        /// The class.
        class: ManagementClass,
        /// The port as `DEVICE/PORT`.
        port: Box<str>,
    },
    /// An agent cannot be registered for another reason.
    #[error("port {port} refuses an agent for class {class}: {source}")]
    Register {
        /// The class.
        class: ManagementClass,
        /// The port as `DEVICE/PORT`.
        port: Box<str>,
        /// The system's error.
        source: io::Error,
    },
    /// The kernel does not take a message.
    #[error(
        "the kernel refuses a message of class {class} to LID {to} with transaction id {transaction_id}: the same \
         request still waits for its answer, or the address is not valid"
    )]
    Refused {
        /// Its class.
        class: ManagementClass,
        /// Its destination.
        to: Lid,
        /// Its transaction id.
        transaction_id: TransactionId,
    },
    /// Less than the headers of a message were to be sent.
    #[error("a message of {length} bytes has no room for its headers: the least is 36 bytes")]
    Short {
        /// Its length.
        length: usize,
    },
    /// A message is longer than this program takes.
    #[error("a message of {length} bytes arrived, and this program takes up to {limit}: raise its limit")]
    TooLong {
        /// Its length, headers included.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// The device was removed, or its driver unloaded.
    #[error("port {port} is gone: the device was removed, or its driver unloaded; start this program again")]
    Gone {
        /// The port as `DEVICE/PORT`.
        port: Box<str>,
    },
    /// A read or write failed for another reason.
    #[error("port {port}: {what}: {source}")]
    Io {
        /// The port as `DEVICE/PORT`.
        port: Box<str>,
        /// What was being done.
        what: &'static str,
        /// The system's error.
        source: io::Error,
    },
}

impl UmadError {
    pub(super) fn unreadable(path: &str) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::Unreadable { path: path.into(), source }
    }
}

fn taken_by_kernel(class: ManagementClass) -> &'static str {
    match class.0 {
        0x07 => "; the kernel's own connection manager is one: `modprobe -r rdma_ucm rdma_cm iw_cm ib_cm`",
        _ => "",
    }
}

fn subnet_management(class: ManagementClass) -> &'static str {
    match class {
        ManagementClass::SUBNET_LID_ROUTED | ManagementClass::SUBNET_DIRECTED_ROUTE => {
            ": on Ethernet there is no subnet management; use a port whose link layer is InfiniBand"
        }
        _ => "",
    }
}

/// State of a link in words.
pub(super) const fn state_name(state: PortState) -> &'static str {
    match state {
        PortState::DOWN => "down",
        PortState::INITIALIZE => "initialize",
        PortState::ARMED => "armed",
        PortState::ACTIVE => "active",
        _ => "in an unknown state",
    }
}
