//! What the tests have in common: programs that run, and their folders.

use core::time::Duration;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use serde_json::Value;

pub(crate) const MULTIPATH: &str = env!("CARGO_BIN_EXE_multipath");

/// An address that nobody listens on.
pub(crate) fn free_address() -> String {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A folder of its own for a test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("multipath-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// A file that looks random.
    pub(crate) fn with_file(&self, name: &str, length: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let bytes: Vec<u8> = core::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .take(length)
        .collect();
        fs::write(self.file(name), &bytes).unwrap();
        bytes
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running program, which does not outlive the test.
pub(crate) struct Running {
    pub(crate) child: Child,
    /// What it says, as long as anybody listens.
    pub(crate) lines: Option<BufReader<ChildStdout>>,
    /// While it is held, the program may run for as long as [`DEADLINE`].
    _watched: mpsc::Sender<()>,
}

/// How long a program may take: one that hangs is killed, so that the test fails.
const DEADLINE: Duration = Duration::from_secs(60);

impl Running {
    pub(crate) fn start(arguments: &[&str], folder: &Folder) -> Self {
        Self::spawn(Command::new(MULTIPATH), arguments, &folder.0)
    }

    /// The program as `command` starts it.
    pub(crate) fn spawn(mut command: Command, arguments: &[&str], folder: &Path) -> Self {
        command.arg("--json").args(arguments).current_dir(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = child.stdout.take().map(BufReader::new);
        let (watched, done) = mpsc::channel::<()>();
        let id = child.id().to_string();
        thread::spawn(move || {
            if done.recv_timeout(DEADLINE) == Err(RecvTimeoutError::Timeout) {
                let _ = Command::new("kill").args(["-KILL", &id]).status();
            }
        });
        Self { child, lines, _watched: watched }
    }

    /// A receiver on so many free ports, and the addresses that it took.
    pub(crate) fn receiver(paths: usize, arguments: &[&str], folder: &Folder) -> (Self, Vec<String>) {
        let listen = vec!["127.0.0.1:0"; paths].join(",");
        let mut receiver = Self::start(&[&["recv", "--listen", &listen], arguments].concat(), folder);
        let listening = receiver.wait_for("listening");
        let addresses = listening["addresses"].as_array().unwrap().iter();
        (receiver, addresses.map(|address| address.as_str().unwrap().to_owned()).collect())
    }

    /// A receiver whose standard output is not for events: its address is chosen here.
    pub(crate) fn receiver_at_free_address(arguments: &[&str], folder: &Folder) -> (Self, Vec<String>) {
        let address = free_address();
        let receiver = Self::start(&[&["recv", "--listen", &address], arguments].concat(), folder);
        (receiver, vec![address])
    }

    pub(crate) fn sender(addresses: &[String], arguments: &[&str], folder: &Folder) -> Self {
        let paths: Vec<_> =
            addresses.iter().map(|address| format!("--path=local=127.0.0.1,remote={address}")).collect();
        let paths: Vec<_> = paths.iter().map(String::as_str).collect();
        Self::start(&[&["send"], &paths[..], arguments].concat(), folder)
    }

    /// The next event of this name.
    pub(crate) fn wait_for(&mut self, event: &str) -> Value {
        loop {
            let mut line = String::new();
            assert!(
                self.lines.as_mut().unwrap().read_line(&mut line).unwrap() > 0,
                "it ended without the event {event}"
            );
            let value: Value = serde_json::from_str(&line).unwrap();
            if value["event"] == event {
                return value;
            }
        }
    }

    /// What it still says, on both outputs, and how it ends.
    pub(crate) fn end(mut self) -> (ExitStatus, Vec<Value>, String) {
        drop(self.child.stdin.take());
        let lines = self.lines.take().into_iter().flat_map(BufReader::lines);
        let events = lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        (self.child.wait().unwrap(), events, errors)
    }

    pub(crate) fn interrupt(&self) {
        self.signal("-INT");
    }

    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The event of this name.
pub(crate) fn event<'a>(events: &'a [Value], name: &str) -> &'a Value {
    events.iter().find(|value| value["event"] == name).unwrap_or_else(|| panic!("no {name} in {events:?}"))
}
