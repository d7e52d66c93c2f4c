//! The program `multipath` as a user runs it, both ends on loopback.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use core::time::Duration;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::UdpSocket;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::{env, fs, thread};

use serde_json::Value;

const MULTIPATH: &str = env!("CARGO_BIN_EXE_multipath");

/// A folder of its own for a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("multipath-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// A file that looks random.
    fn with_file(&self, name: &str, length: usize) -> Vec<u8> {
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
struct Running {
    child: Child,
    /// What it says, as long as anybody listens.
    lines: Option<BufReader<ChildStdout>>,
    /// While it is held, the program may run for as long as [`DEADLINE`].
    _watched: mpsc::Sender<()>,
}

/// How long a program may take: one that hangs is killed, so that the test fails.
const DEADLINE: Duration = Duration::from_secs(60);

impl Running {
    fn start(arguments: &[&str], folder: &Folder) -> Self {
        let mut command = Command::new(MULTIPATH);
        command.arg("--json").args(arguments).current_dir(&folder.0);
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
    fn receiver(paths: usize, arguments: &[&str], folder: &Folder) -> (Self, Vec<String>) {
        let listen = vec!["127.0.0.1:0"; paths].join(",");
        let mut receiver = Self::start(&[&["recv", "--listen", &listen], arguments].concat(), folder);
        let listening = receiver.wait_for("listening");
        let addresses = listening["addresses"].as_array().unwrap().iter();
        (receiver, addresses.map(|address| address.as_str().unwrap().to_owned()).collect())
    }

    fn sender(addresses: &[String], arguments: &[&str], folder: &Folder) -> Self {
        let paths: Vec<_> =
            addresses.iter().map(|address| format!("--path=local=127.0.0.1,remote={address}")).collect();
        let paths: Vec<_> = paths.iter().map(String::as_str).collect();
        Self::start(&[&["send"], &paths[..], arguments].concat(), folder)
    }

    /// The next event of this name.
    fn wait_for(&mut self, event: &str) -> Value {
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
    fn end(mut self) -> (ExitStatus, Vec<Value>, String) {
        drop(self.child.stdin.take());
        let lines = self.lines.take().into_iter().flat_map(BufReader::lines);
        let events = lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        (self.child.wait().unwrap(), events, errors)
    }

    fn interrupt(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn event<'a>(events: &'a [Value], name: &str) -> &'a Value {
    events.iter().find(|value| value["event"] == name).unwrap_or_else(|| panic!("no {name} in {events:?}"))
}

#[test]
fn a_file_arrives_in_order_and_in_any_order() {
    for (name, order) in [("ordered", None), ("unordered", Some("--unordered"))] {
        let folder = Folder::new(name);
        let file = folder.with_file("file", 3_000_001);
        let (receiver, addresses) = Running::receiver(4, &["--output", "copy", "--once"], &folder);
        let arguments: Vec<&str> = order.into_iter().chain(["file"]).collect();
        let (status, events, errors) = Running::sender(&addresses, &arguments, &folder).end();
        assert!(status.success(), "{errors}");
        assert_eq!(event(&events, "done")["bytes"], 3_000_001);
        let (status, events, errors) = receiver.end();
        assert!(status.success(), "{errors}");
        assert_eq!(event(&events, "done")["hash"], blake3::hash(&file).to_hex().as_str());
        assert!(fs::read(folder.file("copy")).unwrap() == file);
        let counters = event(&events, "counters")["paths"].as_array().unwrap();
        let used = counters.iter().filter(|path| path["received_bytes"].as_u64().unwrap() > 100_000);
        assert_eq!((counters.len(), used.count()), (4, if order.is_some() { 4 } else { 1 }));
    }
}

#[test]
fn one_sender_is_served_after_another_under_the_name_that_it_gives() {
    let folder = Folder::new("several");
    let (here, there) = (Folder::new("here"), folder);
    let (mut receiver, addresses) = Running::receiver(1, &[], &there);
    let empty = here.with_file("empty", 0);
    let small = here.with_file("small", 1000);
    for (name, content) in [("empty", empty), ("small", small.clone())] {
        let (status, _, errors) = Running::sender(&addresses, &[name], &here).end();
        assert!(status.success(), "{name}: {errors}");
        receiver.wait_for("done");
        assert_eq!(fs::read(there.file(name)).unwrap(), content);
    }
    // What is there is not overwritten: both ends say so.
    let (status, _, errors) = Running::sender(&addresses, &["small"], &here).end();
    assert!(!status.success() && errors.contains("the receiver cannot write its output"), "{errors}");
    let reason = receiver.wait_for("failed")["reason"].to_string();
    assert!(reason.contains("small") && reason.contains("exists"), "{reason}");
    assert_eq!(fs::read(there.file("small")).unwrap(), small);
    // Nobody is served any more: it ends with success.
    receiver.interrupt();
    assert!(receiver.end().0.success());
}

#[test]
fn standard_input_and_output_are_files_too() {
    let folder = Folder::new("streams");
    let (mut receiver, addresses) = {
        // Events go elsewhere than the file: the addresses are chosen here.
        let probe = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = probe.local_addr().unwrap().to_string();
        drop(probe);
        let arguments = ["recv", "--listen", &address, "--output", "-", "--once"];
        (Running::start(&arguments, &folder), vec![address])
    };
    let mut sender = Running::sender(&addresses, &["-"], &folder);
    let mut stdin = sender.child.stdin.take().unwrap();
    stdin.write_all(b"first line\n").unwrap();
    sender.wait_for("accepted");
    // What was written arrives although more is to come.
    let mut line = String::new();
    receiver.lines.as_mut().unwrap().read_line(&mut line).unwrap();
    assert_eq!(line, "first line\n");
    stdin.write_all(b"second line\n").unwrap();
    drop(stdin);
    line.clear();
    receiver.lines.as_mut().unwrap().read_line(&mut line).unwrap();
    assert_eq!(line, "second line\n");
    assert!(sender.end().0.success());
    assert!(receiver.end().0.success());
}

#[test]
fn paths_fail_and_return_and_datagrams_are_lost() {
    let folder = Folder::new("failures");
    let file = folder.with_file("file", 20_000_000);
    for order in ["--unordered", "--payload=1400"] {
        let (receiver, addresses) = Running::receiver(3, &["--output", "copy", "--once"], &folder);
        // Path 1 dies in the middle and returns, path 2 is dead from the beginning, and path 3 is bad.
        let arguments =
            [order, "--kill-path=1@30ms-1s", "--kill-path=2@0s", "--drop=0.001", "--seed=7", "file"];
        let (status, events, errors) = Running::sender(&addresses, &arguments, &folder).end();
        assert!(status.success(), "{order}: {errors} {events:?}");
        assert!(receiver.end().0.success());
        assert!(fs::read(folder.file("copy")).unwrap() == file);
        let questioned = events.iter().filter(|event| event["change"] == "questioned").count();
        assert!(questioned > 0, "{events:?}");
    }
}

#[test]
fn a_file_that_does_not_arrive_is_a_failure_at_both_ends() {
    let folder = Folder::new("gone");
    let (mut receiver, addresses) =
        Running::receiver(1, &["--output", "copy", "--once", "--give-up", "0.5"], &folder);
    let mut sender = Running::sender(&addresses, &["--give-up", "0.5", "-"], &folder);
    sender.wait_for("accepted");
    // Another is told so, and does not disturb.
    let (status, _, errors) = Running::sender(&addresses, &["-"], &folder).end();
    assert!(!status.success() && errors.contains("busy with another sender"), "{errors}");
    // Killed, the sender says nothing.
    sender.child.kill().unwrap();
    // What had passed is told also when nobody is there any more.
    let counters = receiver.wait_for("counters");
    assert!(counters["paths"][0]["received_packets"].as_u64().unwrap() > 0, "{counters}");
    let (status, _, errors) = receiver.end();
    assert!(!status.success() && errors.contains("nothing has come from the sender for 0.5 s"), "{errors}");
    assert!(errors.contains("is in copy.part"), "{errors}");
}

/// What is left of a transfer has another name than the file, and stands in nobody's way.
#[test]
fn what_is_not_whole_does_not_look_like_the_file() {
    let (here, there) = (Folder::new("whole"), Folder::new("not-whole"));
    fs::write(there.file("copy"), "what was there").unwrap();
    let whole = here.with_file("file", 100_000);
    for (output, name, before) in [(None, "stdin", None), (Some("copy"), "copy", Some("what was there"))] {
        let output: Vec<_> = output.iter().flat_map(|output| ["--output", *output]).collect();
        let (mut receiver, addresses) = Running::receiver(1, &output, &there);
        let mut sender = Running::sender(&addresses, &["-"], &here);
        sender.wait_for("accepted");
        let mut stdin = sender.child.stdin.take().unwrap();
        stdin.write_all(&whole[..1000]).unwrap();
        // As long as it comes in, nobody else writes it.
        let part = there.file(&format!("{name}.part"));
        while fs::read(&part).unwrap().len() < 1000 {
            thread::yield_now();
        }
        let arguments = [&output[..], &["--once"]].concat();
        let (second, other_addresses) = Running::receiver(1, &arguments, &there);
        let (status, ..) = Running::sender(&other_addresses, &["-"], &here).end();
        assert!(!status.success());
        let (status, _, errors) = second.end();
        assert!(!status.success() && errors.contains("another receiver is writing it"), "{errors}");
        sender.interrupt();
        assert_eq!(sender.end().0.code(), Some(130));
        drop(stdin);
        let reason = receiver.wait_for("failed")["reason"].to_string();
        assert!(reason.contains(&format!("what was received is not all, and is in {name}.part")), "{reason}");
        assert_eq!(fs::read(&part).unwrap(), whole[..1000]);
        assert_eq!(fs::read_to_string(there.file(name)).ok().as_deref(), before);
        // It comes again, and is whole.
        let mut sender = Running::sender(&addresses, &["-"], &here);
        sender.child.stdin.take().unwrap().write_all(&whole).unwrap();
        assert!(sender.end().0.success());
        receiver.wait_for("done");
        assert!(fs::read(there.file(name)).unwrap() == whole && fs::metadata(&part).is_err());
    }
}

/// A file that appears under the sender's name while it comes in stays as it is, and the sender hears that it did not arrive.
#[test]
fn a_file_that_came_meanwhile_is_not_overwritten() {
    let (here, there) = (Folder::new("late"), Folder::new("meanwhile"));
    let (receiver, addresses) = Running::receiver(1, &["--once"], &there);
    let mut sender = Running::sender(&addresses, &["-"], &here);
    sender.wait_for("accepted");
    fs::write(there.file("stdin"), "mine").unwrap();
    let (status, _, errors) = sender.end();
    assert!(!status.success() && errors.contains("cannot write its output"), "{errors}");
    let (status, _, errors) = receiver.end();
    assert!(!status.success() && errors.contains("stdin: File exists"), "{errors}");
    assert_eq!(fs::read(there.file("stdin")).unwrap(), b"mine");
}

/// A sender that cannot go on says so: its receiver does not wait until it takes it for gone.
#[test]
fn a_sender_that_cannot_go_on_tells_the_receiver() {
    let folder = Folder::new("obstacle");
    let arguments = ["--output", "copy", "--once", "--give-up", "3600"];
    let (receiver, addresses) = Running::receiver(1, &arguments, &folder);
    // Its first page cannot be read.
    let (status, _, errors) = Running::sender(&addresses, &["/proc/self/mem"], &folder).end();
    assert!(!status.success() && errors.contains("mem: Input/output error"), "{errors}");
    let (status, _, errors) = receiver.end();
    assert!(!status.success() && errors.contains("the sender has given up"), "{errors}");

    // Nobody reads what it says any more.
    let probe = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = probe.local_addr().unwrap().to_string();
    drop(probe);
    let mut sender = Running::sender(core::slice::from_ref(&address), &["-"], &folder);
    sender.wait_for("calling");
    sender.lines = None;
    let receiver = Running::start(&[&["recv", "--listen", &address], &arguments[..]].concat(), &folder);
    assert_eq!(sender.child.wait().unwrap().code(), Some(1));
    let (status, _, errors) = receiver.end();
    assert!(!status.success() && errors.contains("the sender has given up"), "{errors}");
}

/// A receiver whose events nobody reads any more tells its sender that it ends.
#[test]
fn a_receiver_that_cannot_go_on_tells_the_sender() {
    let folder = Folder::new("unheard");
    let (mut receiver, addresses) = Running::receiver(1, &["--output", "copy"], &folder);
    receiver.lines = None;
    let (status, _, errors) = Running::sender(&addresses, &["-", "--give-up", "3600"], &folder).end();
    assert!(!status.success() && errors.contains("the receiver has given the transfer up"), "{errors}");
    assert_eq!(receiver.child.wait().unwrap().code(), Some(1));
}

#[test]
fn an_output_that_cannot_be_written_is_named_and_the_sender_is_told() {
    let folder = Folder::new("full");
    folder.with_file("file", 100_000);
    for (output, order, part) in [
        ("/dev/full", None, "/dev/full: No space left on device"),
        ("/dev/null", Some("--unordered"), "any order, which /dev/null cannot take"),
        ("-", Some("--unordered"), "any order, which standard output cannot take"),
    ] {
        let (receiver, addresses) = {
            let probe = UdpSocket::bind("127.0.0.1:0").unwrap();
            let address = probe.local_addr().unwrap().to_string();
            drop(probe);
            let arguments = ["recv", "--listen", &address, "--output", output, "--once"];
            (Running::start(&arguments, &folder), vec![address])
        };
        let arguments: Vec<&str> = order.into_iter().chain(["file"]).collect();
        let (status, _, errors) = Running::sender(&addresses, &arguments, &folder).end();
        assert!(!status.success() && errors.contains("cannot write its output"), "{errors}");
        let (status, _, errors) = receiver.end();
        assert!(!status.success() && errors.contains(part), "{errors}");
    }
}

/// Who looks at it in a terminal, as text.
#[test]
fn the_text_says_what_is_wrong_with_which_path() {
    let (folder, there) = (Folder::new("text"), Folder::new("text-there"));
    folder.with_file("file", 10);
    let (receiver, mut addresses) = Running::receiver(1, &["--once"], &there);
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap();
    addresses.push(nobody.local_addr().unwrap().to_string());
    let paths = addresses.iter().map(|address| format!("--path=local=127.0.0.1,remote={address}"));
    let output =
        Command::new(MULTIPATH).args(["send", "file"]).args(paths).current_dir(&folder.0).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for part in ["calling over 2 paths, ", "10 bytes in ", "path 2: nothing has come back"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("path 1: ") && !text.contains("dropped"), "{text}");
    drop(receiver);
}

#[test]
fn an_interrupted_end_tells_the_other() {
    let folder = Folder::new("interrupted");
    let (mut receiver, addresses) = Running::receiver(1, &["--output", "copy", "--once"], &folder);
    let mut sender = Running::sender(&addresses, &["-"], &folder);
    sender.wait_for("accepted");
    // As long as there may be more to send, the transfer is not over.
    let stdin = sender.child.stdin.take();
    sender.interrupt();
    let (status, _, errors) = sender.end();
    assert_eq!(status.code(), Some(130), "{errors}");
    assert!(errors.trim_end().ends_with("multipath: interrupted"), "{errors}");
    receiver.wait_for("counters");
    let (status, _, errors) = receiver.end();
    assert!(!status.success() && errors.contains("the sender has given up"), "{errors}");
    drop(stdin);

    let (receiver, addresses) = Running::receiver(1, &["--output", "copy", "--once"], &folder);
    let mut sender = Running::sender(&addresses, &["-"], &folder);
    sender.wait_for("accepted");
    receiver.interrupt();
    sender.wait_for("counters");
    let (status, _, errors) = sender.end();
    assert!(!status.success() && errors.contains("the receiver has given the transfer up"), "{errors}");
    assert_eq!(receiver.end().0.code(), Some(130));
}

/// An end whose other is gone says farewell, which a further interrupt cuts short (when, is held in virtual time for the sender).
#[test]
fn several_interrupts_are_as_good_as_one() {
    let folder = Folder::new("impatient");
    for is_sender in [true, false] {
        let (mut receiver, addresses) = Running::receiver(1, &["--output", "copy"], &folder);
        let mut sender = Running::sender(&addresses, &["-"], &folder);
        sender.wait_for("accepted");
        let stdin = sender.child.stdin.take();
        let (mut left, mut gone) = if is_sender {
            (sender, receiver)
        } else {
            receiver.wait_for("offered");
            (receiver, sender)
        };
        gone.child.kill().unwrap();
        gone.child.wait().unwrap();
        // Signals that come together are one.
        while left.child.try_wait().unwrap().is_none() {
            left.interrupt();
            thread::yield_now();
        }
        let (status, _, errors) = left.end();
        assert_eq!(status.code(), Some(130), "{errors}");
        drop(stdin);
    }
}

#[test]
fn a_restarted_receiver_ends_the_session() {
    let folder = Folder::new("restarted");
    let (mut receiver, addresses) = Running::receiver(1, &["--output", "copy"], &folder);
    let mut sender = Running::sender(&addresses, &["-"], &folder);
    sender.wait_for("accepted");
    receiver.child.kill().unwrap();
    receiver.child.wait().unwrap();
    let again = Running::start(&["recv", "--listen", &addresses[0]], &folder);
    sender.wait_for("counters");
    let (status, _, errors) = sender.end();
    assert!(!status.success() && errors.contains("was restarted and has lost the transfer"), "{errors}");
    drop(again);
}

const FIVE: &str = "127.0.0.1:0,127.0.0.1:0,127.0.0.1:0,127.0.0.1:0,127.0.0.1:0";

#[test]
fn a_mistake_is_one_line_that_names_it() {
    let folder = Folder::new("mistakes");
    folder.with_file("file", 10);
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let to_nobody = format!("--path=local=127.0.0.1,remote={taken}");
    let mistakes: [(&[&str], &str); 20] = [
        (&["recv", "--listen", &taken], "cannot be used here: Address already in use"),
        (&["send", "file", "--path=local=192.0.2.1,remote=192.0.2.2:9"], "there is no way from 192.0.2.1"),
        (&["send", "missing", &to_nobody], "missing: No such file"),
        (&["send", ".", &to_nobody], ".: is a directory"),
        (&["send", "file", &to_nobody, "--give-up=0.3"], "does `multipath recv` listen there"),
        (&["send", "file", &to_nobody, "--kill-path=2@1s"], "there is no path 2, but 1 path"),
        (&["recv", "--listen", "127.0.0.1:0", "--kill-path=4@1s"], "there is no path 4, but 1 path"),
        (&["bench", "--paths=2", "--kill-path=3@1s"], "there is no path 3, but 2 paths"),
        (&["recv", "--listen", "10.0.0.300:7"], "write IP:PORT, for example"),
        (&["recv", "--listen", FIVE], "--listen names 5 addresses"),
        (&["recv", "--listen", "127.0.0.1:0", "--output", "no/file"], "no/file: No such file"),
        (&["recv", "--listen", "127.0.0.1:0", "--output", "."], ".: is a directory"),
        (&["send", "file", "--path=local=127.0.0.1"], "a path has two ends"),
        (&["send", "file", "--path=remote=127.0.0.1"], "write remote=IP:PORT"),
        (&["send", "file", "--path=local=127.0.0.1,remote=[::1]:9"], "one end is an IPv4 address"),
        (&["send", "file", &to_nobody, "--payload=65441"], "1..=65440"),
        (&["send", "file", &to_nobody, "--kill-path=9@3s"], "2@3s-5s"),
        (&["send", "file", &to_nobody, "--drop=2"], "a number from 0 to 1"),
        (&["send", "file", &to_nobody, "--busy-wait=10001"], "from 0 to 10000"),
        (&["send", "file"], "--path <local=IP[:PORT],remote=IP:PORT>"),
    ];
    for (arguments, part) in mistakes {
        let (status, _, errors) = Running::start(arguments, &folder).end();
        assert!(!status.success() && errors.contains(part), "{arguments:?}: {errors}");
        assert!(errors.contains("error:") || errors.lines().count() == 1, "{errors}");
    }
}

#[test]
fn help_explains_everything() {
    for (command, options) in [
        ("recv", &["--listen", "--output", "--once"][..]),
        ("send", &["--path", "--payload", "--unordered", "--timeout", "--probe"]),
        ("bench", &["--size", "--paths", "--payload"]),
    ] {
        let help = Command::new(MULTIPATH).args([command, "--help"]).output().unwrap();
        let text = String::from_utf8(help.stdout).unwrap();
        let common =
            ["--json", "--drop", "--delay", "--kill-path", "--seed", "--give-up", "--busy-wait", "--log"];
        for option in options.iter().chain(&common) {
            assert!(text.contains(option), "{command} --help says nothing of {option}");
        }
    }
    assert!(Command::new(MULTIPATH).arg("--version").output().unwrap().status.success());
}

#[test]
fn bytes_that_are_others_on_the_disk_are_told_at_both_ends() {
    const LENGTH: u64 = 1 << 20;
    let folder = Folder::new("changed");
    let (receiver, addresses) = Running::receiver(1, &["--output", "copy", "--once"], &folder);
    let mut sender = Running::sender(&addresses, &["--unordered", "-"], &folder);
    sender.wait_for("accepted");
    let mut stdin = sender.child.stdin.take().unwrap();
    stdin.write_all(&[7; LENGTH as usize]).unwrap();
    let file = fs::File::options().read(true).write(true).open(folder.file("copy.part")).unwrap();
    let mut first = [0];
    while first != [7] || file.metadata().unwrap().len() < LENGTH {
        let _ = file.read_at(&mut first, 0).unwrap();
        thread::yield_now();
    }
    file.write_all_at(&[8], 0).unwrap();
    drop(stdin);
    for end in [sender, receiver] {
        let (status, _, errors) = end.end();
        assert!(!status.success() && errors.contains("hash"), "{errors}");
    }
}
