//! Questions to the agents of single nodes: subnet management, by LID or along a directed route, and the counters of performance
//! management. What `smpquery` and `perfquery` ask.
//!
//! [`NodeClient`] is driven like [`SaClient`](crate::sa::SaClient).
//!
//! ```
//! use core::time::Duration;
//! use ib_mad::node::{NodeClient, NodeHandled, NodeRequest, Route};
//! use ib_mad::request::RequestLimits;
//! use ib_mad::wire::{AttributeId, MAD_LENGTH, Method, NodeInfo};
//!
//! let mut client: NodeClient<16> = NodeClient::new(RequestLimits::DEFAULT, 1);
//! let now = Duration::from_secs(5000); // since a moment of the program's choice
//! // The node at the other end of the cable of port 1.
//! let route = Route::directed(&[1]).ok_or("too many hops")?;
//! client.request(now, NodeRequest::get(route, AttributeId::NODE_INFO, 0))?;
//!
//! let mut buffer = [0; MAD_LENGTH];
//! let transmit = client.poll_transmit(now, &mut buffer).ok_or("nothing to send")?;
//! // Send `buffer` to `transmit.to`. Here is what may come back:
//! buffer[3] = Method::GET_RESP.0;
//! buffer[4] |= 0x80;
//! let NodeHandled::Answered(event) = client.handle_datagram(now, transmit.to, &buffer) else { panic!() };
//! assert_eq!(event.read::<NodeInfo>(), Ok(NodeInfo::default()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod client;
mod request;

#[cfg(test)]
mod client_test;

pub use client::{NodeAnswer, NodeClient, NodeEvent, NodeFailure, NodeHandled};
pub use request::{NodeRequest, Route};
