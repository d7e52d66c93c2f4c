//! One host's agent: subscribes to RePath, and after each one moves its queue pairs to their latest path records.

// A program reads clocks, and needs the standard library anyway.
#![allow(clippy::disallowed_methods, clippy::std_instead_of_alloc)]

mod adapter;
mod events;
#[cfg(feature = "verbs")]
mod movers;

use core::time::Duration;
use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::Parser;
use ib_mad::{Gid, Qpn};
use programs::{
    Agent, CommonOptions, Moment, Next, Output, PortName, ProgramError, Session, find_nodes, random_u32,
    statistics, trap_signal_port,
};
use trap_signal::host::{HostAgent, HostConfig, HostEvent, PathId, QueuePair};

use adapter::{Adapter, AdapterOptions, Move, News};

/// Subscribe to RePath, and after each one move queue pairs to their latest path records
///
/// The queue pairs are a table, one to each peer named; with --on, real ones of an RDMA port, which are moved while they work.
#[derive(Parser, Debug)]
#[command(name = "repath-host", version)]
struct Options {
    #[command(flatten)]
    common: CommonOptions,

    /// A queue pair to this peer: a node's name, a LID, a port GUID (0x…) or a GID; once for each
    #[arg(long = "queue-pair", value_name = "PEER", required = true)]
    queue_pairs: Vec<PortName>,

    #[command(flatten)]
    adapter: AdapterOptions,
}

fn main() -> ExitCode {
    programs::run(|options: &Options| &options.common.log, host)
}

/// A row of the table, as it is named in the output.
struct Row {
    number: Qpn,
    peer: String,
    path: PathId,
}

async fn host(options: Options) -> Result<(), ProgramError> {
    let output = Output::new(options.common.json);
    let adapter = Adapter::open(&options.adapter, options.queue_pairs.len())?;
    let mut session = Session::open(&options.common).await?;
    let Some(port) = session.configured_port().await? else { return Ok(()) };
    let nodes = find_nodes(&mut session, &port, &options.queue_pairs).await?;

    let mut agent = HostAgent::new(HostConfig::new(random_u32()));
    let mut rows = Vec::new();
    for (row, node) in nodes.iter().enumerate() {
        let number = adapter.number(row)?;
        let path = PathId::to(Gid::new(port.gid.prefix(), node.node_info.port_guid));
        agent
            .add_queue_pair(QueuePair { number, path, record: None })
            .map_err(|error| ProgramError::Usage(error.to_string()))?;
        rows.push(Row { number, peer: node.node_description.text().to_owned(), path });
    }
    agent.handle_port(session.now(), trap_signal_port(&port));

    let mut host = Host { agent: Agent::new(agent), adapter, rows, output, progress: Progress::default() };
    loop {
        match session.next_or(&mut host.agent, host.adapter.news()).await? {
            Next::Moment(Moment::End) => break,
            Next::Moment(Moment::Reregister) => host.agent.machine.handle_client_reregister(session.now()),
            Next::Moment(Moment::Port(port)) => {
                host.agent.machine.handle_port(session.now(), trap_signal_port(&port));
            }
            Next::Moment(Moment::Event(event)) => host.hear(session.now(), event)?,
            Next::Own(news) => host.learn(session.now(), news)?,
        }
    }
    session.flush(&mut host.agent).await?;
    for traffic in host.adapter.traffic() {
        output
            .event(&events::traffic(&host.rows, &traffic), || events::traffic_text(&host.rows, &traffic))?;
    }
    let tally = statistics(session.driver().tally());
    output.print(&tally)
}

/// The agent, and the queue pairs that it has moved.
struct Host {
    agent: Agent,
    adapter: Adapter,
    rows: Vec<Row>,
    output: Output,
    progress: Progress,
}

/// How far they have come.
#[derive(Default)]
struct Progress {
    subscribed: bool,
    ready: bool,
    /// Queue pairs that are being moved. Those to their first record the agent takes for moved already.
    on_the_way: BTreeSet<Qpn>,
    /// What the agent said meanwhile.
    up_to_date: Option<HostEvent>,
}

impl Host {
    /// The agent has something to tell, or something to be done.
    fn hear(&mut self, now: Duration, event: HostEvent) -> Result<(), ProgramError> {
        match event {
            HostEvent::Reconfigure(reconfiguration) => self.begin(now, Move::Next(Box::new(reconfiguration))),
            HostEvent::Resolved { queue_pair, record } => {
                self.begin(now, Move::First(queue_pair, Box::new(record)))
            }
            HostEvent::UpToDate { .. } => {
                self.progress.up_to_date = Some(event);
                self.tell_when_up_to_date()
            }
            event => {
                self.progress.subscribed |= event == HostEvent::Subscribed;
                self.tell(&event)
            }
        }
    }

    fn begin(&mut self, now: Duration, to: Move) -> Result<(), ProgramError> {
        self.progress.on_the_way.insert(to.queue_pair());
        match self.adapter.begin(to) {
            Some(news) => self.learn(now, news),
            None => Ok(()),
        }
    }

    /// A queue pair was moved, or could not be.
    fn learn(&mut self, now: Duration, news: News) -> Result<(), ProgramError> {
        match news {
            News::Moved(Move::First(queue_pair, _), outcome) => {
                let Some(object) = events::not_moved(queue_pair, &outcome) else {
                    self.progress.on_the_way.remove(&queue_pair);
                    return self.tell_when_up_to_date();
                };
                // Its thread tries again.
                self.output.event(&object, || events::not_moved_text(queue_pair, &outcome))
            }
            News::Moved(Move::Next(to), outcome) => {
                // The agent tries again.
                self.agent.machine.reconfigured(now, to.id, outcome.has_moved());
                let object = events::reconfigured(&self.rows, &to, &outcome);
                self.output.event(&object, || events::reconfigured_text(&self.rows, &to, &outcome))?;
                self.progress.on_the_way.remove(&to.id.queue_pair);
                self.tell_when_up_to_date()
            }
            #[cfg(feature = "verbs")]
            News::Broken(queue_pair, error) => {
                let object = events::broken(queue_pair, &error);
                self.output.event(&object, || events::broken_text(&error))
            }
        }
    }

    fn tell_when_up_to_date(&mut self) -> Result<(), ProgramError> {
        if !self.progress.on_the_way.is_empty() {
            return Ok(());
        }
        let Some(event) = self.progress.up_to_date.take() else { return Ok(()) };
        if self.progress.subscribed && !self.progress.ready {
            self.progress.ready = true;
            let (agent, rows) = (&self.agent.machine, &self.rows);
            return self.output.event(&events::ready(agent, rows), || events::ready_text(agent, rows));
        }
        self.tell(&event)
    }

    fn tell(&self, event: &HostEvent) -> Result<(), ProgramError> {
        match events::object(&self.rows, event) {
            Some(object) => self.output.event(&object, || events::text(&self.rows, event)),
            None => Ok(()),
        }
    }
}
