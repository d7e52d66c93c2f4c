//! The program as its tests run it, and a cache that they may spoil.

#![allow(dead_code, reason = "no file uses all of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Once;

/// The program under test, with the cache that all machines of this folder share. The first to use it fills it: the kernel is
/// fetched then, which is said on the standard error that the tests read.
pub(crate) fn vm() -> Command {
    static CACHE: Once = Once::new();
    CACHE.call_once(|| {
        let filled = vm_as_it_is().arg("true").output().unwrap();
        assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
    });
    vm_as_it_is()
}

/// The program with that cache, which may be empty.
fn vm_as_it_is() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fabric-ha-vm"));
    command.arg("--cache").arg(Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("vm"));
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    vm().args(arguments).output().unwrap()
}

pub(crate) fn printed(output: &Output) -> &str {
    core::str::from_utf8(&output.stdout).unwrap()
}

/// The one line that says why it was not done, and the exit code.
pub(crate) fn refusal(output: &Output) -> (i32, &str) {
    let said = core::str::from_utf8(&output.stderr).unwrap().trim_end();
    assert_eq!(said.lines().count(), 1, "{said}");
    (output.status.code().unwrap(), said.strip_prefix("vm/run: ").unwrap())
}

/// A file of this test among the temporary ones.
pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()))
}

/// A copy of the cache, to break something in.
pub(crate) struct OwnCache(pub(crate) PathBuf);

impl OwnCache {
    pub(crate) fn new(name: &str) -> Self {
        // So that there is something to copy.
        assert_eq!(run(&["true"]).status.code(), Some(0));
        let copy = Self(file(name));
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("vm");
        assert!(Command::new("cp").arg("-a").args([&cache, &copy.0]).status().unwrap().success());
        copy
    }

    /// The one entry of a kind.
    pub(crate) fn entry(&self, kind: &str) -> PathBuf {
        let entries = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        let mut entries =
            entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(kind));
        entries.next().unwrap()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fabric-ha-vm"));
        command.arg("--cache").arg(&self.0).args(arguments).output().unwrap()
    }
}

impl Drop for OwnCache {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
