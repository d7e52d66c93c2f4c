//! What must hold, by the name under which a violation tells of it.

/// No packet is accepted after its requester was told that it may be sent again.
pub const STALE: &str = "what may be sent again is not accepted any more";
/// After a barrier a path that keeps order holds nothing from before it, neither requests nor responses.
pub const FLUSHED: &str = "a path in use holds nothing from before its barrier";
/// The responder accepts the paths that the requester uses.
pub const ACCEPTED: &str = "a path in use is accepted";
/// The responder refuses the paths that the requester calls bad.
pub const REFUSED: &str = "a bad path is refused";
/// A packet launched on a path in use is accepted while the path is in use and nothing else was said about it.
pub const ANNOUNCED: &str = "what is refused on a path in use may be sent again";
/// A message with an older number than the last does nothing and is not answered, a repetition is only answered again;
/// an acknowledgement of another number than the one told does nothing.
pub const LATE_MESSAGE: &str = "a late message changes nothing";
/// The completion of an earlier attempt does nothing.
pub const LATE_COMPLETION: &str = "a late completion changes nothing";
