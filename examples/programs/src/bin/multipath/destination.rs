//! Where a file that comes in goes. Until all of it is there it has `.part` behind its name: what a transfer that failed leaves does not
//! look like the file.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Display, Path, PathBuf};

use programs::ProgramError;
use programs::delivery::Sink;
use programs::transfer::Offer;
use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};
use rustix::io::Errno;

/// Where files go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Into this folder, under the names that senders give.
    Folder,
    /// A file, in the place of the one that is there.
    File(PathBuf),
    /// A device or a pipe, which takes what comes as it comes.
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
    /// When it is a folder, or in none.
    pub(crate) fn new(output: Option<&Path>) -> Result<Self, ProgramError> {
        let Some(path) = output else { return Ok(Self::Folder) };
        if path.as_os_str() == "-" {
            return Ok(Self::Stdout);
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Err(file_error(path, ErrorKind::IsADirectory.into())),
            // What a link leads to is replaced, not the link.
            Ok(metadata) if metadata.is_file() && path.is_symlink() => {
                fs::canonicalize(path).map(Self::File).map_err(|error| file_error(path, error))
            }
            Ok(metadata) if metadata.is_file() => Ok(Self::File(path.to_owned())),
            Ok(_) => Ok(Self::Device(path.to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                let is_folder = folder.is_none_or(Path::is_dir);
                if is_folder { Ok(Self::File(path.to_owned())) } else { Err(file_error(path, error)) }
            }
            Err(error) => Err(file_error(path, error)),
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
                let device = OpenOptions::new().write(true).open(path);
                let device = device.map_err(|error| file_error(path, error))?;
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
        let exists = || file_error(&self.whole, ErrorKind::AlreadyExists.into());
        if !self.replaces && fs::symlink_metadata(&self.whole).is_ok() {
            return Err(exists());
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
        renamed.map_err(|error| file_error(&self.whole, error))
    }
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

fn file_error(path: &Path, source: io::Error) -> ProgramError {
    ProgramError::File { path: path.display().to_string(), source }
}
