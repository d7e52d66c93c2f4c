use core::time::Duration;
use std::io::{self, IsTerminal, Write};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

/// How often the line is written anew.
const INTERVAL: Duration = Duration::from_millis(100);

/// A line on standard error that counts, if a person is looking.
#[derive(Debug)]
pub struct Progress {
    what: &'static str,
    done: u64,
    total: Option<u64>,
    shown: Option<Instant>,
    is_terminal: bool,
}

impl Progress {
    /// Count `what`; `total` is how many there will be, if that is known.
    pub fn new(what: &'static str, total: Option<u64>) -> Self {
        Self { what, done: 0, total, shown: None, is_terminal: io::stderr().is_terminal() }
    }

    /// One more is done.
    pub fn step(&mut self) {
        self.done = self.done.saturating_add(1);
        if self.is_terminal && self.shown.is_none_or(|shown| shown.elapsed() >= INTERVAL) {
            self.shown = Some(Instant::now());
            let of = self.total.map(|total| format!(" of {total}")).unwrap_or_default();
            // A progress line that cannot be written is no reason to stop.
            let _ = write!(io::stderr(), "\r\x1b[K{}{of} {}", self.done, self.what);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// A bar on standard error that counts bytes, if a person is looking.
#[derive(Debug)]
pub struct ByteProgress(ProgressBar);

impl ByteProgress {
    /// Count to `total`, if that is known.
    pub fn new(total: Option<u64>) -> Self {
        let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new);
        let template = match total {
            Some(_) => "{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
            None => "{spinner} {bytes}, {bytes_per_sec}, {elapsed}",
        };
        // A template that cannot be read is left at the default.
        Self(bar.with_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        ))
    }

    /// So many bytes more.
    pub fn add(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    /// So many bytes in all.
    pub fn set(&self, bytes: u64) {
        self.0.set_position(bytes);
    }

    /// Print while the bar is away.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }
}

impl Drop for ByteProgress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
