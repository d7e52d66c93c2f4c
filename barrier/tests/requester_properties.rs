//! The requester's table under any sequence of operations, answers right and wrong, and time.

extern crate alloc;

use alloc::collections::BTreeSet;
use core::time::Duration;
use std::sync::Mutex;

use barrier::{
    BarrierNumber, Completion, Counted, Op, OpFailed, OpId, Path, PathEvent, PathSet, PathState,
    RequesterPaths, RequesterPathsConfig, Supervisory, SupervisoryKind,
};
use quickcheck::{QuickCheck, TestResult};

const START: Duration = Duration::from_secs(1 << 40);
const PATHS: PathSet = PathSet::from_bits(0b1011);

/// What a path may change to in one call, as the documentation draws it.
fn is_drawn(from: PathState, to: PathState) -> bool {
    use PathState::{Bad, Doubted, Failed, Good, Questioned, Suspended, TellingDown, TellingUp};
    let next: &[PathState] = match from {
        Good => &[Questioned],
        // A barrier that fails while another path is good goes on to telling at once.
        Questioned => &[Good, Doubted, Failed, TellingDown],
        Doubted => &[Suspended, TellingDown, TellingUp],
        Suspended => &[Bad, TellingUp],
        Failed => &[Good, TellingDown],
        TellingDown => &[Bad, TellingUp],
        Bad => &[TellingUp],
        TellingUp => &[Good, TellingDown],
    };
    from == to || next.contains(&to)
}

struct Run {
    requester: RequesterPaths<Counted>,
    now: Duration,
    /// Every operation ever asked for, and the number that reads of its lane should give.
    asked: Vec<(OpId, Op)>,
    written: [[BarrierNumber; 4]; 4],
    told: [Option<Supervisory>; 4],
    states: [PathState; 4],
}

impl Run {
    fn new(lanes: u8) -> Self {
        let config = RequesterPathsConfig { lanes: [lanes; 4], ..RequesterPathsConfig::new(PATHS) };
        let requester = RequesterPaths::new(config, Counted::new(1)).expect("it can work");
        let states = Path::ALL.map(|path| requester.state(path));
        let written = [[BarrierNumber(0); 4]; 4];
        Self { requester, now: START, asked: Vec::new(), written, told: [None; 4], states }
    }

    fn act(&mut self, action: u8, which: u8, choice: u8) -> Result<(), String> {
        let path = Path::ALL[usize::from(which % 4)];
        match action % 8 {
            0 => {
                let due = self.now.saturating_sub(Duration::from_millis(choice.into()));
                self.requester.handle_request_timeout(self.now, path, due);
            }
            1 => {
                if let Some(at) = self.requester.poll_timeout() {
                    self.now = self.now.max(at);
                }
                self.requester.handle_timeout(self.now);
            }
            2 => {
                self.now += Duration::from_millis(choice.into());
                self.requester.handle_timeout(self.now);
            }
            3 => {
                let kinds = [
                    SupervisoryKind::PathDown,
                    SupervisoryKind::PathDownAcknowledge,
                    SupervisoryKind::PathUp,
                    SupervisoryKind::PathUpAcknowledge,
                ];
                let kind = kinds[usize::from(choice % 4)];
                self.acknowledge(&Supervisory { kind, path, number: u32::from(choice / 4 % 8) })?;
            }
            _ => self.answer(which, choice)?,
        }
        Ok(())
    }

    /// Only the acknowledgement of what is being told is taken.
    fn acknowledge(&mut self, message: &Supervisory) -> Result<(), String> {
        let state = self.requester.state(message.path);
        let told = self.told[message.path.index()];
        let is_awaited = told.is_some_and(|told| {
            let is_answered = match message.kind {
                SupervisoryKind::PathDownAcknowledge => {
                    matches!(state, PathState::Doubted | PathState::TellingDown)
                        && told.kind == SupervisoryKind::PathDown
                }
                SupervisoryKind::PathUpAcknowledge => {
                    state == PathState::TellingUp && told.kind == SupervisoryKind::PathUp
                }
                SupervisoryKind::PathDown | SupervisoryKind::PathUp => false,
            };
            is_answered && told.number == message.number
        });
        let is_taken = self.requester.handle_supervisory(self.now, message);
        let wrong = || format!("{message:?} while {told:?} and {state:?}: taken: {is_taken}");
        (is_taken == is_awaited).then_some(()).ok_or_else(wrong)
    }

    /// Answer one of the latest operations, mostly as it should be. Only the latest of each lane may be taken.
    fn answer(&mut self, which: u8, choice: u8) -> Result<(), String> {
        let back = usize::from(which % 8);
        let Some(place) = self.asked.len().checked_sub(back + 1) else { return Ok(()) };
        let (id, op) = self.asked[place];
        let result = match (op, choice % 8) {
            (_, 0) => Err(OpFailed),
            (_, 1) => Ok(Completion::Read(BarrierNumber(choice.into()))),
            (Op::Write { .. }, _) => Ok(Completion::Written),
            (Op::Read { path, lane, .. }, _) => {
                Ok(Completion::Read(self.written[path.index()][lane.index()]))
            }
            (Op::Tell { message, .. }, _) => {
                let kind = match message.kind {
                    SupervisoryKind::PathDown => SupervisoryKind::PathDownAcknowledge,
                    _ => SupervisoryKind::PathUpAcknowledge,
                };
                self.acknowledge(&Supervisory { kind, ..message })?;
                Ok(Completion::Written)
            }
        };
        let lane_of = |op: Op| match op {
            Op::Write { path, lane, .. } | Op::Read { path, lane, .. } => Some((path, lane)),
            Op::Tell { .. } => None,
        };
        let later = self.asked[place + 1..].iter().map(|(_, op)| lane_of(*op));
        let is_late = lane_of(op).is_none() || later.into_iter().any(|lane| lane == lane_of(op));
        let is_taken = self.requester.handle_completion(self.now, id, result);
        (!is_taken || !is_late).then_some(()).ok_or_else(|| format!("{op:?} was taken too late"))
    }

    /// What there is to do, each checked against what is known about its path.
    fn drain(&mut self) -> Result<(), String> {
        let usable = self.requester.usable();
        // Four lanes and a message on each path, and then everything has been asked for.
        for turn in 0.. {
            let Some((id, op)) = self.requester.poll_op(self.now) else { break };
            if turn > 4 * 5 {
                return Err(format!("it never ends: {op:?}"));
            }
            if self.asked.iter().any(|(known, _)| *known == id) {
                return Err(format!("{id:?} twice"));
            }
            self.check_op(usable, op)?;
            self.asked.push((id, op));
        }
        let mut events = Vec::new();
        while let Some(event) = self.requester.poll_event(self.now) {
            events.push(event);
        }
        self.check_states(&events)
    }

    fn check_op(&mut self, usable: PathSet, op: Op) -> Result<(), String> {
        let about = match op {
            Op::Write { path, lane, number, incarnation } => {
                self.written[path.index()][lane.index()] = number;
                (incarnation == self.requester.incarnation(path)).then_some(path)
            }
            Op::Read { path, incarnation, .. } => {
                (incarnation == self.requester.incarnation(path)).then_some(path)
            }
            Op::Tell { message, .. } => Some(message.path),
        };
        let Some(path) = about else { return Err(format!("{op:?} of an old incarnation")) };
        let state = self.requester.state(path);
        let is_right = match op {
            Op::Write { .. } | Op::Read { .. } => !matches!(state, PathState::Good | PathState::TellingUp),
            Op::Tell { via, message } => {
                let before = self.told[path.index()].replace(message);
                let counts = before.is_none_or(|before| {
                    before == message
                        || before.number + 1 == message.number
                        || before.number + 2 == message.number
                });
                let is_told = match message.kind {
                    SupervisoryKind::PathDown => {
                        matches!(state, PathState::Doubted | PathState::TellingDown)
                    }
                    _ => state == PathState::TellingUp,
                };
                let is_itself = via == path && usable.is_empty() && state == PathState::TellingUp;
                counts && is_told && (usable.contains(via) || is_itself)
            }
        };
        is_right.then_some(()).ok_or_else(|| format!("{op:?} while {path} is {state:?}"))
    }

    fn check_states(&mut self, events: &[PathEvent]) -> Result<(), String> {
        for path in Path::ALL {
            let (from, to) = (self.states[path.index()], self.requester.state(path));
            self.states[path.index()] = to;
            if !is_drawn(from, to) {
                return Err(format!("{path} went from {from:?} to {to:?}"));
            }
            let event = match (from, to) {
                _ if from == to => continue,
                (PathState::TellingUp, PathState::Good) => PathEvent::Up(path),
                (_, PathState::Good) => PathEvent::Passed(path),
                (_, PathState::Bad) => PathEvent::Down(path),
                (PathState::Questioned, PathState::Doubted) => continue,
                (PathState::Questioned, _) | (PathState::Doubted, PathState::TellingDown) => {
                    PathEvent::Failed(path)
                }
                _ => continue,
            };
            if !events.contains(&event) {
                return Err(format!("{path} went from {from:?} to {to:?} without {event:?}"));
            }
        }
        let good = Path::ALL.into_iter().filter(|path| self.requester.state(*path) == PathState::Good);
        if !self.requester.usable().iter().eq(good) {
            return Err(String::from("other paths are usable than are good"));
        }
        if self.requester.poll_timeout().is_some() == (self.requester.usable() == PATHS) {
            return Err(format!(
                "{:?} usable, deadline {:?}",
                self.requester.usable(),
                self.requester.poll_timeout()
            ));
        }
        Ok(())
    }
}

/// A change of a path's state.
type Change = (PathState, PathState);

/// Every change that any run has made.
static SEEN: Mutex<BTreeSet<Change>> = Mutex::new(BTreeSet::new());

fn goes_as_it_is_drawn(lanes: u8, actions: Vec<(u8, u8, u8)>) -> TestResult {
    let mut run = Run::new(1 + lanes % 4);
    for (action, which, choice) in actions {
        let before = run.states;
        if let Err(wrong) = run.act(action, which, choice).and_then(|()| run.drain()) {
            return TestResult::error(wrong);
        }
        let changes = before.into_iter().zip(run.states).filter(|(from, to)| from != to);
        SEEN.lock().expect("nothing panics while it is held").extend(changes);
    }
    TestResult::passed()
}

#[test]
fn anything_goes_as_it_is_drawn() {
    QuickCheck::new().tests(3000).quickcheck(goes_as_it_is_drawn as fn(u8, Vec<(u8, u8, u8)>) -> TestResult);
    let seen = SEEN.lock().expect("nothing panics while it is held").len();
    assert_eq!(seen, 17, "every arrow of the drawing was taken");
}
