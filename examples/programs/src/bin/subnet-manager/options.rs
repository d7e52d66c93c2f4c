use core::net::SocketAddr;
use core::time::Duration;
use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use ib_mad::{Guid, Lid, MKey, SmKey};
use programs::{CommonOptions, ProgramError};
use subnet_manager::administration::AdministrationState;
use subnet_manager::subnet::Partitions;
use subnet_manager::{QueueLimits, RoutingEngine, Settings};

use crate::partition_file;

/// Manage the subnet behind a port: find it, give out LIDs, route it without deadlocks, and route it anew when links fail
///
/// Prints what happens, one line an event. Ctrl-C ends it; the subnet goes on as it is.
#[derive(Parser, Debug)]
#[command(name = "subnet-manager", version)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) common: CommonOptions,

    /// How packets are routed
    #[arg(long, value_enum, default_value_t = Routing::Lash)]
    routing: Routing,

    /// Priority among managers: the highest is the master
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=15))]
    priority: u8,

    /// Keep the ports' LIDs in this file, so that they are the same after a restart
    #[arg(long, value_name = "FILE")]
    pub(crate) lids: Option<PathBuf>,

    /// Keep in this file what nodes have registered (subscriptions, multicast groups, services), so that it counts after a restart
    #[arg(long, value_name = "FILE")]
    pub(crate) registrations: Option<PathBuf>,

    /// Give each port of an adapter two to the power of this LIDs
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=7))]
    lmc: u8,

    /// Partitions: a line for each, its number and its members, like `0x0005 0x2c90300a1b2c3=full all=limited`
    #[arg(long, value_name = "FILE")]
    partitions: Option<PathBuf>,

    /// Key that protects the settings of every port
    #[arg(long, value_name = "KEY", value_parser = number, env = "FABRIC_M_KEY", hide_env_values = true)]
    m_key: Option<u64>,

    /// Key by which subnet administration tells whom it trusts
    #[arg(long, value_name = "KEY", value_parser = number, default_value = "1", hide_default_value = true, env = "FABRIC_SM_KEY", hide_env_values = true)]
    sm_key: u64,

    /// Serve metrics for Prometheus at this address, for example 127.0.0.1:9400
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics: Option<SocketAddr>,

    /// Write what the manager knows of the subnet to this file, as JSON, whenever the subnet has come up
    #[arg(long, value_name = "FILE")]
    pub(crate) dump: Option<PathBuf>,

    /// Seconds between two looks at the switches
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    sweep_interval: Duration,

    /// Seconds between two questions of a standby to its master
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    polling_interval: Duration,

    /// Questions without an answer after which a standby takes over
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..))]
    polling_retries: u8,

    /// Requests in flight
    #[arg(long, value_name = "NUMBER", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    window: u16,

    /// Requests in flight to one node
    #[arg(long, value_name = "NUMBER", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=4096))]
    per_node: u16,

    /// Seconds to wait for an answer before a request is repeated
    #[arg(long, value_name = "SECONDS", default_value = "0.2", value_parser = seconds)]
    timeout: Duration,

    /// How often a request is repeated
    #[arg(long, value_name = "NUMBER", default_value_t = 3)]
    retries: u8,
}

/// How packets are routed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Routing {
    /// Shortest paths, on as many virtual lanes as it takes that no deadlock is possible
    Lash,
    /// Shortest paths; in a topology with rings they can deadlock
    MinHop,
    /// Up towards a root, then down: no deadlock, with detours
    UpDown,
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>().map(Duration::try_from_secs_f64) {
        Ok(Ok(duration)) if (0.001..=3600.0).contains(&duration.as_secs_f64()) => Ok(duration),
        _ => Err("a number of seconds from 0.001 to 3600, like 2.5".into()),
    }
}

/// Decimal, or hexadecimal after `0x`.
pub(crate) fn number(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| "a number, like 7 or 0x7".into())
}

impl Options {
    pub(crate) fn partitions(&self) -> Result<Partitions, ProgramError> {
        self.partitions.as_ref().map_or_else(|| Ok(Partitions::default()), |path| partition_file::read(path))
    }

    pub(crate) fn settings(
        &self,
        port: Guid,
        first_id: u32,
        known_lids: BTreeMap<Guid, Lid>,
        registrations: AdministrationState,
        partitions: Partitions,
    ) -> Settings {
        Settings {
            priority: self.priority,
            sm_key: SmKey(self.sm_key),
            m_key: MKey(self.m_key.unwrap_or(0)),
            routing: match self.routing {
                Routing::Lash => RoutingEngine::Lash,
                Routing::MinHop => RoutingEngine::MinHop,
                Routing::UpDown => RoutingEngine::UpDown,
            },
            lmc: self.lmc,
            partitions,
            known_lids,
            registrations,
            requests: QueueLimits {
                window: self.window,
                per_node: self.per_node,
                timeout: self.timeout,
                retries: self.retries,
            },
            light_sweep_interval: self.sweep_interval,
            polling_interval: self.polling_interval,
            polling_retries: self.polling_retries,
            ..Settings::new(port, first_id)
        }
    }
}
