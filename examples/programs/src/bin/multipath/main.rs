//! multipath: a file over up to four paths that fail and return.

#![forbid(unsafe_code)]
// Programs read clocks.
#![allow(clippy::disallowed_methods, clippy::std_instead_of_alloc)]

mod bench;
mod destination;
mod options;
mod recv;
mod report;
mod send;
mod teller;

use std::process::ExitCode;

use programs::{ProgramError, run};

use self::options::{Command, Options};

fn main() -> ExitCode {
    run(|options: &Options| &options.common.log, work)
}

async fn work(options: Options) -> Result<(), ProgramError> {
    let Options { common, command } = options;
    match command {
        Command::Recv(options) => recv::recv(&common, &options).await,
        Command::Send(options) => send::send(&common, &options).await,
        Command::Bench(options) => bench::bench(&common, &options).await,
    }
}
