//! What can go wrong around a job. Each message is one line that names the cause and the fix.

use std::io;
use std::path::PathBuf;

/// Why a job has no exit code of its own.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum VmError {
    /// The job took too long.
    #[error("the time limit of {seconds} s ended {job}; a longer one: --limit SECONDS")]
    TimeLimit {
        /// The limit.
        seconds: u64,
        /// Name of the job.
        job: String,
    },
    /// The kernel ended before the job.
    #[error("the machine died under {job}: {reason}; --console shows what its kernel said")]
    Died {
        /// Name of the job.
        job: String,
        /// The last that the kernel said about it.
        reason: String,
    },
    /// The machine did not come as far as to start the job.
    #[error("the machine did not come up{}: {reason}; --console shows what its kernel said", after.map_or(String::new(), |after| format!(" within {after} s")))]
    NotUp {
        /// How long was waited, when it still ran.
        after: Option<u64>,
        /// The last that the kernel said.
        reason: String,
    },
    /// The machine came up, and refused.
    #[error("the machine cannot run the job: {reason}")]
    Refused {
        /// What it said.
        reason: String,
    },
    /// A program is not installed.
    #[error("{program} is not installed; on Debian: apt-get install {package}")]
    MissingProgram {
        /// What was looked for.
        program: &'static str,
        /// The package that has it.
        package: &'static str,
    },
    /// The file that is to be run or carried is not there.
    #[error("{}: {source}; a name without a slash means a program of the machine", path.display())]
    NoJob {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A module is not in the kernel's package.
    #[error(
        "{package} has no module {module}: it takes the kernel of Debian's linux-image-amd64 (the cloud flavour has \
         no RDMA)"
    )]
    MissingModule {
        /// The module.
        module: String,
        /// The package, or the folder that it was unpacked to.
        package: String,
    },
    /// The kernel is not packed as expected.
    #[error("{}: no kernel of a form that can be booted: {what}", path.display())]
    Kernel {
        /// The file.
        path: PathBuf,
        /// What is unexpected.
        what: &'static str,
    },
    /// The package manager knows no kernel.
    #[error(
        "apt knows no package linux-image-amd64, whose kernel is used: apt-get update, or an x86-64 Debian"
    )]
    NoKernelPackage,
    /// A program did not do what it was asked to.
    #[error("{program} failed ({status}): {said}{}", hint.map_or(String::new(), |hint| format!("; {hint}")))]
    Program {
        /// The program and its first arguments.
        program: String,
        /// Its exit status.
        status: String,
        /// Its last line.
        said: String,
        /// What to do.
        hint: Option<&'static str>,
    },
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl VmError {
    /// With what exit code this ends the program.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::TimeLimit { .. } => 124,
            Self::Died { .. } => 125,
            _ => 126,
        }
    }

    /// For `map_err`: the file that an error of the system is about.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
