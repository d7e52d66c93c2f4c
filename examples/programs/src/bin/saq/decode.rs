//! Prints the datagrams of a file.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use programs::{DatagramLine, FieldsLine, Output, ProgramError};
use transport::CaptureReader;

#[derive(Args, Debug)]
pub(crate) struct DecodeOptions {
    /// A capture (pcap, pcapng or ERF; InfiniBand, RoCE), or datagrams in hexadecimal as xxd, hexdump -C, tcpdump -X or
    /// plain digits; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Print every field, each on a line of its own
    #[arg(long, short = 'v')]
    pub(crate) full: bool,
}

impl DecodeOptions {
    /// Print the datagrams.
    pub(crate) fn print(&self, output: Output, show_keys: bool) -> Result<(), ProgramError> {
        let path = self.file.display().to_string();
        let failed = |source| ProgramError::File { path: path.clone(), source };
        let file: Box<dyn Read + Send> = if self.file.as_os_str() == "-" {
            Box::new(std::io::stdin())
        } else {
            Box::new(File::open(&self.file).map_err(failed)?)
        };
        let (mut packets, mut unread) = (0, 0);
        for entry in CaptureReader::new(file).map_err(failed)? {
            packets += 1;
            match DatagramLine::new(&entry) {
                Ok(datagram) => {
                    let line = FieldsLine::new(&datagram, show_keys);
                    let text = || if self.full { format!("{line:#}\n") } else { line.to_string() };
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
}
