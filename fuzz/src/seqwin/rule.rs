//! What must hold, by the name under which a violation tells of it.

/// Each ordered packet is processed once, after the one before it.
pub const EXACTLY_ONCE: &str = "each ordered packet is processed once, in order";
/// An unordered packet is processed after all ordered packets before it, and never once the requester counts it as done.
pub const UNORDERED_IN_ITS_TIME: &str = "an unordered packet is processed between its neighbours";
/// A packet that the requester counts as done was processed.
pub const DONE_IS_PROCESSED: &str = "what is completed was processed";
/// A read is completed by its own answer, which has the data.
pub const DATA: &str = "a completed read has been answered";
/// Packets are completed in the order of launch, each once.
pub const COMPLETED_IN_ORDER: &str = "packets are completed in the order of launch";
/// No more than a window of packets is outstanding.
pub const WINDOW: &str = "no more than the window is outstanding";
/// Ends that began with the same number never take each other for strangers.
pub const INSIDE: &str = "every number is inside the window";
/// A response that fits no packet changes nothing.
pub const STRAYS_CHANGE_NOTHING: &str = "a stray response changes nothing";
