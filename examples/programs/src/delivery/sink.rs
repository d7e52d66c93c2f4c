//! Where the bytes that were received go.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::FileExt;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;

use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::transfer::{Chunk, Hash};

/// Chunks that wait to be written at most, before no more are taken.
const WAITING: usize = 32;

/// What the thread that writes has to tell.
#[derive(Debug)]
pub enum SinkReport {
    /// A chunk is written: there is room for another.
    Wrote,
    /// Everything is written; its hash, if one was made.
    Finished(Option<Hash>),
    /// It cannot be written.
    Failed(io::Error),
}

/// A file, the standard output, or nothing. A thread writes and hashes.
#[derive(Debug)]
pub struct Sink {
    work: SyncSender<Work>,
    reports: UnboundedReceiver<SinkReport>,
    /// What found no room.
    backlog: VecDeque<Work>,
}

#[derive(Debug)]
enum Work {
    Write(Chunk),
    Finish,
}

/// What is done with the bytes.
enum Output {
    /// In order.
    Stream(Box<dyn Write + Send>),
    /// At offsets.
    File(File),
    Nothing,
}

impl Sink {
    /// Write what comes in order.
    pub fn stream(output: impl Write + Send + 'static) -> Self {
        Self::start(Output::Stream(Box::new(output)))
    }

    /// Write what comes in any order, into a file that can be read too.
    pub fn file(file: File) -> Self {
        Self::start(Output::File(file))
    }

    /// Forget everything: for measurements.
    pub fn nothing() -> Self {
        Self::start(Output::Nothing)
    }

    fn start(output: Output) -> Self {
        let (work, works) = sync_channel(WAITING);
        let (sender, reports) = mpsc::unbounded_channel();
        thread::spawn(move || {
            let mut writer = Writer { output, hasher: blake3::Hasher::new() };
            for work in works {
                let report = match writer.perform(work) {
                    Ok(report) => report,
                    Err(error) => SinkReport::Failed(error),
                };
                let goes_on = matches!(report, SinkReport::Wrote);
                if sender.send(report).is_err() || !goes_on {
                    return;
                }
            }
        });
        Self { work, reports, backlog: VecDeque::new() }
    }

    /// Write, as soon as there is room.
    pub fn write(&mut self, chunk: Chunk) {
        self.backlog.push_back(Work::Write(chunk));
        self.pump();
    }

    /// Report when everything is written.
    pub fn finish(&mut self) {
        self.backlog.push_back(Work::Finish);
        self.pump();
    }

    /// Whether it takes no more for now.
    pub fn is_full(&self) -> bool {
        !self.backlog.is_empty()
    }

    fn pump(&mut self) {
        while let Some(work) = self.backlog.pop_front() {
            match self.work.try_send(work) {
                Ok(()) => {}
                Err(TrySendError::Full(work)) => return self.backlog.push_front(work),
                // The thread has said why it ended.
                Err(TrySendError::Disconnected(_)) => self.backlog.clear(),
            }
        }
    }

    /// Wait for the thread's next report. Dropping the future loses nothing.
    pub async fn report(&mut self) -> SinkReport {
        match self.reports.recv().await {
            Some(report) => {
                self.pump();
                report
            }
            None => core::future::pending().await,
        }
    }
}

struct Writer {
    output: Output,
    hasher: blake3::Hasher,
}

impl Writer {
    fn perform(&mut self, work: Work) -> io::Result<SinkReport> {
        match (work, &mut self.output) {
            (Work::Write(_), Output::Nothing) => {}
            (Work::Write(chunk), Output::Stream(output)) => {
                for (_, data) in chunk.parts() {
                    output.write_all(data)?;
                    self.hasher.update(data);
                }
                output.flush()?;
            }
            (Work::Write(chunk), Output::File(file)) => {
                chunk.parts().try_for_each(|(offset, data)| file.write_all_at(data, offset))?;
            }
            (Work::Finish, Output::Nothing) => return Ok(SinkReport::Finished(None)),
            (Work::Finish, Output::Stream(output)) => {
                output.flush()?;
                return Ok(SinkReport::Finished(Some(self.hash())));
            }
            (Work::Finish, Output::File(file)) => {
                hash_from_start(file, &mut self.hasher)?;
                return Ok(SinkReport::Finished(Some(self.hash())));
            }
        }
        Ok(SinkReport::Wrote)
    }

    fn hash(&self) -> Hash {
        Hash(*self.hasher.finalize().as_bytes())
    }
}

fn hash_from_start(file: &mut File, hasher: &mut blake3::Hasher) -> io::Result<()> {
    file.rewind()?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                hasher.update(buffer.get(..count).unwrap_or_default());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
