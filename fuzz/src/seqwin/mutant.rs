/// A rule that is left out, to see that its absence is found. The machines stay as they ship: what surrounds them is
/// changed so that they behave as if they did not have the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mutant {
    /// Nothing is left out.
    None,
    /// One packet more than half of all sequence numbers is outstanding.
    WindowTooLarge,
    /// The requester takes a response for one to the earliest packet of the same number and type, whatever its serial number.
    IgnoresSerial,
    /// The responder counts on after an unordered packet too.
    AdvancesOnUnordered,
    /// After a failure only the failed packet is sent again, and what follows counts as acknowledged.
    SkipsBack,
    /// The responder says nothing to a duplicate.
    SilentOnDuplicates,
    /// An acknowledgement speaks for the reads before it too, whose data have not come.
    CoversReads,
    /// An acknowledgement of a responder that keeps what comes ahead of its turn speaks for the packets before it.
    CoversWhatIsMissing,
}
