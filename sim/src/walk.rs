use crate::run::{advance, drain_after};
use crate::{Chooser, Counterexample, Random, Violation, Witnessed, World};

/// Steps between two checks that a walk's state drains.
const DRAIN_EVERY: usize = 64;

/// What a walk did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// Steps taken.
    pub steps: usize,
    /// Fault-free steps of the longest drain.
    pub longest_drain: usize,
    /// Situations met.
    pub witnessed: Witnessed,
}

/// Take `steps` random steps, or as many as there are, and check that the world drains now and then and at the end.
///
/// The same seed takes the same steps. How many of them are faults follows from the seed too, from one in two to one in
/// 64: a machine that only ever sees a storm never shows how it fails in fair weather.
///
/// # Errors
/// The counterexample, shrunk; its text names the seed.
pub fn walk_seeded<W: World>(world: W, seed: u64, steps: usize) -> Result<Walk, Counterexample<W>> {
    let mut random = Random::new(seed);
    let one_in = 2 << random.below(6);
    let mut taken = 0;
    walk(Chooser::Seed(seed), world, |possible: &[W::Step]| {
        taken += 1;
        if taken > steps {
            return None;
        }
        let wants_fault = random.below(one_in) == 0;
        let is_wanted = |step: &&W::Step| W::is_fault(step) == wants_fault;
        let wanted = possible.iter().filter(is_wanted).count();
        if wanted == 0 {
            return Some(possible[random.below(possible.len())].clone());
        }
        possible.iter().filter(is_wanted).nth(random.below(wanted)).cloned()
    })
}

/// Take one step for each byte: the byte, modulo the number of steps possible, is the place of the step taken in their
/// list. A list of more than 256 takes two bytes a step.
///
/// # Errors
/// The counterexample, shrunk.
pub fn walk_bytes<W: World>(world: W, bytes: &[u8]) -> Result<Walk, Counterexample<W>> {
    let mut bytes = bytes.iter();
    walk(Chooser::Bytes, world, |possible: &[W::Step]| {
        let mut place = usize::from(*bytes.next()?);
        if possible.len() > 256 {
            place = place << 8 | usize::from(*bytes.next()?);
        }
        possible.get(place % possible.len()).cloned()
    })
}

/// Walk until `choose` has no more steps to take, or the world none to offer.
fn walk<W: World>(
    chooser: Chooser,
    start: W,
    mut choose: impl FnMut(&[W::Step]) -> Option<W::Step>,
) -> Result<Walk, Counterexample<W>> {
    let mut world = start.clone();
    let mut done = Walk::default();
    let mut taken = Vec::new();
    let mut possible = Vec::new();
    let broken = |steps: Vec<W::Step>, violation: Violation| {
        Counterexample { chooser, steps, violation }.shrink(&start)
    };
    if let Err(violation) = world.check() {
        return Err(broken(taken, violation));
    }
    done.witnessed.note(&world);
    loop {
        possible.clear();
        world.steps(&mut possible);
        let step = if possible.is_empty() { None } else { choose(&possible) };
        if step.is_none() || taken.len() % DRAIN_EVERY == DRAIN_EVERY - 1 {
            match drain_after(world.clone(), &mut taken) {
                Ok(length) => done.longest_drain = done.longest_drain.max(length),
                Err(violation) => return Err(broken(taken, violation)),
            }
        }
        let Some(step) = step else { return Ok(done) };
        taken.push(step);
        done.steps += 1;
        if let Some(Err(violation)) = taken.last().map(|step| advance(&mut world, step)) {
            return Err(broken(taken, violation));
        }
        done.witnessed.note(&world);
    }
}
