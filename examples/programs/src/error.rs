use core::time::Duration;
use std::io;

use ib_mad::sa::SaFailure;
use transport::ChannelError;

/// Why a program did not do its job: one line that names the cause and the fix.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// The port cannot be opened, or is gone.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The command line does not say what to do.
    #[error("{0}: --help tells what to write")]
    Usage(String),
    /// The system lacks something that every program needs.
    #[error("the system gives this program no event queue or signals: {0}")]
    Runtime(io::Error),
    /// A file cannot be used.
    #[error("{path}: {source}: name another file")]
    File {
        /// The file.
        path: String,
        /// The system's error.
        source: io::Error,
    },
    /// Ctrl-C, or a termination signal, before the job was done.
    #[error("interrupted")]
    Interrupted,
    /// No subnet manager came in time.
    #[error(
        "no subnet manager has configured {port} in {waited:?}: start one on the fabric (for example opensm), and \
         wait until its log says SUBNET UP"
    )]
    NoManager {
        /// The port.
        port: String,
        /// How long it was waited for.
        waited: Duration,
    },
    /// Nobody manages the subnet.
    #[error(
        "no subnet manager has configured this port: start one on the fabric (for example opensm), and wait until its \
         log says SUBNET UP"
    )]
    NoSubnetManager,
    /// Subnet administration said no, or nothing.
    #[error("{what}: {failure}{}", advice(failure))]
    Administration {
        /// What was asked for.
        what: String,
        /// What came instead.
        failure: SaFailure,
    },
    /// The ports of the subnet could not be read.
    #[error("reading the ports of the subnet: {0}: is the subnet manager still running?")]
    Inventory(#[from] trap_signal::watch::InventoryError),
    /// The paths of the subnet could not be read.
    #[error("reading the paths of the subnet: {0}: is the subnet manager still running?")]
    Paths(#[from] trap_signal::watch::ReaderError),
    /// Some packets of a file brought no datagram; each has its line in the output.
    #[error("{path}: {unread} of {packets} packets could not be read; the lines above say why")]
    Unread {
        /// The file.
        path: String,
        /// Those that could not be read.
        unread: u64,
        /// All of them.
        packets: u64,
    },
    /// A file without a packet.
    #[error("{path}: nothing is in it: name a capture (pcap, pcapng, ERF) or datagrams in hexadecimal")]
    NoPacket {
        /// The file.
        path: String,
    },
    /// Nobody reads what is printed, or the disk is full.
    #[error("writing the result: {0}")]
    Output(io::Error),
    /// Something else; the text says what to do.
    #[error("{0}")]
    Other(String),
}

/// What to do about a failed query.
fn advice(failure: &SaFailure) -> &'static str {
    use ib_mad::wire::SaStatus;
    match failure {
        SaFailure::NoAnswer { .. } => ": is the subnet manager still running?",
        SaFailure::Busy { .. } => ": try again when the subnet manager has finished its sweep",
        SaFailure::Status(status) => match status.sa() {
            SaStatus::NoRecords => ": nothing matches; `saq nodes` lists what there is",
            SaStatus::TooManyRecords => ": more than one matches; ask by LID or port GUID",
            SaStatus::InvalidGid => ": no port has this GID; `saq nodes` lists what there is",
            SaStatus::InvalidRequest | SaStatus::Denied => {
                ": some records are told only to whom the subnet manager trusts: try --sm-key"
            }
            _ => "",
        },
        SaFailure::Unsegmented => {
            ": more records match than one datagram holds, and nobody here segments: ask for fewer, by port or number"
        }
        SaFailure::Transfer(_) => ": what came of the table is not all of it: try again",
        _ => "",
    }
}
