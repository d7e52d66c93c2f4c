//! Programs of the workspace that a test starts in the machine (`vm/runner` carries them), and what they say with `--json`.

use core::time::Duration;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use serde_json::Value;

/// Long enough for anything that a program says at all.
const LIMIT: Duration = Duration::from_secs(120);

/// A program that runs; it is ended when this is dropped.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Program {
    /// Start a program of the workspace with these arguments and variables. What it says on standard error is among the lines.
    ///
    /// # Panics
    /// When it was not carried into the machine.
    pub fn start(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let this = std::env::current_exe().unwrap_or_default();
        let path = this.parent().and_then(|deps| deps.parent()).map_or(PathBuf::new(), |dir| dir.join(name));
        let mut command = Command::new(&path);
        command.args(arguments).envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (sender, lines) = channel();
        let streams: [Option<Box<dyn std::io::Read + Send>>; 2] = [
            child.stdout.take().map(|stream| Box::new(stream) as _),
            child.stderr.take().map(|stream| Box::new(stream) as _),
        ];
        for stream in streams.into_iter().flatten() {
            let sender = sender.clone();
            std::thread::spawn(move || {
                BufReader::new(stream).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
            });
        }
        let stdin = child.stdin.take();
        Self { name: name.to_owned(), child, stdin, lines }
    }

    /// Type a line.
    ///
    /// # Panics
    /// When the program has ended.
    pub fn write(&mut self, line: &str) {
        let written = self.stdin.as_mut().map(|stdin| writeln!(stdin, "{line}"));
        assert!(matches!(written, Some(Ok(()))), "{} does not take {line}: {written:?}", self.name);
    }

    /// The next event that is wanted; others are skipped.
    ///
    /// # Panics
    /// When the program ends, or says nothing of the kind.
    pub fn event(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let (begun, mut others) = (Instant::now(), Vec::new());
        loop {
            let line = self.lines.recv_timeout(LIMIT.saturating_sub(begun.elapsed()));
            let line = line.unwrap_or_else(|error| panic!("{}: {error} after {others:#?}", self.name));
            match serde_json::from_str(&line) {
                Ok(event) if wanted(&event) => return event,
                _ => others.push(line),
            }
        }
    }

    /// The next event with this name.
    ///
    /// # Panics
    /// As of [`event`](Self::event).
    pub fn event_named(&self, name: &str) -> Value {
        self.event(|event| event["event"] == name)
    }

    /// What it has said since, without waiting.
    pub fn said(&self) -> Vec<Value> {
        self.lines.try_iter().filter_map(|line| serde_json::from_str(&line).ok()).collect()
    }

    /// Ask it to end (SIGTERM), and give all that it says until it has.
    ///
    /// # Panics
    /// When it does not end.
    pub fn stop(mut self) -> (ExitStatus, Vec<String>) {
        crate::run("kill", &[&self.child.id().to_string()]);
        self.ended()
    }

    /// Its end, which comes by itself, and all that it says until then.
    ///
    /// # Panics
    /// When it does not end.
    pub fn ended(&mut self) -> (ExitStatus, Vec<String>) {
        let (begun, mut lines) = (Instant::now(), Vec::new());
        // Both of its streams end with it.
        while let Ok(line) = self.lines.recv_timeout(LIMIT.saturating_sub(begun.elapsed())) {
            lines.push(line);
        }
        assert!(begun.elapsed() < LIMIT, "{} does not end: {lines:#?}", self.name);
        (self.child.wait().unwrap_or_else(|error| panic!("{}: {error}", self.name)), lines)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Wait until a program listens at a port of TCP, by what the kernel says: a connection to try it would be taken for the client's.
///
/// # Panics
/// When nobody does.
pub fn wait_until_it_listens(port: u16) {
    let (begun, address) = (Instant::now(), format!(":{port:04X}"));
    let listens = || {
        let tables =
            ["/proc/net/tcp", "/proc/net/tcp6"].map(|file| std::fs::read_to_string(file).unwrap_or_default());
        tables.iter().flat_map(|table| table.lines()).any(|line| {
            // Number, own address, peer's, and the state: 0A for listening.
            let mut words = line.split_whitespace().skip(1);
            words.next().is_some_and(|own| own.ends_with(&address)) && words.nth(1) == Some("0A")
        })
    };
    while !listens() {
        assert!(begun.elapsed() < LIMIT, "nobody listens at port {port}");
        std::thread::yield_now();
    }
}
