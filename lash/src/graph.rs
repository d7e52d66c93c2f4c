//! The graph that is routed: switches, links between them, and where the end ports are.

use alloc::vec::Vec;
use core::fmt;

use crate::error::GraphError;

/// Switches that a graph can have. Tables take a few bytes for each pair of switches.
pub const MAX_SWITCHES: usize = 16_384;

/// Destinations that a graph can have: more than there are unicast LIDs.
pub const MAX_DESTINATIONS: usize = 65_535;

/// Which switch of a graph; switches are numbered in the order in which they were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SwitchIndex(pub(crate) u16);

impl SwitchIndex {
    /// The index with this number, if a graph can have as many switches.
    pub fn new(number: usize) -> Option<Self> {
        u16::try_from(number).ok().filter(|_| number < MAX_SWITCHES).map(Self)
    }

    /// The number, from 0.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for SwitchIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "switch {}", self.0)
    }
}

/// Which destination of a graph; destinations are numbered in the order in which they were attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DestinationIndex(pub(crate) u16);

impl DestinationIndex {
    /// The index with this number, if a graph can have as many destinations.
    pub fn new(number: usize) -> Option<Self> {
        u16::try_from(number).ok().filter(|_| number < MAX_DESTINATIONS).map(Self)
    }

    /// The number, from 0.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for DestinationIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "destination {}", self.0)
    }
}

/// A port of a switch. As an output it stands for the channel that leaves the switch there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SwitchPort {
    /// The switch.
    pub switch: SwitchIndex,
    /// The port, from 1; port 0 is the switch itself.
    pub port: u8,
}

impl fmt::Display for SwitchPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} port {}", self.switch, self.port)
    }
}

/// Switches, the links between them, and the ports behind which destinations are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Graph {
    /// Of each switch, how many ports it has.
    ports: Vec<u8>,
    /// Of each switch, in `links`: where its links begin. One more entry ends the last.
    first_link: Vec<u32>,
    /// Port and other end, in the order of the switch's ports.
    links: Vec<(u8, SwitchPort)>,
    destinations: Vec<SwitchPort>,
}

impl Graph {
    /// A graph to add switches, links and destinations to.
    pub fn builder() -> GraphBuilder {
        GraphBuilder::default()
    }

    /// How many switches it has.
    pub fn switch_count(&self) -> usize {
        self.ports.len()
    }

    /// All switches, in the order in which they were added.
    pub fn switches(&self) -> impl ExactSizeIterator<Item = SwitchIndex> + use<> {
        (0..self.ports.len()).map(|number| SwitchIndex(number as u16))
    }

    /// How many ports a switch has, without port 0; 0 when it is not of this graph.
    pub fn port_count(&self, switch: SwitchIndex) -> u8 {
        self.ports.get(switch.get()).copied().unwrap_or(0)
    }

    /// The links of a switch: its port and the other end, in the order of its ports.
    pub fn links(&self, switch: SwitchIndex) -> &[(u8, SwitchPort)] {
        let bound = |offset| self.first_link.get(switch.get() + offset).map(|&first| first as usize);
        let range = bound(0).zip(bound(1)).map_or(0..0, |(start, end)| start..end);
        &self.links[range]
    }

    /// Where a port of a switch leads, if it leads to a switch.
    pub fn peer(&self, end: SwitchPort) -> Option<SwitchPort> {
        let links = self.links(end.switch);
        links.binary_search_by_key(&end.port, |&(port, _)| port).ok().map(|found| links[found].1)
    }

    /// Where each destination is, in the order in which they were attached.
    pub fn destinations(&self) -> &[SwitchPort] {
        &self.destinations
    }

    /// Of each switch, whether it has destinations.
    pub(crate) fn have_destinations(&self) -> Vec<bool> {
        self.marked(|_| true)
    }

    /// Of each switch, whether it has end ports: destinations other than itself.
    pub(crate) fn have_end_ports(&self) -> Vec<bool> {
        self.marked(|end| end.port != 0)
    }

    /// Of each destination, a number by which to spread it over ports: end ports switch by switch, in whatever order they
    /// were attached; then the switches.
    pub(crate) fn ranks(&self) -> Vec<u16> {
        let mut order: Vec<u16> = (0..self.destinations.len()).map(|number| number as u16).collect();
        order.sort_by_key(|&number| {
            let end = self.destinations[usize::from(number)];
            (end.port == 0, end.switch)
        });
        let mut ranks = vec![0; order.len()];
        for (rank, &number) in order.iter().enumerate() {
            ranks[usize::from(number)] = rank as u16;
        }
        ranks
    }

    fn marked(&self, counts: impl Fn(&SwitchPort) -> bool) -> Vec<bool> {
        let mut marked = vec![false; self.ports.len()];
        self.destinations.iter().filter(|end| counts(end)).for_each(|end| marked[end.switch.get()] = true);
        marked
    }

    /// Where a destination is.
    pub fn destination(&self, destination: DestinationIndex) -> Option<SwitchPort> {
        self.destinations.get(destination.get()).copied()
    }
}

/// A graph in the making. Every mistake is refused where it is made.
#[derive(Clone, Debug, Default)]
pub struct GraphBuilder {
    switches: Vec<Ports>,
    destinations: Vec<SwitchPort>,
}

#[derive(Clone, Debug)]
struct Ports {
    count: u8,
    /// In the order of the ports.
    used: Vec<(u8, Use)>,
}

#[derive(Clone, Copy, Debug)]
enum Use {
    Link(SwitchPort),
    EndPort,
}

impl GraphBuilder {
    /// Add a switch with the ports 1 to `ports`, at most 254: a forwarding table says with 255 that there is no route.
    ///
    /// # Errors
    /// When there are [`MAX_SWITCHES`] already.
    pub fn add_switch(&mut self, ports: u8) -> Result<SwitchIndex, GraphError> {
        let index = SwitchIndex::new(self.switches.len());
        let index = index.ok_or(GraphError::TooManySwitches { limit: MAX_SWITCHES })?;
        self.switches.push(Ports { count: ports.min(254), used: Vec::new() });
        Ok(index)
    }

    /// Link two ports of two switches. Two switches may have several links.
    ///
    /// # Errors
    /// When a switch or port does not exist or is in use, or both ends are of one switch.
    pub fn link(&mut self, one: (SwitchIndex, u8), other: (SwitchIndex, u8)) -> Result<(), GraphError> {
        let [one, other] = [one, other].map(|(switch, port)| SwitchPort { switch, port });
        let [place, other_place] = [self.free_place(one)?, self.free_place(other)?];
        if one.switch == other.switch {
            let (switch, port, other) = (one.switch, one.port, other.port);
            return Err(GraphError::LinkedWithItself { switch, port, other });
        }
        self.switches[one.switch.get()].used.insert(place, (one.port, Use::Link(other)));
        self.switches[other.switch.get()].used.insert(other_place, (other.port, Use::Link(one)));
        Ok(())
    }

    /// Attach a destination: an end port behind a port of a switch, or with port 0 the switch itself. A port with several
    /// LIDs is attached once for each.
    ///
    /// # Errors
    /// When the switch or port does not exist, the port has a link, or there are [`MAX_DESTINATIONS`] already.
    pub fn attach(&mut self, switch: SwitchIndex, port: u8) -> Result<DestinationIndex, GraphError> {
        let index = DestinationIndex::new(self.destinations.len());
        let index = index.ok_or(GraphError::TooManyDestinations { limit: MAX_DESTINATIONS })?;
        let end = SwitchPort { switch, port };
        if port == 0 {
            self.ports_of(switch)?;
        } else {
            match self.place(end)? {
                Ok(found) if matches!(self.switches[switch.get()].used[found].1, Use::EndPort) => {}
                Ok(_) => return Err(GraphError::PortInUse { switch, port }),
                Err(place) => self.switches[switch.get()].used.insert(place, (port, Use::EndPort)),
            }
        }
        self.destinations.push(end);
        Ok(index)
    }

    /// The graph.
    pub fn build(self) -> Graph {
        let mut links = Vec::new();
        let mut first_link = Vec::with_capacity(self.switches.len() + 1);
        for switch in &self.switches {
            first_link.push(links.len() as u32);
            links.extend(switch.used.iter().filter_map(|&(port, used)| match used {
                Use::Link(peer) => Some((port, peer)),
                Use::EndPort => None,
            }));
        }
        first_link.push(links.len() as u32);
        let ports = self.switches.iter().map(|switch| switch.count).collect();
        Graph { ports, first_link, links, destinations: self.destinations }
    }

    fn ports_of(&self, switch: SwitchIndex) -> Result<&Ports, GraphError> {
        self.switches.get(switch.get()).ok_or(GraphError::NoSuchSwitch { switch })
    }

    /// Where the port is among those in use, or where it would be.
    fn place(&self, end: SwitchPort) -> Result<Result<usize, usize>, GraphError> {
        let SwitchPort { switch, port } = end;
        let ports = self.ports_of(switch)?;
        if port == 0 || port > ports.count {
            return Err(GraphError::NoSuchPort { switch, ports: ports.count, port });
        }
        Ok(ports.used.binary_search_by_key(&port, |&(port, _)| port))
    }

    fn free_place(&self, end: SwitchPort) -> Result<usize, GraphError> {
        match self.place(end)? {
            Err(place) => Ok(place),
            Ok(_) => Err(GraphError::PortInUse { switch: end.switch, port: end.port }),
        }
    }
}
