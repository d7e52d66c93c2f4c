//! Requests that wait for their answers: transaction ids, deadlines, retries, back-off, and a cap for each node and
//! in all.
//!
//! [`RequestTable`] belongs inside a state machine: the machine turns each [`Due`] into a datagram, and what it
//! receives into [`respond`](RequestTable::respond) or [`back_off`](RequestTable::back_off). It allocates nothing, reads no
//! clock and draws no random number.
//!
//! ```
//! use core::time::Duration;
//! use ib_mad::Lid;
//! use ib_mad::request::{RequestLimits, RequestTable};
//!
//! let mut table: RequestTable<&str, 8> = RequestTable::new(RequestLimits::default(), 1);
//! let start = Duration::from_secs(1000);
//! let id = table.start(start, Lid(4), "what is your name?").unwrap();
//!
//! let due = table.poll_transmit(start).unwrap();
//! assert_eq!((due.id, due.to, due.attempt), (id, Lid(4), 1));
//! assert!(table.poll_transmit(start).is_none());
//!
//! // No answer: after the time-out it is due again.
//! let later = table.poll_timeout().unwrap();
//! assert_eq!(later, start + RequestLimits::default().timeout);
//! assert_eq!(table.poll_transmit(later).unwrap().attempt, 2);
//!
//! assert_eq!(table.respond(id, Lid(4)), Ok("what is your name?"));
//! assert!(table.is_empty());
//! ```

pub(crate) mod deadlines;
mod error;
mod id;
mod limits;
pub(crate) mod per_node;
mod slots;
mod table;

#[cfg(test)]
mod model_test;
#[cfg(test)]
mod table_test;

pub use error::{ResponseError, StartError};
pub use id::RequestId;
pub use limits::RequestLimits;
pub use table::{Due, Expired, ExpiryReason, RequestTable};
