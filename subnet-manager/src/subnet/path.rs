use ib_mad::{Lid, Mtu, Rate, ServiceLevel};

use super::{EndPort, NodeIndex, Port, Subnet, rate};

/// What a packet finds on its way from one port to another, by the tables as they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PathProperties {
    /// Switches on the way that forward it from one port to another.
    pub hops: u8,
    /// The largest payload that every link takes.
    pub mtu: Mtu,
    /// The rate of the slowest link.
    pub rate: Rate,
    /// The service level that the routing assigned.
    pub service_level: ServiceLevel,
}

/// Links that a path has at most; a longer one goes round in circles.
const MAX_LINKS: u8 = 64;

impl Subnet {
    /// The path of a packet from an end port to a LID, switch by switch; `None` when it would not arrive.
    ///
    /// A port's path to itself has no hops, the port's own MTU and rate, and service level 0.
    pub fn path(&self, from: EndPort, to: Lid) -> Option<PathProperties> {
        let destination = self.end_port(to)?;
        let start = self.port(from)?;
        let mut properties = PathProperties {
            hops: 0,
            mtu: start.info.neighbor_mtu,
            rate: rate(&start.info),
            service_level: ServiceLevel::default(),
        };
        // A switch's own packets start inside it, everyone else's on the port's link.
        let is_switch = self.node(from.node)?.is_switch();
        if is_switch {
            properties.mtu = inside(start);
        }
        if from == destination {
            return Some(properties);
        }
        let mut at = if is_switch { from } else { start.neighbor? };
        if is_switch {
            properties.rate = Rate(0);
        }
        let first = at.node;
        for _ in 0..MAX_LINKS {
            if at == destination {
                properties.service_level = self.level(first, destination)?;
                return Some(properties);
            }
            let node = self.node(at.node)?;
            let out = node.switch.as_ref()?.forward(to)?;
            if out == 0 {
                let arrived = destination == (EndPort { node: at.node, port: 0 });
                properties.mtu = properties.mtu.min(inside(self.port(destination)?));
                properties.service_level = self.level(first, destination)?;
                return arrived.then_some(properties);
            }
            let port = node.port(out).filter(|port| port.is_up())?;
            properties.mtu = properties.mtu.min(port.info.neighbor_mtu);
            properties.rate = slower(properties.rate, rate(&port.info));
            properties.hops += 1;
            at = port.neighbor?;
        }
        None
    }

    /// The service level from the first switch on a path to the last; without a switch on the way, 0.
    fn level(&self, first: NodeIndex, destination: EndPort) -> Option<ServiceLevel> {
        let last = self.access_switch(destination);
        match (self.switch_ordinal(first), last.and_then(|last| self.switch_ordinal(last))) {
            (Some(source), Some(destination)) if source != destination => {
                self.service_levels().get(source, destination)
            }
            _ => Some(ServiceLevel::default()),
        }
    }

    /// The switch that an end port hangs on: of a switch's port 0, the switch itself.
    pub fn access_switch(&self, port: EndPort) -> Option<NodeIndex> {
        if self.node(port.node)?.is_switch() {
            return Some(port.node);
        }
        let neighbor = self.port(port)?.neighbor?.node;
        self.node(neighbor)?.is_switch().then_some(neighbor)
    }
}

/// What a switch's port 0 takes, which has no link that could tell.
fn inside(port: &Port) -> Mtu {
    let own = port.info.mtu_cap;
    if own.bytes().is_some() { own } else { Mtu::B4096 }
}

/// The slower of two rates, by what they stand for: the codes are not in the order of the rates. One without a meaning
/// yields to the other.
fn slower(a: Rate, b: Rate) -> Rate {
    match (a.hundred_megabits(), b.hundred_megabits()) {
        (Some(left), Some(right)) if left <= right => a,
        (Some(_), None) => a,
        _ => b,
    }
}
