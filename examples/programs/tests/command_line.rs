//! The programs without a fabric: their help, and one line for each mistake on the command line.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::{Command, Output};

const SAQ: &str = env!("CARGO_BIN_EXE_saq");
const REPATHD: &str = env!("CARGO_BIN_EXE_repathd");
const REPATH_HOST: &str = env!("CARGO_BIN_EXE_repath-host");
/// Nobody listens there.
const NOWHERE: &str = "ibsim:H1?sock=no-fabric-has-this-name";

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).env_remove("FABRIC_PORT").output().unwrap()
}

/// The line with which a program failed, having printed nothing.
fn failure(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn each_program_explains_itself() {
    for (program, option) in [(SAQ, "watch"), (REPATHD, "--settle"), (REPATH_HOST, "--queue-pair")] {
        let help = run(program, &["--help"]);
        let text = String::from_utf8(help.stdout).unwrap();
        assert!(help.status.success());
        for part in [option, "--port", "--json", "--pcap", "--drop", "--log", "FABRIC_PORT"] {
            assert!(text.contains(part), "{program} --help says nothing of {part}");
        }
        assert!(run(program, &["--version"]).status.success());
    }
}

#[test]
fn a_mistake_is_named() {
    let mistakes: [(&str, &[&str], &str); 38] = [
        (SAQ, &["port"], "saq: no port is named: add --port <URL>, or set FABRIC_PORT"),
        (REPATHD, &[], "repathd: no port is named: add --port <URL>, or set FABRIC_PORT"),
        (REPATH_HOST, &["--queue-pair", "H2"], "repath-host: no port is named: add --port <URL>"),
        (SAQ, &["--port", "H1", "port"], "port \"H1\" has no scheme: write one of ibsim:NODE"),
        (SAQ, &["--port", "tcp:H1", "port"], "there is no transport \"tcp\" here"),
        (SAQ, &["--port", "ibsim:", "port"], "names no node: write ibsim:NODE"),
        (SAQ, &["--port", NOWHERE], "saq: nothing is asked: name a question"),
        (SAQ, &["--list-ports", "nodes"], "saq: --list-ports stands in place of a question"),
        (SAQ, &["--list-ports", "--pcap", "FILE"], "cannot be used with '--pcap <FILE>'"),
        (SAQ, &["--port", NOWHERE, "node"], "<--lid <LID>|--guid <GUID>|--name <NAME>>"),
        (SAQ, &["--port", NOWHERE, "node", "--lid", "0"], "a port's LID is a number from 1 to 49151"),
        (SAQ, &["--port", NOWHERE, "node", "--guid", "0xg"], "a GUID has up to 16 hexadecimal digits"),
        (SAQ, &["--port", NOWHERE, "--log", "=!", "port"], "saq: --log: "),
        (
            SAQ,
            &["--port", NOWHERE, "--json", "--csv", "nodes"],
            "--json, --csv and --brief exclude each other",
        ),
        (SAQ, &["--port", NOWHERE, "--csv", "port"], "--csv is for records"),
        (SAQ, &["watch", "--csv", "--port", NOWHERE], "--csv is for records"),
        (SAQ, &["nodes", "--json", "--brief"], "--json, --csv and --brief exclude each other"),
        (SAQ, &["--json", "nodes", "--csv"], "--json, --csv and --brief exclude each other"),
        (SAQ, &["nodes", "--log", "=!", "--port", NOWHERE], "saq: --log: "),
        (SAQ, &["nodes", "--port", "H1"], "port \"H1\" has no scheme: write one of ibsim:NODE"),
        (SAQ, &["nodes", "--sm-key", "x"], "a number of up to 64 bits"),
        (SAQ, &["multipaths", "--from", "1"], "--to <PORT>"),
        (SAQ, &["multipaths", "--from", "1", "--to", "0xc000"], "a port's LID is a number from 1 to 49151"),
        (SAQ, &["--port", NOWHERE, "ports", "49152"], "a port's LID is a number from 1 to 49151"),
        (SAQ, &["--port", NOWHERE, "ports", "1", "--number", "256"], "256 is not in 0..=255"),
        (
            SAQ,
            &["--port", NOWHERE, "groups", "--mlid", "49151"],
            "a multicast LID is a number from 0xc000 to 0xfffe",
        ),
        (SAQ, &["--port", NOWHERE, "groups", "--mgid", "x"], "a GID is written like an IPv6 address"),
        (SAQ, &["--port", NOWHERE, "vlarb", "--block", "5"], "5 is not in 1..=4"),
        (SAQ, &["--port", NOWHERE, "paths", "--hosts", "--to", "1"], "--hosts asks for every pair of hosts"),
        (
            SAQ,
            &[&["multipaths", "--to", "1"][..], &["--from", "2"].repeat(11)].concat(),
            "12 ports are more than the 11 of one question",
        ),
        (SAQ, &["decode", "-", "--drop", "get"], "decode asks nobody: leave out --pcap, --drop and --sm-key"),
        (SAQ, &["decode", "-", "--full", "--brief"], "--brief and --full exclude each other"),
        (REPATHD, &["--port", NOWHERE, "--settle=-1"], "a number of seconds from 0 to 3600"),
        (REPATHD, &["--port", NOWHERE, "--method", "telepathy"], "telepathy"),
        (REPATH_HOST, &["--port", NOWHERE], "--queue-pair <PEER>"),
        (
            REPATH_HOST,
            &["--port", NOWHERE, "--queue-pair", "H2", "--on", "verbs:x"],
            "--connect <ADDRESS>|--listen",
        ),
        (REPATH_HOST, &["--port", NOWHERE, "--queue-pair", "H2", "--connect", "127.0.0.1:1"], "--on <URL>"),
        (
            REPATH_HOST,
            &["--port", NOWHERE, "--queue-pair", "H2", "--on", "rxe0", "--connect", "127.0.0.1:1"],
            if cfg!(feature = "verbs") { "does not begin with verbs:" } else { "built without RDMA" },
        ),
    ];
    for (program, arguments, part) in mistakes {
        let said = failure(program, arguments);
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
}

#[test]
fn a_fabric_that_is_not_there_is_one_line_with_what_to_do() {
    for (program, arguments) in
        [(SAQ, &["paths"][..]), (REPATHD, &[]), (REPATH_HOST, &["--queue-pair", "H2"])]
    {
        let arguments = [&["--port", NOWHERE], arguments].concat();
        let said = failure(program, &arguments);
        let name = program.rsplit('/').next().unwrap();
        let expected = format!("{name}: no ibsim runs under the name \"no-fabric-has-this-name\": start one");
        assert!(said.starts_with(&expected) && said.lines().count() == 1, "{said}");
    }
}

#[test]
fn options_stand_before_the_question_or_behind_it() {
    let other = "ibsim:H1?sock=nor-has-a-fabric-this-one";
    for (arguments, name) in [
        (&["--port", other, "nodes", "--json"][..], "nor-has-a-fabric-this-one"),
        (&["nodes", "--port", other, "--brief"], "nor-has-a-fabric-this-one"),
        (&["smp", "nodeinfo", "3", "--show-keys", "--port", other], "nor-has-a-fabric-this-one"),
        (&["nodes"], "no-fabric-has-this-name"),
    ] {
        let saq = Command::new(SAQ).args(arguments).env("FABRIC_PORT", NOWHERE).output().unwrap();
        let said = String::from_utf8(saq.stderr).unwrap();
        assert!(said.starts_with(&format!("saq: no ibsim runs under the name \"{name}\"")), "{said}");
    }
}
