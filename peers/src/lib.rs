//! Handles on the real peers that fabric-ha is tested against: [`Ibsim`] (a simulated fabric), [`OpenSm`] (its subnet
//! manager), [`Diags`] (the queries of infiniband-diags) and [`Capture`] (tshark's reading of a capture).
//!
//! Every handle owns its process: dropping the handle ends it. Every wait has a deadline, and its error says what was
//! waited for and what the peer said last. Runs do not disturb each other: each has a [`RunDir`], whose name is also the
//! name of its ibsim's sockets.
//!
//! ```no_run
//! # async fn example() -> Result<(), peers::PeerError> {
//! let dir = peers::RunDir::new()?;
//! let mut ibsim = peers::Ibsim::start(peers::MESH_3X2, &dir).await?;
//! let mut opensm = peers::OpenSm::start(&ibsim, "H7", "lash", &dir)?;
//! opensm.wait_for_subnet_up(1).await?;
//! ibsim.unlink("S2", 3).await?;
//! opensm.wait_for_subnet_up(2).await?;
//! # Ok(())
//! # }
//! ```

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]

mod comparison;
mod diags;
mod dissection;
mod error;
mod ibsim;
mod ibsim_control;
mod installed;
mod namespace;
mod opensm;
mod process;
mod run_dir;
mod tables;
mod tshark;

pub use comparison::{DATAGRAM_POSITION, Difference, Expected, STRUCTURES, compare};
pub use diags::{Diags, PathFields};
pub use dissection::{DissectedField, Dissection};
pub use error::{EndStatus, PeerError};
pub use ibsim::Ibsim;
pub use installed::{PACKAGES, locate, umad_preload};
pub use namespace::Namespaces;
pub use opensm::OpenSm;
pub use process::Process;
pub use run_dir::RunDir;
pub use tables::{OpenSmTables, RoutedGraph};
pub use tshark::Capture;

/// The 3 × 2 mesh of switches with eight hosts that the demo runs on.
pub const MESH_3X2: &str = include_str!("../../examples/topologies/mesh-3x2.topo");
