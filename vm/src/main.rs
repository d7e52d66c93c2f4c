//! Runs a program inside a Linux kernel of its own, which has two soft-RoCE ports joined by a virtual cable.
//!
//! The kernel is Debian's, under QEMU. What the program prints comes out here, and its exit code is this program's. What
//! is needed (kernel, first file system, a saved machine that is already up) is made once and kept.

#![allow(clippy::disallowed_methods, reason = "it runs programs, and waits for them against the clock")]
#![allow(clippy::std_instead_of_alloc, reason = "it runs programs: there is an operating system")]

mod acceleration;
mod archive;
mod cache;
mod error;
mod files;
mod initramfs;
mod job;
mod kernel;
mod machine;
mod modules;
mod places;
mod run_dir;
mod snapshot;

use core::time::Duration;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::acceleration::Accelerator;
use crate::cache::Cache;
use crate::error::VmError;
use crate::job::Job;
use crate::machine::{Parts, Start};

/// Run a program in a virtual machine that has two soft-RoCE ports, rxe0 and rxe1.
///
/// The exit code is the program's; 124 when the time limit ended it, 125 when the machine died under it, 126 when the
/// machine could not be set up.
#[derive(Debug, Parser)]
#[command(name = "vm/run", bin_name = "vm/run", version)]
struct Arguments {
    /// Seconds that the program may take, from its start on
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    limit: u64,
    /// A program or library that goes with it into the machine, at its own path; may be repeated
    #[arg(long = "with", value_name = "FILE")]
    with: Vec<PathBuf>,
    /// Boot the machine instead of restoring a saved one
    #[arg(long)]
    boot: bool,
    /// Show what the kernel of the machine says, and what is used
    #[arg(long)]
    console: bool,
    /// Where kernel, first file system and saved machine are kept
    #[arg(long, value_name = "FOLDER", default_value = "target/vm")]
    cache: PathBuf,
    /// What is run, and its arguments. A file of this computer (a path with a slash) is carried into the machine with its
    /// libraries; a name means a program of the machine: sh, ip, rdma, tc …
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_names = ["PROGRAM", "ARGUMENT"])]
    command: Vec<OsString>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("vm/run: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(arguments: &Arguments) -> Result<u8, VmError> {
    let job = Job::new(&arguments.command, &arguments.with)?;
    run_dir::remove_left_over();
    let cache = Cache::open(&arguments.cache)?;
    let parts = Parts::prepare(&cache)?;
    let _place = places::take(&cache)?;
    let limit = Duration::from_secs(arguments.limit);
    let run = |accelerator| run_with(accelerator, arguments, &cache, &parts, &job, limit);
    let accelerator = acceleration::choose(&cache, &parts)?;
    match run(accelerator) {
        Err(VmError::NotUp { reason, .. }) if accelerator == Accelerator::Kvm => {
            eprintln!("vm/run: no machine comes up with KVM any more ({reason}): it is emulated from now on");
            acceleration::give_up(&cache, &parts)?;
            run(Accelerator::Emulated)
        }
        other => other,
    }
}

/// Run the job in a saved machine, or in one that is booted.
fn run_with(
    accelerator: Accelerator,
    arguments: &Arguments,
    cache: &Cache,
    parts: &Parts,
    job: &Job,
    limit: Duration,
) -> Result<u8, VmError> {
    if !arguments.boot {
        let saved = snapshot::take(cache, parts, accelerator)?;
        match machine::run(parts, accelerator, &Start::Restore(&saved), job, limit, arguments.console) {
            Err(VmError::NotUp { .. }) => {
                eprintln!(
                    "vm/run: the saved machine does not come up: it is thrown away, and a new one booted"
                );
                snapshot::forget(&saved);
            }
            other => return other,
        }
    }
    machine::run(parts, accelerator, &Start::Boot, job, limit, arguments.console)
}
