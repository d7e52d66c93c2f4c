//! The thread that empties a client's data socket.
//!
//! The kernel queues about ten datagrams for a Unix socket, and ibsim, which has one thread, spins while a client's
//! queue is full: one client that computes for a second stops the whole fabric for a second. So the socket is read
//! by a thread that does nothing else.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixDatagram;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::protocol::Packet;
use super::question::is_last_answer;
use crate::channel::Incoming;
use crate::inbox::{Feed, Inbox, QUEUE, inbox};

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

/// The end of a connection: whether the answer to the last question has come.
#[derive(Debug, Default)]
struct Closing {
    expected: AtomicBool,
    answered: Mutex<bool>,
    answer: Condvar,
}

/// The program's end of the queue.
#[derive(Debug)]
pub(super) struct Reader {
    socket: UnixDatagram,
    inbox: Inbox<Incoming, Ended>,
    closing: Arc<Closing>,
}

impl Reader {
    /// Start to read `socket`, which does not block and is connected to ibsim's.
    pub(super) fn start(socket: UnixDatagram) -> io::Result<Self> {
        let (feed, inbox) = inbox(QUEUE);
        let closing = Arc::new(Closing::default());
        let (thread_socket, thread_closing) = (socket.try_clone()?, Arc::clone(&closing));
        std::thread::Builder::new().name("ibsim-reader".into()).spawn(move || {
            let ended = read(&thread_socket, &feed, &thread_closing);
            feed.end(ended);
        })?;
        Ok(Self { socket, inbox, closing })
    }

    /// Wait for a datagram, and append what is there. `Err` when no more will come.
    pub(super) async fn receive(&mut self, batch: &mut Vec<Incoming>) -> Result<(), Ended> {
        self.inbox.receive(batch).await.map_err(|ended| ended.unwrap_or(Ended::ServerGone))
    }

    /// Datagrams dropped because the program was too slow, since the last call.
    pub(super) fn take_overflowed(&self) -> u64 {
        self.inbox.take_overflowed()
    }

    /// From now on, look out for the answer to the last question.
    pub(super) fn expect_last(&self) {
        self.closing.expected.store(true, Ordering::Relaxed);
    }

    /// Wait for the answer to the last question, at most for `limit`.
    pub(super) fn wait_for_last(&self, limit: Duration) {
        let answered = self.closing.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self.closing.answer.wait_timeout_while(answered, limit, |answered| !*answered);
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.inbox.stop();
        // Wakes the thread, and makes ibsim's writes fail rather than wait.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

fn read(socket: &UnixDatagram, feed: &Feed<Incoming, Ended>, closing: &Closing) -> Ended {
    let mut buffer = [0; size_of::<Packet>() + 1];
    loop {
        let received = socket.recv(&mut buffer);
        if feed.is_stopping() {
            return Ended::Dropped;
        }
        let ended = match received {
            Ok(length) => take(&buffer[..length], feed, closing),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => wait(socket),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(Ended::from_error(&error)),
        };
        if let Err(ended) = ended {
            return ended;
        }
    }
}

fn take(bytes: &[u8], feed: &Feed<Incoming, Ended>, closing: &Closing) -> Result<(), Ended> {
    let Some(incoming) = Packet::parse(bytes) else {
        tracing::warn!(length = bytes.len(), "not a message of ibsim's: ignored");
        return Ok(());
    };
    if closing.expected.load(Ordering::Relaxed) && is_last_answer(&incoming.mad) {
        *closing.answered.lock().unwrap_or_else(PoisonError::into_inner) = true;
        closing.answer.notify_all();
        return Ok(());
    }
    if feed.put(incoming) { Ok(()) } else { Err(Ended::Dropped) }
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
