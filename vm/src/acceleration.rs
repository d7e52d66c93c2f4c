//! Whether the processor's own support for virtual machines can be used.

use core::time::Duration;
use std::fs;
use std::path::Path;

use crate::cache::{self, Cache};
use crate::error::VmError;
use crate::machine::{Parts, Running};
use crate::run_dir::RunDir;

/// Who runs the machine's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accelerator {
    /// QEMU translates it.
    Emulated,
    /// The processor, by the kernel's KVM.
    Kvm,
}

/// With KVM a machine is up in a second.
const PROBE: Duration = Duration::from_secs(10);

/// The kernel's device for it.
const DEVICE: &str = "/dev/kvm";

/// KVM where a machine has come up with it. That the device is there says nothing: nested in another virtual machine it
/// often fails later, or is slower than emulation. The outcome is kept until this computer boots again.
pub(crate) fn choose(cache: &Cache, parts: &Parts) -> Result<Accelerator, VmError> {
    // Asked each time: another user may have other rights.
    if fs::File::options().read(true).write(true).open(DEVICE).is_err() {
        return Ok(Accelerator::Emulated);
    }
    let outcome = cache.entry(&entry_name(parts), |path| {
        let outcome = if comes_up(parts)? { WORKS } else { FAILS };
        fs::write(path, outcome).map_err(VmError::file(path))
    })?;
    cache.keep_only("kvm-", &outcome);
    let works = fs::read_to_string(&outcome).map_err(VmError::file(&outcome))? == WORKS;
    Ok(if works { Accelerator::Kvm } else { Accelerator::Emulated })
}

/// KVM has failed although a machine had come up with it: it is not tried again until this computer boots.
pub(crate) fn give_up(cache: &Cache, parts: &Parts) -> Result<(), VmError> {
    cache.replace(&entry_name(parts), FAILS.as_bytes())
}

const WORKS: &str = "works";
const FAILS: &str = "does not work";

/// Where the outcome is kept: that of these parts, under this kernel, since it was booted.
fn entry_name(parts: &Parts) -> String {
    let host = |path: &str| fs::read(path).unwrap_or_default();
    let key =
        cache::key(&[&host("/proc/version"), &host("/proc/sys/kernel/random/boot_id"), parts.key.as_bytes()]);
    format!("kvm-{key}")
}

fn comes_up(parts: &Parts) -> Result<bool, VmError> {
    let dir = RunDir::new()?;
    let command = parts.boot(Accelerator::Kvm, dir.path(), Path::new("/dev/null"), true);
    let mut running = Running::start(command, dir.file("console"))?;
    Ok(running.wait_for("machine: ready", PROBE).is_ok())
}
