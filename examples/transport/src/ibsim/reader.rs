//! The thread that empties a client's data socket.
//!
//! The kernel queues about ten datagrams for a Unix socket, and ibsim, which has one thread, spins while a client's
//! queue is full: one client that computes for a second stops the whole fabric for a second. So the socket is read
//! by a thread that does nothing else. What a program is too slow to take is dropped here, and counted: datagrams
//! may be lost on a fabric, and whoever asks again recovers.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixDatagram;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::protocol::Packet;
use super::question::is_last_answer;
use crate::channel::Incoming;

/// Datagrams that wait for the program: 16,384 of 288 bytes are under 5 MB.
const QUEUE: usize = 16_384;
/// How often a silent ibsim is checked for being there.
const LIVENESS: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// Why nothing more will arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// ibsim is gone.
    ServerGone,
    /// ibsim is there, but has given the connection to another client.
    Dropped,
    /// The socket failed.
    Failed(io::ErrorKind),
}

impl Ended {
    pub(super) fn from_error(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused | io::ErrorKind::NotConnected => Self::ServerGone,
            io::ErrorKind::ConnectionReset | io::ErrorKind::PermissionDenied => Self::Dropped,
            other => Self::Failed(other),
        }
    }
}

#[derive(Debug, Default)]
struct Shared {
    stopping: AtomicBool,
    closing: AtomicBool,
    /// Whether the last question was answered.
    answered: Mutex<bool>,
    answer: Condvar,
    overflowed: AtomicU64,
    ended: OnceLock<Ended>,
}

/// The program's end of the queue.
#[derive(Debug)]
pub(super) struct Reader {
    socket: UnixDatagram,
    queue: Receiver<Incoming>,
    shared: Arc<Shared>,
}

impl Reader {
    /// Start to read `socket`, which does not block and is connected to ibsim's.
    pub(super) fn start(socket: UnixDatagram) -> io::Result<Self> {
        Self::with_capacity(socket, QUEUE)
    }

    fn with_capacity(socket: UnixDatagram, capacity: usize) -> io::Result<Self> {
        let (sender, queue) = channel(capacity);
        let shared = Arc::new(Shared::default());
        let (thread_socket, thread_shared) = (socket.try_clone()?, Arc::clone(&shared));
        std::thread::Builder::new().name("ibsim-reader".into()).spawn(move || {
            let ended = read(&thread_socket, &sender, &thread_shared);
            let _ = thread_shared.ended.set(ended);
        })?;
        Ok(Self { socket, queue, shared })
    }

    /// Wait for a datagram, and append what is there. `Err` when no more will come.
    pub(super) async fn receive(&mut self, batch: &mut Vec<Incoming>) -> Result<(), Ended> {
        let Some(first) = self.queue.recv().await else {
            return Err(self.shared.ended.get().copied().unwrap_or(Ended::ServerGone));
        };
        batch.push(first);
        while let Ok(next) = self.queue.try_recv() {
            batch.push(next);
        }
        Ok(())
    }

    /// Datagrams dropped because the program was too slow, since the last call.
    pub(super) fn take_overflowed(&self) -> u64 {
        self.shared.overflowed.swap(0, Ordering::Relaxed)
    }
}

impl Reader {
    /// From now on, look out for the answer to the last question.
    pub(super) fn expect_last(&self) {
        self.shared.closing.store(true, Ordering::Relaxed);
    }

    /// Wait for the answer to the last question, at most for `limit`.
    pub(super) fn wait_for_last(&self, limit: Duration) {
        let answered = self.shared.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self.shared.answer.wait_timeout_while(answered, limit, |answered| !*answered);
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        // Wakes the thread, and makes ibsim's writes fail rather than wait.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

fn read(socket: &UnixDatagram, queue: &Sender<Incoming>, shared: &Shared) -> Ended {
    let mut buffer = [0; size_of::<Packet>() + 1];
    loop {
        let received = socket.recv(&mut buffer);
        if shared.stopping.load(Ordering::Relaxed) {
            return Ended::Dropped;
        }
        let ended = match received {
            Ok(length) => take(&buffer[..length], queue, shared),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => wait(socket),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(Ended::from_error(&error)),
        };
        if let Err(ended) = ended {
            return ended;
        }
    }
}

fn take(bytes: &[u8], queue: &Sender<Incoming>, shared: &Shared) -> Result<(), Ended> {
    let Some(incoming) = Packet::parse(bytes) else {
        tracing::warn!(length = bytes.len(), "not a message of ibsim's: ignored");
        return Ok(());
    };
    if shared.closing.load(Ordering::Relaxed) && is_last_answer(&incoming.mad) {
        *shared.answered.lock().unwrap_or_else(PoisonError::into_inner) = true;
        shared.answer.notify_all();
        return Ok(());
    }
    match queue.try_send(incoming) {
        Ok(()) => Ok(()),
        Err(TrySendError::Full(_)) => {
            shared.overflowed.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
        Err(TrySendError::Closed(_)) => Err(Ended::Dropped),
    }
}

/// Wait for a datagram; when none comes, see whether ibsim is there.
fn wait(socket: &UnixDatagram) -> Result<(), Ended> {
    match poll(&mut [PollFd::new(socket, PollFlags::IN)], Some(&LIVENESS)) {
        Ok(0) => {}
        Ok(_) | Err(rustix::io::Errno::INTR) => return Ok(()),
        Err(error) => return Err(Ended::from_error(&error.into())),
    }
    // An empty datagram: ibsim reads it and ignores it; a socket whose owner has ended refuses it.
    match socket.send(&[]) {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(Ended::from_error(&error)),
        _ => Ok(()),
    }
}
