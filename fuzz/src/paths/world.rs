use core::time::Duration;

use barrier::{
    BarrierLocations, Completion, Counted, Lane, Op, OpId, Path, PathEvent, PathState, RequesterPaths,
    ResponderPaths, Supervisory, SupervisoryKind,
};
use sim::{Faults, Link, LinkStep, Violation, Witness, World};

use super::message::{Age, Request, Response};
use super::numbers::Numbers;
use super::setting::PATHS;
use super::{Disturbances, Mutant, Setting, rule};

/// Far from zero, so that a duration taken for a time shows.
const EPOCH: Duration = Duration::from_secs(1 << 40);
/// Packets on the way on one lane in one direction.
const LINK: usize = 8;
const SUPERVISORY_VI: u32 = 0;
const VI: u32 = 1;

/// A lane of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which of the two paths.
    pub path: usize,
    /// Index of the lane.
    pub lane: usize,
}

/// Which way a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To the responder.
    There,
    /// To the requester.
    Back,
}

/// Both directions of a lane.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Links {
    there: Link<Request>,
    back: Link<Response>,
}

/// What the world knows of a path and the machines do not show.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Known {
    /// How often it was said that what had been launched may be sent again.
    age: Age,
    /// The newest number among the messages that have arrived.
    heard: u32,
    /// Under [`Mutant::IgnoresMessageNumbers`], the number that the last message was given instead of its own.
    renumbered: u32,
    /// The number of the last message sent.
    told: u32,
    /// The latest operation of each lane.
    latest: [Option<OpId>; Lane::COUNT],
}

/// A requester and a responder with two paths between them: the machines of `barrier` as they ship.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PathsWorld {
    now: Duration,
    setting: Setting,
    keeps_order: bool,
    requester: RequesterPaths<Numbers>,
    responder: ResponderPaths<1>,
    locations: BarrierLocations,
    lanes: [Vec<Links>; 2],
    known: [Known; 2],
    left: Disturbances,
    broken: Option<Violation>,
}

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// On a lane.
    Link(Place, Direction, LinkStep),
    /// A request on this path was not answered in time.
    TimeOut(usize),
    /// A packet is launched on a usable path.
    Launch(Place),
    /// Nothing is on the way: the next deadline passes.
    Wait,
    /// The next deadline passes while something is on the way.
    Impatience,
}

/// Which of the world's paths it is.
fn place_of(path: Path) -> usize {
    PATHS.into_iter().position(|known| known == path).expect("the world has no other")
}

impl PathsWorld {
    /// Both paths are good, and nothing is on the way.
    pub fn new(setting: Setting, left: Disturbances) -> Self {
        let config = setting.config();
        let numbers = match setting.mutant {
            Mutant::IgnoresOpIdsAndRepeatsNumbers => Numbers::Same,
            _ => Numbers::Counted(Counted::new(1)),
        };
        let mut responder = ResponderPaths::new(SUPERVISORY_VI, config.paths);
        responder.open(VI).expect("there is room");
        let links = |count: u8| vec![Links { there: Link::new(LINK), back: Link::new(LINK) }; count.into()];
        let known = Known { age: 0, heard: 0, renumbered: 0, told: 0, latest: [None; Lane::COUNT] };
        Self {
            now: EPOCH,
            setting,
            keeps_order: left.faults.delays == 0,
            requester: RequesterPaths::new(config, numbers).expect("it can work"),
            responder,
            locations: BarrierLocations::new(),
            lanes: setting.lanes.map(links),
            known: [known.clone(), known],
            left,
            broken: None,
        }
    }

    fn places(&self) -> impl Iterator<Item = Place> {
        let lanes = self.setting.lanes.into_iter().enumerate();
        lanes.flat_map(|(path, count)| (0..count.into()).map(move |lane| Place { path, lane }))
    }

    fn links(&self) -> impl Iterator<Item = &Links> {
        self.lanes.iter().flatten()
    }

    fn is_quiet(&self) -> bool {
        self.links().all(|links| links.there.is_empty() && links.back.is_empty())
    }

    fn break_rule(&mut self, rule: &'static str, detail: String) {
        self.broken.get_or_insert(Violation::new(rule, detail));
    }

    /// Everything that the requester has to do and to say.
    fn pump(&mut self) {
        while let Some((id, op)) = self.requester.poll_op(self.now) {
            self.carry(id, op);
        }
        while let Some(event) = self.requester.poll_event(self.now) {
            match event {
                PathEvent::Passed(path) | PathEvent::Down(path) | PathEvent::Up(path) => {
                    self.known[place_of(path)].age += 1;
                }
                PathEvent::Failed(_) => {}
            }
        }
    }

    fn carry(&mut self, id: OpId, op: Op) {
        match op {
            Op::Write { path, lane, number, incarnation } => {
                let request = Request::Write { id, number, incarnation };
                self.send_barrier(id, path, lane, request, Completion::Written);
            }
            Op::Read { path, lane, .. } => {
                let number = self.locations.read(path, lane);
                self.send_barrier(id, path, lane, Request::Read { id }, Completion::Read(number));
            }
            Op::Tell { via, message } => {
                self.known[place_of(message.path)].told = message.number;
                self.lanes[place_of(via)][0].there.send(Request::Tell(message));
                let acknowledge = match (self.setting.mutant, message.kind) {
                    (Mutant::MovesBeforeDown, SupervisoryKind::PathDown) => {
                        SupervisoryKind::PathDownAcknowledge
                    }
                    (Mutant::UsesBeforeUp, SupervisoryKind::PathUp) => SupervisoryKind::PathUpAcknowledge,
                    _ => return,
                };
                self.requester.handle_supervisory(self.now, &Supervisory { kind: acknowledge, ..message });
            }
        }
    }

    /// Send an operation of a barrier; or, where the mutant has no barrier, complete it with `pretended`.
    fn send_barrier(&mut self, id: OpId, path: Path, lane: Lane, request: Request, pretended: Completion) {
        let place = place_of(path);
        self.known[place].latest[lane.index()] = Some(id);
        let is_given_up = matches!(self.requester.state(path), PathState::TellingDown | PathState::Bad);
        if self.setting.mutant == Mutant::NoBarrierBeforeUp && is_given_up {
            if let Request::Write { number, .. } = request {
                self.locations.write(path, lane, number);
            }
            self.requester.handle_completion(self.now, id, Ok(pretended));
        } else {
            self.lanes[place][lane.index()].there.send(request);
        }
    }

    /// The responder takes a packet, and answers on the lane on which it came.
    fn arrive_there(&mut self, place: Place, request: Request) {
        let path = PATHS[place.path];
        let lane = Lane::ALL[place.lane];
        let response = match request {
            Request::Write { id, number, incarnation } => {
                if self.responder.handle_barrier_write(path, incarnation) {
                    self.locations.write(path, lane, number);
                }
                Some(Response::Done { id, completion: Completion::Written })
            }
            Request::Read { id } => {
                let completion = Completion::Read(self.locations.read(path, lane));
                Some(Response::Done { id, completion })
            }
            Request::Tell(message) => self.hear(message).map(Response::Told),
            Request::Data { incarnation, age } => {
                self.receive_data(place.path, incarnation, age).then_some(Response::Data { age })
            }
        };
        if let Some(response) = response {
            self.lanes[place.path][place.lane].back.send(response);
        }
    }

    /// The responder takes a message.
    fn hear(&mut self, message: Supervisory) -> Option<Supervisory> {
        let known = &mut self.known[place_of(message.path)];
        let (is_late, is_repeated) = (message.number < known.heard, message.number == known.heard);
        known.heard = known.heard.max(message.number);
        let before = self.responder.clone();
        let mut taken = message;
        if self.setting.mutant == Mutant::IgnoresMessageNumbers {
            known.renumbered += 1;
            taken.number = known.renumbered;
        }
        let answer = self.responder.handle_supervisory(&taken);
        let is_answered = answer.is_some();
        if self.setting.judges_late {
            if is_late && (is_answered || self.responder != before) {
                self.break_rule(rule::LATE_MESSAGE, format!("{message:?} was obeyed"));
            }
            if is_repeated && (!is_answered || self.responder != before) {
                self.break_rule(rule::LATE_MESSAGE, format!("{message:?} was not only answered again"));
            }
        }
        answer.map(|answer| Supervisory { number: message.number, ..answer })
    }

    /// The responder takes a packet of the VI. Returns whether it accepts it.
    fn receive_data(&mut self, place: usize, incarnation: barrier::Incarnation, age: Age) -> bool {
        let path = PATHS[place];
        let seen = match self.setting.mutant {
            Mutant::IgnoresIncarnations => self.requester.incarnation(path),
            _ => incarnation,
        };
        let verdict = self.responder.accepts(VI, path, seen);
        let is_fresh = age == self.known[place].age;
        let in_use = self.requester.state(path) == PathState::Good;
        match verdict {
            Ok(()) if !is_fresh => {
                self.break_rule(rule::STALE, format!("{incarnation:?} of path {path} was accepted"));
            }
            Err(refused) if is_fresh && in_use => {
                self.break_rule(rule::ANNOUNCED, format!("{incarnation:?} of path {path}: {refused}"));
            }
            Ok(()) | Err(_) => {}
        }
        verdict.is_ok()
    }

    /// The requester takes an answer.
    fn arrive_back(&mut self, place: Place, response: Response) {
        let before = self.requester.clone();
        match response {
            Response::Data { .. } => {}
            Response::Done { id, completion } => {
                let latest = self.known[place.path].latest[place.lane];
                let is_late = latest != Some(id);
                let taken = latest.filter(|_| self.setting.mutant.ignores_op_ids()).unwrap_or(id);
                let changes = self.requester.handle_completion(self.now, taken, Ok(completion));
                if self.setting.judges_late && is_late && (changes || self.requester != before) {
                    self.break_rule(rule::LATE_COMPLETION, format!("{id:?}, {completion:?}"));
                }
            }
            Response::Told(message) => {
                let told = self.known[place_of(message.path)].told;
                let is_late = message.number != told;
                let ignores = self.setting.mutant == Mutant::IgnoresAcknowledgedNumbers;
                let taken = Supervisory { number: if ignores { told } else { message.number }, ..message };
                let changes = self.requester.handle_supervisory(self.now, &taken);
                if self.setting.judges_late && is_late && (changes || self.requester != before) {
                    self.break_rule(rule::LATE_MESSAGE, format!("{message:?} was taken"));
                }
            }
        }
        self.pump();
    }

    fn check_path(&self, place: usize) -> Result<(), Violation> {
        let path = PATHS[place];
        let accepted = self.responder.clone().accepts(VI, path, self.requester.incarnation(path));
        let is_accepted = self.responder.vector(VI).is_some_and(|vector| vector.contains(path));
        match (self.requester.state(path), accepted) {
            (PathState::Good, Err(refused)) => {
                Err(Violation::new(rule::ACCEPTED, format!("path {path}: {refused}")))
            }
            (PathState::Bad | PathState::Suspended, _) if is_accepted => {
                Err(Violation::new(rule::REFUSED, format!("path {path} is accepted")))
            }
            (PathState::Good, Ok(())) if self.keeps_order => self.check_flushed(place),
            _ => Ok(()),
        }
    }

    fn check_flushed(&self, place: usize) -> Result<(), Violation> {
        let there = self.lanes[place].iter().flat_map(|links| links.there.in_flight());
        let back = self.lanes[place].iter().flat_map(|links| links.back.in_flight());
        let requests = there.filter_map(|request| match request {
            Request::Data { age, .. } => Some(*age),
            Request::Write { .. } | Request::Read { .. } | Request::Tell(_) => None,
        });
        let responses = back.filter_map(|response| match response {
            Response::Data { age } => Some(*age),
            Response::Done { .. } | Response::Told(_) => None,
        });
        let now = self.known[place].age;
        match requests.chain(responses).find(|age| *age != now) {
            Some(age) => {
                Err(Violation::new(rule::FLUSHED, format!("path {}: age {age}, now {now}", PATHS[place])))
            }
            None => Ok(()),
        }
    }

    fn is_in(&self, state: PathState) -> bool {
        PATHS.into_iter().any(|path| self.requester.state(path) == state)
    }
}

impl World for PathsWorld {
    type Step = Step;

    fn steps(&self, out: &mut Vec<Step>) {
        if self.broken.is_some() {
            return;
        }
        for place in self.places() {
            let links = &self.lanes[place.path][place.lane];
            let there = links.there.steps(&self.left.faults).map(|step| (Direction::There, step));
            let back = links.back.steps(&self.left.faults).map(|step| (Direction::Back, step));
            out.extend(there.chain(back).map(|(direction, step)| Step::Link(place, direction, step)));
        }
        if self.requester.poll_timeout().is_some() {
            if self.is_quiet() {
                out.push(Step::Wait);
            } else if self.left.impatience > 0 {
                out.push(Step::Impatience);
            }
        }
        let usable = self.requester.usable();
        if self.left.time_outs > 0 {
            out.extend((0..PATHS.len()).filter(|path| usable.contains(PATHS[*path])).map(Step::TimeOut));
        }
        if self.left.launches > 0 {
            out.extend(self.places().filter(|place| usable.contains(PATHS[place.path])).map(Step::Launch));
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Link(place, direction, step) => {
                let links = &mut self.lanes[place.path][place.lane];
                match direction {
                    Direction::There => {
                        if let Some(request) = links.there.step(step, &mut self.left.faults) {
                            self.arrive_there(place, request);
                        }
                    }
                    Direction::Back => {
                        if let Some(response) = links.back.step(step, &mut self.left.faults) {
                            self.arrive_back(place, response);
                        }
                    }
                }
            }
            Step::TimeOut(path) => {
                Faults::spend(&mut self.left.time_outs);
                self.requester.handle_request_timeout(self.now, PATHS[path], self.now);
                self.pump();
            }
            Step::Launch(place) => {
                Faults::spend(&mut self.left.launches);
                let path = PATHS[place.path];
                // A step that is left over from another schedule may come when the path is not in use.
                if self.requester.usable().contains(path) {
                    let incarnation = self.requester.incarnation(path);
                    let age = self.known[place.path].age;
                    self.lanes[place.path][place.lane].there.send(Request::Data { incarnation, age });
                }
            }
            Step::Wait | Step::Impatience => {
                if *step == Step::Impatience {
                    Faults::spend(&mut self.left.impatience);
                }
                self.now = self.now.max(self.requester.poll_timeout().unwrap_or_default());
                self.requester.handle_timeout(self.now);
                self.pump();
            }
        }
    }

    fn is_fault(step: &Step) -> bool {
        match step {
            Step::Link(_, _, step) => step.is_fault(),
            Step::Wait => false,
            Step::TimeOut(_) | Step::Launch(_) | Step::Impatience => true,
        }
    }

    fn check(&self) -> Result<(), Violation> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        (0..PATHS.len()).try_for_each(|place| self.check_path(place))
    }

    /// Both paths are in use, and there is nothing left to do.
    fn is_at_goal(&self) -> bool {
        self.is_quiet()
            && self.requester.usable().len() == PATHS.len()
            && self.requester.poll_timeout().is_none()
    }

    /// Lanes may be full: each packet on them arrives, and so does each answer. Mending the paths takes less than what is
    /// left.
    fn drain_bound(&self) -> usize {
        3 * LINK * self.links().count() + 80
    }

    fn rebase(&mut self) {
        let epoch = core::mem::take(&mut self.now);
        self.requester.rebase(epoch);
    }

    fn witnesses() -> &'static [Witness<Self>] {
        &[
            Witness { name: "a path is questioned", holds: |world| world.is_in(PathState::Questioned) },
            // Where nothing is told ahead, nothing is to be met.
            Witness {
                name: "path down is told ahead",
                holds: |world| !world.setting.tells_ahead || world.is_in(PathState::Doubted),
            },
            Witness {
                name: "the responder refuses a path whose barrier is under way",
                holds: |world| !world.setting.tells_ahead || world.is_in(PathState::Suspended),
            },
            Witness {
                name: "a barrier failed, and nobody can be told",
                holds: |world| world.is_in(PathState::Failed),
            },
            Witness { name: "a path is bad", holds: |world| world.is_in(PathState::Bad) },
            Witness { name: "path up is told", holds: |world| world.is_in(PathState::TellingUp) },
            Witness {
                name: "path up goes over the path that it is about",
                holds: |world| world.is_in(PathState::TellingUp) && world.requester.usable().is_empty(),
            },
            Witness {
                name: "path up was taken back",
                holds: |world| {
                    (0..PATHS.len()).any(|place| {
                        let is_down = world.requester.state(PATHS[place]) == PathState::TellingDown;
                        is_down && world.known[place].told == 3
                    })
                },
            },
            Witness {
                name: "the responder refuses a path of which the requester does not know it",
                holds: |world| {
                    (world.is_in(PathState::TellingDown) || world.is_in(PathState::Doubted))
                        && world.responder.vector(VI).is_some_and(|vector| vector.len() < PATHS.len())
                },
            },
            Witness {
                name: "a packet is on a path that was given up",
                holds: |world| {
                    let is_bad = |place: &Place| world.requester.state(PATHS[place.path]) == PathState::Bad;
                    world.places().filter(is_bad).any(|place| {
                        let mut there = world.lanes[place.path][place.lane].there.in_flight();
                        there.any(|request| matches!(request, Request::Data { .. }))
                    })
                },
            },
        ]
    }
}
