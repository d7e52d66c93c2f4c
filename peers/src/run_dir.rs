//! A folder for the files of one run.

use core::sync::atomic::{AtomicU32, Ordering};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::{env, fs, process, thread};

use crate::PeerError;

/// A folder of its own for one run: logs, captures, caches. It goes when the handle is dropped, unless the thread
/// panics or [`keep`](Self::keep) was called: then it stays to be looked at.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
    kept: bool,
}

impl RunDir {
    /// Make a new folder under the system's folder for temporary files.
    ///
    /// # Errors
    /// [`PeerError::File`] when that folder cannot be written to.
    pub fn new() -> Result<Self, PeerError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = env::temp_dir().join(format!("fabric-ha-{}-{number}", process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path, kept: false }),
                // Left by an earlier process of the same id.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(source) => return Err(PeerError::File { path, source }),
            }
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Leave the folder in place when the handle is dropped.
    pub fn keep(&mut self) {
        self.kept = true;
    }

    /// A name that no other run on this machine has.
    pub(crate) fn unique_name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

impl Drop for RunDir {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the files of this run stay in {}", self.path.display());
        } else if !self.kept {
            // Nothing depends on it, and a destructor can report to nobody.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_share_no_folder_and_leave_none() {
        let (one, other) = (RunDir::new().unwrap(), RunDir::new().unwrap());
        assert_ne!(one.unique_name(), other.unique_name());
        let path = one.path().to_owned();
        fs::write(one.file("log"), "text").unwrap();
        drop(one);
        assert!(!path.exists());
    }
}
