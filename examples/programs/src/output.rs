use core::fmt;
use std::io::{self, Write};

use serde::Serialize;

use crate::error::ProgramError;

/// Something to print: for people by `Display`, for programs by `Serialize`.
pub trait Line: fmt::Display + Serialize {}

impl<T: fmt::Display + Serialize> Line for T {}

/// Prints results to standard output, or to standard error where that is taken, each as one line that is written at once.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
    is_stdout_taken: bool,
}

impl Output {
    /// Print JSON objects, or text.
    pub const fn new(json: bool) -> Self {
        Self { json, is_stdout_taken: false }
    }

    /// The same on standard error: standard output is for something else.
    #[must_use]
    pub const fn to_stderr(self) -> Self {
        Self { is_stdout_taken: true, ..self }
    }

    /// Print a result.
    ///
    /// # Errors
    /// When nobody reads it, or the disk is full.
    pub fn print(&self, line: &impl Line) -> Result<(), ProgramError> {
        self.event(line, || line.to_string())
    }

    /// Print an event, whose text is made only when text is printed.
    ///
    /// # Errors
    /// When nobody reads it, or the disk is full.
    pub fn event(&self, object: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), ProgramError> {
        let write = || -> io::Result<()> {
            let line = if self.json { serde_json::to_string(object)? } else { text() };
            if line.is_empty() {
                return Ok(());
            }
            if self.is_stdout_taken {
                return writeln!(io::stderr().lock(), "{line}");
            }
            let mut out = io::stdout().lock();
            writeln!(out, "{line}")?;
            out.flush()
        };
        write().map_err(ProgramError::Output)
    }
}
