//! The command line.

use core::net::{IpAddr, SocketAddr};
use core::str::FromStr;
use core::time::Duration;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use programs::ProgramError;
use transport::{Clock, DelayRange, Impairment, PathOutage};

use crate::report::count;

/// Heading of the options that make a bad network.
const BAD_NETWORK: &str = "A bad network, made at this end on purpose";

/// Carry a file over up to four paths that fail and return, exactly once and in order
#[derive(Debug, Parser)]
#[command(name = "multipath", version)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Print one JSON object a line
    #[arg(long, global = true, display_order = 100)]
    pub(crate) json: bool,

    /// Lose datagrams on purpose, sent and received: a probability from 0 to 1
    #[arg(long, global = true, value_name = "PROBABILITY", default_value_t = 0.0, value_parser = probability, help_heading = BAD_NETWORK)]
    drop: f64,

    /// Delay each datagram that is sent: 5ms, or 5ms-20ms, which also changes their order
    #[arg(long, global = true, value_name = "TIME", help_heading = BAD_NETWORK)]
    delay: Option<DelayRange>,

    /// Kill a path at this end, counted from 1: 2@3s, or 2@3s-5s if it returns
    #[arg(long, global = true, value_name = "PATH@FROM[-TO]", help_heading = BAD_NETWORK)]
    kill_path: Vec<PathOutage>,

    /// Seed of what --drop and --delay choose; without it each run differs
    #[arg(long, global = true, value_name = "NUMBER", value_parser = seed, help_heading = BAD_NETWORK)]
    seed: Option<u64>,

    /// How long nothing may come from the other end before the transfer is given up
    #[arg(long, global = true, display_order = 101, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub(crate) give_up: Duration,

    /// How long not to sleep before a deadline, and while the other end of a path is to answer at once: faster failover for some
    /// processor time
    ///
    /// A failover does not wait for a sleeping processor to wake up then, some 50 to 200 microseconds each time. It costs as much of
    /// a processor's time each time that a path does not answer, and a few times a second while one is down.
    #[arg(long, global = true, display_order = 102, value_name = "MICROSECONDS", default_value = "200", value_parser = microseconds)]
    busy_wait: Duration,

    /// What to log on standard error: error, warn, info, debug, trace, or a filter like transport=debug
    #[arg(long, global = true, display_order = 103, value_name = "FILTER", default_value = "warn")]
    pub(crate) log: String,
}

impl Common {
    /// What is done to datagrams on purpose.
    pub(crate) fn impairment(&self) -> Impairment {
        Impairment {
            drop: self.drop,
            delay: self.delay.unwrap_or_default(),
            outages: self.kill_path.clone(),
            seed: self.seed(),
        }
    }

    /// Look whether each path that is to be killed is one of so many.
    ///
    /// # Errors
    /// Names the one that is not.
    pub(crate) fn check_kill_path(&self, paths: usize) -> Result<(), ProgramError> {
        match self.kill_path.iter().find(|outage| outage.path >= paths) {
            None => Ok(()),
            Some(outage) => {
                let (number, paths) = (outage.path + 1, count(paths as u64, "path"));
                Err(ProgramError::Usage(format!(
                    "--kill-path {number}@...: there is no path {number}, but {paths}"
                )))
            }
        }
    }

    /// What an end of the program goes by.
    pub(crate) fn clock(&self) -> Clock {
        Clock::start().busy_waiting(self.busy_wait)
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or_else(programs::random_u64)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Receive files, one after another
    Recv(Recv),
    /// Send a file
    Send(Send),
    /// Measure how fast this machine sends to itself
    Bench(Bench),
}

#[derive(Debug, Args)]
pub(crate) struct Recv {
    /// Addresses to receive on: IP:PORT, up to four
    #[arg(long, required = true, value_name = "ADDRESS", value_delimiter = ',', num_args = 1..=4)]
    pub(crate) listen: Vec<ListenAddress>,

    /// Where to write: a file, which is replaced, or - for standard output. Without it the sender's name for the file, in this
    /// folder, unless there is such a file. Until all of it is there, a file has .part behind its name
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// End after one transfer, with its outcome as exit code
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Send {
    /// A path: `local=IP[:PORT],remote=IP:PORT`; one to four of them
    #[arg(long = "path", required = true, value_name = "local=IP[:PORT],remote=IP:PORT")]
    pub(crate) paths: Vec<PathAddresses>,

    #[command(flatten)]
    pub(crate) shape: Shape,

    /// How long an acknowledgement may take before its path is questioned
    #[arg(long, value_name = "MILLISECONDS", default_value = "50", value_parser = milliseconds)]
    pub(crate) timeout: Duration,

    /// How often a bad path is tried again
    #[arg(long, value_name = "MILLISECONDS", default_value = "500", value_parser = milliseconds)]
    pub(crate) probe: Duration,

    /// The file, or - for standard input
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Shape {
    /// Payload of a packet; without it as much as the path carries on this machine, and as Ethernet carries elsewhere
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(1..=i64::from(multipath::wire::MAX_JUMBO_PAYLOAD)))]
    pub(crate) payload: Option<u16>,

    /// Write blocks over all paths at once, in no order, instead of sending them in order over one
    #[arg(long)]
    pub(crate) unordered: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Bench {
    #[command(flatten)]
    pub(crate) shape: Shape,

    /// Mebibytes to send
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    pub(crate) size: u64,

    /// Number of paths
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    pub(crate) paths: u8,
}

/// An address of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListenAddress(pub(crate) SocketAddr);

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = text.parse().map(Self);
        address.map_err(|_| "write IP:PORT, for example 192.0.2.2:7700 or [2001:db8::2]:7700".into())
    }
}

/// The two ends of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PathAddresses {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
}

impl FromStr for PathAddresses {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut local, mut remote) = (None, None);
        for part in text.split(',') {
            match part.split_once('=') {
                Some((end @ "local", _)) if local.is_some() => return Err(twice(end)),
                Some((end @ "remote", _)) if remote.is_some() => return Err(twice(end)),
                Some(("local", address)) => {
                    let any_port = |ip: IpAddr| SocketAddr::new(ip, 0);
                    let address = address.parse().or_else(|_| address.parse().map(any_port));
                    local =
                        Some(address.map_err(|_| format!("\"{part}\": write local=IP or local=IP:PORT"))?);
                }
                Some(("remote", address)) => {
                    let address = address.parse::<SocketAddr>().ok().filter(|address| address.port() != 0);
                    let address = address.ok_or_else(|| format!("\"{part}\": write remote=IP:PORT"))?;
                    if !is_of_one_machine(address.ip()) {
                        return Err(format!("\"{part}\": this is not the address of one machine"));
                    }
                    remote = Some(address);
                }
                _ => return Err(format!("\"{part}\" is neither local=IP[:PORT] nor remote=IP:PORT")),
            }
        }
        match (local, remote) {
            (Some(local), Some(remote)) if local.is_ipv4() == remote.is_ipv4() => Ok(Self { local, remote }),
            (Some(_), Some(_)) => Err("one end is an IPv4 address, the other IPv6".into()),
            _ => Err("a path has two ends: write local=IP[:PORT],remote=IP:PORT".into()),
        }
    }
}

fn twice(end: &str) -> String {
    format!("{end} stands there twice: each path has a --path of its own")
}

fn is_of_one_machine(address: IpAddr) -> bool {
    let is_broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    !address.is_unspecified() && !address.is_multicast() && !is_broadcast
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "a whole number from 0 to 18446744073709551615".into())
}

fn probability(text: &str) -> Result<f64, String> {
    let value = text.parse::<f64>().ok().filter(|value| (0.0..=1.0).contains(value));
    value.ok_or_else(|| {
        "a probability is a number from 0 to 1, such as 0.01 for one datagram in a hundred".into()
    })
}

fn seconds(text: &str) -> Result<Duration, String> {
    let value = text.parse::<f64>().ok().filter(|value| (0.1..=86_400.0).contains(value));
    value.map(Duration::from_secs_f64).ok_or_else(|| "a number of seconds from 0.1 to 86400".into())
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    let value = text.parse::<u64>().ok().filter(|value| (1..=60_000).contains(value));
    value.map(Duration::from_millis).ok_or_else(|| "a number of milliseconds from 1 to 60000".into())
}

fn microseconds(text: &str) -> Result<Duration, String> {
    let value = text.parse::<u64>().ok().filter(|value| *value <= 10_000);
    value.map(Duration::from_micros).ok_or_else(|| "a number of microseconds from 0 to 10000".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In virtual time, in which the clock stands still.
    #[tokio::test(start_paused = true)]
    async fn the_clock_knows_how_long_not_to_sleep() {
        for (arguments, busy) in [(&["bench"][..], 200), (&["bench", "--busy-wait", "300"], 300)] {
            let arguments = [&["multipath"], arguments].concat();
            let options = Options::try_parse_from(arguments).unwrap();
            assert_eq!(options.common.clock().expects(), Duration::from_micros(busy));
        }
    }
}
