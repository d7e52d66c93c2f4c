//! saq: asks the subnet administration of a live fabric, and its nodes; decodes captures.

#![forbid(unsafe_code)]
#![allow(clippy::std_instead_of_alloc)]

mod ask;
mod decode;
mod fabric;
mod harvest;
mod list_ports;
mod multipaths;
mod narrow;
mod print;
mod smp;
mod tables;
mod watch;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use ib_mad::wire::NodeType;
use ib_mad::{Guid, Lid, SmKey};
use programs::{CommonOptions, Output, PortLine, PortName, ProgramError, Session, run};

use self::ask::Asker;
use self::multipaths::MultipathsOptions;
use self::print::{Format, Printer};
use self::tables::{PathsOptions, Tables, parse_number};

/// Show what is on an InfiniBand fabric
///
/// Asks the subnet administration for records (nodes, links, paths, multicast groups, services, tables of switches ...), asks a
/// node itself for its settings and its counters, prints the traps that are reported, and decodes captures of management
/// datagrams. Options may stand before the question or behind it; one that is repeated, on one side.
#[derive(Debug, Parser)]
#[command(name = "saq", version)]
struct Options {
    #[command(flatten)]
    common: CommonOptions,
    /// Instead of a question: list the ports of this machine, for --port umad:DEVICE/PORT
    #[arg(long, conflicts_with_all = ["pcap", "drop", "show_keys", "sm_key"])]
    list_ports: bool,
    /// Print records as comma-separated values, with a header
    #[arg(long, global = true)]
    csv: bool,
    /// Print a line a record instead of a line a field
    #[arg(long, global = true)]
    brief: bool,
    /// Print keys that admit to something (M_Key, SM_Key, Q_Key, service keys) instead of `redacted`
    #[arg(long, global = true)]
    show_keys: bool,
    /// Key that makes the subnet manager trust this program with what it tells not everybody, like 0x1
    #[arg(long, global = true, value_name = "KEY", value_parser = parse_number, default_value = "0", hide_default_value = true)]
    sm_key: u64,
    #[command(subcommand)]
    question: Option<Question>,
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
    #[command(flatten)]
    Tables(Tables),
    /// The paths from some ports to others, asked for together (MultiPathRecord)
    #[command(alias = "MPR")]
    Multipaths(MultipathsOptions),
    /// What the subnet administration can do (ClassPortInfo)
    #[command(alias = "CPI")]
    Classportinfo,
    /// Ask a node itself, by LID or along a route (subnet management packets)
    Smp(smp::SmpOptions),
    /// Counters of a port (performance management)
    Counters(smp::CountersOptions),
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

impl Question {
    /// Refuse options that contradict each other, or that the question has no use for, before anybody is asked.
    fn check(&self, options: &Options) -> Result<(), ProgramError> {
        let usage = |text: &str| Err(ProgramError::Usage(text.to_owned()));
        let common = &options.common;
        let is_for_asking = common.pcap.is_some() || !common.drop.is_empty() || options.sm_key != 0;
        match self {
            Self::Tables(tables) => tables.check(),
            Self::Multipaths(multipaths) => multipaths.check(),
            Self::Port | Self::Watch(_) | Self::Decode(_) if options.csv => {
                usage("--csv is for records; here is --json")
            }
            Self::Decode(_) if is_for_asking => {
                usage("decode asks nobody: leave out --pcap, --drop and --sm-key")
            }
            Self::Decode(decode) if decode.full && options.brief => {
                usage("--brief and --full exclude each other: leave one of them out")
            }
            _ => Ok(()),
        }
    }
}

fn main() -> ExitCode {
    run(|options: &Options| &options.common.log, answer)
}

async fn answer(mut options: Options) -> Result<(), ProgramError> {
    let usage = |text: &str| Err(ProgramError::Usage(text.to_owned()));
    let format = Format::chosen(options.common.json, options.csv, options.brief)?;
    let question = match (options.question.take(), options.list_ports) {
        (Some(question), false) => question,
        (None, true) => return list_ports::print(format),
        (Some(_), true) => return usage("--list-ports stands in place of a question: leave one of them out"),
        (None, false) => return usage("nothing is asked: name a question, like nodes"),
    };
    question.check(&options)?;
    let output = Output::new(options.common.json);
    if let Question::Decode(decode) = &question {
        return decode.print(output, options.show_keys);
    }
    let mut session = Session::open(&options.common).await?;
    let port = session.driver().port().await?;
    if let Question::Port = question {
        return output.print(&PortLine::from(&port));
    }
    let is_for_nodes = matches!(question, Question::Smp(_) | Question::Counters(_));
    if !port.is_configured() && !is_for_nodes {
        return Err(ProgramError::NoSubnetManager);
    }
    let mut asker = Asker::new(session, port, SmKey(options.sm_key));
    let mut printer = Printer::new(format, options.show_keys);
    match question {
        Question::Path { from, to } => asker.path(&mut printer, from, to).await?,
        Question::Node(choice) => {
            let node = match choice {
                NodeChoice { lid: Some(lid), .. } => asker.node_at(lid).await?,
                NodeChoice { guid: Some(guid), .. } => asker.node_with(guid).await?,
                NodeChoice { name, .. } => asker.node_named(&name.unwrap_or_default()).await?,
            };
            printer.record(&node, &[&node])?;
        }
        Question::Tables(Tables::Paths(PathsOptions { hosts: true, .. })) => {
            between_hosts(&mut asker, &mut printer).await?;
        }
        Question::Tables(tables) => tables.print(&mut asker, &mut printer).await?,
        Question::Smp(options) => options.print(&mut asker, &mut printer).await?,
        Question::Counters(options) => options.print(&mut asker, &mut printer).await?,
        Question::Multipaths(options) => options.print(&mut asker, &mut printer).await?,
        Question::Classportinfo => asker.class_port_info(&mut printer).await?,
        Question::Watch(watch) => watch::watch(&mut asker, output, &watch).await?,
        Question::Port | Question::Decode(_) => {}
    }
    printer.finish()
}

/// The paths from every host to every other.
async fn between_hosts(asker: &mut Asker, printer: &mut Printer) -> Result<(), ProgramError> {
    let mut hosts = asker.session.end_ports(&asker.port).await?;
    hosts.retain(|end| end.node_type == NodeType::ChannelAdapter);
    for entry in asker.session.paths(&asker.port, hosts).await?.iter() {
        let record = entry.to_record();
        printer.record(&record, &[&record])?;
    }
    Ok(())
}

fn parse_lid(text: &str) -> Result<Lid, &'static str> {
    let lid = parse_number(text).ok().and_then(|number| u16::try_from(number).ok()).map(Lid);
    lid.filter(|lid| lid.is_unicast()).ok_or("a port's LID is a number from 1 to 49151 (0xbfff)")
}

fn parse_guid(text: &str) -> Result<Guid, &'static str> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    u64::from_str_radix(digits, 16).map(Guid).map_err(|_| "a GUID has up to 16 hexadecimal digits")
}
