//! What the console answers.

use core::fmt;
use std::path::{Path, PathBuf};

use ib_mad::wire::PortState;
use serde::Serialize;
use topology::Topology;

/// Something to print.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// Programs can attach.
    Ready {
        /// Switches of the fabric.
        switches: usize,
        /// Its hosts.
        hosts: usize,
        /// Its links.
        links: usize,
        /// Where programs find it.
        socket: PathBuf,
    },
    /// A command was carried out.
    Done {
        /// The command.
        command: String,
    },
    /// A command was not carried out.
    Error {
        /// Why, and what to do.
        message: String,
    },
    /// A port.
    Port {
        /// Its node.
        node: String,
        /// Its number.
        port: u8,
        /// State of its link.
        state: &'static str,
        /// Its LID, if it has one.
        lid: Option<u16>,
        /// The node at the other end of its cable.
        peer: Option<String>,
        /// The port there.
        peer_port: Option<u8>,
    },
    /// Packets that were dropped.
    Dropped {
        /// Why.
        reason: &'static str,
        /// How many.
        packets: u64,
    },
    /// Packets that arrived at end ports.
    Delivered {
        /// How many.
        packets: u64,
    },
    /// One of the channels of a deadlock; each waits for the next.
    Deadlocked {
        /// Node of the input port.
        node: String,
        /// The input port.
        port: u8,
        /// The lane.
        lane: u8,
    },
    /// No channel waits for itself.
    NoDeadlock {
        /// Packets that wait for credits.
        waiting: usize,
    },
    /// A command that there is.
    Command {
        /// How it is written.
        usage: &'static str,
        /// What it does.
        what: &'static str,
    },
}

impl Event {
    pub(crate) fn ready(topology: &Topology, socket: &Path) -> Self {
        Self::Ready {
            switches: topology.switches().count(),
            hosts: topology.hosts().count(),
            links: topology.links().count(),
            socket: socket.to_owned(),
        }
    }
}

/// The name of a port's state.
pub(crate) fn state_name(state: PortState) -> &'static str {
    match state {
        PortState::DOWN => "Down",
        PortState::INITIALIZE => "Initialize",
        PortState::ARMED => "Armed",
        PortState::ACTIVE => "Active",
        _ => "unknown",
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready { switches, hosts, links, socket } => {
                write!(f, "ready: {switches} switches, {hosts} hosts, {links} links at {}", socket.display())
            }
            Self::Done { command } => write!(f, "done: {command}"),
            Self::Error { message } => write!(f, "error: {message}"),
            Self::Port { node, port, state, lid, peer, peer_port } => {
                write!(f, "\"{node}\"[{port}] {state}")?;
                if let Some(lid) = lid {
                    write!(f, " lid {lid}")?;
                }
                match (peer, peer_port) {
                    (Some(peer), Some(port)) => write!(f, " \"{peer}\"[{port}]"),
                    _ => Ok(()),
                }
            }
            Self::Dropped { reason, packets } => write!(f, "dropped {packets}: {reason}"),
            Self::Delivered { packets } => write!(f, "delivered {packets}"),
            Self::Deadlocked { node, port, lane } => write!(f, "deadlocked: \"{node}\"[{port}] lane {lane}"),
            Self::NoDeadlock { waiting } => write!(f, "no deadlock; {waiting} packets wait for credits"),
            Self::Command { usage, what } => write!(f, "{usage:40} {what}"),
        }
    }
}
