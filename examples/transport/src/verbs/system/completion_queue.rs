//! Completion queues.

use core::ffi::c_int;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};
use std::io;
use std::os::fd::BorrowedFd;
use std::sync::Arc;

use rdma_mummy_sys as ffi;

use super::wait::do_not_wait;
use super::{RawContext, Refused, done, object};

/// What a completion says. Of one that failed only the first three fields and the last mean anything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawCompletion {
    pub(crate) id: u64,
    pub(crate) queue_pair: u32,
    pub(crate) status: u32,
    pub(crate) length: u32,
    pub(crate) source: u32,
    pub(crate) has_route: bool,
    pub(crate) vendor_error: u32,
}

/// A completion queue with a channel for its events.
#[derive(Debug)]
pub(crate) struct RawCompletionQueue {
    pointer: NonNull<ffi::ibv_cq>,
    channel: Channel,
}

// SAFETY: the library locks its completion queues.
unsafe impl Send for RawCompletionQueue {}
// SAFETY: as above.
unsafe impl Sync for RawCompletionQueue {}

/// A completion channel, destroyed after its queue.
#[derive(Debug)]
struct Channel {
    pointer: NonNull<ffi::ibv_comp_channel>,
    // Held as long as the channel exists.
    _context: Arc<RawContext>,
}

impl Drop for Channel {
    fn drop(&mut self) {
        // SAFETY: the queue that used it is gone, and nobody uses it after this.
        unsafe { ffi::ibv_destroy_comp_channel(self.pointer.as_ptr()) };
    }
}

impl RawCompletionQueue {
    pub(crate) fn new(context: &Arc<RawContext>, capacity: u32) -> Result<Self, Refused> {
        // SAFETY: the context is open, and is held as long as the channel exists.
        let pointer = unsafe { ffi::ibv_create_comp_channel(context.as_ptr()) };
        let pointer = object("ibv_create_comp_channel", pointer)?;
        let channel = Channel { pointer, _context: Arc::clone(context) };
        let capacity = c_int::try_from(capacity).unwrap_or(c_int::MAX);
        // SAFETY: the context is open, the channel is its own, and both are held as long as the queue exists.
        let pointer = unsafe {
            ffi::ibv_create_cq(context.as_ptr(), capacity, ptr::null_mut(), channel.pointer.as_ptr(), 0)
        };
        let queue = Self { pointer: object("ibv_create_cq", pointer)?, channel };
        do_not_wait(queue.descriptor())
            .map_err(|source| Refused { verb: "fcntl of the completions' descriptor", source })?;
        Ok(queue)
    }

    pub(super) const fn as_ptr(&self) -> *mut ffi::ibv_cq {
        self.pointer.as_ptr()
    }

    /// Readable after [`arm`](Self::arm) when there is a completion.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        // SAFETY: the channel is open, and its descriptor with it, as long as this is borrowed.
        unsafe { BorrowedFd::borrow_raw(self.channel.pointer.as_ref().fd) }
    }

    /// Take completions out, up to the room in `out`, and give them to `found`.
    pub(crate) fn poll<const N: usize>(
        &self,
        mut found: impl FnMut(RawCompletion),
    ) -> Result<usize, Refused> {
        let mut entries = [const { MaybeUninit::<ffi::ibv_wc>::uninit() }; N];
        let room = c_int::try_from(N).unwrap_or(c_int::MAX);
        // SAFETY: the queue exists; the pointer and the number are those of an array that lives through the call.
        let count = unsafe { ffi::ibv_poll_cq(self.as_ptr(), room, entries.as_mut_ptr().cast()) };
        let count = usize::try_from(count).map_err(|_| Refused {
            verb: "ibv_poll_cq",
            source: io::Error::from_raw_os_error(count.saturating_abs()),
        })?;
        for entry in entries.iter().take(count) {
            // SAFETY: the call filled in as many entries as it said.
            let entry = unsafe { entry.assume_init_ref() };
            found(RawCompletion {
                id: entry.wr_id,
                queue_pair: entry.qp_num,
                status: entry.status,
                length: entry.byte_len,
                source: entry.src_qp,
                has_route: entry.wc_flags & ffi::ibv_wc_flags::IBV_WC_GRH.0 != 0,
                vendor_error: entry.vendor_err,
            });
        }
        Ok(count)
    }

    /// Have the descriptor become readable with the next completion.
    pub(crate) fn arm(&self) -> Result<(), Refused> {
        // SAFETY: the queue exists.
        done("ibv_req_notify_cq", unsafe { ffi::ibv_req_notify_cq(self.as_ptr(), 0) })
    }

    /// Take the events off the channel.
    pub(crate) fn clear_events(&self) -> Result<(), Refused> {
        loop {
            let mut queue = ptr::null_mut();
            let mut context = ptr::null_mut();
            let channel = self.channel.pointer.as_ptr();
            // SAFETY: the channel exists, and both pointers live through the call.
            if unsafe { ffi::ibv_get_cq_event(channel, &raw mut queue, &raw mut context) } != 0 {
                let source = io::Error::last_os_error();
                return match source.kind() {
                    io::ErrorKind::WouldBlock => Ok(()),
                    _ => Err(Refused { verb: "ibv_get_cq_event", source }),
                };
            }
            // SAFETY: the event was of this queue, the only one of the channel, and is acknowledged once.
            unsafe { ffi::ibv_ack_cq_events(queue, 1) };
        }
    }
}

impl Drop for RawCompletionQueue {
    fn drop(&mut self) {
        // SAFETY: queue pairs that used it held it and are gone; its events are acknowledged as they are taken.
        unsafe { ffi::ibv_destroy_cq(self.as_ptr()) };
    }
}
