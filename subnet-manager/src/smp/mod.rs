//! Requests to the nodes of the subnet: many in flight, few to each node, each repeated until it is answered or given up.

mod queue;
#[cfg(test)]
mod queue_test;
mod route;

pub use queue::QueueLimits;
pub(crate) use queue::RequestQueue;
pub(crate) use route::DirectedRoute;
