//! Where a file that comes in goes. Until all of it is there it has `.part` behind its name: what a transfer that failed leaves does not
//! look like the file.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Display, Path, PathBuf};

use programs::ProgramError;
use programs::delivery::Sink;
use programs::transfer::Offer;
use rustix::fs::{
    Access, CWD, FlockOperation, OFlags, RenameFlags, access, fcntl_getfl, fcntl_setfl, flock, fstat,
    renameat_with,
};
use rustix::io::Errno;

/// Links that lead to one another at most, as for the system.
const MOST_LINKS: usize = 40;

/// Where files go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Into this folder, under the names that senders give.
    Folder,
    /// A file, in the place of the one that is there.
    File(PathBuf),
    /// A device or a pipe, which takes what comes as it comes: there is no `.part` beside it.
    Device(PathBuf),
    /// The standard output.
    Stdout,
}

/// The file that comes in.
#[derive(Debug)]
pub(crate) struct IncomingFile {
    /// What the destination is called.
    name: String,
    part: Option<Part>,
}

#[derive(Debug)]
struct Part {
    path: PathBuf,
    /// What it is to be.
    whole: PathBuf,
    /// Whether what is there gives way.
    replaces: bool,
}

impl Destination {
    /// What the command line names, looked at before anybody sends.
    ///
    /// # Errors
    /// When it is a folder or a socket, in no folder, or may not be written.
    pub(crate) fn new(output: Option<&Path>) -> Result<Self, ProgramError> {
        let Some(path) = output else {
            check_writable(Path::new("."))?;
            return Ok(Self::Folder);
        };
        if path.as_os_str() == "-" {
            return Ok(Self::Stdout);
        }
        let failed = |error| file_error(path, error);
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Err(failed(ErrorKind::IsADirectory.into())),
            Ok(metadata) if is_stdout(&metadata) => Ok(Self::Stdout),
            Ok(metadata) if metadata.is_file() => {
                // It would be replaced whether it may be written or not.
                check_writable(path)?;
                // What a link leads to is replaced, not the link.
                let path =
                    if path.is_symlink() { fs::canonicalize(path).map_err(failed)? } else { path.into() };
                Self::in_folder(path)
            }
            Ok(metadata) if metadata.file_type().is_socket() => Err(ProgramError::Other(format!(
                "{}: is a socket, which cannot be written as a file: give another --output",
                path.display()
            ))),
            Ok(_) => {
                check_writable(path)?;
                Ok(Self::Device(path.into()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Self::in_folder(end_of_links(path)),
            Err(error) => Err(failed(error)),
        }
    }

    /// A file in a folder that others can be made in: beside it is what is not whole yet.
    fn in_folder(path: PathBuf) -> Result<Self, ProgramError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        match folder {
            Some(folder) if !folder.is_dir() => Err(file_error(&path, Errno::NOENT.into())),
            folder => {
                check_writable(folder.unwrap_or(Path::new(".")))?;
                Ok(Self::File(path))
            }
        }
    }

    /// Open it for the offered file.
    ///
    /// # Errors
    /// When it cannot be written as the sender wants to, or there is such a file already.
    pub(crate) fn open(&self, offer: &Offer) -> Result<(Sink, IncomingFile), ProgramError> {
        let (whole, replaces) = match self {
            Self::Folder => (PathBuf::from(&offer.name), false),
            Self::File(path) => (path.clone(), true),
            Self::Stdout | Self::Device(_) if offer.is_unordered => {
                return Err(ProgramError::Other(format!(
                    "the sender writes in any order, which {} cannot take: give --output FILE, or send without \
                     --unordered",
                    self.name()
                )));
            }
            Self::Stdout => {
                return Ok((Sink::stream(io::stdout()), IncomingFile { name: self.name(), part: None }));
            }
            Self::Device(path) => {
                let device = open_device(path)?;
                return Ok((Sink::stream(device), IncomingFile { name: self.name(), part: None }));
            }
        };
        let part = Part { path: with_part(&whole), whole, replaces };
        let file = part.create(offer.is_unordered)?;
        let sink = if offer.is_unordered { Sink::file(file) } else { Sink::stream(file) };
        Ok((sink, IncomingFile { name: part.whole.display().to_string(), part: Some(part) }))
    }

    fn name(&self) -> String {
        match self {
            Self::Folder => "this folder".into(),
            Self::File(path) | Self::Device(path) => path.display().to_string(),
            Self::Stdout => "standard output".into(),
        }
    }
}

impl IncomingFile {
    /// What the destination is called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// All of it has come: it gets its name.
    ///
    /// # Errors
    /// When it cannot, for example because there is such a file by now.
    pub(crate) fn complete(&self) -> Result<(), ProgramError> {
        self.part.as_ref().map_or(Ok(()), Part::complete)
    }

    /// Where what has come is, unless it is handed on at once.
    pub(crate) fn part(&self) -> Option<Display<'_>> {
        self.part.as_ref().map(|part| part.path.display())
    }

    /// Why it cannot be written.
    pub(crate) fn error(&self, source: io::Error) -> ProgramError {
        match &self.part {
            Some(part) => file_error(&part.path, source),
            // Whoever reads may have had enough.
            None if source.kind() == ErrorKind::BrokenPipe => ProgramError::Output(source),
            None => ProgramError::File { path: self.name.clone(), source },
        }
    }
}

impl Part {
    /// Make it anew; what an earlier transfer left is overwritten.
    fn create(&self, is_read: bool) -> Result<File, ProgramError> {
        if !self.replaces && fs::symlink_metadata(&self.whole).is_ok() {
            return Err(exists(&self.whole));
        }
        let failed = |error| file_error(&self.path, error);
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).read(is_read).open(&self.path);
        let file = file.map_err(failed)?;
        // Another receiver may be at it.
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
            Errno::WOULDBLOCK => ProgramError::Other(format!(
                "{}: another receiver is writing it: give another --output",
                self.path.display()
            )),
            error => failed(error.into()),
        })?;
        file.set_len(0).map_err(failed)?;
        if self.replaces
            && let Ok(metadata) = fs::metadata(&self.whole)
        {
            file.set_permissions(metadata.permissions()).map_err(failed)?;
        }
        Ok(file)
    }

    fn complete(&self) -> Result<(), ProgramError> {
        let renamed = if self.replaces {
            fs::rename(&self.path, &self.whole)
        } else {
            rename_to_nothing(&self.path, &self.whole)
        };
        renamed.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => exists(&self.whole),
            _ => file_error(&self.whole, error),
        })
    }
}

/// Open a device or a pipe without waiting for somebody to read it.
fn open_device(path: &Path) -> Result<File, ProgramError> {
    let failed = |error| file_error(path, error);
    // Without the flag a pipe waits for its reader, and nothing else is done meanwhile: no sender is told, no interrupt heard.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let device = OpenOptions::new().write(true).custom_flags(flags).open(path).map_err(|error| {
        let is_pipe = fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo());
        if is_pipe && error.raw_os_error() == Some(Errno::NXIO.raw_os_error()) {
            let path = path.display();
            ProgramError::Other(format!(
                "{path}: nobody reads this pipe: start its reader first, for example cat {path}"
            ))
        } else {
            failed(error)
        }
    })?;
    let flags = fcntl_getfl(&device).map_err(|error| failed(error.into()))?;
    fcntl_setfl(&device, flags - OFlags::NONBLOCK).map_err(|error| failed(error.into()))?;
    Ok(device)
}

/// Whether it is what the standard output goes to (`/dev/stdout`): then the events have to go elsewhere. A device is not
/// asked: whoever writes to `/dev/null` twice means no file.
fn is_stdout(metadata: &Metadata) -> bool {
    let is_own = metadata.is_file() || metadata.file_type().is_fifo();
    is_own
        && fstat(io::stdout()).is_ok_and(|own| (own.st_dev, own.st_ino) == (metadata.dev(), metadata.ino()))
}

/// Where a link leads that leads to nothing yet.
fn end_of_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(target) = fs::read_link(&path) else { break };
        // One that is not absolute counts from the link's folder.
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    path
}

fn check_writable(path: &Path) -> Result<(), ProgramError> {
    access(path, Access::WRITE_OK).map_err(|error| file_error(path, error.into()))
}

/// Rename a file, unless there is one of the new name.
fn rename_to_nothing(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // The file system cannot do both in one.
        Err(Errno::INVAL | Errno::NOSYS) if to.symlink_metadata().is_ok() => {
            Err(ErrorKind::AlreadyExists.into())
        }
        Err(Errno::INVAL | Errno::NOSYS) => fs::rename(from, to),
        renamed => renamed.map_err(io::Error::from),
    }
}

fn with_part(path: &Path) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn exists(path: &Path) -> ProgramError {
    let path = path.display();
    ProgramError::Other(format!("{path}: File exists: move it away, or give --output {path} to replace it"))
}

fn file_error(path: &Path, source: io::Error) -> ProgramError {
    ProgramError::File { path: path.display().to_string(), source }
}
