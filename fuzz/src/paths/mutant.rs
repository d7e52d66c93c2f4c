/// A rule that is left out, to see that its absence is found. The machines stay as they ship: what surrounds them is
/// changed so that they behave as if they did not have the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mutant {
    /// Nothing is left out.
    None,
    /// The requester takes path down for acknowledged as soon as it is sent.
    MovesBeforeDown,
    /// The requester takes path up for acknowledged as soon as it is sent.
    UsesBeforeUp,
    /// The responder takes every message for a new one.
    IgnoresMessageNumbers,
    /// The requester takes any acknowledgement of path down or up for that of its latest message.
    IgnoresAcknowledgedNumbers,
    /// A path that has been given up passes its barriers without their going over it.
    NoBarrierBeforeUp,
    /// Barriers go over the first lane only.
    OneLaneOnly,
    /// The requester takes a completion for one of the operation under way.
    IgnoresOpIds,
    /// As [`IgnoresOpIds`](Self::IgnoresOpIds), and all barriers write the same number.
    IgnoresOpIdsAndRepeatsNumbers,
    /// The responder does not look at incarnations. Where lanes keep order, nothing comes of it.
    IgnoresIncarnations,
}

impl Mutant {
    pub(super) const fn ignores_op_ids(self) -> bool {
        matches!(self, Self::IgnoresOpIds | Self::IgnoresOpIdsAndRepeatsNumbers)
    }
}
