//! Queries to subnet administration, with retries, back-off from a busy manager and a bounded number in flight.
//!
//! [`SaClient`] is a machine without IO. After every call that changes it, and when
//! [`poll_timeout`](SaClient::poll_timeout) says so, drain it in this order: transmissions, then events.
//!
//! ```
//! use core::time::Duration;
//! use ib_mad::sa::{SaAddress, SaClient, SaClientConfig, SaEvent, SaHandled, SaRequest};
//! use ib_mad::wire::{Attribute, MAD_LENGTH, PathRecord, PathRecordQuery};
//! use ib_mad::{Gid, Guid, Lid, ServiceLevel};
//!
//! # /// Stands for the transport and the manager behind it: answers every query with one path.
//! # fn exchange(sent: &[u8; MAD_LENGTH]) -> [u8; MAD_LENGTH] {
//! #     use ib_mad::wire::{Method, SaMad, SaMadView};
//! #     let mut mad = SaMad::from_view(SaMadView::new(sent).unwrap());
//! #     mad.header.method = Method::GET_RESP;
//! #     let path = PathRecord { destination_lid: Lid(7), ..PathRecord::parse(&sent[56..]).unwrap() };
//! #     mad.emit(&path).unwrap()
//! # }
//! let manager = SaAddress { lid: Lid(1), service_level: ServiceLevel::default() };
//! let mut client: SaClient<16> = SaClient::new(SaClientConfig::new(manager));
//!
//! let now = Duration::from_secs(5000); // since a moment of the program's choice
//! let destination = Gid::new(Gid::DEFAULT_PREFIX, Guid(0x11));
//! let query = PathRecordQuery::new().destination_gid(destination).number_of_paths(1);
//! client.request(now, SaRequest::get(&query)).unwrap();
//!
//! let mut buffer = [0; MAD_LENGTH];
//! let mut found = None;
//! while let Some(transmit) = client.poll_transmit(now, &mut buffer) {
//!     let answer = exchange(&buffer); // send `buffer` to `transmit.to`; receive
//!     match client.handle_datagram(now, transmit.to, &answer) {
//!         SaHandled::Answered(event) => found = Some(event.record::<PathRecord>()),
//!         SaHandled::NotMine(_) => {}            // another machine's, perhaps
//!         SaHandled::Ignored(reason) => eprintln!("dropped: {reason}"),
//!         _ => {}                                // busy: it will be sent again; or part of a table
//!     }
//! }
//! while let Some(SaEvent { request, outcome, .. }) = client.poll_event(now) {
//!     eprintln!("{request:?}: {outcome:?}"); // nobody answered, or the end of a table
//! }
//! assert_eq!(client.poll_timeout(), None);
//!
//! let Some(Ok(path)) = found else { panic!("{found:?}") };
//! assert_eq!((path.destination_gid, path.destination_lid), (destination, Lid(7)));
//! ```

mod answer;
mod attribute;
mod client;
mod event;
mod request;
mod tables;

#[cfg(test)]
mod client_test;
#[cfg(test)]
mod double_sided_test;
#[cfg(test)]
mod tables_test;

pub use answer::{SaAnswer, SaRecord};
pub use attribute::{Registration, SaAttribute};
pub use client::{SaAddress, SaClient, SaClientConfig};
pub use event::{IgnoredReason, NotMineReason, SaEvent, SaFailure, SaHandled};
pub use request::SaRequest;
