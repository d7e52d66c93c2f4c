//! Queue pairs of an RDMA device that follow path records.

mod answering;
mod queue_pair;
mod route;

pub use queue_pair::{LiveQueuePair, Moved, Role, Words};
pub use route::route_of;
