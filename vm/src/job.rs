//! What is to be run in the machine.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::archive::Archive;
use crate::error::VmError;
use crate::files::{add, libraries};

/// Variables of the environment that reach the program.
const VARIABLES: [&str; 4] = ["RUST_BACKTRACE", "RUST_LOG", "RUST_TEST_THREADS", "SEARCH_SCALE"];

/// A program, its arguments, and the files that it needs.
#[derive(Debug)]
pub(crate) struct Job {
    /// As the messages call it.
    pub(crate) name: String,
    carried: Vec<PathBuf>,
    script: String,
}

impl Job {
    /// A job: a program and its arguments. A program with a slash in its name is carried, like the other files `with` it.
    pub(crate) fn new(command: &[OsString], with: &[PathBuf]) -> Result<Self, VmError> {
        let (program, arguments) = command.split_at(command.len().min(1));
        let program = program.first().map_or(Path::new(""), Path::new);
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let carried = program.components().count() > 1 || program.is_absolute();
        let mut files = Vec::new();
        let mut script = String::from("cd /job\n");
        for file in with {
            files.push(existing(file)?);
        }
        for variable in VARIABLES {
            if let Ok(value) = std::env::var(variable) {
                script.push_str(&format!("export {variable}={}\n", quoted(&value)));
            }
        }
        // Tests share the ports and the cable: one at a time, unless asked otherwise.
        script.push_str("export RUST_TEST_THREADS=${RUST_TEST_THREADS:-1}\n");
        // The shell of the machine prefers its own programs: the full path gives the one that is meant.
        let mut line = if carried {
            let path = existing(program)?;
            let line = quoted(&path.to_string_lossy());
            files.push(path);
            line
        } else {
            let missing = quoted(&format!("the machine has no program {}", program.display()));
            let program = quoted(&program.to_string_lossy());
            script.push_str(&format!("program=$(which {program}) || {{ echo {missing}; exit 127; }}\n"));
            "\"$program\"".to_owned()
        };
        for argument in arguments {
            line.push(' ');
            line.push_str(&quoted(&argument.to_string_lossy()));
        }
        script.push_str(&line);
        script.push('\n');
        Ok(Self { name, carried: files, script })
    }

    /// The job as the content of a disk. Files that the machine has anyway are left out.
    pub(crate) fn archive(&self, present: &Archive) -> Result<Vec<u8>, VmError> {
        let mut archive = Archive::default();
        archive.file(Path::new("/job/start"), false, self.script.as_bytes());
        for file in &self.carried {
            add(&mut archive, present, file)?;
        }
        if !self.carried.is_empty() {
            for library in libraries(&self.carried)? {
                add(&mut archive, present, &library)?;
            }
        }
        Ok(archive.finish())
    }
}

/// The full path of a file that is there.
fn existing(path: &Path) -> Result<PathBuf, VmError> {
    match fs::canonicalize(path) {
        Ok(path) if path.is_file() => Ok(path),
        Ok(path) => Err(VmError::NoJob { path, source: std::io::ErrorKind::InvalidInput.into() }),
        Err(source) => Err(VmError::NoJob { path: path.into(), source }),
    }
}

/// A word as the shell takes it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_what_they_are() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = Job::new(&["./no-such-test".into()], &[]).unwrap_err();
        assert!(error.to_string().starts_with("./no-such-test: No such file"), "{error}");
        assert_eq!(error.exit_code(), 126);
    }
}
