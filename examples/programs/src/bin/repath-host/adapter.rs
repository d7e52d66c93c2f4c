//! Where the queue pairs are: in a table, or on an RDMA device.

use core::net::SocketAddr;

use clap::Args;
use ib_mad::Qpn;
use ib_mad::wire::PathRecord;
use programs::ProgramError;

/// Where the queue pairs are.
#[derive(Args, Debug)]
pub(super) struct AdapterOptions {
    /// Number of the first queue pair of the table
    #[arg(long, value_name = "NUMBER", default_value_t = 0x100)]
    first_number: u32,

    /// Real queue pairs of this RDMA port instead of a table, for example verbs:rxe0; each is connected to another repath-host's
    #[arg(long, value_name = "URL", requires = "meeting", conflicts_with = "first_number")]
    on: Option<String>,

    /// Connect them to the peers that listen at these addresses, one for each queue pair, in the same order
    #[arg(long, value_name = "ADDRESS", requires = "on", group = "meeting")]
    connect: Vec<SocketAddr>,

    /// Listen here for the peers instead, one after another
    #[arg(long, value_name = "ADDRESS", requires = "on", group = "meeting")]
    listen: Option<SocketAddr>,
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
    pub(super) fn manner(&self) -> Option<(String, usize)> {
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

/// The queue pairs.
#[derive(Debug)]
pub(super) enum Adapter {
    /// Rows, from this number on.
    Table(u32),
    /// Real ones.
    #[cfg(feature = "verbs")]
    Live(Vec<programs::live::LiveQueuePair>),
}

impl Adapter {
    /// Make `count` queue pairs. Real ones are connected to their peers' first.
    pub(super) fn open(options: &AdapterOptions, count: usize) -> Result<Self, ProgramError> {
        match &options.on {
            None => Ok(Self::Table(options.first_number)),
            #[cfg(feature = "verbs")]
            Some(url) => live::open(url, options, count).map(Self::Live),
            #[cfg(not(feature = "verbs"))]
            Some(_) => {
                let _ = (count, &options.connect, options.listen);
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
            Self::Live(queue_pairs) => Ok(queue_pairs[row].number()),
        }
    }

    /// Move the queue pair of a row to a record. That takes up to some seconds with a real one.
    pub(super) fn move_to(&mut self, row: usize, record: &PathRecord) -> Outcome {
        match self {
            Self::Table(_) => {
                let _ = (row, record);
                Outcome::Written
            }
            #[cfg(feature = "verbs")]
            Self::Live(queue_pairs) => {
                queue_pairs[row].move_to(record, live::LIMIT).map_or_else(Outcome::Failed, Outcome::Moved)
            }
        }
    }
}

#[cfg(feature = "verbs")]
mod live {
    use core::time::Duration;
    use std::net::TcpListener;

    use programs::ProgramError;
    use programs::live::{LiveQueuePair, Role};
    use transport::verbs::{Exchange, Port, VerbsError, VerbsName};

    use super::AdapterOptions;

    /// How long work under way may take to end, and a step of an exchange.
    pub(super) const LIMIT: Duration = Duration::from_secs(2);

    /// Connect `count` queue pairs on the port that `url` names.
    pub(super) fn open(
        url: &str,
        options: &AdapterOptions,
        count: usize,
    ) -> Result<Vec<LiveQueuePair>, ProgramError> {
        let name = url.parse::<VerbsName>().map_err(|error| ProgramError::Usage(format!("--on: {error}")))?;
        let failed = |error: VerbsError| ProgramError::Other(error.to_string());
        let port = Port::open(&name).map_err(failed)?;
        if let Some(address) = options.listen {
            let unusable = |source| transport::ChannelError::Bind { address, source };
            let listener = TcpListener::bind(address).map_err(unusable)?;
            let accept = |_| {
                let exchange = Exchange::accept(&listener, LIMIT)?;
                LiveQueuePair::connect(&port, exchange, Role::Listening)
            };
            return (0..count).map(accept).collect::<Result<_, _>>().map_err(failed);
        }
        if options.connect.len() != count {
            return Err(ProgramError::Usage(format!(
                "--connect is given {} times, and --queue-pair {count} times: give as many",
                options.connect.len()
            )));
        }
        let connect = |address| {
            let exchange = Exchange::connect(address, LIMIT)?;
            LiveQueuePair::connect(&port, exchange, Role::Connecting)
        };
        options.connect.iter().copied().map(connect).collect::<Result<_, _>>().map_err(failed)
    }
}
