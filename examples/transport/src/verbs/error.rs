//! What can go wrong with a device and its queue pairs. Each message is one line that names the place and the fix.

use core::net::SocketAddr;
use core::time::Duration;
use std::io;

use ib_mad::{Gid, Qpn};

use super::system::Refused;
use super::{AttributeMask, State, WorkId, WorkKind, WorkStatus};

/// Why a device, a queue pair or a connection cannot be used, or not any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerbsError {
    /// The library is not installed.
    #[error(
        "libibverbs.so.1 cannot be loaded: install it with its providers (Debian: apt-get install libibverbs1 \
         ibverbs-providers)"
    )]
    NoLibrary,
    /// The kernel knows no RDMA device.
    #[error(
        "this machine has no RDMA device (/sys/class/infiniband is empty): load its driver, for example `modprobe \
         mlx5_ib`, or make one in software on a network interface: `modprobe rdma_rxe && rdma link add rxe0 type rxe \
         netdev eth0`"
    )]
    NoDevice,
    /// The kernel has devices, but offers them to no program.
    #[error(
        "the RDMA devices of this machine ({devices}) cannot be used by programs: load the kernel's module (`modprobe \
         ib_uverbs`)"
    )]
    NoUserVerbs {
        /// The devices.
        devices: Box<str>,
    },
    /// The library has no provider for the device's driver.
    #[error(
        "libibverbs does not know the device \"{device}\": install the library of its driver (Debian: apt-get install \
         ibverbs-providers)"
    )]
    NoProvider {
        /// The device.
        device: Box<str>,
    },
    /// The device asked for is not there.
    #[error("there is no RDMA device \"{device}\": there is {known}")]
    UnknownDevice {
        /// The name asked for.
        device: Box<str>,
        /// The names that there are.
        known: Box<str>,
    },
    /// The device does not have the port asked for.
    #[error("the RDMA device {device} has no port {port}: it has 1 to {count}")]
    UnknownPort {
        /// The device.
        device: Box<str>,
        /// The number asked for.
        port: u8,
        /// Ports that there are.
        count: u8,
    },
    /// The port has no link.
    #[error(
        "port {device}/{port} is {state} (physical state {physical_state}): check its cable, the port at the other end, \
         and its network interface (`rdma link`, `ip link set dev INTERFACE up`)"
    )]
    PortDown {
        /// The device.
        device: Box<str>,
        /// The port.
        port: u8,
        /// State of the link in words.
        state: &'static str,
        /// Number of the physical state.
        physical_state: u8,
    },
    /// The port has no such GID.
    #[error("port {device}/{port} has no GID {gid}: it has {known}")]
    UnknownGid {
        /// The device.
        device: Box<str>,
        /// The port.
        port: u8,
        /// The one asked for.
        gid: Gid,
        /// Those that there are.
        known: Box<str>,
    },
    /// Nothing is at this place of the port's table of GIDs.
    #[error("port {device}/{port} has no GID at index {index}: it has {known}")]
    UnknownGidIndex {
        /// The device.
        device: Box<str>,
        /// The port.
        port: u8,
        /// The place asked for.
        index: u32,
        /// Those that there are.
        known: Box<str>,
    },
    /// The device may not be opened.
    #[error(
        "the RDMA device {device} may not be opened ({source}): run this as root, or give this user the right to {path} (`chgrp` and \
         `chmod g+rw`)"
    )]
    Permission {
        /// The device.
        device: Box<str>,
        /// Its file.
        path: Box<str>,
        /// The system's error.
        source: io::Error,
    },
    /// The kernel has the device, but the file is not there.
    #[error(
        "the RDMA device {device} cannot be opened ({source}): {path} is missing; is udev running, or /dev of a container \
         incomplete?"
    )]
    NoNode {
        /// The device.
        device: Box<str>,
        /// Its file.
        path: Box<str>,
        /// The system's error.
        source: io::Error,
    },
    /// The process may not pin as much memory as it wants to register.
    #[error(
        "{bytes} bytes cannot be registered ({verb}: {source}): this process may lock {limit} bytes of memory in all; raise the limit (`ulimit -l \
         unlimited`, or LimitMEMLOCK=infinity in its unit)"
    )]
    LockedMemory {
        /// Bytes to be registered.
        bytes: usize,
        /// The limit in bytes.
        limit: u64,
        /// The function of libibverbs.
        verb: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// There is no memory.
    #[error("{bytes} bytes of memory cannot be had: {source}")]
    Memory {
        /// Bytes asked for.
        bytes: usize,
        /// The system's error.
        source: io::Error,
    },
    /// Bytes outside of a region were named.
    #[error("{length} bytes at offset {offset} are outside of a region of {region} bytes")]
    Outside {
        /// Where they begin.
        offset: usize,
        /// Their number.
        length: usize,
        /// Length of the region.
        region: usize,
    },
    /// A region belongs to another device, or to another protection domain.
    #[error(
        "queue pair {queue_pair} cannot use a region of another protection domain: register it in its own"
    )]
    OtherDomain {
        /// The queue pair.
        queue_pair: Qpn,
    },
    /// A change of a queue pair was refused.
    #[error("queue pair {queue_pair}: ibv_modify_qp with {mask}: {source}{}", modify_advice(source))]
    Modify {
        /// The queue pair.
        queue_pair: Qpn,
        /// The attributes that were named.
        mask: AttributeMask,
        /// The system's error.
        source: io::Error,
    },
    /// Another verb was refused.
    #[error("{of}: {verb}: {source}{}", advice(verb, source))]
    Verb {
        /// What it was about.
        of: Box<str>,
        /// The function of libibverbs.
        verb: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// A queue holds as much as it can.
    #[error(
        "queue pair {queue_pair} has {depth} pieces of work in its {queue} queue, and takes no more: wait for \
         completions, or make it deeper"
    )]
    QueueFull {
        /// The queue pair.
        queue_pair: Qpn,
        /// "send" or "receive".
        queue: &'static str,
        /// Its depth.
        depth: u32,
    },
    /// Work failed.
    #[error("queue pair {queue_pair}: {kind} {} failed: {status}", id.0)]
    Work {
        /// The own queue pair.
        queue_pair: Qpn,
        /// What kind of work.
        kind: WorkKind,
        /// The work.
        id: WorkId,
        /// How it ended.
        status: WorkStatus,
    },
    /// Nothing completed in time.
    #[error("no work has completed for {waited:?}: the peer sends nothing, or is gone")]
    NoCompletion {
        /// How long it was waited for.
        waited: Duration,
    },
    /// Work that was under way did not end in time, so that the send queue could not be drained. Nothing was changed.
    #[error(
        "queue pair {queue_pair} could not be drained: {outstanding} pieces of work had not ended after {waited:?}; the \
         path may be dead: reset the queue pair instead"
    )]
    NotDrained {
        /// The queue pair.
        queue_pair: Qpn,
        /// Work that had not ended.
        outstanding: usize,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The adapter does not say that a send queue without work is drained.
    #[error(
        "queue pair {queue_pair}: the adapter did not report its send queue drained in {waited:?}: reset it"
    )]
    DrainUnreported {
        /// The queue pair.
        queue_pair: Qpn,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The other end has not loaded an alternate path.
    #[error(
        "queue pair {queue_pair} cannot migrate: the other end has loaded no alternate path in {waited:?}: drain it \
         instead"
    )]
    NotArmed {
        /// The queue pair.
        queue_pair: Qpn,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The queue pair is in a state in which this cannot be done.
    #[error("queue pair {queue_pair} is in state {}: reset it, and connect it again", state_name(*state))]
    WrongState {
        /// The queue pair.
        queue_pair: Qpn,
        /// Its state, if it is a known one.
        state: Option<State>,
    },
    /// Nobody listens at the peer's address, or it cannot be reached.
    #[error("{peer}: {source}: does the peer's program run, and listen there?")]
    Unreachable {
        /// The peer.
        peer: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// The peer went away while the connection was being made, or changed.
    #[error("{peer} closed the connection while {what}: look at its errors, and connect again")]
    PeerGone {
        /// The peer.
        peer: SocketAddr,
        /// What was being done.
        what: &'static str,
    },
    /// The peer said nothing while the connection was being made, or changed.
    #[error("{peer} has said nothing for {waited:?} while {what}: does its program hang?")]
    PeerSilent {
        /// The peer.
        peer: SocketAddr,
        /// What was being done.
        what: &'static str,
        /// How long it was waited for.
        waited: Duration,
    },
    /// What the peer says is not this exchange.
    #[error(
        "{peer} does not exchange queue pairs as this program does ({what}): start the same program there"
    )]
    Stranger {
        /// The peer.
        peer: SocketAddr,
        /// What is wrong.
        what: &'static str,
    },
    /// The socket of the exchange failed.
    #[error("{peer}: {what}: {source}")]
    Exchange {
        /// The peer.
        peer: SocketAddr,
        /// What was being done.
        what: &'static str,
        /// The system's error.
        source: io::Error,
    },
}

impl VerbsError {
    /// A verb about something was refused.
    pub(super) fn verb(of: impl Into<Box<str>>) -> impl FnOnce(Refused) -> Self {
        move |refused| Self::Verb { of: of.into(), verb: refused.verb, source: refused.source }
    }
}

fn state_name(state: Option<State>) -> &'static str {
    state.map_or("unknown", State::name)
}

/// What to do about a refused change.
fn modify_advice(error: &io::Error) -> &'static str {
    match error.raw_os_error() {
        Some(libc::EINVAL) => ": the adapter does not do this change in the state that the queue pair is in",
        Some(libc::ETIMEDOUT) => {
            ": nobody has the peer's address: look at it, and at the neighbours (`ip neigh`)"
        }
        Some(libc::ENODATA | libc::ENOENT) => {
            ": the port has lost its GID: look at the interface's addresses"
        }
        Some(libc::ENETUNREACH | libc::EHOSTUNREACH) => ": there is no route to the peer: see `ip route get`",
        _ => "",
    }
}

/// What to do about another refused verb.
fn advice(verb: &str, error: &io::Error) -> &'static str {
    match (verb, error.raw_os_error()) {
        ("ibv_create_qp" | "ibv_create_cq", Some(libc::EINVAL)) => {
            ": the device has less room: ask for shallower queues"
        }
        (_, Some(libc::EIO)) => ": the device has failed: see dmesg",
        ("ibv_create_ah", _) => ": nobody has this address: look at it, and at the routes",
        ("ibv_attach_mcast", Some(libc::EINVAL)) => {
            ": is it a multicast GID, and the queue pair one of datagrams?"
        }
        (_, Some(libc::ENOMEM)) => ": the device or the kernel has no room left",
        _ => "",
    }
}
