//! The queue between a thread that reads a device or a socket, and the program.
//!
//! A transport reads with a thread of its own, so that a program that computes for a second does not stop the fabric
//! for a second. What the program is too slow to take is dropped, and counted: datagrams may be lost on a fabric, and
//! whoever asks again recovers.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Datagrams that wait for the program: 16,384 of some 288 bytes are under 5 MB.
pub(crate) const QUEUE: usize = 16_384;

#[derive(Debug)]
struct Shared<E> {
    stopping: AtomicBool,
    overflowed: AtomicU64,
    ended: OnceLock<E>,
}

/// The thread's end. The queue ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Feed<T, E> {
    queue: Sender<T>,
    shared: Arc<Shared<E>>,
}

/// The program's end.
#[derive(Debug)]
pub(crate) struct Inbox<T, E> {
    queue: Receiver<T>,
    shared: Arc<Shared<E>>,
}

/// A queue for `capacity` datagrams, and for the reason `E` why no more will come.
pub(crate) fn inbox<T, E>(capacity: usize) -> (Feed<T, E>, Inbox<T, E>) {
    let (sender, queue) = channel(capacity);
    let shared = Arc::new(Shared {
        stopping: AtomicBool::new(false),
        overflowed: AtomicU64::new(0),
        ended: OnceLock::new(),
    });
    (Feed { queue: sender, shared: Arc::clone(&shared) }, Inbox { queue, shared })
}

impl<T, E> Feed<T, E> {
    /// Hand a datagram to the program, or count it when the queue is full. `false` when nobody will take any more.
    pub(crate) fn put(&self, item: T) -> bool {
        match self.queue.try_send(item) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.shared.overflowed.fetch_add(1, Ordering::Relaxed);
                true
            }
            Err(TrySendError::Closed(_)) => false,
        }
    }

    /// Whether the program has asked the thread to end.
    pub(crate) fn is_stopping(&self) -> bool {
        self.shared.stopping.load(Ordering::Acquire)
    }

    /// End the queue: the program gets `reason` once it has taken what is there.
    pub(crate) fn end(self, reason: E) {
        let _ = self.shared.ended.set(reason);
    }
}

impl<T, E: Clone> Inbox<T, E> {
    /// Wait for a datagram, and append what is there. `Err` when no more will come: the reason, unless the thread
    /// ended without one.
    pub(crate) async fn receive(&mut self, batch: &mut Vec<T>) -> Result<(), Option<E>> {
        let Some(first) = self.queue.recv().await else {
            return Err(self.shared.ended.get().cloned());
        };
        batch.push(first);
        while let Ok(next) = self.queue.try_recv() {
            batch.push(next);
        }
        Ok(())
    }

    /// Datagrams dropped because the program was too slow, since the last call.
    pub(crate) fn take_overflowed(&self) -> u64 {
        self.shared.overflowed.swap(0, Ordering::Relaxed)
    }

    /// Ask the thread to end; it has to be woken besides.
    pub(crate) fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_too_much_is_counted_and_the_end_comes_last() {
        let (feed, mut inbox) = inbox::<u32, &str>(3);
        assert!((1..=5).all(|number| feed.put(number)));
        feed.end("gone");
        let mut batch = Vec::new();
        assert_eq!(inbox.receive(&mut batch).await, Ok(()));
        assert_eq!(batch, [1, 2, 3]);
        assert_eq!((inbox.take_overflowed(), inbox.take_overflowed()), (2, 0));
        assert_eq!(inbox.receive(&mut batch).await, Err(Some("gone")));
    }

    #[test]
    fn a_thread_is_told_that_nobody_reads() {
        let (feed, inbox) = inbox::<u32, &str>(3);
        assert!(!feed.is_stopping());
        inbox.stop();
        assert!(feed.is_stopping());
        drop(inbox);
        assert!(!feed.put(1));
    }
}
