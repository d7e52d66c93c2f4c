//! Where the queue pairs are: in a table, or on an RDMA device.

use core::net::SocketAddr;
use core::time::Duration;

use clap::Args;
use ib_mad::Qpn;
use ib_mad::wire::PathRecord;
use programs::ProgramError;
use trap_signal::host::Reconfiguration;

#[cfg(feature = "verbs")]
use super::movers::{self, Movers};

/// Where the queue pairs are.
#[derive(Args, Debug)]
pub(super) struct AdapterOptions {
    /// Number of the first queue pair of the table
    #[arg(long, value_name = "NUMBER", default_value_t = 0x100)]
    first_number: u32,

    /// Real queue pairs of this RDMA port instead of a table, for example verbs:rxe0; each is connected to another repath-host's
    #[arg(long, value_name = "URL", requires = "meeting", conflicts_with = "first_number")]
    pub(super) on: Option<String>,

    /// Connect them to the peers that listen at these addresses, one for each queue pair, in the same order
    #[arg(long, value_name = "ADDRESS", requires = "on", group = "meeting")]
    pub(super) connect: Vec<SocketAddr>,

    /// Listen here for the peers instead, one after another
    #[arg(long, value_name = "ADDRESS", requires = "on", group = "meeting")]
    pub(super) listen: Option<SocketAddr>,

    /// Write to the peers' memory all the time, and tell in the end what became of it
    #[arg(long, requires = "on")]
    pub(super) traffic: bool,

    /// Seconds that work under way may take to end when a queue pair is moved, before both ends are reset
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds, requires = "on")]
    pub(super) drain: Duration,

    /// How often a packet is sent again that is not acknowledged; 7 may mean for ever (it does on soft-RoCE)
    #[arg(long, value_name = "TIMES", default_value_t = 6, value_parser = clap::value_parser!(u8).range(0..=7), requires = "on")]
    pub(super) retries: u8,
}

/// More than nothing, and no more than an hour.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0 && *seconds <= 3600.0);
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "write seconds, up to 3600, like 2 or 0.5".into())
}

/// What a queue pair is moved for.
#[derive(Clone, Debug)]
pub(super) enum Move {
    /// Its first record: until then it is on the way that it was connected on.
    First(Qpn, Box<PathRecord>),
    /// Another record than the one that it is on.
    Next(Box<Reconfiguration>),
}

impl Move {
    pub(super) const fn queue_pair(&self) -> Qpn {
        match self {
            Self::First(queue_pair, _) => *queue_pair,
            Self::Next(reconfiguration) => reconfiguration.id.queue_pair,
        }
    }

    #[cfg_attr(not(feature = "verbs"), expect(dead_code, reason = "a table takes any record"))]
    pub(super) const fn record(&self) -> &PathRecord {
        match self {
            Self::First(_, record) => record,
            Self::Next(reconfiguration) => &reconfiguration.new,
        }
    }
}

/// How a queue pair was moved.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A row of a table has the new record as soon as it is written there.
    Written,
    /// A real one: how, and how much work was lost.
    #[cfg(feature = "verbs")]
    Moved(programs::live::Moved),
    /// It could not be; it is tried again later.
    #[cfg(feature = "verbs")]
    Failed(transport::verbs::VerbsError),
}

impl Outcome {
    /// Whether it is on the new record.
    pub(super) const fn has_moved(&self) -> bool {
        match self {
            Self::Written => true,
            #[cfg(feature = "verbs")]
            Self::Moved(_) => true,
            #[cfg(feature = "verbs")]
            Self::Failed(_) => false,
        }
    }

    /// Of a real queue pair, how it was moved and how much work was lost.
    pub(super) fn manner(&self) -> Option<(String, u64)> {
        match self {
            #[cfg(feature = "verbs")]
            Self::Moved(moved) => Some((moved.by.to_string(), moved.lost)),
            _ => None,
        }
    }

    /// Why it could not be moved.
    pub(super) fn failure(&self) -> Option<String> {
        match self {
            #[cfg(feature = "verbs")]
            Self::Failed(error) => Some(error.to_string()),
            _ => None,
        }
    }
}

/// What is told of real queue pairs.
#[derive(Debug)]
pub(super) enum News {
    /// What became of a move.
    Moved(Move, Outcome),
    /// A write of the traffic has failed: none succeeds any more until the queue pair is moved.
    #[cfg(feature = "verbs")]
    Broken(Qpn, transport::verbs::VerbsError),
}

/// What became of the traffic on a queue pair.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traffic {
    pub(super) queue_pair: Qpn,
    pub(super) written: u64,
    pub(super) lost: u64,
}

/// The queue pairs.
#[derive(Debug)]
pub(super) enum Adapter {
    /// Rows, from this number on.
    Table(u32),
    /// Real ones.
    #[cfg(feature = "verbs")]
    Live(Movers),
}

impl Adapter {
    /// Make `count` queue pairs. Real ones are connected to their peers' first.
    pub(super) fn open(options: &AdapterOptions, count: usize) -> Result<Self, ProgramError> {
        match &options.on {
            None => Ok(Self::Table(options.first_number)),
            #[cfg(feature = "verbs")]
            Some(url) => movers::open(url, options, count).map(Self::Live),
            #[cfg(not(feature = "verbs"))]
            Some(_) => {
                let _ = count;
                Err(ProgramError::Other(
                    "--on: this program was built without RDMA: build it with `cargo build -p fabric-ha-programs --features \
                     verbs`"
                        .into(),
                ))
            }
        }
    }

    /// The number of the queue pair of this row.
    pub(super) fn number(&self, row: usize) -> Result<Qpn, ProgramError> {
        match self {
            Self::Table(first) => {
                let number = u32::try_from(row).ok().and_then(|row| first.checked_add(row));
                number.and_then(Qpn::new).ok_or_else(|| {
                    ProgramError::Usage(format!(
                        "--first-number: a queue pair {row} after {first} has more than 24 bits"
                    ))
                })
            }
            #[cfg(feature = "verbs")]
            Self::Live(movers) => Ok(movers.number(row)),
        }
    }

    /// Begin to move a queue pair. What is done at once is returned; of the others [`news`](Self::news) tells.
    pub(super) fn begin(&mut self, to: Move) -> Option<News> {
        match self {
            Self::Table(_) => Some(News::Moved(to, Outcome::Written)),
            #[cfg(feature = "verbs")]
            Self::Live(movers) => {
                movers.begin(to);
                None
            }
        }
    }

    /// The next news of a real queue pair. Dropping the future loses none.
    pub(super) async fn news(&mut self) -> News {
        match self {
            Self::Table(_) => core::future::pending().await,
            #[cfg(feature = "verbs")]
            Self::Live(movers) => movers.news().await,
        }
    }

    /// What became of the traffic so far, for each queue pair that has some.
    pub(super) fn traffic(&self) -> Vec<Traffic> {
        match self {
            Self::Table(_) => Vec::new(),
            #[cfg(feature = "verbs")]
            Self::Live(movers) => movers.traffic().collect(),
        }
    }
}
