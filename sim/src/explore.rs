use alloc::sync::Arc;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use stateright::{Checker, Model, Property};

use crate::run::{advance, drain, drain_after};
use crate::{Chooser, Counterexample, Violation, Witnessed, World};

const HOLDS: &str = "every rule holds and every state drains";

/// What an exhaustive search covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explored {
    /// Distinct states.
    pub states: usize,
    /// Ways found into a state, the first and all others.
    pub transitions: usize,
    /// States on the longest of the shortest ways from the start.
    pub depth: usize,
    /// Fault-free steps of the longest drain.
    pub longest_drain: usize,
}

/// Why an exhaustive search shows nothing.
pub enum ExploreError<W: World> {
    /// A rule is broken. The steps are the fewest to a state in which it is, or from which the drain breaks it.
    Broken(Counterexample<W>),
    /// There are more transitions than the search was allowed to follow: states were left out.
    Capped {
        /// Transitions allowed.
        transitions: usize,
    },
    /// Situations that were never met.
    Vacuous {
        /// Their names.
        missing: Vec<&'static str>,
    },
}

/// Visit every state that any schedule leads to, check every rule in it, and drain from it.
///
/// Breadth first, on one thread: counterexamples are the shortest there are, and glibc's allocator, which makes a
/// second thread of this search slower than one, is kept out of it.
///
/// # Errors
/// [`ExploreError::Broken`]; [`ExploreError::Capped`] when there are more than `max_transitions`, since a search that was cut
/// short has shown nothing; [`ExploreError::Vacuous`] when one of [`World::witnesses`] was never met.
pub fn explore<W>(world: W, max_transitions: usize) -> Result<Explored, ExploreError<W>>
where
    W: World + Send + Sync,
    W::Step: Send + Sync,
{
    let tally = Arc::new(Tally::default());
    let start = Node { world, is_broken: false };
    let model = Search { start: start.clone(), tally: Arc::clone(&tally) };
    let checker = model.checker().threads(1).target_state_count(max_transitions.max(1)).spawn_bfs().join();
    if let Some(path) = checker.discoveries().remove(HOLDS) {
        return Err(ExploreError::Broken(judge(start.world, path.into_actions())));
    }
    if checker.state_count() >= max_transitions {
        return Err(ExploreError::Capped { transitions: max_transitions });
    }
    let missing = Witnessed::from_bits(tally.witnessed.load(Ordering::Relaxed)).missing::<W>();
    if !missing.is_empty() {
        return Err(ExploreError::Vacuous { missing });
    }
    Ok(Explored {
        states: checker.unique_state_count(),
        transitions: checker.state_count(),
        depth: checker.max_depth(),
        longest_drain: tally.longest_drain.load(Ordering::Relaxed),
    })
}

/// Find out again which rule the steps break: the search only remembers the way.
fn judge<W: World>(start: W, steps: Vec<W::Step>) -> Counterexample<W> {
    let (steps, violation) = match follow(start.clone(), steps.clone(), |_| {}) {
        Ok(()) => match follow(start, steps.clone(), W::rebase) {
            Ok(()) => {
                (steps, Violation::new(Violation::REBASE, "the search broke a rule that a replay keeps"))
            }
            Err((steps, violation)) => {
                let detail =
                    format!("only a world that is rebased after each step breaks this rule: {violation}");
                (steps, Violation::new(Violation::REBASE, detail))
            }
        },
        Err(found) => found,
    };
    Counterexample { chooser: Chooser::Exhaustive, steps, violation }
}

/// Take the steps and drain; what breaks a rule, and the steps until then.
fn follow<W: World>(
    mut world: W,
    steps: Vec<W::Step>,
    after_each: impl Fn(&mut W),
) -> Result<(), (Vec<W::Step>, Violation)> {
    after_each(&mut world);
    if let Err(violation) = world.check() {
        return Err((Vec::new(), violation));
    }
    for (taken, step) in steps.iter().enumerate() {
        if let Err(violation) = advance(&mut world, step) {
            return Err((steps[..=taken].to_vec(), violation));
        }
        after_each(&mut world);
    }
    let mut steps = steps;
    match drain_after(world, &mut steps) {
        Ok(_) => Ok(()),
        Err(violation) => Err((steps, violation)),
    }
}

/// A world as stateright sees it.
#[derive(Clone, PartialEq, Eq)]
struct Node<W> {
    world: W,
    /// The step into this state panicked, or broke a rule: there is no way on from here.
    is_broken: bool,
}

impl<W: Hash> Hash for Node<W> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.world.hash(state);
        self.is_broken.hash(state);
    }
}

// Only the search's own diagnostics would print a state; steps say more.
impl<W> fmt::Debug for Node<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("is_broken", &self.is_broken).finish_non_exhaustive()
    }
}

/// What the search notes beside the states: stateright's properties are plain functions and can carry nothing.
#[derive(Default)]
struct Tally {
    witnessed: AtomicU64,
    longest_drain: AtomicUsize,
}

struct Search<W> {
    start: Node<W>,
    tally: Arc<Tally>,
}

impl<W: World> Search<W> {
    fn holds(&self, node: &Node<W>) -> bool {
        self.tally.witnessed.fetch_or(Witnessed::bits(&node.world), Ordering::Relaxed);
        if node.is_broken || node.world.check().is_err() {
            return false;
        }
        drain(node.world.clone())
            .map(|length| self.tally.longest_drain.fetch_max(length, Ordering::Relaxed))
            .is_ok()
    }
}

impl<W: World> Model for Search<W> {
    type State = Node<W>;
    type Action = W::Step;

    fn init_states(&self) -> Vec<Node<W>> {
        let mut start = self.start.clone();
        start.world.rebase();
        vec![start]
    }

    fn actions(&self, node: &Node<W>, actions: &mut Vec<W::Step>) {
        if !node.is_broken {
            node.world.steps(actions);
        }
    }

    fn next_state(&self, node: &Node<W>, step: W::Step) -> Option<Node<W>> {
        let mut next = node.clone();
        next.is_broken = advance(&mut next.world, &step).is_err();
        if !next.is_broken {
            next.world.rebase();
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always(HOLDS, |search: &Self, node| search.holds(node))]
    }
}

impl<W: World> fmt::Display for ExploreError<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(counterexample) => counterexample.fmt(f),
            Self::Capped { transitions } => {
                write!(f, "more than {transitions} transitions: allow more, or make the world smaller")
            }
            Self::Vacuous { missing } => write!(f, "never met: {}", missing.join(", ")),
        }
    }
}

// A failing `unwrap` in a test prints this: let it be the readable form.
impl<W: World> fmt::Debug for ExploreError<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<W: World> core::error::Error for ExploreError<W> {}
