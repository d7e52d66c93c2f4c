//! Programs on a fabric that the program `fabric` hosts, and on one of their own.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

const FABRIC: &str = env!("CARGO_BIN_EXE_fabric");
const SAQ: &str = env!("CARGO_BIN_EXE_saq");

/// A running host, with its console. It ends with the test.
struct Host {
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    name: String,
}

impl Host {
    fn start(what: &str, options: &[&str]) -> Self {
        let name = format!("test-{what}-{}", std::process::id());
        let mut process = Command::new(FABRIC)
            .args(["--topology", "mesh:2x1:hosts=2", "--name", &name])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut host = Self { process, commands, answers, name };
        let ready = host.answer();
        assert!(ready.contains("ready"), "{ready}");
        host
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Give a command, and take the first line that comes for it.
    fn command(&mut self, command: &str) -> String {
        writeln!(self.commands, "{command}").unwrap();
        self.answer()
    }

    fn saq(&self, node: &str, question: &[&str]) -> Output {
        let port = format!("sim:{node}?sock={}", self.name);
        saq(&port, question)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn saq(port: &str, question: &[&str]) -> Output {
    Command::new(SAQ).args(["--port", port]).args(question).env_remove("FABRIC_PORT").output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr[..]].concat()).unwrap()
}

#[test]
fn saq_asks_nodes_and_the_console_cuts_their_links() {
    let mut host = Host::start("console", &[]);
    let far = ["smp", "nodedesc", "--route", "1,1,6"];
    let answer = host.saq("H1", &far);
    assert!(answer.status.success() && text(&answer).contains("H4"), "{}", text(&answer));
    assert_eq!(host.command("Unlink \"S1\"[1]"), "done: Unlink \"S1\"[1]");
    let answer = host.saq("H1", &far);
    assert!(!answer.status.success() && text(&answer).contains("no answer"), "{}", text(&answer));
    let state = host.saq("H1", &["smp", "portinfo", "--route", "1", "--number", "1"]);
    assert!(text(&state).contains("Down"), "{}", text(&state));
    assert_eq!(host.command("ReLink \"S1\"[1]"), "done: ReLink \"S1\"[1]");
    assert!(host.saq("S2", &["smp", "nodedesc", "--route", "2"]).status.success(), "from a switch");
    let unknown = host.saq("H9", &far);
    assert!(text(&unknown).contains("no node \"H9\""), "{}", text(&unknown));
    writeln!(host.commands, "Quit").unwrap();
    assert!(host.process.wait().unwrap().success());
    let gone = host.saq("H1", &far);
    assert!(text(&gone).contains("start one (fabric --topology"), "{}", text(&gone));
}

#[test]
fn a_second_host_of_a_name_is_refused_and_events_come_as_json() {
    let mut host = Host::start("json", &["--json"]);
    let again = Command::new(FABRIC)
        .args(["--topology", "mesh:2x1", "--name", &host.name])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!again.status.success() && text(&again).contains("already"), "{}", text(&again));
    let answer: serde_json::Value = serde_json::from_str(&host.command("Dump \"H1\"")).unwrap();
    assert_eq!((&answer["event"], &answer["peer"]), (&"port".into(), &"S1".into()));
    let answer: serde_json::Value = serde_json::from_str(&host.command("Dance")).unwrap();
    assert_eq!(answer["event"], "error");
}

#[test]
fn a_fabric_of_ones_own_needs_no_host() {
    let answer = saq("sim:torus:3x3:hosts=1@H1", &["smp", "nodedesc", "--route", "1,1,1,1"]);
    assert!(answer.status.success() && text(&answer).contains("S1"), "{}", text(&answer));
}

#[test]
fn mistakes_are_named() {
    for (options, part) in [
        (&["--topology", "mesh:0x1"][..], "mesh:0x1"),
        (&["--topology", "/nowhere"], "/nowhere cannot be read"),
        (&["--topology", "mesh:2x1", "--lanes", "3"], "--lanes"),
        (&["--topology", "mesh:2x1", "--credits", "0"], "--credits"),
        (&["--topology", "mesh:2x1", "--name", ""], "names no socket"),
    ] {
        let failed = Command::new(FABRIC).args(options).stdin(Stdio::null()).output().unwrap();
        assert!(!failed.status.success() && text(&failed).contains(part), "{options:?}: {}", text(&failed));
    }
}
