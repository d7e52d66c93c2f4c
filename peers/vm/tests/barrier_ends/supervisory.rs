//! The connection of one path over which barriers and supervisory messages go. It outlives what happens to the path, and is
//! made anew where an adapter has given it up (soft-RoCE does when its interface goes down).

use barrier::{BarrierNumber, Supervisory};
use transport::verbs::{Completion, ConnectionConfig, VerbsError, WorkId, WorkKind, WorkStatus};

use crate::verbs_support::{Side, impatient, pair};

/// Where the memory of either end has what. Each message has a place of its own.
const NUMBER: usize = 0;
const OUTGOING: usize = 1024;
const INCOMING: usize = 2048;
const PLACES: usize = 64;
const MEMORY: usize = 4096;

/// Both ends of the connection.
pub(super) struct Connection {
    zero: Side,
    one: Side,
    /// Whether work has failed since it was connected.
    is_broken: bool,
}

/// What came at one end.
pub(super) enum Incoming {
    Message(Supervisory),
    /// Work of the requester with this id has ended.
    Ended {
        id: u64,
        is_done: bool,
    },
}

impl Connection {
    /// The connection of a path.
    pub(super) fn new(path: usize) -> Self {
        let (zero, one) = pair(path, MEMORY, &Self::config());
        let connection = Self { zero, one, is_broken: false };
        connection.post_receives();
        connection
    }

    /// Repeated for ever: only the barrier's time-outs judge a path.
    fn config() -> ConnectionConfig {
        ConnectionConfig { retries: 7, receiver_not_ready_retries: 7, ..impatient() }
    }

    fn post_receives(&self) {
        for side in [&self.zero, &self.one] {
            (0..PLACES).for_each(|place| receive(side, place));
        }
    }

    /// The number that the last barrier left at the responder.
    pub(super) fn number(&self) -> u64 {
        self.one.memory.load(NUMBER).unwrap()
    }

    /// Make it anew if it is broken; whether it can be used then.
    fn mend(&mut self) -> bool {
        if self.is_broken {
            self.is_broken =
                crate::verbs_support::reconnect(&mut self.zero, &mut self.one, &Self::config()).is_err();
            if !self.is_broken {
                self.post_receives();
            }
        }
        !self.is_broken
    }

    /// Post the write of a barrier; whether that was possible.
    pub(super) fn write(&mut self, id: u64, number: BarrierNumber) -> bool {
        let at = place(id);
        self.mend() && self.zero.memory.store(at, number.0).is_ok() && {
            let local = self.zero.memory.part(at..at + 8).unwrap();
            let remote = self.zero.remote.at(NUMBER as u64, 8).unwrap();
            self.zero.queue_pair.write(WorkId(id), local, remote).is_ok()
        }
    }

    /// Post the read of a barrier; whether that was possible.
    pub(super) fn read(&mut self, id: u64) -> bool {
        let at = place(id);
        self.mend() && {
            let local = self.zero.memory.part(at..at + 8).unwrap();
            let remote = self.zero.remote.at(NUMBER as u64, 8).unwrap();
            self.zero.queue_pair.read(WorkId(id), local, remote).is_ok()
        }
    }

    /// What a read brought.
    pub(super) fn brought(&self, id: u64) -> BarrierNumber {
        BarrierNumber(self.zero.memory.load(place(id)).unwrap())
    }

    /// Send a message to the responder, if that is possible: it is repeated if no answer comes.
    pub(super) fn tell(&mut self, id: u64, message: &Supervisory) {
        if self.mend() {
            let _ = send(&self.zero, id, message);
        }
    }

    /// Answer the requester.
    pub(super) fn answer(&self, id: u64, message: &Supervisory) {
        let _ = send(&self.one, id, message);
    }

    /// What came at the requester.
    pub(super) fn at_requester(&mut self) -> Vec<Incoming> {
        let (incoming, broken) = take_in(&self.zero);
        self.is_broken |= broken;
        incoming
    }

    /// What came at the responder.
    pub(super) fn at_responder(&mut self) -> Vec<Incoming> {
        let (incoming, broken) = take_in(&self.one);
        self.is_broken |= broken;
        incoming
    }
}

/// The place of an outgoing message or number.
const fn place(id: u64) -> usize {
    OUTGOING + 8 * (id as usize % PLACES)
}

fn receive(side: &Side, place: usize) {
    let at = INCOMING + 8 * place;
    // One that cannot be posted is posted when the connection is made anew.
    let _ = side.queue_pair.receive(WorkId(place as u64), side.memory.part(at..at + 8).unwrap());
}

fn send(side: &Side, id: u64, message: &Supervisory) -> Result<(), VerbsError> {
    let mut bytes = [0; Supervisory::LENGTH];
    message.emit(&mut bytes).unwrap();
    let at = place(id);
    side.memory.write(at, &bytes)?;
    side.queue_pair.send(WorkId(id), side.memory.part(at..at + Supervisory::LENGTH)?)
}

/// What came at one end, and whether something failed there.
fn take_in(side: &Side) -> (Vec<Incoming>, bool) {
    let mut came = Vec::new();
    side.completions.poll(|completion| came.push(completion)).unwrap();
    let is_broken = came.iter().any(|completion| completion.status != WorkStatus::Success);
    (came.iter().filter_map(|completion| incoming(side, completion)).collect(), is_broken)
}

fn incoming(side: &Side, completion: &Completion) -> Option<Incoming> {
    let is_done = completion.status == WorkStatus::Success;
    match completion.kind {
        WorkKind::Receive if is_done => {
            let place = completion.id.0 as usize;
            let bytes = side.bytes(INCOMING + 8 * place, Supervisory::LENGTH);
            receive(side, place);
            Some(Incoming::Message(Supervisory::parse(&bytes).unwrap()))
        }
        WorkKind::Write | WorkKind::Read => Some(Incoming::Ended { id: completion.id.0, is_done }),
        WorkKind::Receive | WorkKind::Send => None,
    }
}
