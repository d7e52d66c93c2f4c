//! Carries a [transfer](crate::transfer) over a channel of datagrams: the loops of the two ends, and the threads that read
//! the source and write the output, so that a slow disk holds up no acknowledgement.

mod counters;
mod receive;
mod send;
mod sink;
mod source;

pub use counters::{PathCounters, path_number};
pub use receive::{Reception, ReceptionEvent};
pub use send::{Sending, send};
pub use sink::{Sink, SinkReport};
pub use source::{Source, SourceItem};

/// The longest datagrams that are written before they are sent: few, so that they are still in the processor's cache, and the first
/// does not wait for the others.
const OUTBOX: usize = 1;
/// The longest datagrams that are received together.
const INBOX: usize = 16;

#[cfg(test)]
mod awake_test;
