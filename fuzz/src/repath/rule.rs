//! What must hold, by the name under which a violation tells of it.

/// A queue pair moves to a record that the manager gave in answer to the host's own query.
pub const MOVE_IS_ANSWERED: &str = "a queue pair moves to the newest answer to its host's own query";
/// The query behind a move was sent after a Report, or after the subscription.
pub const MOVE_IS_SIGNALLED: &str = "the query behind a move was sent after a Report or the subscription";
/// One signal moves a queue pair to a record once.
pub const MOVE_IS_NEW: &str = "a queue pair is not moved to where it is or is going";
/// A host that says it is up to date has asked for every path since the last Report.
pub const UP_TO_DATE: &str = "up to date means asked since the last Report";
/// A host that says it is up to date has every queue pair on the newest answer.
pub const UP_TO_DATE_IS_MOVED: &str = "up to date means moved to the newest answer";
/// A Report from a node that is not the manager causes nothing.
pub const STRANGERS_ARE_IGNORED: &str = "a stranger's Report causes no datagram";
/// Every Report of the manager is answered, the repeated one too.
pub const REPORTS_ARE_ANSWERED: &str = "each Report is answered once";
/// A repeated Report causes its answer and nothing else.
pub const REPETITIONS_ASK_NOTHING: &str = "a repeated Report causes no query";
/// The agent's idea of a settled queue pair is what the adapter has.
pub const AGENT_KNOWS_ADAPTER: &str = "the agent knows what its adapter does";
/// Hybrid signals the subscribed hosts at the ends of changed paths, and no other.
pub const HYBRID_SIGNALS_THE_CHANGED: &str = "hybrid signals those whose paths changed, and nobody else";
