//! The dense form: one service level for each pair of switches, in one block of memory.
//!
//! The keyed table knows every property of every path, at 72 bytes a path. A manager that routes by LASH decides one thing
//! for each pair of switches, the service level, and wants to know after each routing in which pairs it differs: that
//! takes one byte a pair here, and is compared at the speed of memory.
//!
//! ```
//! use ib_mad::ServiceLevel;
//! use path_record::dense::{DenseDistinguisher, DenseUpdate, ServiceLevelMatrix};
//!
//! let mut levels = ServiceLevelMatrix::from_fn(6, |_, _| ServiceLevel::new(0));
//! let mut distinguisher = DenseDistinguisher::new();
//! assert_eq!(distinguisher.update(&levels)?, DenseUpdate::Seeded);
//!
//! levels.set(1, 4, ServiceLevel::new(1))?;
//! assert_eq!(distinguisher.update(&levels)?, DenseUpdate::Compared { changes: 1, compared: 30 });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod distinguisher;
mod matrix;
mod update;

pub use distinguisher::{DenseDistinguisher, DenseUpdate};
pub use matrix::{NoSuchPair, ServiceLevelMatrix};
pub use update::SizeMismatch;
