//! Files that are whole at any time, also when the program or the machine stops in the middle.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Put a file in the place of the one at `path`, if there is one: it is written beside it, and then takes its name.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = beside(path, ".new")?;
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(new, path)?;
    // The name, too, is on the disk when its folder is.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A file of the same name with `end` behind it, in the same folder.
pub(crate) fn beside(path: &Path, end: impl AsRef<OsStr>) -> io::Result<PathBuf> {
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(end);
    Ok(path.with_file_name(name))
}
