use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use crate::{Violation, World};

/// Let one step happen and check every rule. A panic counts as a broken rule, so that the steps that led to it are
/// told like any other counterexample.
pub(crate) fn advance<W: World>(world: &mut W, step: &W::Step) -> Result<(), Violation> {
    // The world is not used again after a panic: what the step left half done is never seen.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        world.step(step);
        world.check()
    }));
    outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(Violation::new(Violation::PANIC, text))
    })
}

/// Let only steps happen that are no fault, the first listed each time, until the world is at its goal. Returns how
/// many that took.
///
/// # Errors
/// A broken rule on the way, or [`Violation::DOES_NOT_DRAIN`] when [`World::drain_bound`] steps did not lead there or no
/// step was left.
pub fn drain<W: World>(world: W) -> Result<usize, Violation> {
    drain_after(world, &mut Vec::new())
}

/// As [`drain`]. When a rule breaks on the way, the steps up to there are added to `taken`, the steps that led to `world`:
/// together they are the counterexample.
pub(crate) fn drain_after<W: World>(mut world: W, taken: &mut Vec<W::Step>) -> Result<usize, Violation> {
    let bound = world.drain_bound();
    let before = taken.len();
    let mut possible = Vec::new();
    let stuck = |taken: &mut Vec<W::Step>, detail: String| {
        taken.truncate(before);
        Err(Violation::new(Violation::DOES_NOT_DRAIN, detail))
    };
    for length in 0..=bound {
        if world.is_at_goal() {
            taken.truncate(before);
            return Ok(length);
        }
        possible.clear();
        world.steps(&mut possible);
        let Some(step) = possible.iter().find(|step| !W::is_fault(step)) else {
            return stuck(taken, format!("nothing more can happen after {length} fault-free steps"));
        };
        taken.push(step.clone());
        advance(&mut world, step)?;
    }
    stuck(taken, format!("{bound} fault-free steps were not enough"))
}
