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
    Listening {
        addresses: Vec<String>,
    },
    Offered {
        name: String,
        size: Option<u64>,
        unordered: bool,
        output: String,
    },
    Calling {
        paths: usize,
        payload: u16,
    },
    /// Nothing has come back so far; given up after so many seconds.
    Unanswered {
        time: f64,
        addresses: Vec<String>,
        give_up: f64,
    },
    Accepted {
        time: f64,
        window: u32,
        payload: u16,
    },
    Path {
        time: f64,
        path: usize,
        change: PathChange,
    },
    /// The only path that is left answers, but for so many seconds nothing of the file came through. Until that goes on, paths that are
    /// questioned and restored are not told.
    Stalled {
        time: f64,
        path: usize,
        seconds: f64,
        payload: u16,
    },
    /// The same of a path that is not the only one: it is used no more.
    LeftOut {
        time: f64,
        path: usize,
        seconds: f64,
        payload: u16,
    },
    /// The receiver's output has taken nothing for so many seconds. Paths are not told as long as that is so.
    ReceiverFull {
        time: f64,
        seconds: f64,
    },
    Done {
        bytes: u64,
        seconds: f64,
        rate: f64,
        hash: Option<String>,
    },
    Failed {
        reason: String,
    },
    Counters {
        paths: Vec<PathLine>,
        dropped: Vec<(String, u64)>,
        #[serde(skip)]
        end: End,
    },
}

/// Who counted: only a sender repeats packets, and looks after paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Sender,
    Receiver,
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
            Self::Failed => "has failed: the barrier did not come back, the other end is being told",
            Self::Down => "is down: the barrier did not come back and the other end takes nothing from it, other paths go on",
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
        end: End,
    ) -> Self {
        let lines = counters.iter().zip(Path::ALL);
        Self::Counters {
            paths: lines
                .map(|(counters, path)| PathLine { path: path_number(path), counters: *counters })
                .collect(),
            dropped: dropped.into_iter().map(|(reason, count)| (reason.to_string(), count)).collect(),
            end,
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
                write!(
                    f,
                    "calling over {}, {payload} bytes of payload a packet",
                    count(*paths as u64, "path")
                )
            }
            Self::Unanswered { time, addresses, give_up } => {
                let addresses = addresses.join(", ");
                write!(f, "{time:9.3} s  no answer yet from {addresses}: it is asked for {give_up} s")
            }
            Self::Accepted { time, window, payload } => {
                write!(f, "{time:9.3} s  accepted: up to {window} packets of {payload} bytes outstanding")
            }
            Self::Path { time, path, change } => write!(f, "{time:9.3} s  path {path} {change}"),
            Self::Stalled { time, path, seconds, payload } => write!(
                f,
                "{time:9.3} s  path {path} answers, but for {seconds:.0} s no packet with {payload} bytes of payload came through: if that \
                 goes on, try a smaller --payload"
            ),
            Self::LeftOut { time, path, seconds, payload } => write!(
                f,
                "{time:9.3} s  path {path} answers, but for {seconds:.0} s no packet with {payload} bytes of payload came through: it is \
                 left out, other paths go on"
            ),
            Self::ReceiverFull { time, seconds } => write!(
                f,
                "{time:9.3} s  the receiver's disk, or who reads its output, has taken nothing for {seconds:.0} s: waiting for it"
            ),
            Self::Done { bytes, seconds, rate, hash } => {
                write!(f, "{bytes} bytes in {seconds:.3} s, {rate:.1} MB/s")?;
                match hash {
                    Some(hash) => write!(f, ", the same at both ends: BLAKE3 {hash}"),
                    None => Ok(()),
                }
            }
            Self::Failed { reason } => write!(f, "failed: {reason}"),
            Self::Counters { paths, dropped, end } => {
                f.write_str(match end {
                    End::Sender => {
                        "          sent                  received\n\
                         path   packets        bytes   packets        bytes  repeated  barriers  changes"
                    }
                    End::Receiver => {
                        "          sent                  received\n\
                         path   packets        bytes   packets        bytes"
                    }
                })?;
                paths.iter().try_for_each(|line| line.write(f, *end))?;
                paths.iter().try_for_each(|line| line.write_complaints(f, *end))?;
                dropped.iter().try_for_each(|(reason, dropped)| {
                    write!(f, "\n{} dropped: {reason}", count(*dropped, "packet"))
                })
            }
        }
    }
}

impl PathLine {
    fn write(&self, f: &mut fmt::Formatter<'_>, end: End) -> fmt::Result {
        let Self { path, counters } = self;
        let PathCounters { sent_packets, sent_bytes, received_packets, received_bytes, .. } = counters;
        write!(f, "\n{path:4} {sent_packets:9} {sent_bytes:12} {received_packets:9} {received_bytes:12}")?;
        match end {
            End::Sender => {
                let PathCounters { repeated, barriers, changes, .. } = counters;
                write!(f, " {repeated:9} {barriers:9} {changes:8}")
            }
            End::Receiver => Ok(()),
        }
    }

    /// What is wrong with the path, if it is, and what can be done.
    fn write_complaints(&self, f: &mut fmt::Formatter<'_>, end: End) -> fmt::Result {
        let Self { path, counters } = self;
        if end == End::Sender && counters.sent_packets > 0 && counters.received_packets == 0 {
            write!(f, "\npath {path}: nothing has come back: does the other end listen on its address?")?;
        }
        if counters.unsent > 0 {
            let times = count(counters.unsent, "time");
            write!(
                f,
                "\npath {path}: {times} the system did not take what was to be sent: no route, no link, or refused"
            )?;
        }
        if counters.too_long > 0 {
            let times = count(counters.too_long, "time");
            write!(
                f,
                "\npath {path}: {times} packets were longer than the link carries: try a smaller --payload"
            )?;
        }
        Ok(())
    }
}

/// So many of them, in words.
pub(crate) fn count(number: u64, of: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {of}{plural}")
}
