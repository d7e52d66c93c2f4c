//! What must hold, by the name under which a violation tells of it.

/// Each record arrives once, after the one before it and as it was sent.
pub const EXACTLY_ONCE: &str = "each record arrives once, in order, as it was sent";
/// A message that is said to be whole is.
pub const WHOLE: &str = "a whole message has all records";
/// A sender that says its message was delivered is right.
pub const DELIVERED: &str = "what a sender says was delivered has arrived whole";
/// No segment goes out that the receiver did not allow.
pub const WINDOW: &str = "no segment is sent beyond the window";
/// Faults that repetition can repair fail no transfer.
pub const REPAIRED: &str = "few losses fail no transfer";
/// In the end each message has arrived, or a node knows of a failure; who has only a part of one knows itself.
pub const ACCOUNTED: &str = "what does not arrive is reported";
