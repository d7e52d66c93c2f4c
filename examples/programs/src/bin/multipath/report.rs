//! What the program prints: lines for people, objects for programs.

use core::fmt;
use core::time::Duration;

use multipath::{Path, RequesterEvent};
use programs::delivery::{PathCounters, path_number};
use programs::transfer::Hash;
use serde::Serialize;

/// An event. Times are in seconds since the start, rates in MB/s (10^6).
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    Listening { addresses: Vec<String> },
    Offered { name: String, size: Option<u64>, unordered: bool, output: String },
    Calling { paths: usize, payload: u16 },
    Accepted { time: f64, window: u32, payload: u16 },
    Path { time: f64, path: usize, change: PathChange },
    Done { bytes: u64, seconds: f64, rate: f64, hash: Option<String> },
    Failed { reason: String },
    Counters { paths: Vec<PathLine>, dropped: Vec<(String, u64)> },
}

/// What happened to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PathChange {
    Questioned,
    Restored,
    Failed,
    Down,
    Up,
}

#[derive(Debug, Serialize)]
pub(crate) struct PathLine {
    path: usize,
    #[serde(flatten)]
    counters: PathCounters,
}

impl PathChange {
    /// What a requester's event says of which path.
    pub(crate) fn of(event: &RequesterEvent) -> Option<(Path, Self)> {
        Some(match event {
            RequesterEvent::PathQuestioned(path) => (*path, Self::Questioned),
            RequesterEvent::PathRestored(path) => (*path, Self::Restored),
            RequesterEvent::PathFailed(path) => (*path, Self::Failed),
            RequesterEvent::PathDown(path) => (*path, Self::Down),
            RequesterEvent::PathUp(path) => (*path, Self::Up),
            _ => return None,
        })
    }
}

impl fmt::Display for PathChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Questioned => "is questioned: no acknowledgement in time, a barrier is under way",
            Self::Restored => "is restored: the barrier came back, what was outstanding is sent again",
            Self::Failed => "has failed: the barrier did not come back",
            Self::Down => "is down: the other end takes nothing from it, other paths go on",
            Self::Up => "is up: both ends use it again",
        })
    }
}

impl Event {
    pub(crate) fn done(bytes: u64, taken: Duration, hash: Option<Hash>) -> Self {
        let seconds = taken.as_secs_f64();
        let rate = if seconds > 0.0 { bytes as f64 / 1e6 / seconds } else { 0.0 };
        Self::Done { bytes, seconds, rate, hash: hash.map(|hash| hash.to_string()) }
    }

    pub(crate) fn counters(
        counters: &[PathCounters],
        dropped: impl IntoIterator<Item = (multipath::Discard, u64)>,
    ) -> Self {
        let lines = counters.iter().zip(Path::ALL);
        Self::Counters {
            paths: lines
                .map(|(counters, path)| PathLine { path: path_number(path), counters: *counters })
                .collect(),
            dropped: dropped.into_iter().map(|(reason, count)| (reason.to_string(), count)).collect(),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listening { addresses } => write!(f, "listening on {}", addresses.join(", ")),
            Self::Offered { name, size, unordered, output } => {
                let size = size.map_or_else(|| "of unknown size".into(), |size| format!("of {size} bytes"));
                let order = if *unordered { ", in any order" } else { "" };
                write!(f, "receiving {name} {size}{order}, into {output}")
            }
            Self::Calling { paths, payload } => {
                write!(f, "calling over {paths} paths, {payload} bytes of payload a packet")
            }
            Self::Accepted { time, window, payload } => {
                write!(f, "{time:9.3} s  accepted: up to {window} packets of {payload} bytes outstanding")
            }
            Self::Path { time, path, change } => write!(f, "{time:9.3} s  path {path} {change}"),
            Self::Done { bytes, seconds, rate, hash } => {
                write!(f, "{bytes} bytes in {seconds:.3} s, {rate:.1} MB/s")?;
                match hash {
                    Some(hash) => write!(f, ", the same at both ends: BLAKE3 {hash}"),
                    None => Ok(()),
                }
            }
            Self::Failed { reason } => write!(f, "failed: {reason}"),
            Self::Counters { paths, dropped } => {
                write!(
                    f,
                    "path       sent      bytes   received      bytes  repeated  barriers   changes    unsent  too long"
                )?;
                for PathLine { path, counters } in paths {
                    let PathCounters {
                        sent_packets,
                        sent_bytes,
                        received_packets,
                        received_bytes,
                        repeated,
                        barriers,
                        changes,
                        unsent,
                        too_long,
                    } = counters;
                    write!(
                        f,
                        "\n{path:4} {sent_packets:10} {sent_bytes:10} {received_packets:10} {received_bytes:10} \
                         {repeated:9} {barriers:9} {changes:9} {unsent:9} {too_long:9}"
                    )?;
                }
                dropped.iter().try_for_each(|(reason, count)| write!(f, "\ndropped {count}: {reason}"))
            }
        }
    }
}
