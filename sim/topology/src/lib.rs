//! Topologies of fabrics: which switches, hosts and routers there are, and which port is linked with which.
//!
//! The text form is that of `ibnetdiscover`, which ibsim reads too:
//!
//! ```
//! # fn main() -> Result<(), topology::TopologyError> {
//! let topology = topology::Topology::parse(
//!     "Switch 8 \"S1\"\n[3] \"H1\"[1]\n\nHca 1 \"H1\"\n[1] \"S1\"[3]\n",
//! )?;
//! let host = topology.find("H1").ok_or("no H1").unwrap();
//! let end = topology.switch_of(host).ok_or("no link").unwrap();
//! assert_eq!((topology[end.node].name(), end.port), ("S1", 3));
//! # Ok(())
//! # }
//! ```
//!
//! What [`Topology::parse`] returns is whole: every link is written at both of its ends and the ends agree, no port
//! has two links, no two nodes have one name or one GUID, and all end ports together have room in a subnet. Each mistake
//! has an error that names the line and the fix. Memory is bounded whatever the text. Dumps of real fabrics are read with
//! what they tell: GUIDs, makes, LIDs, rates.
//!
//! A [`Form`] is a topology by a few words, [`load`] what a program's `--topology` takes: a file, or such words.
//!
//! ```
//! let torus = topology::load("torus:15x15:hosts=4").unwrap();
//! assert_eq!((torus.switches().count(), torus.hosts().count()), (225, 900));
//! ```

#![forbid(unsafe_code)]

extern crate alloc;

mod assemble;
mod builder;
mod comment;
mod error;
mod form;
mod generate;
mod guids;
mod limits;
mod load;
mod parse;
mod port;
mod topology;
mod write;

pub use builder::Builder;
pub use error::{Mistake, TopologyError};
pub use form::{Form, FormError};
pub use generate::{mesh, torus};
pub use load::{LoadError, load};
pub use port::{Port, Rate, Speed, UnknownRate, Width};
pub use topology::{End, Identity, Link, Node, NodeIndex, NodeKind, Topology};
