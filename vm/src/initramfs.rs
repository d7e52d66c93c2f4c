//! The first file system of the machine: all that it has before the job comes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::archive::Archive;
use crate::error::VmError;
use crate::files::{add, libraries, locate};
use crate::kernel::Kernel;
use crate::modules::LOADED;

const INIT: &[u8] = include_bytes!("../guest/init");
const PORTS: &[u8] = include_bytes!("../guest/ports.sh");
const CABLE: &[u8] = include_bytes!("../guest/cable.sh");

/// Programs that the machine has, and their packages.
const PROGRAMS: [(&str, &str); 6] = [
    ("busybox", "busybox-static"),
    ("ip", "iproute2"),
    ("tc", "iproute2"),
    ("rdma", "iproute2"),
    ("ib_write_bw", "perftest"),
    ("ib_read_lat", "perftest"),
];

/// The folders that are links on a Debian.
const LINKS: [(&str, &str); 4] =
    [("/bin", "usr/bin"), ("/sbin", "usr/sbin"), ("/lib", "usr/lib"), ("/lib64", "usr/lib64")];

/// The file system as an archive.
pub(crate) fn make(kernel: &Kernel) -> Result<Archive, VmError> {
    let mut archive = Archive::default();
    for (link, to) in LINKS {
        archive.link(Path::new(link), to);
    }
    // Scripts name it as theirs.
    archive.link(Path::new("/usr/bin/sh"), "busybox");
    archive.file(Path::new("/init"), true, INIT);
    archive.file(Path::new("/machine/ports.sh"), false, PORTS);
    archive.file(Path::new("/machine/cable.sh"), false, CABLE);
    archive.file(Path::new("/machine/modules"), false, LOADED.join("\n").as_bytes());
    let modules = PathBuf::from(format!("/usr/lib/modules/{}", kernel.release()?));
    for (name, content) in kernel.module_files()? {
        archive.file(&modules.join(name), false, &content);
    }
    // Programs ask for users and host names.
    archive.file(Path::new("/etc/passwd"), false, b"root:x:0:0:root:/root:/bin/sh\n");
    archive.file(Path::new("/etc/group"), false, b"root:x:0:\n");
    archive.file(Path::new("/etc/hosts"), false, b"127.0.0.1 localhost\n10.77.0.1 rxe0\n10.77.0.2 rxe1\n");

    let mut files = Vec::new();
    for (program, package) in PROGRAMS {
        files.push(locate(program, package)?);
    }
    let verbs = rxe_provider()?;
    files.push(verbs.clone());
    for library in libraries(&files)? {
        files.push(library);
    }
    let nothing = Archive::default();
    for file in &files {
        add(&mut archive, &nothing, file)?;
    }
    // This is how libibverbs finds it.
    archive.file(Path::new("/etc/libibverbs.d/rxe.driver"), false, b"driver rxe\n");
    Ok(archive)
}

/// libibverbs' part for soft-RoCE.
fn rxe_provider() -> Result<PathBuf, VmError> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    folders
        .map(|folder| folder.join("libibverbs"))
        .flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten())
        .map(|entry| entry.path())
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("librxe-rdmav")))
        .ok_or(VmError::MissingProgram {
            program: "librxe (soft-RoCE for libibverbs)",
            package: "ibverbs-providers",
        })
}
