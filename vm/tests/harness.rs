//! The machine as whoever runs something in it sees it: what comes out, with what exit code, and what is said when it cannot be.

#![allow(clippy::std_instead_of_alloc, clippy::disallowed_methods, reason = "it starts programs")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};

use support::{OwnCache, file, printed, refusal, run, vm};

#[test]
fn output_and_exit_code_are_the_programs() {
    for way in [&[][..], &["--boot"]] {
        let mut arguments = way.to_vec();
        let script = "echo one; echo two >&2; printf 'it is %s' \"$1\"; exit 77";
        arguments.extend(["sh", "-c", script, "sh", "a  'b' $HOME"]);
        let output = run(&arguments);
        assert_eq!(printed(&output), "one\ntwo\nit is a  'b' $HOME", "{way:?}");
        assert_eq!((output.status.code(), output.stderr.len()), (Some(77), 0), "{output:?}");
    }
    assert_eq!(run(&["--boot", "true"]).status.code(), Some(0));
}

#[test]
fn nothing_is_lost_of_a_long_output() {
    let output = run(&["seq", "1", "200000"]);
    let expected: String = (1..=200_000).map(|number| format!("{number}\n")).collect();
    assert!(printed(&output) == expected, "{} bytes, not {}", output.stdout.len(), expected.len());
}

#[test]
fn a_program_of_this_computer_goes_in_with_its_libraries_and_files() {
    let [script, data] = ["script", "data"].map(file);
    fs::write(&script, format!("#!/bin/sh\ncat {}\n", data.display())).unwrap();
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    fs::write(&data, "brought along\n").unwrap();
    let [script_name, data_name] = [&script, &data].map(|path| path.to_str().unwrap());
    let output = run(&["--with", data_name, script_name]);
    assert_eq!(printed(&output), "brought along\n", "{output:?}");
    // Linked with libraries that the machine does not have without it.
    let output = run(&["/usr/bin/dpkg-deb", "--version"]);
    assert!(printed(&output).starts_with("Debian 'dpkg-deb'"), "{output:?}");
    for file in [script, data] {
        fs::remove_file(file).unwrap();
    }
}

#[test]
fn time_is_the_hosts() {
    let before = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let output = run(&["date", "+%s"]);
    let inside: u64 = printed(&output).trim().parse().unwrap();
    let after = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!((before..=after).contains(&inside), "{before} {inside} {after}");
}

#[test]
fn the_time_limit_ends_it() {
    let output = run(&["--limit", "1", "sleep", "1000"]);
    assert_eq!(refusal(&output), (124, "the time limit of 1 s ended sleep; a longer one: --limit SECONDS"));
}

#[test]
fn a_machine_that_dies_is_no_success() {
    // stty waits until what was printed is out.
    let script = "echo before; stty -F /dev/ttyS1 raw -echo; echo c > /proc/sysrq-trigger";
    let output = run(&["sh", "-c", script]);
    assert_eq!(printed(&output), "before\n");
    let (code, said) = refusal(&output);
    assert_eq!(code, 125);
    assert!(said.starts_with("the machine died under sh: Kernel panic - not syncing: sysrq"), "{said}");
    // One that ends without an exit code of the program.
    let output = run(&["reboot", "-f"]);
    let (code, said) = refusal(&output);
    assert!(code == 125 && said.starts_with("the machine died under reboot: "), "{code} {said}");
}

#[test]
fn what_cannot_be_run_is_said() {
    let (code, said) = (run(&["no-such-program"]), "the machine has no program no-such-program\n");
    assert_eq!((code.status.code(), printed(&code)), (Some(127), said));
    let output = run(&["./no-such-test"]);
    let (code, said) = refusal(&output);
    assert_eq!(code, 126);
    assert!(said.starts_with("./no-such-test: No such file"), "{said}");
}

/// Run with a file of the system hidden, in a mount namespace of its own.
fn without(hidden: &str, arguments: &str) -> Output {
    let vm = vm();
    let line: Vec<_> =
        core::iter::once(vm.get_program()).chain(vm.get_args()).map(|word| word.to_str().unwrap()).collect();
    let script = format!("mount --bind /dev/null {hidden} && exec {} {arguments}", line.join(" "));
    Command::new("unshare").args(["--mount", "--map-root-user", "sh", "-c", &script]).output().unwrap()
}

#[test]
fn a_missing_package_is_named() {
    let output = without("/usr/bin/qemu-system-x86_64", "true");
    let expected = "qemu-system-x86_64 is not installed; on Debian: apt-get install qemu-system-x86";
    assert_eq!(refusal(&output), (126, expected));
    let output = without("/usr/bin/busybox", "true");
    assert_eq!(
        refusal(&output),
        (126, "busybox is not installed; on Debian: apt-get install busybox-static")
    );
}

#[test]
fn what_a_killed_run_leaves_is_removed_by_the_next() {
    let mut killed = vm().args(["sleep", "1000"]).stdout(Stdio::null()).spawn().unwrap();
    let prefix = format!("fabric-ha-vm-{}-", killed.id());
    let folders = || {
        let entries = fs::read_dir(std::env::temp_dir()).unwrap().filter_map(Result::ok);
        entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix)).count()
    };
    while folders() == 0 {
        std::thread::yield_now();
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(run(&["true"]).status.code(), Some(0));
    assert_eq!(folders(), 0);
}

#[test]
fn a_kernel_without_a_module_is_refused_by_its_name() {
    let cache = OwnCache::new("without-module");
    fs::remove_file(cache.entry("kernel-").join("modules/rdma_rxe.ko")).unwrap();
    let output = cache.run(&["true"]);
    let (code, said) = refusal(&output);
    assert_eq!(code, 126);
    assert!(said.starts_with("the machine cannot run the job: "), "{said}");
    assert!(said.contains("the kernel does not load its module rdma_rxe"), "{said}");
}

#[test]
fn a_saved_machine_that_is_broken_is_replaced() {
    let cache = OwnCache::new("broken");
    fs::write(cache.entry("saved-"), "not a machine").unwrap();
    let first = cache.run(&["echo", "it runs"]);
    assert_eq!((first.status.code(), printed(&first)), (Some(0), "it runs\n"), "{first:?}");
    let said = String::from_utf8(first.stderr).unwrap();
    assert!(said.contains("the saved machine does not come up"), "{said}");
    let second = cache.run(&["echo", "it runs"]);
    assert_eq!((printed(&second), second.stderr.len()), ("it runs\n", 0), "{second:?}");
}
