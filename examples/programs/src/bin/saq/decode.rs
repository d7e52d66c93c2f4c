//! Prints the datagrams of a file.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches};
use programs::{DatagramLine, FieldsLine, Output, ProgramError, exit_code};
use transport::CaptureReader;

use super::Options;

#[derive(Args, Debug)]
pub(crate) struct DecodeOptions {
    /// A capture (pcap, pcapng or ERF; InfiniBand, RoCE), or datagrams in hexadecimal as xxd, hexdump -C, tcpdump -X or
    /// plain digits; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Print every field, each on a line of its own
    #[arg(long, short = 'v')]
    full: bool,

    /// Print one JSON object a datagram
    #[arg(long)]
    json: bool,

    /// Print keys (M_Key, SM_Key, Q_Key, service keys) instead of `redacted`
    #[arg(long)]
    show_keys: bool,
}

/// The options, and whether JSON is asked for, if the command line says `decode`. Every other command needs a port.
pub(crate) fn asked_for() -> Option<(DecodeOptions, bool)> {
    let command = Options::command().mut_arg("port", |port| port.required(false));
    let matches = match command.try_get_matches() {
        Ok(matches) => matches,
        // Only what is wrong with this command is told here.
        Err(error) if std::env::args().any(|argument| argument == "decode") => error.exit(),
        Err(_) => return None,
    };
    let Some(("decode", decode)) = matches.subcommand() else { return None };
    let options = DecodeOptions::from_arg_matches(decode).unwrap_or_else(|error| error.exit());
    let json = options.json || matches.get_flag("json");
    Some((options, json))
}

/// Print the datagrams.
pub(crate) fn run(options: &DecodeOptions, json: bool) -> ExitCode {
    exit_code("saq", print(options, Output::new(json)))
}

fn print(options: &DecodeOptions, output: Output) -> Result<(), ProgramError> {
    let path = options.file.display().to_string();
    let failed = |source| ProgramError::File { path: path.clone(), source };
    let file: Box<dyn Read + Send> = if options.file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(&options.file).map_err(failed)?)
    };
    let (mut packets, mut unread) = (0, 0);
    for entry in CaptureReader::new(file).map_err(failed)? {
        packets += 1;
        match DatagramLine::new(&entry) {
            Ok(datagram) => {
                let line = FieldsLine::new(&datagram, options.show_keys);
                let text = || if options.full { format!("{line:#}\n") } else { line.to_string() };
                output.event(&line, text)?;
            }
            Err(line) => {
                unread += u64::from(!line.is_foreign());
                output.print(&line)?;
            }
        }
    }
    match (packets, unread) {
        (0, _) => Err(ProgramError::NoPacket { path }),
        (_, 0) => Ok(()),
        _ => Err(ProgramError::Unread { path, unread, packets }),
    }
}
