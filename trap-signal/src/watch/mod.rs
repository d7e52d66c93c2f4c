//! Beside a subnet manager that cannot tell which path records a fault changed: read them through the subnet
//! administration, compare, and have the manager forward a RePath trap.
//!
//! ```text
//!  Report (64, 65, 128, 144) ─▶ pass: scan LIDs, read every path ─▶ compare ─▶ Trap 69 to the manager ─▶ again,
//!                                                                              until it has been quiet for a while
//! ```
//!
//! A manager reports a link's change before it has routed around it, by seconds on a large fabric. So passes go on for
//! a while after the last report, and each one that finds a difference signals.

mod inventory;
mod reader;
mod schedule;
mod sender;
mod watcher;

pub use inventory::{EndPort, Inventory, InventoryError};
pub use reader::{PathReader, ReaderError};
pub use watcher::{Pass, WatchError, WatchEvent, Watcher, WatcherConfig};
