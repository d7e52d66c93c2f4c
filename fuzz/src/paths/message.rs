use barrier::{BarrierNumber, Completion, Incarnation, OpId, Supervisory};

/// What goes from the requester to the responder.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Request {
    Write { id: OpId, number: BarrierNumber, incarnation: Incarnation },
    Read { id: OpId },
    Tell(Supervisory),
    Data { incarnation: Incarnation, age: Age },
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Response {
    Done { id: OpId, completion: Completion },
    Told(Supervisory),
    Data { age: Age },
}

/// How often what had been launched on a path was said to be free to be sent again, when this was launched. The
/// machines do not see it.
pub(super) type Age = u32;
