//! The scene `multipath`: a stream over four paths of which one dies and returns, while datagrams are lost on all of them.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use peers::RunDir;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::{interval, timeout};

use crate::cast::beside_this_program;
use crate::error::DemoError;
use crate::scene::Report;
use crate::table::Table;

const PROGRAM: &str = "multipath";
const PATHS: usize = 4;
/// Path 1 is dead from half a second after the start for two seconds.
const OUTAGE: &str = "1@500ms-2500ms";
/// Each end loses so many of the datagrams that it sends or receives.
const LOSS: &str = "0.002";
/// How long all of it may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// Bytes that are written together, and how often.
const BLOCK: usize = 128 << 10;
const EVERY: Duration = Duration::from_millis(5);
/// Bytes that are written at least.
const LEAST: u64 = 32 << 20;

/// What the sender's words for a path mean.
const LEGEND: &str = "
questioned: no acknowledgement in time, a barrier is under way
restored: the barrier came back, what was outstanding is sent again
failed: it did not come back, and the other end has not answered yet that it takes nothing from the path
down: it did not come back, and the other end takes nothing from the path: other paths go on
up: both ends use it again
";

/// What came of the transfer.
#[derive(Clone, Debug)]
pub(crate) struct Transfer {
    /// What the sender said of paths: seconds since its start, the path, what happened.
    changes: Vec<(f64, u64, String)>,
    sender: Value,
    receiver: Value,
    bytes: u64,
    seconds: f64,
    written: String,
    arrived: String,
}

/// Play the scene.
pub(crate) async fn run() -> Result<Transfer, DemoError> {
    let program = beside_this_program(PROGRAM)?;
    let dir = RunDir::new()?;
    timeout(DEADLINE, play(&program, &dir))
        .await
        .unwrap_or(Err(DemoError::NotReady { names: PROGRAM.into(), seconds: DEADLINE.as_secs() }))
}

async fn play(program: &Path, dir: &RunDir) -> Result<Transfer, DemoError> {
    let output = dir.file("received");
    let mut receiver = End::start(program, |command| {
        let listen = ["127.0.0.1:0"; PATHS].join(",");
        command
            .args(["recv", "--once", "--drop", LOSS, "--seed", "2", "--listen", &listen, "--output"])
            .arg(&output);
    })?;
    let addresses = receiver.wait_for("listening").await?;
    let paths = addresses["addresses"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let paths: Vec<_> = paths.map(|address| format!("--path=local=127.0.0.1,remote={address}")).collect();
    eprintln!(
        "two ends on loopback, {PATHS} paths; each end loses a datagram in 500; path 1 dies after 0.5 s and returns after 2.5 s"
    );
    let mut sender = End::start(program, |command| {
        command.args(["send", "-", "--drop", LOSS, "--seed", "1", "--probe", "200", "--kill-path", OUTAGE]);
        command.args(&paths);
    })?;
    let has_returned = Arc::new(AtomicBool::new(false));
    let writing = sender.child.stdin.take().map(|stdin| write(stdin, Arc::clone(&has_returned)));

    let mut changes = Vec::new();
    let (mut bytes, mut seconds) = (0, 0.0);
    let counters = loop {
        let event = sender.next().await?;
        match event["event"].as_str() {
            Some("path") => {
                let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
                let (time, path, change) = (
                    event["time"].as_f64().unwrap_or_default(),
                    event["path"].as_u64().unwrap_or_default(),
                    text("change"),
                );
                if path == 1 && change == "up" {
                    has_returned.store(true, Ordering::Relaxed);
                }
                changes.push((time, path, change));
            }
            Some("done") => {
                bytes = event["bytes"].as_u64().unwrap_or_default();
                seconds = event["seconds"].as_f64().unwrap_or_default();
            }
            Some("counters") => break event,
            _ => {}
        }
    };
    let of_receiver = receiver.wait_for("counters").await?;
    let written = match writing {
        Some(writing) => writing.await.unwrap_or_default(),
        None => String::new(),
    };
    let content = fs::read(&output).map_err(DemoError::file(&output))?;
    let arrived = blake3::hash(&content).to_string();
    Ok(Transfer { changes, sender: counters, receiver: of_receiver, bytes, seconds, written, arrived })
}

/// Write until path 1 has returned, and return the hash of what was written.
fn write(mut stdin: ChildStdin, has_returned: Arc<AtomicBool>) -> JoinHandle<String> {
    tokio::spawn(async move {
        let mut hasher = blake3::Hasher::new();
        let mut written = 0;
        let mut ticks = interval(EVERY);
        while written < LEAST || !has_returned.load(Ordering::Relaxed) {
            ticks.tick().await;
            // Each block differs from the others.
            let mut block = vec![0; BLOCK];
            blake3::Hasher::new().update(&written.to_be_bytes()).finalize_xof().fill(&mut block);
            if stdin.write_all(&block).await.is_err() {
                break;
            }
            hasher.update(&block);
            written += BLOCK as u64;
        }
        // The file ends when the pipe is closed.
        drop(stdin);
        hasher.finalize().to_string()
    })
}

/// A running end.
struct End {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl End {
    fn start(program: &Path, arguments: impl FnOnce(&mut Command)) -> Result<Self, DemoError> {
        let mut command = Command::new(program);
        command.arg("--json").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        arguments(&mut command);
        let failed = |source| DemoError::File { path: PathBuf::from(program), source };
        let mut child = command.spawn().map_err(failed)?;
        let stdout = child.stdout.take().ok_or_else(|| failed(std::io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self { child, lines: BufReader::new(stdout).lines() })
    }

    async fn next(&mut self) -> Result<Value, DemoError> {
        match self.lines.next_line().await {
            Ok(Some(line)) => Ok(serde_json::from_str(&line).unwrap_or_default()),
            _ => Err(DemoError::Ended { program: PROGRAM }),
        }
    }

    async fn wait_for(&mut self, name: &str) -> Result<Value, DemoError> {
        loop {
            let event = self.next().await?;
            if event["event"] == name {
                return Ok(event);
            }
        }
    }
}

impl Transfer {
    fn has(&self, path: u64, change: &str) -> bool {
        self.changes.iter().any(|(_, of, what)| *of == path && what == change)
    }
}

impl Report for Transfer {
    fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        if self.written != self.arrived {
            complaints.push(format!("written BLAKE3 {}, arrived {}", self.written, self.arrived));
        }
        for change in ["questioned", "down", "up"] {
            if !self.has(1, change) {
                complaints.push(format!("path 1 died and returned, but was never {change}"));
            }
        }
        complaints
    }

    fn json(&self, scene: &str) -> Value {
        let changes = self.changes.iter();
        let changes: Vec<_> = changes
            .map(|(time, path, change)| json!({ "time": time, "path": path, "change": change }))
            .collect();
        json!({
            "scene": scene, "ok": self.ok(), "bytes": self.bytes, "seconds": self.seconds, "changes": changes,
            "sender": self.sender["paths"], "receiver": self.receiver["paths"],
            "hash_written": self.written, "hash_arrived": self.arrived, "complaints": self.complaints(),
        })
    }

    fn table(&self) -> String {
        let mut text = String::from("    time  path  is now\n");
        for (time, path, change) in &self.changes {
            text += &format!("{time:6.3} s  {path:4}  {change}\n");
        }
        text += LEGEND;
        let mut table = Table::new((1..=PATHS).map(|path| format!("path {path}")));
        for (name, end, field) in [
            ("packets sent", &self.sender, "sent_packets"),
            ("bytes sent", &self.sender, "sent_bytes"),
            ("  repeated packets", &self.sender, "repeated"),
            ("packets that arrived", &self.receiver, "received_packets"),
            ("acknowledgements and the like sent", &self.receiver, "sent_packets"),
            ("  that arrived", &self.sender, "received_packets"),
            ("barriers", &self.sender, "barriers"),
            ("changes of state", &self.sender, "changes"),
        ] {
            table.row(name, (0..PATHS).map(|path| end["paths"][path][field].to_string()));
        }
        let hashes = if self.written == self.arrived { "the same hash" } else { "ANOTHER HASH" };
        format!(
            "{text}\n{table}\n{} bytes in {:.1} s arrived with {hashes}: BLAKE3 {}\n",
            self.bytes, self.seconds, self.arrived
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transfer() -> Transfer {
        let changes = ["questioned", "down", "up"].map(|change| (0.5, 1, change.to_owned()));
        let counters = json!({ "paths": [{ "sent_packets": 77 }] });
        Transfer {
            changes: changes.to_vec(),
            sender: counters.clone(),
            receiver: counters,
            bytes: 1000,
            seconds: 0.5,
            written: "abc".into(),
            arrived: "abc".into(),
        }
    }

    #[test]
    fn another_hash_fails_the_scene() {
        assert!(transfer().ok());
        let other = Transfer { arrived: "abd".into(), ..transfer() };
        assert!(!other.ok() && other.table().contains("ANOTHER HASH"));
        assert_eq!(other.json("multipath")["ok"], json!(false));
    }

    #[test]
    fn a_path_that_never_failed_or_returned_fails_the_scene() {
        for missing in 0..3 {
            let mut transfer = transfer();
            let (_, _, change) = transfer.changes.remove(missing);
            assert_eq!(transfer.complaints(), [format!("path 1 died and returned, but was never {change}")]);
        }
    }

    #[test]
    fn the_table_shows_what_happened() {
        let table = transfer().table();
        for part in [
            "0.500 s     1  down",
            "down: it did not come back",
            "packets sent",
            "77",
            "the same hash: BLAKE3 abc",
        ] {
            assert!(table.contains(part), "{part} in\n{table}");
        }
    }
}
