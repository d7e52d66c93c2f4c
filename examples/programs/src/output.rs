use core::fmt;
use std::io::{self, Write};

use serde::Serialize;

use crate::error::ProgramError;

/// Something to print: for people by `Display`, for programs by `Serialize`.
pub trait Line: fmt::Display + Serialize {}

impl<T: fmt::Display + Serialize> Line for T {}

/// Prints results to standard output, each as one line that is written at once.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    /// Print JSON objects, or text.
    pub const fn new(json: bool) -> Self {
        Self { json }
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
            let mut out = io::stdout().lock();
            writeln!(out, "{line}")?;
            out.flush()
        };
        write().map_err(ProgramError::Output)
    }
}
