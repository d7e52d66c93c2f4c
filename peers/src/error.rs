//! What can go wrong with a peer.

use core::time::Duration;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

/// Why a peer could not be started, did not do what was waited for, or said something else than expected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeerError {
    /// A program or library is not installed.
    #[error("{program} is not installed; on Debian: apt-get install {package}")]
    Missing {
        /// What was looked for.
        program: &'static str,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// The program is there but does not start.
    #[error("cannot start {name}: {source}")]
    Start {
        /// Name of the process in this run.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// The process ended while something was expected of it.
    #[error("{name} ended ({status}) before {awaited}; it said last: {last}")]
    Ended {
        /// Name of the process in this run.
        name: String,
        /// How it ended.
        status: EndStatus,
        /// What was waited for.
        awaited: String,
        /// Its last lines, joined by ` | `.
        last: String,
    },
    /// The process runs, but what was waited for did not come.
    #[error("{name}: no {awaited} within {} s; it said last: {last}", after.as_secs_f32())]
    Deadline {
        /// Name of the process in this run.
        name: String,
        /// What was waited for.
        awaited: String,
        /// How long.
        after: Duration,
        /// Its last lines, joined by ` | `.
        last: String,
    },
    /// The peer refused a command.
    #[error("{name} refused {command:?}: {reply}")]
    Refused {
        /// Name of the process in this run.
        name: String,
        /// The command or arguments.
        command: String,
        /// What it said.
        reply: String,
    },
    /// The answer of a peer lacks what it must have.
    #[error("{name} {command}: no {what} in its answer: {answer}")]
    Answer {
        /// The program.
        name: &'static str,
        /// Its arguments.
        command: String,
        /// What is missing.
        what: &'static str,
        /// The answer.
        answer: String,
    },
    /// A file of the run cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// How a process ended, when that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndStatus(pub(crate) Option<ExitStatus>);

impl core::fmt::Display for EndStatus {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            Some(status) => status.fmt(f),
            None => f.write_str("output closed"),
        }
    }
}
