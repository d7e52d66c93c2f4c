//! What nodes have registered, kept for the next start: subscriptions, multicast groups and services.
//!
//! The file has the state as the crate writes it, which begins with a name and a version, and behind it the BLAKE3 hash of that.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use programs::ProgramError;
use subnet_manager::administration::{AdministrationState, StateError};

use crate::whole_file::{beside, replace};

/// Bytes of the hash at the end.
const HASH: usize = blake3::OUT_LEN;

/// The file.
#[derive(Clone, Debug)]
pub(crate) struct RegistrationFile {
    path: PathBuf,
}

/// What was found at the start.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What was registered.
    pub(crate) state: AdministrationState,
    /// A file was there that cannot be used: why, and where it lies now.
    pub(crate) set_aside: Option<(Damage, PathBuf)>,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Damage {
    #[error("it is not as it was written")]
    Hash,
    #[error(transparent)]
    State(#[from] StateError),
}

impl RegistrationFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it, leases shortened by the time that it lay there; nothing when there is no file yet. A file that cannot be
    /// used is set aside: hosts are asked to register anew, which is better than a subnet without a manager.
    pub(crate) fn read(&self) -> Result<Found, ProgramError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::default()),
            Err(error) => return Err(self.error(error)),
        };
        match parse(&bytes) {
            Ok(state) => {
                let age = fs::metadata(&self.path)
                    .and_then(|data| data.modified())
                    .map_err(|error| self.error(error))?;
                // A clock that was set back tells of no time.
                let age = age.elapsed().unwrap_or_default();
                Ok(Found { state: state.aged(age), set_aside: None })
            }
            Err(damage) => {
                let aside = beside(&self.path, ".damaged").map_err(|error| self.error(error))?;
                fs::rename(&self.path, &aside).map_err(|error| self.error(error))?;
                Ok(Found { state: AdministrationState::default(), set_aside: Some((damage, aside)) })
            }
        }
    }

    pub(crate) fn write(&self, state: &AdministrationState) -> Result<(), ProgramError> {
        let mut bytes = state.to_bytes();
        bytes.extend(blake3::hash(&bytes).as_bytes());
        replace(&self.path, &bytes).map_err(|error| self.error(error))
    }

    fn error(&self, source: io::Error) -> ProgramError {
        ProgramError::File { path: self.path.display().to_string(), source }
    }
}

fn parse(bytes: &[u8]) -> Result<AdministrationState, Damage> {
    let (state, hash) = bytes.split_last_chunk::<HASH>().ok_or(Damage::Hash)?;
    if blake3::hash(state) != *hash {
        return Err(Damage::Hash);
    }
    Ok(AdministrationState::from_bytes(state)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;
    use ib_mad::Gid;
    use ib_mad::wire::ServiceRecord;
    use subnet_manager::administration::Service;

    /// A folder of the test's own, gone with it.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("registrations-{name}-{}", std::process::id()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn file(&self) -> RegistrationFile {
            RegistrationFile::new(self.0.join("registrations"))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn state(leases: &[Option<u64>]) -> AdministrationState {
        let service = |(id, left): (u64, &Option<u64>)| Service {
            record: ServiceRecord { service_id: id, ..ServiceRecord::default() },
            left: left.map(Duration::from_secs),
            registrar: Gid::default(),
        };
        AdministrationState { services: (0..).zip(leases).map(service).collect(), ..Default::default() }
    }

    #[test]
    fn what_is_written_is_read_and_leases_have_gone_on() {
        let folder = Folder::new("aged");
        let file = folder.file();
        assert!(file.read().unwrap().state.is_empty(), "no file yet");
        file.write(&state(&[None, Some(100), Some(5000)])).unwrap();
        let written = fs::File::options().write(true).open(file.path()).unwrap();
        written.set_modified(std::time::SystemTime::now() - Duration::from_secs(1000)).unwrap();
        let found = file.read().unwrap();
        assert!(found.set_aside.is_none());
        let left: Vec<_> =
            found.state.services.iter().map(|service| (service.record.service_id, service.left)).collect();
        let [(0, None), (2, Some(left))] = left[..] else { panic!("{left:?}") };
        assert!(left <= Duration::from_secs(4000) && left > Duration::from_secs(3900), "{left:?}");
        let future = std::time::SystemTime::now() + Duration::from_secs(10_000);
        written.set_modified(future).unwrap();
        assert_eq!(file.read().unwrap().state.services.len(), 3, "a clock that was set back");
    }

    #[test]
    fn a_file_that_is_damaged_is_set_aside() {
        let folder = Folder::new("damaged");
        let file = folder.file();
        file.write(&state(&[Some(7)])).unwrap();
        let whole = fs::read(file.path()).unwrap();
        let mut other_version = whole[..whole.len() - HASH].to_vec();
        other_version[7] += 1;
        let hash = blake3::hash(&other_version);
        other_version.extend(hash.as_bytes());
        let mut flipped = whole.clone();
        flipped[20] ^= 1;
        for (bytes, why) in [
            (&whole[..whole.len() - 1], "not as it was written"),
            (&whole[..10], "not as it was written"),
            (&flipped, "not as it was written"),
            (&other_version, "of this version"),
        ] {
            fs::write(file.path(), bytes).unwrap();
            let found = file.read().unwrap();
            let (damage, aside) = found.set_aside.unwrap();
            assert!(found.state.is_empty() && damage.to_string().contains(why), "{damage}");
            assert_eq!(fs::read(aside).unwrap(), bytes);
            assert!(!file.path().exists());
        }
    }

    #[test]
    fn a_place_where_nothing_can_be_written_is_named() {
        let folder = Folder::new("nowhere");
        let file = RegistrationFile::new(folder.0.join("missing/registrations"));
        let error = file.write(&state(&[])).unwrap_err().to_string();
        assert!(error.contains("missing/registrations"), "{error}");
    }
}
