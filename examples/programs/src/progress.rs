use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error that counts things, if a person is looking.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Count `what`; `total` is how many there will be, if that is known.
    pub fn new(what: &'static str, total: Option<u64>) -> Self {
        let template = match total {
            Some(_) => "{wide_bar} {pos} of {len} {msg}, {eta} left",
            None => "{spinner} {pos} {msg}, {elapsed}",
        };
        Self(bar(total, template).with_message(what))
    }

    /// Count `what` while each is printed. In a terminal they show for themselves: a bar would only be among them.
    pub fn beside_output(what: &'static str) -> Self {
        let progress = Self::new(what, None);
        if io::stdout().is_terminal() {
            progress.0.set_draw_target(ProgressDrawTarget::hidden());
        }
        progress
    }

    /// One more is done.
    pub fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn bar(total: Option<u64>, template: &str) -> ProgressBar {
    let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new);
    // A template that cannot be read is left at the default.
    bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A bar on standard error that counts bytes, if a person is looking.
#[derive(Debug)]
pub struct ByteProgress(ProgressBar);

impl ByteProgress {
    /// Count to `total`, if that is known.
    pub fn new(total: Option<u64>) -> Self {
        let template = match total {
            Some(_) => "{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
            None => "{spinner} {bytes}, {bytes_per_sec}, {elapsed}",
        };
        Self(bar(total, template))
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
