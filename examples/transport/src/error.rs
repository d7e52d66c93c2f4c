//! What can go wrong between a program and a fabric. Each message is one line that names the place and the fix.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::io;

use crate::url::UrlError;

/// Why a channel could not be opened, or does not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// The port's URL does not say which port.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// Nobody listens under the emulator's name.
    #[error(
        "no ibsim runs under the name \"{name}\": start one (IBSIM_SOCKNAME={name} ibsim -s FILE), or name another \
         with IBSIM_SOCKNAME or ibsim:NODE?sock=NAME"
    )]
    NoServer {
        /// Base name of its sockets.
        name: Box<str>,
    },
    /// The emulator listens, but does not answer.
    #[error(
        "ibsim \"{name}\" has not answered {request} for {waited:?}: it hangs, or it waits for a client that does \
         not read"
    )]
    NoAnswer {
        /// Base name of its sockets.
        name: Box<str>,
        /// What it was asked.
        request: &'static str,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The emulator's topology has no such node.
    #[error(
        "ibsim \"{name}\" has no node \"{node}\": take a name of its topology file, in the file's spelling"
    )]
    UnknownNode {
        /// Base name of the emulator's sockets.
        name: Box<str>,
        /// The name asked for.
        node: Box<str>,
    },
    /// The emulator takes no more clients.
    #[error(
        "ibsim \"{name}\" has no client slot left (it has 10): end a program that uses it, or free the slot of a \
         killed one with its console command `X N`"
    )]
    NoClientSlot {
        /// Base name of its sockets.
        name: Box<str>,
    },
    /// The node's unsolicited datagrams go to another program.
    #[error(
        "another program already receives on {node} of ibsim \"{name}\": give this one another node, or end that one"
    )]
    ReceiverTaken {
        /// Base name of the emulator's sockets.
        name: Box<str>,
        /// The node.
        node: Box<str>,
    },
    /// The emulator refused the connection, and accepted it in parts when asked why.
    #[error(
        "ibsim \"{name}\" refused the connection to {node} without a reason: its 10 client slots are used up, it has \
         no such node, or another program receives there; try again"
    )]
    Refused {
        /// Base name of the emulator's sockets.
        name: Box<str>,
        /// The node.
        node: Box<str>,
    },
    /// The emulator ended.
    #[error("ibsim \"{name}\" has ended: start it again, then this program")]
    ServerGone {
        /// Base name of its sockets.
        name: Box<str>,
    },
    /// The emulator gave the connection up.
    #[error("ibsim \"{name}\" has dropped this program's connection to {node}: start this program again")]
    Dropped {
        /// Base name of the emulator's sockets.
        name: Box<str>,
        /// The node.
        node: Box<str>,
    },
    /// The name does not fit the emulator's messages or the system's socket names.
    #[error("the {what} \"{value}\" does not fit: 1 to {limit} bytes without a NUL")]
    NameTooLong {
        /// What the name is for.
        what: &'static str,
        /// The name.
        value: Box<str>,
        /// Bytes that it can have.
        limit: usize,
    },
    /// A port of this machine cannot be used.
    #[cfg(feature = "umad")]
    #[error(transparent)]
    Umad(#[from] crate::umad::UmadError),
    /// A simulated fabric is not reached, or does not go on.
    #[cfg(feature = "sim")]
    #[error(transparent)]
    Sim(#[from] crate::sim::SimError),
    /// A socket cannot be bound to an address.
    #[error("{address} cannot be used here: {source}; give another address or port")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// A transport by which no subnet can be managed.
    #[error("no subnet can be managed by this kind of port: take umad:, ibsim: or sim:")]
    NoManagers,
    /// There is no way between two addresses.
    #[error(
        "there is no way from {local} to {peer}: {source}; look at the addresses and the routes (ip route get)"
    )]
    NoRoute {
        /// Address of this end.
        local: IpAddr,
        /// Address of the other.
        peer: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// A file could not be written or a socket call failed.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// The system's error.
        source: io::Error,
    },
}

impl ChannelError {
    pub(crate) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}
