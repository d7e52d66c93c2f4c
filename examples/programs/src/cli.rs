use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser};
use transport::{LossRule, PortUrl};

use crate::error::ProgramError;

/// Options that every program has. They may stand before a subcommand and behind it, where the port cannot be one that clap requires.
#[derive(Args, Debug)]
pub struct CommonOptions {
    /// The port to work on, for example umad:mlx5_0/1 for a port of this machine (umad: for its first active one), ibsim:H1 for the node H1 of a fabric that ibsim emulates, or sim:H1 for one of a fabric that the program fabric simulates
    #[arg(long, global = true, env = "FABRIC_PORT", value_name = "URL")]
    port: Option<PortUrl>,

    /// Print one JSON object a line
    #[arg(long, global = true)]
    pub json: bool,

    /// Write every datagram sent and received to a capture that Wireshark opens
    #[arg(long, global = true, value_name = "FILE")]
    pub pcap: Option<PathBuf>,

    /// Lose datagrams on purpose: `METHOD[/ATTRIBUTE][@PROBABILITY]`, for example report or sent:get/0x35@0.1
    #[arg(long, global = true, value_name = "RULE")]
    pub drop: Vec<LossRule>,

    /// What to log on standard error: error, warn, info, debug, trace, or a filter like transport=debug
    #[arg(long, global = true, value_name = "FILTER", default_value = "warn")]
    pub log: String,
}

impl CommonOptions {
    /// The port to work on.
    ///
    /// # Errors
    /// When none is named.
    pub fn port(&self) -> Result<&PortUrl, ProgramError> {
        let missing = "no port is named: add --port <URL>, or set FABRIC_PORT";
        self.port.as_ref().ok_or_else(|| ProgramError::Usage(missing.to_owned()))
    }
}

/// Parse the command line, run the program, and turn its error into one line and an exit code. `log` says what to log.
pub fn run<O, F>(log: fn(&O) -> &str, program: impl FnOnce(O) -> F) -> ExitCode
where
    O: Parser,
    F: Future<Output = Result<(), ProgramError>>,
{
    let options = O::parse();
    let name = O::command().get_name().to_owned();
    let filter = tracing_subscriber::EnvFilter::try_new(log(&options));
    let outcome = match filter {
        Err(error) => Err(ProgramError::Usage(format!("--log: {error}"))),
        Ok(filter) => {
            tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
            match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime.block_on(program(options)),
                Err(error) => Err(ProgramError::Runtime(error)),
            }
        }
    };
    exit_code(&name, outcome)
}

/// What shells take for the end of a program by Ctrl-C.
const INTERRUPTED: u8 = 130;

/// What the program `name` ends with; an error is told in one line.
pub fn exit_code(name: &str, outcome: Result<(), ProgramError>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // Who reads has seen enough, as `head` does.
        Err(ProgramError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{name}: {error}");
            if matches!(error, ProgramError::Interrupted) { INTERRUPTED.into() } else { ExitCode::FAILURE }
        }
    }
}
