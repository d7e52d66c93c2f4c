/// A rule that is left out, to see that its absence is found. The machines stay as they ship: what surrounds them is
/// changed so that they behave as if they did not have the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mutant {
    /// Nothing is left out.
    None,
    /// Barriers find out whether a path works, without flushing it.
    NoBarrier,
    /// A path counts as given up before the responder has acknowledged it.
    NoPathDownAcknowledgement,
    /// Packets do not tell the incarnation of their path.
    NoIncarnation,
    /// The responder accepts packets from every path, whatever it acknowledges.
    AcceptsEveryPath,
    /// The requester uses every path, whatever its virtual interface may use.
    UsesEveryPath,
}
