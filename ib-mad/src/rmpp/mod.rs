//! The reliable multi-packet protocol (IBTA volume 1, 13.6): messages that are longer than a datagram.
//!
//! A [`Sender`] sends one message; [`Receivers`] takes many, each with a [`Receiver`], and hands their records on as they become
//! whole, where they lie in the datagram. Only a record that two segments share is copied. Who needs the table in one
//! piece [gathers](Gathered) it into memory of its own.
//!
//! ```text
//!   Sender                                                  Receiver
//!     │ DATA 1 FIRST, payload length of all  ─────────────▶    │ window 1
//!     │    ◀─────────────────────  ACK 1, window up to 65      │ opens by 64
//!     │ DATA 2 … 65                          ─────────────▶    │
//!     │    ◀─────────────────────  ACK 65, window up to 129    │ at the window's edge
//!     │ DATA 66 … LAST, own payload length   ─────────────▶    │
//!     │    ◀─────────────────────  ACK LAST                    │ and 10 s more for repetitions
//!     │ ACK 0, window 1 (double-sided only)  ─────────────▶    │ now sends its answer
//! ```
//!
//! What the standard leaves open is done as Linux does it (`mad_rmpp.c`). These differ: a segment before its turn is not
//! kept; a segment beyond the window, and an acknowledgement that takes window back, end the transfer (Linux drops
//! both); payload lengths have to agree with each other (Linux believes the last one); an abort of the sender ends
//! the receiver too; an ended transfer repeats its abort while it is remembered.
//!
//! # Two ends of a table
//!
//! ```
//! use core::time::Duration;
//! use ib_mad::rmpp::{
//!     Received, ReceiverLimits, Receivers, RmppPeer, Sender, SenderHandled, SenderLimits,
//! };
//! use ib_mad::wire::{
//!     Attribute, AttributeId, MAD_LENGTH, MadHeader, ManagementClass, Method, PathRecord, RmppHeader, SaHeader, SaMad,
//! };
//! use ib_mad::{Lid, Qpn, ServiceLevel, TransactionId};
//!
//! let port = |lid| RmppPeer { lid: Lid(lid), service_level: ServiceLevel::default(), qpn: Qpn::GENERAL_SERVICES };
//! let (manager, host) = (port(1), port(7));
//!
//! // The manager's answer: nine records, which takes three segments.
//! let template = SaMad {
//!     header: MadHeader::request(
//!         ManagementClass::SUBNET_ADMINISTRATION, Method::GET_TABLE_RESP, AttributeId::PATH_RECORD, 0, TransactionId(5),
//!     ),
//!     rmpp: RmppHeader::INACTIVE,
//!     sa: SaHeader { attribute_offset: (PathRecord::LENGTH / 8) as u16, ..SaHeader::default() },
//! }
//! .emit(&PathRecord::default())?;
//! let mut table = [0; 9 * PathRecord::LENGTH];
//! for (number, place) in table.chunks_mut(PathRecord::LENGTH).enumerate() {
//!     PathRecord { destination_lid: Lid(100 + number as u16), ..PathRecord::default() }.emit(place)?;
//! }
//! let now = Duration::from_secs(5000);
//! let mut sender = Sender::new(now, SenderLimits::DEFAULT, host, &template, &table)?;
//!
//! // The host takes up to 16 transfers at once, 4 of one port.
//! let mut receivers: Receivers<16> = Receivers::new(ReceiverLimits::DEFAULT, 4);
//! let mut lids = Vec::new();
//! let (mut data, mut answer) = ([0; MAD_LENGTH], [0; MAD_LENGTH]);
//! while let Some(_to) = sender.poll_transmit(now, &mut data) {
//!     match receivers.handle_segment(now, manager, &data) {
//!         Received::Data(part) => lids.extend(part.records.typed::<PathRecord>()?.map(|path| path.destination_lid().0)),
//!         Received::Failed(failure) => return Err(failure.into()),
//!         _ => {}
//!     }
//!     while let Some(_to) = receivers.poll_transmit(now, &mut answer) {
//!         if let SenderHandled::Failed(failure) = sender.handle_segment(now, host.lid, &answer) {
//!             return Err(failure.into());
//!         }
//!     }
//! }
//! assert!(!sender.is_sending());
//! assert_eq!(lids, (100..109).collect::<Vec<_>>());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod gathered;
mod limits;
mod receiver;
mod receivers;
mod records;
mod segment;
mod sender;
mod status;

#[cfg(test)]
mod example_test;
#[cfg(test)]
mod receiver_test;
#[cfg(test)]
mod receivers_test;
#[cfg(test)]
mod sender_test;

pub use error::{NotTakenReason, RecordError, RmppFailure};
pub use gathered::Gathered;
pub use limits::{ReceiverLimits, SenderLimits};
pub use receiver::{Delivery, Received, Receiver};
pub use receivers::{Receivers, TransferExpired};
pub use records::{Records, TypedRecords};
pub(crate) use segment::UNSPECIFIED_RESPONSE_TIME;
pub use segment::{RmppPeer, SEGMENT_LENGTH, TransferKey, class_header_length};
pub use sender::{MessageTooLong, Sender, SenderHandled};
