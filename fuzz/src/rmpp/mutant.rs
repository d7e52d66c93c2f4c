/// A rule that is left out, to see that its absence is found. The machines stay as they ship: what surrounds them is
/// changed so that they behave as if they did not have the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mutant {
    /// Nothing is left out.
    None,
    /// Senders send without regard to the window.
    IgnoresWindow,
    /// Receivers believe LAST, whatever the payload lengths say.
    TrustsLast,
    /// Senders take an acknowledgement of a segment that they have not sent for one of all that they have.
    TakesAckOfTheFuture,
    /// Receivers forget a transfer as soon as it has ended.
    ForgetsAtOnce,
    /// Senders send each segment once.
    NeverRepeats,
}
