use core::fmt;

use crate::run::{advance, drain_after};
use crate::{Violation, World};

/// Steps that break a rule.
pub struct Counterexample<W: World> {
    /// Who chose the steps.
    pub chooser: Chooser,
    /// The steps, from the world's start.
    pub steps: Vec<W::Step>,
    /// The rule that they break.
    pub violation: Violation,
}

/// Who chose a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Chooser {
    /// The exhaustive search.
    Exhaustive,
    /// A walk with this seed.
    Seed(u64),
    /// A fuzzer's bytes.
    Bytes,
    /// A list of steps.
    Replay,
}

impl<W: World> Counterexample<W> {
    /// A counterexample with fewer steps that breaks the same rule: parts are left out, half of the steps at first, as long as
    /// the rest still breaks it. `start` is the world that the steps began in.
    #[must_use]
    pub fn shrink(mut self, start: &W) -> Self {
        // What was left out late can make more of the early steps useless.
        for _ in 0..4 {
            let before = self.steps.len();
            self = self.shrink_once(start);
            if self.steps.len() == before {
                break;
            }
        }
        self
    }

    fn shrink_once(mut self, start: &W) -> Self {
        let mut part = self.steps.len().div_ceil(2);
        while part > 0 {
            let mut from = 0;
            while from < self.steps.len() {
                let until = (from + part).min(self.steps.len());
                let fewer = [&self.steps[..from], &self.steps[until..]].concat();
                match attempt(start.clone(), &fewer) {
                    // The drain may put the very steps back that were left out: only fewer steps count.
                    Err((steps, violation))
                        if violation.rule == self.violation.rule && steps.len() < self.steps.len() =>
                    {
                        (self.steps, self.violation) = (steps, violation);
                    }
                    _ => from = until,
                }
            }
            part /= 2;
        }
        self
    }
}

/// Let `steps` happen in `world`, as far as they can, and check that the end drains.
///
/// # Errors
/// The counterexample, if a rule is broken.
pub fn replay<W: World>(world: W, steps: &[W::Step]) -> Result<(), Counterexample<W>> {
    attempt(world, steps).map_err(|(steps, violation)| Counterexample {
        chooser: Chooser::Replay,
        steps,
        violation,
    })
}

/// As [`replay`]; steps that cannot happen where they stand are left out.
fn attempt<W: World>(mut world: W, steps: &[W::Step]) -> Result<(), (Vec<W::Step>, Violation)> {
    let mut taken = Vec::new();
    let mut possible = Vec::new();
    world.check().map_err(|violation| (Vec::new(), violation))?;
    for step in steps {
        possible.clear();
        world.steps(&mut possible);
        if possible.contains(step) {
            taken.push(step.clone());
            if let Err(violation) = advance(&mut world, step) {
                return Err((taken, violation));
            }
        }
    }
    match drain_after(world, &mut taken) {
        Ok(_) => Ok(()),
        Err(violation) => Err((taken, violation)),
    }
}

impl<W: World> fmt::Display for Counterexample<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nafter {} steps", self.violation, self.steps.len())?;
        match self.chooser {
            Chooser::Exhaustive => writeln!(f, ", found by exhaustive search:")?,
            Chooser::Seed(seed) => writeln!(f, ", found by the walk with seed {seed}:")?,
            Chooser::Bytes => writeln!(f, ", chosen by bytes:")?,
            Chooser::Replay => writeln!(f, ":")?,
        }
        for (number, step) in self.steps.iter().enumerate() {
            writeln!(f, "{:5} {step:?}", number + 1)?;
        }
        Ok(())
    }
}

// A failing `unwrap` in a test prints this: let it be the readable form.
impl<W: World> fmt::Debug for Counterexample<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<W: World> core::error::Error for Counterexample<W> {}
