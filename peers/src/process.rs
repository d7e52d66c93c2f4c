//! A child process that lives no longer than its handle, and whose output can be waited for.

use core::task::{Context, Poll};
use core::time::Duration;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::PeerError;
use crate::error::EndStatus;

/// How long a process has to end itself after SIGTERM, before SIGKILL ends it.
const GRACE: Timespec = Timespec { tv_sec: 3, tv_nsec: 0 };
/// How many of its last lines an error quotes.
const RECENT: usize = 4;

/// A child process in a process group of its own. Its two outputs arrive as one stream of lines, and are kept in a
/// file. When the handle is dropped the group gets SIGTERM, and SIGKILL if it has not ended three seconds later; when
/// the thread that started it ends in any other way, the system sends the SIGTERM.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    id: Pid,
    stdin: Option<ChildStdin>,
    lines: mpsc::UnboundedReceiver<String>,
    recent: VecDeque<String>,
}

impl Process {
    /// Start `command`, keeping its output in the file `log`. A `prompt` is a text that counts as a line although no
    /// line end follows.
    ///
    /// # Errors
    /// When the file cannot be made or the program does not start.
    pub fn start(
        name: &str,
        mut command: Command,
        log: PathBuf,
        prompt: Option<&'static str>,
    ) -> Result<Self, PeerError> {
        let log = File::create(&log).map_err(|source| PeerError::File { path: log, source })?;
        let failed = |source| PeerError::Start { name: name.into(), source };
        let (reader, writer) = io::pipe().map_err(failed)?;
        let second_writer = writer.try_clone().map_err(failed)?;
        command.stdin(Stdio::piped()).stdout(writer).stderr(second_writer).process_group(0);
        end_with_this_thread(&mut command);
        let mut child = command.spawn().map_err(failed)?;
        // The command holds the writing ends: while they are open, the reader never sees the end.
        drop(command);
        let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let id = id.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
        let reader = pipe::Receiver::from_owned_fd(OwnedFd::from(reader)).map_err(failed)?;
        let (sender, lines) = mpsc::unbounded_channel();
        tokio::spawn(copy_lines(reader, log, prompt, sender));
        let stdin = child.stdin.take();
        Ok(Self { name: name.into(), child, id, stdin, lines, recent: VecDeque::new() })
    }

    /// Its name in this run.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.id.as_raw_pid().cast_unsigned()
    }

    /// The next line of its output, or `None` when it has closed its outputs. Dropping the future loses no line.
    pub async fn next_line(&mut self) -> Option<String> {
        core::future::poll_fn(|context| self.poll_line(context)).await
    }

    /// [`next_line`](Self::next_line) for those who wait for several processes at once.
    pub fn poll_line(&mut self, context: &mut Context<'_>) -> Poll<Option<String>> {
        let line = self.lines.poll_recv(context);
        if let Poll::Ready(Some(line)) = &line {
            self.remember(line);
        }
        line
    }

    /// A line that has already arrived, without waiting.
    pub fn arrived_line(&mut self) -> Option<String> {
        let line = self.lines.try_recv().ok()?;
        self.remember(&line);
        Some(line)
    }

    /// Read lines until `wanted` makes something of one. `awaited` says what that is, for the error.
    ///
    /// # Errors
    /// [`PeerError::Deadline`] after `within`; [`PeerError::Ended`] when the output ends first.
    pub async fn wait_for<T>(
        &mut self,
        awaited: &str,
        within: Duration,
        mut wanted: impl FnMut(&str) -> Option<T>,
    ) -> Result<T, PeerError> {
        let found = timeout(within, async {
            while let Some(line) = self.next_line().await {
                if let Some(found) = wanted(&line) {
                    return Some(found);
                }
            }
            None
        });
        match found.await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => Err(self.ended_before(awaited).await),
            Err(_) => Err(PeerError::Deadline {
                name: self.name.clone(),
                awaited: awaited.into(),
                after: within,
                last: self.last_lines(),
            }),
        }
    }

    /// Write to its standard input.
    ///
    /// # Errors
    /// [`PeerError::Ended`] when nobody reads it any more.
    pub async fn write(&mut self, text: &str) -> Result<(), PeerError> {
        let written = match &mut self.stdin {
            Some(stdin) => stdin.write_all(text.as_bytes()).await.is_ok(),
            None => false,
        };
        if written { Ok(()) } else { Err(self.ended_before("it read its input").await) }
    }

    /// Ask the process to end (SIGTERM), and give its last lines to `last_line` as they come.
    ///
    /// # Errors
    /// [`PeerError::Deadline`] when it has not ended after `within`; dropping the handle then ends it by force.
    pub async fn stop(
        &mut self,
        within: Duration,
        mut last_line: impl FnMut(String),
    ) -> Result<ExitStatus, PeerError> {
        self.signal(Signal::TERM);
        let ended = timeout(within, async {
            while let Some(line) = self.next_line().await {
                last_line(line);
            }
            self.child.wait().await
        });
        if let Ok(Ok(status)) = ended.await {
            return Ok(status);
        }
        Err(PeerError::Deadline {
            name: self.name.clone(),
            awaited: "end after SIGTERM".into(),
            after: within,
            last: self.last_lines(),
        })
    }

    /// The error for a process whose output ended while something was expected of it.
    pub async fn ended_before(&mut self, awaited: &str) -> PeerError {
        while self.arrived_line().is_some() {}
        // The outputs close a moment before the process is gone.
        let status = timeout(Duration::from_secs(1), self.child.wait()).await;
        let status = EndStatus(status.ok().and_then(Result::ok));
        PeerError::Ended { name: self.name.clone(), status, awaited: awaited.into(), last: self.last_lines() }
    }

    /// Its last lines, joined.
    pub(crate) fn last_lines(&self) -> String {
        if self.recent.is_empty() {
            return "(nothing)".into();
        }
        Vec::from_iter(self.recent.iter().map(String::as_str)).join(" | ")
    }

    fn remember(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(line.into());
    }

    /// Signal the group, unless the process was waited for already: its id may belong to somebody else by now.
    fn signal(&self, signal: Signal) {
        if self.child.id().is_some() {
            // It may end by itself at this very moment; then there is nobody left to signal.
            let _ = kill_process_group(self.id, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        self.signal(Signal::TERM);
        let ended = pidfd_open(self.id, PidfdFlags::empty())
            .is_ok_and(|handle| poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&GRACE)) == Ok(1));
        if !ended {
            self.signal(Signal::KILL);
        }
        let _ = self.child.try_wait();
    }
}

/// Have the system end the child when the thread that starts it ends: a handle's destructor does not run when its own
/// process is killed.
fn end_with_this_thread(command: &mut Command) {
    let arm =
        || rustix::process::set_parent_process_death_signal(Some(Signal::TERM)).map_err(io::Error::from);
    // SAFETY: between fork and exec the closure makes one system call; it neither allocates nor takes a lock.
    unsafe { command.pre_exec(arm) };
}

/// Copy what comes from `reader` into the log, and line by line to `sender`, until the writing ends are closed.
async fn copy_lines(
    mut reader: pipe::Receiver,
    mut log: File,
    prompt: Option<&'static str>,
    sender: mpsc::UnboundedSender<String>,
) {
    let mut pending = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(length @ 1..) = reader.read(&mut chunk).await {
        let Some(bytes) = chunk.get(..length) else { break };
        // A full disk must not stop the process: the lines still arrive.
        let _ = log.write_all(bytes);
        pending.extend_from_slice(bytes);
        for line in take_lines(&mut pending, prompt) {
            // Without a listener the log is still written.
            let _ = sender.send(line);
        }
    }
    if !pending.is_empty() {
        let _ = sender.send(String::from_utf8_lossy(&pending).into_owned());
    }
}

/// Take the complete lines out of `pending`, each without its end; a `prompt` alone in a line is complete.
fn take_lines(pending: &mut Vec<u8>, prompt: Option<&'static str>) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let end = match prompt {
            Some(prompt) if pending.starts_with(prompt.as_bytes()) => prompt.len(),
            _ => match pending.iter().position(|&byte| byte == b'\n') {
                Some(end) => end + 1,
                None => return lines,
            },
        };
        let line: Vec<u8> = pending.drain(..end).collect();
        lines.push(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunDir;

    fn shell(script: &str, dir: &RunDir) -> Process {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script);
        Process::start("shell", command, dir.file("shell.log"), None).unwrap()
    }

    fn runs(id: u32) -> bool {
        // The third field of the line is the state; Z is a process that ended and was not waited for, X one that just was.
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat"));
        stat.is_ok_and(|stat| ![") Z ", ") X "].iter().any(|ended| stat.contains(ended)))
    }

    #[test]
    fn lines_and_prompts_are_told_apart() {
        let mut pending = b"one\r\nsim> two\nsim> si".to_vec();
        assert_eq!(take_lines(&mut pending, Some("sim> ")), ["one", "sim> ", "two", "sim> "]);
        assert_eq!(pending, b"si");
        assert_eq!(take_lines(&mut b"sim> x\n".to_vec(), None), ["sim> x"]);
    }

    #[tokio::test]
    async fn both_outputs_arrive_and_are_kept() {
        let dir = RunDir::new().unwrap();
        let mut process =
            shell("echo first; echo second >&2; read answer; echo \"got $answer\"; exec cat", &dir);
        let second =
            process.wait_for("second", Duration::from_secs(5), |line| (line == "second").then_some(7));
        assert_eq!(second.await.unwrap(), 7);
        process.write("yes\n").await.unwrap();
        assert_eq!(process.next_line().await.as_deref(), Some("got yes"));
        assert_eq!(std::fs::read_to_string(dir.file("shell.log")).unwrap(), "first\nsecond\ngot yes\n");
    }

    #[tokio::test]
    async fn an_ended_process_and_a_silent_one_are_named_with_their_last_words() {
        let dir = RunDir::new().unwrap();
        let mut process = shell("echo no such fabric; exit 3", &dir);
        let error = process.wait_for("SUBNET UP", Duration::from_secs(5), |_| None::<()>).await.unwrap_err();
        let text = "shell ended (exit status: 3) before SUBNET UP; it said last: no such fabric";
        assert_eq!(error.to_string(), text);
        let mut process = shell("echo hello; exec cat", &dir);
        let error =
            process.wait_for("SUBNET UP", Duration::from_millis(50), |_| None::<()>).await.unwrap_err();
        assert_eq!(error.to_string(), "shell: no SUBNET UP within 0.05 s; it said last: hello");
    }

    #[tokio::test]
    async fn the_whole_group_ends_with_the_handle() {
        let dir = RunDir::new().unwrap();
        let mut process = shell("sleep 1000 & echo $!; wait", &dir);
        let grandchild = process.next_line().await.unwrap().parse().unwrap();
        assert!(runs(process.id()) && runs(grandchild));
        let child = process.id();
        let handle =
            pidfd_open(Pid::from_raw(grandchild.cast_signed()).unwrap(), PidfdFlags::empty()).unwrap();
        // The grandchild holds the output open: its end is the end of the output.
        let mut lines = core::mem::replace(&mut process.lines, mpsc::unbounded_channel().1);
        drop(process);
        assert_eq!(lines.recv().await, None);
        // It closes what it holds before it has ended.
        assert_eq!(poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&GRACE)).unwrap(), 1);
        assert!(!runs(child) && !runs(grandchild));
    }

    #[tokio::test]
    async fn a_stopped_process_says_its_last_lines() {
        let dir = RunDir::new().unwrap();
        let mut process =
            shell("trap 'echo sent 7; exit 0' TERM; echo up; while :; do read x || exit 9; done", &dir);
        assert_eq!(process.next_line().await.as_deref(), Some("up"));
        let mut last = Vec::new();
        let status = process.stop(Duration::from_secs(5), |line| last.push(line)).await.unwrap();
        assert_eq!((last, status.code()), (vec!["sent 7".to_owned()], Some(0)));
    }
}
