//! The ports of this machine: what `--port umad:` can name.

use core::fmt;
use std::process::ExitCode;

use clap::Parser;
use programs::{Output, PortLine, ProgramError, exit_code};
use serde::Serialize;
use transport::{LocalPort, UmadPort, umad_ports};

/// What `--list-ports` goes with: it asks nobody, and needs no port.
#[derive(Debug, Parser)]
#[command(name = "saq", version, about = "List the RDMA ports of this machine")]
struct Options {
    /// List the ports of this machine
    #[arg(long, required = true)]
    list_ports: bool,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Whether the command line asks for the list.
pub(crate) fn is_asked_for() -> bool {
    std::env::args_os().skip(1).any(|argument| argument == "--list-ports")
}

/// Print the list.
pub(crate) fn run() -> ExitCode {
    let options = Options::parse();
    exit_code("saq", list(Output::new(options.json)))
}

fn list(output: Output) -> Result<(), ProgramError> {
    for port in umad_ports().map_err(transport::ChannelError::from)? {
        output.print(&ListedPort::from(&port))?;
    }
    Ok(())
}

/// A port of this machine.
#[derive(Debug, Serialize)]
struct ListedPort {
    /// What to give to `--port`.
    url: String,
    device: Box<str>,
    umad: Option<Box<str>>,
    link_layer: Box<str>,
    physical_state: Box<str>,
    rate: Box<str>,
    node_guid: String,
    system_image_guid: String,
    #[serde(flatten)]
    port: PortLine,
}

impl From<&UmadPort> for ListedPort {
    fn from(port: &UmadPort) -> Self {
        Self {
            url: format!("umad:{}", port.name()),
            device: port.device.clone(),
            umad: port.umad.clone(),
            link_layer: port.link_layer.clone(),
            physical_state: port.physical_state.clone(),
            rate: port.rate.clone(),
            node_guid: port.node_guid.to_string(),
            system_image_guid: port.system_image_guid.to_string(),
            port: PortLine::from(&LocalPort::from(port)),
        }
    }
}

impl fmt::Display for ListedPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let umad = self.umad.as_deref().unwrap_or("no umad device: modprobe ib_umad");
        write!(f, "{} ({umad}): {}; ", self.url, self.port)?;
        write!(f, "{} {}, {}, node GUID {}", self.link_layer, self.physical_state, self.rate, self.node_guid)
    }
}
