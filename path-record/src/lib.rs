#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod change;
mod change_set;
pub mod dense;
mod difference;
mod distinguisher;
mod error;
mod key;
mod properties;
mod table;

pub use change::{ChangeKind, ChangedFields, PathChange};
pub use change_set::{ChangeSet, ChangeSets, HostChange, PathEnd};
pub use difference::{Difference, difference};
pub use distinguisher::{PathRecordDistinguisher, Update};
pub use error::TableFull;
pub use key::{Partition, PathKey, PathSelector};
pub use properties::PathProperties;
pub use table::{PathEntry, PathTable};
