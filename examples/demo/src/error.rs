//! Why a scene could not be played to its end: one line each, naming the place and the fix.

use std::io;
use std::path::{Path, PathBuf};

use peers::PeerError;
use topology::{LoadError, TopologyError};

use crate::pcap::PcapError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    #[error(transparent)]
    Peer(#[from] PeerError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error("{}: {source}", path.display())]
    Topology { path: PathBuf, source: TopologyError },
    #[error(
        "{}: {hosts} hosts are too few: a manager and repathd take one each, and two must be left for queue pairs",
        path.display()
    )]
    TooFewHosts { path: PathBuf, hosts: usize },
    #[error(
        "{}: no link {link} between two switches: name one of the file's with {option} A-B",
        path.display()
    )]
    NoLink { path: PathBuf, link: String, option: &'static str },
    #[error("{}: no link between two switches, so there is none to cut: take a topology with one", path.display())]
    NoSwitchLink { path: PathBuf },
    #[error("{program} is not built beside this program: cargo build -p fabric-ha-programs")]
    NotBuilt { program: &'static str },
    #[error("{program} has ended before its time; what it said stands above")]
    Ended { program: &'static str },
    #[error("{program} says: {said}")]
    Judge { program: &'static str, said: String },
    #[error("not ready after {seconds} s: {names}; their logs tell why")]
    NotReady { names: String, seconds: u64 },
    #[error("{} cannot be used: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Capture { path: PathBuf, source: PcapError },
}

impl DemoError {
    /// What turns a system's error about a file into one that names the file.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), source }
    }
}
