//! Where the socket of a simulated fabric lies: in a folder that is this user's alone.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::error::SimError;

/// Names a fabric, if nothing else does.
const VARIABLE: &str = "FABRIC_SIM";
const DEFAULT: &str = "fabric";
/// Bytes of a socket's path, without its final NUL.
const PATH_LIMIT: usize = 107;

/// The name under which a simulated fabric is found: of a socket in this user's folder, or a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimName {
    path: PathBuf,
    /// The folder that is to be made and checked; not that of a path which the user gave.
    folder: Option<PathBuf>,
}

impl SimName {
    /// The name given, else that of `FABRIC_SIM`, else `fabric`. One with a slash is a path.
    ///
    /// # Errors
    /// When it makes no path for a socket.
    pub fn choose(given: Option<&str>) -> Result<Self, SimError> {
        let name = given.map(str::to_owned).or_else(|| std::env::var(VARIABLE).ok());
        Self::new(name.as_deref().unwrap_or(DEFAULT), &private_folder())
    }

    fn new(name: &str, folder: &Path) -> Result<Self, SimError> {
        let is_path = name.contains('/');
        let path = if is_path { PathBuf::from(name) } else { folder.join(format!("{name}.sock")) };
        let length = path.as_os_str().len();
        if name.is_empty() || name.contains('\0') || length > PATH_LIMIT {
            return Err(SimError::BadName { name: name.into(), limit: PATH_LIMIT });
        }
        Ok(Self { path, folder: (!is_path).then(|| folder.to_owned()) })
    }

    /// The socket's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Make the folder if there is none, and see that nobody else can get at what is in it.
    pub(super) fn prepare(&self) -> Result<(), SimError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        match DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(SimError::Io { what: "making the folder", path: folder.clone(), source: error })
            }
            _ => self.check(),
        }
    }

    /// See that nobody else can have put something into the folder.
    pub(super) fn check(&self) -> Result<(), SimError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        match fs::symlink_metadata(folder) {
            Ok(found) if found.is_dir() && found.uid() == own_user() && found.mode() & 0o077 == 0 => Ok(()),
            Ok(_) => Err(SimError::NotPrivate { path: folder.clone() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(SimError::NotRunning { path: self.path.clone() })
            }
            Err(source) => Err(SimError::Io { what: "looking at", path: folder.clone(), source }),
        }
    }
}

/// The folder that the system gives a user for sockets, or one of our own among the temporary ones.
fn private_folder() -> PathBuf {
    match std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty()) {
        Some(folder) => Path::new(&folder).join("fabric-ha"),
        None => std::env::temp_dir().join(format!("fabric-ha-{}", own_user())),
    }
}

fn own_user() -> u32 {
    rustix::process::getuid().as_raw()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn names_lie_in_the_folder_and_paths_where_they_say() {
        let folder = Path::new("/run/user/7/fabric-ha");
        assert_eq!(SimName::new("net1", folder).unwrap().path(), folder.join("net1.sock"));
        assert_eq!(SimName::new("./net1", folder).unwrap().path(), Path::new("./net1"));
        for bad in ["", "a\0b", &"x".repeat(100), &format!("/{}", "x".repeat(107))] {
            assert!(matches!(SimName::new(bad, folder), Err(SimError::BadName { .. })), "{bad:?}");
        }
    }

    #[test]
    fn a_folder_that_others_can_write_to_is_refused() {
        let folder = std::env::temp_dir().join(format!("fabric-ha-socket-test-{}", std::process::id()));
        let name = SimName::new("net1", &folder).unwrap();
        assert!(matches!(name.check(), Err(SimError::NotRunning { .. })));
        name.prepare().unwrap();
        name.prepare().unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o770)).unwrap();
        assert!(matches!(name.prepare(), Err(SimError::NotPrivate { .. })));
        fs::remove_dir(&folder).unwrap();
    }
}
