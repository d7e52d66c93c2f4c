//! A stage of our own: the program `fabric` with a topology, and `subnet-manager` on it. Nothing else is needed.

use core::time::Duration;
use std::collections::BTreeMap;

use async_trait::async_trait;
use peers::{Process, RunDir};
use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;
use topology::Topology;

use crate::cast::beside_this_program;
use crate::error::DemoError;
use crate::placement::Cut;
use crate::stage::{Levels, Names, Pair, Stage};

const FABRIC: &str = "fabric";
const MANAGER: &str = "subnet-manager";
const JUDGE: &str = "saq";

/// The variable by which programs find the fabric.
const VARIABLE: &str = "FABRIC_SIM";
/// How long a program may take to do what is asked of it.
const WITHIN: Duration = Duration::from_secs(60);
/// Silence of the manager after which a change is dealt with: one change may take several sweeps.
const SILENCE: Duration = Duration::from_millis(500);

/// A fabric that our own program simulates and our own subnet manager manages.
#[derive(Debug)]
pub(crate) struct EmbeddedStage {
    // In this order: the manager goes before its fabric.
    manager: Process,
    fabric: Process,
    /// The host of the manager.
    host: String,
    /// The path of the fabric's socket.
    socket: String,
    subnet_ups: usize,
    /// What the manager said of the last sweep that changed something.
    summary: Value,
    /// LID of each host.
    lids: BTreeMap<String, u16>,
}

impl EmbeddedStage {
    /// Start the fabric with LASH routing, and wait until it is up.
    pub(crate) async fn start(topology: &Topology, manager: &str, dir: &RunDir) -> Result<Self, DemoError> {
        let path = dir.file("net.topo");
        std::fs::write(&path, topology.to_string()).map_err(DemoError::file(&path))?;
        let socket = dir.file("fabric.sock").display().to_string();
        let mut command = Command::new(beside_this_program(FABRIC)?);
        command.args(["--json", "--name", &socket, "--topology"]).arg(&path);
        let mut fabric = Process::start(FABRIC, command, dir.file("fabric.log"), None)?;
        fabric.wait_for("it was ready", WITHIN, |line| is(line, "ready").then_some(())).await?;

        let mut command = Command::new(beside_this_program(MANAGER)?);
        command.args(["--json", "--routing", "lash", "--port"]).arg(format!("sim:{manager}"));
        command.env(VARIABLE, &socket);
        let host = manager.to_owned();
        let manager = Process::start(MANAGER, command, dir.file("subnet-manager.log"), None)?;
        let (summary, lids) = (Value::Null, BTreeMap::new());
        let mut stage = Self { manager, fabric, host, socket, subnet_ups: 0, summary, lids };
        stage.wait_until_settled(1).await?;
        let nodes = stage.ask(&["nodes", "--type", "host"]).await?;
        stage.lids = nodes.iter().filter_map(host_lid).collect();
        Ok(stage)
    }

    /// What the manager said of the last sweep that changed something.
    pub(crate) fn summary(&self) -> &Value {
        &self.summary
    }

    /// The path records between hosts.
    pub(crate) async fn paths(&self) -> Result<Vec<Value>, DemoError> {
        self.ask(&["paths", "--hosts"]).await
    }

    /// Take in a line of the manager.
    fn hear(&mut self, line: &str) {
        let Ok(event) = serde_json::from_str::<Value>(line) else { return };
        if event["event"] == "subnet_up" {
            self.subnet_ups += 1;
            // Sweeps that find nothing new write nothing.
            if self.summary.is_null() || event["forwarding_blocks"] != 0 {
                self.summary = event;
            }
        }
    }

    /// Wait until the fabric was routed `count` times, and the manager has nothing more to say.
    pub(crate) async fn wait_until_settled(&mut self, count: usize) -> Result<(), DemoError> {
        self.wait_for_subnet_up(count).await?;
        loop {
            match timeout(SILENCE, self.manager.next_line()).await {
                Ok(Some(line)) => self.hear(&line),
                Ok(None) => return Err(self.manager.ended_before("it had nothing more to do").await.into()),
                Err(_) => return Ok(()),
            }
        }
    }

    /// Change a link at the fabric's console.
    async fn change(&mut self, verb: &str, cut: &Cut) -> Result<(), DemoError> {
        self.fabric.write(&format!("{verb} \"{}\"[{}]\n", cut.switch, cut.port)).await?;
        Ok(self.fabric.wait_for("it obeyed", WITHIN, |line| is(line, "done").then_some(())).await?)
    }

    /// What the judge finds, as objects. It asks from the manager's host.
    async fn ask(&self, question: &[&str]) -> Result<Vec<Value>, DemoError> {
        let mut command = Command::new(beside_this_program(JUDGE)?);
        command.args(["--json", "--port"]).arg(format!("sim:{}", self.host)).args(question);
        let failed = |said: String| DemoError::Judge { program: JUDGE, said };
        let output = timeout(WITHIN, command.env(VARIABLE, &self.socket).kill_on_drop(true).output());
        let output = match output.await {
            Ok(output) => output.map_err(|error| failed(error.to_string()))?,
            Err(_) => return Err(failed(format!("nothing for {} s", WITHIN.as_secs()))),
        };
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).trim().into()));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let objects = text.lines().map(serde_json::from_str).collect::<Result<_, _>>();
        objects.map_err(|error| failed(error.to_string()))
    }
}

#[async_trait(?Send)]
impl Stage for EmbeddedStage {
    fn names(&self) -> Names {
        Names { fabric: FABRIC, manager: MANAGER, judge: JUDGE }
    }

    fn signals(&self) -> bool {
        true
    }

    fn port(&self, host: &str) -> String {
        format!("sim:{host}")
    }

    fn environment(&self) -> (&'static str, &str) {
        (VARIABLE, &self.socket)
    }

    async fn cut(&mut self, cut: &Cut) -> Result<(), DemoError> {
        self.change("Unlink", cut).await
    }

    async fn restore(&mut self, cut: &Cut) -> Result<(), DemoError> {
        let before = self.subnet_ups();
        self.change("ReLink", cut).await?;
        self.wait_until_settled(before + 1).await
    }

    fn subnet_ups(&mut self) -> usize {
        while let Some(line) = self.manager.arrived_line() {
            self.hear(&line);
        }
        self.subnet_ups
    }

    async fn wait_for_subnet_up(&mut self, count: usize) -> Result<(), DemoError> {
        while self.subnet_ups < count {
            let is_up = |line: &str| is(line, "subnet_up").then(|| line.to_owned());
            let line = self.manager.wait_for("the subnet was up", WITHIN, is_up).await?;
            self.hear(&line);
        }
        Ok(())
    }

    async fn service_levels(&self, pairs: &[Pair]) -> Result<Levels, DemoError> {
        let paths = self.paths().await?;
        let level = |path: &Value| {
            let ends = (number(&path["slid"])?, number(&path["dlid"])?);
            Some((ends, u8::try_from(number(&path["sl"])?).ok()?))
        };
        let levels: BTreeMap<(u64, u64), u8> = paths.iter().filter_map(level).collect();
        // A pair without a path has no level either.
        let of = |pair: &Pair| {
            let ends = (u64::from(*self.lids.get(&pair.0)?), u64::from(*self.lids.get(&pair.1)?));
            Some((pair.clone(), *levels.get(&ends)?))
        };
        Ok(pairs.iter().filter_map(of).collect())
    }
}

/// Whether a line of a program is this event.
fn is(line: &str, event: &str) -> bool {
    serde_json::from_str::<Value>(line).is_ok_and(|value| value["event"] == event)
}

/// The name of a node, and its LID.
fn host_lid(node: &Value) -> Option<(String, u16)> {
    let lid = u16::try_from(number(&node["lid"])?).ok()?;
    Some((node["NodeDescription"].as_str()?.to_owned(), lid))
}

/// A number as `saq` prints it: some fields are in hexadecimal, after `0x`, as text.
fn number(value: &Value) -> Option<u64> {
    match value.as_str() {
        Some(text) => match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        },
        None => value.as_u64(),
    }
}
