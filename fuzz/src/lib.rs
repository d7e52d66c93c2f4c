//! What a fuzzer runs: each body takes any bytes, and panics when it finds a counterexample.
//!
//! The bodies are ordinary functions, so that the corpus is replayed on stable by `cargo test`. `targets/` hands the same
//! functions to libFuzzer; `README.md` tells how.

#![forbid(unsafe_code)]

extern crate alloc;

mod bytes;
mod cm;
mod decode;
mod fabric_packets;
mod layout;
mod mad;
pub mod multipath;
mod notice;
pub mod paths;
pub mod repath;
mod request_table;
pub mod rmpp;
mod sa_client;
mod sa_mad;
pub mod seqwin;
mod smp;
pub mod subnet;
mod topology_text;
mod transport_input;
pub mod watch;

pub use cm::cm;
pub use decode::decode;
pub use fabric_packets::fabric_packets;
pub use mad::mad;
pub use multipath::{multipath_input, multipath_world};
pub use notice::notice;
pub use paths::barrier;
pub use repath::repath_world;
pub use request_table::request_table;
pub use rmpp::rmpp_receiver;
pub use sa_client::sa_client;
pub use sa_mad::sa_mad;
pub use seqwin::seqwin;
pub use smp::smp;
pub use topology_text::topology_text;
pub use transport_input::transport_input;
pub use watch::watch_world;

/// A body, and the name that its target and its corpus have.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    /// Name of `targets/NAME.rs` and of `corpus/NAME/`.
    pub name: &'static str,
    /// Takes any bytes; panics on a counterexample.
    pub run: fn(&[u8]),
}

/// Every body.
pub const BODIES: &[Body] = &[
    Body { name: "decode", run: decode },
    Body { name: "fabric_packets", run: fabric_packets },
    Body { name: "mad", run: mad },
    Body { name: "sa_mad", run: sa_mad },
    Body { name: "smp", run: smp },
    Body { name: "multipath_input", run: multipath_input },
    Body { name: "multipath_world", run: multipath_world },
    Body { name: "cm", run: cm },
    Body { name: "notice", run: notice },
    Body { name: "sa_client", run: sa_client },
    Body { name: "request_table", run: request_table },
    Body { name: "repath_world", run: repath_world },
    Body { name: "rmpp_receiver", run: rmpp_receiver },
    Body { name: "barrier", run: barrier },
    Body { name: "seqwin", run: seqwin },
    Body { name: "topology_text", run: topology_text },
    Body { name: "transport_input", run: transport_input },
    Body { name: "watch_world", run: watch_world },
];
