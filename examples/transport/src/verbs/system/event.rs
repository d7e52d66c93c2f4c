//! Asynchronous events of a device.

use core::mem::MaybeUninit;
use std::io;

use rdma_mummy_sys as ffi;

use super::{RawContext, Refused};

/// An event as the library tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawEvent {
    /// Number of its kind (`enum ibv_event_type`).
    pub(crate) kind: u32,
    /// Of an event of a queue pair, its number.
    pub(crate) queue_pair: Option<u32>,
    /// Of an event of a port, its number.
    pub(crate) port: Option<u8>,
}

/// What the kinds are about, as `enum ibv_event_type` numbers them.
const OF_QUEUE_PAIRS: [u32; 8] = [1, 2, 3, 4, 5, 6, 7, 16];
const OF_PORTS: [u32; 8] = [9, 10, 11, 12, 13, 17, 18, 20];

impl RawContext {
    /// The next event, if there is one. It is acknowledged at once: what it is about may be destroyed.
    pub(crate) fn next_event(&self) -> Result<Option<RawEvent>, Refused> {
        let mut event = MaybeUninit::<ffi::ibv_async_event>::zeroed();
        // SAFETY: the context is open, and the structure lives through the call.
        if unsafe { ffi::ibv_get_async_event(self.as_ptr(), event.as_mut_ptr()) } != 0 {
            let source = io::Error::last_os_error();
            return match source.kind() {
                io::ErrorKind::WouldBlock => Ok(None),
                _ => Err(Refused { verb: "ibv_get_async_event", source }),
            };
        }
        let pointer = event.as_mut_ptr();
        // The kind is read as a number: a newer library may have kinds that the type of the binding has no value for.
        // SAFETY: the call filled in the structure, and the kind is a number of 32 bits.
        let kind = unsafe { (&raw const (*pointer).event_type).cast::<u32>().read() };
        let queue_pair = OF_QUEUE_PAIRS.contains(&kind).then(|| {
            // SAFETY: such events carry a queue pair, which cannot be destroyed before they are acknowledged.
            unsafe { (*(*pointer).element.qp).qp_num }
        });
        let port = OF_PORTS.contains(&kind).then(|| {
            // SAFETY: such events carry a port's number.
            unsafe { (*pointer).element.port_num }
        });
        // SAFETY: the event came from the library and is acknowledged once.
        unsafe { ffi::ibv_ack_async_event(pointer) };
        Ok(Some(RawEvent { kind, queue_pair, port: port.and_then(|port| u8::try_from(port).ok()) }))
    }
}
