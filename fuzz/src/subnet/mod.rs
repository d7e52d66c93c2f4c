//! Subnet managers on a simulated fabric whose links and nodes fail.
//!
//! Unlike the other worlds this one runs in virtual time with real latencies, and is walked by seed only: a subnet has far
//! too many states to visit them all. After the last fault it must come to rest with one master in each part of the fabric,
//! every pair of hosts joined by a path, and no lane with a cycle.

mod bed;
mod check;
mod mutant;
mod schedule;

pub use bed::Bed;
pub use check::Finding;
pub use mutant::Mutant;
pub use schedule::{Kinds, run};
