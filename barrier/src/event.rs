use crate::Path;

/// What a requester learns about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PathEvent {
    /// A barrier passed and the path is in use again. Nothing that was sent on it before will be accepted any more:
    /// whatever is not acknowledged is to be sent again, here or elsewhere.
    Passed(Path),
    /// Its barrier failed. What was sent on it may still be accepted: it must not be sent elsewhere yet.
    Failed(Path),
    /// The responder refuses the path: what was sent on it and is not acknowledged may be sent on others.
    Down(Path),
    /// The path passed a barrier, the responder accepts it again, and it is in use. What was sent on it before and is not
    /// acknowledged may be sent again, here or elsewhere, also if no [`Down`](Self::Down) came before.
    Up(Path),
}
