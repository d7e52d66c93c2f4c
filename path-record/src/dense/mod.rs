//! The dense form: one service level for each pair of switches, in one block of memory.
//!
//! The keyed table knows every property of every path, at 72 bytes a path. A manager that routes by LASH decides one thing
//! for each pair of switches, the service level, and wants to know after each routing in which pairs it differs: that
//! takes one byte a pair here, and is compared at the speed of memory.

mod distinguisher;
mod matrix;
mod update;

pub use distinguisher::{DenseDistinguisher, DenseUpdate};
pub use matrix::{NoSuchPair, ServiceLevelMatrix};
pub use update::SizeMismatch;
