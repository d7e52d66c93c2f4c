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

/// KVM where a machine has come up with it. That the device is there says nothing: nested in another virtual machine it
/// often fails later, or is slower than emulation. The outcome is kept until this computer boots again.
pub(crate) fn choose(cache: &Cache, parts: &Parts) -> Result<Accelerator, VmError> {
    if fs::File::options().read(true).write(true).open("/dev/kvm").is_err() {
        return Ok(Accelerator::Emulated);
    }
    let host = |path: &str| fs::read(path).unwrap_or_default();
    let key =
        cache::key(&[&host("/proc/version"), &host("/proc/sys/kernel/random/boot_id"), parts.key.as_bytes()]);
    let outcome = cache.entry(&format!("kvm-{key}"), |path| {
        let works = if comes_up(parts)? { "works" } else { "does not work" };
        fs::write(path, works).map_err(VmError::file(path))
    })?;
    cache.keep_only("kvm-", &outcome);
    let works = fs::read_to_string(&outcome).map_err(VmError::file(&outcome))? == "works";
    Ok(if works { Accelerator::Kvm } else { Accelerator::Emulated })
}

fn comes_up(parts: &Parts) -> Result<bool, VmError> {
    let dir = RunDir::new()?;
    let command = parts.boot(Accelerator::Kvm, dir.path(), Path::new("/dev/null"), true);
    let mut running = Running::start(command, dir.file("console"))?;
    Ok(running.wait_for("machine: ready", PROBE).is_ok())
}
