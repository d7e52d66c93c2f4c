//! The choosers on a small protocol: a sender repeats a numbered message until it is acknowledged, then sends the next.
//! Each mutant leaves one of its rules out, and each chooser has to notice.

use core::time::Duration;

use sim::{
    ExploreError, Faults, Link, LinkStep, Violation, Witness, World, explore, replay, walk_bytes, walk_seeded,
};

const TIMEOUT: Duration = Duration::from_secs(1);
/// Walks start here: a machine that takes an absolute time for a relative one fails at once.
const EPOCH: Duration = Duration::from_secs(1 << 40);

/// A rule that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Mutant {
    None,
    /// The receiver takes a repeated message for a new one.
    TakesRepeats,
    /// The sender waits for ever.
    NeverRepeats,
    /// The sender takes any acknowledgement for that of its message.
    TakesOldAcknowledgements,
    /// The sender's deadline is so many seconds after the epoch, not after now.
    AbsoluteDeadline,
    /// Rebasing loses the deadline.
    LosesDeadline,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct StopAndWait {
    mutant: Mutant,
    now: Duration,
    deadline: Option<Duration>,
    /// Message that the sender is at, and how many there are.
    sending: u8,
    messages: u8,
    /// Message that the receiver waits for.
    expected: u8,
    received: Vec<u8>,
    forward: Link<u8>,
    back: Link<u8>,
    faults: Faults,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Forward(LinkStep),
    Back(LinkStep),
    /// The sender's patience ends.
    Timeout,
}

impl StopAndWait {
    fn new(mutant: Mutant, messages: u8, faults: Faults) -> Self {
        let mut world = Self {
            mutant,
            now: EPOCH,
            deadline: None,
            sending: 0,
            messages,
            expected: 0,
            received: Vec::new(),
            forward: Link::new(3),
            back: Link::new(3),
            faults,
        };
        world.transmit();
        world
    }

    fn transmit(&mut self) {
        self.deadline = None;
        if self.sending < self.messages {
            self.forward.send(self.sending);
            self.deadline = match self.mutant {
                Mutant::NeverRepeats => None,
                Mutant::AbsoluteDeadline => Some(TIMEOUT),
                _ => Some(self.now + TIMEOUT),
            };
        }
    }

    fn receive(&mut self, message: u8) {
        if message == self.expected || self.mutant == Mutant::TakesRepeats {
            self.received.push(message);
            self.expected = message + 1;
        }
        self.back.send(message);
    }

    fn acknowledged(&mut self, message: u8) {
        if message == self.sending || self.mutant == Mutant::TakesOldAcknowledgements {
            self.sending = self.messages.min(self.sending + 1);
            self.transmit();
        }
    }
}

impl World for StopAndWait {
    type Step = Step;

    fn steps(&self, out: &mut Vec<Step>) {
        out.extend(self.forward.steps(&self.faults).map(Step::Forward));
        out.extend(self.back.steps(&self.faults).map(Step::Back));
        out.extend(self.deadline.map(|_| Step::Timeout));
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Forward(step) => {
                if let Some(message) = self.forward.step(step, &mut self.faults) {
                    self.receive(message);
                }
            }
            Step::Back(step) => {
                if let Some(message) = self.back.step(step, &mut self.faults) {
                    self.acknowledged(message);
                }
            }
            Step::Timeout => {
                if let Some(deadline) = self.deadline {
                    self.now = self.now.max(deadline);
                    self.transmit();
                }
            }
        }
    }

    fn is_fault(step: &Step) -> bool {
        matches!(step, Step::Forward(step) | Step::Back(step) if step.is_fault())
    }

    fn check(&self) -> Result<(), Violation> {
        let in_order =
            self.received.iter().enumerate().all(|(place, message)| place == usize::from(*message));
        if !in_order {
            return Err(Violation::new("each message once, in order", format!("{:?}", self.received)));
        }
        if self.sending > self.expected {
            return Err(Violation::new(
                "acknowledged means received",
                format!("{} is missing", self.expected),
            ));
        }
        if self.deadline.is_some_and(|deadline| deadline < self.now) {
            return Err(Violation::new(
                "deadlines lie ahead",
                format!("{:?} at {:?}", self.deadline, self.now),
            ));
        }
        Ok(())
    }

    fn is_at_goal(&self) -> bool {
        self.sending == self.messages
    }

    fn drain_bound(&self) -> usize {
        8 + 3 * usize::from(self.messages)
    }

    fn rebase(&mut self) {
        self.deadline = self.deadline.map(|deadline| deadline.saturating_sub(self.now));
        if self.mutant == Mutant::LosesDeadline {
            self.deadline = None;
        }
        self.now = Duration::ZERO;
    }

    fn witnesses() -> &'static [Witness<Self>] {
        &[
            Witness { name: "all received", holds: |world| world.expected == world.messages },
            Witness { name: "received but not known to be", holds: |world| world.expected > world.sending },
        ]
    }
}

const FEW: Faults = Faults { losses: 2, duplicates: 1, delays: 1 };

fn small(mutant: Mutant) -> StopAndWait {
    StopAndWait::new(mutant, 2, FEW)
}

fn large(mutant: Mutant) -> StopAndWait {
    StopAndWait::new(mutant, 50, Faults::UNLIMITED)
}

/// The rule that each chooser finds broken, if any.
fn verdicts(mutant: Mutant) -> [Option<&'static str>; 3] {
    let exhaustive = match explore(small(mutant), 100_000) {
        Ok(_) => None,
        Err(ExploreError::Broken(counterexample)) => Some(counterexample.violation.rule),
        Err(other) => panic!("{other}"),
    };
    let seeded = (0..200).find_map(|seed| walk_seeded(large(mutant), seed, 500).err());
    let bytes: Vec<u8> = (0..=255).cycle().take(2000).map(|byte: u8| byte.wrapping_mul(167) >> 3).collect();
    let chosen = bytes.chunks(40).find_map(|bytes| walk_bytes(large(mutant), bytes).err());
    [exhaustive, seeded.map(|found| found.violation.rule), chosen.map(|found| found.violation.rule)]
}

#[test]
fn the_protocol_stands_under_every_chooser() {
    assert_eq!(verdicts(Mutant::None), [None; 3]);
}

#[test]
fn each_chooser_catches_a_receiver_that_takes_repeats() {
    assert_eq!(verdicts(Mutant::TakesRepeats), [Some("each message once, in order"); 3]);
}

#[test]
fn each_chooser_catches_a_sender_that_never_repeats() {
    assert_eq!(verdicts(Mutant::NeverRepeats), [Some(Violation::DOES_NOT_DRAIN); 3]);
}

#[test]
fn each_chooser_catches_a_sender_that_takes_old_acknowledgements() {
    let rules = verdicts(Mutant::TakesOldAcknowledgements);
    assert_eq!(rules, [Some("acknowledged means received"); 3]);
}

#[test]
fn walks_catch_an_absolute_deadline() {
    // A rebased clock stands at zero, where absolute and relative are the same: only the walks can see this one.
    let [exhaustive, walks @ ..] = verdicts(Mutant::AbsoluteDeadline);
    assert_eq!((exhaustive, walks), (None, [Some("deadlines lie ahead"); 2]));
}

#[test]
fn a_rebase_that_changes_the_future_is_told_from_a_broken_rule() {
    let [exhaustive, walks @ ..] = verdicts(Mutant::LosesDeadline);
    assert_eq!((exhaustive, walks), (Some(Violation::REBASE), [None; 2]));
}

#[test]
fn a_counterexample_is_short_and_replays() {
    let start = large(Mutant::TakesRepeats);
    let found = (0..200).find_map(|seed| walk_seeded(start.clone(), seed, 500).err()).unwrap();
    // The message arrives, is sent again, and arrives again.
    assert!(found.steps.len() <= 3, "{found}");
    let again = replay(start, &found.steps).unwrap_err();
    assert_eq!((again.steps, again.violation), (found.steps, found.violation));
}

#[test]
fn the_exhaustive_search_gives_the_fewest_steps() {
    let Err(ExploreError::Broken(found)) = explore(small(Mutant::TakesRepeats), 100_000) else { panic!() };
    assert_eq!(found.steps.len(), 3, "{found}");
    assert!(found.to_string().contains("    3 "), "{found}");
}

#[test]
fn a_search_that_is_cut_short_fails() {
    assert!(matches!(explore(small(Mutant::None), 100), Err(ExploreError::Capped { transitions: 100 })));
}

#[test]
fn a_search_that_met_nothing_fails() {
    let idle = StopAndWait { messages: 0, forward: Link::new(0), ..small(Mutant::None) };
    let idle = StopAndWait { sending: 0, deadline: None, faults: Faults::NONE, ..idle };
    match explore(idle, 1000) {
        Err(ExploreError::Vacuous { missing }) => assert_eq!(missing, ["received but not known to be"]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_seed_takes_the_same_walk() {
    let [one, same, other] = [1, 1, 2].map(|seed| walk_seeded(large(Mutant::None), seed, 300).unwrap());
    assert_eq!(one, same);
    assert_ne!(one, other);
    assert!(one.witnessed.missing::<StopAndWait>().len() < 2);
}
