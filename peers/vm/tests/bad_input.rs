//! What is said of devices, ports, limits and libraries that are not as they should be: one line, with what to do.

#![allow(clippy::std_instead_of_alloc, reason = "there is an operating system")]
#![allow(clippy::disallowed_methods, reason = "tests read the clock")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod verbs_support;

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Instant;

use machine::{End, Machine, run};
use transport::verbs::{Access, Event, Port, VerbsError, VerbsName, devices};

use verbs_support::{LIMIT, port};

fn refusal(url: &str) -> String {
    let error = Port::open(&url.parse::<VerbsName>().unwrap()).unwrap_err().to_string();
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

#[test]
fn devices_ports_and_gids_that_are_not_there_are_named_with_those_that_are() {
    let _machine = Machine::this();
    assert_eq!(devices().unwrap(), ["rxe0".into(), "rxe1".into()]);
    assert_eq!(refusal("verbs:mlx5_0"), "there is no RDMA device \"mlx5_0\": there is rxe0, rxe1");
    for number in [0, 2] {
        let said = format!("the RDMA device rxe0 has no port {number}: it has 1 to 1");
        assert_eq!(refusal(&format!("verbs:rxe0/{number}")), said);
    }
    let said = refusal("verbs:rxe0?gid-index=99");
    assert!(said.starts_with("port rxe0/1 has no GID at index 99: it has fe80::"), "{said}");
    let said = refusal("verbs:rxe0?gid=10.77.0.2");
    assert!(said.starts_with("port rxe0/1 has no GID ::ffff:10.77.0.2: it has fe80::"), "{said}");
    assert!(said.contains("::ffff:10.77.0.1 (index "), "{said}");
}

#[test]
fn a_port_without_a_link_is_named_and_events_tell_when_it_goes_and_comes() {
    let machine = Machine::this();
    let port = port(End::Zero, 0);
    let down = machine.link_down(End::Zero);
    let said = refusal("verbs:rxe0");
    assert!(said.starts_with("port rxe0/1 is down (physical state 3): check its cable"), "{said}");
    wait_for(&port, Event::PortDown(1));
    drop(down);
    wait_for(&port, Event::PortActive(1));
    Port::open(&VerbsName::new("rxe0", 1)).unwrap();
}

fn wait_for(port: &Port, event: Event) {
    let begun = Instant::now();
    while port.next_event(LIMIT).unwrap() != Some(event) {
        assert!(begun.elapsed() < LIMIT, "{event:?} does not come");
    }
}

/// Have a file or folder stand in for another until this is dropped.
struct Laid(&'static str);

impl Laid {
    fn over(path: &'static str, source: &str) -> Self {
        run("mount", &["--bind", source, path]);
        Self(path)
    }
}

impl Drop for Laid {
    fn drop(&mut self) {
        run("umount", &[self.0]);
    }
}

#[test]
fn a_machine_without_devices_or_modules_is_told_what_to_load() {
    let machine = Machine::this();
    for end in [End::Zero, End::One] {
        run("rdma", &["link", "delete", end.rdma_device()]);
    }
    let no_device = || {
        let said = refusal("verbs:rxe0");
        assert!(
            said.starts_with(
                "this machine has no RDMA device (/sys/class/infiniband is empty): load its driver"
            ),
            "{said}"
        );
        assert!(said.contains("modprobe rdma_rxe && rdma link add rxe0 type rxe netdev eth0"), "{said}");
    };
    no_device();
    // Nor is the kernel's interface for programs there without the modules.
    for module in ["rdma_ucm", "rdma_rxe", "ib_uverbs"] {
        run("rmmod", &[module]);
    }
    no_device();
    machine.load_module("rdma_rxe");
    machine.load_module("rdma_ucm");
    for end in [End::Zero, End::One] {
        run("rdma", &["link", "add", end.rdma_device(), "type", "rxe", "netdev", end.network_device()]);
    }
    let begun = Instant::now();
    while let Err(error) = Port::open(&VerbsName::new("rxe1", 1)) {
        assert!(begun.elapsed() < LIMIT, "{error}");
        std::thread::yield_now();
    }
}

/// What [`in_another_process`] has to be told.
const WHAT: &str = "FABRIC_HA_TRY";

/// Not a test of its own: what others start again in a process with less rights. It tells why it could not do what it is told.
#[test]
fn in_another_process() {
    let Ok(what) = std::env::var(WHAT) else { return };
    let error = match (what.as_str(), Port::open(&VerbsName::new("rxe0", 1))) {
        ("register", Ok(port)) => port.register(1 << 20, Access::REMOTE).map(drop),
        (_, opened) => opened.map(drop),
    };
    println!("said: {}", error.map_or_else(|error| error.to_string(), |()| "nothing".into()));
}

/// What is said in a process that the shell sets up by `before`, with the rights of a user who is not root.
fn said_in_another_process(what: &str, before: &str) -> String {
    let program = std::env::current_exe().unwrap();
    let script = format!("{before}; exec {} --exact in_another_process --nocapture", program.display());
    let mut command = Command::new("sh");
    command.args(["-c", &script]).env(WHAT, what).uid(1000).gid(1000);
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let said = text.lines().find_map(|line| line.split_once("said: ")).map(|(_, said)| said.to_owned());
    said.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn limits_rights_and_libraries_that_are_missing_are_named() {
    let _machine = Machine::this();
    assert_eq!(said_in_another_process("register", "true"), "nothing");
    assert_eq!(
        said_in_another_process("register", "ulimit -l 64"),
        "1048576 bytes cannot be registered (ibv_reg_mr_iova: Cannot allocate memory (os error 12)): this process may lock 65536 bytes of memory in all; raise the limit (`ulimit -l \
         unlimited`, or LimitMEMLOCK=infinity in its unit)"
    );
    run("chmod", &["600", "/dev/infiniband/uverbs0", "/dev/infiniband/uverbs1"]);
    let said = said_in_another_process("open", "true");
    run("chmod", &["666", "/dev/infiniband/uverbs0", "/dev/infiniband/uverbs1"]);
    assert!(
        said.starts_with(
            "the RDMA device rxe0 may not be opened (Permission denied (os error 13)): run this as root, or give this user the right to \
            /dev/infiniband/uverbs0 (`chgrp`"
        ),
        "{said}"
    );
    let hidden = Laid::over("/dev/infiniband", "/machine");
    let said = said_in_another_process("open", "true");
    drop(hidden);
    assert!(
        said.starts_with(
            "the RDMA device rxe0 cannot be opened (No such file or directory (os error 2)): /dev/infiniband/uverbs0 is missing; is udev"
        ),
        "{said}"
    );
    let library = libibverbs();
    let hidden = Laid::over(library, "/dev/null");
    let said = said_in_another_process("open", "true");
    drop(hidden);
    assert!(said.starts_with("libibverbs.so.1 cannot be loaded: install it with its providers"), "{said}");
    assert_eq!(said_in_another_process("open", "true"), "nothing");
}

/// Where the machine has the library.
fn libibverbs() -> &'static str {
    let places = ["/lib/x86_64-linux-gnu/libibverbs.so.1", "/usr/lib/x86_64-linux-gnu/libibverbs.so.1"];
    places.into_iter().find(|path| std::fs::exists(path).unwrap()).unwrap()
}

#[test]
fn a_region_that_no_memory_is_for_is_refused() {
    let _machine = Machine::this();
    let port = port(End::Zero, 0);
    let error = port.register(1 << 46, Access::LOCAL).unwrap_err();
    assert!(matches!(error, VerbsError::Memory { .. }), "{error}");
    assert!(port.register(0, Access::LOCAL).is_err());
    let error = port.completion_queue(1 << 30).unwrap_err().to_string();
    assert!(error.contains("ibv_create_cq") && error.ends_with("ask for shallower queues"), "{error}");
}
