//! A requester and a responder of the crate `barrier` whose operations are real: barriers are writes and reads of remote
//! memory, supervisory messages are sends, and a path that the responder does not accept is a queue pair that it has reset.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod supervisory;

use core::time::Duration;
use std::collections::BTreeMap;
use std::time::Instant;

use barrier::{
    Completion, Counted, Op, OpFailed, OpId, Path, PathEvent, PathSet, RequesterPaths, RequesterPathsConfig,
    ResponderPaths,
};
use transport::verbs::{WorkId, WorkStatus};

use crate::verbs_support::{LIMIT, Side, connect, impatient, reconnect, two_paths};

use supervisory::{Connection, Incoming};

const SUPERVISORY_VI: u32 = 0;
const VI: u32 = 1;

/// The word that requests write, in the responder's memory.
const WORD: usize = 0;

/// Both ends, over two paths. Each path has a connection for requests and one for the barrier.
pub(crate) struct Ends {
    pub(crate) requester: RequesterPaths<Counted>,
    pub(crate) responder: ResponderPaths<4>,
    /// Requests: they write the same memory of the responder over both paths.
    requests: [(Side, Side); 2],
    supervisory: [Connection; 2],
    /// Operations of barriers, each with whether it is a read.
    under_way: BTreeMap<u64, (OpId, bool)>,
    /// Operations of barriers that have ended, of each path.
    ended: [usize; 2],
    next_work: u64,
    begun: Instant,
}

/// Barriers may take as long as a slow computer needs, unless a test is about slow ones.
pub(crate) fn config() -> RequesterPathsConfig {
    let paths = Path::ALL.into_iter().take(2).collect();
    RequesterPathsConfig {
        operation_timeout: Duration::from_secs(20),
        barrier_timeout: Duration::from_secs(40),
        tell_timeout: Duration::from_millis(500),
        tell_attempts: 100,
        probe_interval: Duration::from_millis(50),
        ..RequesterPathsConfig::new(paths)
    }
}

impl Ends {
    pub(crate) fn new(config: RequesterPathsConfig) -> Self {
        let [zero, one] = two_paths(64);
        let requests =
            [0, 1].map(|path| connect((&zero.0[path], &zero.1), (&one.0[path], &one.1), &impatient()));
        let mut responder = ResponderPaths::new(SUPERVISORY_VI, config.paths);
        responder.open(VI).unwrap();
        Self {
            requester: RequesterPaths::new(config, Counted::new(7)).unwrap(),
            responder,
            requests,
            supervisory: [0, 1].map(Connection::new),
            under_way: BTreeMap::new(),
            ended: [0; 2],
            next_work: 0,
            begun: Instant::now(),
        }
    }

    fn now(&self) -> Duration {
        Duration::from_secs(1000) + self.begun.elapsed()
    }

    /// The connection for requests of a path.
    pub(crate) fn request(&self, path: Path) -> &Side {
        &self.requests[path.index()].0
    }

    /// Write a word to the responder's memory over a path, and return how that ended.
    pub(crate) fn write(&self, path: Path, word: u64) -> WorkStatus {
        let side = self.request(path);
        side.memory.store(8 * path.index(), word).unwrap();
        let local = side.memory.part(8 * path.index()..8 * path.index() + 8).unwrap();
        side.queue_pair.write(WorkId(word), local, side.remote.at(WORD as u64, 8).unwrap()).unwrap();
        side.next().status
    }

    /// What the responder's memory has there.
    pub(crate) fn word(&self) -> u64 {
        self.requests[0].1.memory.load(WORD).unwrap()
    }

    /// The number that the last barrier of a path left in the responder's memory.
    pub(crate) fn number(&self, path: Path) -> u64 {
        self.supervisory[path.index()].number()
    }

    /// A request was not answered: the path is questioned.
    pub(crate) fn question(&mut self, path: Path) {
        let now = self.now();
        self.requester.handle_request_timeout(now, path, now);
    }

    /// Run both ends until there is an event about a path.
    pub(crate) fn next_event(&mut self) -> PathEvent {
        let mut found = None;
        self.run(|event| {
            found = event;
            event.is_some()
        });
        found.unwrap()
    }

    /// Run both ends until another operation of a path's barriers has ended, though the barrier may be given up.
    pub(crate) fn run_until_operation(&mut self, path: Path) {
        let (begun, before) = (Instant::now(), self.ended[path.index()]);
        while self.ended[path.index()] == before {
            self.turn();
            assert!(begun.elapsed() < LIMIT, "no operation ends on {path}");
        }
    }

    /// Run both ends until `is_over`, which is asked after each turn with the event of it.
    fn run(&mut self, mut is_over: impl FnMut(Option<PathEvent>) -> bool) {
        let begun = Instant::now();
        loop {
            let event = self.turn();
            if is_over(event) {
                return;
            }
            assert!(begun.elapsed() < LIMIT, "nothing happens: {}", self.states());
        }
    }

    fn turn(&mut self) -> Option<PathEvent> {
        // Deadlines first: an operation that took longer has failed, although it may end now.
        let now = self.now();
        self.requester.handle_timeout(now);
        self.carry_out();
        self.complete();
        self.respond();
        let now = self.now();
        let event = self.requester.poll_event(now);
        if event.is_none() {
            std::thread::yield_now();
        }
        event
    }

    /// Post what the requester asks for.
    fn carry_out(&mut self) {
        let now = self.now();
        while let Some((op_id, op)) = self.requester.poll_op(now) {
            let id = self.next_work;
            self.next_work += 1;
            let (is_posted, is_read) = match op {
                Op::Write { path, number, .. } => (self.supervisory[path.index()].write(id, number), false),
                Op::Read { path, .. } => (self.supervisory[path.index()].read(id), true),
                Op::Tell { via, message } => {
                    self.supervisory[via.index()].tell(id, &message);
                    continue;
                }
            };
            if is_posted {
                self.under_way.insert(id, (op_id, is_read));
            } else {
                self.requester.handle_completion(now, op_id, Err(OpFailed));
            }
        }
    }

    /// Take in what has ended and what has come at the requester.
    fn complete(&mut self) {
        let now = self.now();
        for path in 0..2 {
            for incoming in self.supervisory[path].at_requester() {
                match incoming {
                    Incoming::Message(message) => {
                        self.requester.handle_supervisory(now, &message);
                    }
                    Incoming::Ended { id, is_done } => {
                        self.ended[path] += 1;
                        let Some((op_id, is_read)) = self.under_way.remove(&id) else { continue };
                        let result = match (is_done, is_read) {
                            (true, false) => Ok(Completion::Written),
                            (true, true) => Ok(Completion::Read(self.supervisory[path].brought(id))),
                            (false, _) => Err(OpFailed),
                        };
                        self.requester.handle_completion(now, op_id, result);
                    }
                }
            }
        }
    }

    /// Take in what has come at the responder, and answer it.
    fn respond(&mut self) {
        for path in 0..2 {
            for incoming in self.supervisory[path].at_responder() {
                let Incoming::Message(message) = incoming else { continue };
                let before = self.accepted();
                let Some(acknowledgement) = self.responder.handle_supervisory(&message) else { continue };
                // Before it is acknowledged the adapter takes nothing from the path any more.
                if before.contains(message.path) && !self.accepted().contains(message.path) {
                    self.requests[message.path.index()].1.queue_pair.reset().unwrap();
                }
                self.supervisory[path].answer(self.next_work, &acknowledgement);
                self.next_work += 1;
            }
        }
    }

    fn states(&self) -> String {
        let states =
            Path::ALL.iter().take(2).map(|path| format!("{path} is {:?}", self.requester.state(*path)));
        states.collect::<Vec<_>>().join("; ")
    }

    /// The paths that the responder accepts.
    pub(crate) fn accepted(&self) -> PathSet {
        self.responder.vector(VI).unwrap()
    }

    /// Connect the requests' queue pairs of a path anew.
    pub(crate) fn reconnect(&mut self, path: Path) {
        let (zero, one) = &mut self.requests[path.index()];
        reconnect(zero, one, &impatient()).unwrap();
    }
}
