use core::fmt;
use core::hash::Hash;

/// Machines under test, the links between them and the time: everything that a schedule can act on.
///
/// A world holds the very code that ships. It is a value: two equal worlds have the same future under the same
/// steps, which is what lets a search drop a state that it has seen and a counterexample be replayed.
pub trait World: Clone + Eq + Hash + 'static {
    /// One thing that can happen next: a message arrives, a message is lost, the next deadline passes.
    type Step: Clone + PartialEq + fmt::Debug;

    /// Put every step that can happen now into `out`, which is empty.
    ///
    /// [`drain`](crate::drain) takes the first one listed that is no fault: list deliveries before the passing of
    /// time, so that a quiet network answers before anybody's patience ends.
    fn steps(&self, out: &mut Vec<Self::Step>);

    /// Let one of [`steps`](Self::steps) happen.
    fn step(&mut self, step: &Self::Step);

    /// Whether the step is a fault, or another disturbance from outside. Once these stop, the world has to reach its
    /// goal.
    fn is_fault(step: &Self::Step) -> bool;

    /// Safety: what must hold in every state.
    ///
    /// # Errors
    /// The rule that is broken.
    fn check(&self) -> Result<(), Violation>;

    /// Whether the world is where it has to end up when nothing goes wrong any more.
    fn is_at_goal(&self) -> bool;

    /// Steps without a fault after which the goal must have been reached, from any state.
    fn drain_bound(&self) -> usize;

    /// Shift every deadline and the clock so that now is zero.
    ///
    /// Two states that differ only in the time of day are the same state; without this an exhaustive search of
    /// anything that has a timer never ends. It must change nothing that will happen; a counterexample that needs it is
    /// reported as [`Violation::REBASE`]. Walks do not call it: they start their clock at a large epoch of the
    /// caller's choice.
    fn rebase(&mut self) {}

    /// Situations that a search must have met, or it has shown nothing about them. At most 64.
    fn witnesses() -> &'static [Witness<Self>] {
        &[]
    }
}

/// A situation that a search has to meet: without it, "no counterexample" could mean "nothing happened".
pub struct Witness<W> {
    /// What the situation is called in reports.
    pub name: &'static str,
    /// Whether the world is in it.
    pub holds: fn(&W) -> bool,
}

/// A rule that a world broke.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Violation {
    /// The rule, in a few words. Tests tell violations apart by it.
    pub rule: &'static str,
    /// What broke it.
    pub detail: String,
}

impl Violation {
    /// Rule of a world that did not reach its goal within [`World::drain_bound`] steps.
    pub const DOES_NOT_DRAIN: &'static str = "does not reach its goal";
    /// Rule of a step that panicked.
    pub const PANIC: &'static str = "panics";
    /// Rule of a world that does something else after [`World::rebase`], or whose future depends on more than its state.
    pub const REBASE: &'static str = "is a function of its state, whatever the time of day";

    /// A broken rule, and what broke it.
    pub fn new(rule: &'static str, detail: impl Into<String>) -> Self {
        Self { rule, detail: detail.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.detail)
    }
}

impl core::error::Error for Violation {}

/// Which of a world's [`witnesses`](World::witnesses) have been met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Witnessed(u64);

impl Witnessed {
    #[cfg(feature = "explore")]
    pub(crate) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The witnesses that hold in `world`.
    pub(crate) fn bits<W: World>(world: &W) -> u64 {
        let holding = W::witnesses().iter().enumerate().filter(|(_, witness)| (witness.holds)(world));
        holding.fold(0, |bits, (place, _)| bits | 1 << place)
    }

    /// Note the witnesses that hold in `world`.
    pub fn note<W: World>(&mut self, world: &W) {
        self.0 |= Self::bits(world);
    }

    /// Add what another run has met.
    pub fn merge(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Names of the witnesses that have not been met.
    pub fn missing<W: World>(self) -> Vec<&'static str> {
        let unmet = W::witnesses().iter().enumerate().filter(|(place, _)| self.0 & (1 << place) == 0);
        unmet.map(|(_, witness)| witness.name).collect()
    }
}
