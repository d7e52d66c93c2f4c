//! Beside a subnet manager: watches the subnet, finds which path records a fault changed, and signals RePath.

#![allow(clippy::std_instead_of_alloc)]

mod events;

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use clap::Parser;
use ib_mad::Guid;
use programs::{
    CommonOptions, Moment, Output, PortName, ProgramError, Session, Watch, find_nodes, random_u32,
    statistics, trap_signal_port,
};
use trap_signal::SignallingMethod;
use trap_signal::watch::{Watcher, WatcherConfig};

/// Watch a subnet from beside its manager, and signal RePath when path records change
///
/// The manager forwards the trap to every host that subscribed to it.
#[derive(Parser, Debug)]
#[command(name = "repathd", version)]
struct Options {
    #[command(flatten)]
    common: CommonOptions,

    /// Who is signalled: hybrid (only when a path record changed) or wildcard (after every topology event)
    #[arg(long, default_value_t)]
    method: SignallingMethod,

    /// Read path records again and again for so many seconds after the last topology event: longer than the manager
    /// takes to route around a fault
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    settle: Duration,

    /// Read path records when nothing was reported for so many seconds, since a report can get lost on the link that
    /// failed
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    idle: Duration,

    /// Milliseconds between the first two readings after an event; the distance doubles from one to the next
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    interval: u64,

    /// Read paths only between these ports (a node's name, a LID, a port GUID or a GID) instead of between all hosts
    #[arg(long, value_name = "PORT")]
    only: Vec<PortName>,

    /// Path records to keep at most
    #[arg(long, value_name = "NUMBER", default_value_t = 4_000_000)]
    records: usize,

    /// Changes to list of one comparison at most
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    changes: usize,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let text = text.strip_suffix('s').unwrap_or(text);
    match text.parse::<f64>().map(Duration::try_from_secs_f64) {
        Ok(Ok(duration)) if duration <= Duration::from_secs(3600) => Ok(duration),
        _ => Err("a number of seconds from 0 to 3600, like 2.5".into()),
    }
}

fn main() -> ExitCode {
    programs::run(|options: &Options| &options.common.log, watch)
}

async fn watch(options: Options) -> Result<(), ProgramError> {
    let output = Output::new(options.common.json);
    let mut session = Session::open(&options.common).await?;
    let Some(port) = session.configured_port().await? else { return Ok(()) };
    let mut config = WatcherConfig::new(options.method, random_u32());
    config.settle = options.settle;
    config.idle = options.idle.max(Duration::from_secs(1));
    config.first_interval = Duration::from_millis(options.interval);
    config.records = options.records;
    if !options.only.is_empty() {
        let nodes = find_nodes(&mut session, &port, &options.only).await?;
        config.ports = Some(nodes.iter().map(|node| node.node_info.port_guid).collect::<BTreeSet<Guid>>());
    }

    let mut watcher = Watcher::new(config);
    watcher.handle_port(session.now(), trap_signal_port(&port));
    let mut watcher = Watch::new(watcher);
    loop {
        match session.next(&mut watcher).await? {
            Moment::End => break,
            Moment::Reregister => watcher.machine.handle_client_reregister(session.now()),
            Moment::Port(port) => watcher.machine.handle_port(session.now(), trap_signal_port(&port)),
            Moment::Event(event) => {
                let names: BTreeMap<Guid, &str> = watcher
                    .machine
                    .ports()
                    .iter()
                    .map(|port| (port.port_guid, port.description.text()))
                    .collect();
                if let Some(object) = events::object(&event, &names, options.changes) {
                    output.event(&object, || events::text(&event))?;
                }
            }
        }
    }
    session.flush(&mut watcher).await?;
    let tally = statistics(session.driver().tally());
    output.print(&tally)
}
