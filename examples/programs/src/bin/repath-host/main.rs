//! One host's agent: subscribes to RePath, and after each one moves its queue pairs to their latest path records.

#![allow(clippy::std_instead_of_alloc)]

mod adapter;
mod events;

use std::process::ExitCode;

use clap::Parser;
use ib_mad::wire::PathRecord;
use ib_mad::{Gid, Qpn};
use programs::{
    Agent, CommonOptions, Moment, Output, PortName, ProgramError, Session, find_nodes, random_u32,
    statistics, trap_signal_port,
};
use trap_signal::host::{HostAgent, HostConfig, HostEvent, PathId, QueuePair};

use adapter::{Adapter, AdapterOptions, Outcome};

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
    let mut adapter = Adapter::open(&options.adapter, options.queue_pairs.len())?;
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

    let mut agent = Agent::new(agent);
    let mut state = State { subscribed: false, ready: false };
    loop {
        match session.next(&mut agent).await? {
            Moment::End => break,
            Moment::Reregister => agent.machine.handle_client_reregister(session.now()),
            Moment::Port(port) => agent.machine.handle_port(session.now(), trap_signal_port(&port)),
            Moment::Event(event) => {
                state.tell(&output, &agent.machine, &rows, &event)?;
                match event {
                    HostEvent::Reconfigure(reconfiguration) => {
                        let id = reconfiguration.id;
                        let outcome = move_to(&mut adapter, &rows, id.queue_pair, &reconfiguration.new);
                        agent.machine.reconfigured(session.now(), id, outcome.has_moved());
                        output.event(&events::reconfigured(&rows, &reconfiguration, &outcome), || {
                            events::reconfigured_text(&rows, &reconfiguration, &outcome)
                        })?;
                    }
                    // Its first record: until now it was on the way that it was connected on.
                    HostEvent::Resolved { queue_pair, record } => {
                        let outcome = move_to(&mut adapter, &rows, queue_pair, &record);
                        if let Some(object) = events::not_moved(queue_pair, &outcome) {
                            output.event(&object, || events::not_moved_text(queue_pair, &outcome))?;
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    session.flush(&mut agent).await?;
    let tally = statistics(session.driver().tally());
    output.print(&tally)
}

fn move_to(adapter: &mut Adapter, rows: &[Row], number: Qpn, record: &PathRecord) -> Outcome {
    let row = rows.iter().position(|row| row.number == number);
    row.map_or(Outcome::Written, |row| adapter.move_to(row, record))
}

/// How far the agent has come.
struct State {
    subscribed: bool,
    ready: bool,
}

impl State {
    fn tell(
        &mut self,
        output: &Output,
        agent: &HostAgent,
        rows: &[Row],
        event: &HostEvent,
    ) -> Result<(), ProgramError> {
        match event {
            HostEvent::Subscribed => self.subscribed = true,
            HostEvent::UpToDate { .. } if self.subscribed && !self.ready => {
                self.ready = true;
                let ready = events::ready(agent, rows);
                return output.event(&ready, || events::ready_text(agent, rows));
            }
            _ => {}
        }
        match events::object(rows, event) {
            Some(object) => output.event(&object, || events::text(rows, event)),
            None => Ok(()),
        }
    }
}
