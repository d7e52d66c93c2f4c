//! saq: asks the subnet administration of a live fabric.

#![forbid(unsafe_code)]
#![allow(clippy::std_instead_of_alloc)]

mod ask;
mod decode;
mod list_ports;
mod watch;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use ib_mad::{Guid, Lid};
use programs::{CommonOptions, Output, PortLine, PortName, ProgramError, Session, run};

use self::ask::Asker;

/// Ask the subnet administration of an InfiniBand fabric for records
#[derive(Debug, Parser)]
#[command(name = "saq", version)]
struct Options {
    #[command(flatten)]
    common: CommonOptions,
    /// List the ports of this machine, for --port umad:DEVICE/PORT; alone, or with --json
    #[arg(long)]
    list_ports: bool,
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// The path from one port to another
    Path {
        /// Where it starts: LID, GID, port GUID or node description; without it, this port
        #[arg(long, value_name = "PORT")]
        from: Option<PortName>,
        /// Where it ends: LID, GID, port GUID or node description
        #[arg(long, value_name = "PORT")]
        to: PortName,
    },
    /// One node
    Node(NodeChoice),
    /// Every port that has a LID, found LID by LID
    Nodes,
    /// The paths between all hosts, asked pair by pair
    Paths,
    /// This port, and who manages it
    Port,
    /// Print the datagrams of a capture, or of a dump in hexadecimal; needs no --port
    Decode(decode::DecodeOptions),
    /// Subscribe, and print every trap that is reported
    Watch(watch::WatchOptions),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct NodeChoice {
    /// The node with this LID
    #[arg(long, value_parser = parse_lid)]
    lid: Option<Lid>,
    /// The node whose port, or which itself, has this GUID
    #[arg(long, value_parser = parse_guid)]
    guid: Option<Guid>,
    /// The node with this description
    #[arg(long)]
    name: Option<String>,
}

fn main() -> ExitCode {
    if let Some((options, json)) = decode::asked_for() {
        return decode::run(&options, json);
    }
    if list_ports::is_asked_for() {
        return list_ports::run();
    }
    run(|options: &Options| &options.common, answer)
}

async fn answer(options: Options) -> Result<(), ProgramError> {
    let output = Output::new(options.common.json);
    let mut session = Session::open(&options.common).await?;
    let port = session.driver().port().await?;
    if let Question::Port = options.question {
        return output.print(&PortLine::from(&port));
    }
    if !port.is_configured() {
        return Err(ProgramError::NoSubnetManager);
    }
    let mut asker = Asker { session, port, output };
    match options.question {
        Question::Path { from, to } => asker.path(from, to).await,
        Question::Node(NodeChoice { lid: Some(lid), .. }) => asker.node_at(lid).await,
        Question::Node(NodeChoice { guid: Some(guid), .. }) => asker.node_with(guid).await,
        Question::Node(NodeChoice { name, .. }) => asker.node_named(&name.unwrap_or_default()).await,
        Question::Nodes => asker.nodes().await,
        Question::Paths => asker.paths().await,
        Question::Watch(watch) => watch::watch(&mut asker, &watch).await,
        Question::Port | Question::Decode(_) => Ok(()),
    }
}

fn parse_lid(text: &str) -> Result<Lid, &'static str> {
    match text.parse().map(Lid) {
        Ok(lid) if lid.is_unicast() => Ok(lid),
        _ => Err("a port's LID is a number from 1 to 49151"),
    }
}

fn parse_guid(text: &str) -> Result<Guid, &'static str> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    u64::from_str_radix(digits, 16).map(Guid).map_err(|_| "a GUID has up to 16 hexadecimal digits")
}
