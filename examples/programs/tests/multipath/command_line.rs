//! The command line: each mistake, and the help.

use std::net::UdpSocket;
use std::process::Command;

use crate::running::{Folder, MULTIPATH, Running};

const FIVE: &str = "127.0.0.1:0,127.0.0.1:0,127.0.0.1:0,127.0.0.1:0,127.0.0.1:0";

#[test]
fn a_mistake_is_one_line_that_names_it() {
    let folder = Folder::new("mistakes");
    folder.with_file("file", 10);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = socket.local_addr().unwrap().to_string();
    let to_nobody = format!("--path=local=127.0.0.1,remote={taken}");
    let mistakes: [(&[&str], &str); 34] = [
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
        (&["send", "file", &to_nobody, "--drop=101"], "a number from 0 to 1"),
        (&["send", "file", &to_nobody, "--kill-path=1@3"], "2@3s-5s"),
        (&["send", "file", &to_nobody, "--delay=20ms-5ms"], "is no delay: write one like 5ms"),
        (&["send", "file", &to_nobody, "--payload=0"], "1..=65440"),
        (&["send", "file", &to_nobody, "--timeout=0"], "milliseconds from 1 to 60000"),
        (&["send", "file", &to_nobody, "--probe=60001"], "milliseconds from 1 to 60000"),
        (&["send", "file", &to_nobody, "--give-up=nan"], "seconds from 0.1 to 86400"),
        (&["send", "file", &to_nobody, "--seed=x"], "a whole number"),
        (&["send", "file", &to_nobody, "--log==!"], "multipath: --log: "),
        (
            &["send", "file", "--path=local=127.0.0.1,local=127.0.0.2,remote=127.0.0.1:9"],
            "local stands there twice",
        ),
        (
            &["send", "file", "--path=local=127.0.0.1,remote=127.0.0.1:8,remote=127.0.0.1:9"],
            "remote stands there twice",
        ),
        (&["send", "file", "--path=local=127.0.0.1,remote=224.0.0.1:9"], "not the address of one machine"),
        (
            &["send", "file", "--path=local=127.0.0.1,remote=255.255.255.255:9"],
            "not the address of one machine",
        ),
        (&["bench", "--size=1", "--give-up=0.3", "--kill-path=1@0s"], "for 0.3 s"),
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
        // What the command is about comes first, what makes a bad network last.
        let place = |option: &str| text.find(&format!("      {option}")).unwrap();
        let own = options.iter().map(|option| place(option));
        assert!(own.max() < Some(place("--json")) && place("--log") < place("--drop"), "{text}");
    }
    assert!(Command::new(MULTIPATH).arg("--version").output().unwrap().status.success());
}
