//! What the programs share: their common options, how they end, how they print, and how they ask subnet
//! administration.
//!
//! ```no_run
//! use clap::Parser;
//! use programs::{CommonOptions, ProgramError, Session, run};
//!
//! #[derive(Parser)]
//! struct Options {
//!     #[command(flatten)]
//!     common: CommonOptions,
//! }
//!
//! async fn lid(options: Options) -> Result<(), ProgramError> {
//!     let mut session = Session::open(&options.common).await?;
//!     println!("{}", session.driver().port().await?.lid);
//!     Ok(())
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     run(|options: &Options| &options.common.log, lid)
//! }
//! ```

#![forbid(unsafe_code)]
// Programs read clocks, and need the standard library anyway.
#![allow(clippy::disallowed_methods, clippy::std_instead_of_alloc)]

mod cli;
mod datagram;
pub mod delivery;
mod error;
mod fields;
mod interrupt;
#[cfg(feature = "verbs")]
pub mod live;
mod machines;
mod output;
mod peer;
mod progress;
mod records;
mod sa;
mod session;
mod statistics;
pub mod transfer;

pub use cli::{CommonOptions, exit_code, run};
pub use datagram::{DatagramLine, UnreadLine};
pub use error::ProgramError;
pub use fields::FieldsLine;
pub use interrupt::Interrupt;
pub use machines::{Agent, Driven, Listener, Watch, trap_signal_port};
pub use output::{Line, Output};
pub use peer::{PortName, PortNameError, find_nodes};
pub use progress::{ByteProgress, Progress};
pub use records::PortLine;
pub use sa::{RecordBatch, SaMachine, SaNews};
pub use session::{Moment, Next, Session, random_u32, random_u64};
pub use statistics::{Statistics, statistics};
