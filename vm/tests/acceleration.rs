//! KVM is used where a machine has come up with it, and emulation everywhere else. Here is no processor for the former: where it is to
//! work, a QEMU that stands before the real one asks that to emulate.

#![allow(clippy::std_instead_of_alloc, clippy::disallowed_methods, reason = "it starts programs")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use support::{OwnCache, file};

/// Run a job, `how`, with what `make` makes as the device of KVM ($kvm), in a mount namespace with a folder of devices of its own, and programs of
/// `before` found first.
fn run_with_device(cache: &OwnCache, make: &str, before: &str, how: &str) -> Output {
    let devices = cache.0.join("devices");
    fs::create_dir_all(&devices).unwrap();
    let (devices, program) = (devices.display(), env!("CARGO_BIN_EXE_fabric-ha-vm"));
    let script = format!(
        "set -e; mount -t tmpfs tmpfs {devices}; for name in null zero random urandom; do
             : >{devices}/$name; mount --bind /dev/$name {devices}/$name
         done
         kvm={devices}/kvm; {make}; mount --rbind {devices} /dev
         PATH={before}:$PATH exec {program} --cache {} --console {how} sh -c 'exit 7'",
        cache.0.display()
    );
    Command::new("unshare").args(["--mount", "--map-root-user", "sh", "-c", &script]).output().unwrap()
}

/// How the job was run, and what was said beside what the kernel says.
fn told(output: &Output) -> (Option<i32>, Vec<&str>) {
    let said = core::str::from_utf8(&output.stderr).unwrap();
    let told = said.lines().filter_map(|line| line.strip_prefix("vm/run: ")).collect();
    (output.status.code(), told)
}

/// It was emulated, and nothing else is said.
fn assert_emulated(output: &Output) {
    let (code, told) = told(output);
    assert!(code == Some(7) && told.len() == 1 && told[0].starts_with("Emulated, Restore("), "{output:?}");
}

/// A cache from which nothing is known of KVM on this computer.
fn untried(name: &str) -> OwnCache {
    let cache = OwnCache::new(name);
    if let Some(known) = entry(&cache) {
        fs::remove_file(known).unwrap();
    }
    cache
}

/// What the cache has of KVM.
fn entry(cache: &OwnCache) -> Option<PathBuf> {
    let mut entries = fs::read_dir(&cache.0).unwrap().map(|entry| entry.unwrap().path());
    entries.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with("kvm-"))
}

/// Whether it was found that KVM works; nothing if that was not tried.
fn outcome(cache: &OwnCache) -> Option<String> {
    entry(cache).map(|path| fs::read_to_string(path).unwrap())
}

#[test]
fn a_device_that_cannot_be_opened_is_not_tried() {
    let cache = untried("kvm-closed");
    let output = run_with_device(&cache, "mkdir $kvm", "/nowhere", "");
    assert_emulated(&output);
    assert_eq!(outcome(&cache), None);
}

#[test]
fn a_device_that_makes_no_machine_is_tried_once() {
    let cache = untried("kvm-broken");
    // QEMU opens it, and is told that it is no KVM.
    let output = run_with_device(&cache, ": >$kvm", "/nowhere", "");
    assert_emulated(&output);
    assert_eq!(outcome(&cache).as_deref(), Some("does not work"));
}

#[test]
fn kvm_is_used_where_it_works_and_emulation_when_it_does_no_more() {
    let cache = untried("kvm-works");
    let [before, broken] = ["qemu-before", "qemu-is-broken"].map(file);
    fs::create_dir_all(&before).unwrap();
    let qemu = before.join("qemu-system-x86_64");
    // The machine that is only tried is up at once; the others are emulated.
    let script = format!(
        "#!/bin/bash
         if [[ \" $* \" == *\" -accel kvm \"* ]]; then
             [[ ! -e {} ]] || {{ echo no virtual machines here >&2; exit 1; }}
             [[ \"$*\" != *machine.wait* ]] || {{ echo machine: ready; exec cat; }}
         fi
         exec /usr/bin/qemu-system-x86_64 \"${{@/#kvm/tcg}}\"\n",
        broken.display()
    );
    fs::write(&qemu, script).unwrap();
    fs::set_permissions(&qemu, Permissions::from_mode(0o755)).unwrap();
    let run = || run_with_device(&cache, ": >$kvm", before.to_str().unwrap(), "--boot");
    let output = run();
    assert_eq!(told(&output), (Some(7), vec!["Kvm, Boot"]), "{output:?}");
    assert_eq!(outcome(&cache).as_deref(), Some("works"));
    fs::write(&broken, "").unwrap();
    let output = run();
    let given_up =
        "no machine comes up with KVM any more (no virtual machines here): it is emulated from now on";
    assert_eq!(told(&output), (Some(7), vec!["Kvm, Boot", given_up, "Emulated, Boot"]), "{output:?}");
    assert_eq!(outcome(&cache).as_deref(), Some("does not work"));
    fs::remove_dir_all(before).unwrap();
    fs::remove_file(broken).unwrap();
}
