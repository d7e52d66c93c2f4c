//! A machine that is up, in a file: what takes seconds is done once.

use core::time::Duration;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use crate::acceleration::Accelerator;
use crate::cache::{self, Cache};
use crate::error::VmError;
use crate::machine::{Parts, Running, UP, comma};
use crate::run_dir::RunDir;

/// Half a gigabyte at the speed of a slow disk.
const SAVED: Duration = Duration::from_secs(60);

/// The saved machine of these parts; it is booted and saved when there is none.
pub(crate) fn take(cache: &Cache, parts: &Parts, accelerator: Accelerator) -> Result<PathBuf, VmError> {
    let saved = cache.entry(&entry_name(&parts.key, accelerator), |path| save(parts, accelerator, path))?;
    cache.keep_only("saved-", &saved);
    Ok(saved)
}

/// One that was saved under emulation is not restored under KVM, nor the other way round: the processor is another.
fn entry_name(parts: &str, accelerator: Accelerator) -> String {
    format!("saved-{}", cache::key(&[parts.as_bytes(), format!("{accelerator:?}").as_bytes()]))
}

/// Throw a saved machine away.
pub(crate) fn forget(saved: &Path) {
    // Another process may have done so.
    let _ = fs::remove_file(saved);
}

fn save(parts: &Parts, accelerator: Accelerator, to: &Path) -> Result<(), VmError> {
    let dir = RunDir::new()?;
    // The disk is looked at only after a restore: here it holds nothing.
    let disk = dir.write("disk", &[0; 512])?;
    let monitor = dir.file("monitor");
    let mut command = parts.boot(accelerator, dir.path(), &disk, true);
    command.arg("-monitor").arg(format!("unix:{},server=on,wait=off", comma(&monitor)));
    let mut running = Running::start(command, dir.file("console"))?;
    running.wait_for("machine: ready", UP)?;
    let mut stream = UnixStream::connect(&monitor).map_err(VmError::file(&monitor))?;
    // The monitor takes the second line when the first is done.
    let to = to.to_string_lossy().replace('\'', r"'\''").replace('\\', r"\\").replace('"', "\\\"");
    let lines = format!("migrate \"exec:cat > '{to}'\"\nquit\n");
    stream.write_all(lines.as_bytes()).map_err(VmError::file(&monitor))?;
    let mut said = String::new();
    let _ = stream.set_read_timeout(Some(SAVED));
    let _ = stream.read_to_string(&mut said);
    if running.wait_for_end(SAVED) {
        return Ok(());
    }
    Err(VmError::NotUp { after: None, reason: format!("it is not saved: {}", said.trim()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_accelerator_has_saved_machines_of_its_own() {
        let [emulated, kvm] = [Accelerator::Emulated, Accelerator::Kvm].map(|how| entry_name("parts", how));
        assert_ne!(emulated, kvm);
        assert_ne!(emulated, entry_name("other parts", Accelerator::Emulated));
    }
}
