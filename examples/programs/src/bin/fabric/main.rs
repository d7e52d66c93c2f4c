//! Hosts a simulated InfiniBand fabric, to which programs attach with `--port sim:NODE`.

#![allow(clippy::std_instead_of_alloc)]

mod command;
mod console;
mod events;

use std::io::BufRead;
use std::process::ExitCode;

use clap::Parser;
use fabric::{Fabric, Settings};
use programs::{Interrupt, Output, ProgramError, run};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use transport::{ChannelError, SharedFabric, SimName, SimServer};

use console::{Console, Outcome};
use events::Event;

/// Host a simulated InfiniBand fabric; programs attach to it with --port sim:NODE
///
/// Commands come on standard input: Unlink, ReLink, Error and others; Help lists them. The fabric has no subnet manager: start one on
/// it.
#[derive(Parser, Debug)]
#[command(name = "fabric", version)]
struct Options {
    /// The fabric: a file in ibnetdiscover's format, or a shape like mesh:3x2, torus:15x15:hosts=4 or fattree:18x36
    #[arg(long, value_name = "TOPOLOGY")]
    topology: String,

    /// Name of the fabric, or a path for its socket; programs name it as sim:NODE?sock=NAME, or by this variable
    #[arg(long, env = "FABRIC_SIM", default_value = "fabric")]
    name: String,

    /// Data lanes of every port: 1, 2, 4, 8 or 15
    #[arg(long, default_value = "8", value_parser = ["1", "2", "4", "8", "15"])]
    lanes: String,

    /// Packets of one lane that a port has room for; without it there is always room, and nothing can deadlock
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    credits: Option<u16>,

    /// What losses follow from
    #[arg(long, default_value_t = 0)]
    seed: u64,

    /// Print one JSON object a line
    #[arg(long)]
    json: bool,

    /// What to log on standard error: error, warn, info, debug, trace, or a filter like transport=debug
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    log: String,
}

fn main() -> ExitCode {
    run(|options: &Options| &options.log, host)
}

async fn host(options: Options) -> Result<(), ProgramError> {
    let output = Output::new(options.json);
    let mut interrupt = Interrupt::new()?;
    let topology =
        topology::load(&options.topology).map_err(|error| ProgramError::Usage(error.to_string()))?;
    let lanes = ["1", "2", "4", "8", "15"].iter().position(|lanes| *lanes == options.lanes).unwrap_or(0);
    let settings = Settings {
        seed: options.seed,
        credits: options.credits,
        lane_capability: lanes as u8 + 1,
        ..Settings::DEFAULT
    };
    let fabric = Fabric::new(&topology, settings).map_err(|error| ProgramError::Other(error.to_string()))?;
    let shared = SharedFabric::new(fabric);
    let name = SimName::choose(Some(&options.name)).map_err(ChannelError::from)?;
    let server = SimServer::bind(&name, shared.clone()).await.map_err(ChannelError::from)?;
    output.print(&Event::ready(&topology, name.path()))?;
    let mut console = Console::new(shared);
    let mut lines = stdin_lines().map_err(ProgramError::Runtime)?;
    loop {
        tokio::select! {
            biased;
            () = interrupt.wait() => return Ok(()),
            Some(line) = lines.recv() => {
                for outcome in console.run(&line) {
                    match outcome {
                        Outcome::Event(event) => output.print(&event)?,
                        Outcome::Quit => return Ok(()),
                    }
                }
            }
            () = server.serve() => {}
        }
    }
}

/// Lines of standard input. When it ends, the fabric goes on without commands.
fn stdin_lines() -> std::io::Result<UnboundedReceiver<String>> {
    let (sender, receiver) = unbounded_channel();
    // Reading it cannot be interrupted: the thread ends with the program.
    std::thread::Builder::new().name("console".into()).spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}
