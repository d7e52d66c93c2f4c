//! fabric-ha's programs, as a user runs them: from the folder that cargo builds them into.

use core::time::Duration;
use std::env;
use std::path::{Path, PathBuf};

use peers::{Process, RunDir};
use rustix::process::Signal;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::{Instant, timeout};

use super::{SOON, send_signal, wait_until_handled, within};

/// Cargo puts the programs of a workspace into the folder above that of its tests.
fn path(name: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join(name);
    assert!(path.is_file(), "{} is not built: cargo build --workspace --bins", path.display());
    path
}

/// The command of a program of ours.
pub(crate) fn command(name: &str) -> Command {
    Command::new(path(name))
}

/// A program that was run to its end.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) success: bool,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Run {
    /// The objects that it printed; it must have succeeded, and have complained about nothing.
    pub(crate) fn objects(&self) -> Vec<Value> {
        assert!(self.success && self.errors.is_empty(), "{self:?}");
        self.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The one line with which it failed, having printed nothing.
    pub(crate) fn failure(&self) -> &str {
        assert!(!self.success && self.output.is_empty(), "{self:?}");
        let line = self.errors.strip_suffix('\n').unwrap_or_else(|| panic!("no line: {self:?}"));
        assert!(!line.contains('\n'), "more than a line: {line}");
        line
    }
}

/// Run a program on a port to its end, which comes `within` a time.
pub(crate) async fn run(limit: Duration, name: &str, url: &str, arguments: &[&str]) -> Run {
    let mut command = command(name);
    command.args(["--port", url]).args(arguments);
    run_command(limit, command).await
}

/// Run a command to its end, which comes `within` a time.
pub(crate) async fn run_command(limit: Duration, mut command: Command) -> Run {
    let what = format!("the end of {:?}", command.as_std());
    let output = within(limit, &what, command.kill_on_drop(true).output()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { success: output.status.success(), output: text(output.stdout), errors: text(output.stderr) }
}

/// A running program that prints an object a line. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Program(Process);

impl Program {
    pub(crate) fn start(name: &str, url: &str, arguments: &[&str], dir: &RunDir) -> Self {
        let mut command = command(name);
        command.args(["--json", "--port", url]).args(arguments);
        // The node's name, which tells the programs of one run apart.
        let node = url.trim_start_matches("ibsim:").split('?').next().unwrap();
        Self::start_command(&format!("{name}-{node}"), command, dir)
    }

    /// Start a command that prints an object a line; its title is that of no other in this run.
    pub(crate) fn start_command(title: &str, command: Command, dir: &RunDir) -> Self {
        Self(Process::start(title, command, dir.file(&format!("{title}.log")), None).unwrap())
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        send_signal(self.0.id(), signal);
    }

    /// Wait until a signal of this kind no longer ends the program without its doing.
    pub(crate) async fn wait_until_it_handles(&self, signal: Signal) {
        wait_until_handled(self.0.id(), signal).await;
    }

    /// The next event of this name. Those before it are given to `seen`.
    pub(crate) async fn event_after(
        &mut self,
        limit: Duration,
        name: &str,
        mut seen: impl FnMut(Value),
    ) -> Value {
        let found = self.0.wait_for(name, limit, |line| {
            let object: Value = serde_json::from_str(line).ok()?;
            if object["event"] == name {
                return Some(object);
            }
            seen(object);
            None
        });
        found.await.unwrap()
    }

    /// The next event of this name.
    pub(crate) async fn event(&mut self, name: &str) -> Value {
        self.event_after(SOON, name, drop).await
    }

    /// The events that it has printed, and those that come until it has been silent for a while.
    pub(crate) async fn events_until_silent(&mut self, silence: Duration) -> Vec<Value> {
        let mut events = Vec::new();
        let deadline = Instant::now() + SOON;
        while let Ok(line) = timeout(silence, self.0.next_line()).await {
            let line = line.expect("it runs on");
            events.extend(serde_json::from_str(&line).ok());
            assert!(Instant::now() < deadline, "it is never silent");
        }
        events
    }

    /// Its last line once it has ended of its own accord.
    pub(crate) async fn last_line(&mut self, limit: Duration) -> String {
        let mut last = String::new();
        let end = async {
            while let Some(line) = self.0.next_line().await {
                last = line;
            }
        };
        within(limit, "the end of the program", end).await;
        last
    }

    /// Wait for its end, which is asked for with SIGTERM if it has not come yet; whether it succeeded.
    pub(crate) async fn stop(&mut self) -> bool {
        self.0.stop(SOON, drop).await.unwrap().success()
    }
}
