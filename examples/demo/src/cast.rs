//! The programs of fabric-ha in a scene: `repathd`, and a `repath-host` on each host.

use core::future::poll_fn;
use core::task::Poll;
use core::time::Duration;
use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;

use peers::{Process, RunDir};
use tokio::process::Command;

use crate::error::DemoError;
use crate::events::{Event, Statistics, parse};
use crate::placement::Placement;
use crate::stage::Stage;

/// How long a program may take to end after it was asked to.
const FAREWELL: Duration = Duration::from_secs(10);

/// Which program said something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Speaker {
    Watcher,
    /// The agent of this host.
    Agent(String),
}

/// How the programs are started.
#[derive(Clone, Debug)]
pub(crate) struct Script<'a> {
    /// Distinguishes the files of one run from those of the next.
    pub(crate) run: &'a str,
    /// `hybrid` or `wildcard`.
    pub(crate) method: &'a str,
    /// How long `repathd` reads again after the last trap.
    pub(crate) settle: Duration,
    /// What the agents lose, if anything.
    pub(crate) drop: Option<&'a str>,
    /// Whether each program writes a capture.
    pub(crate) captures: bool,
    /// The fabric that they run on.
    pub(crate) stage: &'a dyn Stage,
}

/// The running programs. Dropping them ends them.
#[derive(Debug)]
pub(crate) struct Cast {
    programs: Vec<(Speaker, Process)>,
    captures: Vec<PathBuf>,
}

const WATCHER: &str = "repathd";
const AGENT: &str = "repath-host";

impl Cast {
    /// Whether all of them can be started.
    pub(crate) fn check_built() -> Result<(), DemoError> {
        [WATCHER, AGENT].into_iter().try_for_each(|program| beside_this_program(program).map(drop))
    }

    /// Start all of them.
    pub(crate) fn start(script: &Script<'_>, placement: &Placement, dir: &RunDir) -> Result<Self, DemoError> {
        let mut cast = Self { programs: Vec::new(), captures: Vec::new() };
        let settle = script.settle.as_secs_f64().to_string();
        let watcher = ["--method", script.method, "--settle", &settle];
        let arguments = watcher.map(str::to_owned).to_vec();
        cast.add(Speaker::Watcher, WATCHER, &placement.watcher, arguments, script, dir)?;
        for agent in &placement.agents {
            let others = placement.agents.iter().filter(|other| *other != agent);
            let queue_pairs = others.flat_map(|other| ["--queue-pair".to_owned(), other.clone()]);
            let dropped = script.drop.iter().flat_map(|what| ["--drop".to_owned(), (*what).to_owned()]);
            let arguments = queue_pairs.chain(dropped).collect();
            cast.add(Speaker::Agent(agent.clone()), AGENT, agent, arguments, script, dir)?;
        }
        Ok(cast)
    }

    fn add(
        &mut self,
        speaker: Speaker,
        program: &'static str,
        host: &str,
        arguments: Vec<String>,
        script: &Script<'_>,
        dir: &RunDir,
    ) -> Result<(), DemoError> {
        let name = format!("{program}-{host}-{}", script.run);
        let mut command = Command::new(beside_this_program(program)?);
        let (variable, value) = script.stage.environment();
        command.args(["--json", "--port"]).arg(script.stage.port(host)).args(arguments).env(variable, value);
        if script.captures {
            let capture = dir.file(&format!("{name}.pcap"));
            command.arg("--pcap").arg(&capture);
            self.captures.push(capture);
        }
        let process =
            Process::start(&format!("{program} on {host}"), command, dir.file(&format!("{name}.log")), None)?;
        self.programs.push((speaker, process));
        Ok(())
    }

    /// The next event of any of them. Dropping the future loses none.
    pub(crate) async fn next_event(&mut self) -> Result<(Speaker, Event), DemoError> {
        let (index, event) = poll_fn(|context| {
            for (index, (_, process)) in self.programs.iter_mut().enumerate() {
                while let Poll::Ready(line) = process.poll_line(context) {
                    let Some(line) = line else { return Poll::Ready((index, None)) };
                    if let Some(event) = parse(&line) {
                        return Poll::Ready((index, Some(event)));
                    }
                }
            }
            Poll::Pending
        })
        .await;
        let (speaker, process) = &mut self.programs[index];
        match event {
            Some(event) => Ok((speaker.clone(), event)),
            None => Err(process.ended_before("it was asked to end").await.into()),
        }
    }

    /// Ask all of them to end, and add up what they sent and received; also the captures that they wrote.
    pub(crate) async fn stop(mut self) -> Result<(Statistics, Vec<PathBuf>), DemoError> {
        let mut total = Statistics::default();
        for (_, process) in &mut self.programs {
            let add = |line: String| {
                if let Some(Event::Statistics(statistics)) = parse(&line) {
                    add_up(&mut total.sent, &statistics.sent);
                    add_up(&mut total.received, &statistics.received);
                }
            };
            process.stop(FAREWELL, add).await?;
        }
        Ok((total, self.captures))
    }
}

fn add_up(total: &mut BTreeMap<String, u64>, more: &BTreeMap<String, u64>) {
    for (kind, count) in more {
        *total.entry(kind.clone()).or_default() += count;
    }
}

/// cargo puts the programs of a workspace into one folder.
pub(crate) fn beside_this_program(program: &'static str) -> Result<PathBuf, DemoError> {
    let this = env::current_exe().map_err(|source| DemoError::File { path: program.into(), source })?;
    let path = this.with_file_name(program);
    if path.is_file() { Ok(path) } else { Err(DemoError::NotBuilt { program }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_are_added_up_by_kind() {
        let count = |pairs: &[(&str, u64)]| {
            BTreeMap::from_iter(pairs.iter().map(|(kind, n)| ((*kind).to_owned(), *n)))
        };
        let mut total = count(&[("Get", 2)]);
        add_up(&mut total, &count(&[("Get", 3), ("Set", 1)]));
        assert_eq!(total, count(&[("Get", 5), ("Set", 1)]));
    }

    #[test]
    fn a_program_that_is_not_built_is_named_with_the_command() {
        let error = beside_this_program("repath-nobody").unwrap_err().to_string();
        assert!(error.starts_with("repath-nobody is not built") && error.contains("cargo build"), "{error}");
    }
}
