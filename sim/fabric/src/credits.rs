//! Credits: a packet leaves when the port at the other end has room for it in its lane. That is what can deadlock.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use topology::End;

use crate::drops::DropReason;
use crate::fabric::Fabric;
use crate::pool::{PacketId, Wait};
use crate::port::PortId;
use crate::schedule::Timer;

const LANES: usize = 16;
/// HOQLife from which on a packet waits for ever.
const FOR_EVER: u8 = 20;

/// Room for packets at every input port, lane by lane.
#[derive(Clone, Debug)]
pub(crate) struct Credits {
    limit: u16,
    /// Packets of each lane that a port holds, or that are on the way to it.
    held: Vec<[u16; LANES]>,
    /// By output port and lane.
    waiting: BTreeMap<(PortId, u8), VecDeque<PacketId>>,
    /// Waits so far.
    waits: u32,
}

/// Room of a lane at a port.
type Room = (PortId, u8);

/// A lane of a link into a switch, named by the switch's port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel {
    /// The input port.
    pub input: End,
    /// The lane.
    pub lane: u8,
}

impl Credits {
    pub(crate) fn new(limit: u16, ports: usize) -> Self {
        Self { limit, held: vec![[0; LANES]; ports], waiting: BTreeMap::new(), waits: 0 }
    }

    fn held(&mut self, (port, lane): Room) -> &mut u16 {
        &mut self.held[port.0 as usize][usize::from(lane) % LANES]
    }

    fn is_full(&mut self, room: Room) -> bool {
        *self.held(room) >= self.limit
    }
}

impl Fabric {
    /// Packets that wait for credits.
    pub fn waiting_for_credits(&self) -> usize {
        self.credits.as_ref().map_or(0, |credits| credits.waiting.values().map(VecDeque::len).sum())
    }

    /// Send a packet of data if it has a credit, else have it wait.
    pub(crate) fn launch_with_credit(&mut self, out: PortId, id: PacketId, lane: u8) {
        let (Some(credits), Some(peer)) = (&mut self.credits, self.ports[out.0 as usize].peer) else {
            return self.launch(out, id, lane);
        };
        let is_first = credits.waiting.get(&(out, lane)).is_none_or(VecDeque::is_empty);
        if is_first && !credits.is_full((peer, lane)) {
            return self.go_on(out, peer, id, lane);
        }
        credits.waits = credits.waits.wrapping_add(1);
        let number = credits.waits;
        credits.waiting.entry((out, lane)).or_default().push_back(id);
        self.packets[id].waits = Some(Wait { output: out, lane, number });
        let port = &self.ports[out.0 as usize];
        // An adapter has no limit for what waits in it.
        if self.nodes[port.node as usize].switch.is_some() && port.info.hoq_life < FOR_EVER {
            let limit = Duration::from_nanos(4096 << port.info.hoq_life);
            self.schedule.timer(self.now.after(limit), Timer::HeadOfQueue(id, number));
        }
    }

    /// Send a packet for which there is room; the room that it leaves lets others go on, one after the other.
    fn go_on(&mut self, out: PortId, peer: PortId, id: PacketId, lane: u8) {
        let mut freed = self.move_on(out, peer, id, lane);
        while let Some(room) = freed {
            freed = self.refill(room);
        }
    }

    /// Move one packet, and tell which room it left.
    fn move_on(&mut self, out: PortId, peer: PortId, id: PacketId, lane: u8) -> Option<Room> {
        let traveller = &mut self.packets[id];
        let before = traveller.holds.replace(peer).map(|port| (port, traveller.lane));
        traveller.waits = None;
        let credits = self.credits.as_mut()?;
        *credits.held((peer, lane)) += 1;
        if let Some(room) = before {
            let held = credits.held(room);
            *held = held.saturating_sub(1);
        }
        self.launch(out, id, lane);
        before
    }

    /// Let the first that waits for a room have it, and tell which room it left.
    fn refill(&mut self, (port, lane): Room) -> Option<Room> {
        let feeder = self.port(port).peer?;
        let credits = self.credits.as_mut()?;
        let queue = credits.waiting.get_mut(&(feeder, lane))?;
        let next = queue.pop_front();
        if queue.is_empty() {
            credits.waiting.remove(&(feeder, lane));
        }
        self.move_on(feeder, port, next?, lane)
    }

    /// A packet leaves the room that it has, and the queue that it stands in.
    pub(crate) fn release(&mut self, id: PacketId) {
        let Some(credits) = &mut self.credits else { return };
        let traveller = &mut self.packets[id];
        if let Some(wait) = traveller.waits.take()
            && let Some(queue) = credits.waiting.get_mut(&(wait.output, wait.lane))
        {
            queue.retain(|waiting| *waiting != id);
            if queue.is_empty() {
                credits.waiting.remove(&(wait.output, wait.lane));
            }
        }
        let Some(port) = traveller.holds.take() else { return };
        let room = (port, traveller.lane);
        let held = credits.held(room);
        *held = held.saturating_sub(1);
        let mut freed = self.refill(room);
        while let Some(room) = freed {
            freed = self.refill(room);
        }
    }

    /// A link went down: what waits for it will never leave.
    pub(crate) fn drop_waiting(&mut self, out: PortId) {
        for lane in 0..LANES as u8 {
            let queue = self.credits.as_mut().and_then(|credits| credits.waiting.remove(&(out, lane)));
            for id in queue.into_iter().flatten() {
                self.packets[id].waits = None;
                self.discard(id, DropReason::PortDown);
            }
        }
    }

    /// A packet has waited for as long as HOQLife allows.
    pub(crate) fn give_up_waiting(&mut self, id: PacketId, number: u32) {
        if self.packets[id].waits.is_some_and(|wait| wait.number == number) {
            self.discard(id, DropReason::HeadOfQueue);
        }
    }

    /// A circle of channels each of which is full of packets that wait for another full one: none of them will ever move,
    /// unless a switch drops some. `None` when there is none. Each channel waits for the next, the last for the first.
    pub fn deadlock(&self) -> Option<Vec<Channel>> {
        let credits = self.credits.as_ref()?;
        // What the packets in each room wait for.
        let mut wanted: BTreeMap<Room, Vec<Room>> = BTreeMap::new();
        for ((output, lane), queue) in &credits.waiting {
            let Some(peer) = self.port(*output).peer else { continue };
            for id in queue {
                let traveller = &self.packets[*id];
                if let Some(port) = traveller.holds {
                    wanted.entry((port, traveller.lane)).or_default().push((peer, *lane));
                }
            }
        }
        // Stuck is who is full of packets that all wait for somebody stuck; begin with everybody and take others away.
        let is_full = |room: &Room, waits: &Vec<Room>| {
            let held = credits.held[room.0.0 as usize][usize::from(room.1)];
            held >= credits.limit && waits.len() >= usize::from(held)
        };
        let mut stuck: BTreeSet<Room> =
            wanted.iter().filter(|(room, waits)| is_full(room, waits)).map(|(room, _)| *room).collect();
        loop {
            let moves = |room: &&Room| !wanted[room].iter().all(|next| stuck.contains(next));
            let moving: Vec<Room> = stuck.iter().filter(moves).copied().collect();
            if moving.is_empty() {
                break;
            }
            moving.iter().for_each(|room| {
                stuck.remove(room);
            });
        }
        let mut path = vec![*stuck.first()?];
        loop {
            let next = *wanted[path.last()?].first()?;
            if let Some(start) = path.iter().position(|room| *room == next) {
                return Some(path[start..].iter().map(|room| self.channel(*room)).collect());
            }
            path.push(next);
        }
    }

    fn channel(&self, (port, lane): Room) -> Channel {
        let port = self.port(port);
        Channel { input: End { node: self.node(port.node).index, port: port.number }, lane }
    }
}
