//! Programs of this computer that go into the machine, with the libraries that they are linked with.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::archive::Archive;
use crate::error::VmError;

/// Where a program of the system is.
pub(crate) fn locate(program: &'static str, package: &'static str) -> Result<PathBuf, VmError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
        .ok_or(VmError::MissingProgram { program, package })
}

/// Run a program to its end; an error when it fails.
pub(crate) fn output(command: &mut Command, hint: Option<&'static str>) -> Result<Output, VmError> {
    let name = || {
        let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
        let arguments = command.get_args().take(2).map(|argument| argument.to_string_lossy());
        core::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
    };
    let name = name();
    let output = command.output().map_err(VmError::file(command.get_program()))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim().lines().last().unwrap_or("without a word").to_owned();
    Err(VmError::Program { program: name, status: output.status.to_string(), said, hint })
}

/// The libraries that programs are linked with, the dynamic loader among them, by the paths that they are looked up at.
pub(crate) fn libraries(programs: &[PathBuf]) -> Result<BTreeSet<PathBuf>, VmError> {
    let ldd = locate("ldd", "libc-bin")?;
    let listed = Command::new(ldd).args(programs).output().map_err(VmError::file("ldd"))?;
    let mut found = BTreeSet::new();
    for line in String::from_utf8_lossy(&listed.stdout).lines() {
        let line = line.trim();
        // "libm.so.6 => /lib/…/libm.so.6 (0x…)", "/lib64/ld-linux-x86-64.so.2 (0x…)", and "…: not found".
        let place = line.split_once("=> ").map_or(line, |(_, place)| place);
        if place == "not found" {
            return Err(VmError::Program {
                program: "ldd".into(),
                status: "a library is missing".into(),
                said: line.to_owned(),
                hint: None,
            });
        }
        if let Some((path, _address)) = place.split_once(" (0x")
            && path.starts_with('/')
        {
            found.insert(PathBuf::from(path));
        }
    }
    Ok(found)
}

/// Add a file at its own path, unless `present` has it.
pub(crate) fn add(archive: &mut Archive, present: &Archive, path: &Path) -> Result<(), VmError> {
    let place = real_place(path)?;
    if present.contains(&place) {
        return Ok(());
    }
    let content = fs::read(path).map_err(VmError::file(path))?;
    let executable = fs::metadata(path).map_err(VmError::file(path))?.permissions().mode() & 0o100 != 0;
    archive.file(&place, executable, &content);
    Ok(())
}

/// Where a file is when its folders are no symbolic links; the machine has those of a Debian (`/lib` to `/usr/lib` …).
fn real_place(path: &Path) -> Result<PathBuf, VmError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(path.into()) };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    Ok(fs::canonicalize(folder).map_err(VmError::file(path))?.join(name))
}
