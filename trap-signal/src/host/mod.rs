//! The host's side: its queue pairs follow the subnet's path records (US 2013/0124910, paragraphs 39 and 49).
//!
//! ```text
//!   Report ──▶ every path is stale ──▶ query each path ──▶ compare each queue pair ──▶ Reconfigure ──▶ UpToDate
//! ```

mod agent;
mod paths;
mod queue_pairs;

pub use agent::{HostAgent, HostConfig, HostError, HostEvent};
pub use paths::PathId;
pub use queue_pairs::{AttemptId, QueuePair, Reconfiguration};
