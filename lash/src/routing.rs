//! What a router found: the output port of each switch towards each destination, and the lane of each pair of switches.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::channels::Channels;
use crate::distances::UNREACHABLE;
use crate::{DestinationIndex, Graph, SwitchIndex, SwitchPort};

/// No way to the destination.
pub(crate) const NO_CHOICE: u16 = u16::MAX;

/// The forwarding tables of all switches, and the lanes.
///
/// All destinations at one switch are reached from another over the same set of ports; which of them is a destination's own
/// follows from its rank. So the tables take four bytes for each pair of switches, however many end ports there are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Routing {
    pub(crate) switches: usize,
    pub(crate) destinations: Box<[SwitchPort]>,
    /// Of each destination, the number by which it is spread over ports.
    pub(crate) ranks: Box<[u16]>,
    /// By destination's switch, then by switch: which of the switch's choices; [`NO_CHOICE`] where there is none.
    pub(crate) choices: Vec<u16>,
    /// The same, in hops.
    pub(crate) hops: Vec<u8>,
    pub(crate) port_sets: PortSets,
    /// By source, then by destination's switch; nothing when there is one lane.
    pub(crate) lane_of: Vec<u8>,
    pub(crate) lanes: u8,
}

impl Routing {
    /// The port through which `switch` sends to `destination`; nothing when it cannot be reached or one of the two is
    /// not of the graph that was routed. At the destination's switch this is its own port, 0 for the switch itself.
    pub fn port(&self, switch: SwitchIndex, destination: DestinationIndex) -> Option<u8> {
        let end = *self.destinations.get(destination.get())?;
        self.port_towards(switch, destination.get(), end)
    }

    /// One row of the tables: the ports of `switch` to each destination, in their order.
    pub fn ports(&self, switch: SwitchIndex) -> impl ExactSizeIterator<Item = Option<u8>> + '_ {
        let numbered = self.destinations.iter().enumerate();
        numbered.map(move |(destination, &end)| self.port_towards(switch, destination, end))
    }

    /// How many links between switches are on the way from `switch` to `destination`.
    pub fn hops(&self, switch: SwitchIndex, destination: DestinationIndex) -> Option<u8> {
        let end = self.destinations.get(destination.get())?;
        let hops = *self.hops.get(self.pair(switch, end.switch)?)?;
        (hops != UNREACHABLE).then_some(hops)
    }

    /// The lane for what switch `source` or an end port there sends to an end port at switch `destination`, or to that switch:
    /// 0 to [`lanes`](Self::lanes) − 1. It is the same in both directions, since one service level serves both
    /// directions of a connection.
    pub fn lane(&self, source: SwitchIndex, destination: SwitchIndex) -> u8 {
        let pair = self.pair(destination, source);
        pair.and_then(|pair| self.lane_of.get(pair)).copied().unwrap_or(0)
    }

    /// How many lanes it uses, at least 1.
    pub fn lanes(&self) -> u8 {
        self.lanes
    }

    fn pair(&self, switch: SwitchIndex, towards: SwitchIndex) -> Option<usize> {
        (switch.get() < self.switches && towards.get() < self.switches)
            .then(|| towards.get() * self.switches + switch.get())
    }

    fn port_towards(&self, switch: SwitchIndex, destination: usize, end: SwitchPort) -> Option<u8> {
        let pair = self.pair(switch, end.switch)?;
        if end.switch == switch {
            return Some(end.port);
        }
        let choice = self.choices[pair];
        (choice != NO_CHOICE)
            .then(|| self.port_sets.pick(switch.get(), choice, self.ranks[destination].into()))
    }
}

/// The sets of ports of all switches. The first sets of each switch are those of its channels, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PortSets {
    /// Of each switch: where its sets begin.
    first: Vec<u32>,
    sets: Vec<PortSet>,
    ports: Vec<u8>,
}

/// A set of ports over which destinations are spread: the one with rank r takes port (r / stride) mod count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PortSet {
    first: u32,
    count: u8,
    /// 0 when the digits of the destination's rank are used up.
    stride: u16,
}

impl PortSets {
    /// One set for each channel: its parallel links.
    pub(crate) fn of_channels(channels: &Channels) -> Self {
        Interner::new(channels).into_sets()
    }

    /// The lowest port of a choice.
    pub(crate) fn first(&self, switch: usize, choice: u16) -> u8 {
        self.ports[self.set(switch, choice).first as usize]
    }

    fn set(&self, switch: usize, choice: u16) -> PortSet {
        self.sets[self.first[switch] as usize + usize::from(choice)]
    }

    fn pick(&self, switch: usize, choice: u16, rank: usize) -> u8 {
        let PortSet { first, count, stride } = self.set(switch, choice);
        let place = match (count, stride) {
            (1, _) => 0,
            // Where the digits are used up, switches differ, so that not all take their first port.
            (_, 0) => (rank + switch) % usize::from(count),
            _ => rank / usize::from(stride) % usize::from(count),
        };
        self.ports[first as usize + place]
    }
}

/// Channels of one switch, a bit each: it has at most 254.
pub(crate) type ChannelMask = [u64; 4];

/// A set by its channels and its stride.
type Key = (ChannelMask, u16);

/// Collects the sets of ports, each once per switch.
#[derive(Debug)]
pub(crate) struct Interner<'c> {
    channels: &'c Channels,
    /// Of each switch: its sets beyond those of its channels, and which choice each is.
    known: Vec<BTreeMap<Key, u16>>,
    /// Of each switch: what was asked for last, which is mostly asked for again.
    last: Vec<(Key, u16)>,
}

impl<'c> Interner<'c> {
    pub(crate) fn new(channels: &'c Channels) -> Self {
        let switches = channels.switch_count();
        let last = vec![(([0; 4], 0), NO_CHOICE); switches];
        Self { channels, known: vec![BTreeMap::new(); switches], last }
    }

    /// The choice of a switch between its channels of `mask`, of which there are at least two.
    pub(crate) fn choice(&mut self, switch: usize, mask: ChannelMask, stride: u16) -> u16 {
        let key = (mask, stride);
        if self.last[switch].0 != key {
            let known = &mut self.known[switch];
            let new = self.channels.of(switch).len() + known.len();
            self.last[switch] = (key, *known.entry(key).or_insert(new as u16));
        }
        self.last[switch].1
    }

    pub(crate) fn into_sets(self) -> PortSets {
        let mut sets = PortSets { first: Vec::new(), sets: Vec::new(), ports: Vec::new() };
        for (switch, known) in self.known.into_iter().enumerate() {
            sets.first.push(sets.sets.len() as u32);
            let channels = self.channels.of(switch);
            channels.clone().for_each(|channel| sets.push(self.channels.ports(channel), 1));
            let mut in_order: Vec<(u16, Key)> =
                known.into_iter().map(|(key, choice)| (choice, key)).collect();
            in_order.sort_unstable();
            for (_, (mask, stride)) in in_order {
                let chosen = channels.clone().enumerate().filter(|&(place, _)| is_in(&mask, place));
                let mut ports: Vec<u8> =
                    chosen.flat_map(|(_, channel)| self.channels.ports(channel)).copied().collect();
                ports.sort_unstable();
                sets.push(&ports, stride);
            }
        }
        sets
    }
}

impl PortSets {
    fn push(&mut self, ports: &[u8], stride: u16) {
        self.sets.push(PortSet { first: self.ports.len() as u32, count: ports.len() as u8, stride });
        self.ports.extend_from_slice(ports);
    }
}

pub(crate) fn is_in(mask: &ChannelMask, place: usize) -> bool {
    mask[place / 64] >> (place % 64) & 1 == 1
}

impl Routing {
    /// Tables with one lane.
    pub(crate) fn new(graph: &Graph, choices: Vec<u16>, hops: Vec<u8>, port_sets: PortSets) -> Self {
        Self {
            switches: graph.switch_count(),
            destinations: graph.destinations().into(),
            ranks: graph.ranks().into(),
            choices,
            hops,
            port_sets,
            lane_of: Vec::new(),
            lanes: 1,
        }
    }
}
