/// A rule that is left out, to see that its absence is found. The machines stay as they ship: what surrounds them is
/// changed so that they behave as if they did not have the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mutant {
    /// Nothing is left out.
    None,
    /// Hosts take a stranger's Report for the manager's.
    BelievesStrangers,
    /// Hosts do not ask again after a Report: they take the record that they had.
    SkipsQuery,
    /// Hosts move their queue pairs to the first answer that a Report brings up, though it was asked for before.
    OneQueryIsEnough,
    /// Hosts take a repeated Report for a new one.
    ForgetsReports,
    /// Hosts do not answer Reports.
    NeverAnswers,
    /// Hosts take a failed move for a done one.
    TakesFailureForSuccess,
    /// The manager does not repeat a Report.
    ReportsOnce,
    /// The manager keeps a subscriber that did not answer a Report: what the signaller forgets comes back at once.
    KeepsSilentSubscribers,
    /// The manager signals when the change begins, and no more when the new records stand.
    SignalsTooEarly,
    /// The manager signals everybody.
    SignalsEverybody,
    /// Hosts do not verify their subscription.
    NeverVerifies,
}
