//! Is a routing complete, free of loops, and free of deadlock? Told from the tables alone.
//!
//! Nothing here is shared with the routers, so that a mistake of theirs is not made again: only the description of the graph
//! is. The tables may be anybody's, such as what was read from the switches of a running subnet.
//!
//! A deadlock needs a cycle of channels each of which waits for the next: a packet holds the buffer behind one link and
//! waits for the buffer behind the next on its way. Channels of different virtual lanes have buffers of their own. So a routing
//! is free of deadlock if for each lane no channel waits for itself over others (W. J. Dally and C. L. Seitz, "Deadlock-free
//! message routing in multiprocessor interconnection networks", 1987).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::{DestinationIndex, Graph, SwitchIndex, SwitchPort};

/// Lanes that can be told apart: InfiniBand has 16, the last of which is for management.
const LANES: u8 = 16;

/// What a routing was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Verified {
    /// One more than the highest lane of a path between two switches, at least 1.
    pub lanes: u8,
    /// Links between switches on the longest path.
    pub longest: u16,
    /// Paths that were followed: of each switch with destinations to each destination that it can reach.
    pub paths: u64,
    /// Links between switches on all of these together.
    pub hops: u64,
    /// How often one channel waits for another, on all lanes together.
    pub dependencies: u64,
}

/// The first thing found wrong with a routing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There are links to the destination, but no entry.
    #[error("{switch} has no port for {destination}, which can be reached")]
    Missing {
        /// The switch whose table it is.
        switch: SwitchIndex,
        /// The destination.
        destination: DestinationIndex,
    },
    /// A table sends out of a port that leads nowhere, or to an end port that is not the destination.
    #[error("{switch} sends to {destination} through port {port}, where it is not")]
    WrongPort {
        /// The switch whose table it is.
        switch: SwitchIndex,
        /// The destination.
        destination: DestinationIndex,
        /// The port.
        port: u8,
    },
    /// Packets come back to a switch that they have passed.
    #[error("packets to {destination} go round a loop: {}", Chain(channels))]
    Loop {
        /// The destination.
        destination: DestinationIndex,
        /// The ports that they leave through, once round.
        channels: Box<[SwitchPort]>,
    },
    /// A lane that there is not.
    #[error("lane {lane} from {from} to {to}: there are the lanes 0 to 15")]
    NoSuchLane {
        /// The source.
        from: SwitchIndex,
        /// The destination's switch.
        to: SwitchIndex,
        /// The lane.
        lane: u8,
    },
    /// Channels of one lane that wait for each other.
    #[error(
        "lane {lane} can deadlock: each of these waits for the next, and the last for the first: {}",
        Chain(channels)
    )]
    Deadlock {
        /// The lane.
        lane: u8,
        /// The ports that the channels leave through, once round.
        channels: Box<[SwitchPort]>,
    },
}

struct Chain<'c>(&'c [SwitchPort]);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, channel) in self.0.iter().enumerate() {
            write!(f, "{}{channel}", if number == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// Follow every path and look for cycles on every lane.
///
/// `port` is the output port of a switch to a destination (0 at the destination's switch, if that is the switch itself), `lane`
/// the virtual lane for what is sent from one switch, or an end port there, to another. Every switch must have a port for every
/// destination that links lead to. Sources are the switches with destinations. Between two switches without end ports nothing but subnet management goes, which has a lane of
/// its own and waits for no buffer: such paths are followed, but make no channel wait.
///
/// The time is a few nanoseconds for each path, and the same again for each link of a cycle that is there to be found.
///
/// # Errors
/// The first fault, by destination; cycles of channels come after all that is wrong with single paths.
pub fn verify(
    graph: &Graph,
    port: impl Fn(SwitchIndex, DestinationIndex) -> Option<u8>,
    lane: impl Fn(SwitchIndex, SwitchIndex) -> u8,
) -> Result<Verified, Fault> {
    let mut verifier = Verifier::new(graph);
    for number in 0..graph.destinations().len() {
        let destination = DestinationIndex(number as u16);
        verifier.follow(destination, &port)?;
        verifier.wait(destination, &lane)?;
    }
    verifier.find_cycle()?;
    Ok(verifier.verified)
}

/// Follow every path, as [`verify`] does, but allow cycles: for routings that do not claim to be free of deadlock.
///
/// # Errors
/// The first fault of a path, by destination.
pub fn verify_paths(
    graph: &Graph,
    port: impl Fn(SwitchIndex, DestinationIndex) -> Option<u8>,
) -> Result<Verified, Fault> {
    let mut verifier = Verifier::new(graph);
    for number in 0..graph.destinations().len() {
        verifier.follow(DestinationIndex(number as u16), &port)?;
    }
    Ok(verifier.verified)
}

/// A switch's way to the destination at hand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Unseen,
    /// Being followed.
    Open,
    /// It arrives after so many links.
    Arrives(u16),
    /// No links lead there.
    Apart,
}

/// No link is at this port.
const NO_LINK: u8 = u8::MAX;

struct Verifier<'g> {
    graph: &'g Graph,
    /// Of each switch, which of the connected parts it is in.
    part: Vec<usize>,
    is_source: Vec<bool>,
    has_end_ports: Vec<bool>,
    /// Of each switch, of each port: which of its links is there.
    link_at: Vec<[u8; 256]>,
    /// Of each switch, its first channel; a channel is a link in one direction.
    first_channel: Vec<usize>,
    /// Of each channel, where in `waits` it begins.
    first_wait: Vec<usize>,
    /// Of each channel, of each link of the switch that it leads to: the lanes on which it waits for that, a bit each.
    waits: Vec<u16>,
    /// Of each switch, its mark for the destination at hand,
    marks: Vec<Mark>,
    /// the link that it takes,
    link: Vec<u8>,
    /// and the lanes on which its way was walked.
    walked: Vec<u16>,
    trail: Vec<SwitchIndex>,
    verified: Verified,
}

impl<'g> Verifier<'g> {
    fn new(graph: &'g Graph) -> Self {
        let count = graph.switch_count();
        let mut first_channel = Vec::with_capacity(count);
        let mut first_wait = Vec::new();
        let mut waits = 0;
        let mut link_at = vec![[NO_LINK; 256]; count];
        for switch in graph.switches() {
            first_channel.push(first_wait.len());
            for (place, &(port, peer)) in graph.links(switch).iter().enumerate() {
                link_at[switch.get()][usize::from(port)] = place as u8;
                first_wait.push(waits);
                waits += graph.links(peer.switch).len();
            }
        }
        let mut is_source = vec![false; count];
        let mut has_end_ports = vec![false; count];
        for end in graph.destinations() {
            is_source[end.switch.get()] = true;
            has_end_ports[end.switch.get()] |= end.port != 0;
        }
        Self {
            graph,
            part: parts(graph),
            is_source,
            has_end_ports,
            link_at,
            first_channel,
            first_wait,
            waits: vec![0; waits],
            marks: vec![Mark::Unseen; count],
            link: vec![NO_LINK; count],
            walked: vec![0; count],
            trail: Vec::new(),
            verified: Verified { lanes: 1, longest: 0, paths: 0, hops: 0, dependencies: 0 },
        }
    }

    /// Mark every switch.
    fn follow(
        &mut self,
        number: DestinationIndex,
        port: &impl Fn(SwitchIndex, DestinationIndex) -> Option<u8>,
    ) -> Result<(), Fault> {
        let end = self.graph.destinations()[number.get()];
        self.marks.fill(Mark::Unseen);
        for source in self.graph.switches() {
            self.trail.clear();
            let mut switch = source;
            while self.marks[switch.get()] == Mark::Unseen {
                let given = port(switch, number);
                let wrong = |port| Fault::WrongPort { switch, destination: number, port };
                if self.part[switch.get()] != self.part[end.switch.get()] {
                    given.map_or(Ok(()), |port| Err(wrong(port)))?;
                    self.marks[switch.get()] = Mark::Apart;
                    continue;
                }
                let given = given.ok_or(Fault::Missing { switch, destination: number })?;
                if switch == end.switch {
                    (given == end.port).then_some(()).ok_or(wrong(given))?;
                    self.marks[switch.get()] = Mark::Arrives(0);
                    continue;
                }
                let link = self.link_at[switch.get()][usize::from(given)];
                let (_, peer) = self.graph.links(switch).get(usize::from(link)).ok_or(wrong(given))?;
                self.link[switch.get()] = link;
                self.marks[switch.get()] = Mark::Open;
                self.trail.push(switch);
                switch = peer.switch;
            }
            self.close_trail(switch, number)?;
            if let (true, Mark::Arrives(hops)) = (self.is_source[source.get()], self.marks[source.get()]) {
                self.verified.paths += 1;
                self.verified.hops += u64::from(hops);
                self.verified.longest = self.verified.longest.max(hops);
            }
        }
        Ok(())
    }

    /// All switches of the trail arrive as the one that it leads to does.
    fn close_trail(&mut self, end: SwitchIndex, destination: DestinationIndex) -> Result<(), Fault> {
        if self.trail.is_empty() {
            return Ok(());
        }
        let Mark::Arrives(mut hops) = self.marks[end.get()] else {
            let round = self.trail.iter().skip_while(|&&switch| switch != end);
            let channels = round.map(|&switch| self.channel(switch, self.link[switch.get()])).collect();
            return Err(Fault::Loop { destination, channels });
        };
        while let Some(switch) = self.trail.pop() {
            hops += 1;
            self.marks[switch.get()] = Mark::Arrives(hops);
        }
        Ok(())
    }

    /// Note on which lanes which channels wait for which, on the paths that were followed last.
    fn wait(
        &mut self,
        number: DestinationIndex,
        lane: &impl Fn(SwitchIndex, SwitchIndex) -> u8,
    ) -> Result<(), Fault> {
        let to = self.graph.destinations()[number.get()].switch;
        self.walked.fill(0);
        for from in self.graph.switches() {
            let has_end_ports = self.has_end_ports[from.get()] || self.has_end_ports[to.get()];
            let sends = self.is_source[from.get()] && has_end_ports;
            if !sends || !matches!(self.marks[from.get()], Mark::Arrives(1..)) {
                continue;
            }
            let lane = lane(from, to);
            if lane >= LANES {
                return Err(Fault::NoSuchLane { from, to, lane });
            }
            self.verified.lanes = self.verified.lanes.max(lane + 1);
            self.walk(from, to, 1 << lane);
        }
        Ok(())
    }

    /// Walk until another path of the lane was there before.
    fn walk(&mut self, from: SwitchIndex, to: SwitchIndex, lane: u16) {
        let mut switch = from;
        let mut previous: Option<usize> = None;
        while switch != to {
            let link = usize::from(self.link[switch.get()]);
            if let Some(previous) = previous {
                let wait = &mut self.waits[self.first_wait[previous] + link];
                self.verified.dependencies += u64::from(*wait & lane == 0);
                *wait |= lane;
            }
            if self.walked[switch.get()] & lane != 0 {
                break;
            }
            self.walked[switch.get()] |= lane;
            previous = Some(self.first_channel[switch.get()] + link);
            switch = self.graph.links(switch)[link].1.switch;
        }
    }

    fn find_cycle(&self) -> Result<(), Fault> {
        for lane in 0..self.verified.lanes {
            if let Some(channels) = self.cycle_on(1 << lane) {
                return Err(Fault::Deadlock { lane, channels });
            }
        }
        Ok(())
    }

    /// Depth first; a channel that is found while it is still on the way closes a cycle.
    fn cycle_on(&self, lane: u16) -> Option<Box<[SwitchPort]>> {
        let mut marks = vec![Mark::Unseen; self.first_wait.len()];
        // Switch, link, and which of the next switch's links are looked at.
        let mut way: Vec<(SwitchIndex, u8, usize)> = Vec::new();
        for start in self.graph.switches() {
            for link in 0..self.graph.links(start).len() {
                way.push((start, link as u8, 0));
                while let Some((switch, link, looked)) = way.last_mut() {
                    let channel = self.first_channel[switch.get()] + usize::from(*link);
                    if *looked == 0 && marks[channel] != Mark::Unseen {
                        if marks[channel] == Mark::Open {
                            let closing = (*switch, *link);
                            return Some(self.round(&way, closing));
                        }
                        way.pop();
                        continue;
                    }
                    marks[channel] = Mark::Open;
                    let next = self.graph.links(*switch)[usize::from(*link)].1.switch;
                    let waits = &self.waits[self.first_wait[channel]..][..self.graph.links(next).len()];
                    match (*looked..waits.len()).find(|&link| waits[link] & lane != 0) {
                        Some(link) => {
                            *looked = link + 1;
                            way.push((next, link as u8, 0));
                        }
                        None => {
                            marks[channel] = Mark::Arrives(0);
                            way.pop();
                        }
                    }
                }
            }
        }
        None
    }

    /// From where the closing channel was met first, without its second time at the end.
    fn round(&self, way: &[(SwitchIndex, u8, usize)], closing: (SwitchIndex, u8)) -> Box<[SwitchPort]> {
        let round = way[..way.len() - 1].iter().skip_while(|&&(switch, link, _)| (switch, link) != closing);
        round.map(|&(switch, link, _)| self.channel(switch, link)).collect()
    }

    fn channel(&self, switch: SwitchIndex, link: u8) -> SwitchPort {
        SwitchPort { switch, port: self.graph.links(switch)[usize::from(link)].0 }
    }
}

/// Of each switch, a number of the connected part that it is in.
fn parts(graph: &Graph) -> Vec<usize> {
    let mut part = vec![usize::MAX; graph.switch_count()];
    let mut stack = Vec::new();
    for start in graph.switches() {
        if part[start.get()] != usize::MAX {
            continue;
        }
        part[start.get()] = start.get();
        stack.push(start);
        while let Some(switch) = stack.pop() {
            for (_, peer) in graph.links(switch) {
                if part[peer.switch.get()] == usize::MAX {
                    part[peer.switch.get()] = start.get();
                    stack.push(peer.switch);
                }
            }
        }
    }
    part
}
