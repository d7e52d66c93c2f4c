//! A disk that two initiators see: a file behind Linux's SCSI target, on two loops.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::Machine;

const TARGET: &str = "/sys/kernel/config/target";
/// How long a disk may take to appear or to go.
const APPEARED: Duration = Duration::from_secs(60);

/// One disk by two paths, each of an initiator of its own: to the disk, two nodes. It goes when this is dropped.
#[derive(Debug)]
pub struct TwoPaths {
    number: u32,
    file: PathBuf,
    paths: Vec<PathBuf>,
}

impl TwoPaths {
    pub(crate) fn new(machine: &Machine, bytes: u64) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        for module in ["target_core_mod", "target_core_file", "tcm_loop", "sd_mod"] {
            machine.load_module(module);
        }
        // Where the target keeps what is registered, which Linux always asks it to.
        make(Path::new("/var/target/pr"));
        let file = PathBuf::from(format!("/tmp/disk{number}"));
        let mut disk = Self { number, file, paths: Vec::new() };
        let zeros = fs::File::create(&disk.file).and_then(|file| file.set_len(bytes));
        zeros.unwrap_or_else(|error| panic!("{}: {error}", disk.file.display()));
        let core = disk.core();
        make(&core);
        let control = format!("fd_dev_name={},fd_dev_size={bytes}", disk.file.display());
        write(&core.join("control"), &control);
        write(&core.join("enable"), "1");
        for path in 0..2 {
            let before = disks();
            let (port, lun) = disk.port(path);
            make(&lun);
            // Each path is an initiator of its own: their names have to differ.
            write(&port.join("nexus"), &disk.name(path));
            let linked = std::os::unix::fs::symlink(&core, lun.join("disk"));
            linked.unwrap_or_else(|error| panic!("{}: {error}", lun.display()));
            disk.paths.push(wait_for(|| disks().into_iter().find(|disk| !before.contains(disk))));
        }
        disk
    }

    /// The disk, as one of the two nodes (0 or 1) sees it.
    pub fn path(&self, node: usize) -> &Path {
        &self.paths[node]
    }

    fn core(&self) -> PathBuf {
        format!("{TARGET}/core/fileio_{}/disk", self.number).into()
    }

    fn name(&self, path: u32) -> String {
        format!("naa.600140500000{:04x}", self.number * 2 + path)
    }

    /// A loop's port, and the disk on it.
    fn port(&self, path: u32) -> (PathBuf, PathBuf) {
        let port = PathBuf::from(format!("{TARGET}/loopback/{}/tpgt_1", self.name(path)));
        let lun = port.join("lun/lun_0");
        (port, lun)
    }
}

impl Drop for TwoPaths {
    fn drop(&mut self) {
        for path in 0..2 {
            let (port, lun) = self.port(path);
            let _ = fs::remove_file(lun.join("disk"));
            for folder in [&lun, &port, &port.with_file_name("")] {
                let _ = fs::remove_dir(folder);
            }
        }
        // The next disk may get the same names.
        let started = Instant::now();
        let is_there =
            |path: &PathBuf| path.file_name().is_some_and(|name| Path::new("/sys/block").join(name).exists());
        while self.paths.iter().any(is_there) && started.elapsed() < APPEARED {
            std::thread::yield_now();
        }
        let _ = fs::remove_dir(self.core());
        let _ = fs::remove_file(&self.file);
    }
}

/// The SCSI disks that can be used.
fn disks() -> Vec<PathBuf> {
    let names = fs::read_dir("/sys/block").into_iter().flatten().flatten();
    let names = names.filter(|entry| {
        let size = fs::read_to_string(entry.path().join("size")).unwrap_or_default();
        entry.file_name().to_string_lossy().starts_with("sd") && size.trim() != "0"
    });
    let mut disks: Vec<_> = names.map(|entry| Path::new("/dev").join(entry.file_name())).collect();
    // The kernel makes the file before it has looked at the disk.
    disks.retain(|path| fs::File::open(path).is_ok());
    disks.sort();
    disks
}

fn wait_for<T>(mut what: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(there) = what() {
            return there;
        }
        assert!(started.elapsed() < APPEARED, "the disk does not appear");
        std::thread::yield_now();
    }
}

fn make(folder: &Path) {
    fs::create_dir_all(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
}

fn write(file: &Path, text: &str) {
    fs::write(file, text).unwrap_or_else(|error| panic!("{text} to {}: {error}", file.display()));
}
