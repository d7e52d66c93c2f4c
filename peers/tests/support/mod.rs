//! What the tests of fabric-ha's own programs on real peers share. Nothing here waits without a deadline.

#![allow(dead_code, unused_imports, reason = "each test program uses a part of it")]

mod datagram;
mod decoded;
pub(crate) mod dump;
mod fabric;
mod maker;
mod managed;
mod program;
mod sa;
mod signals;

pub(crate) use datagram::{Datagram, Part, dissect, expected, layout, report, report_capture};
pub(crate) use decoded::{decoded, multi_path_gids};
pub(crate) use fabric::{Fabric, url};
pub(crate) use maker::{Carrier, INSTANCES, Maker};
pub(crate) use managed::{Managed, TOOLS, View, lid, start, text};
pub(crate) use program::{Program, Run, command, run, run_command};
pub(crate) use rustix::process::Signal;
pub(crate) use sa::{Sa, splitmix};
pub(crate) use signals::{halt, send_signal, wait_until_handled};

use core::time::Duration;

use tokio::time::timeout;

/// How long anything may take that takes a moment, on a machine that is busy with other tests.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// A service level as `saq` prints it.
pub(crate) fn level(printed: &serde_json::Value) -> u64 {
    u64::from_str_radix(printed.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

/// The outcome of `future`, which comes `within` a time or fails the test.
pub(crate) async fn within<T>(limit: Duration, what: &str, future: impl Future<Output = T>) -> T {
    match timeout(limit, future).await {
        Ok(outcome) => outcome,
        Err(_) => panic!("{what}: not within {limit:?}"),
    }
}
