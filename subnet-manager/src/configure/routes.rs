//! From the subnet to a graph, and from a routing to forwarding tables.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use ib_mad::{Guid, Lid, ServiceLevel};
use lash::{DestinationIndex, Graph, GraphError, LaneLimit, Routing, RoutingError, SwitchIndex};
use path_record::dense::ServiceLevelMatrix;

use crate::event::Fault;
use crate::settings::RoutingEngine;
use crate::subnet::{NodeIndex, Subnet, Switch};

/// The last routing, and which switch had which number in it.
///
/// A switch keeps its number as long as there is a routing to start from, so that few paths change; one that is gone
/// leaves its number behind. What has not changed is not routed again.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastRouting {
    numbers: BTreeMap<Guid, SwitchIndex>,
    last: Option<Routed>,
}

/// What was routed, and how.
#[derive(Clone, Debug)]
struct Routed {
    graph: Graph,
    engine: RoutingEngine,
    limit: LaneLimit,
    routing: Routing,
    /// The lanes were too few, and it goes up and down instead.
    is_makeshift: bool,
}

/// A routing of the subnet: its destinations are LIDs.
pub(super) struct Routes<'a> {
    routing: &'a Routing,
    /// The number in the graph of each switch of the subnet.
    switches: Vec<SwitchIndex>,
    lids: Vec<Lid>,
    /// Some destination at each switch of the graph.
    at_switch: Vec<Option<DestinationIndex>>,
    last: Lid,
}

/// Entries of a forwarding table that are written together.
pub(crate) const BLOCK: usize = 64;

impl LastRouting {
    /// Route the subnet. A routing that finds too few lanes gives way to up/down, and a fault tells.
    pub(super) fn route(
        &mut self,
        subnet: &Subnet,
        engine: RoutingEngine,
        faults: &mut BTreeSet<Fault>,
    ) -> Option<Routes<'_>> {
        self.number(subnet);
        let Ok((graph, lids, switches)) = self.graph(subnet) else {
            faults.insert(Fault::Unroutable);
            return None;
        };
        let lanes = common_lanes(subnet);
        let limit = LaneLimit::new(lanes).unwrap_or(LaneLimit::ALL);
        let is_unchanged = |last: &Routed| (&last.graph, last.engine, last.limit) == (&graph, engine, limit);
        if !self.last.as_ref().is_some_and(is_unchanged) {
            let previous = self.last.take().map(|last| last.routing);
            let Ok((routing, is_makeshift)) = routed(&graph, engine, limit, previous.as_ref()) else {
                faults.insert(Fault::Unroutable);
                return None;
            };
            self.last = Some(Routed { graph, engine, limit, routing, is_makeshift });
        }
        let Routed { graph, routing, is_makeshift, .. } = self.last.as_ref()?;
        if *is_makeshift {
            faults.insert(Fault::TooFewLanes { lanes });
        }
        let mut at_switch = vec![None; graph.switch_count()];
        for (number, place) in graph.destinations().iter().enumerate() {
            at_switch[place.switch.get()] = DestinationIndex::new(number);
        }
        Some(Routes { routing, switches, lids, at_switch, last: subnet.last_lid() })
    }

    /// Give new switches numbers, in the order of their GUIDs. When more are gone than there are, all begin anew.
    fn number(&mut self, subnet: &Subnet) {
        let guids: BTreeSet<Guid> = subnet.switches().iter().filter_map(|node| guid(subnet, *node)).collect();
        let kept = guids.iter().filter(|guid| self.numbers.contains_key(guid)).count();
        if self.numbers.len() > 2 * kept {
            *self = Self::default();
        }
        for guid in guids {
            let next = SwitchIndex::new(self.numbers.len());
            if let (false, Some(next)) = (self.numbers.contains_key(&guid), next) {
                self.numbers.insert(guid, next);
            }
        }
    }

    /// The switches by their numbers, the links between them, and where the LIDs are.
    fn graph(&self, subnet: &Subnet) -> Result<(Graph, Vec<Lid>, Vec<SwitchIndex>), GraphError> {
        let switches: Option<Vec<SwitchIndex>> =
            subnet.switches().iter().map(|node| self.numbers.get(&guid(subnet, *node)?).copied()).collect();
        let switches = switches.ok_or(GraphError::TooManySwitches { limit: lash::MAX_SWITCHES })?;
        let mut ports = vec![0; self.numbers.len()];
        for (node, number) in subnet.switches().iter().zip(&switches) {
            ports[number.get()] = subnet.node(*node).map_or(0, |node| node.info.number_of_ports);
        }
        let mut builder = Graph::builder();
        for ports in ports {
            builder.add_switch(ports)?;
        }
        let index =
            |node| subnet.switch_ordinal(node).and_then(|place| switches.get(usize::from(place)).copied());
        for (node, from) in subnet.switches().iter().zip(&switches) {
            let Some(switch) = subnet.node(*node) else { continue };
            for port in switch.ports().iter().filter(|port| port.is_up()) {
                let Some(far) = port.neighbor else { continue };
                // Each link once: from the switch with the lower number.
                let Some(to) = index(far.node).filter(|to| from < to) else { continue };
                if subnet.port(far).is_some_and(|port| port.is_up()) {
                    builder.link((*from, port.number), (to, far.port))?;
                }
            }
        }
        let mut lids = Vec::new();
        for (base, at) in subnet.lids() {
            let Some(port) = subnet.port(at) else { continue };
            let place = match index(at.node) {
                Some(switch) => Some((switch, 0)),
                None => port.neighbor.and_then(|near| index(near.node).map(|switch| (switch, near.port))),
            };
            let Some((switch, number)) = place else { continue };
            for offset in 0..1u16 << port.info.lmc.min(7) {
                builder.attach(switch, number)?;
                lids.push(Lid(base.0 + offset));
            }
        }
        Ok((builder.build(), lids, switches))
    }
}

/// A routing, and whether another engine had to make it.
fn routed(
    graph: &Graph,
    engine: RoutingEngine,
    limit: LaneLimit,
    previous: Option<&Routing>,
) -> Result<(Routing, bool), RoutingError> {
    let routing = match (engine, previous) {
        (RoutingEngine::Lash, Some(previous)) => lash::lash_again(graph, previous, limit),
        (RoutingEngine::Lash, None) => lash::lash(graph, limit),
        (RoutingEngine::MinHop, _) => lash::min_hop(graph),
        (RoutingEngine::UpDown, _) => lash::up_down(graph, &[]),
    };
    match routing {
        Err(RoutingError::TooFewLanes { .. }) => Ok((lash::up_down(graph, &[])?, true)),
        other => Ok((other?, false)),
    }
}

fn guid(subnet: &Subnet, node: NodeIndex) -> Option<Guid> {
    subnet.node(node).map(|node| node.info.node_guid)
}

/// Data lanes that every link between switches has; 15 where there are no such links.
fn common_lanes(subnet: &Subnet) -> u8 {
    let switches = subnet.nodes().filter(|(_, node)| node.is_switch()).flat_map(|(_, node)| node.ports());
    let between = switches.filter(|port| {
        port.is_up() && port.neighbor.is_some_and(|far| subnet.switch_ordinal(far.node).is_some())
    });
    between.map(|port| port.data_lanes()).min().unwrap_or(15)
}

impl Routes<'_> {
    pub(super) fn lanes(&self) -> u8 {
        self.routing.lanes()
    }

    /// The forwarding table of a switch, in whole blocks.
    pub(super) fn table(&self, ordinal: usize) -> Vec<u8> {
        let mut table = vec![Switch::NO_PORT; (usize::from(self.last.0) + 1).next_multiple_of(BLOCK)];
        if let Some(switch) = self.switches.get(ordinal) {
            for (lid, port) in self.lids.iter().zip(self.routing.ports(*switch)) {
                table[usize::from(lid.0)] = port.unwrap_or(Switch::NO_PORT);
            }
        }
        table
    }

    /// The service level from each switch to each other one that it reaches: the number of the lane.
    pub(super) fn service_levels(&self) -> ServiceLevelMatrix {
        let switches = u16::try_from(self.switches.len()).unwrap_or(u16::MAX);
        ServiceLevelMatrix::from_fn(switches, |from, to| {
            let from = *self.switches.get(usize::from(from))?;
            let to = *self.switches.get(usize::from(to))?;
            let destination = self.at_switch.get(to.get()).copied().flatten()?;
            self.routing.hops(from, destination)?;
            ServiceLevel::new(self.routing.lane(from, to))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subnet::{EndPort, Node};
    use ib_mad::wire::{NodeDescription, NodeInfo, NodeType, PortInfo, PortPhysicalState, PortState};

    /// A ring of five switches with a host each, whose links have so many data lanes, as a code.
    fn ring(lanes: u8) -> Subnet {
        let mut subnet = Subnet::new(1);
        let mut add = |guid, node_type, ports| subnet.add_node(node(guid, node_type, ports, lanes)).unwrap();
        let switches: Vec<NodeIndex> = (1..=5).map(|guid| add(guid, NodeType::Switch, 3)).collect();
        let hosts: Vec<NodeIndex> = (6..=10).map(|guid| add(guid, NodeType::ChannelAdapter, 1)).collect();
        for (place, &node) in switches.iter().enumerate() {
            let (far, host) = (switches[(place + 1) % switches.len()], hosts[place]);
            let host = EndPort { node: host, port: 1 };
            subnet.connect(EndPort { node, port: 1 }, EndPort { node: far, port: 2 }).unwrap();
            subnet.connect(EndPort { node, port: 3 }, host).unwrap();
            subnet.assign_lid(host, Lid(place as u16 + 1), 0).unwrap();
        }
        subnet
    }

    fn node(guid: u64, node_type: NodeType, ports: u8, lanes: u8) -> Node {
        let info = NodeInfo {
            node_type,
            number_of_ports: ports,
            node_guid: Guid(guid),
            port_guid: Guid(guid),
            ..NodeInfo::default()
        };
        let mut node = Node::new(info, NodeDescription::default());
        for number in 1..=ports {
            node.port_mut(number).unwrap().info = PortInfo {
                port_state: PortState::INITIALIZE,
                port_physical_state: PortPhysicalState::LINK_UP,
                vl_cap: lanes,
                operational_vls: lanes,
                ..PortInfo::default()
            };
        }
        node
    }

    fn tables(last: &mut LastRouting, subnet: &Subnet) -> (Vec<Vec<u8>>, u8, BTreeSet<Fault>) {
        let mut faults = BTreeSet::new();
        let routes = last.route(subnet, RoutingEngine::Lash, &mut faults).unwrap();
        ((0..5).map(|switch| routes.table(switch)).collect(), routes.lanes(), faults)
    }

    #[test]
    fn what_has_not_changed_is_as_it_was_and_its_fault_is_told_again() {
        let (mut last, ring_of_one_lane) = (LastRouting::default(), ring(1));
        let first = tables(&mut last, &ring_of_one_lane);
        assert_eq!(first.2, BTreeSet::from([Fault::TooFewLanes { lanes: 1 }]));
        assert_eq!(tables(&mut last, &ring_of_one_lane), first);
        let more = tables(&mut last, &ring(2));
        assert_eq!((more.1, more.2.len()), (2, 0), "more lanes are a change");
        let mut cut = ring(2);
        for end in [(0, 1), (1, 2)] {
            let port = EndPort { node: NodeIndex(end.0), port: end.1 };
            cut.port_mut(port).unwrap().info.port_state = PortState::DOWN;
        }
        let line = tables(&mut last, &cut);
        assert_ne!(line.0, more.0, "a cut link is a change");
        assert_eq!(line, tables(&mut LastRouting::default(), &cut));
    }
}
