//! The manager's side: who subscribed to what, and Reports to them until they answer.

mod forwarder;
mod registry;
mod signaller;

pub use forwarder::{ForwardError, ForwardEvent, ReportForwarder};
pub use registry::{RegistryError, RegistryLimits, Subscriber, SubscriptionRegistry, matches};
pub use signaller::{Signaller, SignallerConfig, SignallerEvent};
