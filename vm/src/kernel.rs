//! Debian's kernel: its package is downloaded and unpacked, not installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cache::{self, Cache};
use crate::error::VmError;
use crate::files::{locate, output};
use crate::modules::{CARRIED, LOADED, Modules, modules_dep};
use crate::run_dir::RunDir;

/// The package that depends on the newest kernel. (The cloud flavour has no RDMA.)
const NEWEST: &str = "linux-image-amd64";

/// The kernel and the modules of the machine, in a folder.
#[derive(Debug)]
pub(crate) struct Kernel(PathBuf);

impl Kernel {
    /// The kernel that is in the cache, or the one that Debian has now.
    pub(crate) fn get(cache: &Cache) -> Result<Self, VmError> {
        let modules: Vec<&[u8]> = LOADED.iter().chain(&CARRIED).map(|name| name.as_bytes()).collect();
        let folder = cache.entry(&format!("kernel-{}", cache::key(&modules)), download)?;
        cache.keep_only("kernel-", &folder);
        Ok(Self(folder))
    }

    /// The kernel as QEMU boots it.
    pub(crate) fn image(&self) -> PathBuf {
        self.0.join("vmlinux")
    }

    /// Its release, as `uname -r` prints it in the machine.
    pub(crate) fn release(&self) -> Result<String, VmError> {
        let path = self.0.join("release");
        fs::read_to_string(&path).map_err(VmError::file(path))
    }

    /// The files below its folder of modules, with their names there.
    pub(crate) fn module_files(&self) -> Result<Vec<(String, Vec<u8>)>, VmError> {
        let folder = self.0.join("modules");
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder).map_err(VmError::file(&folder))? {
            let path = entry.map_err(VmError::file(&folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, fs::read(&path).map_err(VmError::file(&path))?));
        }
        files.sort();
        Ok(files)
    }
}

/// Get the package: into `folder`, of which it is the only file. Gives its name.
fn fetch(folder: &Path) -> Result<String, VmError> {
    let package = newest_package()?;
    eprintln!("vm/run: fetching {package} (70 MB, once)");
    let hint = Some("its lists are old or the network is not there: apt-get update");
    let mut download = Command::new(locate("apt-get", "apt")?);
    output(download.current_dir(folder).args(["download", "-qq", &package]), hint)?;
    Ok(package)
}

/// Download the package, and keep of it what the machine takes.
fn download(folder: &Path) -> Result<(), VmError> {
    let dir = RunDir::new()?;
    let package = match fetch(dir.path()) {
        // An image of a system comes without lists, or with old ones.
        Err(VmError::NoKernelPackage | VmError::Program { .. }) if rustix::process::geteuid().is_root() => {
            let wait = ["-o", "DPkg::Lock::Timeout=300"];
            output(Command::new(locate("apt-get", "apt")?).args(wait).args(["update", "-qq"]), None)?;
            fetch(dir.path())?
        }
        other => other?,
    };
    let archive = only_entry(dir.path())?;
    let unpacked = dir.file("unpacked");
    output(Command::new(locate("dpkg-deb", "dpkg")?).arg("-x").args([&archive, &unpacked]), None)?;

    let modules = only_entry(&unpacked.join("lib/modules"))?;
    let release = modules.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let packed = unpacked.join(format!("boot/vmlinuz-{release}"));
    fs::create_dir_all(folder.join("modules")).map_err(VmError::file(folder))?;
    uncompressed(&packed, &folder.join("vmlinux"))?;

    let wanted: Vec<&str> = LOADED.iter().chain(&CARRIED).copied().collect();
    let needed = Modules::of(&modules, &package)?.needed(&wanted)?;
    for (name, (path, _)) in &needed {
        fs::copy(path, folder.join(format!("modules/{name}.ko"))).map_err(VmError::file(path))?;
    }
    let list = folder.join("modules/modules.dep");
    fs::write(&list, modules_dep(&needed)).map_err(VmError::file(&list))?;
    let file = folder.join("release");
    fs::write(&file, release).map_err(VmError::file(&file))
}

/// The name of the package with the newest kernel, which has the version in it.
fn newest_package() -> Result<String, VmError> {
    let listed = output(Command::new(locate("apt-cache", "apt")?).args(["depends", NEWEST]), None)
        .map_err(|_| VmError::NoKernelPackage)?;
    String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: linux-image-"))
        .map(|rest| format!("linux-image-{rest}"))
        .next()
        .ok_or(VmError::NoKernelPackage)
}

/// The one file or folder in a folder.
fn only_entry(folder: &Path) -> Result<PathBuf, VmError> {
    let mut entries = fs::read_dir(folder).map_err(VmError::file(folder))?;
    match entries.next() {
        Some(entry) => Ok(entry.map_err(VmError::file(folder))?.path()),
        None => Err(VmError::Kernel { path: folder.into(), what: "the folder is empty" }),
    }
}

/// Cut the kernel out of the file that unpacks itself when it is booted: under emulation that would take seconds.
///
/// Source: Linux's `Documentation/x86/boot.rst`: the number of sectors of set-up code, and where the payload is behind them.
fn uncompressed(packed: &Path, to: &Path) -> Result<(), VmError> {
    let bytes = fs::read(packed).map_err(VmError::file(packed))?;
    let strange = |what| VmError::Kernel { path: packed.into(), what };
    let word = |at: usize| -> Option<usize> {
        let bytes: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    if bytes.get(0x202..0x206) != Some(b"HdrS") {
        return Err(strange("no header of Linux's boot protocol"));
    }
    let sectors = usize::from(bytes.get(0x1f1).copied().filter(|sectors| *sectors > 0).unwrap_or(4));
    let start = word(0x248).map(|offset| (sectors + 1) * 512 + offset);
    let payload = start.zip(word(0x24c)).and_then(|(start, length)| bytes.get(start..start + length));
    let payload = payload.filter(|payload| payload.starts_with(b"\xfd7zXZ\0"));
    let payload = payload.ok_or_else(|| strange("its payload is not compressed by xz"))?;
    // Behind the stream stands the length of what comes out.
    let stream = to.with_extension("xz");
    fs::write(&stream, payload).map_err(VmError::file(&stream))?;
    let input = fs::File::open(&stream).map_err(VmError::file(&stream))?;
    let xz = locate("xz", "xz-utils")?;
    let mut command = Command::new(xz);
    command.args(["-dc", "--single-stream"]).stdin(Stdio::from(input));
    let kernel = output(&mut command, None)?.stdout;
    fs::remove_file(&stream).map_err(VmError::file(&stream))?;
    fs::write(to, kernel).map_err(VmError::file(to))
}
