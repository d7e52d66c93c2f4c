//! What is made once and kept.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::error::VmError;

/// A folder with one entry for each key. Several processes may use it at once.
#[derive(Debug)]
pub(crate) struct Cache(PathBuf);

/// Held until it is dropped, or the process ends.
#[derive(Debug)]
#[expect(dead_code, reason = "the open file is the lock")]
pub(crate) struct Lock(File);

impl Cache {
    /// Open or make the folder.
    pub(crate) fn open(path: &Path) -> Result<Self, VmError> {
        fs::create_dir_all(path).map_err(VmError::file(path))?;
        fs::canonicalize(path).map(Self).map_err(VmError::file(path))
    }

    /// The file or folder `name`. What is not there yet is made: `make` gets the path to make it at, which is renamed
    /// when it is complete. Nobody sees half of it, and nobody else makes it at the same time.
    pub(crate) fn entry(
        &self,
        name: &str,
        make: impl FnOnce(&Path) -> Result<(), VmError>,
    ) -> Result<PathBuf, VmError> {
        let path = self.0.join(name);
        if path.exists() {
            return Ok(path);
        }
        let _lock = self.lock("making", FlockOperation::LockExclusive)?;
        if path.exists() {
            return Ok(path);
        }
        // What an interrupted run has left.
        let unfinished = self.0.join(format!("{name}.unfinished"));
        remove(&unfinished)?;
        make(&unfinished)?;
        fs::rename(&unfinished, &path).map_err(VmError::file(&path))?;
        Ok(path)
    }

    /// Put a file in place of the entry `name`.
    pub(crate) fn replace(&self, name: &str, content: &[u8]) -> Result<(), VmError> {
        let _lock = self.lock("making", FlockOperation::LockExclusive)?;
        let unfinished = self.0.join(format!("{name}.unfinished"));
        fs::write(&unfinished, content).map_err(VmError::file(&unfinished))?;
        let path = self.0.join(name);
        fs::rename(&unfinished, &path).map_err(VmError::file(&path))
    }

    /// Remove the entries that begin with `kind`, all but `kept`: they were made for something that is no more.
    pub(crate) fn keep_only(&self, kind: &str, kept: &Path) {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        for entry in entries {
            if entry.file_name().to_string_lossy().starts_with(kind) && entry.path() != kept {
                // One that stays does no harm.
                let _ = remove(&entry.path());
            }
        }
    }

    /// A lock that the processes with this cache share.
    pub(crate) fn lock(&self, name: &str, how: FlockOperation) -> Result<Lock, VmError> {
        let path = self.0.join(format!("{name}.lock"));
        let file = File::options().create(true).append(true).open(&path).map_err(VmError::file(&path))?;
        flock(&file, how).map_err(|error| VmError::File { path, source: error.into() })?;
        Ok(Lock(file))
    }
}

fn remove(path: &Path) -> Result<(), VmError> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(VmError::File { path: path.into(), source: error })
        }
        _ => Ok(()),
    }
}

/// A name for content.
pub(crate) fn key(content: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in content {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex().as_str().chars().take(16).collect()
}
