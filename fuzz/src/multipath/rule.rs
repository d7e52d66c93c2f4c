//! What must hold, by the name under which a violation tells of it.

/// Every byte of a message arrives once, in its place.
pub const EXACTLY_ONCE: &str = "each byte arrives once, in order";
/// After a write is complete, no earlier one reaches its addresses.
pub const NO_STALE_WRITE: &str = "no write lands after a later one is complete";
/// An unordered descriptor, and what follows one, begins when everything before is complete; with that setting, any does.
pub const WAITS: &str = "what has to wait for acknowledgements waits";
/// A read brings what was written before it, and is complete with all of it.
pub const DATA: &str = "a read brings what was written before";
/// What is reported complete has arrived.
pub const COMPLETE: &str = "what is complete has arrived";
/// What was sent on a path before it came back from a barrier is not accepted afterwards, whatever then becomes of it; where lanes
/// keep their order, that goes for answers too.
pub const FLUSHED: &str = "nothing sent before a barrier is accepted after it";
/// A packet of a virtual interface, and its answer, goes on a path that the interface may use.
pub const OWN_PATHS: &str = "a virtual interface keeps to its own paths";
/// The responder, the session and the virtual interface stay as they are.
pub const UNBROKEN: &str = "no session and no virtual interface is lost";
