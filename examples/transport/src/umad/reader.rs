//! The thread that empties a umad device.

use core::time::Duration;
use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::device::Opened;
use super::error::UmadError;
use super::message::{UmadMessage, needed_length};
use crate::inbox::{Feed, Inbox, inbox};

/// Room for a datagram behind the header.
const DATAGRAM: usize = 256;
/// An emulated device hears nothing of the pipe that wakes the thread: it looks for itself.
const LOOK: Duration = Duration::from_millis(20);

/// Why nothing more will arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Gone,
    TooLong { length: usize, limit: usize },
    Failed { what: &'static str, error: i32 },
}

/// The program's end of the queue. The thread has ended when this is dropped.
#[derive(Debug)]
pub(super) struct Reader<T> {
    opened: Arc<Opened>,
    inbox: Inbox<T, Ended>,
    wake: PipeWriter,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Reader<T> {
    /// Read the device, and queue up to `capacity` of what `make` makes of the messages. No message is longer than
    /// `limit` bytes.
    pub(super) fn start(
        opened: Arc<Opened>,
        capacity: usize,
        limit: usize,
        make: impl FnMut(UmadMessage<'_>) -> Option<T> + Send + 'static,
    ) -> io::Result<Self> {
        let (feed, inbox) = inbox(capacity);
        let (woken, wake) = io::pipe()?;
        let of_thread = Arc::clone(&opened);
        let thread = std::thread::Builder::new().name("umad-reader".into()).spawn(move || {
            let mut reading = Reading { opened: &of_thread, woken, limit, make, feed: &feed };
            if let Some(ended) = reading.run() {
                feed.end(ended);
            }
        })?;
        Ok(Self { opened, inbox, wake, thread: Some(thread) })
    }

    /// Wait for a message, and append what is there.
    pub(super) async fn receive(&mut self, batch: &mut Vec<T>) -> Result<(), UmadError> {
        self.inbox.receive(batch).await.map_err(|ended| {
            let port = self.opened.port.clone();
            match ended {
                None | Some(Ended::Gone) => UmadError::Gone { port },
                Some(Ended::TooLong { length, limit }) => UmadError::TooLong { length, limit },
                Some(Ended::Failed { what, error }) => {
                    UmadError::Io { port, what, source: io::Error::from_raw_os_error(error) }
                }
            }
        })
    }

    /// Messages dropped because the program was too slow, since the last call.
    pub(super) fn take_overflowed(&self) -> u64 {
        self.inbox.take_overflowed()
    }
}

impl<T> Drop for Reader<T> {
    fn drop(&mut self) {
        self.inbox.stop();
        // If the pipe is full the thread is awake.
        let _ = self.wake.write_all(&[0]);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the thread works on.
struct Reading<'a, T, M> {
    opened: &'a Opened,
    woken: PipeReader,
    limit: usize,
    make: M,
    feed: &'a Feed<T, Ended>,
}

impl<T, M: FnMut(UmadMessage<'_>) -> Option<T>> Reading<'_, T, M> {
    /// Read until the program wants no more (`None`), or nothing more will come.
    fn run(&mut self) -> Option<Ended> {
        let shortest = self.opened.layout.length() + DATAGRAM;
        let mut buffer = vec![0; shortest];
        while !self.feed.is_stopping() {
            match self.opened.descriptor.read(&mut buffer) {
                // A device has messages or makes wait: this is none.
                Ok(0) => return Some(Ended::Gone),
                Ok(length) => {
                    if !self.take(buffer.get(..length).unwrap_or_default()) {
                        return None;
                    }
                    // The memory for a long message is not kept.
                    if buffer.len() > shortest {
                        buffer = vec![0; shortest];
                    }
                }
                Err(error) => match error.raw_os_error() {
                    Some(libc::EAGAIN) => {
                        if let Some(ended) = self.wait() {
                            return Some(ended);
                        }
                    }
                    Some(libc::EINTR) => {}
                    Some(libc::ENOSPC) => match needed_length(self.opened.layout, &buffer) {
                        Some(length) if length <= self.limit => buffer.resize(length, 0),
                        Some(length) => return Some(Ended::TooLong { length, limit: self.limit }),
                        None => return Some(failed("reading", &error)),
                    },
                    Some(libc::EIO | libc::ENODEV | libc::EPIPE) => return Some(Ended::Gone),
                    _ => return Some(failed("reading", &error)),
                },
            }
        }
        None
    }

    fn take(&mut self, bytes: &[u8]) -> bool {
        let Some(message) = UmadMessage::parse(self.opened.layout, bytes) else {
            tracing::warn!(length = bytes.len(), "not a message of a umad device: ignored");
            return true;
        };
        (self.make)(message).is_none_or(|item| self.feed.put(item))
    }

    fn wait(&self) -> Option<Ended> {
        let limit = self.opened.descriptor.may_be_emulated().then_some(LOOK);
        match self.opened.descriptor.wait(self.woken.as_fd(), limit) {
            // Without a reason: an emulated device that woke for nothing.
            Err(error) if !matches!(error.raw_os_error(), Some(0 | libc::EINTR)) => {
                Some(failed("waiting for a message", &error))
            }
            _ => None,
        }
    }
}

fn failed(what: &'static str, error: &io::Error) -> Ended {
    Ended::Failed { what, error: error.raw_os_error().unwrap_or_default() }
}
