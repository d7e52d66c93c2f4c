//! Signals to single processes that a test started, and their effect, which comes a moment later.

use core::time::Duration;
use std::fs;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::interval;

use super::{SOON, within};

pub(crate) fn send_signal(id: u32, signal: Signal) {
    let id = Pid::from_raw(id.cast_signed()).unwrap();
    kill_process(id, signal).unwrap();
}

/// Stop a process, and wait until each of its threads stands still.
pub(crate) async fn halt(id: u32) {
    send_signal(id, Signal::STOP);
    let stands_still = || {
        let threads = fs::read_dir(format!("/proc/{id}/task")).unwrap();
        threads.flatten().all(|thread| {
            let stat = fs::read_to_string(thread.path().join("stat"));
            // The state follows the name, which is in parentheses.
            stat.is_ok_and(|stat| stat.contains(") T "))
        })
    };
    until("a process that stands still", stands_still).await;
}

/// Wait until a process has a handler for this signal, so that it does not end without its own doing.
pub(crate) async fn wait_until_handled(id: u32, signal: Signal) {
    let mask = 1_u64 << (signal.as_raw() - 1);
    let is_handled = || {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(caught.trim(), 16).unwrap() & mask != 0
    };
    until("a handler of the signal", is_handled).await;
}

/// The system tells nobody when these things happen: look again and again.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let mut ticks = interval(Duration::from_millis(2));
    let looking = async {
        while !holds() {
            ticks.tick().await;
        }
    };
    within(SOON, what, looking).await;
}
